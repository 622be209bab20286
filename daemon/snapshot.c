#include "daemon/snapshot.h"

/* A slot may still follow the series that had it before; then this one has no value yet. */
static uint64_t own(const struct present *present, const struct series *series, bool rate)
{
    const struct present_value *value = present_of(present, series);

    if (value->id != series->id)
        return SAMPLE_ABSENT;
    return rate ? value->rate : value->word;
}

void snapshot_encode(struct buffer *out, const char *epoch, const struct present *present,
                     const struct series *const *series, size_t count, enum json_digits digits)
{
    struct json json = {.out = out};

    json_begin_object(&json);
    json_key(&json, "epoch");
    json_string(&json, epoch);
    json_key(&json, "seq");
    json_u64(&json, present->tick.seq);
    json_key(&json, "time_ms");
    json_i64(&json, present->tick.time_ms);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&json);
        json_series(&json, series[i]);
        json_key(&json, "value");
        json_word(&json, own(present, series[i], false), json_digits_of(series[i], digits));
        if (series[i]->cumulative) {
            json_key(&json, "rate");
            json_word(&json, own(present, series[i], true), digits);
        }
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
}

void snapshot_encode_values(struct buffer *out, const struct present *present,
                            const struct series *const *series, size_t count,
                            enum json_digits digits)
{
    for (size_t i = 0; i < count; i++) {
        struct json json = {.out = out};

        json_word(&json, own(present, series[i], false), json_digits_of(series[i], digits));
        buffer_append_char(out, '\n');
    }
}
