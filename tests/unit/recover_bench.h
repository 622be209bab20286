/* A daemon without loops and threads, on a data directory: made, and ended as by kill -9. */
#ifndef TACHO_TESTS_UNIT_RECOVER_BENCH_H
#define TACHO_TESTS_UNIT_RECOVER_BENCH_H

#include "daemon/recover.h"
#include "tests/unit/data_bench.h"
#include "tests/unit/model.h"

/* It has two series, a and b_total{x="1"}, whose values are functions of the tick. */
struct run {
    struct model model;
    struct archive *archive;
    struct recovery recovery;
    struct recorder *recorder;
    uint32_t slots[2];
};

void run_start(struct run *run, const struct data_bench *bench);
void run_end(struct run *run);

/* What starts from now on is of another boot. */
void run_boot(void);

/* Makes and stores ticks up to this one. */
void run_until(struct run *run, uint64_t seq);

/* How many of the ticks up to last_seq segments have; each is right, and there once. */
size_t run_count_sealed(struct run *run, uint64_t last_seq);

/* What the first (0) or the second series has at a tick. */
double run_value(uint64_t seq, size_t which);

#endif
