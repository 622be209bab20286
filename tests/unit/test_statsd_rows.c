#include "daemon/statsd_rows.h"

#include <math.h>
#include <stdio.h>

#include "daemon/histogram.h"
#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static struct drops drops;
static struct series_quota quota;
static struct statsd_table *table;
static struct statsd_rows *rows;
static struct bucket_board *buckets;
static struct fake_sink fake;
static const struct statsd_sender_set none;

static void make(uint32_t max_series, size_t max_quota)
{
    drops = (struct drops){.source = "statsd"};
    quota = (struct series_quota){.max = max_quota};
    fake_sink_init(&fake);
    ck_assert_int_eq(statsd_table_new(max_series, &drops, &table), 0);
    ck_assert_int_eq(bucket_board_new(FAKE_SLOTS, &buckets), 0);
    ck_assert_int_eq(statsd_rows_new(table, &drops, &quota, buckets, &rows), 0);
}

static void finish(void)
{
    statsd_rows_free(rows);
    bucket_board_free(buckets);
    statsd_table_free(table);
    fake_sink_finish(&fake);
}

static void take(const char *packet)
{
    const struct statsd_source source = {.sender = 1};

    statsd_table_lock(table);
    statsd_table_take(table, &source, packet, strlen(packet), 0);
    statsd_table_unlock(table);
}

static void end_all(void)
{
    statsd_table_lock(table);
    statsd_table_sweep(table, &none, &none, 0);
    statsd_table_unlock(table);
}

static void tick(void)
{
    fake_sink_begin(&fake);
    statsd_rows_sample(rows, &fake.sink);
}

static void expect(const char *name, double wanted)
{
    ck_assert_double_eq_tol(fake_sink_value(&fake, name), wanted, 1e-9 * (1 + fabs(wanted)));
}

START_TEST(totals_and_values_stay)
{
    const struct fake_series *series;

    make(100, 100);
    take("c:3|c|#a:b\ng:5|g\ns:x|s\ns:y|s");
    tick();
    expect("c{a=\"b\"}", 3);
    expect("g", 5);
    expect("s", 2);
    series = fake_sink_find(&fake, "c{a=\"b\"}");
    ck_assert(series->cumulative && series->kind == METRIC_COUNTER);
    ck_assert_uint_eq(series->flags, SERIES_APPLICATION);
    series = fake_sink_find(&fake, "g");
    ck_assert(!series->cumulative && series->kind == METRIC_GAUGE);
    tick();
    expect("c{a=\"b\"}", 3);
    expect("g", 5);
    expect("s", 0);
    take("c:2|c|#a:b\ng:-1|g");
    tick();
    expect("c{a=\"b\"}", 5);
    expect("g", 4);
    ck_assert_uint_eq(quota.used, 3);
    finish();
}
END_TEST

START_TEST(distributions)
{
    const struct fake_series *series;
    char line[32];

    make(100, 100);
    for (int i = 1; i <= 100; i++) {
        snprintf(line, sizeof line, "t:%d|ms|#a:b", i);
        take(line);
    }
    tick();
    expect("t_count{a=\"b\"}", 100);
    expect("t_sum{a=\"b\"}", 5.05);
    ck_assert_double_eq_tol(fake_sink_value(&fake, "t{a=\"b\",quantile=\"0.5\"}"), 0.05, 0.0005);
    ck_assert_double_eq_tol(fake_sink_value(&fake, "t{a=\"b\",quantile=\"0.95\"}"), 0.095, 0.00095);
    ck_assert_double_eq_tol(fake_sink_value(&fake, "t{a=\"b\",quantile=\"0.99\"}"), 0.099, 0.00099);
    series = fake_sink_find(&fake, "t{a=\"b\"}");
    ck_assert(series->sparse && series->kind == METRIC_HISTOGRAM && !series->cumulative);
    ck_assert_str_eq(series->unit, "seconds");
    ck_assert_uint_gt(series->pair_count, 50);
    series = fake_sink_find(&fake, "t_count{a=\"b\"}");
    ck_assert(series->cumulative && series->kind == METRIC_SUMMARY);
    ck_assert_str_eq(series->unit, "");
    series = fake_sink_find(&fake, "t_sum{a=\"b\"}");
    ck_assert(series->cumulative && series->kind == METRIC_SUMMARY);
    ck_assert_str_eq(series->unit, "seconds");
    series = fake_sink_find(&fake, "t{a=\"b\",quantile=\"0.5\"}");
    ck_assert(!series->cumulative && series->kind == METRIC_SUMMARY);
    ck_assert_uint_eq(series->flags, SERIES_APPLICATION | SERIES_DERIVED);

    tick();
    expect("t_count{a=\"b\"}", 100);
    ck_assert_uint_eq(fake_sink_find(&fake, "t{a=\"b\"}")->pair_count, 0);
    ck_assert(!fake_sink_is_absent(&fake, "t{a=\"b\"}"));
    ck_assert(fake_sink_is_absent(&fake, "t{a=\"b\",quantile=\"0.5\"}"));
    finish();
}
END_TEST

START_TEST(what_ends_is_released)
{
    size_t own;

    make(100, 100);
    tick();
    own = fake_sink_live(&fake);
    take("c:3|c\nt:1|ms");
    tick();
    ck_assert_uint_eq(fake_sink_live(&fake), own + 7);
    end_all();
    tick();
    ck_assert_uint_eq(fake_sink_live(&fake), own);
    ck_assert_uint_eq(quota.used, 0);
    ck_assert_uint_eq(fake_sink_values(&fake), own);
    /* Ended and began. */
    take("c:3|c\nt:1|ms");
    tick();
    end_all();
    take("c:4|c");
    tick();
    expect("c", 4);
    ck_assert_uint_eq(quota.used, 1);
    finish();
}
END_TEST

/* A job that ends tells most at its end. */
START_TEST(the_last_values_are_shown)
{
    make(100, 100);
    take("c:3|c\nt:1|ms");
    tick();
    take("c:4|c\nt:2|ms\ng:7|g");
    end_all();
    tick();
    expect("c", 7);
    expect("g", 7);
    expect("t_count", 2);
    ck_assert_uint_eq(fake_sink_find(&fake, "t")->pair_count, 1);
    end_all();
    tick();
    ck_assert_ptr_null(fake_sink_find(&fake, "c"));
    ck_assert_ptr_null(fake_sink_find(&fake, "g"));
    ck_assert_uint_eq(quota.used, 0);
    finish();
}
END_TEST

START_TEST(the_quota_of_all_applications)
{
    make(100, 5);
    take("a:1|c\nb:1|c\nt:1:2|ms\nc:1|c");
    tick();
    ck_assert_uint_eq(quota.used, 3);
    ck_assert_ptr_null(fake_sink_find(&fake, "t_count"));
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 2);
    quota.max = 100;
    take("t:3|ms");
    tick();
    expect("t_count", 3);
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 2);
    ck_assert_uint_eq(quota.used, 9);
    finish();
}
END_TEST

START_TEST(what_the_sink_refuses_is_counted)
{
    make(100, 100);
    tick();
    fake.limit = fake.count;
    take("a:1|c");
    tick();
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 1);
    fake.limit = FAKE_SLOTS;
    fake.sink.room++;
    take("a:2|c");
    tick();
    expect("a", 3);
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 1);
    finish();
}
END_TEST

START_TEST(it_tells_of_itself)
{
    make(100, 100);
    take("a:1|c\nbad");
    tick();
    expect("tacho_ingest_packets_total{source=\"statsd\"}", 1);
    expect("tacho_ingest_values_total{source=\"statsd\"}", 2);
    expect("tacho_ingest_dropped_total{reason=\"malformed\",source=\"statsd\"}", 1);
    expect("tacho_ingest_dropped_total{reason=\"kernel\",source=\"statsd\"}", 0);
    ck_assert_uint_eq(fake_sink_find(&fake, "tacho_ingest_packets_total{source=\"statsd\"}")->flags,
                      SERIES_OWN);
    finish();
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd_rows", totals_and_values_stay, distributions, what_ends_is_released,
                     the_last_values_are_shown, the_quota_of_all_applications,
                     what_the_sink_refuses_is_counted, it_tells_of_itself);
}
