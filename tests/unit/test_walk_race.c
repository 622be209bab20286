/*
 * One writer at full speed, which seals its blocks as it goes, and walkers on other threads: each
 * tick that they are given is a tick as it was, once, in order. ThreadSanitizer has to be silent.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/walk.h"
#include "tests/unit/chronicle.h"

#define READERS     8
#define LEAST_TICKS 6000
#define MOST_TICKS  300000
#define SHARE       12   /* walks of each reader */
#define BUDGET      4096 /* of the archive, bytes: some thousand ticks */

struct race {
    struct model model;
    struct archive *archive;
    const struct series *gauge, *total, *timer;
    _Atomic bool over;
    _Atomic size_t satisfied;
    _Atomic size_t wrong;
    char what[160]; /* the first thing that was wrong */
};

static struct race race;

/*
 * The gauge is its tick's number, the counter grows by one a tick, the timer has an event in bucket
 * number % 100.
 */
static bool find(void *arg, uint32_t id, struct minutes_rule *out)
{
    (void)arg;
    *out = (struct minutes_rule){.cumulative = id == race.total->stored_id,
                                 .rate = {.every_tick = true}};
    return true;
}

static void tell(const char *what, uint64_t seq, double value)
{
    if (atomic_fetch_add(&race.wrong, 1) == 0)
        snprintf(race.what, sizeof race.what, "%s: tick %llu, value %.17g", what,
                 (unsigned long long)seq, value);
    atomic_store(&race.over, true);
}

static void expect(const char *what, uint64_t seq, uint64_t word, double wanted)
{
    if (word != sample_word(wanted))
        tell(what, seq, sample_value(word));
}

/* Ticks in order, each with its own values; the first one may have no rate. */
static void check_ticks(const struct walk *walk, uint64_t since, uint64_t last)
{
    uint64_t former = since;

    for (size_t i = 0; i < walk->bucket_count; i++) {
        uint64_t rate = walk_word(walk, 1, i, AGGREGATE_AVG);

        if (walk->seqs[i] <= former || walk->seqs[i] > last)
            tell("order", walk->seqs[i], (double)former);
        expect("gauge", walk->seqs[i], walk_word(walk, 0, i, AGGREGATE_LAST),
               (double)walk->seqs[i]);
        expect("timer", walk->seqs[i], walk_quantile(walk, 2, i, 0),
               histogram_value((int16_t)(walk->seqs[i] % 100)));
        if (walk->seqs[i] == former + 1 && i > 0)
            expect("rate", walk->seqs[i], rate, 1);
        if (walk->time_ms[i] != (int64_t)walk->seqs[i] * 1000)
            tell("time", walk->seqs[i], (double)walk->time_ms[i]);
        former = walk->seqs[i];
    }
    /* Unless some of the span was dropped, it is all there: what leaves the head is sealed. */
    if (archive_count(race.archive, ARCHIVE_SECONDS).first_seq <= since + 1 &&
        walk->bucket_count != last - since)
        tell("gap", last, (double)walk->bucket_count);
}

/* Whole minutes count each of their ticks once. */
static void check_minutes(const struct walk *walk)
{
    for (size_t i = 1; i + 1 < walk->bucket_count; i++) {
        const struct summary *gauge = &walk->summaries[3 * i], *total = &gauge[1];
        double first = (double)(walk->time_ms[i] / 1000);

        if (gauge->weight > 60)
            tell("weight", (uint64_t)first, gauge->weight);
        /* A part of it may be nowhere. */
        if (gauge->weight != 60)
            continue;
        if (gauge->sum != 60 * first + 59 * 30)
            tell("sum", (uint64_t)first, gauge->sum);
        if (gauge[2].weight != 60)
            tell("events", (uint64_t)first, gauge[2].weight);
        if (total->sum > 60 || total->weight > 60e9)
            tell("increase", (uint64_t)first, total->sum);
    }
}

static void *walk_about(void *arg)
{
    const struct series *const series[] = {race.gauge, race.total, race.timer};
    static const double median = 0.5;
    unsigned seed = (unsigned)(uintptr_t)arg;

    for (size_t walks = 0; !atomic_load(&race.over);) {
        uint64_t last = history_last(race.model.history);
        uint64_t span = (uint64_t)rand_r(&seed) % 2000;
        struct walk_query query = {.to_ms = INT64_MAX,
                                   .step_ms = MINUTE_MS,
                                   .last_seq = last,
                                   .interval_ms = MODEL_INTERVAL_MS,
                                   .series = series,
                                   .series_count = 3,
                                   .wanted = {true, true, true, true},
                                   .bucket_max = 10000,
                                   .value_max = 1000000,
                                   .quantiles = &median,
                                   .quantile_count = 1,
                                   .width_max = 1000,
                                   .every_tick = walks % 2 == 0,
                                   .since_seq = last > span ? last - span : 0,
                                   .cancelled = &race.over};
        struct walk walk;

        if (walk_read(race.archive, race.model.history, &query, &walk) < 0)
            continue;
        if (query.every_tick)
            check_ticks(&walk, query.since_seq, last);
        else
            check_minutes(&walk);
        walk_finish(&walk);
        if (++walks == SHARE)
            atomic_fetch_add(&race.satisfied, 1);
    }
    return NULL;
}

static void add(struct buffer *buffer)
{
    struct archive_entry what;
    struct segment segment;

    open_segment(buffer, &segment);
    describe_segment(&segment, &what);
    segment_finish(&segment);
    ck_assert_int_eq(archive_add(race.archive, &what, buffer), 0);
}

static struct histogram_pair pair_of(uint64_t seq)
{
    return (struct histogram_pair){(int16_t)(seq % 100), 1};
}

static void encode(struct segment_writer *writer, uint64_t first, size_t count, struct buffer *out)
{
    int64_t heads[TICK_HEADS][SEGMENT_POINTS_MAX] = {{0}};
    const int64_t *pointers[TICK_HEADS] = {heads[0], heads[1], heads[2], heads[3]};
    uint64_t words[SEGMENT_POINTS_MAX];
    uint32_t counts[SEGMENT_POINTS_MAX];
    struct histogram_pair pairs[SEGMENT_POINTS_MAX];
    const uint64_t *field = words;

    for (size_t i = 0; i < count; i++) {
        heads[TICK_HEAD_SEQ][i] = (int64_t)(first + i);
        heads[TICK_HEAD_TIME_MS][i] = (int64_t)(first + i) * 1000;
        heads[TICK_HEAD_MONO_NS][i] = (int64_t)(first + i) * NS_PER_SECOND;
        words[i] = sample_word((double)(first + i));
        counts[i] = 1;
        pairs[i] = pair_of(first + i);
    }
    segment_begin(writer, SEGMENT_TICKS, count, pointers, TICK_HEADS, 1);
    ck_assert_int_eq(segment_add(writer, race.gauge->stored_id, &field), 0);
    ck_assert_int_eq(segment_add(writer, race.total->stored_id, &field), 0);
    ck_assert_int_eq(segment_add_histogram(writer, race.timer->stored_id, counts, pairs), 0);
    ck_assert_int_eq(segment_end(writer, out), 0);
}

/* The block that ends with this tick. */
static void seal(struct segment_writer *writer, struct minutes_baselines *baselines, uint64_t last)
{
    const struct minutes_rules rules = {.find = find};
    uint64_t first = last - last % HISTORY_BLOCK_TICKS;
    struct buffer ticks = {0}, minutes = {0};
    struct segment segment;

    first = first > 0 ? first : 1;
    encode(writer, first, last - first + 1, &ticks);
    open_segment(&ticks, &segment);
    ck_assert_int_eq(minutes_make(&segment, baselines, &rules, writer, &minutes), 0);
    segment_finish(&segment);
    add(&ticks);
    add(&minutes);
}

static void write_ticks(void)
{
    struct segment_writer *writer = segment_writer_new();
    struct minutes_baselines baselines = {0};

    ck_assert_ptr_nonnull(writer);
    for (uint64_t seq = 1; seq <= MOST_TICKS && !atomic_load(&race.over); seq++) {
        struct model *model = &race.model;
        const struct histogram_pair pair = pair_of(seq);

        model->tick.time_ms = (int64_t)(seq - 1) * 1000;
        model->tick.mono_ns = (int64_t)(seq - 1) * NS_PER_SECOND;
        model_begin(model, MODEL_INTERVAL_MS, 0);
        model_set(model, race.gauge->slot, (double)seq);
        model_set(model, race.total->slot, (double)seq);
        history_extend(model->history, race.timer->slot + 1);
        sink_set_histogram(&model->sink, race.timer->slot, &pair, 1);
        model_end(model);
        if ((seq + 1) % HISTORY_BLOCK_TICKS == 0)
            seal(writer, &baselines, seq);
        if (seq >= LEAST_TICKS && atomic_load(&race.satisfied) == READERS)
            break;
        if (seq % 64 == 0)
            sched_yield();
    }
    minutes_baselines_finish(&baselines);
    segment_writer_free(writer);
}

START_TEST(walkers_see_each_tick_once)
{
    pthread_t threads[READERS];

    model_make(&race.model, 4);
    ck_assert_int_eq(archive_new(NULL, (const uint64_t[]){BUDGET, BUDGET}, &race.archive), 0);
    model_declare(&race.model, "gauge", "", 0, MODEL_INTERVAL_MS);
    model_declare(&race.model, "grown_total", "", 0, MODEL_INTERVAL_MS);
    model_declare_histogram(&race.model, "timer", "");
    ck_assert_int_eq(series_table_publish(race.model.table), 1);
    race.gauge = model_find(&race.model, "gauge", "");
    race.total = model_find(&race.model, "grown_total", "");
    race.timer = model_find(&race.model, "timer", "");
    for (uintptr_t i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, walk_about, (void *)(i + 1)), 0);
    write_ticks();
    atomic_store(&race.over, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_msg(atomic_load(&race.wrong) == 0, "%s", race.what);
    ck_assert_uint_eq(atomic_load(&race.satisfied), READERS);
    archive_free(race.archive);
    model_remove(&race.model);
}
END_TEST

int main(void)
{
    return RUN_TESTS("walk_race", walkers_see_each_tick_once);
}
