#include "daemon/statsd_table.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/histogram.h"
#include "tests/unit/support.h"

#define SERIES 100

static struct drops drops;
static struct statsd_table *table;
static const struct statsd_sender_set none;

static void make(uint32_t max_series)
{
    drops = (struct drops){.source = "statsd"};
    ck_assert_int_eq(statsd_table_new(max_series, &drops, &table), 0);
}

static void take_from(const struct statsd_source *source, const char *packet, int64_t now_ms)
{
    statsd_table_lock(table);
    statsd_table_take(table, source, packet, strlen(packet), now_ms);
    statsd_table_unlock(table);
}

/* From sender 3, at time 0. */
static void take(const char *packet)
{
    const struct statsd_source source = {.sender = 3};

    take_from(&source, packet, 0);
}

/* The one series that something was said of, by its name; fails the test where there is none. */
static const struct statsd_cell *find(const struct statsd_buffer *buffer, const char *name,
                                      uint32_t *index)
{
    for (size_t i = 0; i < buffer->touched_count; i++) {
        *index = buffer->touched[i];
        if (strcmp(statsd_table_definition(table, *index)->text, name) == 0)
            return &buffer->cells[*index];
    }
    ck_abort_msg("nothing was said of %s", name);
    return NULL;
}

static double value(const struct statsd_buffer *buffer, const char *name)
{
    uint32_t index;

    return find(buffer, name, &index)->value;
}

static uint64_t count(const struct statsd_buffer *buffer, const char *name)
{
    uint32_t index;

    return find(buffer, name, &index)->count;
}

START_TEST(counters_and_gauges)
{
    struct statsd_buffer *buffer;

    make(SERIES);
    take("c:1|c\nc:2|c\nc:1|c|@0.1\ng:5|g\nd:-2|g\nd:+5|g");
    buffer = statsd_table_swap(table);
    ck_assert_double_eq(value(buffer, "c"), 13);
    ck_assert_double_eq(value(buffer, "g"), 5);
    ck_assert_double_eq(value(buffer, "d"), 3);
    ck_assert_uint_eq(buffer->packets, 1);
    ck_assert_uint_eq(buffer->values, 6);
    statsd_buffer_clear(buffer);

    /* A counter tells what it grew by, a gauge what it is. */
    take("c:2|c\ng:+1|g\nd:-1:-1|g");
    buffer = statsd_table_swap(table);
    ck_assert_double_eq(value(buffer, "c"), 2);
    ck_assert_double_eq(value(buffer, "g"), 6);
    ck_assert_double_eq(value(buffer, "d"), 1);
    ck_assert_uint_eq(buffer->touched_count, 3);
    statsd_table_free(table);
}
END_TEST

START_TEST(timers_are_histograms)
{
    struct histogram_pair pairs[STATSD_BUCKETS_MAX];
    struct statsd_buffer *buffer;
    uint32_t index;
    uint64_t sum = 0;

    make(SERIES);
    take("t:100:100:200|ms\nt:300|ms|@0.5\nh:7|h\nh:8|d\nu:1|h");
    buffer = statsd_table_swap(table);
    ck_assert_double_eq_tol(value(buffer, "t"), 1.0, 1e-12);
    ck_assert_uint_eq(count(buffer, "t"), 5);
    ck_assert_double_eq(value(buffer, "h"), 15);
    find(buffer, "t", &index);
    ck_assert(statsd_table_definition(table, index)->is_time);
    ck_assert_uint_eq(statsd_buffer_pairs(buffer, index, pairs), 3);
    for (size_t i = 0; i < 3; i++) {
        const bool slow = pairs[i].bucket == histogram_bucket(0.3);

        ck_assert(slow || pairs[i].bucket == histogram_bucket(0.1) ||
                  pairs[i].bucket == histogram_bucket(0.2));
        sum += pairs[i].increment;
    }
    ck_assert_uint_eq(sum, 5);
    statsd_buffer_clear(buffer);
    take("u:1|h");
    buffer = statsd_table_swap(table);
    find(buffer, "u", &index);
    ck_assert_uint_eq(statsd_buffer_pairs(buffer, index, pairs), 1);
    ck_assert_uint_eq(pairs[0].increment, 1);
    statsd_table_free(table);
}
END_TEST

START_TEST(sets_count_different_members)
{
    struct statsd_buffer *buffer;

    make(SERIES);
    take("s:a|s\ns:b|s\ns:a|s\nother:a|s");
    buffer = statsd_table_swap(table);
    ck_assert_uint_eq(count(buffer, "s"), 2);
    ck_assert_uint_eq(count(buffer, "other"), 1);
    statsd_buffer_clear(buffer);
    take("s:a|s");
    ck_assert_uint_eq(count(statsd_table_swap(table), "s"), 1);
    statsd_table_free(table);
}
END_TEST

START_TEST(a_series_by_whatever_name)
{
    struct statsd_buffer *buffer;

    make(SERIES);
    take("a.b:1|c|#x:1,y:2\na_b:2|c|#y:2,x:1\na-b:4|c|#y:2,x:9,x:1\na.b:8|c|#x:1,y:3\na.b:16|c");
    buffer = statsd_table_swap(table);
    ck_assert_uint_eq(buffer->touched_count, 3);
    ck_assert_double_eq(value(buffer, "a_b"), 7);
    statsd_table_free(table);
}
END_TEST

START_TEST(origins_are_apart)
{
    struct statsd_source one = {.sender = 1, .origin = {"unit", "a.service"}};
    struct statsd_source other = {.sender = 2, .origin = {"unit", "b.service"}};
    struct statsd_buffer *buffer;
    struct label labels[2];
    uint32_t index;

    make(SERIES);
    one.origin_hash = statsd_table_origin(table, &one.origin);
    other.origin_hash = statsd_table_origin(table, &other.origin);
    for (size_t i = 0; i < 2; i++) {
        take_from(&one, "c:1|c|#x:1", 0);
        take_from(&other, "c:2|c|#x:1", 0);
        take("c:4|c|#x:1");
    }
    buffer = statsd_table_swap(table);
    ck_assert_uint_eq(buffer->touched_count, 3);
    ck_assert_double_eq(find(buffer, "c", &index)->value, 2);
    statsd_key_labels(statsd_table_definition(table, index)->text, 2, labels);
    ck_assert_str_eq(labels[0].key, "unit");
    ck_assert_str_eq(labels[0].value, "a.service");
    statsd_table_free(table);
}
END_TEST

static void expect_dropped(enum drop_reason reason, uint64_t wanted)
{
    for (enum drop_reason each = 0; each < DROP_REASONS; each++)
        ck_assert_msg(drops_count(&drops, each) == (each == reason ? wanted : 0), "%s: %llu",
                      drop_reason_name(each), (unsigned long long)drops_count(&drops, each));
}

START_TEST(a_series_is_what_it_first_was)
{
    make(SERIES);
    take("a:1|c");
    take("a:1|g\na:1|ms\na:1|s\na:2|c");
    expect_dropped(DROP_VALUE, 3);
    ck_assert_double_eq(value(statsd_table_swap(table), "a"), 3);
    /* Seconds and plain numbers are two things. */
    take("t:1|ms\nt:1|h\nt:1|d");
    expect_dropped(DROP_VALUE, 5);
    take("h:1|h\nh:1|c\nh:1|g\nh:1|s\nb:1|g\nb:1|d\nb:1|c\ns:1|s\ns:1|h\ns:1|c");
    expect_dropped(DROP_VALUE, 12);
    statsd_table_free(table);
}
END_TEST

START_TEST(names_of_timers_are_taken)
{
    make(SERIES);
    take("t:1|ms\nt_count:1|c\nt_sum:1|g\nt_count:1|c|#x:1\nt_other:1|c\n_sum:1|c\ncount:1|c");
    expect_dropped(DROP_VALUE, 2);
    take("u_sum:1|c\nu:1|h\nu:1|h|#x:1\nv:1|h\nv_count:1|h");
    expect_dropped(DROP_VALUE, 4);
    statsd_table_free(table);
}
END_TEST

START_TEST(what_is_wrong_is_counted)
{
    char many[8192] = "a:1|c|#";

    make(SERIES);
    take("a\nb:|c\nc:1|x");
    expect_dropped(DROP_MALFORMED, 3);
    statsd_table_free(table);
    make(SERIES);
    take("a:-1|ms\na:nan|g\nc:1e308:1e308|c\ng:1e308:+1e308|g");
    expect_dropped(DROP_VALUE, 4);
    ck_assert_double_eq(value(statsd_table_swap(table), "g"), 1e308);
    statsd_table_free(table);
    make(SERIES);
    for (size_t i = 0; i <= STATSD_TAGS_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "k%zu:1,", i);
    take(many);
    take(many);
    expect_dropped(DROP_TOO_LONG, 2);
    statsd_table_free(table);
}
END_TEST

START_TEST(series_are_limited)
{
    char line[32];

    make(10);
    for (int i = 0; i < 12; i++) {
        snprintf(line, sizeof line, "c%d:1|c", i);
        take(line);
    }
    expect_dropped(DROP_SERIES, 2);
    /* Those that are there go on. */
    take("c0:1|c\nc9:1|c\nc10:1|c");
    expect_dropped(DROP_SERIES, 3);
    ck_assert_uint_eq(statsd_table_swap(table)->touched_count, 10);
    statsd_table_free(table);

    make(10);
    take("t:1|ms\nu:1|ms\na:1|g\nb:1|g\nc:1|g\nd:1|g\ne:1|g");
    expect_dropped(DROP_SERIES, 2);
    statsd_table_free(table);
}
END_TEST

START_TEST(members_and_buckets_are_limited)
{
    struct statsd_buffer *buffer;
    char line[64];

    make(SERIES);
    for (int i = 0; i < STATSD_SET_MAX + 5; i++) {
        snprintf(line, sizeof line, "s:%d|s", i);
        take(line);
    }
    expect_dropped(DROP_TOO_LONG, 5);
    ck_assert_uint_eq(count(statsd_table_swap(table), "s"), STATSD_SET_MAX);
    statsd_table_free(table);

    make(SERIES);
    for (int i = 0; i < 2 * 15000; i++) {
        snprintf(line, sizeof line, "h%d:%.17g|h", i % 2, histogram_value((int16_t)(i / 2)));
        take(line);
    }
    buffer = statsd_table_swap(table);
    expect_dropped(DROP_TOO_LONG, 30000 - buffer->bucket_count);
    ck_assert_uint_le(buffer->bucket_count, 2 * STATSD_BUCKETS_MAX / STATSD_BUCKETS_SHARE);
    ck_assert_uint_eq(count(buffer, "h1"), 15000);
    statsd_buffer_clear(buffer);
    statsd_table_free(table);
}
END_TEST

/* --- ends --- */

static struct statsd_sender_set set(uint32_t sender)
{
    struct statsd_sender_set made = {{0}};

    made.words[sender / 64] |= UINT64_C(1) << sender % 64;
    return made;
}

static void sweep(const struct statsd_sender_set *living, const struct statsd_sender_set *unknown,
                  int64_t now_ms)
{
    statsd_table_lock(table);
    statsd_table_sweep(table, living, unknown, now_ms);
    statsd_table_unlock(table);
}

START_TEST(series_end_with_their_last_sender)
{
    const struct statsd_source one = {.sender = 1}, last = {.sender = STATSD_SENDERS_MAX - 1};
    const struct statsd_sender_set only_last = set(STATSD_SENDERS_MAX - 1);
    struct statsd_buffer *buffer;
    uint32_t index;

    make(SERIES);
    take_from(&one, "a:1|c\nboth:1|c", 0);
    take_from(&last, "both:1|c\nb:1|c", 0);
    sweep(&only_last, &none, 1);
    buffer = statsd_table_swap(table);
    /* Its value is told first. */
    ck_assert_uint_eq(buffer->ended_count, 0);
    find(buffer, "a", &index);
    statsd_buffer_clear(buffer);
    sweep(&only_last, &none, 2);
    buffer = statsd_table_swap(table);
    ck_assert_uint_eq(buffer->ended_count, 1);
    ck_assert_uint_eq(buffer->ended[0], index);
    statsd_buffer_clear(buffer);
    sweep(&none, &none, 2);
    buffer = statsd_table_swap(table);
    ck_assert_uint_eq(buffer->ended_count, 2);
    statsd_table_free(table);
}
END_TEST

START_TEST(silent_series_of_a_living_sender_stay)
{
    const struct statsd_sender_set living = set(3);

    make(SERIES);
    take("a:1|c");
    statsd_buffer_clear(statsd_table_swap(table));
    sweep(&living, &none, 500000);
    ck_assert_uint_eq(statsd_table_swap(table)->ended_count, 0);
    statsd_table_free(table);
}
END_TEST

START_TEST(series_of_unknown_senders_stay_a_while)
{
    const struct statsd_source nobody = {.sender = STATSD_NO_SENDER};
    const struct statsd_sender_set unknown = set(3);
    struct statsd_buffer *buffer;

    make(SERIES);
    take_from(&nobody, "a:1|c", 0);
    take("b:1|c");
    sweep(&none, &unknown, 1);
    statsd_buffer_clear(statsd_table_swap(table));
    sweep(&none, &none, STATSD_UNKNOWN_MS - 1);
    take_from(&nobody, "a:1|c", STATSD_UNKNOWN_MS - 1);
    buffer = statsd_table_swap(table);
    ck_assert_uint_eq(buffer->ended_count, 0);
    statsd_buffer_clear(buffer);
    sweep(&none, &none, STATSD_UNKNOWN_MS);
    ck_assert_uint_eq(statsd_table_swap(table)->ended_count, 1);
    statsd_table_free(table);
}
END_TEST

START_TEST(what_ended_may_begin_anew)
{
    struct statsd_buffer *buffer;

    make(8);
    for (int round = 0; round < 50; round++) {
        take("t:1|ms|#a:b\ng:+1|g\ng:+1|g|#x:y");
        statsd_buffer_clear(statsd_table_swap(table));
        sweep(&none, &none, round);
        take("g:+1|g");
        buffer = statsd_table_swap(table);
        ck_assert_uint_eq(buffer->ended_count, 3);
        statsd_buffer_clear(buffer);
        buffer = statsd_table_swap(table);
        ck_assert_uint_eq(buffer->ended_count, 0);
        take("g:+1|g");
        buffer = statsd_table_swap(table);
        ck_assert_double_eq(value(buffer, "g"), 2);
        statsd_buffer_clear(buffer);
        statsd_buffer_clear(statsd_table_swap(table));
    }
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 0);
    statsd_table_free(table);
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd_table", counters_and_gauges, timers_are_histograms,
                     sets_count_different_members, a_series_by_whatever_name, origins_are_apart,
                     a_series_is_what_it_first_was, names_of_timers_are_taken,
                     what_is_wrong_is_counted, series_are_limited, members_and_buckets_are_limited,
                     series_end_with_their_last_sender, silent_series_of_a_living_sender_stay,
                     series_of_unknown_senders_stay_a_while, what_ended_may_begin_anew);
}
