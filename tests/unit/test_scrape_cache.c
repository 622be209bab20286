#include "daemon/scrape_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/scrape_bench.h"
#include "tests/unit/support.h"

START_TEST(samples_become_series_with_the_targets_labels)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    scrape_bench_scrape(
        &bench, "# TYPE a_total counter\n# HELP a_total Some.\na_total{x=\"1\"} 5\nb -1.5\n");
    ck_assert_uint_eq(scrape_cache_samples(bench.cache), 2);
    scrape_bench_expect(&bench, "a_total{" OWN ",job=\"app\",x=\"1\"}", 5);
    scrape_bench_expect(&bench, "b{" OWN ",job=\"app\"}", -1.5);
    ck_assert_uint_eq(fake_sink_values(&bench.fake), 2);
    ck_assert_uint_eq(bench.quota.used, 2);
    const struct fake_series *series =
        fake_sink_find(&bench.fake, "a_total{" OWN ",job=\"app\",x=\"1\"}");
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert(series->cumulative);
    ck_assert_str_eq(series->help, "Some.");
    ck_assert_uint_eq(series->flags, SERIES_APPLICATION);
    scrape_bench_finish(&bench);
}
END_TEST

START_TEST(labels_of_the_targets_names_are_exported_ones)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    scrape_bench_scrape(&bench, "a{job=\"x\",env=\"y\",exported_env=\"z\"} 1\n");
    scrape_bench_expect(
        &bench,
        "a{env=\"test\",exported_env=\"z\",exported_exported_env=\"y\",exported_job=\"x\","
        "instance=\"a:1\",job=\"app\"}",
        1);
    scrape_bench_finish(&bench);
}
END_TEST

START_TEST(what_is_missing_ends_at_once)
{
    struct scrape_bench bench;
    size_t declares;

    scrape_bench_begin(&bench, 100);
    scrape_bench_scrape(&bench, "a 1\nb 2\nc 3\n");
    scrape_bench_scrape(&bench, "a 2\nc 4\n");
    ck_assert_ptr_null(fake_sink_find(&bench.fake, "b{" OWN ",job=\"app\"}"));
    scrape_bench_expect(&bench, "a{" OWN ",job=\"app\"}", 2);
    scrape_bench_expect(&bench, "c{" OWN ",job=\"app\"}", 4);
    ck_assert_uint_eq(bench.quota.used, 2);
    scrape_bench_scrape(&bench, "");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 0);
    ck_assert_uint_eq(bench.quota.used, 0);
    scrape_bench_scrape(&bench, "b 5\n");
    scrape_bench_expect(&bench, "b{" OWN ",job=\"app\"}", 5);
    declares = bench.fake.declares;
    scrape_bench_scrape(&bench, "b 6\n");
    ck_assert_uint_eq(bench.fake.declares, declares);
    scrape_bench_finish(&bench);
}
END_TEST

START_TEST(a_scrape_that_fails_ends_all)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    scrape_bench_scrape(&bench, "a 1\nb 2\n");
    scrape_bench_feed(&bench, "a 2\nc 3\n"); /* and then it breaks off */
    fake_sink_begin(&bench.fake);
    scrape_cache_drop(bench.cache, &bench.fake.sink);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 0);
    ck_assert_uint_eq(fake_sink_values(&bench.fake), 0);
    ck_assert_uint_eq(bench.quota.used, 0);
    scrape_bench_scrape(&bench, "a 4\n");
    scrape_bench_expect(&bench, "a{" OWN ",job=\"app\"}", 4);
    scrape_bench_finish(&bench);
}
END_TEST

/* In any order and number, with some twice, each scrape leaves what it had and no more. */
START_TEST(any_order_is_understood)
{
    static const int count = 200;
    struct scrape_bench bench;
    char *text = malloc(65536), name[64];

    scrape_bench_begin(&bench, 1000);
    srandom(7);
    for (int round = 0; round < 100; round++) {
        bool there[200] = {0};
        size_t used = 0, expected = 0;

        for (int i = 0; i < 300; i++) {
            int which = (int)(random() % count);

            if (round % 3 == 0 && i < count)
                which = i;
            used += (size_t)snprintf(text + used, 65536 - used, "m{z=\"%d\"} %d\n", which,
                                     which + round);
            expected += !there[which];
            there[which] = true;
        }
        scrape_bench_scrape(&bench, text);
        ck_assert_uint_eq(scrape_cache_samples(bench.cache), 300);
        ck_assert_uint_eq(fake_sink_live(&bench.fake), expected);
        ck_assert_uint_eq(fake_sink_values(&bench.fake), expected);
        ck_assert_uint_eq(bench.quota.used, expected);
        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof name, "m{" OWN ",job=\"app\",z=\"%d\"}", i);
            if (there[i])
                scrape_bench_expect(&bench, name, i + round);
        }
    }
    free(text);
    scrape_bench_finish(&bench);
}
END_TEST

/* What another target is told of by is taken from the one that exposed it, and stays so. */
START_TEST(a_targets_own_series_is_its_own)
{
    static const struct label others[] = {
        {"job", "app"}, {"instance", "a:1"}, {"env", "test"}, {"x", "1"}};
    static const struct metric up = {.name = "up", .unit = "", .help = "", .kind = METRIC_GAUGE};
    static const char name[] = "up{" OWN ",job=\"app\",x=\"1\"}";
    struct sink_series own = {0};
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    scrape_bench_scrape(&bench, "up{x=\"1\"} 7\nup{x=\"2\"} 8\n");
    scrape_bench_expect(&bench, name, 7);
    ck_assert(scrape_slots_take(&bench.slots, &bench.fake.sink, &own, &up, others, 4));
    sink_set(&bench.fake.sink, own.slot, 1);
    scrape_bench_expect(&bench, name, 1);
    scrape_bench_feed(&bench, "up{x=\"1\"} 7\nup{x=\"2\"} 8\n");
    scrape_cache_write(bench.cache, &bench.fake.sink);
    scrape_bench_expect(&bench, name, 1);
    scrape_bench_expect(&bench, "up{" OWN ",job=\"app\",x=\"2\"}", 8);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 1);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 1);
    scrape_bench_scrape(&bench, "");
    ck_assert_ptr_nonnull(fake_sink_find(&bench.fake, name));
    scrape_bench_scrape(&bench, "up{x=\"1\"} 7\n");
    ck_assert(fake_sink_is_absent(&bench.fake, name));
    scrape_slots_drop(&bench.slots, &bench.fake.sink, &own);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 0);
    scrape_bench_scrape(&bench, "up{x=\"1\"} 7\n");
    scrape_bench_expect(&bench, name, 7);
    scrape_bench_finish(&bench);
}
END_TEST

/* Two texts of one series: the first has it, and the other takes it over when that is gone. */
START_TEST(one_series_has_one_text)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    scrape_bench_scrape(&bench, "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n");
    scrape_bench_expect(&bench, "a{" OWN ",job=\"app\",x=\"1\",y=\"2\"}", 1);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 1);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 1);
    scrape_bench_scrape(&bench, "a{y=\"2\",x=\"1\"} 3\n");
    scrape_bench_expect(&bench, "a{" OWN ",job=\"app\",x=\"1\",y=\"2\"}", 3);
    scrape_bench_finish(&bench);
}
END_TEST

START_TEST(two_targets_do_not_share_a_series)
{
    struct scrape_bench bench, other;

    scrape_bench_begin(&bench, 100);
    other = bench;
    other.cache = scrape_bench_cache(&bench, 2, 100); /* which lacks env */
    scrape_bench_scrape(&bench, "a 1\n");
    scrape_cache_begin(other.cache);
    exposition_init(&other.exposition, EXPOSITION_TEXT, &scrape_bench_visitor, &other);
    exposition_feed(&other.exposition, "a{env=\"test\"} 2\n", 16);
    scrape_cache_write(other.cache, &bench.fake.sink);
    scrape_bench_expect(&bench, "a{" OWN ",job=\"app\"}", 1);
    scrape_cache_drop(other.cache, &bench.fake.sink);
    scrape_bench_expect(&bench, "a{" OWN ",job=\"app\"}", 1);
    exposition_finish(&other.exposition);
    scrape_cache_free(other.cache);
    scrape_bench_finish(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("scrape_cache", samples_become_series_with_the_targets_labels,
                     labels_of_the_targets_names_are_exported_ones, what_is_missing_ends_at_once,
                     a_scrape_that_fails_ends_all, any_order_is_understood,
                     a_targets_own_series_is_its_own, one_series_has_one_text,
                     two_targets_do_not_share_a_series);
}
