#include "daemon/minute_columns.h"

#include <float.h>

#include "daemon/minutes.h"

void minute_columns_begin(struct minute_columns *columns, struct segment_writer *writer)
{
    const int64_t *heads[MINUTE_HEADS];

    for (size_t i = 0; i < columns->count; i++) {
        const struct minute *minute = &columns->minutes[i];

        columns->heads[MINUTE_HEAD_TIME_MS][i] = minute->time_ms;
        columns->heads[MINUTE_HEAD_FIRST_SEQ][i] = (int64_t)minute->first_seq;
        columns->heads[MINUTE_HEAD_LAST_SEQ][i] = (int64_t)minute->last_seq;
        columns->heads[MINUTE_HEAD_FLAGS][i] = minute->flags;
        columns->heads[MINUTE_HEAD_COVERED_NS][i] = minute->covered_ns;
        columns->heads[MINUTE_HEAD_TICK_COUNT][i] = minute->tick_count;
    }
    for (size_t i = 0; i < MINUTE_HEADS; i++)
        heads[i] = columns->heads[i];
    segment_begin(writer, SEGMENT_MINUTES, columns->count, heads, MINUTE_HEADS, MINUTE_FIELDS);
}

void minute_columns_clear(struct minute_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        columns->summaries[i] = SUMMARY_EMPTY;
}

/* The nearest float, of which the lower half of the bits are 0; what none is near to is kept. */
static double shorten(double value)
{
    double size = fabs(value);

    return size >= (double)FLT_MIN && size <= (double)FLT_MAX ? (double)(float)value : value;
}

static void put(struct minute_columns *columns, size_t point, bool cumulative)
{
    const struct summary *summary = &columns->summaries[point];
    uint64_t words[MINUTE_FIELDS] = {SAMPLE_ABSENT, SAMPLE_ABSENT, SAMPLE_ABSENT, SAMPLE_ABSENT,
                                     summary->last};

    if (summary->weight > 0) {
        double covered = cumulative ? (double)columns->minutes[point].covered_ns : 0;

        words[MINUTE_FIELD_MIN] = sample_word(cumulative ? shorten(summary->min) : summary->min);
        words[MINUTE_FIELD_MAX] = sample_word(cumulative ? shorten(summary->max) : summary->max);
        words[MINUTE_FIELD_SUM] = sample_word(summary->sum);
        words[MINUTE_FIELD_WEIGHT] = sample_word(summary->weight - covered);
    }
    for (size_t i = 0; i < MINUTE_FIELDS; i++)
        columns->fields[i][point] = words[i];
}

int minute_columns_add(struct minute_columns *columns, struct segment_writer *writer, uint32_t id,
                       bool cumulative)
{
    const uint64_t *fields[MINUTE_FIELDS];
    bool some = false;

    for (size_t i = 0; i < columns->count; i++) {
        put(columns, i, cumulative);
        some = some || !sample_is_absent(columns->summaries[i].last);
    }
    for (size_t i = 0; i < MINUTE_FIELDS; i++)
        fields[i] = columns->fields[i];
    return some ? segment_add(writer, id, fields) : 0;
}

struct summary minutes_summary(const struct segment *minutes, const uint64_t *words, size_t point,
                               bool cumulative)
{
    const size_t count = minutes->point_count;
    const uint64_t weight = words[MINUTE_FIELD_WEIGHT * count + point];
    struct summary summary = SUMMARY_EMPTY;

    summary.last = words[MINUTE_FIELD_LAST * count + point];
    if (sample_is_absent(weight))
        return summary;
    summary.min = sample_value(words[MINUTE_FIELD_MIN * count + point]);
    summary.max = sample_value(words[MINUTE_FIELD_MAX * count + point]);
    summary.sum = sample_value(words[MINUTE_FIELD_SUM * count + point]);
    summary.weight = sample_value(weight);
    if (cumulative)
        summary.weight += (double)minutes->heads[MINUTE_HEAD_COVERED_NS][point];
    return summary;
}
