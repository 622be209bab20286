/*
 * The ingest thread and the tick at full speed on one table: nothing is lost, nothing is counted
 * twice, whatever ends meanwhile. ThreadSanitizer has to be silent too.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/datagrams.h"
#include "daemon/statsd_table.h"
#include "tests/unit/support.h"

#define PACKETS    20000
#define SERIES     40
#define SWEEP_EACH 500

struct race {
    struct drops drops;
    struct statsd_table *table;
    _Atomic bool over;
    double counted, timed;
};

static void *write_all(void *arg)
{
    struct race *race = arg;
    const struct statsd_source source = {.sender = 1};
    const struct statsd_sender_set none = {{0}};
    char packet[256];

    for (int i = 0; i < PACKETS; i++) {
        const int length = snprintf(packet, sizeof packet, "c%d:1|c\nt%d:%d|h\ns:%d|s", i % SERIES,
                                    i % 7, i % 100, i);

        statsd_table_lock(race->table);
        if (i % SWEEP_EACH == SWEEP_EACH - 1)
            statsd_table_sweep(race->table, &none, &none, i);
        statsd_table_take(race->table, &source, packet, (size_t)length, i);
        statsd_table_unlock(race->table);
    }
    atomic_store(&race->over, true);
    return NULL;
}

/* As the rows are made, but that what ended is counted too. */
static void take_buffer(struct race *race)
{
    static struct histogram_pair pairs[STATSD_BUCKETS_MAX];
    struct statsd_buffer *buffer = statsd_table_swap(race->table);

    for (size_t i = 0; i < buffer->touched_count; i++) {
        const uint32_t index = buffer->touched[i];
        const struct statsd_definition *definition = statsd_table_definition(race->table, index);
        const size_t count = statsd_buffer_pairs(buffer, index, pairs);

        if (definition->type == STATSD_COUNTER) {
            ck_assert_int_eq(definition->text[0], 'c');
            race->counted += buffer->cells[index].value;
        }
        for (size_t pair = 0; pair < count; pair++)
            race->timed += pairs[pair].increment;
    }
    statsd_buffer_clear(buffer);
}

START_TEST(nothing_is_lost)
{
    struct race race = {.drops.source = "statsd"};
    pthread_t writer;

    ck_assert_int_eq(statsd_table_new(1000, &race.drops, &race.table), 0);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_all, &race), 0);
    while (!atomic_load(&race.over))
        take_buffer(&race);
    pthread_join(writer, NULL);
    take_buffer(&race);
    take_buffer(&race);
    ck_assert_double_eq(race.counted, PACKETS);
    ck_assert_double_eq(race.timed, PACKETS);
    for (enum drop_reason reason = 0; reason < DROP_REASONS; reason++)
        ck_assert_uint_eq(drops_count(&race.drops, reason), 0);
    statsd_table_free(race.table);
}
END_TEST

/* A batch that does not end: 30,000 values in each packet. */
static void *write_without_end(void *arg)
{
    struct race *race = arg;
    const struct statsd_source source = {.sender = 1};
    static char packet[DATAGRAM_MAX];
    size_t size = 0;

    while (size + STATSD_LINE_MAX < sizeof packet) {
        packet[size++] = 'c';
        for (int i = 0; i < 4000; i++) {
            packet[size++] = ':';
            packet[size++] = '1';
        }
        size += (size_t)snprintf(packet + size, sizeof packet - size, "|c\n");
    }
    statsd_table_lock(race->table);
    for (int i = 0; i < PACKETS && !atomic_load(&race->over); i++)
        statsd_table_take(race->table, &source, packet, size, i);
    statsd_table_unlock(race->table);
    return NULL;
}

START_TEST(a_tick_comes_between_values)
{
    struct race race = {.drops.source = "statsd"};
    uint64_t values = 0;
    pthread_t writer;

    ck_assert_int_eq(statsd_table_new(1000, &race.drops, &race.table), 0);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_without_end, &race), 0);
    for (int ticks = 0; ticks < 5;) {
        struct statsd_buffer *buffer = statsd_table_swap(race.table);

        ticks += buffer->values > 0;
        values += buffer->values;
        statsd_buffer_clear(buffer);
    }
    atomic_store(&race.over, true);
    pthread_join(writer, NULL);
    /* It was not waited for. */
    ck_assert_uint_lt(values, UINT64_C(28000) * PACKETS);
    statsd_table_free(race.table);
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd_race", nothing_is_lost, a_tick_comes_between_values);
}
