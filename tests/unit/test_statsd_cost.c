/*
 * What StatsD's worst packets cost, beside others of the same size: whoever sends them must not be
 * able to make the tick wait.
 */
#include <stdio.h>
#include <time.h>

#include "daemon/datagrams.h"
#include "daemon/hash.h"
#include "daemon/statsd_rows.h"
#include "daemon/statsd_table.h"
#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static struct drops drops;
static struct statsd_table *table;

static void make(uint32_t max_series)
{
    drops = (struct drops){.source = "statsd"};
    ck_assert_int_eq(statsd_table_new(max_series, &drops, &table), 0);
}

static void take(const char *packet, size_t size)
{
    const struct statsd_source source = {.sender = 3};

    statsd_table_lock(table);
    statsd_table_take(table, &source, packet, size, 0);
    statsd_table_unlock(table);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* How long a packet of 17,500 values in seven lines takes, which have so many bytes of tags. */
static double cost_of(char name, int tag_bytes)
{
    static char packet[DATAGRAM_MAX];
    size_t size = 0;
    double begin;

    for (int line = 0; line < 7; line++) {
        packet[size++] = name;
        for (int i = 0; i < 2500; i++) {
            packet[size++] = ':';
            packet[size++] = '1';
        }
        size += (size_t)snprintf(packet + size, sizeof packet - size, "|c|#");
        for (int tag = 0; tag < tag_bytes; tag += 1000)
            size += (size_t)snprintf(packet + size, sizeof packet - size, "tag%d:%0990d,", tag, 1);
        packet[size++] = '\n';
    }
    begin = now_s();
    take(packet, size);
    return now_s() - begin;
}

/* The best of many, as the machine has other things to do. */
static double least_cost(char name, int tag_bytes)
{
    double least = cost_of(name, tag_bytes);

    for (int i = 0; i < 10; i++) {
        const double cost = cost_of(name, tag_bytes);

        least = cost < least ? cost : least;
    }
    return least;
}

START_TEST(tags_are_read_once_a_line)
{
    double plain, tagged;

    make(1);
    plain = least_cost('a', 0);
    statsd_table_free(table);
    make(1);
    tagged = least_cost('a', 2000);
    ck_assert_double_lt(tagged, 10 * plain);
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 0);
    /* Those that are refused are, too, and each value is counted. */
    tagged = least_cost('b', 2000);
    ck_assert_double_lt(tagged, 10 * plain);
    ck_assert_uint_eq(drops_count(&drops, DROP_SERIES), 11 * 7 * 2500);
    statsd_table_free(table);
}
END_TEST

#define CHOSEN 6000

static struct statsd_bucket chosen[CHOSEN];

/* Buckets of the first series, so many of each or those that a known hash puts close together. */
static void choose(bool close)
{
    size_t count = 0;

    for (uint32_t series = 0; count < CHOSEN; series++) {
        for (int bucket = 0; bucket < (close ? INT16_MAX : 30) && count < CHOSEN; bucket++) {
            const uint64_t key = (uint64_t)series << 16 | (uint64_t)bucket;

            if (!close || (key * HASH_ODD >> 32) % (1 << 15) < 30)
                chosen[count++] =
                    (struct statsd_bucket){.series = series, .bucket = (int16_t)bucket};
        }
    }
}

/* What it takes to fill them and to forget them. */
static double bucket_cost(struct statsd_buffer *buffer)
{
    double least = 1e9;

    for (int round = 0; round < 10; round++) {
        const double begin = now_s();
        double cost;

        for (size_t i = 0; i < CHOSEN; i++) {
            statsd_buffer_touch(buffer, chosen[i].series);
            ck_assert(statsd_buffer_add(buffer, chosen[i].series, chosen[i].bucket, 1));
        }
        ck_assert_uint_eq(buffer->bucket_count, CHOSEN);
        statsd_buffer_clear(buffer);
        cost = now_s() - begin;
        least = cost < least ? cost : least;
    }
    return least;
}

START_TEST(nobody_can_choose_buckets_that_meet)
{
    struct statsd_buffer buffer;
    double plain;

    ck_assert_int_eq(statsd_buffer_init(&buffer, 1000, UINT64_C(0x3b1f0c55d1e2a497)), 0);
    choose(false);
    plain = bucket_cost(&buffer);
    choose(true);
    ck_assert_double_lt(bucket_cost(&buffer), 10 * plain);
    statsd_buffer_finish(&buffer);
}
END_TEST

/* How long a tick takes in which 100 timers had these two values. */
static double tick_cost(const char *values)
{
    struct series_quota quota = {.max = 1000};
    struct bucket_board *buckets;
    struct statsd_rows *rows;
    struct fake_sink fake;
    double least = 1e9;

    make(1000);
    fake_sink_init(&fake);
    ck_assert_int_eq(bucket_board_new(FAKE_SLOTS, &buckets), 0);
    ck_assert_int_eq(statsd_rows_new(table, &drops, &quota, buckets, &rows), 0);
    for (int round = 0; round < 10; round++) {
        char line[64];
        double begin, cost;

        for (int i = 0; i < 100; i++) {
            snprintf(line, sizeof line, "t%d:%s|h", i, values);
            take(line, strlen(line));
        }
        fake_sink_begin(&fake);
        begin = now_s();
        statsd_rows_sample(rows, &fake.sink);
        cost = now_s() - begin;
        least = cost < least ? cost : least;
    }
    statsd_rows_free(rows);
    bucket_board_free(buckets);
    statsd_table_free(table);
    fake_sink_finish(&fake);
    return least;
}

START_TEST(values_may_be_far_apart)
{
    ck_assert_double_lt(tick_cost("1e-270:1e270"), 10 * tick_cost("1:1.1"));
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd_cost", tags_are_read_once_a_line, nobody_can_choose_buckets_that_meet,
                     values_may_be_far_apart);
}
