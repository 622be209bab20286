#include "daemon/scrape_cache.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static const struct label labels[] = {{"job", "app"}, {"instance", "a:1"}, {"env", "test"}};
#define OWN "env=\"test\",instance=\"a:1\""

/* A target without sockets. */
struct bench {
    struct fake_sink fake;
    struct series_quota quota;
    struct drops drops;
    struct scrape_slots slots;
    struct scrape_cache *cache;
    struct exposition exposition;
};

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    struct bench *bench = arg;

    scrape_cache_take(bench->cache, &bench->exposition, sample);
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    (void)arg;
    ck_abort_msg("line %zu: %d", line, (int)fault);
}

static const struct exposition_visitor visitor = {.sample = on_sample, .wrong = on_wrong};

static struct scrape_cache *make_cache(struct bench *bench, size_t label_count, size_t max_series)
{
    const struct scrape_cache_options options = {.labels = labels,
                                                 .label_count = label_count,
                                                 .max_series = max_series,
                                                 .quota = &bench->quota,
                                                 .drops = &bench->drops,
                                                 .slots = &bench->slots};
    struct scrape_cache *cache;

    ck_assert_int_eq(scrape_cache_new(&options, &cache), 0);
    return cache;
}

static void begin(struct bench *bench, size_t max_series)
{
    *bench = (struct bench){.quota = {.max = 1000}, .drops = {.source = "scrape"}};
    fake_sink_init(&bench->fake);
    bench->cache = make_cache(bench, 3, max_series);
}

static void finish(struct bench *bench)
{
    scrape_cache_free(bench->cache);
    ck_assert_uint_eq(bench->quota.used, 0);
    scrape_slots_finish(&bench->slots);
    fake_sink_finish(&bench->fake);
}

static void scrape_into(struct bench *bench, const char *text)
{
    scrape_cache_begin(bench->cache);
    exposition_init(&bench->exposition, EXPOSITION_TEXT, &visitor, bench);
    exposition_feed(&bench->exposition, text, strlen(text));
    ck_assert_int_eq(exposition_end(&bench->exposition), 0);
    exposition_finish(&bench->exposition);
}

/* A whole scrape and the tick after it. */
static void scrape(struct bench *bench, const char *text)
{
    scrape_into(bench, text);
    fake_sink_begin(&bench->fake);
    scrape_cache_write(bench->cache, &bench->fake.sink);
}

static void expect(struct bench *bench, const char *name, double value)
{
    ck_assert_double_eq(fake_sink_value(&bench->fake, name), value);
}

START_TEST(samples_become_series_with_the_targets_labels)
{
    struct bench bench;

    begin(&bench, 100);
    scrape(&bench, "# TYPE a_total counter\n# HELP a_total Some.\na_total{x=\"1\"} 5\nb -1.5\n");
    ck_assert_uint_eq(scrape_cache_samples(bench.cache), 2);
    expect(&bench, "a_total{" OWN ",job=\"app\",x=\"1\"}", 5);
    expect(&bench, "b{" OWN ",job=\"app\"}", -1.5);
    ck_assert_uint_eq(fake_sink_values(&bench.fake), 2);
    ck_assert_uint_eq(bench.quota.used, 2);
    const struct fake_series *series =
        fake_sink_find(&bench.fake, "a_total{" OWN ",job=\"app\",x=\"1\"}");
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert(series->cumulative);
    ck_assert_str_eq(series->help, "Some.");
    ck_assert_uint_eq(series->flags, SERIES_APPLICATION);
    finish(&bench);
}
END_TEST

START_TEST(labels_of_the_targets_names_are_exported_ones)
{
    struct bench bench;

    begin(&bench, 100);
    scrape(&bench, "a{job=\"x\",env=\"y\",exported_env=\"z\"} 1\n");
    expect(&bench,
           "a{env=\"test\",exported_env=\"z\",exported_exported_env=\"y\",exported_job=\"x\","
           "instance=\"a:1\",job=\"app\"}",
           1);
    finish(&bench);
}
END_TEST

START_TEST(what_is_missing_ends_at_once)
{
    struct bench bench;
    size_t declares;

    begin(&bench, 100);
    scrape(&bench, "a 1\nb 2\nc 3\n");
    scrape(&bench, "a 2\nc 4\n");
    ck_assert_ptr_null(fake_sink_find(&bench.fake, "b{" OWN ",job=\"app\"}"));
    expect(&bench, "a{" OWN ",job=\"app\"}", 2);
    expect(&bench, "c{" OWN ",job=\"app\"}", 4);
    ck_assert_uint_eq(bench.quota.used, 2);
    scrape(&bench, "");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 0);
    ck_assert_uint_eq(bench.quota.used, 0);
    scrape(&bench, "b 5\n");
    expect(&bench, "b{" OWN ",job=\"app\"}", 5);
    declares = bench.fake.declares;
    scrape(&bench, "b 6\n");
    ck_assert_uint_eq(bench.fake.declares, declares);
    finish(&bench);
}
END_TEST

START_TEST(a_scrape_that_fails_ends_all)
{
    struct bench bench;

    begin(&bench, 100);
    scrape(&bench, "a 1\nb 2\n");
    scrape_into(&bench, "a 2\nc 3\n"); /* and then it breaks off */
    fake_sink_begin(&bench.fake);
    scrape_cache_drop(bench.cache, &bench.fake.sink);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 0);
    ck_assert_uint_eq(fake_sink_values(&bench.fake), 0);
    ck_assert_uint_eq(bench.quota.used, 0);
    scrape(&bench, "a 4\n");
    expect(&bench, "a{" OWN ",job=\"app\"}", 4);
    finish(&bench);
}
END_TEST

/* In any order and number, with some twice, each scrape leaves what it had and no more. */
START_TEST(any_order_is_understood)
{
    static const int count = 200;
    struct bench bench;
    char *text = malloc(65536), name[64];

    begin(&bench, 1000);
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
        scrape(&bench, text);
        ck_assert_uint_eq(scrape_cache_samples(bench.cache), 300);
        ck_assert_uint_eq(fake_sink_live(&bench.fake), expected);
        ck_assert_uint_eq(fake_sink_values(&bench.fake), expected);
        ck_assert_uint_eq(bench.quota.used, expected);
        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof name, "m{" OWN ",job=\"app\",z=\"%d\"}", i);
            if (there[i])
                expect(&bench, name, i + round);
        }
    }
    free(text);
    finish(&bench);
}
END_TEST

START_TEST(limits_hold)
{
    struct bench bench;

    begin(&bench, 2);
    scrape(&bench, "a 1\nb 2\nc 3\nd 4\n");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 2);
    ck_assert_uint_eq(scrape_cache_samples(bench.cache), 4);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 2);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 2);
    bench.quota.max = 1;
    bench.quota.used = 0;
    scrape_cache_drop(bench.cache, &bench.fake.sink);
    bench.quota.used = 0;
    scrape(&bench, "a 1\nb 2\n");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 3);
    finish(&bench);
}
END_TEST

/* Some lines of series that are named by their numbers. */
static void scrape_numbers(struct bench *bench, int from, int to)
{
    char text[4096] = "";

    for (int i = from; i < to; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "m{z=\"%d\"} %d\n", i, i);
    scrape(bench, text);
}

START_TEST(all_may_be_others_at_each_scrape)
{
    struct bench bench;

    begin(&bench, 100);
    bench.quota.max = 100;
    for (int round = 0; round < 5; round++) {
        scrape_numbers(&bench, round * 100, round * 100 + 100);
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 0);
        ck_assert_uint_eq(fake_sink_live(&bench.fake), 100);
        ck_assert_uint_eq(bench.quota.used, 100);
    }
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 0);
    finish(&bench);
}
END_TEST

/* Behind new ones, where these took all room; by the target's limit, or by that of all. */
START_TEST(what_was_there_keeps_its_place)
{
    for (size_t max_series = 4; max_series <= 1000; max_series += 996) {
        struct bench bench;

        begin(&bench, max_series);
        bench.quota.max = 4;
        scrape(&bench, "a 1\nb 2\nc 3\n");
        scrape(&bench, "d 1\ne 2\nf 3\nc 4\nb 5\n");
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 1);
        ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 1);
        ck_assert_uint_eq(fake_sink_live(&bench.fake), 4);
        ck_assert_uint_eq(bench.quota.used, 4);
        expect(&bench, "d{" OWN ",job=\"app\"}", 1);
        expect(&bench, "e{" OWN ",job=\"app\"}", 2);
        expect(&bench, "c{" OWN ",job=\"app\"}", 4);
        expect(&bench, "b{" OWN ",job=\"app\"}", 5);
        scrape(&bench, "f 1\ng 2\n");
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 0);
        ck_assert_uint_eq(bench.quota.used, 2);
        finish(&bench);
    }
}
END_TEST

START_TEST(a_row_without_room_is_tried_again)
{
    struct bench bench;

    begin(&bench, 100);
    bench.fake.limit = 1;
    for (size_t i = 1; i <= 3; i++) {
        scrape(&bench, "a 1\nb 2\n");
        ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 1);
        ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), i);
    }
    bench.fake.limit = FAKE_SLOTS;
    scrape(&bench, "a 1\nb 2\n");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1); /* nobody said that there is room */
    bench.fake.sink.room++;
    scrape(&bench, "a 1\nb 3\n");
    expect(&bench, "b{" OWN ",job=\"app\"}", 3);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 0);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 4);
    finish(&bench);
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
    struct bench bench;

    begin(&bench, 100);
    scrape(&bench, "up{x=\"1\"} 7\nup{x=\"2\"} 8\n");
    expect(&bench, name, 7);
    ck_assert(scrape_slots_take(&bench.slots, &bench.fake.sink, &own, &up, others, 4));
    sink_set(&bench.fake.sink, own.slot, 1);
    expect(&bench, name, 1);
    scrape_into(&bench, "up{x=\"1\"} 7\nup{x=\"2\"} 8\n");
    scrape_cache_write(bench.cache, &bench.fake.sink);
    expect(&bench, name, 1);
    expect(&bench, "up{" OWN ",job=\"app\",x=\"2\"}", 8);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 1);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 1);
    scrape(&bench, "");
    ck_assert_ptr_nonnull(fake_sink_find(&bench.fake, name));
    scrape(&bench, "up{x=\"1\"} 7\n");
    ck_assert(fake_sink_is_absent(&bench.fake, name));
    scrape_slots_drop(&bench.slots, &bench.fake.sink, &own);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 0);
    scrape(&bench, "up{x=\"1\"} 7\n");
    expect(&bench, name, 7);
    finish(&bench);
}
END_TEST

/* Two texts of one series: the first has it, and the other takes it over when that is gone. */
START_TEST(one_series_has_one_text)
{
    struct bench bench;

    begin(&bench, 100);
    scrape(&bench, "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n");
    expect(&bench, "a{" OWN ",job=\"app\",x=\"1\",y=\"2\"}", 1);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 1);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 1);
    scrape(&bench, "a{y=\"2\",x=\"1\"} 3\n");
    expect(&bench, "a{" OWN ",job=\"app\",x=\"1\",y=\"2\"}", 3);
    finish(&bench);
}
END_TEST

START_TEST(two_targets_do_not_share_a_series)
{
    struct bench bench, other;

    begin(&bench, 100);
    other = bench;
    other.cache = make_cache(&bench, 2, 100); /* which lacks env */
    scrape(&bench, "a 1\n");
    scrape_cache_begin(other.cache);
    exposition_init(&other.exposition, EXPOSITION_TEXT, &visitor, &other);
    exposition_feed(&other.exposition, "a{env=\"test\"} 2\n", 16);
    scrape_cache_write(other.cache, &bench.fake.sink);
    expect(&bench, "a{" OWN ",job=\"app\"}", 1);
    scrape_cache_drop(other.cache, &bench.fake.sink);
    expect(&bench, "a{" OWN ",job=\"app\"}", 1);
    exposition_finish(&other.exposition);
    scrape_cache_free(other.cache);
    finish(&bench);
}
END_TEST

START_TEST(too_many_labels_are_dropped)
{
    struct bench bench;
    char text[1024] = "a{";

    begin(&bench, 100);
    for (int i = 0; i < EXPOSITION_LABELS_MAX; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "l%d=\"x\",", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), "} 1\nb 2\n");
    scrape(&bench, text);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_TOO_LONG), 1);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    ck_assert_uint_eq(bench.quota.used, 1);
    finish(&bench);
}
END_TEST

/* Each of a thousand bytes, of which most are blanks. */
static void scrape_long(struct bench *bench, int from, int to)
{
    char *text = calloc((size_t)(to - from), 1024), *end = text;

    for (int i = from; i < to; i++)
        end += sprintf(end, "m{z=\"%d\"%*s} 1\n", 1000 + i, 1000 - 11, "");
    scrape(bench, text);
    free(text);
}

START_TEST(texts_have_a_budget)
{
    const size_t fit = 400 * SCRAPE_SERIES_BYTES / 1000;
    struct bench bench;

    begin(&bench, 400);
    scrape_long(&bench, 0, 300);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), fit);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->too_long, 300 - fit);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 0);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_TOO_LONG), 300 - fit);
    ck_assert_uint_eq(bench.quota.used, fit);
    scrape_long(&bench, 1000, 1000 + (int)fit); /* all others */
    ck_assert_uint_eq(fake_sink_live(&bench.fake), fit);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->too_long, 0);
    scrape_long(&bench, 990, 1100); /* ten new ones, and some of the others: these stay */
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 110);
    scrape_long(&bench, 890, 1100);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), fit);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->too_long, 210 - fit);
    finish(&bench);
    begin(&bench, 1); /* one line always fits */
    scrape_long(&bench, 0, 1);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    finish(&bench);
}
END_TEST

#define COLLIDING_BITS 12
#define COLLIDING      (1 << COLLIDING_BITS)

/*
 * Texts that differ in the highest bits of pairs of words: where each word is mixed in by a product
 * of 64 bits and a shift, the second undoes what the first did, whatever the key.
 */
static void write_colliding(char *out, int which, bool colliding)
{
    char pairs[COLLIDING_BITS * 16 + 1];

    memset(pairs, 'x', sizeof pairs - 1);
    pairs[sizeof pairs - 1] = '\0';
    for (int bit = 0; bit < COLLIDING_BITS; bit++) {
        if (!(which >> bit & 1))
            continue;
        pairs[bit * 16 + 7] = (char)('x' ^ 0x80);
        pairs[bit * 16 + 11] = (char)('x' ^ (colliding ? 0x80 : 0x01));
        pairs[bit * 16 + 15] = (char)('x' ^ 0x80);
    }
    sprintf(out, "a{xxxx=\"%s\"} 1\n", pairs);
}

/* CPU seconds of finding all of them, in another order than they came in. */
static double find_all(bool colliding)
{
    const size_t line_max = COLLIDING_BITS * 16 + 32;
    char *there = calloc(COLLIDING, line_max), *back = calloc(COLLIDING, line_max);
    char *there_end = there, *back_end = back;
    struct bench bench;
    clock_t start;

    begin(&bench, COLLIDING);
    bench.quota.max = COLLIDING;
    for (int i = 0; i < COLLIDING; i++) {
        write_colliding(there_end, i, colliding);
        there_end += strlen(there_end);
        write_colliding(back_end, COLLIDING - 1 - i, colliding);
        back_end += strlen(back_end);
    }
    scrape_into(&bench, there);
    start = clock();
    scrape_into(&bench, back);
    start = clock() - start;
    free(there);
    free(back);
    finish(&bench);
    return (double)start / CLOCKS_PER_SEC;
}

START_TEST(texts_cannot_be_made_to_collide)
{
    double plain = INFINITY, colliding = INFINITY;

    for (int round = 0; round < 3; round++) {
        plain = fmin(plain, find_all(false));
        colliding = fmin(colliding, find_all(true));
    }
    ck_assert_msg(colliding < plain * 8 + 0.001, "%g s, and %g s of others", colliding, plain);
}
END_TEST

int main(void)
{
    return RUN_TESTS("scrape_cache", samples_become_series_with_the_targets_labels,
                     labels_of_the_targets_names_are_exported_ones, what_is_missing_ends_at_once,
                     a_scrape_that_fails_ends_all, any_order_is_understood, limits_hold,
                     all_may_be_others_at_each_scrape, what_was_there_keeps_its_place,
                     a_row_without_room_is_tried_again, a_targets_own_series_is_its_own,
                     one_series_has_one_text, two_targets_do_not_share_a_series,
                     texts_have_a_budget, too_many_labels_are_dropped,
                     texts_cannot_be_made_to_collide);
}
