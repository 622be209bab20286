#include "daemon/snapshot_texts.h"

#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/follower.h"
#include "daemon/snapshot.h"
#include "tests/unit/model.h"

#define MINUTE_NS (60 * NS_PER_SECOND)

struct bench {
    struct model model;
    struct follower follower;
    struct snapshot_texts texts;
};

static void bench_make(struct bench *bench)
{
    *bench = (struct bench){0};
    model_make(&bench->model, 16);
    ck_assert_int_eq(follower_init(&bench->follower, bench->model.history, bench->model.table, 16,
                                   MODEL_INTERVAL_MS),
                     0);
}

static void bench_remove(struct bench *bench)
{
    snapshot_texts_finish(&bench->texts);
    follower_finish(&bench->follower);
    model_remove(&bench->model);
}

/* One more tick, whose series the follower's catalog has. */
static void tick_with(struct bench *bench, const char *name, const char *labels, double value)
{
    model_begin(&bench->model, 1000, 0);
    model_put(&bench->model, name, labels, value);
    model_end(&bench->model);
    ck_assert(follower_advance(&bench->follower));
}

static struct buffer encode(const struct bench *bench, const struct snapshot_texts *texts,
                            bool lines, enum json_digits digits)
{
    const struct catalog *catalog = bench->follower.catalog;
    struct buffer out = {0};
    struct snapshot snapshot;

    ck_assert_int_eq(snapshot_take("e", &bench->follower.present,
                                   (const struct series *const *)catalog->series, catalog->count,
                                   &snapshot),
                     0);
    snapshot.texts = texts;
    if (lines)
        snapshot_encode_lines(&out, &snapshot, digits);
    else
        snapshot_encode(&out, &snapshot, digits);
    snapshot_finish(&snapshot);
    ck_assert(!out.failed);
    return out;
}

/* With and without the texts, byte by byte. */
static void expect_the_same(struct bench *bench)
{
    ck_assert(snapshot_texts_make(&bench->texts, bench->follower.catalog, 1));
    for (int way = 0; way < 4; way++) {
        const enum json_digits digits = way & 2 ? JSON_DIGITS_ALL : JSON_DIGITS_6;
        struct buffer plain = encode(bench, NULL, way & 1, digits);
        struct buffer prepared = encode(bench, &bench->texts, way & 1, digits);

        ck_assert_uint_eq(prepared.size, plain.size);
        if (plain.size > 0)
            ck_assert_mem_eq(prepared.data, plain.data, plain.size);
        buffer_finish(&plain);
        buffer_finish(&prepared);
    }
}

static size_t length_at(const struct snapshot_texts *texts, size_t index)
{
    size_t length;

    snapshot_texts_at(texts, index, &length);
    return length;
}

START_TEST(answers_are_the_same_with_odd_names_and_labels)
{
    static const char *const labels[] = {
        "",
        "device=a\"b\\c",
        "a=\x01\x1f\x7f\t\n,b=",
        "a=\xff\xc3,b\"\\\xfe=\xed\xa0\x80",
        "a=\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80,b=</script>\xf0\x9f\x98",
    };
    struct bench bench;

    bench_make(&bench);
    model_begin(&bench.model, 1000, 0);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        model_put(&bench.model, "bytes_total", labels[i], 1.0 / 3 + (double)i);
        model_put(&bench.model, "odd \"\\\x02\xfe\xc3\xa9", labels[i], i == 1 ? NAN : -1e300);
    }
    model_set(&bench.model, model_declare(&bench.model, "derived", "", SERIES_DERIVED, 1000),
              2.0 / 3);
    model_end(&bench.model);
    ck_assert(follower_advance(&bench.follower));
    expect_the_same(&bench);
    for (size_t i = 0; i < bench.follower.catalog->count; i++)
        ck_assert_uint_gt(length_at(&bench.texts, i), 0);
    bench_remove(&bench);
}
END_TEST

START_TEST(another_catalog_has_other_texts)
{
    struct bench bench;

    bench_make(&bench);
    tick_with(&bench, "first", "", 1);
    expect_the_same(&bench);
    tick_with(&bench, "second", "device=x", 2);
    expect_the_same(&bench);
    ck_assert_uint_eq(bench.follower.catalog->count, 2);
    series_table_release(bench.model.table, 0, 2);
    series_table_collect(bench.model.table, 3);
    tick_with(&bench, "third_total", "", 3);
    expect_the_same(&bench);
    ck_assert_uint_eq(bench.follower.catalog->count, 2);
    ck_assert_uint_eq(bench.texts.version, bench.follower.catalog->version);
    bench_remove(&bench);
}
END_TEST

/* By hand, since a model's labels are short. */
START_TEST(what_is_too_long_has_no_text_and_the_same_answer)
{
    AUTO_FREE char *value = malloc(SNAPSHOT_TEXTS_MAX + 1);
    const struct label label = {"key", value};
    struct series series[] = {
        {.id = 1, .slot = 0, .name = "before"},
        {.id = 2, .slot = 1, .name = "long", .labels = &label, .label_count = 1},
        {.id = 3, .slot = 2, .name = "behind", .cumulative = true},
    };
    struct present_value values[] = {{.id = 1, .word = sample_word(1)},
                                     {.id = 2, .word = sample_word(2)},
                                     {.id = 3, .word = sample_word(3)}};
    AUTO_FREE struct catalog *catalog = calloc(1, sizeof *catalog + 3 * sizeof *catalog->series);
    struct bench bench = {.follower = {.catalog = catalog, .present = {.values = values}}};

    memset(value, 'x', SNAPSHOT_TEXTS_MAX);
    value[SNAPSHOT_TEXTS_MAX] = '\0';
    catalog->count = 3;
    for (size_t i = 0; i < 3; i++)
        catalog->series[i] = &series[i];
    expect_the_same(&bench);
    ck_assert_uint_gt(length_at(&bench.texts, 0), 0);
    ck_assert_uint_eq(length_at(&bench.texts, 1), 0);
    ck_assert_uint_gt(length_at(&bench.texts, 2), 0);
    snapshot_texts_finish(&bench.texts);
}
END_TEST

START_TEST(no_series_are_an_empty_list)
{
    struct bench bench;

    bench_make(&bench);
    model_begin(&bench.model, 1000, 0);
    model_end(&bench.model);
    ck_assert(follower_advance(&bench.follower));
    expect_the_same(&bench);
    bench_remove(&bench);
}
END_TEST

START_TEST(they_are_given_up_a_minute_after_the_last_answer)
{
    struct bench bench;

    bench_make(&bench);
    tick_with(&bench, "first", "", 1);
    ck_assert(snapshot_texts_make(&bench.texts, bench.follower.catalog, 1));
    ck_assert(snapshot_texts_make(&bench.texts, bench.follower.catalog, NS_PER_SECOND));
    snapshot_texts_sweep(&bench.texts, NS_PER_SECOND + MINUTE_NS);
    ck_assert_ptr_nonnull(bench.texts.ends);
    snapshot_texts_sweep(&bench.texts, NS_PER_SECOND + MINUTE_NS + 1);
    ck_assert_ptr_null(bench.texts.ends);
    ck_assert_ptr_null(bench.texts.text.data);
    expect_the_same(&bench);
    bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("snapshot_texts", answers_are_the_same_with_odd_names_and_labels,
                     another_catalog_has_other_texts,
                     what_is_too_long_has_no_text_and_the_same_answer, no_series_are_an_empty_list,
                     they_are_given_up_a_minute_after_the_last_answer);
}
