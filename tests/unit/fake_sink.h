/*
 * A sink that remembers, for tests of collectors. Series are named as in an exposition, with the
 * labels in order of their keys: node_cpu_seconds_total{cpu="0",mode="user"}.
 */
#ifndef TACHO_TESTS_UNIT_FAKE_SINK_H
#define TACHO_TESTS_UNIT_FAKE_SINK_H

#include "collectors/collector.h"
#include "tests/unit/fake_runner.h"

#define FAKE_SLOTS 16384
/* CLOCK_REALTIME before the first tick: 2023-11-14T22:13:20Z. CLOCK_MONOTONIC is 0 then. */
#define FAKE_START_NS INT64_C(1700000000000000000)

struct fake_series {
    char *name;
    char *metric_name;
    char *unit;
    char *help;
    enum metric_kind kind;
    bool cumulative;
    double wraps_at, rate_max;
    unsigned flags;
    uint32_t interval_ms; /* of the sink when it was declared */
    bool live;            /* not released */
    bool sparse;
    struct histogram_pair *pairs; /* of a sparse one, its last value; its word is their number */
    size_t pair_count;
};

/* A slot is an index into series; it is never given out again, so that a stray write shows. */
struct fake_sink {
    struct sink sink;
    struct fake_series *series;
    void *words; /* the memory of sink.words */
    uint32_t count;
    uint32_t limit;  /* of slots: -ENOSPC beyond; FAKE_SLOTS unless the test lowers it */
    size_t declares; /* calls */
    size_t releases;
    struct fake_runner runner; /* of sink.tasks */
};

void fake_sink_init(struct fake_sink *fake);
void fake_sink_finish(struct fake_sink *fake);

/* A new tick, a second after the former on both clocks: every value is absent. */
void fake_sink_begin(struct fake_sink *fake);

/* The live series of this name, or NULL. */
const struct fake_series *fake_sink_find(const struct fake_sink *fake, const char *name);

/* Whether there is a live series of this name that has no value in this tick. */
bool fake_sink_is_absent(const struct fake_sink *fake, const char *name);

/* Its value in this tick. Fails the test when there is none. */
double fake_sink_value(const struct fake_sink *fake, const char *name);

/* Counts of live series, and of values in this tick; a value in a released slot fails the test. */
size_t fake_sink_live(const struct fake_sink *fake);
size_t fake_sink_values(const struct fake_sink *fake);

/*
 * Fails the test unless the exposition has each live series with its value, help and type, and no
 * other series of the metrics that these are of.
 */
void fake_sink_compare(const struct fake_sink *fake, const char *exposition);

/* As fake_sink_compare(), of the metrics' help and type alone. */
void fake_sink_compare_metrics(const struct fake_sink *fake, const char *exposition);

#endif
