/*
 * Bits in as little room as they were expected (binary arithmetic coding): one that nearly always
 * was the same takes a hundredth of a bit. What is expected is learned from the bits before it.
 *
 * The same calls write and read, so that both go the same way: a call gives the value that was
 * handed to it when it writes, and what is read, whatever was handed to it, when it reads. Any
 * bytes can be read; behind the end there are zeros.
 */
#ifndef TACHO_DAEMON_BIT_CODER_H
#define TACHO_DAEMON_BIT_CODER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/buffer.h"

struct bit_coder {
    struct buffer *out; /* NULL when it reads */
    const uint8_t *at, *end;
    uint32_t low, high; /* what is still possible of the next four bytes */
    uint32_t code;      /* those four when it reads */
};

/* What a bit is expected to be. All zero: nothing is known. */
struct bit_model {
    int16_t lean;  /* towards 1: the probability, in 1/65536, is this and a half */
    uint16_t seen; /* bits, up to some */
};

/* What a number is expected to be; small ones take few steps. */
#define NUMBER_MODELLED 16 /* bits of those whose upper bits are expected as well */
struct number_model {
    struct bit_model length[64];
    struct bit_model upper[NUMBER_MODELLED + 1][8];
};

struct bit_coder bit_coder_to(struct buffer *out);
struct bit_coder bit_coder_over(const uint8_t *data, size_t size);

bool code_bit(struct bit_coder *coder, struct bit_model *model, bool bit);

/* The lowest `bits` of the value; models has 1 << bits. */
uint32_t code_symbol(struct bit_coder *coder, struct bit_model *models, unsigned bits,
                     uint32_t value);

uint64_t code_number(struct bit_coder *coder, struct number_model *model, uint64_t value);

/* Writes what is left, but for zeros at the end. */
void bit_coder_end(struct bit_coder *coder);

#endif
