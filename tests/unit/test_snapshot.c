#include "daemon/snapshot.h"

#include <stdlib.h>

#include "daemon/follower.h"
#include "tests/unit/model.h"

/* Two ticks: a counter, a gauge that has no value in the second, a derived one, and an infinity. */
struct bench {
    struct model model;
    struct follower follower;
};

static void bench_make(struct bench *bench)
{
    struct model *model = &bench->model;

    model_make(model, 8);
    ck_assert_int_eq(
        follower_init(&bench->follower, model->history, model->table, 8, MODEL_INTERVAL_MS), 0);
    for (int i = 0; i < 2; i++) {
        model_begin(model, i == 0 ? 1000 : 3000, 0);
        model_put(model, "bytes_total", "device=a\"b", 1000000.125 + i);
        if (i == 0)
            model_put(model, "gone", "", 5);
        model_set(model, model_declare(model, "derived", "", SERIES_DERIVED, 1000), 1.0 / 3);
        model_put(model, "endless", "", i == 0 ? 1 : INFINITY);
        model_end(model);
        ck_assert(follower_advance(&bench->follower));
    }
}

static void bench_remove(struct bench *bench)
{
    follower_finish(&bench->follower);
    model_remove(&bench->model);
}

static char *encode(const struct bench *bench, const struct catalog *catalog,
                    enum json_digits digits)
{
    struct buffer out = {0};
    struct snapshot snapshot;

    ck_assert_int_eq(snapshot_take("0123456789abcdef", &bench->follower.present,
                                   (const struct series *const *)catalog->series, catalog->count,
                                   &snapshot),
                     0);
    snapshot_encode(&out, &snapshot, digits);
    snapshot_finish(&snapshot);
    buffer_append_char(&out, '\0');
    ck_assert(!out.failed);
    return out.data;
}

static void expect_snapshot(enum json_digits digits, const char *wanted)
{
    struct bench bench;
    char *text;

    bench_make(&bench);
    text = encode(&bench, bench.follower.catalog, digits);
    ck_assert_str_eq(text, wanted);
    cJSON_Delete(parse_json(text, strlen(text)));
    free(text);
    bench_remove(&bench);
}

/* The counter's rate is 1 / 3 s; the gauge is gone for 3 s; raw values are exact in both. */
START_TEST(derived_numbers_have_six_digits)
{
    expect_snapshot(
        JSON_DIGITS_6,
        "{\"epoch\":\"0123456789abcdef\",\"seq\":2,\"time_ms\":1700000004000,\"series\":["
        "{\"id\":1,\"name\":\"bytes_total\",\"labels\":{\"device\":\"a\\\"b\"},"
        "\"kind\":\"counter\",\"value\":1000001.125,\"rate\":0.333333},"
        "{\"id\":2,\"name\":\"gone\",\"labels\":{},\"kind\":\"gauge\",\"value\":null},"
        "{\"id\":3,\"name\":\"derived\",\"labels\":{},\"kind\":\"gauge\",\"value\":0.333333},"
        "{\"id\":4,\"name\":\"endless\",\"labels\":{},\"kind\":\"gauge\",\"value\":null}]}\n");
}
END_TEST

START_TEST(or_all_of_them)
{
    expect_snapshot(
        JSON_DIGITS_ALL,
        "{\"epoch\":\"0123456789abcdef\",\"seq\":2,\"time_ms\":1700000004000,\"series\":["
        "{\"id\":1,\"name\":\"bytes_total\",\"labels\":{\"device\":\"a\\\"b\"},"
        "\"kind\":\"counter\",\"value\":1000001.125,\"rate\":0.3333333333333333},"
        "{\"id\":2,\"name\":\"gone\",\"labels\":{},\"kind\":\"gauge\",\"value\":null},"
        "{\"id\":3,\"name\":\"derived\",\"labels\":{},\"kind\":\"gauge\","
        "\"value\":0.3333333333333333},"
        "{\"id\":4,\"name\":\"endless\",\"labels\":{},\"kind\":\"gauge\",\"value\":null}]}\n");
}
END_TEST

START_TEST(lines_are_whole_objects)
{
    static const char wanted[] =
        "{\"time_ms\":1700000004000,\"seq\":2,\"id\":1,\"name\":\"bytes_total\","
        "\"labels\":{\"device\":\"a\\\"b\"},\"kind\":\"counter\",\"value\":1000001.125,"
        "\"rate\":0.333333}\n"
        "{\"time_ms\":1700000004000,\"seq\":2,\"id\":2,\"name\":\"gone\",\"labels\":{},"
        "\"kind\":\"gauge\",\"value\":null}\n";
    struct bench bench;
    struct snapshot snapshot;
    struct buffer out = {0};

    bench_make(&bench);
    ck_assert_int_eq(snapshot_take("e", &bench.follower.present,
                                   (const struct series *const *)bench.follower.catalog->series, 2,
                                   &snapshot),
                     0);
    snapshot_encode_lines(&out, &snapshot, JSON_DIGITS_6);
    buffer_append_char(&out, '\0');
    ck_assert_str_eq(out.data, wanted);
    buffer_finish(&out);
    snapshot_finish(&snapshot);
    bench_remove(&bench);
}
END_TEST

/* A mean of what was read is computed; what only grows is not. */
START_TEST(averages_are_rounded)
{
    struct bench bench;
    struct snapshot snapshot;

    bench_make(&bench);
    ck_assert_int_eq(snapshot_take("e", &bench.follower.present,
                                   (const struct series *const *)bench.follower.catalog->series, 4,
                                   &snapshot),
                     0);
    for (int averaged = 0; averaged <= 1; averaged++) {
        snapshot.averaged = averaged;
        ck_assert_int_eq(snapshot_digits(&snapshot, 0, JSON_DIGITS_6), JSON_DIGITS_ALL);
        ck_assert_int_eq(snapshot_digits(&snapshot, 1, JSON_DIGITS_6),
                         averaged ? JSON_DIGITS_6 : JSON_DIGITS_ALL);
        ck_assert_int_eq(snapshot_digits(&snapshot, 2, JSON_DIGITS_6), JSON_DIGITS_6);
        ck_assert_int_eq(snapshot_digits(&snapshot, 2, JSON_DIGITS_ALL), JSON_DIGITS_ALL);
    }
    snapshot_finish(&snapshot);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_series_that_is_newer_than_the_tick_is_null)
{
    struct bench bench;
    struct catalog *catalog;
    char *text;

    bench_make(&bench);
    /* Its slot is that of another, which the present still follows. */
    series_table_release(bench.model.table, 0, 2);
    series_table_collect(bench.model.table, 3);
    ck_assert_uint_eq(model_declare(&bench.model, "new_total", "", 0, 1000), 0);
    ck_assert_int_eq(series_table_publish(bench.model.table), 1);
    catalog = catalog_get(bench.model.table);
    text = encode(&bench, catalog, JSON_DIGITS_6);
    ck_assert_ptr_nonnull(strstr(text, "\"name\":\"new_total\",\"labels\":{},\"kind\":\"counter\","
                                       "\"value\":null,\"rate\":null}"));
    free(text);
    catalog_put(catalog);
    bench_remove(&bench);
}
END_TEST

START_TEST(nothing_selected_is_an_empty_list)
{
    struct present present = {.tick = {.seq = 0}};
    struct snapshot snapshot;
    struct buffer out = {0};

    ck_assert_int_eq(snapshot_take("e", &present, NULL, 0, &snapshot), 0);
    snapshot_encode(&out, &snapshot, JSON_DIGITS_6);
    buffer_append_char(&out, '\0');
    ck_assert_str_eq(out.data, "{\"epoch\":\"e\",\"seq\":0,\"time_ms\":0,\"series\":[]}\n");
    buffer_finish(&out);
    snapshot_encode_lines(&out, &snapshot, JSON_DIGITS_6);
    ck_assert_uint_eq(out.size, 0);
    snapshot_finish(&snapshot);
}
END_TEST

int main(void)
{
    return RUN_TESTS("snapshot", derived_numbers_have_six_digits, or_all_of_them,
                     lines_are_whole_objects, averages_are_rounded,
                     a_series_that_is_newer_than_the_tick_is_null,
                     nothing_selected_is_an_empty_list);
}
