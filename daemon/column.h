/*
 * The values of one series at up to 256 points as bytes, and back, bit for bit, whatever they are.
 * Decimal numbers are kept as integers where a division by a power of ten gives exactly them
 * again, others as the integers that their bits are; absent ones cost next to nothing. Pure; no
 * memory but the stack's.
 */
#ifndef TACHO_DAEMON_COLUMN_H
#define TACHO_DAEMON_COLUMN_H

#include "daemon/integers.h"
#include "daemon/scope.h"

#define COLUMN_MAX_POINTS INTEGERS_MAX_POINTS
/* The most that any column needs. */
#define COLUMN_MAX_BYTES (2 + 2 * POINT_SET_MAX_BYTES + INTEGERS_MAX_BYTES)

/*
 * The words of a row: doubles, SAMPLE_ABSENT and SAMPLE_GONE. out has COLUMN_MAX_BYTES; the answer
 * is how many of them were written, at least one.
 */
size_t column_encode(const uint64_t *words, size_t count, uint8_t *out);

/* How many bytes were read, or -EBADMSG: words is then undefined. Any bytes will do. */
int column_decode(const uint8_t *bytes, size_t size, size_t count, uint64_t *words) MUST_CHECK;

/* The same for whole numbers, of which none is absent. */
size_t column_encode_i64(const int64_t *values, size_t count, uint8_t *out);
int column_decode_i64(const uint8_t *bytes, size_t size, size_t count, int64_t *values) MUST_CHECK;

#endif
