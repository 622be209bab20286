#include "daemon/column.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/model.h"

#define POINTS COLUMN_MAX_POINTS

/* Bytes that it took, in memory of exactly that size when it is decoded, as are some prefixes. */
static size_t expect_same(const uint64_t *words, size_t count)
{
    uint8_t encoded[COLUMN_MAX_BYTES], *bytes;
    uint64_t *decoded = malloc((count + 1) * sizeof *decoded);
    size_t size = column_encode(words, count, encoded), step = 1 + size / 32;

    ck_assert_uint_ge(size, 1);
    ck_assert_uint_le(size, COLUMN_MAX_BYTES);
    for (size_t prefix = size % step; prefix <= size; prefix += step) {
        bytes = malloc(prefix + 1);
        memcpy(bytes + 1, encoded, prefix);
        ck_assert_int_eq(column_decode(bytes + 1, prefix, count, decoded),
                         prefix == size ? (int)size : -EBADMSG);
        free(bytes);
    }
    ck_assert_mem_eq(decoded, words, count * sizeof *words);
    free(decoded);
    return size;
}

static size_t expect_same_numbers(double (*number)(size_t i), size_t count)
{
    uint64_t words[POINTS];

    for (size_t i = 0; i < count; i++)
        words[i] = sample_word(number(i));
    return expect_same(words, count);
}

static size_t expect_same_i64(const int64_t *values, size_t count)
{
    uint8_t encoded[COLUMN_MAX_BYTES];
    int64_t decoded[POINTS];
    size_t size = column_encode_i64(values, count, encoded);

    ck_assert_uint_le(size, COLUMN_MAX_BYTES);
    for (size_t prefix = 0; prefix < size; prefix++)
        ck_assert_int_eq(column_decode_i64(encoded, prefix, count, decoded), -EBADMSG);
    ck_assert_int_eq(column_decode_i64(encoded, size, count, decoded), (int)size);
    ck_assert_mem_eq(decoded, values, count * sizeof *values);
    return size;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005 + 1442695040888963407;
    return *state ^ *state >> 29;
}

static const uint64_t odd_words[] = {
    0,
    UINT64_C(0x8000000000000000), /* -0 */
    1,
    UINT64_C(0x8000000000000001),
    UINT64_C(0x000fffffffffffff), /* subnormal */
    UINT64_C(0x0010000000000000),
    UINT64_C(0x7fefffffffffffff), /* the largest */
    UINT64_C(0x7ff0000000000000), /* infinities */
    UINT64_C(0xfff0000000000000),
    UINT64_C(0x7ff0000000000001), /* signalling */
    UINT64_C(0xfff7ffffffffffff),
    SAMPLE_NAN,
    UINT64_C(0xfff8000000000000),
    SAMPLE_ABSENT,
    SAMPLE_GONE,
    SAMPLE_GONE + 1,
    SAMPLE_ABSENT - 1,
    UINT64_MAX,
    UINT64_C(0x433fffffffffffff), /* 2^53 - 1 */
    UINT64_C(0x4340000000000000), /* 2^53 */
    UINT64_C(0x4340000000000001), /* 2^53 + 2 */
    UINT64_C(0x43dfffffffffffff), /* below 2^63 */
    UINT64_C(0x43e0000000000000), /* 2^63 */
    UINT64_C(0xc3e0000000000000), /* -2^63 */
    UINT64_C(0xc3e0000000000001),
    UINT64_C(0x3fb999999999999a), /* 0.1 */
    UINT64_C(0x3fb9999999999999), /* and beside it */
    UINT64_C(0x3fb999999999999b),
};

#define ODD_WORDS (sizeof odd_words / sizeof *odd_words)

START_TEST(odd_words_survive_alone_in_pairs_and_among_others)
{
    uint64_t words[POINTS];

    expect_same(odd_words, ODD_WORDS);
    for (size_t i = 0; i < ODD_WORDS; i++) {
        expect_same(&odd_words[i], 1);
        for (size_t k = 0; k < ODD_WORDS; k++) {
            const uint64_t pair[] = {odd_words[i], odd_words[k], odd_words[i]};

            expect_same(pair, 2);
            expect_same(pair, 3);
        }
        for (size_t k = 0; k < POINTS; k++)
            words[k] = k % 50 == 49 ? odd_words[i] : sample_word((double)k);
        expect_same(words, POINTS);
        for (size_t k = 0; k < POINTS; k++)
            words[k] = k % 50 == 49 ? odd_words[i] : sample_word((double)k / 100);
        expect_same(words, POINTS);
    }
}
END_TEST

START_TEST(nothing_is_a_byte)
{
    ck_assert_uint_eq(expect_same(odd_words, 0), 1);
}
END_TEST

START_TEST(what_never_changes_costs_a_byte_and_its_value)
{
    uint64_t words[POINTS];
    static const struct {
        double value;
        size_t bytes;
    } cases[] = {{0, 2},       {63, 2},    {-64, 2},  {64, 3},
                 {1000000, 4}, {12.34, 4}, {1e-9, 3}, {1.0 / 3, 10}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t k = 0; k < POINTS; k++)
            words[k] = sample_word(cases[i].value);
        for (size_t count = 1; count <= POINTS; count++)
            ck_assert_uint_eq(expect_same(words, count), cases[i].bytes);
    }
}
END_TEST

START_TEST(absent_ones_are_almost_free)
{
    uint64_t words[POINTS];
    size_t all, some;

    for (size_t i = 0; i < POINTS; i++)
        words[i] = SAMPLE_ABSENT;
    ck_assert_uint_eq(expect_same(words, POINTS), 1);
    for (size_t i = 0; i < POINTS; i++)
        words[i] = SAMPLE_GONE;
    ck_assert_uint_le(expect_same(words, POINTS), 4);
    /* At each tenth tick: a step. */
    for (size_t i = 0; i < 26; i++)
        words[i] = sample_word((double)(i * i % 7));
    all = expect_same(words, 26);
    for (size_t i = 0; i < POINTS; i++)
        words[i] = i % 10 == 3 ? sample_word((double)(i / 10 * (i / 10) % 7)) : SAMPLE_ABSENT;
    some = expect_same(words, 254);
    ck_assert_uint_le(some, all + 3);
    /* One that came, and one that went. */
    for (size_t i = 0; i < POINTS; i++)
        words[i] = i < 100 ? SAMPLE_ABSENT : sample_word(5);
    ck_assert_uint_le(expect_same(words, POINTS), 5);
    for (size_t i = 0; i < POINTS; i++)
        words[i] = i < 100 ? sample_word(5) : i == 100 ? SAMPLE_GONE : SAMPLE_ABSENT;
    ck_assert_uint_le(expect_same(words, POINTS), 9);
}
END_TEST

START_TEST(every_pattern_of_twelve_points_survives)
{
    for (unsigned pattern = 0; pattern < 1 << 12; pattern++) {
        uint64_t words[12], changes[12];

        for (unsigned i = 0; i < 12; i++) {
            words[i] = pattern >> i & 1 ? sample_word(i) : i % 5 ? SAMPLE_ABSENT : SAMPLE_GONE;
            changes[i] = sample_word(pattern >> i & 1 ? 1e6 : 0);
        }
        expect_same(words, 12);
        expect_same(changes, 12);
    }
}
END_TEST

static double counter(size_t i)
{
    return 1e12 + (double)(i * 1000 + i * i % 13);
}

static double seconds(size_t i)
{
    return (double)(123456789 + i * 3 + (i % 3)) / 100;
}

static double nanoseconds(size_t i)
{
    return (double)(UINT64_C(1234567890123) + i * i * 77) / 1e9;
}

static double rarely(size_t i)
{
    return 4096.0 * (double)(i / 60) + 12345;
}

static double pages(size_t i)
{
    return 4096.0 * (double)(1000000 + i * i % 64);
}

static double irrational(size_t i)
{
    return 1 / (3.0 + (double)i);
}

static double floats(size_t i)
{
    return (float)(1 / (3.0 + (double)i));
}

static double spikes(size_t i)
{
    return i % 40 == 7 ? 1e15 : (double)(i % 2);
}

static double extremes(size_t i)
{
    return i % 2 ? -0x1p63 : 0x1.fffffffffffffp62;
}

START_TEST(each_shape_has_its_form)
{
    ck_assert_uint_le(expect_same_numbers(counter, POINTS), 190);
    ck_assert_uint_le(expect_same_numbers(seconds, POINTS), 110);
    ck_assert_uint_le(expect_same_numbers(nanoseconds, POINTS), 620);
    ck_assert_uint_le(expect_same_numbers(rarely, POINTS), 16);
    ck_assert_uint_le(expect_same_numbers(pages, POINTS), 230);
    ck_assert_uint_le(expect_same_numbers(floats, POINTS), 1000);
    ck_assert_uint_le(expect_same_numbers(spikes, POINTS), 720);
    expect_same_numbers(irrational, POINTS);
    expect_same_numbers(extremes, POINTS);
}
END_TEST

START_TEST(every_count_survives)
{
    for (size_t count = 1; count <= POINTS; count += 7) {
        expect_same_numbers(counter, count);
        expect_same_numbers(irrational, count);
        expect_same_numbers(rarely, count);
    }
}
END_TEST

START_TEST(every_power_of_two_survives)
{
    uint64_t words[POINTS];

    for (int exponent = -1074; exponent < 1024; exponent++) {
        for (size_t i = 0; i < 40; i++)
            words[i] = sample_word(ldexp((double)(i % 3) - 1, exponent));
        expect_same(words, 40);
    }
}
END_TEST

START_TEST(noise_takes_little_more_than_it_is)
{
    uint64_t words[POINTS], state = 1;

    for (size_t i = 0; i < POINTS; i++)
        words[i] = next_random(&state);
    ck_assert_uint_le(expect_same(words, POINTS), sizeof words + 40);
}
END_TEST

START_TEST(times_take_little)
{
    int64_t values[POINTS];
    uint64_t state = 1;

    for (size_t i = 0; i < POINTS; i++)
        values[i] = INT64_C(1700000000000) + (int64_t)i * 1000 + (int64_t)(next_random(&state) % 2);
    ck_assert_uint_le(expect_same_i64(values, POINTS), 96);
    for (size_t i = 0; i < POINTS; i++)
        values[i] = (int64_t)i + 5000000;
    ck_assert_uint_le(expect_same_i64(values, POINTS), 25);
    for (size_t i = 0; i < POINTS; i++)
        values[i] = 0;
    ck_assert_uint_eq(expect_same_i64(values, POINTS), 2);
    for (size_t i = 0; i < POINTS; i++)
        values[i] = i % 3 ? INT64_MIN : INT64_MAX;
    expect_same_i64(values, POINTS);
    for (size_t i = 0; i < POINTS; i++)
        values[i] = (int64_t)next_random(&state);
    expect_same_i64(values, POINTS);
}
END_TEST

/* Of eight points; each is one byte away from a column. */
START_TEST(what_no_encoder_makes_is_refused)
{
    static const struct {
        uint8_t bytes[12];
        size_t size, wrong; /* the byte, and what is right there */
        uint8_t right;
    } cases[] = {
        {{0x09, 64, 0, 0}, 4, 1, 63},           /* shift */
        {{0x40, 16, 0}, 3, 1, 15},              /* decimals */
        {{0x01, 0, 65}, 3, 2, 0},               /* width */
        {{0x10, 1, 2, 5, 3, 0}, 6, 4, 6},       /* a list that descends */
        {{0x10, 1, 2, 5, 8, 0}, 6, 4, 7},       /* a point beyond */
        {{0x10, 3, 1, 0, 0}, 5, 3, 2},          /* a step of 0 */
        {{0x10, 4, 1, 0, 0}, 5, 1, 1},          /* no selection */
        {{0x10, 0, 0, 0}, 4, 2, 1},             /* nobody is there */
        {{0x30, 1, 1, 5, 1, 1, 5, 0}, 8, 6, 6}, /* there and gone */
        {{0x20, 1, 1, 5, 0}, 5, 0, 0xe0},       /* gone, and all are there */
        {{0xc1}, 1, 0, 0xc0},                   /* empty, with a form */
        {{0x08, 0, 0}, 3, 0, 0x00},             /* a constant with a shift */
        {{0x04, 0, 0}, 3, 0, 0x00},             /* or some of it */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[sizeof cases->bytes];
        uint64_t words[8];

        memcpy(bytes, cases[i].bytes, sizeof bytes);
        ck_assert_msg(column_decode(bytes, cases[i].size, 8, words) == -EBADMSG, "case %zu", i);
        bytes[cases[i].wrong] = cases[i].right;
        ck_assert_msg(column_decode(bytes, cases[i].size, 8, words) > 0, "case %zu", i);
    }
}
END_TEST

/* Any bytes are a column or are refused; what is read is within them. */
START_TEST(any_bytes_will_do)
{
    uint64_t state = 1, words[POINTS];
    int64_t values[POINTS];
    unsigned good = 0;

    for (unsigned round = 0; round < 50000; round++) {
        size_t size = next_random(&state) % 40, count = 1 + next_random(&state) % POINTS;
        uint8_t *bytes = malloc(size + 1);
        int read;

        for (size_t i = 0; i < size; i++)
            bytes[i + 1] = (uint8_t)(next_random(&state) >> 32 & (i == 0 ? 0xff : 0x0f));
        read = column_decode(bytes + 1, size, count, words);
        ck_assert(read == -EBADMSG || (read > 0 && (size_t)read <= size));
        good += read > 0;
        read = column_decode_i64(bytes + 1, size, count, values);
        ck_assert(read == -EBADMSG || (read > 0 && (size_t)read <= size));
        free(bytes);
    }
    ck_assert_uint_gt(good, 500);
}
END_TEST

int main(void)
{
    return RUN_TESTS("column", odd_words_survive_alone_in_pairs_and_among_others, nothing_is_a_byte,
                     what_never_changes_costs_a_byte_and_its_value, absent_ones_are_almost_free,
                     every_pattern_of_twelve_points_survives, each_shape_has_its_form,
                     every_count_survives, every_power_of_two_survives,
                     noise_takes_little_more_than_it_is, times_take_little,
                     what_no_encoder_makes_is_refused, any_bytes_will_do);
}
