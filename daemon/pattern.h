/*
 * A regular expression of a selector, written by a stranger: PCRE2, anchored at both ends, without
 * what could look around, call back, change PCRE2's own settings or recurse. What it may cost is
 * bounded: its size, the steps of one value, and the time of one request.
 *
 * PCRE2 counts its steps but does not tell them, and a step costs from 10 ns to 2 µs as the
 * expression has it. So the steps of one value are bounded by PCRE2, and all values together by the
 * CPU time that the thread spends. That is looked at after every eighth match and, once two thirds
 * of it are gone, after each; after 16,384 steps where the terms are cheap. So the time may be
 * exceeded, by a few matches of up to 2 ms.
 */
#ifndef TACHO_DAEMON_PATTERN_H
#define TACHO_DAEMON_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/problem.h"
#include "daemon/scope.h"

#define PATTERN_MAX_BYTES 512
/* Calls of PCRE2's match() a value. */
#define PATTERN_MAX_STEPS 1000
/* 10,000 series and an expression like .*total.* take 8 ms. */
#define PATTERN_MAX_MS 30

struct pattern;

/* Comparisons of bytes, about a nanosecond each, between two looks at the thread's time. */
#define PATTERN_LOOK_STEPS 16384

/* What the matches of one request, or of all streams in one tick, have cost. */
struct pattern_meter {
    int64_t end_ns;                  /* of the thread's CPU time */
    int64_t left_ns;                 /* when it was last paused or looked at */
    size_t steps;                    /* since then */
    bool refused;                    /* a limit was met */
    bool out_of_time;                /* that of all together, not a value's */
    const struct pattern *expensive; /* the one that met a value's limit */
    const char *parameter;           /* constant: of the term that met the limit */
};

/* Begins with all of PATTERN_MAX_MS. */
struct pattern_meter pattern_meter_start(void);

/* What the thread does between the two does not count. */
void pattern_meter_pause(struct pattern_meter *meter);
void pattern_meter_continue(struct pattern_meter *meter);

/* Looks at the thread's time; false if none is left. */
bool pattern_meter_look(struct pattern_meter *meter, const char *parameter);

/* Notes what a term of this parameter (constant) cost; false once a limit is met. */
static inline bool pattern_meter_spend(struct pattern_meter *meter, size_t steps,
                                       const char *parameter)
{
    meter->steps += steps;
    if (meter->refused)
        return false;
    return meter->steps < PATTERN_LOOK_STEPS || pattern_meter_look(meter, parameter);
}

/* -EINVAL with the problem filled if a limit was met, 0 otherwise. */
int pattern_meter_check(const struct pattern_meter *meter, struct problem *problem) MUST_CHECK;

/*
 * Looks for what is not allowed. Pure; it knows PCRE2's syntax as far as that takes, and so what
 * passes may still be no regular expression. 0, or -EINVAL with the problem filled.
 */
int pattern_scan(const char *text, struct problem *problem) MUST_CHECK;

/* Scans and compiles. 0, or -EINVAL with the problem filled. */
int pattern_new(const char *text, struct pattern **out, struct problem *problem) MUST_CHECK;
void pattern_free(struct pattern *pattern); /* NULL is a no-op */

/*
 * True if the whole value matches, each byte that is not UTF-8 as the U+FFFD that it is shown as.
 * Once a limit is met, this is false for every value until the meter is started anew. One thread at
 * a time.
 */
bool pattern_matches(const struct pattern *pattern, const char *value, struct pattern_meter *meter);

#endif
