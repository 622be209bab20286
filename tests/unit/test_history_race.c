/*
 * One writer at full speed, readers on other threads: whatever they accept has to be of one tick.
 * Every word tells its tick and its series, so that a torn row or a slot read with another's
 * catalog shows. ThreadSanitizer has to be silent too.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "daemon/follower.h"
#include "tests/unit/model.h"

#define MAX_SERIES 96
#define SERIES     32
#define READERS    3
/* The writer laps the head often, and goes on until every reader has had its share. */
#define LEAST_TICKS 50000
#define MOST_TICKS  3000000
#define SHARE       20000

struct race {
    struct model model;
    _Atomic bool over;
    _Atomic size_t satisfied;
    _Atomic size_t wrong;
    char what[160]; /* the first thing that was wrong */
};

struct reader {
    struct race *race;
    pthread_t thread;
    uint64_t random;
    size_t accepted;
    bool counted;
};

/* An integer below 2^53: id in the upper part, tick in the lower. */
static double value_at(uint64_t seq, uint32_t id)
{
    return (double)((uint64_t)id << 24 | (seq & 0xffffff));
}

static void tell(struct race *race, const char *what, uint64_t seq, uint64_t slot, double value)
{
    if (atomic_fetch_add(&race->wrong, 1) == 0)
        snprintf(race->what, sizeof race->what, "%s: tick %llu, slot or id %llu, value %.0f", what,
                 (unsigned long long)seq, (unsigned long long)slot, value);
    atomic_store(&race->over, true);
}

static void accept_one(struct reader *reader)
{
    if (++reader->accepted < SHARE || reader->counted)
        return;
    reader->counted = true;
    atomic_fetch_add(&reader->race->satisfied, 1);
}

/* xorshift64: near the oldest tick as often as anywhere, since there the writer comes by. */
static uint64_t choose(struct reader *reader)
{
    const struct history *history = reader->race->model.history;
    uint64_t first = history_first(history), last = history_last(history);
    uint64_t range = last + 2 > first ? last + 2 - first : 1;

    reader->random ^= reader->random << 13;
    reader->random ^= reader->random >> 7;
    reader->random ^= reader->random << 17;
    return first + (reader->random & 64 ? reader->random >> 8 & 3 : (reader->random >> 8) % range);
}

static bool is_of_tick(const struct tick *tick, uint64_t seq)
{
    return tick->seq == seq && tick->mono_ns == (int64_t)seq * NS_PER_SECOND &&
           tick->time_ms == (int64_t)seq * 1000 && tick->flags == seq % 61;
}

/* --- rows with fixed series: slot s holds value_at(seq, s + 1) --- */

static void *read_rows(void *arg)
{
    struct reader *reader = arg;
    struct race *race = reader->race;
    uint64_t words[MAX_SERIES];

    while (!atomic_load(&race->over)) {
        uint64_t seq = choose(reader);
        struct tick tick;
        uint32_t count;

        if (history_read_row(race->model.history, seq, &tick, words, &count) < 0)
            continue;
        if (!is_of_tick(&tick, seq) || count != SERIES - seq % 2)
            tell(race, "row", seq, count, (double)tick.seq);
        for (uint32_t slot = 0; slot < count; slot++) {
            if (words[slot] != sample_word(value_at(seq, slot + 1)))
                tell(race, "word", seq, slot, sample_value(words[slot]));
        }
        accept_one(reader);
    }
    return NULL;
}

static void *read_columns(void *arg)
{
    struct reader *reader = arg;
    struct race *race = reader->race;
    uint64_t words[16];

    while (!atomic_load(&race->over)) {
        uint64_t seq = choose(reader);
        const struct series series = {.slot = (uint32_t)(reader->random % SERIES)};
        struct tick tick;

        if (history_read_tick(race->model.history, seq, &tick) == 0 && !is_of_tick(&tick, seq))
            tell(race, "tick", seq, 0, (double)tick.seq);
        history_read_column(race->model.history, &series, seq, 16, words);
        for (size_t i = 0; i < 16; i++) {
            if (sample_is_absent(words[i]))
                continue;
            if (words[i] != sample_word(value_at(seq + i, series.slot + 1)))
                tell(race, "column", seq + i, series.slot, sample_value(words[i]));
            accept_one(reader);
        }
    }
    return NULL;
}

/* Slot SERIES: as many pairs as the tick's last three bits say, each telling its tick. */
static void *read_histograms(void *arg)
{
    static const struct series series = {.slot = SERIES};
    struct reader *reader = arg;
    struct race *race = reader->race;
    struct histogram_pair pairs[8];

    while (!atomic_load(&race->over)) {
        uint64_t seq = choose(reader);
        int count = history_read_histogram(race->model.history, &series, seq, pairs, 8);

        if (count < 0)
            continue;
        if (count != (int)(seq & 7))
            tell(race, "pairs", seq, (uint64_t)count, 0);
        for (int i = 0; i < count && i < 8; i++) {
            if (pairs[i].bucket != i || pairs[i].increment != (uint32_t)seq)
                tell(race, "pair", seq, (uint64_t)i, pairs[i].increment);
        }
        accept_one(reader);
    }
    return NULL;
}

static void write_tick(struct model *model, bool histograms)
{
    struct histogram_pair pairs[8];
    uint64_t seq = history_begin(model->history);
    const struct tick tick = {.seq = seq,
                              .time_ms = (int64_t)seq * 1000,
                              .mono_ns = (int64_t)seq * NS_PER_SECOND,
                              .flags = (uint32_t)(seq % 61)};

    model->sink.words = history_words(model->history);
    history_extend(model->history, histograms ? SERIES + 1 : SERIES - (uint32_t)(seq % 2));
    for (uint32_t slot = 0; slot < SERIES - seq % 2; slot++)
        sink_set(&model->sink, slot, value_at(seq, slot + 1));
    for (int16_t i = 0; i < 8; i++)
        pairs[i] = (struct histogram_pair){i, (uint32_t)seq};
    if (histograms)
        history_set_histogram(model->history, SERIES, pairs, seq & 7);
    history_commit(model->history, &tick);
    history_publish(model->history, seq);
}

static void run_race(struct race *race, void *(*read)(void *arg), void (*write)(struct race *race))
{
    struct reader readers[READERS];

    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.race = race, .random = 88172645463325252 + i};
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read, &readers[i]), 0);
    }
    for (size_t n = 0; n < MOST_TICKS && !atomic_load(&race->over); n++) {
        if (n >= LEAST_TICKS && atomic_load(&race->satisfied) == READERS)
            break;
        write(race);
        /* On a machine of few CPUs the readers otherwise wait for whole slices of time. */
        if (n % 700 == 0)
            sched_yield();
    }
    atomic_store(&race->over, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(readers[i].thread, NULL);
    ck_assert_msg(atomic_load(&race->wrong) == 0, "%zu wrong; %s", atomic_load(&race->wrong),
                  race->what);
    for (size_t i = 0; i < READERS; i++)
        ck_assert_uint_ge(readers[i].accepted, SHARE);
}

static void write_row(struct race *race)
{
    write_tick(&race->model, false);
}

static void write_histogram(struct race *race)
{
    write_tick(&race->model, true);
}

START_TEST(rows_are_whole)
{
    struct race race = {.over = false};

    model_make(&race.model, MAX_SERIES);
    run_race(&race, read_rows, write_row);
    model_remove(&race.model);
}
END_TEST

START_TEST(columns_are_of_their_ticks)
{
    struct race race = {.over = false};

    model_make(&race.model, MAX_SERIES);
    run_race(&race, read_columns, write_row);
    model_remove(&race.model);
}
END_TEST

START_TEST(histograms_are_of_their_ticks)
{
    struct race race = {.over = false};

    model_make(&race.model, MAX_SERIES);
    run_race(&race, read_histograms, write_histogram);
    model_remove(&race.model);
}
END_TEST

/* --- series that come and go, as the sampler has them --- */

/* Every seventh tick a series ends, and its slot is another's as soon as the head has passed. */
static void write_churn(struct race *race)
{
    struct model *model = &race->model;
    struct catalog *catalog;
    uint64_t seq;

    model_begin(model, MODEL_INTERVAL_MS, 0);
    seq = model->tick.seq;
    series_table_collect(model->table, history_first(model->history));
    if (seq % 7 == 0 || seq == 1) {
        const struct metric metric = {
            .name = "churn", .unit = "", .help = "", .kind = METRIC_GAUGE, .cumulative = false};
        char text[24];
        uint32_t slot;

        snprintf(text, sizeof text, "%llu", (unsigned long long)seq);
        if (series_table_declare(model->table, &metric, &(struct label){"n", text}, 1, 0,
                                 MODEL_INTERVAL_MS, SAMPLE_NUMBER, &slot) == 0 &&
            series_table_publish(model->table) < 0)
            tell(race, "publish", seq, slot, 0);
    }
    catalog = catalog_get(model->table);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct series *series = catalog->series[i];

        /* One has values from its first tick to the seventh after it. */
        if (catalog->count - i > 1)
            series_table_release(model->table, series->slot,
                                 strtoull(series_label(series, "n"), NULL, 10) + 6);
        else
            model_set(model, series->slot, value_at(seq, series->id));
    }
    catalog_put(catalog);
    model_end(model);
}

static void *follow(void *arg)
{
    struct reader *reader = arg;
    struct race *race = reader->race;
    struct model *model = &race->model;
    struct follower follower;

    if (follower_init(&follower, model->history, model->table, MAX_SERIES, MODEL_INTERVAL_MS) < 0)
        return NULL;
    while (!atomic_load(&race->over)) {
        const struct present *present = &follower.present;

        if (!follower_advance(&follower))
            continue;
        if (follower.catalog->version < present->tick.catalog_version)
            tell(race, "catalog", present->tick.seq, follower.catalog->version, 0);
        for (size_t i = 0; i < follower.catalog->count; i++) {
            const struct series *series = follower.catalog->series[i];
            const struct present_value *value = present_of(present, series);
            uint64_t number;

            if (sample_is_absent(value->word))
                continue;
            number = (uint64_t)sample_value(value->word);
            if (number >> 24 != series->id || (number & 0xffffff) > present->tick.seq ||
                (number & 0xffffff) + 2 <= present->tick.seq)
                tell(race, "follower", present->tick.seq, series->id, sample_value(value->word));
            accept_one(reader);
        }
    }
    follower_finish(&follower);
    return NULL;
}

START_TEST(followers_never_mistake_a_series)
{
    struct race race = {.over = false};

    /* As many slots as the head needs: one series in seven ticks, for 512 of them. */
    model_make(&race.model, MAX_SERIES);
    run_race(&race, follow, write_churn);
    model_remove(&race.model);
}
END_TEST

int main(void)
{
    return RUN_TESTS("history_race", rows_are_whole, columns_are_of_their_ticks,
                     histograms_are_of_their_ticks, followers_never_mistake_a_series);
}
