/*
 * One thread adds, one writes, two read: whatever they get has to be right. ThreadSanitizer has to
 * be silent too.
 */
#include <errno.h>
#include <pthread.h>

#include "tests/unit/past_bench.h"

#define LISTS 700

struct race {
    struct past_bench bench;
    _Atomic bool over;
    _Atomic size_t added, wrong, found;
};

static void *write_all(void *arg)
{
    struct race *race = arg;

    while (!race->over) {
        if (process_past_write(race->bench.past) < 0)
            race->wrong++;
    }
    return NULL;
}

static void *read_all(void *arg)
{
    struct race *race = arg;

    for (uint64_t i = 0; !race->over; i += 37) {
        const int64_t at_ms = SCENE_FIRST_MS + (int64_t)(i % (race->added + 1)) * 1000;
        struct process_list *list;
        int result = process_past_read(race->bench.past, at_ms, &list);
        const struct process_past_counts counts = process_past_count(race->bench.past);

        race->wrong += counts.damaged > 0 || (result < 0 && result != -ENODATA);
        if (result < 0)
            continue;
        race->wrong += list->time_ms < at_ms || list->time_ms > at_ms + 1000 || list->count != 12;
        race->found++;
        process_list_put(list);
    }
    return NULL;
}

START_TEST(who_adds_writes_and_reads_is_right)
{
    static struct race race;
    pthread_t threads[3];

    past_bench_make(&race.bench, true, 30000);
    ck_assert_int_eq(pthread_create(&threads[0], NULL, write_all, &race), 0);
    ck_assert_int_eq(pthread_create(&threads[1], NULL, read_all, &race), 0);
    ck_assert_int_eq(pthread_create(&threads[2], NULL, read_all, &race), 0);
    while (race.added < LISTS || (race.found < 200 && race.added < 1900)) {
        past_bench_add(&race.bench, 1000);
        race.added++;
    }
    race.over = true;
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(race.wrong, 0);
    ck_assert_int_eq(process_past_write(race.bench.past), 0);
    past_bench_remove(&race.bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_past_race", who_adds_writes_and_reads_is_right);
}
