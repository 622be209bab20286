/* A subscription on a model, for the tests of what subscribers are sent. */
#ifndef TACHO_TESTS_UNIT_SUBSCRIPTION_BENCH_H
#define TACHO_TESTS_UNIT_SUBSCRIPTION_BENCH_H

#include "daemon/subscription.h"
#include "tests/unit/stream_client.h"

#define SUBSCRIPTION_BENCH_SERIES 128
#define EPOCH                     "0123456789abcdef"

static const struct frame_context context = {.epoch = EPOCH, .interval_ms = MODEL_INTERVAL_MS};

/* A history, who follows it, and one subscription to it. */
struct subscription_bench {
    struct model model;
    struct follower follower;
    struct subscription *subscription;
};

/* An empty ring, and one that follows it. */
void subscription_bench_make(struct subscription_bench *bench);

/* A subscription to the names that the glob matches, in place of the former. */
void subscription_bench_subscribe(struct subscription_bench *bench, const char *glob);
void subscription_bench_remove(struct subscription_bench *bench);

/* The follower goes to the newest tick in one step or in many; then it is encoded. */
void subscription_bench_encode(struct subscription_bench *bench);

/* A tick in which "a" has this value and "b" 7, followed. */
void subscription_bench_tick(struct subscription_bench *bench, double value);

#endif
