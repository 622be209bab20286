/*
 * Numbers in as many bits as the largest of each group of sixteen needs: per group a byte that is
 * that width, then the bits, the first number's lowest first, filled up to a byte.
 */
#ifndef TACHO_DAEMON_BITS_H
#define TACHO_DAEMON_BITS_H

#include "daemon/bytes.h"

#define BITS_GROUP 16
/* An array of so many numbers in whole groups. */
#define BITS_ROOM(count) (((count) + BITS_GROUP - 1) / BITS_GROUP * BITS_GROUP)
/* The most bytes that so many numbers need. */
#define BITS_MAX_BYTES(count) (BITS_ROOM(count) / BITS_GROUP * (1 + 8 * BITS_GROUP))

/* The bytes that bits_pack makes. */
size_t bits_size(const uint64_t *values, size_t count);

/* Where it ends; there is room for what bits_size says. */
uint8_t *bits_pack(const uint64_t *values, size_t count, uint8_t *out);

/* values has BITS_ROOM(count): the rest of the last group is undefined. */
bool bits_unpack(struct bytes *in, size_t count, uint64_t *values);

#endif
