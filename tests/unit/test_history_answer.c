#include "daemon/history_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/model.h"

/* A second apart: gauge n, a counter that grows by n, and every fifth a slow one by 50. */
static void tick(struct model *model, uint32_t flags)
{
    double n;

    model_begin(model, MODEL_INTERVAL_MS, flags);
    n = (double)model->tick.seq;
    model_put(model, "gauge", "", n);
    model_put(model, "grown_total", "", n * (n + 1) / 2);
    if (model->tick.seq % 5 == 0)
        model_set(model, model_declare(model, "slow_total", "", 0, 5 * MODEL_INTERVAL_MS), 10 * n);
    model_end(model);
}

static void count_to(struct model *model, uint64_t last)
{
    while (model->tick.seq < last)
        tick(model, 0);
}

/* All of the model's series, asked by parameters as a script writes them. */
struct asked {
    struct catalog *catalog;
    struct history_question question;
    struct buffer body;
    struct problem problem;
    int result;
};

static struct asked ask(struct model *model, struct query query)
{
    const struct history_context context = {.interval_ms = MODEL_INTERVAL_MS,
                                            .epoch = history_epoch(model->history),
                                            .last_seq = history_last(model->history),
                                            .now_ms = model->tick.time_ms};
    static const uint64_t budgets[ARCHIVE_PARTS] = {1000000, 1000000};
    struct asked asked = {.catalog = catalog_get(model->table),
                          .question = {.history = model->history,
                                       .interval_ms = MODEL_INTERVAL_MS,
                                       .last_seq = model->tick.seq}};
    struct select *select;

    ck_assert_int_eq(history_query_parse(&query, &context, &asked.question.query, &asked.problem),
                     0);
    ck_assert_int_eq(select_parse(&query, context.epoch, &select, &asked.problem), 0);
    ck_assert_int_eq(
        select_series(select, asked.catalog, &asked.question.selection, &asked.problem), 0);
    select_free(select);
    ck_assert_int_eq(archive_new(NULL, budgets, &asked.question.archive), 0);
    asked.result = history_answer(&asked.question, &asked.body, &asked.problem);
    return asked;
}

static void forget(struct asked *asked)
{
    archive_free(asked->question.archive);
    buffer_finish(&asked->body);
    free(asked->question.selection.series);
    catalog_put(asked->catalog);
}

#define QUERY(...) make_query((const char *const[]){__VA_ARGS__, NULL})

static cJSON *document(struct model *model, struct query query)
{
    struct asked asked = ask(model, query);
    cJSON *json;

    ck_assert_int_eq(asked.result, 0);
    json = parse_json(asked.body.data, asked.body.size);
    forget(&asked);
    return json;
}

static void expect_text(struct model *model, struct query query, const char *text)
{
    struct asked asked = ask(model, query);

    ck_assert_int_eq(asked.result, 0);
    buffer_append_char(&asked.body, '\0');
    ck_assert_str_eq(asked.body.data, text);
    forget(&asked);
}

static double number(const cJSON *json, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);

    ck_assert(cJSON_IsNumber(item));
    return item->valuedouble;
}

/* The i-th of a series' column; null is NaN. */
static double cell(const cJSON *json, const char *name, const char *column, int i)
{
    const cJSON *series;

    cJSON_ArrayForEach(series, cJSON_GetObjectItemCaseSensitive(json, "series"))
    {
        const cJSON *cells = cJSON_GetObjectItemCaseSensitive(series, column);

        if (strcmp(cJSON_GetObjectItemCaseSensitive(series, "name")->valuestring, name) != 0)
            continue;
        ck_assert_msg(cells != NULL, "%s has no %s", name, column);
        ck_assert_int_lt(i, cJSON_GetArraySize(cells));
        return cJSON_IsNull(cJSON_GetArrayItem(cells, i))
                   ? (double)NAN
                   : cJSON_GetArrayItem(cells, i)->valuedouble;
    }
    ck_abort_msg("no series %s", name);
}

static int64_t start_ms(const struct model *model)
{
    return model->tick.time_ms - (int64_t)model->tick.seq * MODEL_INTERVAL_MS;
}

/* --- since= --- */

START_TEST(every_tick_after_a_position_comes_once)
{
    struct model model;
    uint64_t since = 0;
    bool more = true;

    model_make(&model, 8);
    count_to(&model, 20);
    for (int page = 0; more; page++) {
        char text[24];
        cJSON *json, *ticks, *item;

        snprintf(text, sizeof text, "%llu", (unsigned long long)since);
        json = document(&model, QUERY("name", "*", "since", text, "points", "6"));
        ticks = cJSON_GetObjectItemCaseSensitive(json, "ticks");
        ck_assert_int_eq(cJSON_GetArraySize(ticks), page < 3 ? 6 : 2);
        ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(json, "gap"));
        for (int i = 0; i < cJSON_GetArraySize(ticks); i++) {
            double seq = cJSON_GetArrayItem(ticks, i)->valuedouble;

            ck_assert_double_eq(seq, (double)++since);
            ck_assert_double_eq(cell(json, "gauge", "last", i), seq);
            /* The rate is right from the tick before, which another page had. */
            if (seq > 1)
                ck_assert_double_eq(cell(json, "grown_total", "last", i), seq);
            else
                ck_assert_double_nan(cell(json, "grown_total", "last", i));
            if (seq >= 10 && since % 5 == 0)
                ck_assert_double_eq(cell(json, "slow_total", "last", i), 10);
            item = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "time_ms"), i);
            ck_assert_double_eq(item->valuedouble, (double)start_ms(&model) + 1000 * seq);
        }
        ck_assert_double_eq(number(json, "seq"), (double)since);
        more = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "more"));
        ck_assert(more == (page < 3));
        cJSON_Delete(json);
    }
    ck_assert_uint_eq(since, 20);
    model_remove(&model);
}
END_TEST

START_TEST(nothing_newer_is_an_empty_page)
{
    struct model model;
    cJSON *json;

    model_make(&model, 8);
    count_to(&model, 5);
    json = document(&model, QUERY("name", "gauge", "since", "5"));
    ck_assert_double_eq(number(json, "seq"), 5);
    ck_assert(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "more")));
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "ticks")), 0);
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "series")), 1);
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(json, "gap"));
    cJSON_Delete(json);
    model_remove(&model);
}
END_TEST

/* A loop that is behind another: what the script knows already is not given again. */
START_TEST(a_position_ahead_of_the_loop_stays)
{
    struct model model;
    struct asked asked;
    cJSON *json;

    model_make(&model, 8);
    count_to(&model, 5);
    asked = ask(&model, QUERY("name", "gauge", "since", "5"));
    asked.question.last_seq = 3;
    buffer_finish(&asked.body);
    ck_assert_int_eq(history_answer(&asked.question, &asked.body, &asked.problem), 0);
    json = parse_json(asked.body.data, asked.body.size);
    ck_assert_double_eq(number(json, "seq"), 5);
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "ticks")), 0);
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(json, "gap"));
    cJSON_Delete(json);
    forget(&asked);
    model_remove(&model);
}
END_TEST

START_TEST(what_is_kept_no_more_is_a_gap)
{
    struct model model;
    cJSON *json, *gap;
    double first;

    model_make(&model, 8);
    count_to(&model, 700);
    first = (double)history_first(model.history);
    json = document(&model, QUERY("name", "gauge", "since", "100", "points", "3"));
    gap = cJSON_GetObjectItemCaseSensitive(json, "gap");
    ck_assert_double_eq(number(gap, "from"), 101);
    ck_assert_double_eq(number(gap, "to"), first - 1);
    ck_assert_double_eq(number(json, "seq"), first + 2);
    ck_assert_double_eq(cell(json, "gauge", "last", 0), first);
    cJSON_Delete(json);
    model_remove(&model);
}
END_TEST

START_TEST(pages_are_as_long_as_the_limit_on_values_allows)
{
    struct model model;
    cJSON *json;
    char name[16];

    model_make(&model, 1000);
    for (int n = 0; n < 300; n++) {
        model_begin(&model, MODEL_INTERVAL_MS, 0);
        for (int i = 0; i < 500; i++) {
            snprintf(name, sizeof name, "many%d", i);
            model_put(&model, name, "", n);
        }
        model_end(&model);
    }
    json = document(&model, QUERY("name", "many*", "since", "0"));
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "ticks")),
                     HISTORY_VALUES_MAX / 500);
    ck_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "more")));
    cJSON_Delete(json);
    model_remove(&model);
}
END_TEST

START_TEST(tables_tell_the_tick)
{
    struct model model;

    model_make(&model, 8);
    count_to(&model, 3);
    expect_text(&model, QUERY("name", "g*", "since", "1", "points", "1", "format", "csv"),
                "time,seq,gauge,grown_total\n2023-11-14T22:13:22.000Z,2,2,2\n");
    expect_text(&model, QUERY("name", "gauge", "since", "1", "points", "1", "format", "ndjson"),
                "{\"time_ms\":1700000002000,\"seq\":2,\"id\":1,\"name\":\"gauge\",\"labels\":{},"
                "\"kind\":\"gauge\",\"unit\":\"unit\",\"last\":2}\n");
    expect_text(&model, QUERY("name", "g*", "since", "1", "format", "value", "values", "raw"),
                "2\n3\n3\n6\n");
    expect_text(&model, QUERY("name", "gauge", "since", "3", "format", "csv"), "time,seq,gauge\n");
    model_remove(&model);
}
END_TEST

/* --- quantiles --- */

/* Beside a gauge: so many values of 0.1, as many of 0.2 and one of 5; none at all for 0. */
static void histogram_tick(struct model *model, uint32_t count)
{
    const struct histogram_pair pairs[] = {
        {histogram_bucket(0.2), count}, {histogram_bucket(0.1), count}, {histogram_bucket(5), 1}};
    uint32_t slot;

    model_begin(model, MODEL_INTERVAL_MS, 0);
    model_put(model, "gauge", "", 7);
    slot = model_declare_histogram(model, "took_seconds", "");
    history_extend(model->history, slot + 1);
    ck_assert_uint_eq(history_set_histogram(model->history, slot, pairs, count > 0 ? 3 : 0), 0);
    model_end(model);
}

#define expect_close(found, wanted) ck_assert_double_eq_tol((found), (wanted), 0.01 * (wanted))

START_TEST(quantiles_are_of_all_ticks_of_a_bucket)
{
    struct model model;
    char from[24], to[24];
    cJSON *json;

    model_make(&model, 8);
    while (model.tick.time_ms % 10000 != 9000)
        histogram_tick(&model, 0);
    for (uint32_t i = 0; i < 10; i++)
        histogram_tick(&model, 10 + i);
    for (uint32_t i = 0; i < 10; i++)
        histogram_tick(&model, 0);
    snprintf(from, sizeof from, "%lld", (long long)model.tick.time_ms - 19000);
    snprintf(to, sizeof to, "%lld", (long long)model.tick.time_ms + 1);
    json = document(&model, QUERY("name", "*", "from", from, "to", to, "step", "10s", "quantile",
                                  "0.4,0.6,0.999"));
    expect_close(cell(json, "took_seconds", "quantile_0.4", 0), 0.1);
    expect_close(cell(json, "took_seconds", "quantile_0.6", 0), 0.2);
    expect_close(cell(json, "took_seconds", "quantile_0.999", 0), 5);
    ck_assert_double_nan(cell(json, "took_seconds", "quantile_0.4", 1));
    /* Numbers have no quantiles, and nothing else was asked for. */
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "series"), 0), "avg"));
    cJSON_Delete(json);
    json = document(&model, QUERY("name", "*", "from", from, "to", to, "step", "10s", "agg",
                                  "avg,min,max,last", "quantile", "0.4"));
    expect_close(cell(json, "took_seconds", "min", 0), 0.1);
    expect_close(cell(json, "took_seconds", "max", 0), 5);
    expect_close(cell(json, "took_seconds", "avg", 0), (145 * 0.3 + 50) / 300);
    expect_close(cell(json, "took_seconds", "last", 0), (19 * 0.3 + 5) / 39);
    expect_close(cell(json, "took_seconds", "quantile_0.4", 0), 0.1);
    ck_assert_double_nan(cell(json, "took_seconds", "max", 1));
    ck_assert_double_eq(cell(json, "gauge", "max", 1), 7);
    cJSON_Delete(json);
    model_remove(&model);
}
END_TEST

START_TEST(tables_have_quantiles_of_histograms_alone)
{
    struct model model;
    struct asked asked;

    model_make(&model, 8);
    histogram_tick(&model, 5);
    expect_text(&model, QUERY("name", "*", "since", "0", "quantile", "0.5,0.9", "format", "csv"),
                "time,seq,took_seconds quantile_0.5,took_seconds quantile_0.9\n"
                "2023-11-14T22:13:21.000Z,1,0.199867,0.199867\n");
    asked = ask(&model, QUERY("name", "gauge", "quantile", "0.5"));
    ck_assert_int_eq(asked.result, -EINVAL);
    ck_assert_uint_eq(asked.problem.status, 400);
    ck_assert_str_eq(asked.problem.parameter, "quantile");
    forget(&asked);
    /* No series at all is no mistake. */
    asked = ask(&model, QUERY("name", "nothing", "quantile", "0.5"));
    ck_assert_int_eq(asked.result, 0);
    forget(&asked);
    model_remove(&model);
}
END_TEST

/* So many series, each with the least and the greatest value there can be. */
static void wide_tick(struct model *model, size_t count)
{
    static const struct histogram_pair pairs[] = {{INT16_MIN + 1, 1}, {INT16_MAX, 1}};

    model_begin(model, MODEL_INTERVAL_MS, 0);
    for (size_t i = 0; i < count; i++) {
        char labels[16];
        uint32_t slot;

        snprintf(labels, sizeof labels, "number=%zu", i);
        slot = model_declare_histogram(model, "took_seconds", labels);
        history_extend(model->history, slot + 1);
        sink_set_histogram(&model->sink, slot, pairs, 2);
    }
    model_end(model);
}

START_TEST(what_is_added_up_is_bounded)
{
    struct model model;
    struct asked asked;

    model_make(&model, 64);
    wide_tick(&model, 40);
    asked = ask(&model, QUERY("name", "took*", "from", "0", "quantile", "0.5"));
    ck_assert_int_eq(asked.result, -EINVAL);
    ck_assert_uint_eq(asked.problem.status, 400);
    ck_assert_str_eq(asked.problem.parameter, "quantile");
    ck_assert_ptr_nonnull(strstr(asked.problem.detail, "40 histograms"));
    ck_assert_ptr_nonnull(strstr(asked.problem.detail, "select fewer"));
    forget(&asked);
    asked = ask(&model, QUERY("name", "took*", "from", "0", "agg", "max"));
    ck_assert_int_eq(asked.result, 0);
    forget(&asked);
    asked =
        ask(&model, QUERY("name", "took*", "label", "number:2?", "from", "0", "quantile", "0.5"));
    ck_assert_int_eq(asked.result, 0);
    forget(&asked);
    model_remove(&model);
}
END_TEST

int main(void)
{
    return RUN_TESTS("history_answer", every_tick_after_a_position_comes_once,
                     nothing_newer_is_an_empty_page, a_position_ahead_of_the_loop_stays,
                     what_is_kept_no_more_is_a_gap, pages_are_as_long_as_the_limit_on_values_allows,
                     tables_tell_the_tick, quantiles_are_of_all_ticks_of_a_bucket,
                     tables_have_quantiles_of_histograms_alone, what_is_added_up_is_bounded);
}
