#include <errno.h>
#include <string.h>

#include "collectors/application/exposition.h"
#include "tests/fuzz/harness.h"

/* One reading of a text, and a sum of all that it told. */
struct reading {
    struct exposition exposition;
    struct exposition_series series;
    uint64_t told;
    size_t samples;
};

static void add(struct reading *reading, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t index = 0; index < size; index++)
        reading->told = (reading->told ^ at[index]) * UINT64_C(1099511628211);
}

static void add_text(struct reading *reading, const char *text)
{
    add(reading, text, strlen(text) + 1);
}

static void check_series(struct reading *reading, const struct exposition_sample *sample)
{
    const struct exposition_series *series = &reading->series;
    const struct metric *metric = &series->metric;

    must(strlen(metric->name) == sample->name.length);
    must(memcmp(metric->name, sample->name.at, sample->name.length) == 0);
    must(sample->name.length > 0 && sample->name.length <= EXPOSITION_NAME_MAX);
    must(strlen(metric->help) <= EXPOSITION_HELP_MAX);
    must(strlen(metric->unit) <= EXPOSITION_UNIT_MAX);
    must(metric->kind <= METRIC_UNTYPED && !metric->sparse);
    must(metric->kind != METRIC_GAUGE || !metric->cumulative);
    must(metric->kind != METRIC_COUNTER || metric->cumulative);
    add(reading, &metric->kind, sizeof metric->kind);
    add(reading, &metric->cumulative, sizeof metric->cumulative);
    add_text(reading, metric->help);
    add_text(reading, metric->unit);
    must(series->label_count <= EXPOSITION_LABELS_MAX);
    for (size_t index = 0; index < series->label_count; index++) {
        const struct label *label = &series->labels[index];
        size_t key_length = strlen(label->key);
        size_t value_length = strlen(label->value);

        must(key_length > 0 && key_length <= EXPOSITION_NAME_MAX);
        must(value_length > 0 && value_length <= EXPOSITION_VALUE_MAX);
        for (size_t other = 0; other < index; other++)
            must(strcmp(series->labels[other].key, label->key) != 0);
        add_text(reading, label->key);
        add_text(reading, label->value);
    }
}

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    struct reading *reading = arg;
    int result = exposition_describe(&reading->exposition, sample, &reading->series);

    must(sample->name.at == sample->series.at && sample->name.length <= sample->series.length);
    must(sample->series.length <= EXPOSITION_LINE_MAX);
    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    if (result == 0)
        check_series(reading, sample);
    add(reading, &result, sizeof result);
    add(reading, sample->series.at, sample->series.length);
    add(reading, &sample->value, sizeof sample->value);
    reading->samples++;
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    struct reading *reading = arg;

    must(fault == EXPOSITION_MALFORMED || fault == EXPOSITION_TOO_LONG);
    add(reading, &fault, sizeof fault);
    add(reading, &line, sizeof line);
}

static const struct exposition_visitor visitor = {on_sample, on_wrong};

/* In pieces of up to so many bytes, each in memory of exactly its size. */
static void read_text(struct reading *reading, enum exposition_format format, const uint8_t *data,
                      size_t size, size_t piece_max)
{
    uint64_t state = size;
    int result;

    *reading = (struct reading){.told = UINT64_C(14695981039346656037)};
    exposition_init(&reading->exposition, format, &visitor, reading);
    while (size > 0) {
        size_t piece = 1 + (size_t)(state >> 33) % piece_max;
        char *copy;

        state = state * 6364136223846793005 + 1442695040888963407;
        if (piece > size)
            piece = size;
        copy = malloc(piece);
        must(copy != NULL);
        memcpy(copy, data, piece);
        exposition_feed(&reading->exposition, copy, piece);
        free(copy);
        data += piece;
        size -= piece;
    }
    result = exposition_end(&reading->exposition);
    must(result == 0 || (result == -EBADMSG && format == EXPOSITION_OPENMETRICS));
    add(reading, &result, sizeof result);
    exposition_finish(&reading->exposition);
    exposition_series_finish(&reading->series);
}

/*
 * The first byte tells the format and how finely the rest is cut; however it is, it says the same.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum exposition_format format;
    struct reading whole, pieces;
    size_t piece_max;

    if (size == 0)
        return 0;
    format = *data & 1 ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
    piece_max = 1 + (*data >> 1);
    data++;
    size--;
    read_text(&whole, format, data, size, SIZE_MAX);
    read_text(&pieces, format, data, size, piece_max);
    must(whole.told == pieces.told && whole.samples == pieces.samples);
    return 0;
}
