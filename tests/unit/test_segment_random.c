/*
 * Segments of random shapes come back as they were: 2,000 of them, or as many as TACHO_SEGMENTS
 * says. What fails names the seed, which alone makes the segment.
 */
#include <stdlib.h>

#include "daemon/segment.h"
#include "tests/unit/model.h"

#define SERIES_MAX 4
#define HEADS      4
#define PAIRS_MAX  4

struct random {
    uint64_t state;
};

struct content {
    size_t points, series;
    int64_t heads[HEADS][SEGMENT_POINTS_MAX];
    uint32_t ids[SERIES_MAX];
    bool has_pairs[SERIES_MAX];
    uint64_t words[SERIES_MAX][SEGMENT_POINTS_MAX];
    uint32_t counts[SERIES_MAX][SEGMENT_POINTS_MAX];
    struct histogram_pair pairs[SERIES_MAX][SEGMENT_POINTS_MAX * PAIRS_MAX];
};

static uint64_t draw(struct random *random)
{
    uint64_t mixed;

    random->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (random->state ^ random->state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static uint64_t below(struct random *random, uint64_t bound)
{
    return draw(random) % bound;
}

/* Of a random number of bits. */
static uint64_t draw_width(struct random *random)
{
    return draw(random) >> below(random, 64);
}

/* --- shapes --- */

static void make_integers(struct random *random, uint64_t *words, size_t count, double divisor)
{
    uint64_t value = draw_width(random) >> 11, step = draw_width(random) >> 11;
    uint64_t kind = below(random, 4), rare = 1 + below(random, 64);

    for (size_t i = 0; i < count; i++) {
        if (kind == 0) /* a counter */
            value += 1 + draw(random) % (step + 1);
        else if (kind == 1) /* seldom another */
            value = below(random, rare) == 0 ? draw(random) % (step + 1) : value;
        else if (kind == 2) /* up and down */
            value += draw(random) % (2 * step + 1) - step;
        else /* a counter that is steady */
            value += step;
        words[i] = sample_word((double)(int64_t)value / divisor);
    }
}

static void make_doubles(struct random *random, uint64_t *words, size_t count)
{
    uint64_t kind = below(random, 4);
    double value = ldexp((double)draw(random), (int)below(random, 200) - 150);

    for (size_t i = 0; i < count; i++) {
        if (kind == 0)
            words[i] = draw(random);
        else if (kind == 1)
            words[i] = sample_word((double)draw(random) / 0x1p64);
        else if (kind == 2)
            words[i] = sample_word((float)((double)draw(random) / 0x1p64));
        else
            words[i] = sample_word(value *= 1 + (double)below(random, 1000) / 1e6);
    }
}

static void make_odd(struct random *random, uint64_t *words, size_t count)
{
    static const uint64_t odd[] = {0,
                                   UINT64_C(0x8000000000000000),
                                   1,
                                   UINT64_C(0x7ff0000000000000),
                                   UINT64_C(0xfff0000000000000),
                                   SAMPLE_NAN,
                                   SAMPLE_ABSENT,
                                   SAMPLE_GONE,
                                   SAMPLE_ABSENT - 1,
                                   SAMPLE_GONE + 1,
                                   UINT64_C(0x4340000000000000),
                                   UINT64_C(0x43e0000000000000),
                                   UINT64_C(0xc3e0000000000000)};

    for (size_t i = 0; i < count; i++) {
        words[i] = odd[below(random, sizeof odd / sizeof *odd)];
        if (below(random, 4) == 0) /* and those beside */
            words[i] += below(random, 5) - 2;
    }
}

static void make_absent(struct random *random, uint64_t *words, size_t count)
{
    uint64_t kind = below(random, 8), step = 2 + below(random, 30), at = below(random, count + 1);

    for (size_t i = 0; i < count; i++) {
        bool is_absent = kind == 0   ? i % step != at % step
                         : kind == 1 ? i < at
                         : kind == 2 ? i > at
                         : kind == 3 ? below(random, step) == 0
                                     : false;

        if (is_absent)
            words[i] = kind == 2 && i == at + 1 ? SAMPLE_GONE : SAMPLE_ABSENT;
    }
}

static void make_words(struct random *random, uint64_t *words, size_t count)
{
    static const double powers[] = {1e1, 1e2, 1e3, 1e4, 1e6, 1e9, 3, 7, 1024};

    switch (below(random, 6)) {
    case 0:
    case 1:
        make_integers(random, words, count, 1);
        break;
    case 2:
    case 3:
        make_integers(random, words, count, powers[below(random, sizeof powers / sizeof *powers)]);
        break;
    case 4:
        make_doubles(random, words, count);
        break;
    default:
        make_odd(random, words, count);
        break;
    }
    make_absent(random, words, count);
}

static void make_histogram(struct random *random, uint32_t *counts, struct histogram_pair *pairs,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t kind = below(random, 3 * PAIRS_MAX);

        counts[i] = kind == PAIRS_MAX + 1 ? SEGMENT_NO_PAIRS
                    : kind > PAIRS_MAX    ? 0
                                          : (uint32_t)kind;
        for (size_t k = 0; counts[i] != SEGMENT_NO_PAIRS && k < counts[i]; k++)
            *pairs++ = (struct histogram_pair){(int16_t)draw(random), (uint32_t)draw_width(random)};
    }
}

static void make_content(struct random *random, struct content *content)
{
    uint32_t id = 0;

    content->points = below(random, 8) == 0 ? SEGMENT_POINTS_MAX : 1 + below(random, 100);
    content->series = below(random, SERIES_MAX + 1);
    for (size_t h = 0; h < HEADS; h++) {
        uint64_t value = draw_width(random), step = draw_width(random), jitter = draw_width(random);

        for (size_t i = 0; i < content->points; i++)
            content->heads[h][i] = (int64_t)(value += step + draw(random) % (jitter + 1));
    }
    for (size_t k = 0; k < content->series; k++) {
        id += (uint32_t)(below(random, 2) ? 1 : 1 + below(random, UINT32_MAX / SERIES_MAX));
        content->ids[k] = id;
        content->has_pairs[k] = below(random, 6) == 0;
        if (content->has_pairs[k])
            make_histogram(random, content->counts[k], content->pairs[k], content->points);
        else
            make_words(random, content->words[k], content->points);
    }
}

/* --- there and back --- */

static void encode(struct segment_writer *writer, const struct content *content, struct buffer *out)
{
    const int64_t *const heads[] = {content->heads[0], content->heads[1], content->heads[2],
                                    content->heads[3]};

    out->size = 0;
    segment_begin(writer, SEGMENT_TICKS, content->points, heads, HEADS, 1);
    for (size_t k = 0; k < content->series; k++) {
        const uint64_t *const fields[] = {content->words[k]};

        ck_assert_int_eq(content->has_pairs[k]
                             ? segment_add_histogram(writer, content->ids[k], content->counts[k],
                                                     content->pairs[k])
                             : segment_add(writer, content->ids[k], fields),
                         0);
    }
    ck_assert_int_eq(segment_end(writer, out), 0);
}

static bool has_histogram(const struct segment *segment, const struct content *content, size_t k)
{
    uint32_t counts[SEGMENT_POINTS_MAX];
    AUTO_FREE struct histogram_pair *pairs = NULL;
    size_t at = 0;

    if (segment_read_histogram(segment, k, counts, &pairs) < 0)
        return false;
    for (size_t i = 0; i < content->points; i++) {
        if (counts[i] != content->counts[k][i])
            return false;
        for (size_t p = 0; counts[i] != SEGMENT_NO_PAIRS && p < counts[i]; p++, at++) {
            if (pairs[at].bucket != content->pairs[k][at].bucket ||
                pairs[at].increment != content->pairs[k][at].increment)
                return false;
        }
    }
    return true;
}

static bool has_series(const struct segment *segment, const struct content *content, size_t k)
{
    uint64_t words[SEGMENT_POINTS_MAX];

    if (segment_find(segment, content->ids[k]) != (int)k ||
        segment_id(segment, k) != content->ids[k] ||
        segment_is_histogram(segment, k) != content->has_pairs[k])
        return false;
    if (content->has_pairs[k])
        return has_histogram(segment, content, k);
    return segment_read(segment, k, words) == 0 &&
           memcmp(words, content->words[k], content->points * sizeof *words) == 0;
}

static bool has_content(const struct segment *segment, const struct content *content)
{
    if (segment->point_count != content->points || segment->series_count != content->series)
        return false;
    for (size_t h = 0; h < HEADS; h++) {
        if (memcmp(segment->heads[h], content->heads[h], content->points * sizeof(int64_t)) != 0)
            return false;
    }
    for (size_t k = 0; k < content->series; k++) {
        if (!has_series(segment, content, k))
            return false;
    }
    return true;
}

START_TEST(what_is_encoded_is_decoded)
{
    const char *wanted = getenv("TACHO_SEGMENTS");
    unsigned long count = wanted ? strtoul(wanted, NULL, 10) : 2000;
    struct segment_writer *writer = segment_writer_new();
    static struct content content;
    struct buffer bytes = {0};

    ck_assert_uint_gt(count, 0);
    for (unsigned long seed = 0; seed < count; seed++) {
        struct random random = {seed};
        struct segment segment;

        make_content(&random, &content);
        encode(writer, &content, &bytes);
        ck_assert_msg(
            segment_open(&segment, &(struct segment_source){.data = (const uint8_t *)bytes.data,
                                                            .size = bytes.size}) == 0 &&
                has_content(&segment, &content),
            "seed %lu", seed);
        segment_finish(&segment);
    }
    buffer_finish(&bytes);
    segment_writer_free(writer);
}
END_TEST

int main(void)
{
    return RUN_TESTS("segment_random", what_is_encoded_is_decoded);
}
