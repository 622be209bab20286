/*
 * A random history, kept in three ways: as plain arrays, in the head, and sealed in an archive with
 * its minutes. What readers make of the latter two is compared with what the arrays say.
 */
#ifndef TACHO_TESTS_UNIT_CHRONICLE_H
#define TACHO_TESTS_UNIT_CHRONICLE_H

#include "daemon/archive.h"
#include "daemon/minutes.h"
#include "tests/unit/model.h"

#define CHRONICLE_MAX_TICKS  8192
#define CHRONICLE_MAX_CHUNKS 8
#define CHRONICLE_MAX_PAIRS  6

enum chronicle_series {
    STEADY_GAUGE,
    ODD_GAUGE, /* absent, not a number, infinite, gone at times */
    STEADY_TOTAL,
    ODD_TOTAL, /* absent, gone, reset at times */
    FRACTION_TOTAL,
    SLOW_TOTAL, /* of ten seconds, as the next */
    SLOW_GAUGE,
    CHRONICLE_NUMBERS,
    STEADY_TIMER = CHRONICLE_NUMBERS, /* the first of the histograms */
    ODD_TIMER,                        /* absent, empty, gone at times; with buckets far out */
    CHRONICLE_SERIES,
    CHRONICLE_HISTOGRAMS = CHRONICLE_SERIES - CHRONICLE_NUMBERS,
};

struct chronicle_histogram {
    uint32_t count; /* SEGMENT_NO_PAIRS: there is none */
    struct histogram_pair pairs[CHRONICLE_MAX_PAIRS];
};

struct chronicle {
    struct model model;
    struct archive *archive;
    struct segment_writer *writer;
    struct minutes_baselines baselines;
    uint64_t random;
    bool eventful; /* restarts, suspends and clocks that are set */
    const struct series *series[CHRONICLE_SERIES];
    uint32_t slots[CHRONICLE_SERIES];
    double totals[CHRONICLE_NUMBERS];
    size_t count;
    struct tick ticks[CHRONICLE_MAX_TICKS];
    uint64_t words[CHRONICLE_NUMBERS][CHRONICLE_MAX_TICKS];
    struct chronicle_histogram histograms[CHRONICLE_HISTOGRAMS][CHRONICLE_MAX_TICKS];
    bool lost[CHRONICLE_MAX_TICKS];     /* never sealed, and no more in the head */
    size_t groups[CHRONICLE_MAX_TICKS]; /* which segment of minutes has it; 0: none */
    size_t sealed;                      /* so many ticks were looked at for sealing */
    size_t merge_every;                 /* chunks of minutes are merged by so many; 0: never */
    struct buffer chunks[CHRONICLE_MAX_CHUNKS];
    size_t chunk_count;
    size_t group;
};

void chronicle_make(struct chronicle *chronicle, uint64_t seed, bool eventful, size_t merge_every);
void chronicle_remove(struct chronicle *chronicle);

/* Goes on for so many ticks; blocks that are full are sealed, but for one in lose_one_in (0: all).
 */
void chronicle_go_on(struct chronicle *chronicle, size_t ticks, unsigned lose_one_in);

/* A segment of the ticks begin..end-1. */
void chronicle_encode(struct chronicle *chronicle, size_t begin, size_t end, struct buffer *out);

/* Opens what a buffer holds, which stays as it is until the segment is finished. */
void open_segment(const struct buffer *buffer, struct segment *out);

void describe_segment(const struct segment *segment, struct archive_entry *what);

/* Drops the segments of ticks that begin before this one, with which one begins. */
void chronicle_drop(struct chronicle *chronicle, uint64_t first_seq);

/* Looks up the chronicle's series: {chronicle_find, chronicle}. */
bool chronicle_find(void *chronicle, uint32_t id, struct minutes_rule *out);

/* What a series, of numbers or of histograms, has next. */
uint64_t chronicle_word(struct chronicle *chronicle, enum chronicle_series series, uint64_t seq);
void chronicle_histogram(struct chronicle *chronicle, bool odd, struct chronicle_histogram *out);

/* Below n. */
uint64_t chronicle_random(struct chronicle *chronicle, uint64_t n);

#endif
