#include "tests/unit/plain_walk.h"

#include <err.h>
#include <stdlib.h>

/* The sums of one bucket and series. */
struct sum {
    double sum, weight, min, max;
    uint64_t last;
};

struct state {
    const struct chronicle *chronicle;
    const struct walk_query *query;
    uint64_t oldest_tick;
    struct plain_walk *out;
    struct sum (*sums)[CHRONICLE_NUMBERS]; /* of each bucket */
    bool begins_anew[CHRONICLE_MAX_TICKS];
    size_t bucket_of[CHRONICLE_MAX_TICKS]; /* SIZE_MAX: none */
    size_t begin_of[CHRONICLE_MAX_TICKS];  /* the first tick of its part of a minute */
    size_t former_of[CHRONICLE_MAX_TICKS]; /* the tick before that is not lost; SIZE_MAX: none */
};

static void find_parts(struct state *state)
{
    const struct chronicle *chronicle = state->chronicle;
    size_t former = SIZE_MAX;

    for (size_t i = 0; i < chronicle->count; i++) {
        const struct tick *tick = &chronicle->ticks[i];

        if (chronicle->lost[i])
            continue;
        state->former_of[i] = former;
        state->begins_anew[i] = former == SIZE_MAX || former + 1 != i;
        state->begin_of[i] = i;
        if (!state->begins_anew[i] && tick->time_ms >= tick[-1].time_ms &&
            tick->time_ms / MINUTE_MS == tick[-1].time_ms / MINUTE_MS &&
            chronicle->groups[i] == chronicle->groups[former])
            state->begin_of[i] = state->begin_of[former];
        former = i;
    }
}

static size_t open_bucket(struct state *state, int64_t time_ms, bool run_begins, uint64_t seq)
{
    const int64_t step_ms = state->query->step_ms;
    struct plain_walk *out = state->out;
    int64_t start_ms = state->query->every_tick ? time_ms : time_ms / step_ms * step_ms;
    const struct plain_bucket *last = out->count > 0 ? &out->buckets[out->count - 1] : NULL;

    if (last && !run_begins && last->time_ms == start_ms && !state->query->every_tick)
        return out->count - 1;
    for (int64_t at = last ? last->time_ms + step_ms : start_ms;
         at < start_ms && out->count < state->query->bucket_max && !state->query->every_tick;
         at += step_ms)
        out->buckets[out->count++] = (struct plain_bucket){.time_ms = at};
    out->buckets[out->count++] = (struct plain_bucket){.time_ms = start_ms, .seq = seq};
    return out->count - 1;
}

static bool is_in_minute(const struct state *state, size_t i)
{
    return state->chronicle->ticks[state->begin_of[i]].seq < state->oldest_tick;
}

static void find_buckets(struct state *state)
{
    const struct walk_query *query = state->query;
    int64_t counted_ms = INT64_MIN;

    for (size_t i = 0; i < state->chronicle->count; i++)
        state->bucket_of[i] = SIZE_MAX;
    for (size_t i = 0; i < state->chronicle->count; i++) {
        const struct tick *tick = &state->chronicle->ticks[i];
        bool is_minute = is_in_minute(state, i);
        int64_t minute_ms = tick->time_ms / MINUTE_MS * MINUTE_MS;
        int64_t time_ms = is_minute ? minute_ms : tick->time_ms;
        bool run_begins;

        if (state->chronicle->lost[i] || tick->seq > query->last_seq || time_ms < query->from_ms ||
            time_ms >= query->to_ms || (query->every_tick && tick->seq <= query->since_seq))
            continue;
        /* Minutes know the tick before even when those between are lost. */
        if (is_minute || (query->step_ms % MINUTE_MS == 0 && minute_ms >= query->from_ms &&
                          minute_ms + MINUTE_MS <= query->to_ms))
            run_begins =
                state->begin_of[i] == i &&
                ((state->former_of[i] != SIZE_MAX &&
                  state->chronicle->ticks[state->former_of[i]].time_ms > tick->time_ms) ||
                 (counted_ms != INT64_MIN && minute_ms < counted_ms / MINUTE_MS * MINUTE_MS));
        else
            run_begins = (!state->begins_anew[i] && tick->seq != state->oldest_tick &&
                          tick[-1].time_ms > tick->time_ms) ||
                         tick->time_ms < counted_ms;
        if (query->every_tick && state->out->count == query->bucket_max)
            break;
        state->bucket_of[i] = open_bucket(state, time_ms, run_begins, tick->seq);
        state->out->last_seq = tick->seq;
        state->out->mark_count += tick->flags != 0;
        counted_ms = time_ms;
    }
}

static void add(struct sum *sum, double value, double weight)
{
    if (sum->weight == 0 || value < sum->min)
        sum->min = value;
    if (sum->weight == 0 || value > sum->max)
        sum->max = value;
    sum->sum += value * weight;
    sum->weight += weight;
    sum->last = sample_word(value);
}

static void sum_series(struct state *state, size_t s)
{
    const struct chronicle *chronicle = state->chronicle;
    const struct rate_rule rule = rate_rule_of(chronicle->series[s], state->query->interval_ms);
    bool rates = chronicle->series[s]->cumulative && !state->query->raw;
    /* Ticks know nothing of those that only minutes were made of. */
    struct rate_baseline of_minutes = RATE_NO_BASELINE, of_ticks = RATE_NO_BASELINE;

    for (size_t i = 0; i < chronicle->count; i++) {
        uint64_t word = chronicle->words[s][i];
        double weight = 1;

        if (chronicle->lost[i])
            continue;
        if (state->begins_anew[i])
            of_minutes = of_ticks = RATE_NO_BASELINE;
        if (chronicle->ticks[i].seq == state->oldest_tick && state->query->step_ms % MINUTE_MS != 0)
            of_ticks = RATE_NO_BASELINE;
        if (rates) {
            const struct rate_baseline former = is_in_minute(state, i) ? of_minutes : of_ticks;
            uint64_t of_minute = rate_step(&of_minutes, &chronicle->ticks[i], word, &rule);
            uint64_t of_tick = rate_step(&of_ticks, &chronicle->ticks[i], word, &rule);

            word = is_in_minute(state, i) ? of_minute : of_tick;
            weight = (double)(chronicle->ticks[i].mono_ns - former.mono_ns);
        }
        if (state->bucket_of[i] != SIZE_MAX && !isnan(sample_value(word)))
            add(&state->sums[state->bucket_of[i]][s], sample_value(word), weight);
    }
}

/* --- histograms --- */

static const double quantiles[PLAIN_WALK_QUANTILES] = {0.5, 0.07, 0.999};

/* What one bucket of time has. */
struct tally {
    struct histogram_pair pairs[CHRONICLE_MAX_TICKS * CHRONICLE_MAX_PAIRS];
    size_t count;
    uint64_t total;
    double sum, last;
};

static int compare(const void *a, const void *b)
{
    const struct histogram_pair *left = a, *right = b;

    return left->bucket - right->bucket;
}

/* The pairs are sorted. */
static double value_at(const struct tally *tally, uint64_t rank)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < tally->count; i++) {
        seen += tally->pairs[i].increment;
        if (seen >= rank)
            return histogram_value(tally->pairs[i].bucket);
    }
    return NAN;
}

static void count(struct tally *tally, const struct chronicle_histogram *histogram)
{
    double sum = 0, number = 0;

    for (size_t i = 0; i < histogram->count; i++) {
        const struct histogram_pair *pair = &histogram->pairs[i];

        tally->pairs[tally->count++] = *pair;
        sum += histogram_value(pair->bucket) * pair->increment;
        number += pair->increment;
    }
    tally->total += (uint64_t)number;
    tally->sum += sum;
    if (number > 0)
        tally->last = sum / number;
}

static void tell(struct tally *tally, uint64_t *words, uint64_t *quantile_words)
{
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        words[i] = SAMPLE_ABSENT;
    for (size_t i = 0; i < PLAIN_WALK_QUANTILES; i++)
        quantile_words[i] = SAMPLE_ABSENT;
    if (tally->total == 0)
        return;
    qsort(tally->pairs, tally->count, sizeof *tally->pairs, compare);
    words[AGGREGATE_AVG] = sample_word(tally->sum / (double)tally->total);
    words[AGGREGATE_MIN] = sample_word(value_at(tally, 1));
    words[AGGREGATE_MAX] = sample_word(value_at(tally, tally->total));
    words[AGGREGATE_LAST] = sample_word(tally->last);
    /* In thousandths, so that it is exact. */
    for (size_t i = 0; i < PLAIN_WALK_QUANTILES; i++) {
        const uint64_t thousandths = (uint64_t)lround(quantiles[i] * 1000);

        quantile_words[i] = sample_word(value_at(tally, (tally->total * thousandths + 999) / 1000));
    }
}

/* Ticks of a bucket of time follow each other, but for those that are in none. */
static void sum_histograms(const struct state *state, size_t timer)
{
    const struct chronicle *chronicle = state->chronicle;
    static struct tally tally;
    size_t i = 0;

    for (size_t b = 0; b < state->out->count; b++) {
        struct plain_bucket *bucket = &state->out->buckets[b];

        tally.count = 0;
        tally.total = 0;
        tally.sum = tally.last = 0;
        for (;
             i < chronicle->count && (state->bucket_of[i] == SIZE_MAX || state->bucket_of[i] == b);
             i++) {
            if (state->bucket_of[i] == b &&
                chronicle->histograms[timer][i].count != SEGMENT_NO_PAIRS)
                count(&tally, &chronicle->histograms[timer][i]);
        }
        tell(&tally, bucket->words[CHRONICLE_NUMBERS + timer], bucket->quantiles[timer]);
    }
}

void plain_walk(const struct chronicle *chronicle, const struct walk_query *query,
                uint64_t oldest_tick, struct plain_walk *out)
{
    static struct state state;
    const size_t room = query->bucket_max + chronicle->count + 1;

    memset(&state, 0, sizeof state);
    *out = (struct plain_walk){.buckets = calloc(room, sizeof *out->buckets)};
    state.chronicle = chronicle;
    state.query = query;
    state.oldest_tick = oldest_tick;
    state.out = out;
    state.sums = calloc(room, sizeof *state.sums);
    if (out->buckets == NULL || state.sums == NULL)
        errx(EXIT_FAILURE, "plain_walk");
    find_parts(&state);
    find_buckets(&state);
    for (size_t i = 0; i < CHRONICLE_HISTOGRAMS; i++)
        sum_histograms(&state, i);
    for (size_t s = 0; s < CHRONICLE_NUMBERS; s++) {
        sum_series(&state, s);
        for (size_t b = 0; b < out->count; b++) {
            const struct sum *sum = &state.sums[b][s];
            uint64_t *words = out->buckets[b].words[s];
            bool some = sum->weight > 0;

            words[AGGREGATE_AVG] = some ? sample_word(sum->sum / sum->weight) : SAMPLE_ABSENT;
            words[AGGREGATE_MIN] = some ? sample_word(sum->min) : SAMPLE_ABSENT;
            words[AGGREGATE_MAX] = some ? sample_word(sum->max) : SAMPLE_ABSENT;
            words[AGGREGATE_LAST] = some ? sum->last : SAMPLE_ABSENT;
        }
    }
    free(state.sums);
}

void plain_walk_finish(struct plain_walk *plain)
{
    free(plain->buckets);
    *plain = (struct plain_walk){0};
}

struct walk_query walk_query_of(const struct chronicle *chronicle, int64_t from_ms, int64_t to_ms,
                                int64_t step_ms)
{
    return (struct walk_query){.from_ms = from_ms,
                               .to_ms = to_ms,
                               .step_ms = step_ms,
                               .last_seq = chronicle->model.tick.seq,
                               .interval_ms = MODEL_INTERVAL_MS,
                               .series = chronicle->series,
                               .series_count = CHRONICLE_SERIES,
                               .wanted = {true, true, true, true},
                               .bucket_max = 2000,
                               .value_max = 10000000,
                               .quantiles = quantiles,
                               .quantile_count = PLAIN_WALK_QUANTILES,
                               .width_max = CHRONICLE_HISTOGRAMS * (UINT16_MAX + 100)};
}

/* Of a relative error, for what was added in another order or rounded. */
void expect_close(uint64_t word, uint64_t wanted, double error, const char *what, size_t series,
                  size_t bucket)
{
    double value = sample_value(word), other = sample_value(wanted);

    if (word == wanted || (isnan(value) && isnan(other)))
        return;
    ck_assert_msg(fabs(value - other) <= error * fmax(1e-3, fabs(other)),
                  "%s of series %zu in bucket %zu: %.17g, not %.17g", what, series, bucket, value,
                  other);
}

/* minutes: some of it was read from them. */
static void expect_walk(const struct walk *walk, const struct plain_walk *plain, bool minutes)
{
    ck_assert_uint_eq(walk->bucket_count, plain->count);
    ck_assert_uint_eq(walk->last_seq, plain->last_seq);
    if (!minutes)
        ck_assert_uint_eq(walk->mark_count, plain->mark_count);
    for (size_t b = 0; b < plain->count; b++) {
        ck_assert_int_eq(walk->time_ms[b], plain->buckets[b].time_ms);
        for (size_t s = 0; s < CHRONICLE_SERIES; s++) {
            const uint64_t *words = plain->buckets[b].words[s];
            double error = minutes && walk->rates[s] ? 1e-6 : s >= CHRONICLE_NUMBERS ? 1e-12 : 0;
            bool knows_last = !minutes || (!walk->rates[s] && s < CHRONICLE_NUMBERS);

            expect_close(walk_word(walk, s, b, AGGREGATE_AVG), words[AGGREGATE_AVG], 1e-9,
                         "average", s, b);
            expect_close(walk_word(walk, s, b, AGGREGATE_MIN), words[AGGREGATE_MIN], error,
                         "minimum", s, b);
            expect_close(walk_word(walk, s, b, AGGREGATE_MAX), words[AGGREGATE_MAX], error,
                         "maximum", s, b);
            /* The last rate is not kept of a minute, nor is the last histogram. */
            if (knows_last)
                expect_close(walk_word(walk, s, b, AGGREGATE_LAST), words[AGGREGATE_LAST], error,
                             "last", s, b);
        }
        for (size_t t = 0; t < CHRONICLE_HISTOGRAMS; t++) {
            for (size_t q = 0; q < PLAIN_WALK_QUANTILES; q++)
                expect_close(walk_quantile(walk, CHRONICLE_NUMBERS + t, b, q),
                             plain->buckets[b].quantiles[t][q], 0, "quantile", t, b);
        }
    }
}

void check_walk(const struct chronicle *chronicle, const struct walk_query *query,
                uint64_t oldest_tick, bool minutes)
{
    struct plain_walk plain;
    struct walk walk;

    plain_walk(chronicle, query, oldest_tick, &plain);
    ck_assert_int_eq(walk_read(chronicle->archive, chronicle->model.history, query, &walk), 0);
    expect_walk(&walk, &plain, minutes);
    plain_walk_finish(&plain);
    walk_finish(&walk);
}
