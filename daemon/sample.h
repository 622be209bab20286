/* Reading the words of a row; collector.h has the writing side. */
#ifndef TACHO_DAEMON_SAMPLE_H
#define TACHO_DAEMON_SAMPLE_H

#include "collectors/collector.h"

static inline bool sample_is_absent(uint64_t word)
{
    return word == SAMPLE_ABSENT || word == SAMPLE_GONE;
}

/* The double of a word that is not absent. */
static inline double sample_value(uint64_t word)
{
    double value;

    memcpy(&value, &word, sizeof value);
    return value;
}

#endif
