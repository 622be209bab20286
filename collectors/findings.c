#include "collectors/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"

void findings_finish(struct findings *findings)
{
    free(findings->items);
    free(findings->bytes);
    *findings = (struct findings){0};
}

void findings_clear(struct findings *findings)
{
    findings->count = 0;
    findings->length = 0;
    findings->trouble = 0;
}

void findings_trouble(struct findings *findings, int error)
{
    if (error >= 0 || error == -ENOENT || error == -ENODEV || error == -ENXIO ||
        error == -EOPNOTSUPP)
        return;
    if (findings->trouble == 0)
        findings->trouble = error;
}

/* Appends the string with its NUL. 0 or -errno. */
static int append(struct findings *findings, const char *text)
{
    size_t size = strlen(text) + 1;
    char *bytes;

    if (findings->length + size > FINDINGS_BYTES_MAX)
        return -E2BIG;
    bytes = array_reserve(findings->bytes, &findings->byte_capacity, findings->length + size, 1);
    if (bytes == NULL)
        return -ENOMEM;
    findings->bytes = bytes;
    memcpy(bytes + findings->length, text, size);
    findings->length += size;
    return 0;
}

static int append_key(struct findings *findings, const char *name, const struct label *labels,
                      size_t label_count)
{
    int result = append(findings, name);

    for (size_t index = 0; result == 0 && index < label_count; index++) {
        result = append(findings, labels[index].key);
        if (result == 0)
            result = append(findings, labels[index].value);
    }
    return result;
}

static int add(struct findings *findings, const struct finding *given, const struct label *labels,
               size_t label_count)
{
    struct finding finding = *given;
    struct finding *items;
    int result = 0;

    if (findings->count >= FINDINGS_MAX || label_count > FINDINGS_LABELS_MAX)
        return -E2BIG;
    items = array_reserve(findings->items, &findings->capacity, findings->count + 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    findings->items = items;
    finding.label_count = (uint32_t)label_count;
    finding.help = (uint32_t)findings->length;
    if (finding.made)
        result = append(findings, finding.metric.help);
    finding.key = (uint32_t)findings->length;
    if (result == 0)
        result = append_key(findings, finding.metric.name, labels, label_count);
    finding.end = (uint32_t)findings->length;
    if (result < 0) {
        findings->length = finding.help;
        return result;
    }
    items[findings->count++] = finding;
    return 0;
}

void findings_add_flagged(struct findings *findings, const struct metric *metric,
                          const struct label *labels, size_t label_count, unsigned flags,
                          double value)
{
    struct finding finding = {.metric = *metric, .value = value, .flags = flags};

    findings_trouble(findings, add(findings, &finding, labels, label_count));
}

void findings_add(struct findings *findings, const struct metric *metric,
                  const struct label *labels, size_t label_count, double value)
{
    findings_add_flagged(findings, metric, labels, label_count, 0, value);
}

static bool is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";

    return *name != '\0' && !char_is_digit(*name) && name[strspn(name, allowed)] == '\0';
}

void findings_add_made_flagged(struct findings *findings, const struct metric *metric,
                               const struct label *labels, size_t label_count, unsigned flags,
                               double value)
{
    struct finding finding = {.metric = *metric, .value = value, .made = true, .flags = flags};

    findings_trouble(findings, is_name(metric->name) ? add(findings, &finding, labels, label_count)
                                                     : -EBADMSG);
}

void findings_add_made(struct findings *findings, const struct metric *metric,
                       const struct label *labels, size_t label_count, double value)
{
    findings_add_made_flagged(findings, metric, labels, label_count, 0, value);
}

struct metric findings_metric(const struct findings *findings, const struct finding *finding)
{
    struct metric metric = finding->metric;

    if (finding->made) {
        metric.name = findings->bytes + finding->key;
        metric.help = findings->bytes + finding->help;
    }
    return metric;
}

void findings_labels(const struct findings *findings, const struct finding *finding,
                     struct label out[FINDINGS_LABELS_MAX])
{
    const char *at = findings->bytes + finding->key;

    for (uint32_t index = 0; index < finding->label_count; index++) {
        out[index].key = at += strlen(at) + 1;
        out[index].value = at += strlen(at) + 1;
    }
}

bool findings_are_alike(const struct findings *a, const struct findings *b)
{
    if (a->count != b->count || a->length != b->length)
        return false;
    for (size_t index = 0; index < a->count; index++) {
        const struct finding *one = &a->items[index], *other = &b->items[index];

        if (one->key != other->key || one->end != other->end ||
            one->metric.kind != other->metric.kind ||
            one->metric.cumulative != other->metric.cumulative)
            return false;
    }
    return a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0;
}
