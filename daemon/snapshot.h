/* The present of some series: what /v1/now and --once print. */
#ifndef TACHO_DAEMON_SNAPSHOT_H
#define TACHO_DAEMON_SNAPSHOT_H

#include "daemon/encode_json.h"
#include "daemon/present.h"
#include "daemon/snapshot_texts.h"

/* Words; SAMPLE_ABSENT where there is none. */
struct reading {
    uint64_t value;
    uint64_t rate; /* per second; absent where the series is not cumulative */
};

struct snapshot {
    const char *epoch;
    uint64_t seq;
    int64_t time_ms;
    const struct series *const *series; /* not owned */
    size_t count;
    struct reading *readings; /* one a series */
    /* NULL, or of just these series by the same indices: the answer is the same and sooner made. */
    const struct snapshot_texts *texts;
    bool averaged; /* over a span: gauges are computed as rates are */
};

/* 0 with the snapshot to be finished, or -ENOMEM with an empty one. */
int snapshot_take(const char *epoch, const struct present *present,
                  const struct series *const *series, size_t count,
                  struct snapshot *out) MUST_CHECK;
void snapshot_finish(struct snapshot *snapshot);

/* The digits that the value at this index is shown with; digits: of what is computed. */
enum json_digits snapshot_digits(const struct snapshot *snapshot, size_t index,
                                 enum json_digits digits);

/*
 * {"epoch","seq","time_ms","series":[{"id","name","labels","kind","value","rate"}]}; rate only
 * where the series is cumulative. digits: of what is computed.
 */
void snapshot_encode(struct buffer *out, const struct snapshot *snapshot, enum json_digits digits);

/* A line a series: {"time_ms","seq","id","name","labels","kind","value","rate"}. */
void snapshot_encode_lines(struct buffer *out, const struct snapshot *snapshot,
                           enum json_digits digits);

#endif
