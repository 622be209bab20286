/* A track on a model, for the tests of what subscribers are sent. */
#ifndef TACHO_TESTS_UNIT_TRACK_BENCH_H
#define TACHO_TESTS_UNIT_TRACK_BENCH_H

#include "daemon/track.h"
#include "tests/unit/stream_client.h"

#define TRACK_BENCH_SERIES 128
#define EPOCH              "0123456789abcdef"

static const struct frame_context context = {.epoch = EPOCH, .interval_ms = MODEL_INTERVAL_MS};

/* A history, who follows it, and one track. */
struct track_bench {
    struct model model;
    struct follower follower;
    struct select *select;
    struct track track;
};

/* An empty ring, and one that follows it. */
void track_bench_make(struct track_bench *bench);

/* A track of the names that the glob matches, of every tick and of rates. */
void track_bench_select(struct track_bench *bench, const char *glob);

/* The same with this rule. */
void track_bench_select_rule(struct track_bench *bench, const char *glob,
                             const struct shown_rule *rule);
void track_bench_remove(struct track_bench *bench);

/* The follower goes to the newest tick in one step or in many; then it is encoded. */
void track_bench_encode(struct track_bench *bench);

/* A tick in which "a" has this value and "b" 7, followed. */
void track_bench_tick(struct track_bench *bench, double value);

/* Fails the test unless this is the frame, or holds the part. */
void expect_frame(const struct frame *frame, uint64_t seq, const char *wanted);
bool frame_holds(const struct frame *frame, const char *part);

#endif
