/*
 * What the history takes: bytes a sample, and nanoseconds to encode and to decode one, of the
 * recording of the fixtures in whole blocks of 256 ticks. Beside segments (all that is in the file:
 * header, times, directory) stand the same columns of doubles as they are, compressed by zstd at
 * level 1 a block at once, and by Gorilla's XOR, in turns. Medians are printed. segments RECORDING
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "daemon/clock.h"
#include "daemon/segment.h"
#include "tests/bench/gorilla.h"
#include "tests/bench/recording.h"

#define POINTS       SEGMENT_POINTS_MAX
#define ROUNDS       41
#define ZSTD_LEVEL   1
#define BYTES_BUDGET 0.35

/* The block that is at hand: columns of the series, one after the other. */
struct block {
    const struct recording *recording;
    uint32_t first; /* tick */
    uint64_t *words, *decoded;
};

struct codec {
    const char *name;
    /* The bytes; it keeps them for decode, which fills decoded. */
    size_t (*encode)(const struct block *block);
    void (*decode)(const struct block *block);
    size_t bytes;
    double encode_ns[ROUNDS], decode_ns[ROUNDS]; /* a sample */
};

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (!memory)
        errx(1, "out of memory");
    /* Its pages are there before it is measured. */
    memset(memory, 1, size);
    return memory;
}

static size_t series_of(const struct block *block)
{
    return block->recording->series_count;
}

static size_t plain_size(const struct block *block)
{
    return series_of(block) * POINTS * sizeof(uint64_t);
}

/* --- the codecs --- */

static uint8_t *encoded;
static size_t encoded_size;

static size_t copy_words(const struct block *block)
{
    memcpy(encoded, block->words, plain_size(block));
    return plain_size(block);
}

static void copy_back(const struct block *block)
{
    memcpy(block->decoded, encoded, plain_size(block));
}

static struct segment_writer *writer;
static struct buffer segment_bytes;

static size_t encode_segment(const struct block *block)
{
    int64_t seq[POINTS], time_ms[POINTS], flags[POINTS] = {0};
    const int64_t *mono_ns = block->recording->mono_ns + block->first;
    const int64_t *const heads[] = {seq, time_ms, mono_ns, flags};

    for (size_t i = 0; i < POINTS; i++) {
        seq[i] = (int64_t)(block->first + i + 1);
        time_ms[i] = 1764363600000 + mono_ns[i] / 1000000;
    }
    segment_bytes.size = 0;
    segment_begin(writer, SEGMENT_TICKS, POINTS, heads, 4, 1);
    for (size_t i = 0; i < series_of(block); i++) {
        const uint64_t *const fields[] = {block->words + i * POINTS};

        if (segment_add(writer, (uint32_t)i + 1, fields) < 0)
            errx(1, "out of memory");
    }
    if (segment_end(writer, &segment_bytes) < 0)
        errx(1, "out of memory");
    return segment_bytes.size;
}

static void decode_segment(const struct block *block)
{
    const struct segment_source source = {.data = (const uint8_t *)segment_bytes.data,
                                          .size = segment_bytes.size};
    struct segment segment;

    if (segment_open(&segment, &source) < 0)
        errx(1, "the segment does not open");
    for (size_t i = 0; i < series_of(block); i++) {
        if (segment_read(&segment, i, block->decoded + i * POINTS) < 0)
            errx(1, "series %zu of the segment is damaged", i);
    }
    segment_finish(&segment);
}

static size_t encode_zstd(const struct block *block)
{
    encoded_size = ZSTD_compress(encoded, ZSTD_compressBound(plain_size(block)), block->words,
                                 plain_size(block), ZSTD_LEVEL);
    if (ZSTD_isError(encoded_size))
        errx(1, "%s", ZSTD_getErrorName(encoded_size));
    return encoded_size;
}

static void decode_zstd(const struct block *block)
{
    size_t size = ZSTD_decompress(block->decoded, plain_size(block), encoded, encoded_size);

    if (size != plain_size(block))
        errx(1, "zstd did not give back what it was given");
}

static size_t gorilla_starts[1 << 17];

static size_t encode_gorilla(const struct block *block)
{
    size_t size = 0;

    for (size_t i = 0; i < series_of(block); i++) {
        gorilla_starts[i] = size;
        size += gorilla_encode(block->words + i * POINTS, POINTS, encoded + size);
    }
    return size;
}

static void decode_gorilla(const struct block *block)
{
    for (size_t i = 0; i < series_of(block); i++)
        gorilla_decode(encoded + gorilla_starts[i], POINTS, block->decoded + i * POINTS);
}

static struct codec codecs[] = {
    {.name = "doubles as they are", .encode = copy_words, .decode = copy_back},
    {.name = "segments", .encode = encode_segment, .decode = decode_segment},
    {.name = "zstd, level 1", .encode = encode_zstd, .decode = decode_zstd},
    {.name = "Gorilla's XOR", .encode = encode_gorilla, .decode = decode_gorilla},
};

#define CODECS (sizeof codecs / sizeof *codecs)

/* --- measuring --- */

static void take_block(struct block *block, uint32_t first)
{
    block->first = first;
    for (size_t i = 0; i < series_of(block); i++)
        memcpy(block->words + i * POINTS,
               block->recording->raw + i * block->recording->ticks + first,
               POINTS * sizeof(uint64_t));
}

static void measure(struct codec *codec, const struct block *block, size_t round, double samples)
{
    int64_t start_ns = clock_mono_ns(), between_ns;
    size_t size = codec->encode(block);

    between_ns = clock_mono_ns();
    codec->decode(block);
    codec->decode_ns[round] += (double)(clock_mono_ns() - between_ns) / samples;
    codec->encode_ns[round] += (double)(between_ns - start_ns) / samples;
    if (memcmp(block->words, block->decoded, plain_size(block)) != 0)
        errx(1, "%s: what was decoded is not what was encoded", codec->name);
    memset(block->decoded, 0, plain_size(block));
    if (round == 0)
        codec->bytes += size;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

static void report(struct codec *codec, double samples)
{
    double bytes = (double)codec->bytes / samples;

    printf("  %-20s %.4f bytes a sample, %.2f ns to encode, %.2f to decode", codec->name, bytes,
           median(codec->encode_ns), median(codec->decode_ns));
    if (codec->encode == encode_segment)
        printf(" (budget %.2f bytes: %s)", BYTES_BUDGET, bytes <= BYTES_BUDGET ? "ok" : "over");
    printf("\n");
}

static void measure_all(const struct recording *recording)
{
    uint32_t blocks = recording->ticks / POINTS;
    double samples = (double)blocks * POINTS * (double)recording->series_count;
    struct block block = {.recording = recording};

    block.words = allocate(plain_size(&block));
    block.decoded = allocate(plain_size(&block));
    encoded = allocate(GORILLA_MAX_BYTES(POINTS) * recording->series_count + (1 << 16));
    writer = segment_writer_new();
    if (!writer)
        errx(1, "out of memory");
    for (size_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < blocks; i++) {
            take_block(&block, i * POINTS);
            for (size_t k = 0; k < CODECS; k++)
                measure(&codecs[k], &block, round, samples);
        }
    }
    printf("%zu recorded series, %u blocks of %d ticks:\n", recording->series_count, blocks,
           POINTS);
    for (size_t k = 0; k < CODECS; k++)
        report(&codecs[k], samples);
    printf("  a day of 1,000 series, one a second: %.1f MB\n",
           (double)codecs[1].bytes / samples * 86400 * 1000 / 1e6);
    segment_writer_free(writer);
    buffer_finish(&segment_bytes);
    free(encoded);
    free(block.words);
    free(block.decoded);
}

int main(int argc, char **argv)
{
    struct recording recording;
    int result;

    if (argc != 2)
        errx(2, "usage: segments RECORDING");
    result = recording_read(argv[1], &recording);
    if (result < 0) {
        printf("skipped: %s: %s\n", argv[1], strerror(-result));
        return 0;
    }
    if (recording.ticks < POINTS) {
        printf("skipped: %s has no %d ticks\n", argv[1], POINTS);
        return 0;
    }
    measure_all(&recording);
    return 0;
}
