#include "daemon/minutes.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/chronicle.h"

/* A multiple of a minute. */
#define START_MS INT64_C(1700000040000)

enum { GAUGE = 3, TOTAL = 5, SLOW = 7, TIMER = 9, FORGOTTEN = 11 };

static struct segment_writer *writer;

static bool find(void *arg, uint32_t id, struct minutes_rule *out)
{
    (void)arg;
    *out = (struct minutes_rule){.cumulative = id == TOTAL || id == SLOW,
                                 .rate = {.every_tick = id != SLOW}};
    return id != FORGOTTEN;
}

static const struct minutes_rules rules = {.find = find};

/* Ticks a second apart, and the words that each series has in them. */
struct block {
    size_t count;
    int64_t heads[TICK_HEADS][SEGMENT_POINTS_MAX];
    uint64_t words[FORGOTTEN + 1][SEGMENT_POINTS_MAX];
};

static struct block block;

/* As many from this tick on; tick n is n seconds after START_MS. */
static void begin_block(uint64_t first_seq, size_t count)
{
    block.count = count;
    for (size_t i = 0; i < count; i++) {
        int64_t seq = (int64_t)(first_seq + i);

        block.heads[TICK_HEAD_SEQ][i] = seq;
        block.heads[TICK_HEAD_TIME_MS][i] = START_MS + seq * 1000;
        block.heads[TICK_HEAD_MONO_NS][i] = (5000 + seq) * NS_PER_SECOND;
        block.heads[TICK_HEAD_FLAGS][i] = 0;
        for (size_t id = 0; id <= FORGOTTEN; id++)
            block.words[id][i] = SAMPLE_ABSENT;
        block.words[GAUGE][i] = sample_word((double)seq);
        block.words[TOTAL][i] = sample_word((double)(seq * seq));
        block.words[FORGOTTEN][i] = sample_word(1);
    }
}

static bool has_value(const uint64_t *words)
{
    for (size_t i = 0; i < block.count; i++) {
        if (words[i] != SAMPLE_ABSENT)
            return true;
    }
    return false;
}

/* A segment of the block; the timer has one pair at each tick: bucket seq % 3, increment 2. */
static void encode_block(struct buffer *out)
{
    const int64_t *heads[TICK_HEADS];
    uint32_t counts[SEGMENT_POINTS_MAX];
    struct histogram_pair pairs[SEGMENT_POINTS_MAX];

    for (size_t i = 0; i < TICK_HEADS; i++)
        heads[i] = block.heads[i];
    for (size_t i = 0; i < block.count; i++) {
        counts[i] = 1;
        pairs[i] = (struct histogram_pair){(int16_t)(block.heads[TICK_HEAD_SEQ][i] % 3), 2};
    }
    segment_begin(writer, SEGMENT_TICKS, block.count, heads, TICK_HEADS, 1);
    for (uint32_t id = GAUGE; id <= FORGOTTEN; id += 2) {
        const uint64_t *field = block.words[id];

        if (id == TIMER)
            ck_assert_int_eq(segment_add_histogram(writer, id, counts, pairs), 0);
        else if (has_value(field))
            ck_assert_int_eq(segment_add(writer, id, &field), 0);
    }
    ck_assert_int_eq(segment_end(writer, out), 0);
}

/* Minutes of the block, as bytes and opened. */
struct chunk {
    struct buffer buffer;
    struct segment segment;
};

static void make_chunk(struct minutes_baselines *baselines, struct chunk *chunk)
{
    struct buffer ticks = {0};
    struct segment segment;

    encode_block(&ticks);
    open_segment(&ticks, &segment);
    chunk->buffer = (struct buffer){0};
    ck_assert_int_eq(minutes_make(&segment, baselines, &rules, writer, &chunk->buffer), 0);
    segment_finish(&segment);
    buffer_finish(&ticks);
    open_segment(&chunk->buffer, &chunk->segment);
}

static void finish_chunks(struct chunk *chunks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        segment_finish(&chunks[i].segment);
        buffer_finish(&chunks[i].buffer);
    }
}

static void merge(const struct chunk *chunks, size_t count, struct chunk *out)
{
    const struct segment *segments[3];

    for (size_t i = 0; i < count; i++)
        segments[i] = &chunks[i].segment;
    out->buffer = (struct buffer){0};
    ck_assert_int_eq(minutes_merge(segments, count, &rules, writer, &out->buffer), 0);
    open_segment(&out->buffer, &out->segment);
    ck_assert_uint_eq(minutes_joined_count(segments, count), out->segment.point_count);
}

static struct summary read_summary(const struct chunk *chunk, uint32_t id, size_t point)
{
    uint64_t words[MINUTE_FIELDS * SEGMENT_POINTS_MAX];
    int index = segment_find(&chunk->segment, id);

    ck_assert_int_ge(index, 0);
    ck_assert_int_eq(segment_read(&chunk->segment, (size_t)index, words), 0);
    return minutes_summary(&chunk->segment, words, point, id == TOTAL || id == SLOW);
}

static void expect_minute(const struct chunk *chunk, size_t point, int64_t after_ms,
                          uint64_t first_seq, uint64_t last_seq)
{
    struct minute minute = points_minute(&chunk->segment, point);

    ck_assert_int_eq(minute.time_ms - START_MS, after_ms);
    ck_assert_uint_eq(minute.first_seq, first_seq);
    ck_assert_uint_eq(minute.last_seq, last_seq);
    ck_assert_uint_eq(minute.tick_count, last_seq - first_seq + 1);
}

static void setup(void)
{
    writer = segment_writer_new();
    ck_assert_ptr_nonnull(writer);
}

static void teardown(struct minutes_baselines *baselines)
{
    minutes_baselines_finish(baselines);
    segment_writer_free(writer);
}

START_TEST(a_segment_has_parts_at_its_ends)
{
    struct minutes_baselines baselines = {0};
    struct chunk chunk;
    struct summary summary;

    setup();
    begin_block(50, 100); /* 10 of one minute, 60 of the next, 30 of a third */
    block.heads[TICK_HEAD_FLAGS][12] = TICK_LATE;
    block.heads[TICK_HEAD_FLAGS][13] = TICK_GAP_BEFORE;
    make_chunk(&baselines, &chunk);
    ck_assert_uint_eq(chunk.segment.point_count, 3);
    expect_minute(&chunk, 0, 0, 50, 59);
    expect_minute(&chunk, 1, 60000, 60, 119);
    expect_minute(&chunk, 2, 120000, 120, 149);
    ck_assert_uint_eq(points_minute(&chunk.segment, 1).flags, TICK_LATE | TICK_GAP_BEFORE);
    ck_assert_int_eq(points_minute(&chunk.segment, 0).covered_ns, 9 * NS_PER_SECOND);
    ck_assert_int_eq(points_minute(&chunk.segment, 1).covered_ns, 60 * NS_PER_SECOND);
    summary = read_summary(&chunk, GAUGE, 1);
    ck_assert_double_eq(summary.min, 60);
    ck_assert_double_eq(summary.max, 119);
    ck_assert_double_eq(summary.weight, 60);
    ck_assert_double_eq(summary.sum, 60 * 89.5);
    expect_number(summary.last, 119.0);
    /* Rates go from 2 * 60 - 1 to 2 * 119 - 1, the increase from 59 to 119 squared. */
    summary = read_summary(&chunk, TOTAL, 1);
    ck_assert_double_eq(summary.min, 119);
    ck_assert_double_eq(summary.max, 237);
    ck_assert_double_eq(summary.sum, 119 * 119 - 59 * 59);
    ck_assert_double_eq(summary.weight, 60e9);
    expect_number(summary.last, 119.0 * 119);
    /* The first tick has none. */
    ck_assert_double_eq(read_summary(&chunk, TOTAL, 0).weight, 9e9);
    /* What is not known is left out, and what has no value. */
    ck_assert_int_eq(segment_find(&chunk.segment, FORGOTTEN), -ENOENT);
    ck_assert_int_eq(segment_find(&chunk.segment, SLOW), -ENOENT);
    finish_chunks(&chunk, 1);
    teardown(&baselines);
}
END_TEST

START_TEST(rates_go_on_from_segment_to_segment)
{
    struct minutes_baselines baselines = {0};
    struct chunk chunk;

    setup();
    begin_block(10, 10);
    block.words[SLOW][2] = sample_word(100); /* tick 12 */
    make_chunk(&baselines, &chunk);
    /* A first value is a last one, if nothing else. */
    ck_assert_double_eq(read_summary(&chunk, SLOW, 0).weight, 0);
    expect_number(read_summary(&chunk, SLOW, 0).last, 100.0);
    finish_chunks(&chunk, 1);
    begin_block(20, 11);
    make_chunk(&baselines, &chunk);
    ck_assert_double_eq(read_summary(&chunk, TOTAL, 0).weight, 11e9);
    ck_assert_double_eq(read_summary(&chunk, TOTAL, 0).sum, 30 * 30 - 19 * 19);
    finish_chunks(&chunk, 1);
    /* The slow one is not even in this segment. */
    begin_block(31, 1);
    make_chunk(&baselines, &chunk);
    finish_chunks(&chunk, 1);
    begin_block(32, 10);
    block.words[SLOW][0] = sample_word(120);
    make_chunk(&baselines, &chunk);
    ck_assert_double_eq(read_summary(&chunk, SLOW, 0).weight, 20e9);
    ck_assert_double_eq(read_summary(&chunk, SLOW, 0).max, 1);
    finish_chunks(&chunk, 1);
    teardown(&baselines);
}
END_TEST

/* The slow one, too, though it has no value in the segment where that is. */
START_TEST(rates_begin_anew_where_they_have_to)
{
    static const struct {
        uint64_t seq;
        int64_t flags;
        double weight, slow_weight;
    } cases[] = {{20, 0, 1e9, 9e9},
                 {20, TICK_RESTART, 1e9, 9e9},
                 {20, TICK_RESUMED, 0, 0},
                 {20, TICK_BOOT, 0, 0},
                 {21, 0, 0, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct minutes_baselines baselines = {0};
        struct chunk chunk;

        setup();
        begin_block(10, 10);
        block.words[SLOW][2] = sample_word(100);
        make_chunk(&baselines, &chunk);
        finish_chunks(&chunk, 1);
        begin_block(cases[i].seq, 1);
        block.heads[TICK_HEAD_FLAGS][0] = cases[i].flags;
        make_chunk(&baselines, &chunk);
        ck_assert_double_eq(read_summary(&chunk, TOTAL, 0).weight, cases[i].weight);
        finish_chunks(&chunk, 1);
        begin_block(cases[i].seq + 1, 2);
        block.words[SLOW][0] = sample_word(112);
        make_chunk(&baselines, &chunk);
        ck_assert_double_eq(read_summary(&chunk, SLOW, 0).weight, cases[i].slow_weight);
        finish_chunks(&chunk, 1);
        teardown(&baselines);
    }
}
END_TEST

START_TEST(parts_of_one_minute_are_joined)
{
    struct minutes_baselines baselines = {0};
    struct chunk chunks[3], merged;
    struct summary summary;

    setup();
    begin_block(50, 100);
    make_chunk(&baselines, &chunks[0]);
    begin_block(150, 5);
    make_chunk(&baselines, &chunks[1]);
    begin_block(155, 45);
    block.words[TOTAL][2] = SAMPLE_GONE;
    make_chunk(&baselines, &chunks[2]);
    merge(chunks, 3, &merged);
    ck_assert_uint_eq(merged.segment.point_count, 4);
    expect_minute(&merged, 0, 0, 50, 59);
    expect_minute(&merged, 1, 60000, 60, 119);
    expect_minute(&merged, 2, 120000, 120, 179);
    expect_minute(&merged, 3, 180000, 180, 199);
    ck_assert_int_eq(points_minute(&merged.segment, 2).covered_ns, 60 * NS_PER_SECOND);
    summary = read_summary(&merged, GAUGE, 2);
    ck_assert_double_eq(summary.weight, 60);
    ck_assert_double_eq(summary.sum, 60 * 149.5);
    expect_number(summary.last, 179.0);
    summary = read_summary(&merged, TOTAL, 2);
    ck_assert_double_eq(summary.weight,
                        58e9); /* without the tick where it was gone, and the next */
    ck_assert_double_eq(summary.sum, 156 * 156 - 119 * 119 + 179 * 179 - 158 * 158);
    ck_assert_double_eq(summary.max, 2 * 179 - 1);
    ck_assert_int_eq(segment_find(&merged.segment, FORGOTTEN), -ENOENT);
    finish_chunks(chunks, 3);
    finish_chunks(&merged, 1);
    teardown(&baselines);
}
END_TEST

START_TEST(runs_and_gaps_are_not_joined)
{
    struct minutes_baselines baselines = {0};
    struct chunk chunks[3], merged;

    setup();
    begin_block(60, 10);
    make_chunk(&baselines, &chunks[0]);
    begin_block(70, 10);
    for (size_t i = 0; i < 10; i++)
        block.heads[TICK_HEAD_TIME_MS][i] -= 1500; /* set back before it, and again inside */
    for (size_t i = 5; i < 10; i++)
        block.heads[TICK_HEAD_TIME_MS][i] -= 1500;
    make_chunk(&baselines, &chunks[1]);
    begin_block(81, 10);
    make_chunk(&baselines, &chunks[2]);
    merge(chunks, 3, &merged);
    ck_assert_uint_eq(merged.segment.point_count, 4);
    expect_minute(&merged, 0, 60000, 60, 69);
    expect_minute(&merged, 1, 60000, 70, 74);
    expect_minute(&merged, 2, 60000, 75, 79);
    expect_minute(&merged, 3, 60000, 81, 90);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(points_minute(&merged.segment, i).flags,
                          i == 1 || i == 2 ? MINUTE_SET_BACK : 0);
    finish_chunks(chunks, 3);
    finish_chunks(&merged, 1);
    teardown(&baselines);
}
END_TEST

static void expect_timer(const struct chunk *chunk, size_t point, uint32_t increment)
{
    uint32_t counts[SEGMENT_POINTS_MAX];
    struct histogram_pair *pairs;
    int index = segment_find(&chunk->segment, TIMER);

    ck_assert_int_ge(index, 0);
    ck_assert(segment_is_histogram(&chunk->segment, (size_t)index));
    ck_assert_int_eq(segment_read_histogram(&chunk->segment, (size_t)index, counts, &pairs), 0);
    for (size_t i = 0, at = 0; i <= point; at += counts[i++]) {
        ck_assert_uint_eq(counts[i], 3);
        for (size_t k = 0; k < 3 && i == point; k++) {
            ck_assert_int_eq(pairs[at + k].bucket, (int)k);
            ck_assert_uint_eq(pairs[at + k].increment, increment);
        }
    }
    free(pairs);
}

START_TEST(histograms_are_added_up)
{
    struct minutes_baselines baselines = {0};
    struct chunk chunks[2], merged;

    setup();
    begin_block(60, 90);
    make_chunk(&baselines, &chunks[0]);
    begin_block(150, 30);
    make_chunk(&baselines, &chunks[1]);
    expect_timer(&chunks[0], 0, 40);
    expect_timer(&chunks[0], 1, 20);
    merge(chunks, 2, &merged);
    expect_timer(&merged, 0, 40);
    expect_timer(&merged, 1, 40);
    finish_chunks(chunks, 2);
    finish_chunks(&merged, 1);
    teardown(&baselines);
}
END_TEST

START_TEST(too_many_minutes_are_not_joined)
{
    struct minutes_baselines baselines = {0};
    struct chunk chunks[2];
    const struct segment *segments[2] = {&chunks[0].segment, &chunks[1].segment};
    struct buffer out = {0}, ticks = {0};
    struct segment segment;

    setup();
    for (size_t i = 0; i < 2; i++) {
        begin_block(1 + 256 * i, 256);
        for (size_t k = 0; k < 256; k++)
            block.heads[TICK_HEAD_TIME_MS][k] = START_MS + (int64_t)(256 * i + k) * MINUTE_MS;
        make_chunk(&baselines, &chunks[i]);
        ck_assert_uint_eq(chunks[i].segment.point_count, 256);
    }
    ck_assert_uint_eq(minutes_joined_count(segments, 2), 512);
    ck_assert_int_eq(minutes_merge(segments, 2, &rules, writer, &out), -E2BIG);
    /* The one is not the other. */
    ck_assert_int_eq(minutes_make(segments[0], &baselines, &rules, writer, &out), -EBADMSG);
    encode_block(&ticks);
    open_segment(&ticks, &segment);
    segments[1] = &segment;
    ck_assert_int_eq(minutes_merge(segments, 2, &rules, writer, &out), -EBADMSG);
    segment_finish(&segment);
    buffer_finish(&ticks);
    buffer_finish(&out);
    finish_chunks(chunks, 2);
    teardown(&baselines);
}
END_TEST

int main(void)
{
    return RUN_TESTS("minutes", a_segment_has_parts_at_its_ends,
                     rates_go_on_from_segment_to_segment, rates_begin_anew_where_they_have_to,
                     parts_of_one_minute_are_joined, runs_and_gaps_are_not_joined,
                     histograms_are_added_up, too_many_minutes_are_not_joined);
}
