/* What a selection costs, and how it goes on where the time for it was short. */
#include "daemon/select.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "tests/unit/model.h"

#define EPOCH      "0123456789abcdef"
#define QUERY(...) make_query((const char *const[]){__VA_ARGS__, NULL})

static struct pattern_meter paused_meter(void)
{
    struct pattern_meter meter = pattern_meter_start();

    pattern_meter_pause(&meter);
    return meter;
}

static size_t count_named(const struct selection *selection, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < selection->count; i++)
        count += strcmp(selection->series[i]->name, name) == 0;
    return count;
}

/* What was known is not looked at again; what is too expensive is left out, alone. */
START_TEST(a_newer_catalog_costs_what_is_new)
{
    struct query query = QUERY("match", "{__name__=~\"kept|new\",long!~\"(a|aa)+b\"}");
    struct model model;
    struct catalog *former_catalog, *catalog;
    struct selection former, again, anew;
    struct pattern_meter meter = paused_meter();
    uint32_t looked_id = 0;
    struct select *select;
    struct problem problem;

    model_make(&model, 8);
    ck_assert_int_eq(select_parse(&query, EPOCH, &select, &problem), 0);
    former_catalog = catalog_get(model.table);
    ck_assert_int_eq(select_series(select, former_catalog, &former, &problem), 0);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"kept", "other", "kept"};

        model_declare(&model, names[i], i == 2 ? "n=2" : "", 0, 1000);
    }
    ck_assert_int_eq(series_table_publish(model.table), 1);
    for (int turn = 0; turn < 2; turn++) {
        catalog = catalog_get(model.table);
        ck_assert_int_eq(select_series_again(select, &former, catalog, &meter, &looked_id, &again),
                         0);
        ck_assert_uint_eq(looked_id, catalog->series[catalog->count - 1]->id);
        ck_assert_int_eq(select_series(select, catalog, &anew, &problem), turn == 0 ? 0 : -EINVAL);
        ck_assert_uint_eq(count_named(&again, "kept"), 2);
        ck_assert_uint_eq(again.count, turn == 0 ? 2 : 3);
        if (turn == 0)
            free(anew.series);
        free(former.series);
        catalog_put(former_catalog);
        former = again;
        former_catalog = catalog;
        model_declare(&model, "new", "long=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!b", 0, 1000);
        model_declare(&model, "new", "long=a", 0, 1000);
        ck_assert_int_ge(series_table_publish(model.table), 0);
    }
    free(former.series);
    catalog_put(former_catalog);
    select_free(select);
    model_remove(&model);
}
END_TEST

/* A catalog of so many series with long names. */
static struct catalog *make_many(struct model *model, int count)
{
    model_make(model, (uint32_t)count);
    for (int i = 0; i < count; i++) {
        char name[100];

        snprintf(name, sizeof name,
                 "node_a_name_as_long_as_those_of_netstat_and_vmstat_are_which_is_sixty_bytes_%d",
                 i);
        model_declare(model, name, "", 0, 1000);
    }
    ck_assert_int_eq(series_table_publish(model->table), 1);
    return catalog_get(model->table);
}

/* Each is cheap, as are a hundred of them; not so for ten thousand series. */
START_TEST(cheap_terms_have_their_time_too)
{
    static const struct {
        const char *name, *value;
        int count;
    } cases[] = {
        {"name", "*????????????????????????????????????x", 64},
        {"label", "none:?", 64},
        {"match", "{a!=\"\",a!=\"\",a!=\"\",a!=\"\",a!=\"\"}", 64},
    };
    struct model model;
    struct catalog *catalog = make_many(&model, 10000);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query query = {.count = 0};
        struct selection selection = {0};
        struct problem problem;
        int64_t began_ns = clock_thread_ns();
        int result;

        for (int n = 0; n < cases[i].count; n++)
            ck_assert_int_eq(
                query_add(&query, cases[i].name, cases[i].value, strlen(cases[i].value)), 0);
        result = select_from_query(&query, EPOCH, catalog, &selection, &problem);
        ck_assert_int_lt((clock_thread_ns() - began_ns) / NS_PER_MS, 3 * PATTERN_MAX_MS);
        if (i == 0)
            ck_assert_int_eq(result, -EINVAL);
        if (result < 0) {
            ck_assert_uint_eq(problem.status, 400);
            ck_assert_str_eq(problem.parameter, cases[i].name);
            ck_assert_ptr_nonnull(strstr(problem.detail, "too expensive for so many series"));
        }
        free(selection.series);
    }
    catalog_put(catalog);
    model_remove(&model);
}
END_TEST

/* A page asks for hundreds of ids at once, of a machine with many series, and while others work. */
START_TEST(many_ids_cost_little)
{
    char list[8 * 512] = "";
    struct model model;
    struct catalog *catalog = make_many(&model, 10000);
    struct selection selection;
    struct query query;
    struct problem problem;
    int64_t began_ns;

    for (int i = 511; i >= 0; i--)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%d", i == 511 ? "" : ",",
                 1 + 19 * i);
    query = QUERY("id", list, "epoch", EPOCH);
    began_ns = clock_thread_ns();
    ck_assert_int_eq(select_from_query(&query, EPOCH, catalog, &selection, &problem), 0);
    ck_assert_int_lt((clock_thread_ns() - began_ns) / NS_PER_MS, PATTERN_MAX_MS);
    ck_assert_uint_eq(selection.count, 512);
    for (size_t i = 0; i < selection.count; i++)
        ck_assert_uint_eq(selection.series[i]->id, 1 + 19 * i);
    free(selection.series);
    catalog_put(catalog);
    model_remove(&model);
}
END_TEST

/* What there was no time for is looked at later, and not lost: nor where a plain name selects it.
 */
START_TEST(what_is_left_over_is_looked_at_later)
{
    static const char glob[] = "*?????????????????????????????????????????x";
    struct query query = {.count = 0};
    struct model model;
    struct catalog *catalog = make_many(&model, 3000);
    struct selection former = {0}, again;
    struct select *select;
    struct problem problem;
    uint32_t looked_id = 0;
    int turns = 0;

    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(query_add(&query, "name", glob, strlen(glob)), 0);
    ck_assert_int_eq(query_add(&query, "name", "node_*", 6), 0);
    ck_assert_int_eq(select_parse(&query, EPOCH, &select, &problem), 0);
    for (; former.count < catalog->count; turns++) {
        struct pattern_meter meter = paused_meter();
        uint32_t before_id = looked_id;

        ck_assert_int_lt(turns, 3000);
        ck_assert_int_eq(select_series_again(select, &former, catalog, &meter, &looked_id, &again),
                         0);
        ck_assert_uint_gt(looked_id, before_id);
        ck_assert_uint_ge(again.count, former.count);
        free(former.series);
        former = again;
        /* A meter that others have used up leaves all for later. */
        before_id = looked_id;
        if (meter.out_of_time) {
            ck_assert_int_eq(
                select_series_again(select, &former, catalog, &meter, &looked_id, &again), 0);
            ck_assert_uint_eq(looked_id, before_id);
            ck_assert_uint_eq(again.count, former.count);
            free(again.series);
        }
    }
    ck_assert_int_gt(turns, 1);
    free(former.series);
    select_free(select);
    catalog_put(catalog);
    model_remove(&model);
}
END_TEST

int main(void)
{
    return RUN_TESTS("select_cost", a_newer_catalog_costs_what_is_new,
                     cheap_terms_have_their_time_too, many_ids_cost_little,
                     what_is_left_over_is_looked_at_later);
}
