#include "daemon/series_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/series_make.h"
#include "tests/unit/support.h"

#define FIXED 40 /* bytes of a body before its texts */

static struct series *make_series(const char *help, size_t label_count)
{
    static const struct label labels[] = {{"a", "1"}, {"b", ""}, {"c", "caf\xc3\xa9"}};
    const struct metric metric = {.name = "m", .unit = "", .help = help, .kind = METRIC_GAUGE};
    struct series *series = series_make(&metric, labels, label_count);

    ck_assert_ptr_nonnull(series);
    return series;
}

/* The record's body, alone in memory of its size; the caller frees it. */
static uint8_t *encode(const struct series *series, struct record *record)
{
    struct buffer buffer = {0};
    struct record_head head;
    uint8_t *body;

    ck_assert_int_eq(series_record_encode(series, &buffer), 0);
    ck_assert(!buffer.failed);
    ck_assert_uint_eq(buffer.size % 8, 0);
    memcpy(&head, buffer.data, sizeof head);
    ck_assert_uint_eq(head.size, buffer.size - sizeof head);
    body = malloc(head.size);
    memcpy(body, buffer.data + sizeof head, head.size);
    *record = (struct record){.kind = head.kind, .body_size = head.size, .body = body};
    buffer_finish(&buffer);
    return body;
}

START_TEST(texts_may_be_as_long_as_all_together)
{
    static char help[SERIES_TEXTS_MAX];
    struct stored_series stored;
    struct buffer buffer = {0};
    struct record record;
    struct series *series;
    uint8_t *body;

    memset(help, 'h', sizeof help - 4);
    series = make_series(help, 0);
    body = encode(series, &record); /* "m", "" and the help, with three NULs */
    ck_assert_int_eq(series_record_parse(&record, &stored), 0);
    ck_assert_str_eq(stored.series.help, help);
    free(body);
    series_put(series);
    help[sizeof help - 4] = 'h';
    series = make_series(help, 0);
    ck_assert_int_eq(series_record_encode(series, &buffer), -E2BIG);
    ck_assert_uint_eq(buffer.size, 0);
    series_put(series);
}
END_TEST

START_TEST(as_many_labels_as_there_may_be)
{
    const struct metric metric = {.name = "m", .unit = "", .help = ""};
    char keys[SERIES_LABELS_MAX + 1][3];
    struct label labels[SERIES_LABELS_MAX + 1];
    struct stored_series stored;
    struct buffer buffer = {0};
    struct record record;
    struct series *series;
    uint8_t *body;

    for (size_t i = 0; i <= SERIES_LABELS_MAX; i++) {
        keys[i][0] = (char)('a' + i / 10);
        keys[i][1] = (char)('0' + i % 10);
        keys[i][2] = '\0';
        labels[i] = (struct label){keys[i], keys[i]};
    }
    series = series_make(&metric, labels, SERIES_LABELS_MAX);
    body = encode(series, &record);
    ck_assert_int_eq(series_record_parse(&record, &stored), 0);
    ck_assert(series_is(&stored.series, "m", labels, SERIES_LABELS_MAX));
    free(body);
    series_put(series);
    series = series_make(&metric, labels, SERIES_LABELS_MAX + 1);
    ck_assert_int_eq(series_record_encode(series, &buffer), -E2BIG);
    series_put(series);
}
END_TEST

static void expect_refused(const struct record *record)
{
    struct stored_series stored;

    ck_assert_int_eq(series_record_parse(record, &stored), -EBADMSG);
}

/* With a right CRC around it, which is no matter here. */
START_TEST(what_encoding_does_not_make_is_refused)
{
    struct series *series = make_series("Help.", 3);
    struct stored_series stored;
    struct record record;
    struct record other;
    uint8_t *body = encode(series, &record);
    uint8_t *texts = body + FIXED;
    /* Kind, type, cumulative, number of labels, size of texts: one beyond what may be. */
    const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{8, METRIC_UNTYPED + 1},
                 {9, SAMPLE_HISTOGRAM + 1},
                 {10, 2},
                 {11, 2},
                 {11, 4},
                 {11, 255},
                 {20, 0},
                 {21, 1},
                 {23, 1}};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t right = body[wrong[i].at];

        body[wrong[i].at] = wrong[i].value;
        expect_refused(&record);
        body[wrong[i].at] = right;
    }
    for (uint32_t size = 0; size < record.body_size; size++) {
        other = record;
        other.body_size = size;
        expect_refused(&other);
    }
    other = record;
    other.kind++;
    expect_refused(&other);
    body[record.body_size - 1] = 'x'; /* what fills up */
    expect_refused(&record);
    body[record.body_size - 1] = '\0';
    /* "m", "", "Help.", "a": a key that is not above the one before */
    ck_assert_int_eq(texts[9], 'a');
    texts[9] = 'b';
    expect_refused(&record);
    texts[9] = 'a';
    texts[1] = 'x'; /* one text fewer */
    expect_refused(&record);
    texts[1] = '\0';
    ck_assert_int_eq(series_record_parse(&record, &stored), 0);
    ck_assert_str_eq(series_label(&stored.series, "c"), "caf\xc3\xa9");
    free(body);
    series_put(series);
}
END_TEST

int main(void)
{
    return RUN_TESTS("series_record", texts_may_be_as_long_as_all_together,
                     as_many_labels_as_there_may_be, what_encoding_does_not_make_is_refused);
}
