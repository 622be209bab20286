/*
 * Which of up to 256 points: those that have a value, those that changed. Encoded as the smallest
 * of a bitmap, a list, the places where it begins and ends, or a step at which it is regular.
 */
#ifndef TACHO_DAEMON_SELECTION_H
#define TACHO_DAEMON_SELECTION_H

#include "daemon/bytes.h"

#define SELECTION_MAX_POINTS 256
#define SELECTION_MAX_BYTES  (1 + SELECTION_MAX_POINTS / 8)

struct selection {
    uint64_t bits[SELECTION_MAX_POINTS / 64]; /* none beyond the points that there are */
};

/* How many points are in it. */
size_t selection_count(const struct selection *selection);

/* The bytes that selection_encode makes. */
size_t selection_size(const struct selection *selection, size_t points);

/* Where it ends; there is room for SELECTION_MAX_BYTES. */
uint8_t *selection_encode(const struct selection *selection, size_t points, uint8_t *out);

bool selection_decode(struct bytes *in, size_t points, struct selection *selection);

/* The point's value where it is in the selection: those of dense in turn, of which one more than
 * there are in it can be read. other elsewhere. */
void selection_spread(const struct selection *selection, size_t points, const uint64_t *dense,
                      uint64_t other, uint64_t *values);

static inline bool selection_has(const struct selection *selection, size_t point)
{
    return selection->bits[point / 64] >> point % 64 & 1;
}

static inline void selection_add(struct selection *selection, size_t point)
{
    selection->bits[point / 64] |= UINT64_C(1) << point % 64;
}

#endif
