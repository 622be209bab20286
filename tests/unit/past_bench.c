#include "tests/unit/past_bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/process_lists.h"

static struct process_past *open_past(const struct data_folder *folder, uint64_t budget_bytes)
{
    const struct process_past_options options = {
        .folder = folder, .epoch = DATA_BENCH_EPOCH, .budget_bytes = budget_bytes};
    struct process_past *past;

    ck_assert_int_eq(process_past_new(&options, &past), 0);
    return past;
}

void past_bench_make(struct past_bench *bench, bool has_folder, uint64_t budget_bytes)
{
    *bench = (struct past_bench){0};
    data_bench_make(&bench->data);
    scene_init(&bench->scene, 12, 6, 11);
    bench->past = open_past(has_folder ? &bench->data.data : NULL, budget_bytes);
}

void past_bench_remove(struct past_bench *bench)
{
    ck_assert_uint_eq(bench->refused, 0);
    process_past_free(bench->past);
    for (size_t i = 0; i < bench->count; i++)
        process_list_put(bench->lists[i]);
    scene_finish(&bench->scene);
    data_bench_remove(&bench->data);
}

void past_bench_restart(struct past_bench *bench, uint64_t budget_bytes)
{
    process_past_free(bench->past);
    bench->past = open_past(&bench->data.data, budget_bytes);
}

struct process_list *past_bench_add(struct past_bench *bench, int64_t span_ms)
{
    struct process_list *list = scene_next(&bench->scene, span_ms);

    list->time_ms = bench->scene.time_ms;
    bench->refused += process_past_add(bench->past, list) < 0;
    bench->lists[bench->count++] = list;
    return list;
}

void past_bench_fill(struct past_bench *bench, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        past_bench_add(bench, 1000);
        ck_assert_int_eq(process_past_write(bench->past), 0);
    }
}

/* Whether the past has that very list at the moment. */
bool past_bench_has(struct past_bench *bench, int64_t at_ms, const struct process_list *list)
{
    struct process_list *kept;
    bool is_it;

    if (process_past_read(bench->past, at_ms, &kept) != 0)
        return false;
    is_it = process_list_is_kept(list, kept);
    process_list_put(kept);
    return is_it;
}

int past_bench_read(struct past_bench *bench, int64_t at_ms)
{
    struct process_list *kept;
    int result = process_past_read(bench->past, at_ms, &kept);

    if (result == 0)
        process_list_put(kept);
    return result;
}

/* How many of every so many lists are found; what is found is right. */
size_t past_bench_count_some(struct past_bench *bench, size_t step)
{
    size_t found = 0;

    for (size_t i = 0; i < bench->count; i += step) {
        struct process_list *kept;
        int result = process_past_read(bench->past, bench->lists[i]->time_ms, &kept);

        ck_assert(result == 0 || result == -ENODATA);
        if (result < 0)
            continue;
        /* Behind the newest it is that one. */
        ck_assert_uint_ge(kept->seq, 1);
        ck_assert_uint_le(kept->seq, bench->count);
        ck_assert(process_list_is_kept(bench->lists[kept->seq - 1], kept));
        found += kept->seq == i + 1;
        process_list_put(kept);
    }
    return found;
}

size_t past_bench_count(struct past_bench *bench)
{
    return past_bench_count_some(bench, 1);
}

static int on_name(void *arg, const char *name)
{
    struct past_files *names = arg;

    if (process_file_parse_name(name, &names->items[names->count]))
        names->count++;
    else if (strncmp(name, "processes-", 10) == 0)
        names->aside++;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct process_file_name *left = a, *right = b;

    return (left->number > right->number) - (left->number < right->number);
}

struct past_files past_bench_files(const struct past_bench *bench)
{
    struct past_files names = {0};

    ck_assert_int_eq(data_folder_list(&bench->data.data, on_name, &names), 0);
    qsort(names.items, names.count, sizeof *names.items, compare);
    return names;
}
