/*
 * Values as Facebook's Gorilla keeps them (Pelkonen and others, VLDB 2015, section 4.1.2): to
 * compare with. Each is the XOR with the one before: a 0 bit for the same value; 10 and the
 * meaningful bits where the former's window holds them; else 11, five bits of leading zeros, six of
 * the length, and the bits.
 */
#ifndef TACHO_BENCH_GORILLA_H
#define TACHO_BENCH_GORILLA_H

#include <stddef.h>
#include <stdint.h>

/* So many bytes are enough for so many values. */
#define GORILLA_MAX_BYTES(count) ((count)*10 + 16)

/* The bytes that were written. */
size_t gorilla_encode(const uint64_t *words, size_t count, uint8_t *out);

/* Of bytes that gorilla_encode wrote, with eight more that can be read. */
void gorilla_decode(const uint8_t *bytes, size_t count, uint64_t *words);

#endif
