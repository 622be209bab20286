/*
 * Up to 256 integers of 64 bits as the smallest of: one for all, differences, distances from the
 * least, differences as distances from the least difference; each as bits, of all points or of
 * those alone where it is not 0. Arithmetic is modulo 2^64, so that every value comes back.
 */
#ifndef TACHO_DAEMON_INTEGERS_H
#define TACHO_DAEMON_INTEGERS_H

#include "daemon/bits.h"
#include "daemon/point_set.h"

/* How they are kept: the low bits of a column's first byte; the others are the column's own. */
enum integers_form {
    INTEGERS_CONSTANT,
    INTEGERS_DELTA,
    INTEGERS_FRAME,
    INTEGERS_DELTA_FRAME,
    INTEGERS_FORMS = 0x3,
    INTEGERS_SOME = 0x4,  /* only those that are not 0, behind the set of them */
    INTEGERS_SHIFT = 0x8, /* a byte tells of how many low bits, which are all alike */
    INTEGERS_BITS = 0xf,
};

#define INTEGERS_MAX_POINTS 256
/* Arrays of integers are larger than their points: what is unpacked and spread goes beyond them. */
#define INTEGERS_ROOM      (INTEGERS_MAX_POINTS + BITS_GROUP)
#define INTEGERS_MAX_BYTES (1 + 2 * VARINT_MAX + POINT_SET_MAX_BYTES + BITS_MAX_BYTES(256))

/* At least one. Where it ends; what is to be known of the form is added to *form. */
uint8_t *integers_encode(const uint64_t *values, size_t count, uint8_t *out, uint8_t *form);

/* values has INTEGERS_ROOM. A constant is values[0] alone. */
bool integers_decode(struct bytes *in, uint8_t form, size_t count, uint64_t *values);

#endif
