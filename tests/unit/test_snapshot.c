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

    snapshot_encode(&out, "0123456789abcdef", &bench->follower.present,
                    (const struct series *const *)catalog->series, catalog->count, digits);
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

START_TEST(values_stand_a_line_each)
{
    struct bench bench;
    struct buffer out = {0};

    bench_make(&bench);
    snapshot_encode_values(&out, &bench.follower.present,
                           (const struct series *const *)bench.follower.catalog->series,
                           bench.follower.catalog->count, JSON_DIGITS_6);
    buffer_append_char(&out, '\0');
    ck_assert_str_eq(out.data, "1000001.125\nnull\n0.333333\nnull\n");
    buffer_finish(&out);
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
    struct buffer out = {0};

    snapshot_encode(&out, "e", &present, NULL, 0, JSON_DIGITS_6);
    buffer_append_char(&out, '\0');
    ck_assert_str_eq(out.data, "{\"epoch\":\"e\",\"seq\":0,\"time_ms\":0,\"series\":[]}\n");
    buffer_finish(&out);
    snapshot_encode_values(&out, &present, NULL, 0, JSON_DIGITS_6);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("snapshot", derived_numbers_have_six_digits, or_all_of_them,
                     values_stand_a_line_each, a_series_that_is_newer_than_the_tick_is_null,
                     nothing_selected_is_an_empty_list);
}
