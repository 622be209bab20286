/*
 * The past of the processes of a machine of 412 of them, of which 40 work: bytes a list, the time
 * to choose and to add one, and to read one back from a file, of another block than the one before
 * or near to it; the span of the default budget.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/process_past.h"
#include "daemon/process_top.h"
#include "tests/bench/process_scene.h"

#define PROCESSES     412
#define ACTIVE        40
#define LISTS         4096
#define READS         200
#define BUDGET_BYTES  16000000
#define BYTES_MAX     100
#define ADD_US_MAX    100
#define BIG_PROCESSES 2000

static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static double median_us(int64_t *times_ns, size_t count)
{
    qsort(times_ns, count, sizeof *times_ns, compare);
    return (double)times_ns[count / 2] / 1000;
}

static const char *judge(bool is_met)
{
    return is_met ? "ok" : "over";
}

static double choosing_us(void)
{
    static int64_t times_ns[READS];
    uint32_t out[PROCESS_ORDERS * PROCESS_PAST_TOP];
    struct scene scene;

    scene_init(&scene, BIG_PROCESSES, BIG_PROCESSES / 10, 1);
    for (size_t i = 0; i < READS; i++) {
        struct process_list *list = scene_next(&scene, 1000);
        const int64_t start_ns = clock_mono_ns();

        (void)process_top_union(list, PROCESS_PAST_TOP, out);
        times_ns[i] = clock_mono_ns() - start_ns;
        process_list_put(list);
    }
    scene_finish(&scene);
    return median_us(times_ns, READS);
}

/* Strides of lists from one that is read to the next. */
#define FAR  1049
#define NEAR 7

static double reading_us(struct process_past *past, const struct scene *scene, int64_t span_ms,
                         size_t stride)
{
    static int64_t times_ns[READS];
    struct process_list *list;

    for (size_t i = 0; i < READS; i++) {
        const int64_t at_ms = SCENE_FIRST_MS + (int64_t)(i * stride % LISTS + 1) * span_ms;
        const int64_t start_ns = clock_mono_ns();

        if (at_ms > scene->time_ms || process_past_read(past, at_ms, &list) < 0)
            errx(1, "a list is not there");
        times_ns[i] = clock_mono_ns() - start_ns;
        process_list_put(list);
    }
    return median_us(times_ns, READS);
}

static void measure(const struct data_folder *folder, int64_t span_ms, unsigned ends_one_in)
{
    static int64_t times_ns[LISTS], written_ns[LISTS];
    const struct process_past_options options = {
        .folder = folder, .epoch = "0123456789abcdef", .budget_bytes = BUDGET_BYTES};
    struct process_past *past;
    struct scene scene;
    double bytes, add_us;

    if (process_past_new(&options, &past) < 0)
        errx(1, "no past");
    scene_init(&scene, PROCESSES, ACTIVE, 2);
    scene.ends_one_in = ends_one_in;
    for (size_t i = 0; i < LISTS; i++) {
        struct process_list *list = scene_next(&scene, span_ms);
        const int64_t start_ns = clock_mono_ns();

        if (process_past_add(past, list) < 0)
            errx(1, "out of memory");
        times_ns[i] = clock_mono_ns() - start_ns;
        if (process_past_write(past) < 0)
            errx(1, "cannot write");
        written_ns[i] = clock_mono_ns() - start_ns - times_ns[i];
        process_list_put(list);
    }
    bytes = (double)process_past_count(past).used_bytes / LISTS;
    add_us = median_us(times_ns, LISTS);
    printf(
        "every %lld s, one ends in %u lists: %.1f bytes a list (budget %d: %s), added in %.1f us "
        "(budget %d: %s), written in %.1f us, read in %.0f us, near the last one in %.0f us; %d "
        "bytes are %.1f h\n",
        (long long)span_ms / 1000, ends_one_in, bytes, BYTES_MAX, judge(bytes <= BYTES_MAX), add_us,
        ADD_US_MAX, judge(add_us <= ADD_US_MAX), median_us(written_ns, LISTS),
        reading_us(past, &scene, span_ms, FAR), reading_us(past, &scene, span_ms, NEAR),
        BUDGET_BYTES, BUDGET_BYTES / bytes * (double)span_ms / 3600000);
    process_past_free(past);
    scene_finish(&scene);
}

static int remove_name(void *arg, const char *name)
{
    return data_folder_remove(arg, name);
}

/* A fresh directory for each, so that a past has only what is its own. */
static void measure_in_folder(int64_t span_ms, unsigned ends_one_in)
{
    char path[] = "/tmp/tacho-bench-XXXXXX";
    struct data_folder folder;

    if (mkdtemp(path) == NULL || data_folder_open(path, &folder) < 0)
        err(1, "%s", path);
    measure(&folder, span_ms, ends_one_in);
    if (data_folder_list(&folder, remove_name, &folder) < 0)
        warnx("%s is left behind", path);
    data_folder_close(&folder);
    rmdir(path);
}

int main(void)
{
    printf("choosing of %d processes: %.1f us\n", BIG_PROCESSES, choosing_us());
    measure_in_folder(1000, 0);
    measure_in_folder(5000, 0);
    measure_in_folder(1000, 10);
    return 0;
}
