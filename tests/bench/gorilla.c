#include "tests/bench/gorilla.h"

#include <stdbool.h>
#include <string.h>

#define LEADING_MAX 31

/* The first bit is the highest. */
struct bit_writer {
    uint8_t *out;
    uint64_t held;
    unsigned fill;
};

struct bit_reader {
    const uint8_t *bytes;
    size_t bit;
};

static void put(struct bit_writer *writer, uint64_t value, unsigned width)
{
    if (width > 32) {
        put(writer, value >> 32, width - 32);
        value &= UINT32_MAX;
        width = 32;
    }
    writer->held = writer->held << width | value;
    for (writer->fill += width; writer->fill >= 8; writer->fill -= 8)
        *writer->out++ = (uint8_t)(writer->held >> (writer->fill - 8));
}

static uint64_t get(struct bit_reader *reader, unsigned width)
{
    uint64_t bytes;

    if (width > 32) {
        uint64_t high = get(reader, width - 32);

        return high << 32 | get(reader, 32);
    }
    if (width == 0)
        return 0;
    memcpy(&bytes, reader->bytes + reader->bit / 8, sizeof bytes);
    bytes = __builtin_bswap64(bytes) << reader->bit % 8;
    reader->bit += width;
    return bytes >> (64 - width);
}

size_t gorilla_encode(const uint64_t *words, size_t count, uint8_t *out)
{
    struct bit_writer writer = {.out = out};
    unsigned leading = 0, trailing = 0;
    bool has_window = false;

    put(&writer, words[0], 64);
    for (size_t i = 1; i < count; i++) {
        uint64_t change = words[i] ^ words[i - 1];
        unsigned zeros, length;

        if (change == 0) {
            put(&writer, 0, 1);
            continue;
        }
        zeros = (unsigned)__builtin_clzll(change);
        if (zeros > LEADING_MAX)
            zeros = LEADING_MAX;
        if (has_window && zeros >= leading && (unsigned)__builtin_ctzll(change) >= trailing) {
            put(&writer, 2, 2);
            put(&writer, change >> trailing, 64 - leading - trailing);
            continue;
        }
        leading = zeros;
        trailing = (unsigned)__builtin_ctzll(change);
        has_window = true;
        length = 64 - leading - trailing;
        put(&writer, 3, 2);
        put(&writer, leading, 5);
        put(&writer, length - 1, 6);
        put(&writer, change >> trailing, length);
    }
    if (writer.fill > 0)
        put(&writer, 0, 8 - writer.fill);
    return (size_t)(writer.out - out);
}

void gorilla_decode(const uint8_t *bytes, size_t count, uint64_t *words)
{
    struct bit_reader reader = {bytes, 0};
    unsigned leading = 0, length = 64;

    words[0] = get(&reader, 64);
    for (size_t i = 1; i < count; i++) {
        words[i] = words[i - 1];
        if (get(&reader, 1) == 0)
            continue;
        if (get(&reader, 1) == 1) {
            leading = (unsigned)get(&reader, 5);
            length = (unsigned)get(&reader, 6) + 1;
        }
        words[i] ^= get(&reader, length) << (64 - leading - length);
    }
}
