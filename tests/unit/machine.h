/*
 * A collector on a machine of text files: a folder with proc/ and sys/, and a sink that remembers.
 */
#ifndef TACHO_TESTS_UNIT_MACHINE_H
#define TACHO_TESTS_UNIT_MACHINE_H

#include "collectors/collector.h"
#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

struct machine {
    struct folder folder; /* what it is made of: folder_write() changes it */
    struct fake_sink sink;
    const struct collector *collector;
    const struct chooser *chooser; /* of the collector's roots; NULL unless the test sets it */
    void *state;                   /* NULL until machine_open() */
};

/* Ticks are a second apart, and the series' interval is the collector's. */
void machine_make(struct machine *machine, const struct collector *collector);

/* The collector's open() on this machine. */
int machine_open(struct machine *machine);

/* A new tick, with the collector's sample() in it. */
int machine_tick(struct machine *machine);

/* As machine_tick(), failing the test unless it succeeds. */
void machine_expect_tick(struct machine *machine);

/* As machine_tick(), failing the test unless it fails so; what it wrote all the same is to be seen.
 */
void machine_expect_part(struct machine *machine, int wanted);

/* As machine_tick(), failing the test unless it fails so and writes nothing. */
void machine_expect_error(struct machine *machine, int wanted);

/*
 * Of a survey (collectors/survey.h): ticks until it asks, and one more, which takes the answers and
 * gives what is wanted.
 */
void machine_expect_round(struct machine *machine, int wanted);

/* Closes the collector and removes the machine. */
void machine_remove(struct machine *machine);

/*
 * Samples the fixture machine (see fixtures_folder()) and compares what came out, which must be
 * `series` many, with node_exporter's exposition.
 */
void machine_compare_fixture(const struct collector *collector, size_t series);

/* The same of what the chooser takes. */
void machine_compare_chosen(const struct collector *collector, const struct chooser *chooser,
                            size_t series);

#endif
