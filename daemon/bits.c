#include "daemon/bits.h"

/* Up to this width a number is within one unaligned load of 64 bits. */
#define ONE_LOAD 57
/* How far a load may begin or go beyond the bytes of a group. */
#define BEYOND 16

static inline unsigned width_of(const uint64_t *values, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++)
        all |= values[i];
    return all ? 64 - (unsigned)__builtin_clzll(all) : 0;
}

static inline size_t packed_size(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

size_t bits_size(const uint64_t *values, size_t count)
{
    size_t size = 0;

    for (; count >= BITS_GROUP; count -= BITS_GROUP, values += BITS_GROUP)
        size += 1 + packed_size(BITS_GROUP, width_of(values, BITS_GROUP));
    return count > 0 ? size + 1 + packed_size(count, width_of(values, count)) : size;
}

static uint8_t *pack_group(const uint64_t *values, size_t count, unsigned width, uint8_t *out)
{
    uint64_t held = 0;
    unsigned fill = 0;

    for (size_t i = 0; i < count; i++) {
        held |= values[i] << fill;
        fill += width;
        if (fill < 64)
            continue;
        store_u64(out, held);
        out += 8;
        fill -= 64;
        held = fill > 0 ? values[i] >> (width - fill) : 0;
    }
    for (; fill > 0; fill = fill > 8 ? fill - 8 : 0) {
        *out++ = (uint8_t)held;
        held >>= 8;
    }
    return out;
}

uint8_t *bits_pack(const uint64_t *values, size_t count, uint8_t *out)
{
    for (size_t done = 0; done < count; done += BITS_GROUP) {
        size_t group = count - done < BITS_GROUP ? count - done : BITS_GROUP;
        unsigned width = width_of(values + done, group);

        *out++ = (uint8_t)width;
        if (width > 0)
            out = pack_group(values + done, group, width, out);
    }
    return out;
}

/* A whole group; from has BEYOND bytes more than it needs. width is 1 to 64. */
static void unpack_group(const uint8_t *from, unsigned width, uint64_t *values)
{
    uint64_t mask = UINT64_MAX >> (64 - width);

    if (width <= ONE_LOAD) {
        for (unsigned i = 0; i < BITS_GROUP; i++) {
            unsigned bit = i * width;

            values[i] = load_u64(from + bit / 8) >> bit % 8 & mask;
        }
        return;
    }
    for (unsigned i = 0; i < BITS_GROUP; i++) {
        const uint8_t *at = from + i * width / 8;
        unsigned skip = i * width % 8;

        values[i] = (load_u64(at) >> skip | (uint64_t)at[8] << 1 << (63 - skip)) & mask;
    }
}

bool bits_unpack(struct bytes *in, size_t count, uint64_t *values)
{
    for (size_t done = 0; done < count; done += BITS_GROUP) {
        size_t group = count - done < BITS_GROUP ? count - done : BITS_GROUP, size;
        uint8_t width, copy[8 * BITS_GROUP + BEYOND];

        if (!bytes_read_u8(in, &width) || width > 64)
            return false;
        size = packed_size(group, width);
        if (size > bytes_left(in))
            return false;
        if (width == 0) {
            memset(values + done, 0, BITS_GROUP * sizeof *values);
        } else if (bytes_left(in) >= packed_size(BITS_GROUP, width) + BEYOND) {
            unpack_group(in->at, width, values + done);
        } else {
            memset(copy, 0, sizeof copy);
            memcpy(copy, in->at, size);
            unpack_group(copy, width, values + done);
        }
        in->at += size;
    }
    return true;
}
