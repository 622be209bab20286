#include "daemon/archive.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/archive_name.h"
#include "daemon/sample.h"
#include "tests/unit/data_bench.h"

#define POINTS 16

static const uint64_t plenty[ARCHIVE_PARTS] = {100000000, 100000000};

/* A segment of one series, whose value is its tick's number. */
static struct buffer make_segment(uint64_t first_seq)
{
    struct segment_writer *writer = segment_writer_new();
    int64_t seqs[POINTS], times_ms[POINTS], monos_ns[POINTS], flags[POINTS] = {0};
    const int64_t *const heads[] = {seqs, times_ms, monos_ns, flags};
    uint64_t words[POINTS];
    const uint64_t *const fields[] = {words};
    struct buffer out = {0};

    for (size_t i = 0; i < POINTS; i++) {
        seqs[i] = (int64_t)(first_seq + i);
        times_ms[i] = 1764363600000 + seqs[i] * 1000;
        monos_ns[i] = seqs[i] * 1000000000;
        words[i] = sample_word((double)seqs[i]);
    }
    ck_assert_ptr_nonnull(writer);
    segment_begin(writer, SEGMENT_TICKS, POINTS, heads, 4, 1);
    ck_assert_int_eq(segment_add(writer, 7, fields), 0);
    ck_assert_int_eq(segment_end(writer, &out), 0);
    segment_writer_free(writer);
    return out;
}

static struct archive_entry describe(enum archive_part part, uint64_t first_seq, uint64_t last_seq)
{
    return (struct archive_entry){.part = part,
                                  .first_seq = first_seq,
                                  .last_seq = last_seq,
                                  .first_ms = 1764363600000 + (int64_t)first_seq * 1000,
                                  .last_ms = 1764363600000 + (int64_t)last_seq * 1000};
}

static void add(struct archive *archive, enum archive_part part, uint64_t first_seq)
{
    struct archive_entry what = describe(part, first_seq, first_seq + POINTS - 1);
    struct buffer segment = make_segment(first_seq);

    ck_assert_int_eq(archive_add(archive, &what, &segment), 0);
    ck_assert_ptr_null(segment.data);
}

static struct archive *make(const struct data_folder *folder, const uint64_t *budgets)
{
    struct archive *archive;

    ck_assert_int_eq(archive_new(folder, budgets, &archive), 0);
    return archive;
}

static struct archive_list list(struct archive *archive, enum archive_part part)
{
    struct archive_list found;

    ck_assert_int_eq(archive_list(archive, part, &found), 0);
    return found;
}

static size_t count(struct archive *archive, enum archive_part part)
{
    struct archive_list found = list(archive, part);
    size_t number = found.count;

    archive_list_finish(&found);
    return number;
}

/* The value of the series at the entry's first point, or -errno. */
static int read_first(struct archive *archive, struct archive_entry *entry)
{
    struct archived archived;
    uint64_t words[POINTS];
    int result = archive_open(archive, entry, &archived);
    int index;

    if (result < 0)
        return result;
    index = segment_find(&archived.segment, 7);
    ck_assert_int_ge(index, 0);
    result = segment_read(&archived.segment, (size_t)index, words);
    archived_finish(&archived);
    return result < 0 ? result : (int)sample_value(words[0]);
}

START_TEST(names_say_what_is_in_a_file)
{
    static const char *const wrong[] = {
        "",
        "seconds-1-2-3",
        "seconds-1-2-3-4-",
        "seconds-01-2-3-4",
        "seconds-0-2-3-4",
        "seconds-2-1-3-4",
        "seconds-1-2-4-3",
        "seconds-1-2-3-99999999999999999999",
        "second-1-2-3-4",
        "unknown-seconds-1-2-3-4",
        "seconds-1-2-3-4.part",
        "merged-1-2--3-4",
    };
    struct archive_entry entry = describe(ARCHIVE_MINUTES, 257, 512), again;
    char name[ARCHIVE_NAME_BYTES];

    archive_name(&entry, name);
    ck_assert_str_eq(name, "minutes-257-512-1764363857000-1764364112000");
    ck_assert(archive_name_parse(name, &again));
    ck_assert_uint_eq(again.last_seq, 512);
    ck_assert_int_eq(again.part, ARCHIVE_MINUTES);
    ck_assert(!again.merged);
    ck_assert(archive_name_parse("merged-1-2-3-4", &again) && again.merged);
    ck_assert(archive_name_parse("seconds-1-18446744073709551615-3-4", &again));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!archive_name_parse(wrong[i], &again), "%s", wrong[i]);
}
END_TEST

START_TEST(segments_are_kept_in_memory_and_in_order)
{
    struct archive *archive = make(NULL, plenty);
    struct archive_list found;

    add(archive, ARCHIVE_SECONDS, 257);
    add(archive, ARCHIVE_SECONDS, 1);
    add(archive, ARCHIVE_MINUTES, 1);
    ck_assert_uint_eq(archive_last_seq(archive, ARCHIVE_SECONDS), 272);
    found = list(archive, ARCHIVE_SECONDS);
    ck_assert_uint_eq(found.count, 2);
    ck_assert_int_eq(read_first(archive, found.entries[0]), 1);
    ck_assert_int_eq(read_first(archive, found.entries[1]), 257);
    archive_forget(archive);
    /* Who has a list may still read. */
    ck_assert_int_eq(read_first(archive, found.entries[1]), 257);
    archive_list_finish(&found);
    ck_assert_uint_eq(count(archive, ARCHIVE_SECONDS), 0);
    ck_assert_uint_eq(archive_last_seq(archive, ARCHIVE_SECONDS), 0);
    archive_free(archive);
}
END_TEST

START_TEST(a_budget_is_kept_by_the_oldest_going)
{
    struct buffer one = make_segment(1);
    const uint64_t budgets[] = {3 * one.size + one.size / 2, 1};
    struct archive *archive = make(NULL, budgets);
    struct archive_list found;

    for (uint64_t seq = 1; seq < 10 * POINTS; seq += POINTS) {
        add(archive, ARCHIVE_SECONDS, seq);
        add(archive, ARCHIVE_MINUTES, seq);
        ck_assert_uint_le(archive_count(archive, ARCHIVE_SECONDS).used_bytes, budgets[0]);
    }
    found = list(archive, ARCHIVE_SECONDS);
    ck_assert_uint_eq(found.count, 3);
    ck_assert_uint_eq(found.entries[0]->first_seq, 1 + 7 * POINTS);
    archive_list_finish(&found);
    /* One stays, however small the budget is. */
    ck_assert_uint_eq(count(archive, ARCHIVE_MINUTES), 1);
    archive_charge(archive, ARCHIVE_SECONDS, 2 * one.size);
    ck_assert_uint_eq(count(archive, ARCHIVE_SECONDS), 1);
    buffer_finish(&one);
    archive_free(archive);
}
END_TEST

START_TEST(files_are_found_again)
{
    struct data_bench bench;
    struct archive *archive;
    struct archive_list found;

    data_bench_make(&bench);
    archive = make(&bench.data, plenty);
    add(archive, ARCHIVE_SECONDS, 1);
    add(archive, ARCHIVE_SECONDS, 257);
    ck_assert(!archive_has_written(archive, 1, 16, 16));
    ck_assert_uint_eq(archive_count(archive, ARCHIVE_SECONDS).unwritten, 2);
    ck_assert_int_eq(archive_write(archive), 0);
    ck_assert(archive_has_written(archive, 1, 16, 16));
    ck_assert(archive_has_written(archive, 257, 272, 16));
    ck_assert(!archive_has_written(archive, 257, 280, 20));
    ck_assert_uint_eq(archive_count(archive, ARCHIVE_SECONDS).unwritten, 0);
    add(archive, ARCHIVE_SECONDS, 513); /* which no file has */
    archive_free(archive);

    archive = make(&bench.data, plenty);
    found = list(archive, ARCHIVE_SECONDS);
    ck_assert_uint_eq(found.count, 2);
    ck_assert_int_eq(read_first(archive, found.entries[0]), 1);
    ck_assert_int_eq(read_first(archive, found.entries[1]), 257);
    archive_list_finish(&found);
    archive_free(archive);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(what_is_merged_stays_until_that_is_a_file)
{
    struct archive_entry what = describe(ARCHIVE_MINUTES, 1, 1 + 2 * POINTS - 1);
    struct buffer segment = make_segment(1);
    struct data_bench bench;
    struct archive *archive;
    struct archive_list found;
    char name[ARCHIVE_NAME_BYTES];

    data_bench_make(&bench);
    archive = make(&bench.data, plenty);
    add(archive, ARCHIVE_MINUTES, 1);
    add(archive, ARCHIVE_MINUTES, 1 + POINTS);
    ck_assert_int_eq(archive_write(archive), 0);
    found = list(archive, ARCHIVE_MINUTES);
    archive_name(found.entries[0], name);
    what.merged = true;
    ck_assert_int_eq(archive_replace(archive, &found, &what, &segment), 0);
    archive_list_finish(&found);
    ck_assert_uint_eq(count(archive, ARCHIVE_MINUTES), 1);

    data_bench_limit(2);
    (void)!archive_write(archive);
    data_bench_limit(RLIM_INFINITY);
    ck_assert(data_bench_exists(&bench, name));
    ck_assert_int_eq(archive_write(archive), 0);
    ck_assert(!data_bench_exists(&bench, name));
    archive_free(archive);
    data_bench_remove(&bench);
}
END_TEST

/* As a crash between the two steps leaves it. */
START_TEST(what_was_merged_and_not_removed_goes)
{
    struct buffer segment = make_segment(1);
    struct data_bench bench;
    struct archive *archive;
    struct archive_list found;

    data_bench_make(&bench);
    data_bench_store(&bench, "minutes-1-16-1764363600000-1764363600000", segment.data,
                     segment.size);
    data_bench_store(&bench, "merged-1-32-1764363600000-1764363660000", segment.data, segment.size);
    data_bench_store(&bench, "minutes-17-32-1764363660000-1764363660000", segment.data,
                     segment.size);
    archive = make(&bench.data, plenty);
    found = list(archive, ARCHIVE_MINUTES);
    ck_assert_uint_eq(found.count, 1);
    ck_assert(found.entries[0]->merged);
    archive_list_finish(&found);
    ck_assert_int_eq(archive_write(archive), 0);
    ck_assert(!data_bench_exists(&bench, "minutes-1-16-1764363600000-1764363600000"));
    ck_assert(!data_bench_exists(&bench, "minutes-17-32-1764363660000-1764363660000"));
    ck_assert(data_bench_exists(&bench, "merged-1-32-1764363600000-1764363660000"));
    buffer_finish(&segment);
    archive_free(archive);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(what_is_damaged_is_a_gap)
{
    struct buffer segment = make_segment(1);
    struct data_bench bench;
    struct archive *archive;
    struct archive_list found;

    data_bench_make(&bench);
    data_bench_store(&bench, "seconds-257-272-1-2", segment.data, segment.size);
    data_bench_store(&bench, "seconds-513-528-3-4", segment.data, segment.size / 2);
    segment.data[20] ^= 1;
    data_bench_store(&bench, "seconds-1-16-1-2", segment.data, segment.size);
    data_bench_store(&bench, "seconds-1025-1040-5-6", "", 0);
    archive = make(&bench.data, plenty);
    found = list(archive, ARCHIVE_SECONDS);
    ck_assert_uint_eq(found.count, 4);
    ck_assert_int_lt(read_first(archive, found.entries[0]), 0);
    ck_assert_int_eq(read_first(archive, found.entries[0]), -ENODATA);
    ck_assert_int_eq(read_first(archive, found.entries[1]), 1);
    ck_assert_int_lt(read_first(archive, found.entries[2]), 0);
    ck_assert_int_lt(read_first(archive, found.entries[3]), 0);
    archive_list_finish(&found);
    ck_assert_uint_eq(archive_damaged(archive), 3);
    ck_assert_uint_eq(count(archive, ARCHIVE_SECONDS), 1);
    buffer_finish(&segment);
    archive_free(archive);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(what_no_file_takes_waits_in_memory_and_is_bounded)
{
    struct data_bench bench;
    struct archive *archive;
    struct archive_list found;

    data_bench_make(&bench);
    archive = make(&bench.data, plenty);
    for (uint64_t i = 0; i < ARCHIVE_MAX_UNWRITTEN + 3; i++)
        add(archive, ARCHIVE_SECONDS, 1 + i * POINTS);
    ck_assert_uint_eq(archive_count(archive, ARCHIVE_SECONDS).unwritten, ARCHIVE_MAX_UNWRITTEN);
    ck_assert_uint_eq(archive_lost_ticks(archive), 3 * POINTS);
    found = list(archive, ARCHIVE_SECONDS);
    ck_assert_uint_eq(found.count, ARCHIVE_MAX_UNWRITTEN);
    ck_assert_int_eq(read_first(archive, found.entries[0]), 1 + 3 * POINTS);
    archive_list_finish(&found);
    ck_assert_int_eq(archive_write(archive), 0);
    ck_assert_uint_eq(archive_count(archive, ARCHIVE_SECONDS).unwritten, 0);
    archive_free(archive);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("archive", names_say_what_is_in_a_file,
                     segments_are_kept_in_memory_and_in_order, a_budget_is_kept_by_the_oldest_going,
                     files_are_found_again, what_is_merged_stays_until_that_is_a_file,
                     what_was_merged_and_not_removed_goes, what_is_damaged_is_a_gap,
                     what_no_file_takes_waits_in_memory_and_is_bounded);
}
