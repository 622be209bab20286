#include "daemon/walk.h"

#include "tests/unit/plain_walk.h"

static struct chronicle chronicle;

/* From one tick's time to another's, or a little beside. */
static struct walk_query random_query(int64_t step_ms)
{
    const struct tick *ticks = chronicle.ticks;
    int64_t a = ticks[chronicle_random(&chronicle, chronicle.count)].time_ms;
    int64_t b = ticks[chronicle_random(&chronicle, chronicle.count)].time_ms;

    a += (int64_t)chronicle_random(&chronicle, 3) - 1;
    return walk_query_of(&chronicle, a < b ? a : b, (a < b ? b : a) + 1, step_ms);
}

static void check_chronicle(const int64_t *steps_ms, size_t step_count, bool minutes)
{
    struct walk_query all = walk_query_of(&chronicle, 0, INT64_MAX, steps_ms[0]);

    check_walk(&chronicle, &all, 0, minutes);
    for (size_t i = 0; i < 12; i++) {
        struct walk_query query = random_query(steps_ms[chronicle_random(&chronicle, step_count)]);

        query.raw = i % 4 == 3 && !minutes;
        check_walk(&chronicle, &query, 0, minutes);
        /* An older tick may be the newest that the reader knows. */
        query.last_seq -= chronicle_random(&chronicle, 700) % query.last_seq;
        check_walk(&chronicle, &query, 0, minutes);
    }
}

START_TEST(ticks_are_those_that_were)
{
    static const int64_t steps_ms[] = {1000, 5000, 7000, 30000, 90000};

    for (uint64_t seed = 1; seed <= 7; seed++) {
        chronicle_make(&chronicle, seed, seed > 2, 0);
        chronicle_go_on(&chronicle, 100 + chronicle_random(&chronicle, 3500), seed > 4 ? 5 : 0);
        check_chronicle(steps_ms, sizeof steps_ms / sizeof *steps_ms, false);
        chronicle_remove(&chronicle);
    }
}
END_TEST

START_TEST(minutes_are_as_good_as_ticks)
{
    static const int64_t steps_ms[] = {60000, 120000, 600000, 3600000};

    for (uint64_t seed = 1; seed <= 8; seed++) {
        chronicle_make(&chronicle, 100 + seed, seed > 2, seed % 4);
        chronicle_go_on(&chronicle, 1000 + chronicle_random(&chronicle, 5000), seed > 4 ? 5 : 0);
        check_chronicle(steps_ms, sizeof steps_ms / sizeof *steps_ms, true);
        chronicle_remove(&chronicle);
    }
}
END_TEST

START_TEST(where_ticks_are_gone_there_are_minutes)
{
    static const int64_t steps_ms[] = {10000, 60000, 300000};

    for (uint64_t seed = 1; seed <= 6; seed++) {
        /* A full block ends with the tick before. */
        const uint64_t oldest = 10 * HISTORY_BLOCK_TICKS;

        chronicle_make(&chronicle, 200 + seed, seed > 2, seed % 3);
        chronicle_go_on(&chronicle, 5000, 0);
        chronicle_drop(&chronicle, oldest);
        for (size_t i = 0; i < 3; i++) {
            struct walk_query query = walk_query_of(&chronicle, 0, INT64_MAX, steps_ms[i]);

            check_walk(&chronicle, &query, oldest, true);
        }
        chronicle_remove(&chronicle);
    }
}
END_TEST

START_TEST(each_tick_is_its_own_bucket)
{
    struct walk_query query;
    struct plain_walk plain;
    struct walk walk;

    chronicle_make(&chronicle, 7, true, 2);
    chronicle_go_on(&chronicle, 1500, 4);
    query = walk_query_of(&chronicle, 0, INT64_MAX, 1000);
    query.every_tick = true;
    for (uint64_t since = 0; since <= 1500; since += 300) {
        query.since_seq = since;
        query.bucket_max = since == 300 ? 100 : 2000;
        check_walk(&chronicle, &query, 0, false);
        plain_walk(&chronicle, &query, 0, &plain);
        ck_assert_int_eq(walk_read(chronicle.archive, chronicle.model.history, &query, &walk), 0);
        for (size_t i = 0; i < plain.count; i++)
            ck_assert_uint_eq(walk.seqs[i], plain.buckets[i].seq);
        /* What is beyond is asked for the next time. */
        if (since == 300)
            ck_assert_uint_eq(walk.bucket_count, 100);
        walk_finish(&walk);
        plain_walk_finish(&plain);
    }
    chronicle_remove(&chronicle);
}
END_TEST

int main(void)
{
    return RUN_TESTS("walk", ticks_are_those_that_were, minutes_are_as_good_as_ticks,
                     where_ticks_are_gone_there_are_minutes, each_tick_is_its_own_bucket);
}
