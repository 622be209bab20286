#include "collectors/application/statsd.h"

#include <math.h>

#include "tests/fuzz/harness.h"

struct packet {
    const char *text;
    size_t size;
};

static int is_within(const struct packet *packet, struct span span)
{
    return span.length == 0 ||
           (span.at >= packet->text && span.at + span.length <= packet->text + packet->size);
}

static int is_name(const char *text)
{
    if (*text == '\0' || char_is_digit(*text))
        return 0;
    for (; *text; text++) {
        if (!char_is_digit(*text) && !(*text >= 'a' && *text <= 'z') &&
            !(*text >= 'A' && *text <= 'Z') && *text != '_' && *text != ':')
            return 0;
    }
    return 1;
}

static void describe(const struct statsd_metric *metric, const struct label *origin)
{
    struct label labels[STATSD_LABELS_MAX];
    struct statsd_key key;

    if (statsd_describe(metric, origin, &key) < 0)
        return;
    must(key.size <= STATSD_KEY_BYTES && key.label_count <= STATSD_LABELS_MAX);
    must(is_name(statsd_key_labels(key.text, key.label_count, labels)));
    for (size_t i = 0; i < key.label_count; i++) {
        must(is_name(labels[i].key) && strchr(labels[i].key, ':') == NULL);
        must(*labels[i].value != '\0');
        must(i == 0 || strcmp(labels[i - 1].key, labels[i].key) < 0);
        must(strcmp(labels[i].key, "quantile") != 0);
    }
}

static void on_value(void *arg, const struct statsd_metric *metric,
                     const struct statsd_value *value)
{
    static const struct label origin = {"unit", "x.service"};
    const struct packet *packet = arg;

    must(metric->name.length >= 1 && metric->name.length <= STATSD_NAME_MAX);
    must(is_within(packet, metric->name) && is_within(packet, metric->tags));
    must(is_within(packet, value->text) && value->text.length > 0);
    must(metric->rate > 0 && metric->rate <= 1);
    must(metric->type == STATSD_SET || isfinite(value->number));
    must(metric->type == STATSD_GAUGE || value->number >= 0);
    must(metric->type == STATSD_GAUGE || !value->is_difference);
    describe(metric, NULL);
    describe(metric, &origin);
}

static void on_wrong(void *arg, enum statsd_fault fault)
{
    (void)arg;
    must(fault != STATSD_FINE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct statsd_visitor visitor = {.value = on_value, .wrong = on_wrong};
    struct packet packet = {(const char *)data, size};

    statsd_parse(packet.text, size, &visitor, &packet);
    return 0;
}
