#include "daemon/series_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/series_make.h"
#include "daemon/series_record.h"
#include "tests/unit/data_bench.h"

#define COUNT 5

/* Series whose every field differs from the others'. */
static struct series *make_series(uint32_t number)
{
    char value[32];
    const struct label labels[] = {{"cpu", value}, {"mode", "idle"}};
    struct metric metric = {.name = "node_cpu_seconds_total",
                            .unit = number % 2 ? "seconds" : "",
                            .help = "Seconds in each mode.",
                            .kind = (enum metric_kind)(number % 5),
                            .cumulative = number % 2,
                            .wraps_at = number * 0.1,
                            .rate_max = 1e300 / number};
    struct series *series;

    snprintf(value, sizeof value, "%u", number);
    series = series_make(&metric, labels, number % 3);
    ck_assert_ptr_nonnull(series);
    series->id = number;
    series->stored_id = number / 2;
    series->slot = SERIES_NO_SLOT;
    series->type = number == 4 ? SAMPLE_HISTOGRAM : SAMPLE_NUMBER;
    series->flags = 1U << number;
    series->interval_ms = 1000 * number;
    return series;
}

/* One assertion for all, since they are slow and a test reads thousands of series. */
static bool is_same(const struct series *one, const struct series *other)
{
    return one->id == other->id && one->stored_id == other->stored_id &&
           one->slot == SERIES_NO_SLOT && one->kind == other->kind && one->type == other->type &&
           one->cumulative == other->cumulative && one->flags == other->flags &&
           one->interval_ms == other->interval_ms && one->wraps_at == other->wraps_at &&
           one->rate_max == other->rate_max && strcmp(one->unit, other->unit) == 0 &&
           strcmp(one->help, other->help) == 0 &&
           series_is(one, other->name, other->labels, other->label_count);
}

struct seen {
    uint32_t ids[2 * COUNT];
    size_t count;
};

static int on_series(void *arg, const struct series *series)
{
    struct seen *seen = arg;
    struct series *right = make_series(series->id);

    ck_assert(is_same(series, right) && seen->count < 2 * COUNT);
    series_put(right);
    seen->ids[seen->count++] = series->id;
    return 0;
}

static int open_log(struct data_bench *bench, struct seen *seen, struct series_log *log,
                    struct series_log_state *state)
{
    const struct series_visitor visitor = {seen, on_series};

    *seen = (struct seen){0};
    return series_log_open(&bench->data, &visitor, log, state);
}

/* The disk is full when the file has so many bytes. */
static int append_within(struct series_log *log, uint32_t from, uint32_t to, rlim_t limit)
{
    struct series *series[2 * COUNT];
    int result;

    for (uint32_t id = from; id <= to; id++)
        series[id - from] = make_series(id);
    data_bench_limit(limit);
    result = series_log_append(log, series, to + 1 - from);
    data_bench_limit(RLIM_INFINITY);
    for (uint32_t id = from; id <= to; id++)
        series_put(series[id - from]);
    return result;
}

static int append(struct series_log *log, uint32_t from, uint32_t to)
{
    return append_within(log, from, to, RLIM_INFINITY);
}

static void make_log(struct data_bench *bench, struct series_log *log)
{
    data_bench_make(bench);
    ck_assert_int_eq(series_log_create(&bench->data, DATA_BENCH_EPOCH, log), 0);
    ck_assert_int_eq(append(log, 1, 2), 0);
    ck_assert_int_eq(append(log, 3, COUNT), 0);
}

START_TEST(what_was_appended_is_read)
{
    struct data_bench bench;
    struct series_log log;
    struct series_log_state state;
    struct seen seen;

    make_log(&bench, &log);
    ck_assert_uint_eq(series_log_bytes(&log), data_bench_size(&bench, "series"));
    ck_assert_int_eq(series_log_sync(&log), 0);
    series_log_close(&log);
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
    ck_assert_uint_eq(seen.count, COUNT);
    ck_assert_str_eq(log.epoch, DATA_BENCH_EPOCH);
    ck_assert_uint_eq(state.damaged, 0);
    ck_assert_str_eq(state.aside, "");
    ck_assert_int_eq(append(&log, 6, 7), 0);
    series_log_close(&log);
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
    ck_assert_uint_eq(seen.count, 7);
    for (uint32_t i = 0; i < seen.count; i++)
        ck_assert_uint_eq(seen.ids[i], i + 1);
    series_log_close(&log);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(rewriting_leaves_what_was_given)
{
    struct data_bench bench;
    struct series_log log;
    struct series_log_state state;
    struct seen seen;
    struct series *kept[] = {make_series(2), make_series(5)};

    make_log(&bench, &log);
    ck_assert_int_eq(series_log_rewrite(&log, kept, 2), 0);
    ck_assert_uint_eq(series_log_bytes(&log), data_bench_size(&bench, "series"));
    ck_assert(!data_bench_exists(&bench, "series.part"));
    ck_assert_int_eq(append(&log, 7, 8), 0);
    series_log_close(&log);
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
    ck_assert_uint_eq(seen.count, 4);
    ck_assert_uint_eq(seen.ids[0], 2);
    ck_assert_uint_eq(seen.ids[1], 5);
    ck_assert_uint_eq(seen.ids[3], 8);
    ck_assert_str_eq(log.epoch, DATA_BENCH_EPOCH);
    series_log_close(&log);
    series_put(kept[0]);
    series_put(kept[1]);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(none_is_told_from_a_damaged_one)
{
    struct data_bench bench;
    struct series_log log;
    struct series_log_state state;
    struct data_bench_file bytes;
    struct seen seen;

    data_bench_make(&bench);
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), -ENOENT);
    ck_assert_str_eq(state.aside, "");
    data_bench_remove(&bench);
    make_log(&bench, &log);
    series_log_close(&log);
    data_bench_load(&bench, "series", &bytes);
    for (size_t i = 0; i <= 40; i++) {
        bytes.data[i] ^= 1; /* the last one is of a record */
        data_bench_store(&bench, "series", bytes.data, bytes.size);
        bytes.data[i] ^= 1;
        if (i == 40)
            break;
        ck_assert_int_eq(open_log(&bench, &seen, &log, &state), -ENOENT);
        ck_assert_uint_eq(seen.count, 0);
        ck_assert_int_eq(strncmp(state.aside, "series.damaged-", 15), 0);
        ck_assert_uint_eq(data_bench_size(&bench, state.aside), bytes.size);
        ck_assert(!data_bench_exists(&bench, "series"));
    }
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
    ck_assert_uint_eq(seen.count, COUNT - 1);
    series_log_close(&log);
    data_bench_set_version(&bytes, 2);
    data_bench_store(&bench, "series", bytes.data, bytes.size);
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), -ENOENT);
    ck_assert_str_ne(state.aside, "");
    ck_assert_int_eq(series_log_create(&bench.data, "fedcba9876543210", &log), 0);
    ck_assert_str_eq(log.epoch, "fedcba9876543210");
    series_log_close(&log);
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

/* Which of the records a byte is in. */
static uint32_t series_at(size_t place)
{
    size_t end = sizeof(struct record_file_head);

    for (uint32_t id = 1; id <= COUNT; id++) {
        struct series *series = make_series(id);
        struct buffer record = {0};

        ck_assert_int_eq(series_record_encode(series, &record), 0);
        end += record.size;
        buffer_finish(&record);
        series_put(series);
        if (place < end)
            return id;
    }
    ck_abort();
}

/* Reads the bytes as if they were a log, which they are. */
static void read_bytes(const struct data_bench_file *bytes, size_t size, struct seen *seen,
                       uint64_t *damaged, uint64_t *good)
{
    const struct series_visitor visitor = {seen, on_series};
    uint8_t *copy = malloc(size + 1);
    char epoch[RECORD_EPOCH_CHARS + 1];
    struct record_input input;

    memcpy(copy, bytes->data, size);
    *seen = (struct seen){0};
    record_input_start_memory(&input, copy, size);
    ck_assert_int_eq(series_log_read_input(&input, &visitor, epoch, good), 0);
    ck_assert_str_eq(epoch, DATA_BENCH_EPOCH);
    *damaged = input.damaged;
    free(copy);
}

START_TEST(damage_costs_the_series_it_is_in)
{
    struct data_bench bench;
    struct series_log log;
    struct data_bench_file bytes;
    struct seen seen;
    uint64_t damaged;
    uint64_t good;

    make_log(&bench, &log);
    series_log_close(&log);
    data_bench_load(&bench, "series", &bytes);
    for (size_t i = sizeof(struct record_file_head); i < bytes.size; i++) {
        uint32_t lost = series_at(i);

        bytes.data[i] ^= 0x41;
        read_bytes(&bytes, bytes.size, &seen, &damaged, &good);
        bytes.data[i] ^= 0x41;
        ck_assert_uint_eq(seen.count, COUNT - 1);
        for (size_t at = 0; at < seen.count; at++)
            ck_assert_uint_eq(seen.ids[at], at + 1 + (at + 1 >= lost));
        ck_assert_uint_ge(damaged, 72);
        ck_assert_uint_eq(good == bytes.size, lost != COUNT);
    }
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_torn_log_has_the_series_before)
{
    struct data_bench bench;
    struct series_log log;
    struct data_bench_file bytes;
    struct seen seen;
    uint64_t damaged;
    uint64_t good;

    make_log(&bench, &log);
    series_log_close(&log);
    data_bench_load(&bench, "series", &bytes);
    for (size_t size = sizeof(struct record_file_head); size <= bytes.size; size++) {
        read_bytes(&bytes, size, &seen, &damaged, &good);
        ck_assert_uint_eq(seen.count, size < bytes.size ? series_at(size) - 1 : COUNT);
        ck_assert_uint_eq(good + damaged, size);
    }
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

/* Wherever a crash has cut it, appending goes on behind the last whole series. */
START_TEST(a_torn_log_goes_on)
{
    struct data_bench bench;
    struct series_log log;
    struct series_log_state state;
    struct data_bench_file bytes;
    struct seen seen;

    make_log(&bench, &log);
    series_log_close(&log);
    data_bench_load(&bench, "series", &bytes);
    for (size_t size = sizeof(struct record_file_head); size < bytes.size; size += 37) {
        size_t whole = series_at(size) - 1;

        data_bench_store(&bench, "series", bytes.data, size);
        ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
        ck_assert_uint_eq(seen.count, whole);
        ck_assert_uint_eq(data_bench_size(&bench, "series"), size - state.damaged);
        ck_assert_uint_eq(series_log_bytes(&log), size - state.damaged);
        ck_assert_int_eq(append(&log, 8, 8), 0);
        series_log_close(&log);
        ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
        ck_assert_uint_eq(seen.count, whole + 1);
        ck_assert_uint_eq(seen.ids[whole], 8);
        ck_assert_uint_eq(state.damaged, 0);
        series_log_close(&log);
    }
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_full_disk_leaves_what_was)
{
    struct data_bench bench;
    struct series_log log;
    struct series_log_state state;
    struct series *kept[] = {make_series(1), make_series(2)};
    struct seen seen;
    uint64_t size;
    int result;

    make_log(&bench, &log);
    size = series_log_bytes(&log);
    /* The first of the two would fit. */
    ck_assert_int_eq(append_within(&log, 6, 7, size + 200), -ENOSPC);
    ck_assert_uint_eq(series_log_bytes(&log), size);
    ck_assert_uint_eq(data_bench_size(&bench, "series"), size);
    data_bench_limit(100);
    result = series_log_rewrite(&log, kept, 2);
    data_bench_limit(RLIM_INFINITY);
    ck_assert_int_eq(result, -EFBIG);
    ck_assert(!data_bench_exists(&bench, "series.part"));
    ck_assert_int_eq(append(&log, 6, 6), 0);
    series_log_close(&log);
    ck_assert_int_eq(open_log(&bench, &seen, &log, &state), 0);
    ck_assert_uint_eq(seen.count, COUNT + 1);
    ck_assert_uint_eq(state.damaged, 0);
    series_log_close(&log);
    series_put(kept[0]);
    series_put(kept[1]);
    data_bench_remove(&bench);
}
END_TEST

static int refuse(void *arg, const struct series *series)
{
    (void)arg;
    return series->id == 3 ? -ENOMEM : 0;
}

START_TEST(a_reader_that_fails_leaves_the_log)
{
    const struct series_visitor visitor = {NULL, refuse};
    struct data_bench bench;
    struct series_log log;
    struct series_log_state state;
    uint64_t size;

    make_log(&bench, &log);
    size = series_log_bytes(&log);
    series_log_close(&log);
    ck_assert_int_eq(series_log_open(&bench.data, &visitor, &log, &state), -ENOMEM);
    ck_assert_str_eq(state.aside, "");
    ck_assert_uint_eq(data_bench_size(&bench, "series"), size);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("series_log", what_was_appended_is_read, rewriting_leaves_what_was_given,
                     none_is_told_from_a_damaged_one, damage_costs_the_series_it_is_in,
                     a_torn_log_has_the_series_before, a_torn_log_goes_on,
                     a_full_disk_leaves_what_was, a_reader_that_fails_leaves_the_log);
}
