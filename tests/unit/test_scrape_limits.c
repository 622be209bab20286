#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/scrape_bench.h"
#include "tests/unit/support.h"

START_TEST(limits_hold)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 2);
    scrape_bench_scrape(&bench, "a 1\nb 2\nc 3\nd 4\n");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 2);
    ck_assert_uint_eq(scrape_cache_samples(bench.cache), 4);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 2);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 2);
    bench.quota.max = 1;
    bench.quota.used = 0;
    scrape_cache_drop(bench.cache, &bench.fake.sink);
    bench.quota.used = 0;
    scrape_bench_scrape(&bench, "a 1\nb 2\n");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 3);
    scrape_bench_finish(&bench);
}
END_TEST

/* Some lines of series that are named by their numbers. */
static void scrape_numbers(struct scrape_bench *bench, int from, int to)
{
    char text[4096] = "";

    for (int i = from; i < to; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "m{z=\"%d\"} %d\n", i, i);
    scrape_bench_scrape(bench, text);
}

START_TEST(all_may_be_others_at_each_scrape)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    bench.quota.max = 100;
    for (int round = 0; round < 5; round++) {
        scrape_numbers(&bench, round * 100, round * 100 + 100);
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 0);
        ck_assert_uint_eq(fake_sink_live(&bench.fake), 100);
        ck_assert_uint_eq(bench.quota.used, 100);
    }
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 0);
    scrape_bench_finish(&bench);
}
END_TEST

/* Behind new ones, where these took all room; by the target's limit, or by that of all. */
START_TEST(what_was_there_keeps_its_place)
{
    for (size_t max_series = 4; max_series <= 1000; max_series += 996) {
        struct scrape_bench bench;

        scrape_bench_begin(&bench, max_series);
        bench.quota.max = 4;
        scrape_bench_scrape(&bench, "a 1\nb 2\nc 3\n");
        scrape_bench_scrape(&bench, "d 1\ne 2\nf 3\nc 4\nb 5\n");
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 1);
        ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 1);
        ck_assert_uint_eq(fake_sink_live(&bench.fake), 4);
        ck_assert_uint_eq(bench.quota.used, 4);
        scrape_bench_expect(&bench, "d{" OWN ",job=\"app\"}", 1);
        scrape_bench_expect(&bench, "e{" OWN ",job=\"app\"}", 2);
        scrape_bench_expect(&bench, "c{" OWN ",job=\"app\"}", 4);
        scrape_bench_expect(&bench, "b{" OWN ",job=\"app\"}", 5);
        scrape_bench_scrape(&bench, "f 1\ng 2\n");
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->beyond, 0);
        ck_assert_uint_eq(bench.quota.used, 2);
        scrape_bench_finish(&bench);
    }
}
END_TEST

START_TEST(a_row_without_room_is_tried_again)
{
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 100);
    bench.fake.limit = 1;
    for (size_t i = 1; i <= 3; i++) {
        scrape_bench_scrape(&bench, "a 1\nb 2\n");
        ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
        ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 1);
        ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), i);
    }
    bench.fake.limit = FAKE_SLOTS;
    scrape_bench_scrape(&bench, "a 1\nb 2\n");
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1); /* nobody said that there is room */
    bench.fake.sink.room++;
    scrape_bench_scrape(&bench, "a 1\nb 3\n");
    scrape_bench_expect(&bench, "b{" OWN ",job=\"app\"}", 3);
    ck_assert_uint_eq(scrape_cache_refused(bench.cache)->no_slot, 0);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_SERIES), 4);
    scrape_bench_finish(&bench);
}
END_TEST

START_TEST(too_many_labels_are_dropped)
{
    struct scrape_bench bench;
    char text[1024] = "a{";

    scrape_bench_begin(&bench, 100);
    for (int i = 0; i < EXPOSITION_LABELS_MAX; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "l%d=\"x\",", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), "} 1\nb 2\n");
    scrape_bench_scrape(&bench, text);
    ck_assert_uint_eq(drops_count(&bench.drops, DROP_TOO_LONG), 1);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    ck_assert_uint_eq(bench.quota.used, 1);
    scrape_bench_finish(&bench);
}
END_TEST

/* Each of a thousand bytes, of which most are blanks. */
static void scrape_long(struct scrape_bench *bench, int from, int to)
{
    char *text = calloc((size_t)(to - from), 1024), *end = text;

    for (int i = from; i < to; i++)
        end += sprintf(end, "m{z=\"%d\"%*s} 1\n", 1000 + i, 1000 - 11, "");
    scrape_bench_scrape(bench, text);
    free(text);
}

START_TEST(texts_have_a_budget)
{
    const size_t fit = 400 * SCRAPE_SERIES_BYTES / 1000;
    struct scrape_bench bench;

    scrape_bench_begin(&bench, 400);
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
    scrape_bench_finish(&bench);
    scrape_bench_begin(&bench, 1); /* one line always fits */
    scrape_long(&bench, 0, 1);
    ck_assert_uint_eq(fake_sink_live(&bench.fake), 1);
    scrape_bench_finish(&bench);
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
    struct scrape_bench bench;
    clock_t start;

    scrape_bench_begin(&bench, COLLIDING);
    bench.quota.max = COLLIDING;
    for (int i = 0; i < COLLIDING; i++) {
        write_colliding(there_end, i, colliding);
        there_end += strlen(there_end);
        write_colliding(back_end, COLLIDING - 1 - i, colliding);
        back_end += strlen(back_end);
    }
    scrape_bench_feed(&bench, there);
    start = clock();
    scrape_bench_feed(&bench, back);
    start = clock() - start;
    free(there);
    free(back);
    scrape_bench_finish(&bench);
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
    return RUN_TESTS("scrape_limits", limits_hold, all_may_be_others_at_each_scrape,
                     what_was_there_keeps_its_place, a_row_without_room_is_tried_again,
                     too_many_labels_are_dropped, texts_have_a_budget,
                     texts_cannot_be_made_to_collide);
}
