#include "daemon/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/model.h"

#define POINTS 20
#define HEADS  4
/* Ids of the small segment: numbers, one histogram among them. */
static const uint32_t ids[] = {1, 2, 3, 7, 8, 4294967295};

#define SERIES    (sizeof ids / sizeof *ids)
#define HISTOGRAM 4

static int64_t heads[HEADS][POINTS];
static uint64_t words[SERIES][POINTS];
static uint32_t counts[POINTS];
static struct histogram_pair pairs[POINTS * 3];

/* What the small segment has of pairs: none, absent, and up to three at a tick. */
static size_t make_values(void)
{
    size_t total = 0;

    for (size_t i = 0; i < POINTS; i++) {
        heads[0][i] = (int64_t)i + 1000;
        heads[1][i] = (int64_t)i * 1000 + 1700000000003;
        heads[2][i] = (int64_t)i * 1000000123;
        heads[3][i] = i == 5;
        for (size_t k = 0; k < SERIES; k++)
            words[k][i] = sample_word((double)(k * i * i) / 10);
        words[3][i] = i < 3 ? SAMPLE_ABSENT : i < 18 ? sample_word((double)i) : SAMPLE_GONE;
        counts[i] = i % 5 == 4 ? SEGMENT_NO_PAIRS : (uint32_t)(i % 4);
        for (size_t k = 0; counts[i] != SEGMENT_NO_PAIRS && k < counts[i]; k++)
            pairs[total++] = (struct histogram_pair){(int16_t)(k * 100 - i), (uint32_t)(i * i)};
    }
    return total;
}

static struct buffer encode_small(struct segment_writer *writer)
{
    const int64_t *const all_heads[] = {heads[0], heads[1], heads[2], heads[3]};
    struct buffer out = {0};

    make_values();
    segment_begin(writer, SEGMENT_TICKS, POINTS, all_heads, HEADS, 1);
    for (size_t i = 0; i < SERIES; i++) {
        const uint64_t *const fields[] = {words[i]};

        ck_assert_int_eq(i == HISTOGRAM ? segment_add_histogram(writer, ids[i], counts, pairs)
                                        : segment_add(writer, ids[i], fields),
                         0);
    }
    ck_assert_int_eq(segment_end(writer, &out), 0);
    return out;
}

static struct buffer make_small(void)
{
    struct segment_writer *writer = segment_writer_new();
    struct buffer out;

    ck_assert_ptr_nonnull(writer);
    out = encode_small(writer);
    segment_writer_free(writer);
    return out;
}

static struct segment_source in_memory(const struct buffer *buffer)
{
    return (struct segment_source){.data = (const uint8_t *)buffer->data, .size = buffer->size};
}

static int open_at(struct segment *segment, const void *data, size_t size)
{
    return segment_open(segment, &(struct segment_source){.data = data, .size = size});
}

static int read_any(const struct segment *segment, size_t index)
{
    uint64_t read_words[SEGMENT_FIELDS_MAX * SEGMENT_POINTS_MAX];
    uint32_t read_counts[SEGMENT_POINTS_MAX];
    struct histogram_pair *read_pairs = NULL;
    int result = segment_is_histogram(segment, index)
                     ? segment_read_histogram(segment, index, read_counts, &read_pairs)
                     : segment_read(segment, index, read_words);

    free(read_pairs);
    return result;
}

static void expect_pairs(const struct segment *segment, size_t index, const uint32_t *wanted_counts,
                         const struct histogram_pair *wanted, size_t total)
{
    uint32_t read_counts[SEGMENT_POINTS_MAX];
    struct histogram_pair *read_pairs;

    ck_assert(segment_is_histogram(segment, index));
    ck_assert_int_eq(segment_read_histogram(segment, index, read_counts, &read_pairs), 0);
    ck_assert_mem_eq(read_counts, wanted_counts, segment->point_count * sizeof *read_counts);
    for (size_t i = 0; i < total; i++) {
        ck_assert_int_eq(read_pairs[i].bucket, wanted[i].bucket);
        ck_assert_uint_eq(read_pairs[i].increment, wanted[i].increment);
    }
    free(read_pairs);
}

/* All that was put into the small segment. */
static void expect_small(const struct segment *segment)
{
    size_t total = make_values();

    ck_assert_int_eq(segment->kind, SEGMENT_TICKS);
    ck_assert_uint_eq(segment->point_count, POINTS);
    ck_assert_uint_eq(segment->head_count, HEADS);
    ck_assert_uint_eq(segment->field_count, 1);
    ck_assert_uint_eq(segment->series_count, SERIES);
    for (size_t i = 0; i < HEADS; i++)
        ck_assert_mem_eq(segment->heads[i], heads[i], sizeof heads[i]);
    for (size_t i = 0; i < SERIES; i++) {
        uint64_t read_words[POINTS];

        ck_assert_uint_eq(segment_id(segment, i), ids[i]);
        ck_assert_int_eq(segment_find(segment, ids[i]), (int)i);
        ck_assert_int_eq(segment_is_histogram(segment, i), i == HISTOGRAM);
        if (i == HISTOGRAM)
            continue;
        ck_assert_int_eq(segment_read(segment, i, read_words), 0);
        ck_assert_mem_eq(read_words, words[i], sizeof read_words);
    }
    expect_pairs(segment, HISTOGRAM, counts, pairs, total);
}

START_TEST(what_was_written_is_read_from_memory_and_from_a_file)
{
    struct buffer bytes = make_small();
    struct segment_source source = in_memory(&bytes);
    struct segment segment;
    int fd = memfd_create("segment", MFD_CLOEXEC);

    ck_assert_int_eq(segment_open(&segment, &source), 0);
    expect_small(&segment);
    segment_finish(&segment);
    segment_finish(&segment);

    ck_assert_int_eq(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    source = (struct segment_source){.fd = fd, .size = bytes.size};
    ck_assert_int_eq(segment_open(&segment, &source), 0);
    expect_small(&segment);
    segment_finish(&segment);
    ck_assert_int_eq(ftruncate(fd, (off_t)bytes.size - 1), 0);
    ck_assert_int_eq(segment_open(&segment, &source), -EBADMSG);
    close(fd);
    source.fd = -1;
    ck_assert_int_eq(segment_open(&segment, &source), -EBADF);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(ids_that_are_not_there_are_not_found)
{
    static const uint32_t absent[] = {0, 4, 5, 6, 9, 10, 4294967294};
    struct buffer bytes = make_small();
    struct segment segment;

    ck_assert_int_eq(open_at(&segment, bytes.data, bytes.size), 0);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert_int_eq(segment_find(&segment, absent[i]), -ENOENT);
    segment_finish(&segment);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    struct buffer bytes = make_small();
    struct segment segment;

    for (size_t size = 0; size < bytes.size; size++) {
        uint8_t *prefix = malloc(size + 1);

        memcpy(prefix, bytes.data, size);
        ck_assert_int_eq(open_at(&segment, prefix, size), -EBADMSG);
        free(prefix);
    }
    buffer_append_char(&bytes, 0);
    ck_assert_int_eq(open_at(&segment, bytes.data, bytes.size), -EBADMSG);
    buffer_finish(&bytes);
}
END_TEST

/* The series whose block this byte is of, or -1. */
static int block_of(const struct segment *segment, size_t at)
{
    for (size_t i = 0; i < segment->series_count; i++) {
        if (at >= segment->offsets[i] && at < segment->offsets[i + 1])
            return (int)i;
    }
    return -1;
}

START_TEST(every_flipped_bit_is_found_where_it_is)
{
    struct buffer bytes = make_small();
    struct segment good, segment;

    ck_assert_int_eq(open_at(&good, bytes.data, bytes.size), 0);
    for (size_t bit = 0; bit < bytes.size * 8; bit++) {
        int damaged = block_of(&good, bit / 8), result;

        bytes.data[bit / 8] ^= (char)(1 << bit % 8);
        result = open_at(&segment, bytes.data, bytes.size);
        if (damaged < 0) {
            ck_assert_int_eq(result, bit / 8 == 4 ? -EPROTONOSUPPORT : -EBADMSG);
        } else {
            ck_assert_int_eq(result, 0);
            for (size_t i = 0; i < SERIES; i++)
                ck_assert_int_eq(read_any(&segment, i), (int)i == damaged ? -EBADMSG : 0);
            segment_finish(&segment);
        }
        bytes.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    segment_finish(&good);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(a_writer_is_used_again_and_an_output_goes_on)
{
    struct segment_writer *writer = segment_writer_new();
    struct buffer first = encode_small(writer), second, both = {0};
    const int64_t *const none[] = {NULL};
    struct segment segment;
    size_t start;

    /* Begun and left. */
    segment_begin(writer, SEGMENT_MINUTES, 1, none, 0, 5);
    ck_assert_int_eq(segment_add_histogram(writer, 9, &(uint32_t){0}, NULL), 0);
    second = encode_small(writer);
    ck_assert_uint_eq(first.size, second.size);
    ck_assert_mem_eq(first.data, second.data, first.size);
    buffer_append_text(&both, "before");
    start = both.size;
    segment_begin(writer, SEGMENT_MINUTES, 1, none, 0, 1);
    ck_assert_int_eq(segment_end(writer, &both), 0);
    ck_assert_int_eq(open_at(&segment, both.data + start, both.size - start), 0);
    ck_assert_uint_eq(segment.series_count, 0);
    ck_assert_int_eq(segment_find(&segment, 0), -ENOENT);
    segment_finish(&segment);
    buffer_finish(&first);
    buffer_finish(&second);
    buffer_finish(&both);
    segment_writer_free(writer);
    segment_writer_free(NULL);
}
END_TEST

START_TEST(minutes_have_fields)
{
    struct segment_writer *writer = segment_writer_new();
    uint64_t fields[SEGMENT_FIELDS_MAX][SEGMENT_POINTS_MAX];
    uint64_t read_words[SEGMENT_FIELDS_MAX * SEGMENT_POINTS_MAX];
    const uint64_t *const all_fields[] = {fields[0], fields[1], fields[2], fields[3], fields[4]};
    const int64_t *const no_heads[] = {NULL};
    struct buffer bytes = {0};
    struct segment segment;

    for (size_t f = 0; f < SEGMENT_FIELDS_MAX; f++) {
        for (size_t i = 0; i < SEGMENT_POINTS_MAX; i++)
            fields[f][i] = f == 2 ? SAMPLE_ABSENT : sample_word(1 / (double)(f + i + 1));
    }
    segment_begin(writer, SEGMENT_MINUTES, SEGMENT_POINTS_MAX, no_heads, 0, SEGMENT_FIELDS_MAX);
    for (uint32_t id = 0; id < 3; id++)
        ck_assert_int_eq(segment_add(writer, id, all_fields), 0);
    ck_assert_int_eq(segment_end(writer, &bytes), 0);
    ck_assert_int_eq(open_at(&segment, bytes.data, bytes.size), 0);
    ck_assert_int_eq(segment.kind, SEGMENT_MINUTES);
    ck_assert_uint_eq(segment.field_count, SEGMENT_FIELDS_MAX);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(segment_read(&segment, i, read_words), 0);
        ck_assert_mem_eq(read_words, fields, sizeof fields);
    }
    segment_finish(&segment);
    buffer_finish(&bytes);
    segment_writer_free(writer);
}
END_TEST

/* Histograms that never had a value, that are always empty, and one with all buckets there are. */
START_TEST(histograms_of_all_sizes)
{
    struct segment_writer *writer = segment_writer_new();
    static struct histogram_pair full[2 * SEGMENT_PAIRS_MAX];
    uint32_t absent[3] = {SEGMENT_NO_PAIRS, SEGMENT_NO_PAIRS, SEGMENT_NO_PAIRS};
    uint32_t empty[3] = {0}, most[3] = {SEGMENT_PAIRS_MAX, 0, SEGMENT_PAIRS_MAX};
    uint32_t beyond[3] = {0, SEGMENT_PAIRS_MAX + 1, 0};
    const int64_t *const no_heads[] = {NULL};
    struct buffer bytes = {0};
    struct segment segment;

    for (size_t i = 0; i < 2 * (size_t)SEGMENT_PAIRS_MAX; i++)
        full[i] = (struct histogram_pair){(int16_t)(i % SEGMENT_PAIRS_MAX - 32768),
                                          i % 9 ? (uint32_t)i : UINT32_MAX};
    segment_begin(writer, SEGMENT_TICKS, 3, no_heads, 0, 1);
    ck_assert_int_eq(segment_add_histogram(writer, 1, absent, NULL), 0);
    ck_assert_int_eq(segment_add_histogram(writer, 2, empty, NULL), 0);
    ck_assert_int_eq(segment_add_histogram(writer, 3, beyond, full), -E2BIG);
    ck_assert_int_eq(segment_add_histogram(writer, 4, most, full), 0);
    ck_assert_int_eq(segment_end(writer, &bytes), 0);
    ck_assert_int_eq(open_at(&segment, bytes.data, bytes.size), 0);
    ck_assert_uint_eq(segment.series_count, 3);
    ck_assert_uint_eq(segment_id(&segment, 2), 4);
    expect_pairs(&segment, 0, absent, NULL, 0);
    expect_pairs(&segment, 1, empty, NULL, 0);
    expect_pairs(&segment, 2, most, full, 2 * (size_t)SEGMENT_PAIRS_MAX);
    segment_finish(&segment);
    buffer_finish(&bytes);
    segment_writer_free(writer);
}
END_TEST

START_TEST(without_memory_nothing_is_made)
{
    struct segment_writer *writer = segment_writer_new();
    struct buffer out = {.failed = true};
    const int64_t *const no_heads[] = {NULL};

    segment_begin(writer, SEGMENT_TICKS, 1, no_heads, 0, 1);
    ck_assert_int_eq(segment_end(writer, &out), -ENOMEM);
    segment_writer_free(writer);
}
END_TEST

int main(void)
{
    return RUN_TESTS("segment", what_was_written_is_read_from_memory_and_from_a_file,
                     ids_that_are_not_there_are_not_found, every_prefix_is_refused,
                     every_flipped_bit_is_found_where_it_is,
                     a_writer_is_used_again_and_an_output_goes_on, minutes_have_fields,
                     histograms_of_all_sizes, without_memory_nothing_is_made);
}
