/*
 * The recorded machine of the fixtures (README.md there has the format) as ticks of the stream: its
 * series, and what each of them shows at each tick. The recording does not tell kinds: a series
 * that never falls and grows in more than one tick is taken for cumulative and shows its rate.
 */
#ifndef TACHO_BENCH_RECORDING_H
#define TACHO_BENCH_RECORDING_H

#include "daemon/series.h"

struct recording {
    uint32_t ticks;
    size_t series_count;
    const struct series **series; /* by ascending id */
    int32_t *scales;              /* of each series: its values times this are integers */
    int64_t *mono_ns;             /* of each tick */
    uint64_t *raw;                /* words as they were read, a column of ticks for each series */
    uint64_t *shown;              /* words, a row of series_count for each tick */
};

/* By xz. 0, -errno of the file, -EBADMSG or -ENOMEM; what was read is never given back. */
int recording_read(const char *path, struct recording *out) MUST_CHECK;

static inline const uint64_t *recording_row(const struct recording *recording, uint32_t tick)
{
    return recording->shown + (size_t)tick * recording->series_count;
}

#endif
