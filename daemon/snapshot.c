#include "daemon/snapshot.h"

#include <errno.h>
#include <stdlib.h>

/* A slot may still follow the series that had it before; then this one has no value yet. */
static struct reading read_present(const struct present *present, const struct series *series)
{
    const struct present_value *value = present_of(present, series);

    if (value->id != series->id)
        return (struct reading){SAMPLE_ABSENT, SAMPLE_ABSENT};
    return (struct reading){value->word, value->rate};
}

int snapshot_take(const char *epoch, const struct present *present,
                  const struct series *const *series, size_t count, struct snapshot *out)
{
    struct reading *readings = calloc(count + 1, sizeof *readings);

    *out = (struct snapshot){0};
    if (!readings)
        return -ENOMEM;
    *out = (struct snapshot){.epoch = epoch,
                             .seq = present->tick.seq,
                             .time_ms = present->tick.time_ms,
                             .series = series,
                             .count = count,
                             .readings = readings};
    for (size_t i = 0; i < count; i++)
        out->readings[i] = read_present(present, series[i]);
    return 0;
}

void snapshot_finish(struct snapshot *snapshot)
{
    free(snapshot->readings);
    *snapshot = (struct snapshot){0};
}

enum json_digits snapshot_digits(const struct snapshot *snapshot, size_t index,
                                 enum json_digits digits)
{
    const struct series *series = snapshot->series[index];

    return snapshot->averaged && !series->cumulative ? digits : json_digits_of(series, digits);
}

/* As members of the object begun. */
static void encode_reading(struct json *json, const struct snapshot *snapshot, size_t index,
                           enum json_digits digits)
{
    const struct series *series = snapshot->series[index];
    size_t length = 0;
    const char *text = snapshot->texts ? snapshot_texts_at(snapshot->texts, index, &length) : NULL;

    if (length > 0) {
        json_members(json, text, length);
    } else {
        json_series(json, series);
        json_key(json, "value");
    }
    json_word(json, snapshot->readings[index].value, snapshot_digits(snapshot, index, digits));
    if (series->cumulative) {
        json_key(json, "rate");
        json_word(json, snapshot->readings[index].rate, digits);
    }
}

void snapshot_encode(struct buffer *out, const struct snapshot *snapshot, enum json_digits digits)
{
    struct json json = {.out = out};

    json_begin_object(&json);
    json_key(&json, "epoch");
    json_string(&json, snapshot->epoch);
    json_key(&json, "seq");
    json_u64(&json, snapshot->seq);
    json_key(&json, "time_ms");
    json_i64(&json, snapshot->time_ms);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < snapshot->count; i++) {
        json_begin_object(&json);
        encode_reading(&json, snapshot, i, digits);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
}

void snapshot_encode_lines(struct buffer *out, const struct snapshot *snapshot,
                           enum json_digits digits)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        struct json json = {.out = out};

        json_begin_object(&json);
        json_key(&json, "time_ms");
        json_i64(&json, snapshot->time_ms);
        json_key(&json, "seq");
        json_u64(&json, snapshot->seq);
        encode_reading(&json, snapshot, i, digits);
        json_end_object(&json);
        buffer_append_char(out, '\n');
    }
}
