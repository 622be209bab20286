#include "daemon/sampler.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/registry.h"
#include "tests/unit/net_machine.h"
#include "tests/unit/sampler_bench.h"

#define SDA "device=sda"

/* What passes until a tick, what has been counted by then, and what is made of it. */
struct moment {
    int64_t after_ms;
    unsigned long reads;
    uint32_t flags;
    double raw, rate; /* NAN: absent */
};

static void expect_moments(struct sampler_bench *bench, const struct moment *moments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t raw, rate;

        sampler_bench_set_reads(bench, moments[i].reads);
        sampler_bench_tick(bench, moments[i].after_ms);
        raw = sampler_bench_raw(bench, SAMPLER_BENCH_READS, SDA);
        rate = sampler_bench_rate(bench, SAMPLER_BENCH_READS, SDA);
        ck_assert_msg(sampler_bench_flags(bench) == moments[i].flags, "moment %zu: flags %u", i,
                      sampler_bench_flags(bench));
        ck_assert_msg(raw == (isnan(moments[i].raw) ? SAMPLE_ABSENT : sample_word(moments[i].raw)),
                      "moment %zu: value %g", i, sample_value(raw));
        ck_assert_msg(rate ==
                          (isnan(moments[i].rate) ? SAMPLE_ABSENT : sample_word(moments[i].rate)),
                      "moment %zu: rate %g", i, sample_value(rate));
    }
}

#define EXPECT_MOMENTS(bench, moments)                                                             \
    expect_moments((bench), (moments), sizeof(moments) / sizeof *(moments))

START_TEST(rates_are_over_the_time_that_passed)
{
    static const struct moment moments[] = {
        {0, 100, 0, 100, NAN},
        {1000, 110, 0, 110, 10},
        {1500, 140, TICK_LATE, 140, 20},       /* 30 / 1.5 s */
        {500, 145, 0, 145, 10},                /* on the grid again: 5 / 0.5 s */
        {3000, 205, TICK_GAP_BEFORE, 205, 20}, /* two slots missed: 60 / 3 s */
        {1000, 205, 0, 205, 0},
    };
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    EXPECT_MOMENTS(&bench, moments);
    expect_number(sampler_bench_raw(&bench, "tacho_ticks_missed_total", ""), 2);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(other_intervals_are_as_exact)
{
    static const struct moment fast[] = {
        {0, 100, 0, 100, NAN},
        {100, 101, 0, 101, 10},
        {200, 104, TICK_GAP_BEFORE, 104, 15},
    };
    static const struct moment slow[] = {
        {0, 100, 0, 100, NAN},
        {60000, 700, 0, 700, 10},
        {67500, 1375, TICK_LATE, 1375, 10},
    };
    struct sampler_bench bench;

    sampler_bench_make(&bench, 100);
    EXPECT_MOMENTS(&bench, fast);
    sampler_bench_remove(&bench);
    sampler_bench_make(&bench, 60000);
    EXPECT_MOMENTS(&bench, slow);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(a_counter_reset_is_no_negative_rate)
{
    static const struct moment moments[] = {
        {0, 100, 0, 100, NAN}, {1000, 110, 0, 110, 10}, {1000, 3, 0, 3, NAN}, {1000, 5, 0, 5, 2}};
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    EXPECT_MOMENTS(&bench, moments);
    sampler_bench_remove(&bench);
}
END_TEST

/* The milliseconds that the kernel counts in 32 bits: 0.4 s before the wrap and 0.2 s after it. */
START_TEST(a_wrap_is_no_reset)
{
    static const char *const io_ms[] = {"4294966796", "4294966896", "200", "300", "5"};
    static const double wanted[] = {NAN, .1, .6, .1, NAN};
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char text[128];
        uint64_t rate;

        snprintf(text, sizeof text, "   8       0 sda 100 0 800 0 0 0 0 0 0 %s 0\n", io_ms[i]);
        folder_write(&bench.folder, "proc/diskstats", text);
        sampler_bench_tick(&bench, 1000);
        rate = sampler_bench_rate(&bench, "node_disk_io_time_seconds_total", SDA);
        if (isnan(wanted[i])) {
            expect_absent(rate);
            expect_absent(sampler_bench_raw(&bench, "tacho_disk_busy_ratio", SDA));
        } else {
            /* A double near 2^32 ms is exact to half a microsecond. */
            ck_assert_double_eq_tol(sample_value(rate), wanted[i], 1e-8);
            ck_assert_double_eq_tol(
                sample_value(sampler_bench_raw(&bench, "tacho_disk_busy_ratio", SDA)), wanted[i],
                1e-5);
        }
    }
    sampler_bench_remove(&bench);
}
END_TEST

/* One tick without a value (the present still shows the former rate), then a new baseline. */
START_TEST(another_device_under_the_same_name_is_no_spike)
{
    static const struct moment first[] = {{0, 100, 0, 100, NAN}, {1000, 110, 0, 110, 10}};
    static const struct moment other[] = {
        {1000, 90, 0, NAN, 10}, {1000, 99000, 0, 99000, NAN}, {1000, 99004, 0, 99004, 4}};
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    folder_write(&bench.folder, "sys/block/sda/diskseq", "7\n");
    EXPECT_MOMENTS(&bench, first);
    folder_write(&bench.folder, "sys/block/sda/diskseq", "8\n");
    EXPECT_MOMENTS(&bench, other);
    sampler_bench_remove(&bench);
}
END_TEST

/* proc/net/dev with eth0, having received so much. */
static void set_received(const struct sampler_bench *bench, uint64_t bytes)
{
    char text[512];

    snprintf(text, sizeof text,
             NET_DEV_HEADING "  eth0: %" PRIu64 " 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", bytes);
    folder_write(&bench->folder, "proc/net/dev", text);
}

/* From 1,000 bytes below the end of 32 bits, each time in the second before. */
static uint64_t rate_over_the_end(struct sampler_bench *bench, uint64_t bytes_after)
{
    set_received(bench, (UINT64_C(1) << 32) - 1000);
    sampler_bench_tick(bench, 1000);
    set_received(bench, bytes_after);
    sampler_bench_tick(bench, 1000);
    return sampler_bench_rate(bench, "node_network_receive_bytes_total", "device=eth0");
}

START_TEST(a_link_of_known_speed_may_wrap)
{
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    folder_write(&bench.folder, "sys/class/net/eth0/ifindex", "2\n");
    folder_write(&bench.folder, "sys/class/net/eth0/speed", "-1\n");
    expect_absent(rate_over_the_end(&bench, 500));
    folder_write(&bench.folder, "sys/class/net/eth0/speed", "100\n");
    /* The speed is asked for each minute. */
    for (int tick = 0; tick < 62; tick++)
        sampler_bench_tick(&bench, 1000);
    expect_number(rate_over_the_end(&bench, 500), 1500);
    expect_number(rate_over_the_end(&bench, 12500000 - 1000), 12500000);
    expect_absent(rate_over_the_end(&bench, 12500000 - 999));
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(a_suspend_is_a_gap_without_a_rate)
{
    static const struct moment before[] = {{0, 100, 0, 100, NAN}, {1000, 110, 0, 110, 10}};
    static const struct moment after[] = {
        {400, 900, TICK_RESUMED | TICK_GAP_BEFORE | TICK_LATE, 900, NAN}, {600, 906, 0, 906, 10}};
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    EXPECT_MOMENTS(&bench, before);
    bench.clock.real_ns += 8 * 3600 * NS_PER_SECOND;
    bench.clock.boot_ns += 8 * 3600 * NS_PER_SECOND;
    EXPECT_MOMENTS(&bench, after);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(a_clock_step_changes_no_rate)
{
    static const struct moment first[] = {{0, 100, 0, 100, NAN}};
    static const struct moment stepped[] = {{1000, 110, TICK_CLOCK_STEP, 110, 10},
                                            {1000, 120, 0, 120, 10}};
    struct sampler_bench bench;
    struct tick former, latter;

    for (int direction = -1; direction <= 1; direction += 2) {
        sampler_bench_make(&bench, 1000);
        EXPECT_MOMENTS(&bench, first);
        bench.clock.real_ns += direction * 3600 * NS_PER_SECOND;
        EXPECT_MOMENTS(&bench, stepped);
        ck_assert_int_eq(history_read_tick(bench.history, 1, &former), 0);
        ck_assert_int_eq(history_read_tick(bench.history, 2, &latter), 0);
        ck_assert_int_eq(latter.time_ms - former.time_ms, 1000 + direction * 3600000);
        ck_assert_int_eq(latter.mono_ns - former.mono_ns, NS_PER_SECOND);
        expect_number(sampler_bench_raw(&bench, "tacho_ticks_missed_total", ""), 0);
        sampler_bench_remove(&bench);
    }
}
END_TEST

START_TEST(the_first_tick_has_values_and_no_rates)
{
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    sampler_bench_tick(&bench, 300);
    ck_assert_uint_eq(bench.seq, 1);
    ck_assert_uint_eq(sampler_bench_flags(&bench), 0);
    expect_number(sampler_bench_raw(&bench, "node_load1", ""), 0.5);
    expect_number(sampler_bench_raw(&bench, "node_memory_MemTotal_bytes", ""), 1024000);
    expect_number(sampler_bench_raw(&bench, "tacho_memory_used_bytes", ""), 750 * 1024);
    expect_number(sampler_bench_raw(&bench, "tacho_load_per_cpu", ""), 0.25);
    expect_number(sampler_bench_raw(&bench, "tacho_tick_lateness_seconds", ""), 0.3);
    expect_absent(sampler_bench_raw(&bench, "tacho_swap_used_ratio", ""));
    expect_absent(sampler_bench_raw(&bench, "tacho_cpu_busy_ratio", ""));
    expect_absent(sampler_bench_raw(&bench, "tacho_disk_read_bytes_per_second", ""));
    expect_absent(sampler_bench_rate(&bench, SAMPLER_BENCH_READS, SDA));
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(derived_values_are_of_the_same_tick)
{
    struct sampler_bench bench;

    sampler_bench_make(&bench, 1000);
    sampler_bench_tick(&bench, 0);
    /* 25 ticks of the clock are user's, 50 system's, 125 idle: of 200, whatever USER_HZ is. */
    folder_write(&bench.folder, "proc/stat",
                 "cpu0 100 0 150 875 0 0 0 0 0 0\ncpu1 125 0 100 850 0 0 0 0 0 0\n");
    sampler_bench_set_reads(&bench, 110);
    sampler_bench_tick(&bench, 1000);
    expect_near(sampler_bench_raw(&bench, "tacho_cpu_busy_ratio", ""), 0.375);
    expect_near(sampler_bench_raw(&bench, "tacho_cpu_mode_ratio", "mode=system"), 0.25);
    expect_number(sampler_bench_raw(&bench, "tacho_disk_read_bytes_per_second", ""), 10 * 8 * 512);
    sampler_bench_remove(&bench);
}
END_TEST

/* --- collectors that fail --- */

static size_t count_of(const char *text, const char *wanted)
{
    size_t count = 0;

    for (text = strstr(text, wanted); text != NULL; text = strstr(text + 1, wanted))
        count++;
    return count;
}

START_TEST(a_failing_collector_is_absent_and_heals)
{
    struct sampler_bench bench;
    struct capture capture;
    char *messages;

    sampler_bench_make(&bench, 1000);
    sampler_bench_tick(&bench, 1000);
    capture_begin(&capture, 2);
    folder_write(&bench.folder, "proc/loadavg", "garbage\n");
    sampler_bench_tick(&bench, 1000);
    expect_absent(sampler_bench_raw(&bench, "node_load1", ""));
    expect_absent(sampler_bench_raw(&bench, "tacho_load_per_cpu", ""));
    /* The others go on. */
    expect_number(sampler_bench_raw(&bench, "node_memory_MemTotal_bytes", ""), 1024000);
    expect_number(sampler_bench_rate(&bench, SAMPLER_BENCH_READS, SDA), 0);
    folder_unlink(&bench.folder, "proc/loadavg");
    for (int i = 0; i < 58; i++)
        sampler_bench_tick(&bench, 1000);
    expect_absent(sampler_bench_raw(&bench, "node_load1", ""));
    messages = capture_end(&capture);
    /* Sixty seconds have not passed since the first message. */
    ck_assert_msg(count_of(messages, "collector loadavg: ") == 1, "%s", messages);
    free(messages);

    capture_begin(&capture, 2);
    for (int i = 0; i < 3; i++)
        sampler_bench_tick(&bench, 1000);
    messages = capture_end(&capture);
    ck_assert_uint_eq(count_of(messages, "collector loadavg: "), 1);
    free(messages);
    folder_write(&bench.folder, "proc/loadavg", "2.00 0.25 0.10 1/100 1000\n");
    sampler_bench_tick(&bench, 1000);
    expect_number(sampler_bench_raw(&bench, "node_load1", ""), 2);
    expect_number(sampler_bench_raw(&bench, "tacho_load_per_cpu", ""), 1);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(a_source_that_is_not_there_is_looked_for_each_minute)
{
    struct sampler_bench bench;
    struct capture capture;
    char *messages;

    sampler_bench_make(&bench, 1000);
    folder_unlink(&bench.folder, "proc/loadavg");
    capture_begin(&capture, 2);
    for (int i = 0; i < 60; i++)
        sampler_bench_tick(&bench, 1000);
    messages = capture_end(&capture);
    ck_assert_uint_eq(count_of(messages, "not on this machine"), 1);
    ck_assert_uint_eq(count_of(messages, "loadavg"), 1);
    free(messages);
    folder_write(&bench.folder, "proc/loadavg", "2.00 0.25 0.10 1/100 1000\n");
    sampler_bench_tick(&bench, 500);
    ck_assert_ptr_null(find_series(bench.follower.catalog, "node_load1", ""));
    sampler_bench_tick(&bench, 1000);
    expect_number(sampler_bench_raw(&bench, "node_load1", ""), 2);
    sampler_bench_remove(&bench);
}
END_TEST

/* --- series that come and go --- */

static uint32_t id_of(const struct sampler_bench *bench, const char *name)
{
    const struct series *series = find_series(bench->follower.catalog, name, SDA);

    return series == NULL ? 0 : series->id;
}

/* What it is that comes and goes, a collector of long rounds would see much later. */
static void switch_off(struct sampler_bench *bench, const char *name)
{
    for (size_t index = 0; index < collector_registry_count; index++) {
        if (strcmp(collector_registry[index]->name, name) == 0)
            sampler_switch(bench->sampler, index, false);
    }
}

START_TEST(series_end_when_the_head_has_passed)
{
    struct sampler_bench bench;
    uint32_t id, derived_id;
    size_t count;

    sampler_bench_make(&bench, 1000);
    switch_off(&bench, "disk_info");
    sampler_bench_tick(&bench, 1000);
    /* What tasks found is there a tick later. */
    sampler_bench_tick(&bench, 1000);
    id = id_of(&bench, SAMPLER_BENCH_READS);
    derived_id = id_of(&bench, "tacho_disk_busy_ratio");
    count = bench.follower.catalog->count;
    ck_assert_uint_ne(id, 0);
    ck_assert_uint_ne(derived_id, 0);
    /* Gone and back while rows still hold it: the same series. */
    folder_write(&bench.folder, "proc/diskstats", "");
    sampler_bench_tick(&bench, 1000);
    sampler_bench_tick(&bench, 1000);
    expect_absent(sampler_bench_raw(&bench, SAMPLER_BENCH_READS, SDA));
    expect_absent(sampler_bench_rate(&bench, SAMPLER_BENCH_READS, SDA));
    sampler_bench_set_reads(&bench, 500);
    sampler_bench_tick(&bench, 1000);
    ck_assert_uint_eq(id_of(&bench, SAMPLER_BENCH_READS), id);
    expect_number(sampler_bench_raw(&bench, SAMPLER_BENCH_READS, SDA), 500);
    expect_absent(sampler_bench_rate(&bench, SAMPLER_BENCH_READS, SDA));
    /* Gone for longer than the head: retired with all that was derived from it. */
    folder_write(&bench.folder, "proc/diskstats", "");
    for (int i = 0; i < HISTORY_HEAD_TICKS - 2; i++)
        sampler_bench_tick(&bench, 1000);
    ck_assert_uint_eq(id_of(&bench, SAMPLER_BENCH_READS), id);
    for (int i = 0; i < 4; i++)
        sampler_bench_tick(&bench, 1000);
    ck_assert_uint_eq(id_of(&bench, SAMPLER_BENCH_READS), 0);
    /* What was derived is released when that has happened, and goes a head later. */
    for (int i = 0; i < HISTORY_HEAD_TICKS + 2; i++)
        sampler_bench_tick(&bench, 1000);
    ck_assert_uint_eq(id_of(&bench, "tacho_disk_busy_ratio"), 0);
    ck_assert_uint_lt(bench.follower.catalog->count, count);
    sampler_bench_set_reads(&bench, 600);
    sampler_bench_tick(&bench, 1000);
    ck_assert_uint_gt(id_of(&bench, SAMPLER_BENCH_READS), id);
    ck_assert_uint_gt(id_of(&bench, "tacho_disk_busy_ratio"), derived_id);
    ck_assert_uint_eq(bench.follower.catalog->count, count);
    expect_absent(sampler_bench_rate(&bench, SAMPLER_BENCH_READS, SDA));
    sampler_bench_set_reads(&bench, 603);
    sampler_bench_tick(&bench, 1000);
    expect_number(sampler_bench_rate(&bench, SAMPLER_BENCH_READS, SDA), 3);
    sampler_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sampler", rates_are_over_the_time_that_passed, other_intervals_are_as_exact,
                     a_counter_reset_is_no_negative_rate, a_wrap_is_no_reset,
                     another_device_under_the_same_name_is_no_spike, a_link_of_known_speed_may_wrap,
                     a_suspend_is_a_gap_without_a_rate, a_clock_step_changes_no_rate,
                     the_first_tick_has_values_and_no_rates, derived_values_are_of_the_same_tick,
                     a_failing_collector_is_absent_and_heals,
                     a_source_that_is_not_there_is_looked_for_each_minute,
                     series_end_when_the_head_has_passed);
}
