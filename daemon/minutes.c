#include "daemon/minutes.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/histogram_sum.h"
#include "daemon/minute_columns.h"

/* What is made of one segment of ticks. */
struct making {
    const struct segment *segment;
    const struct minutes_rules *rules;
    struct segment_writer *writer;
    struct tick ticks[SEGMENT_POINTS_MAX];
    size_t minute_of[SEGMENT_POINTS_MAX];
    bool begins_anew[SEGMENT_POINTS_MAX]; /* ticks are missing before it */
    bool is_interrupted;                  /* rates begin anew at one of them at least */
    uint64_t words[SEGMENT_POINTS_MAX];
    struct histogram_sum histogram;
    struct minute_columns columns;
    const struct minutes_baselines *former;
    size_t former_at;              /* of its items, the first that was not looked at */
    struct minutes_baselines next; /* has room for all */
};

void minutes_baselines_finish(struct minutes_baselines *baselines)
{
    free(baselines->items);
    *baselines = (struct minutes_baselines){0};
}

static void lay_out(struct making *making)
{
    struct minute_columns *columns = &making->columns;
    struct minute *minute = NULL;
    struct tick former = making->former->last;

    for (size_t i = 0; i < making->segment->point_count; i++) {
        const struct tick tick = points_tick(making->segment, i);
        bool follows = former.seq != 0 && tick.seq == former.seq + 1;
        bool set_back = former.seq != 0 && tick.time_ms < former.time_ms;

        if (!minute || set_back || !follows || minute_start_ms(tick.time_ms) != minute->time_ms) {
            minute = &columns->minutes[columns->count++];
            *minute = (struct minute){.time_ms = minute_start_ms(tick.time_ms),
                                      .first_seq = tick.seq,
                                      .flags = set_back ? MINUTE_SET_BACK : 0};
        }
        minute->last_seq = tick.seq;
        minute->flags |= tick.flags;
        minute->tick_count++;
        if (follows && tick.mono_ns > former.mono_ns)
            minute->covered_ns += tick.mono_ns - former.mono_ns;
        making->ticks[i] = tick;
        making->minute_of[i] = columns->count - 1;
        making->begins_anew[i] = !follows;
        if (!follows || (tick.flags & (TICK_RESUMED | TICK_BOOT)))
            making->is_interrupted = true;
        former = tick;
    }
    making->next.last = former;
}

static void keep_baseline(struct making *making, uint32_t id, bool every_tick,
                          const struct rate_baseline *baseline)
{
    if (!sample_is_absent(baseline->word))
        making->next.items[making->next.count++] =
            (struct minutes_baseline){id, every_tick, *baseline};
}

/* Series before this one have no value in these ticks, but may go on after them. */
static void pass_baselines(struct making *making, uint64_t before_id)
{
    const struct minutes_baselines *former = making->former;

    for (; making->former_at < former->count && former->items[making->former_at].id < before_id;
         making->former_at++) {
        const struct minutes_baseline *item = &former->items[making->former_at];

        if (!item->every_tick && !making->is_interrupted)
            keep_baseline(making, item->id, item->every_tick, &item->baseline);
    }
}

static struct rate_baseline take_baseline(struct making *making, uint32_t id)
{
    const struct minutes_baselines *former = making->former;

    pass_baselines(making, id);
    if (making->former_at < former->count && former->items[making->former_at].id == id)
        return former->items[making->former_at++].baseline;
    return RATE_NO_BASELINE;
}

static void sum_values(struct making *making)
{
    for (size_t i = 0; i < making->segment->point_count; i++)
        summary_add_value(&making->columns.summaries[making->minute_of[i]], making->words[i]);
}

static void sum_increases(struct making *making, uint32_t id, const struct rate_rule *rule)
{
    struct rate_baseline baseline = take_baseline(making, id);

    for (size_t i = 0; i < making->segment->point_count; i++) {
        struct summary *summary = &making->columns.summaries[making->minute_of[i]];
        const uint64_t word = making->words[i];
        struct rate_increase increase;
        uint64_t last = summary->last;

        if (making->begins_anew[i])
            baseline = RATE_NO_BASELINE;
        increase = rate_advance(&baseline, &making->ticks[i], word, rule);
        summary_add_increase(summary, &increase);
        summary->last = isnan(sample_value(word)) ? last : word;
    }
    keep_baseline(making, id, rule->every_tick, &baseline);
}

static int add_series(struct making *making, size_t index, uint32_t id,
                      const struct minutes_rule *rule)
{
    int result = segment_read(making->segment, index, making->words);

    if (result == -EBADMSG) {
        (void)take_baseline(making, id);
        return 0;
    }
    if (result < 0)
        return result;
    minute_columns_clear(&making->columns);
    if (rule->cumulative)
        sum_increases(making, id, &rule->rate);
    else
        sum_values(making);
    return minute_columns_add(&making->columns, making->writer, id, rule->cumulative);
}

static int add_histogram(struct making *making, size_t index, uint32_t id)
{
    struct histogram_sum *sum = &making->histogram;
    uint32_t counts[SEGMENT_POINTS_MAX];
    AUTO_FREE struct histogram_pair *pairs = NULL;
    const struct histogram_pair *at;
    int result = segment_read_histogram(making->segment, index, counts, &pairs);

    if (result == -EBADMSG)
        return 0;
    if (result < 0)
        return result;
    histogram_sum_begin(sum);
    at = pairs;
    for (size_t i = 0; i < making->segment->point_count; i++) {
        if (counts[i] == SEGMENT_NO_PAIRS)
            continue;
        if (histogram_sum_add(sum, making->minute_of[i], at, counts[i]) < 0)
            return -ENOMEM;
        at += counts[i];
    }
    return histogram_sum_write(sum, making->writer, id);
}

static int make(struct making *making, struct buffer *out)
{
    minute_columns_begin(&making->columns, making->writer);
    for (size_t i = 0; i < making->segment->series_count; i++) {
        uint32_t id = segment_id(making->segment, i);
        struct minutes_rule rule;
        int result;

        if (!making->rules->find(making->rules->arg, id, &rule))
            continue;
        if (segment_is_histogram(making->segment, i))
            result = add_histogram(making, i, id);
        else
            result = add_series(making, i, id, &rule);
        if (result < 0)
            return result;
    }
    pass_baselines(making, (uint64_t)UINT32_MAX + 1);
    return segment_end(making->writer, out);
}

int minutes_make(const struct segment *ticks, struct minutes_baselines *baselines,
                 const struct minutes_rules *rules, struct segment_writer *writer,
                 struct buffer *out)
{
    AUTO_FREE struct making *making = NULL;
    int result = -ENOMEM;

    if (!points_are_ticks(ticks))
        return -EBADMSG;
    making = calloc(1, sizeof *making);
    if (making) {
        making->segment = ticks;
        making->rules = rules;
        making->writer = writer;
        making->former = baselines;
        making->next.items =
            calloc(baselines->count + ticks->series_count + 1, sizeof *making->next.items);
        if (making->next.items) {
            lay_out(making);
            result = make(making, out);
        }
        histogram_sum_finish(&making->histogram);
    }
    minutes_baselines_finish(baselines);
    if (making && result == 0)
        *baselines = making->next;
    else if (making)
        free(making->next.items);
    return result;
}
