/* Disks, and the coming and going of derived series. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/derive_bench.h"

struct disk_values {
    double read_bytes, written_bytes, io_time, read_time, reads, write_time, writes;
};

static void put_disk(struct derive_bench *bench, const char *device, unsigned flags,
                     const struct disk_values *values)
{
    const struct {
        const char *name;
        double value;
    } all[] = {
        {"node_disk_read_bytes_total", values->read_bytes},
        {"node_disk_written_bytes_total", values->written_bytes},
        {"node_disk_io_time_seconds_total", values->io_time},
        {"node_disk_read_time_seconds_total", values->read_time},
        {"node_disk_reads_completed_total", values->reads},
        {"node_disk_write_time_seconds_total", values->write_time},
        {"node_disk_writes_completed_total", values->writes},
    };
    char label[32];

    snprintf(label, sizeof label, "device=%s", device);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        model_set(&bench->model,
                  model_declare(&bench->model, all[i].name, label, flags, MODEL_INTERVAL_MS),
                  all[i].value);
}

START_TEST(totals_are_of_whole_physical_disks)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 2; i++) {
        put_disk(&bench, "sda", SERIES_IN_TOTAL,
                 &(struct disk_values){.read_bytes = 5000 + 300 * i, .written_bytes = 800 * i});
        put_disk(&bench, "sdb", SERIES_IN_TOTAL,
                 &(struct disk_values){.read_bytes = 100 * i, .written_bytes = 7000});
        put_disk(&bench, "sda1", 0,
                 &(struct disk_values){.read_bytes = 300 * i, .written_bytes = 800 * i});
        put_disk(&bench, "dm-0", 0,
                 &(struct disk_values){.read_bytes = 300 * i, .written_bytes = 800 * i});
        derive_bench_next(&bench, 2000);
        if (i == 0)
            expect_absent(derive_bench_value(&bench, "tacho_disk_read_bytes_per_second", ""));
    }
    expect_number(derive_bench_value(&bench, "tacho_disk_read_bytes_per_second", ""),
                  200); /* 400 / 2 s */
    expect_number(derive_bench_value(&bench, "tacho_disk_written_bytes_per_second", ""), 400);
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(without_a_physical_disk_there_is_no_total)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 2; i++) {
        put_disk(&bench, "dm-0", 0, &(struct disk_values){.read_bytes = 300 * i});
        derive_bench_next(&bench, 1000);
    }
    expect_absent(derive_bench_value(&bench, "tacho_disk_read_bytes_per_second", ""));
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(busy_is_at_most_one)
{
    static const double cases[][2] = {{0.25, 0.25}, {1, 1}, {1.02, 1}, {0, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct derive_bench bench;

        derive_bench_make(&bench, DERIVE_BENCH_SERIES);
        put_disk(&bench, "sda", 0, &(struct disk_values){0});
        derive_bench_next(&bench, 1000);
        expect_absent(derive_bench_value(&bench, "tacho_disk_busy_ratio", "device=sda"));
        put_disk(&bench, "sda", 0, &(struct disk_values){.io_time = cases[i][0]});
        derive_bench_next(&bench, 1000);
        expect_number(derive_bench_value(&bench, "tacho_disk_busy_ratio", "device=sda"),
                      cases[i][1]);
        derive_bench_remove(&bench);
    }
}
END_TEST

START_TEST(await_is_time_over_requests)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    put_disk(&bench, "sda", 0, &(struct disk_values){0});
    put_disk(&bench, "sdb", 0, &(struct disk_values){0});
    derive_bench_next(&bench, 4000);
    /* sda: 8 reads took 2 s in all, no write ended; sdb: 2 writes took 0.5 s, time without reads.
     */
    put_disk(&bench, "sda", 0,
             &(struct disk_values){.reads = 8, .read_time = 2, .write_time = 0.5});
    put_disk(&bench, "sdb", 0,
             &(struct disk_values){.writes = 2, .write_time = 0.5, .read_time = 1});
    derive_bench_next(&bench, 1000);
    expect_number(derive_bench_value(&bench, "tacho_disk_await_seconds", "device=sda,op=read"),
                  0.25);
    expect_absent(derive_bench_value(&bench, "tacho_disk_await_seconds", "device=sda,op=write"));
    expect_absent(derive_bench_value(&bench, "tacho_disk_await_seconds", "device=sdb,op=read"));
    expect_number(derive_bench_value(&bench, "tacho_disk_await_seconds", "device=sdb,op=write"),
                  0.25);
    derive_bench_remove(&bench);
}
END_TEST

static void release_disk(struct derive_bench *bench, const char *label)
{
    struct catalog *catalog = catalog_get(bench->model.table);

    for (size_t i = 0; i < catalog->count; i++) {
        const struct series *series = catalog->series[i];

        if (strncmp(series->name, "node_", 5) == 0 &&
            strcmp(series_label(series, "device"), label) == 0)
            series_table_release(bench->model.table, series->slot, bench->model.tick.seq - 1);
    }
    catalog_put(catalog);
}

START_TEST(series_of_a_device_that_is_gone_are_released)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    put_disk(&bench, "sda", SERIES_IN_TOTAL, &(struct disk_values){0});
    put_disk(&bench, "sdb", SERIES_IN_TOTAL, &(struct disk_values){0});
    derive_bench_next(&bench, 1000);
    ck_assert_ptr_nonnull(
        model_find(&bench.model, "tacho_disk_await_seconds", "device=sdb,op=write"));
    /* The head passes in one step: the raw series are retired, then what was derived from them. */
    release_disk(&bench, "sdb");
    series_table_collect(bench.model.table, bench.model.tick.seq);
    put_disk(&bench, "sda", SERIES_IN_TOTAL, &(struct disk_values){.io_time = 0.5});
    derive_bench_next(&bench, 1000);
    ck_assert_ptr_null(model_find(&bench.model, "node_disk_io_time_seconds_total", "device=sdb"));
    series_table_collect(bench.model.table, bench.model.tick.seq);
    put_disk(&bench, "sda", SERIES_IN_TOTAL, &(struct disk_values){.io_time = 1});
    derive_bench_next(&bench, 1000);
    ck_assert_ptr_null(model_find(&bench.model, "tacho_disk_busy_ratio", "device=sdb"));
    ck_assert_ptr_null(model_find(&bench.model, "tacho_disk_await_seconds", "device=sdb,op=write"));
    expect_number(derive_bench_value(&bench, "tacho_disk_busy_ratio", "device=sda"), 0.5);
    derive_bench_remove(&bench);
}
END_TEST

/* Seven raw series leave one place of eight. */
START_TEST(beyond_the_limit_on_series_nothing_is_derived)
{
    struct derive_bench bench;

    derive_bench_make(&bench, 8);
    for (int i = 0; i < 2; i++) {
        put_disk(&bench, "sda", SERIES_IN_TOTAL, &(struct disk_values){.read_bytes = 100 * i});
        derive_bench_next(&bench, 1000);
    }
    /* One of five: two totals, one busy, two awaits. */
    expect_number(derive_bench_value(&bench, "tacho_disk_read_bytes_per_second", ""), 100);
    ck_assert_uint_ge(series_table_refused(bench.model.table), 4);
    ck_assert_ptr_null(model_find(&bench.model, "tacho_disk_written_bytes_per_second", ""));
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(without_inputs_there_are_no_outputs)
{
    struct derive_bench bench;
    struct catalog *catalog;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    derive_bench_put(&bench, "node_unknown", "", 1);
    derive_bench_next(&bench, 1000);
    catalog = catalog_get(bench.model.table);
    ck_assert_uint_eq(catalog->count, 1);
    catalog_put(catalog);
    derive_bench_remove(&bench);
    derive_free(NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("derive_disk", totals_are_of_whole_physical_disks,
                     without_a_physical_disk_there_is_no_total, busy_is_at_most_one,
                     await_is_time_over_requests, series_of_a_device_that_is_gone_are_released,
                     beyond_the_limit_on_series_nothing_is_derived,
                     without_inputs_there_are_no_outputs);
}
