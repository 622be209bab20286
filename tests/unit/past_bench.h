/* A past of processes in a data directory, and what was given to it, to compare with. */
#ifndef TACHO_TESTS_UNIT_PAST_BENCH_H
#define TACHO_TESTS_UNIT_PAST_BENCH_H

#include "daemon/process_file.h"
#include "daemon/process_past.h"
#include "tests/bench/process_scene.h"
#include "tests/unit/data_bench.h"

#define PLENTY (100 << 20)

struct past_bench {
    struct data_bench data;
    struct process_past *past;
    struct scene scene;
    struct process_list *lists[2000];
    size_t count;
    size_t refused; /* lists; nothing is asserted where a file may not grow */
};

struct past_files {
    struct process_file_name items[64];
    size_t count;
    size_t aside;
};

/* Without a folder all is in memory. */
void past_bench_make(struct past_bench *bench, bool has_folder, uint64_t budget_bytes);
void past_bench_remove(struct past_bench *bench);

/* As after kill -9: what was not written is lost. */
void past_bench_restart(struct past_bench *bench, uint64_t budget_bytes);

/* Adds the machine's next list, which the bench has. */
struct process_list *past_bench_add(struct past_bench *bench, int64_t span_ms);

/* Adds so many of a second, and writes each. */
void past_bench_fill(struct past_bench *bench, size_t count);

/* Whether the past has that very list at the moment. */
bool past_bench_has(struct past_bench *bench, int64_t at_ms, const struct process_list *list);

/* What process_past_read() says. */
int past_bench_read(struct past_bench *bench, int64_t at_ms);

/* How many of all, or of every so many, lists are found; what is found is right. */
size_t past_bench_count(struct past_bench *bench);
size_t past_bench_count_some(struct past_bench *bench, size_t step);

/* By age. */
struct past_files past_bench_files(const struct past_bench *bench);

#endif
