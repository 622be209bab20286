/*
 * Little-endian numbers in bytes that are not trusted. A reader that finds less than it wants
 * says false, and where it stands is then undefined.
 */
#ifndef TACHO_DAEMON_BYTES_H
#define TACHO_DAEMON_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What is left to read. */
struct bytes {
    const uint8_t *at;
    const uint8_t *end;
};

/* A number of 64 bits in at most so many bytes: seven bits each, low ones first, the last has 8. */
#define VARINT_MAX 9

static inline size_t bytes_left(const struct bytes *in)
{
    return (size_t)(in->end - in->at);
}

static inline uint16_t load_u16(const uint8_t *from)
{
    uint16_t value;

    memcpy(&value, from, sizeof value);
    return le16toh(value);
}

static inline uint32_t load_u24(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16;
}

static inline uint32_t load_u32(const uint8_t *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof value);
    return le32toh(value);
}

static inline uint64_t load_u64(const uint8_t *from)
{
    uint64_t value;

    memcpy(&value, from, sizeof value);
    return le64toh(value);
}

static inline void store_u16(uint8_t *to, uint16_t value)
{
    value = htole16(value);
    memcpy(to, &value, sizeof value);
}

static inline void store_u24(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
}

static inline void store_u32(uint8_t *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof value);
}

static inline void store_u64(uint8_t *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof value);
}

/* Small for small numbers of either sign. */
static inline uint64_t zigzag(uint64_t value)
{
    return value << 1 ^ (0 - (value >> 63));
}

static inline uint64_t zigzag_back(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

static inline bool bytes_read_u8(struct bytes *in, uint8_t *value)
{
    if (in->at == in->end)
        return false;
    *value = *in->at++;
    return true;
}

static inline bool bytes_read_varint(struct bytes *in, uint64_t *value)
{
    uint64_t read = 0;

    for (unsigned i = 0; i < VARINT_MAX; i++) {
        uint8_t byte;

        if (!bytes_read_u8(in, &byte))
            return false;
        if (i == VARINT_MAX - 1 || byte < 0x80) {
            *value = read | (uint64_t)byte << 7 * i;
            return true;
        }
        read |= (uint64_t)(byte & 0x7f) << 7 * i;
    }
    return false;
}

/* Where it ends; there is room for VARINT_MAX bytes. */
static inline uint8_t *write_varint(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < VARINT_MAX - 1; i++) {
        if (value < 0x80)
            break;
        *out++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *out++ = (uint8_t)value;
    return out;
}

static inline size_t varint_size(uint64_t value)
{
    size_t size = 1;

    for (; value >= 0x80 && size < VARINT_MAX; size++)
        value >>= 7;
    return size;
}

#endif
