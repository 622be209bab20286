/*
 * Which of up to 256 points: those that have a value, those that changed. Encoded as the smallest
 * of a bitmap, a list, the places where it begins and ends, or a step at which it is regular.
 */
#ifndef TACHO_DAEMON_POINT_SET_H
#define TACHO_DAEMON_POINT_SET_H

#include "daemon/bytes.h"

#define POINT_SET_MAX_POINTS 256
#define POINT_SET_MAX_BYTES  (1 + POINT_SET_MAX_POINTS / 8)

struct point_set {
    uint64_t bits[POINT_SET_MAX_POINTS / 64]; /* none beyond the points that there are */
};

/* How many points are in it. */
size_t point_set_count(const struct point_set *set);

/* The bytes that point_set_encode makes. */
size_t point_set_size(const struct point_set *set, size_t points);

/* Where it ends; there is room for POINT_SET_MAX_BYTES. */
uint8_t *point_set_encode(const struct point_set *set, size_t points, uint8_t *out);

bool point_set_decode(struct bytes *in, size_t points, struct point_set *set);

/* The point's value where it is in the set: those of dense in turn, of which one more than
 * there are in it can be read. other elsewhere. */
void point_set_spread(const struct point_set *set, size_t points, const uint64_t *dense,
                      uint64_t other, uint64_t *values);

static inline bool point_set_has(const struct point_set *set, size_t point)
{
    return set->bits[point / 64] >> point % 64 & 1;
}

static inline void point_set_add(struct point_set *set, size_t point)
{
    set->bits[point / 64] |= UINT64_C(1) << point % 64;
}

#endif
