/*
 * What a tick's frame costs: to encode 1,000 changed series beside glibc's printing of the same
 * numbers with six digits, in turns; then, with the recording of the fixtures, its bytes, plain and
 * deflated alone at several levels, and what that costs. Medians are printed. frames RECORDING
 */
#define ZLIB_CONST
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "daemon/frame.h"
#include "tests/bench/recording.h"

#define SERIES 1000
#define ROUNDS 2000
/* 60 us on a machine where glibc takes 171. */
#define ENCODE_OF_GLIBC  0.35
#define RATIO_MIN        2.2
#define MICROSECONDS(ns) ((double)(ns) / 1000)

static const struct frame_context context = {.epoch = "0123456789abcdef", .interval_ms = 1000};

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static double median_us(int64_t *times_ns, size_t count)
{
    qsort(times_ns, count, sizeof *times_ns, compare);
    return MICROSECONDS(times_ns[count / 2]);
}

static const char *judge(bool is_met)
{
    return is_met ? "ok" : "over";
}

/* --- the encoder --- */

static struct frame *encode(const struct series *const *series, const uint64_t *words,
                            const bool *changed, size_t count, uint64_t seq)
{
    const struct tick tick = {.seq = seq, .time_ms = 1764363600000 + (int64_t)seq * 1000};
    struct frame *frame = frame_tick(&context, &tick, series, words, changed, count);

    if (!frame)
        errx(1, "out of memory");
    return frame;
}

static size_t print_by_glibc(const uint64_t *words, size_t count)
{
    static char out[SERIES * 32];
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        double value;

        memcpy(&value, &words[i], sizeof value);
        length += (size_t)snprintf(out + length, 32, "%.6g", value);
    }
    return length;
}

/* Rates from a few bytes a second to gigabytes, each with more digits than are shown. */
static void make_rates(struct series *series, const struct series **all, uint64_t *words)
{
    uint64_t state = 1;

    for (size_t i = 0; i < SERIES; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        series[i] = (struct series){.id = (uint32_t)i + 1, .cumulative = true};
        all[i] = &series[i];
        words[i] = sample_word(pow(10, (double)(state >> 11) / 0x1p53 * 12 - 3));
    }
}

static void measure_encoder(void)
{
    static struct series series[SERIES];
    static const struct series *all[SERIES];
    static uint64_t words[SERIES];
    static int64_t own_ns[ROUNDS], its_ns[ROUNDS];
    size_t printed = 0, size = 0;
    double own_us, its_us;

    make_rates(series, all, words);
    for (size_t i = 0; i < ROUNDS; i++) {
        int64_t start_ns = clock_mono_ns();
        struct frame *frame = encode(all, words, NULL, SERIES, i + 1);

        own_ns[i] = clock_mono_ns() - start_ns;
        size = frame->size;
        frame_put(frame);
        start_ns = clock_mono_ns();
        printed += print_by_glibc(words, SERIES);
        its_ns[i] = clock_mono_ns() - start_ns;
    }
    own_us = median_us(own_ns, ROUNDS);
    its_us = median_us(its_ns, ROUNDS);
    printf("frame of %d rates: %.1f us, %zu bytes; glibc's %%.6g of the same %.1f us, %zu bytes; "
           "%.2f of that (budget %.2f: %s)\n",
           SERIES, own_us, size, its_us, printed / ROUNDS, own_us / its_us, ENCODE_OF_GLIBC,
           judge(own_us <= ENCODE_OF_GLIBC * its_us));
}

/* --- the recording --- */

/* A tick's frames for the first so many series. */
static struct frame **make_frames(const struct recording *recording, size_t count, double *values,
                                  double *encode_us)
{
    struct frame **frames = calloc(recording->ticks, sizeof(struct frame *));
    int64_t *times_ns = calloc(recording->ticks, sizeof *times_ns);
    bool *changed = calloc(count, sizeof *changed);
    size_t changes = 0;

    if (!frames || !times_ns || !changed)
        errx(1, "out of memory");
    /* The first tick has no rates. */
    for (uint32_t tick = 2; tick < recording->ticks; tick++) {
        const uint64_t *row = recording_row(recording, tick);
        const uint64_t *former = recording_row(recording, tick - 1);
        int64_t start_ns;

        for (size_t i = 0; i < count; i++) {
            changed[i] = row[i] != former[i];
            changes += changed[i];
        }
        start_ns = clock_mono_ns();
        frames[tick - 2] = encode(recording->series, row, changed, count, 100000 + tick);
        times_ns[tick - 2] = clock_mono_ns() - start_ns;
    }
    *values = (double)changes / (recording->ticks - 2);
    *encode_us = median_us(times_ns, recording->ticks - 2);
    free(times_ns);
    free(changed);
    return frames;
}

/* Alone: without the history of the frame before. Gives the bytes. */
static size_t deflate_alone(z_stream *stream, const struct frame *frame)
{
    static Bytef out[1 << 20];

    stream->next_in = (const Bytef *)frame->data;
    stream->avail_in = (uInt)frame->size;
    stream->next_out = out;
    stream->avail_out = sizeof out;
    if (deflateReset(stream) != Z_OK || deflate(stream, Z_SYNC_FLUSH) != Z_OK ||
        stream->avail_in != 0 || stream->avail_out == 0)
        errx(1, "a frame of %u bytes could not be deflated", frame->size);
    return sizeof out - stream->avail_out;
}

static void measure_level(int level, struct frame *const *frames, size_t count, size_t plain)
{
    int64_t *times_ns = calloc(count, sizeof *times_ns);
    z_stream stream = {0};
    size_t size = 0;
    double ratio;

    if (!times_ns || deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL - 1,
                                  Z_DEFAULT_STRATEGY) != Z_OK)
        errx(1, "out of memory");
    for (size_t i = 0; i < count; i++) {
        int64_t start_ns = clock_mono_ns();

        size += deflate_alone(&stream, frames[i]);
        times_ns[i] = clock_mono_ns() - start_ns;
    }
    ratio = (double)plain / (double)size;
    printf("  level %d: %.0f bytes, %.2f x (budget %.1f x: %s), %.1f us a frame\n", level,
           (double)size / (double)count, ratio, RATIO_MIN, judge(ratio >= RATIO_MIN),
           median_us(times_ns, count));
    deflateEnd(&stream);
    free(times_ns);
}

static void measure_recording(const struct recording *recording, size_t series)
{
    static const int levels[] = {1, 2, 3, 4, 5, 6, 9};
    size_t count = recording->ticks - 2, plain = 0;
    double values, encode_us;
    struct frame **frames = make_frames(recording, series, &values, &encode_us);

    for (size_t i = 0; i < count; i++)
        plain += frames[i]->size;
    printf("%zu recorded series, %zu ticks: %.0f changed a tick, %.0f bytes, %.1f us to encode\n",
           series, count, values, (double)plain / (double)count, encode_us);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        measure_level(levels[i], frames, count, plain);
    for (size_t i = 0; i < count; i++)
        frame_put(frames[i]);
    free(frames);
}

int main(int argc, char **argv)
{
    struct recording recording;
    int result;

    if (argc != 2)
        errx(2, "usage: frames RECORDING");
    measure_encoder();
    result = recording_read(argv[1], &recording);
    if (result < 0) {
        printf("skipped: %s: %s\n", argv[1], strerror(-result));
        return 0;
    }
    measure_recording(&recording, recording.series_count);
    return 0;
}
