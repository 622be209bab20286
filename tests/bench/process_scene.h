/*
 * A machine of processes that never was: the lists of a scanner that looks at it each second, or
 * each `span` of seconds. Some sleep, some work a little, with jitter, growing memory and bursts of
 * writing; now and then one ends and another, with its pid or with a new one, begins.
 */
#ifndef TACHO_TESTS_BENCH_PROCESS_SCENE_H
#define TACHO_TESTS_BENCH_PROCESS_SCENE_H

#include "collectors/process_list.h"

#define SCENE_FIRST_MS INT64_C(1764363600000)

struct scene_process;

struct scene {
    size_t count, active;
    uint64_t random;
    uint64_t seq;
    int64_t time_ms;
    unsigned ends_one_in; /* lists; 0: nobody ends */
    struct scene_process *processes;
};

void scene_init(struct scene *scene, size_t count, size_t active, uint64_t seed);
void scene_finish(struct scene *scene);

/* Any 32 bits. */
uint32_t scene_random(struct scene *scene);

/* The next list, with one reference; rates are not known in one of no span. */
struct process_list *scene_next(struct scene *scene, int64_t span_ms);

#endif
