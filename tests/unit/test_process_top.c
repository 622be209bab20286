#include "daemon/process_top.h"

#include <math.h>
#include <stdlib.h>

#include "tests/bench/process_scene.h"
#include "tests/unit/support.h"

static const struct process_list *sorted_list;
static enum process_order sorted_by;

static double key_of(const struct process_entry *entry)
{
    const double read = entry->read_bytes_per_second, write = entry->write_bytes_per_second;

    if (sorted_by == PROCESS_BY_CPU)
        return isnan(entry->cpu_cores) ? -1 : entry->cpu_cores;
    if (sorted_by == PROCESS_BY_MEMORY)
        return (double)entry->rss_bytes;
    if (isnan(read) && isnan(write))
        return -1;
    return (isnan(read) ? 0 : read) + (isnan(write) ? 0 : write);
}

static int compare(const void *a, const void *b)
{
    const struct process_entry *left = &sorted_list->entries[*(const uint32_t *)a];
    const struct process_entry *right = &sorted_list->entries[*(const uint32_t *)b];
    const double one = key_of(left), other = key_of(right);

    if (one > other || one < other)
        return one > other ? -1 : 1;
    if (left->rss_bytes != right->rss_bytes)
        return left->rss_bytes > right->rss_bytes ? -1 : 1;
    return (left->pid > right->pid) - (left->pid < right->pid);
}

/* The plain way: all are sorted. */
static void sort_all(const struct process_list *list, enum process_order order, uint32_t *out)
{
    for (uint32_t i = 0; i < list->count; i++)
        out[i] = i;
    sorted_list = list;
    sorted_by = order;
    qsort(out, list->count, sizeof *out, compare);
}

static void make_unknown(struct scene *scene, struct process_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct process_entry *entry = &list->entries[i];

        entry->rss_bytes = scene_random(scene) % 50 * 4096;
        if (scene_random(scene) % 4 == 0)
            entry->cpu_cores = NAN;
        if (scene_random(scene) % 4 == 0)
            entry->read_bytes_per_second = NAN;
        if (scene_random(scene) % 4 == 0)
            entry->write_bytes_per_second = NAN;
    }
}

START_TEST(the_first_are_those_of_a_full_sort)
{
    static const size_t limits[] = {0, 1, 2, 19, 20, 299, 300, 301, 1000};
    uint32_t all[300], top[1000];
    struct scene scene;

    scene_init(&scene, 300, 200, 3);
    for (int round = 0; round < 20; round++) {
        struct process_list *list = scene_next(&scene, 1000);

        make_unknown(&scene, list);
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
            for (enum process_order order = 0; order < PROCESS_ORDERS; order++) {
                const size_t wanted = limits[i] < 300 ? limits[i] : 300;

                sort_all(list, order, all);
                ck_assert_uint_eq(process_top(list, order, limits[i], top), wanted);
                ck_assert_mem_eq(top, all, wanted * sizeof *top);
            }
        }
        process_list_put(list);
    }
    scene_finish(&scene);
}
END_TEST

START_TEST(the_union_has_each_once)
{
    uint32_t all[300], together[PROCESS_ORDERS * 20];
    struct process_list *list;
    struct scene scene;
    size_t count, expected = 0;
    bool is_in[300] = {false};

    scene_init(&scene, 300, 200, 4);
    list = scene_next(&scene, 1000);
    make_unknown(&scene, list);
    count = process_top_union(list, 20, together);
    for (enum process_order order = 0; order < PROCESS_ORDERS; order++) {
        sort_all(list, order, all);
        for (size_t i = 0; i < 20; i++)
            is_in[all[i]] = true;
    }
    for (uint32_t i = 0; i < 300; i++) {
        if (!is_in[i])
            continue;
        ck_assert_uint_lt(expected, count);
        ck_assert_uint_eq(together[expected++], i);
    }
    ck_assert_uint_eq(count, expected);
    process_list_put(list);
    scene_finish(&scene);
}
END_TEST

START_TEST(an_empty_list_has_none)
{
    struct process_list *list = process_list_new(0);
    uint32_t out[PROCESS_ORDERS];

    ck_assert_uint_eq(process_top(list, PROCESS_BY_IO, 1, out), 0);
    ck_assert_uint_eq(process_top_union(list, 1, out), 0);
    process_list_put(list);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_top", the_first_are_those_of_a_full_sort, the_union_has_each_once,
                     an_empty_list_has_none);
}
