#include "daemon/segment.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/model.h"

#define POINTS 20

/* More than is read at first of a file. */
START_TEST(many_series_are_read_from_a_file)
{
    enum { MANY = 10000 };
    struct segment_writer *writer = segment_writer_new();
    const int64_t *const no_heads[] = {NULL};
    uint64_t word, read_word;
    const uint64_t *const fields[] = {&word};
    struct buffer bytes = {0};
    struct segment segment;
    int fd = memfd_create("segment", MFD_CLOEXEC);

    segment_begin(writer, SEGMENT_TICKS, 1, no_heads, 0, 1);
    for (uint32_t i = 0; i < MANY; i++) {
        word = sample_word(i);
        ck_assert_int_eq(segment_add(writer, i + i / 3, fields), 0);
    }
    ck_assert_int_eq(segment_end(writer, &bytes), 0);
    ck_assert_int_eq(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    ck_assert_int_eq(segment_open(&segment, &(struct segment_source){.fd = fd, .size = bytes.size}),
                     0);
    for (uint32_t i = 0; i < MANY; i++) {
        ck_assert_uint_eq(segment_id(&segment, i), i + i / 3);
        ck_assert_int_eq(segment_find(&segment, i + i / 3), (int)i);
        ck_assert_int_eq(segment_read(&segment, i, &read_word), 0);
        ck_assert_uint_eq(read_word, sample_word(i));
    }
    segment_finish(&segment);
    close(fd);
    buffer_finish(&bytes);
    segment_writer_free(writer);
}
END_TEST

/* A series' words are no numbers that would fit into less. */
static uint64_t long_word(uint32_t series, size_t point)
{
    return sample_word(1.0 / ((double)series * POINTS + (double)point + 3));
}

static void expect_long(const struct segment *segment, uint32_t series)
{
    uint64_t read_words[POINTS];

    ck_assert_int_eq(segment_read(segment, series, read_words), 0);
    for (size_t i = 0; i < POINTS; i++)
        ck_assert_uint_eq(read_words[i], long_word(series, i));
}

/* Whatever was read along with others. */
START_TEST(blocks_of_a_file_are_read_in_any_order_and_up_to_a_cut)
{
    enum { MANY = 3000, CUT = 1500 };
    struct segment_writer *writer = segment_writer_new();
    const int64_t *const no_heads[] = {NULL};
    uint64_t long_words[POINTS], unused[POINTS];
    const uint64_t *const fields[] = {long_words};
    struct buffer bytes = {0};
    struct segment segment;
    int fd = memfd_create("segment", MFD_CLOEXEC);

    segment_begin(writer, SEGMENT_TICKS, POINTS, no_heads, 0, 1);
    for (uint32_t i = 0; i < MANY; i++) {
        for (size_t k = 0; k < POINTS; k++)
            long_words[k] = long_word(i, k);
        ck_assert_int_eq(segment_add(writer, i, fields), 0);
    }
    ck_assert_int_eq(segment_end(writer, &bytes), 0);
    ck_assert_int_eq(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    ck_assert_int_eq(segment_open(&segment, &(struct segment_source){.fd = fd, .size = bytes.size}),
                     0);
    for (uint32_t step = 1; step < MANY; step = step * 7 + 4) {
        for (uint32_t i = 0; i < MANY; i++)
            expect_long(&segment, i * step % MANY);
    }
    ck_assert_int_eq(ftruncate(fd, (off_t)segment.offsets[CUT]), 0);
    expect_long(&segment, 0);
    for (uint32_t i = CUT - 300; i < CUT; i++)
        expect_long(&segment, i);
    ck_assert_int_eq(segment_read(&segment, CUT, unused), -EBADMSG);
    expect_long(&segment, CUT - 1);
    segment_finish(&segment);
    close(fd);
    buffer_finish(&bytes);
    segment_writer_free(writer);
}
END_TEST

int main(void)
{
    return RUN_TESTS("segment_file", many_series_are_read_from_a_file,
                     blocks_of_a_file_are_read_in_any_order_and_up_to_a_cut);
}
