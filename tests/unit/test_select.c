#include "daemon/select.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "tests/unit/model.h"

#define EPOCH      "0123456789abcdef"
#define QUERY(...) make_query((const char *const[]){__VA_ARGS__, NULL})

/* Ids from 1 on, in this order. */
static const char *const all[][2] = {
    {"node_load1", ""},                      /* 1 */
    {"node_load5", ""},                      /* 2 */
    {"node_disk_reads_total", "device=sda"}, /* 3 */
    {"node_disk_reads_total", "device=sdb"}, /* 4 */
    {"node_disk_io_now", "device=sda"},      /* 5 */
    {"tacho_cpu_busy_ratio", ""},            /* 6 */
};

/* The ids that the query selects, as "1 2 5". */
static void expect_ids(const struct query *query, const char *wanted)
{
    struct model model;
    struct catalog *catalog;
    struct selection selection;
    struct problem problem;
    char ids[64] = "";

    model_make(&model, 16);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        model_declare(&model, all[i][0], all[i][1], 0, MODEL_INTERVAL_MS);
    ck_assert_int_eq(series_table_publish(model.table), 1);
    catalog = catalog_get(model.table);
    ck_assert_msg(select_from_query(query, EPOCH, catalog, &selection, &problem) == 0, "%s",
                  problem.detail);
    for (size_t i = 0; i < selection.count; i++)
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%u", i ? " " : "",
                 selection.series[i]->id);
    ck_assert_str_eq(ids, wanted);
    free(selection.series);
    catalog_put(catalog);
    model_remove(&model);
}

#define EXPECT_IDS(wanted, ...)                                                                    \
    do {                                                                                           \
        struct query query_ = QUERY(__VA_ARGS__);                                                  \
        expect_ids(&query_, (wanted));                                                             \
    } while (0)

static void expect_problem(const struct query *query, unsigned status, const char *parameter,
                           const char *part)
{
    struct select *select = NULL;
    struct problem problem = {.status = 0};

    ck_assert_int_eq(select_parse(query, EPOCH, &select, &problem), -EINVAL);
    ck_assert_ptr_null(select);
    ck_assert_uint_eq(problem.status, status);
    ck_assert_str_eq(problem.parameter, parameter);
    ck_assert_msg(strstr(problem.detail, part) != NULL, "%s", problem.detail);
}

#define EXPECT_PROBLEM(status, parameter, part, ...)                                               \
    do {                                                                                           \
        struct query query_ = QUERY(__VA_ARGS__);                                                  \
        expect_problem(&query_, (status), (parameter), (part));                                    \
    } while (0)

START_TEST(nothing_means_all)
{
    struct query none = {.count = 0};

    expect_ids(&none, "1 2 3 4 5 6");
    /* Nor do parameters of other kinds select. */
    EXPECT_IDS("1 2 3 4 5 6", "format", "json", "epoch", EPOCH);
}
END_TEST

START_TEST(each_way_to_select)
{
    EXPECT_IDS("1", "match", "node_load1");
    EXPECT_IDS("1", "match[]", "node_load1");
    EXPECT_IDS("4", "match", "node_disk_reads_total{device=\"sdb\"}");
    EXPECT_IDS("1 2", "name", "node_load*");
    EXPECT_IDS("1 2", "name", "node_load?");
    EXPECT_IDS("1 2 6", "name", "node_load1,tacho_*,node_load?");
    EXPECT_IDS("1", "name", "node_load1,node_load1,node_load");
    EXPECT_IDS("3 5", "label", "device:sda");
    EXPECT_IDS("3 4 5", "label", "device:sd?");
    EXPECT_IDS("1 2 6", "label", "device:");
    EXPECT_IDS("1 2 3 4 5 6", "label", "device:*");
    EXPECT_IDS("2 4 5 6", "id", "2,4-6", "epoch", EPOCH);
    EXPECT_IDS("", "name", "nothing");
    EXPECT_IDS("2 4 5 6", "id", "5-6,4,2,4-5,2,2-2", "epoch", EPOCH);
    EXPECT_IDS("1 2 3 6", "id", "6,1-3,2", "epoch", EPOCH);
    EXPECT_IDS("", "id", "77,4000000000-4294967295", "epoch", EPOCH);
}
END_TEST

START_TEST(repeated_ones_are_a_union_and_labels_narrow)
{
    EXPECT_IDS("1 3 4", "name", "node_load1", "name", "node_disk_reads*");
    EXPECT_IDS("1 5 6", "name", "node_load1", "match[]", "node_disk_io_now", "match",
               "tacho_cpu_busy_ratio");
    EXPECT_IDS("1 3 4", "name", "node_disk_reads*", "id", "1", "epoch", EPOCH);
    EXPECT_IDS("3", "name", "node_disk_reads*", "label", "device:sda");
    EXPECT_IDS("", "label", "device:sda", "label", "device:sdb");
    EXPECT_IDS("3 5", "label", "device:sd*", "label", "device:*a");
    /* In whatever order they come. */
    EXPECT_IDS("3", "label", "device:sda", "name", "node_load1", "name", "node_disk_reads*");
}
END_TEST

START_TEST(ids_need_their_epoch)
{
    EXPECT_PROBLEM(400, "epoch", "id= needs the epoch", "id", "1");
    EXPECT_PROBLEM(410, "epoch", "its epoch is " EPOCH, "id", "1", "epoch", "fedcba9876543210");
    EXPECT_PROBLEM(410, "epoch", "made anew", "id", "1", "epoch", EPOCH "0");
    EXPECT_PROBLEM(410, "epoch", "made anew", "id", "1", "epoch", "");
    /* A stale epoch is told even where nothing depends on it. */
    EXPECT_PROBLEM(410, "epoch", "made anew", "name", "x", "epoch", "fedcba9876543210");
}
END_TEST

START_TEST(what_selects_nothing_sensible_is_refused)
{
    static const char *const ids[] = {"",   "a",  "1,",   ",1",    "1-",  "-1",         "3-2",
                                      "1 ", " 1", "1,,2", "1-2-3", "1;2", "4294967296", "0x1"};
    static const char *const names[] = {",", "a,", ",a", "a,,b"};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        EXPECT_PROBLEM(400, "id", "is not a list of ids and ranges", "id", ids[i], "epoch", EPOCH);
    EXPECT_PROBLEM(400, "name", "name is empty", "name", "");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        EXPECT_PROBLEM(400, "name", "is not a list of names", "name", names[i]);
    EXPECT_PROBLEM(400, "label", "label is empty", "label", "");
    EXPECT_PROBLEM(400, "label", "\"device\" is not KEY:GLOB", "label", "device");
    EXPECT_PROBLEM(400, "label", "is not KEY:GLOB", "label", ":sda");
    EXPECT_PROBLEM(400, "match", "metric name or {", "match", "");
    EXPECT_PROBLEM(400, "match", "curl", "name", "x", "match", "a=\"b\"");
}
END_TEST

START_TEST(a_zero_byte_is_refused)
{
    static const char *const names[] = {"name", "label", "match", "id"};

    for (size_t i = 0; i < 4; i++) {
        static const char *const values[] = {"a\0b", "a:\0b", "a\0b", "1\0b"};
        struct query query = QUERY("epoch", EPOCH);
        struct select *select;
        struct problem problem;

        add_parameter(&query, names[i], values[i], i == 1 ? 4 : 3);
        ck_assert_int_eq(select_parse(&query, EPOCH, &select, &problem), -EINVAL);
    }
}
END_TEST

START_TEST(ids_are_bounded)
{
    char list[3 * 600] = "1";
    struct select *select;
    struct query query;
    struct problem problem;

    for (int i = 1; i < 512; i++)
        strcat(list, ",1");
    query = QUERY("id", list, "epoch", EPOCH);
    ck_assert_int_eq(select_parse(&query, EPOCH, &select, &problem), 0);
    select_free(select);
    strcat(list, ",1");
    EXPECT_PROBLEM(400, "id", "more than 512 ids", "id", list, "epoch", EPOCH);
}
END_TEST

START_TEST(all_is_told_apart)
{
    struct query none = QUERY("format", "json");
    struct query some = QUERY("label", "a:*");
    struct select *select;
    struct problem problem;

    ck_assert_int_eq(select_parse(&none, EPOCH, &select, &problem), 0);
    ck_assert(select_is_all(select));
    select_free(select);
    ck_assert_int_eq(select_parse(&some, EPOCH, &select, &problem), 0);
    ck_assert(!select_is_all(select));
    select_free(select);
    select_free(NULL);
}
END_TEST

static bool same_key(const struct query *one, const struct query *other)
{
    struct select *first, *second;
    struct problem problem;
    bool same;

    ck_assert_int_eq(select_parse(one, EPOCH, &first, &problem), 0);
    ck_assert_int_eq(select_parse(other, EPOCH, &second, &problem), 0);
    same = strcmp(select_key(first), select_key(second)) == 0;
    select_free(first);
    select_free(second);
    return same;
}

/* Subscribers with the same key are sent the same frames. */
START_TEST(the_same_selection_has_one_key)
{
    struct query one = QUERY("name", "a", "label", "k:v", "name", "b", "match[]", "c");
    struct query other = QUERY("match", "c", "name", "b", "epoch", EPOCH, "name", "a", "name", "b",
                               "label", "k:v", "last_event_id", "7");
    struct query none = {.count = 0};

    ck_assert(same_key(&one, &other));
    ck_assert(same_key(&none, &none));
    ck_assert(!same_key(&none, &one));
}
END_TEST

START_TEST(different_selections_have_different_keys)
{
    struct query queries[] = {
        QUERY("name", "a"),
        QUERY("name", "b"),
        QUERY("match", "a"),
        QUERY("name", "a", "name", "b"),
        QUERY("name", "a", "match", "b"),
        /* Text that looks like two lines of the key, or parts of them. */
        QUERY("name", "a\nname=b"),
        QUERY("name", "a\nname=1:b"),
        QUERY("name", "a\n", "name", "b"),
        QUERY("name", "a", "name", "\nb"),
        QUERY("name", "a", "label", "k:v"),
        QUERY("name", "a\nlabel=k:v"),
        QUERY("name", "a\nlabel=3:k:v"),
    };

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(!same_key(&queries[i], &queries[k]), "%zu and %zu", i, k);
    }
}
END_TEST

START_TEST(globs)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"a", "a", true},
        {"a", "A", false},
        {"a", "ab", false},
        {"?", "a", true},
        {"?", "", false},
        {"??", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"a*", "a", true},
        {"*a", "bca", true},
        {"*a", "ab", false},
        {"a*b*c", "aXbYc", true},
        {"a*b*c", "abc", true},
        {"a*b*c", "aXcYb", false},
        {"*ab", "aab", true},
        {"*aab", "aaaab", true},
        {"a**b", "ab", true},
        {"**", "", true},
        {"*?", "", false},
        {"*?", "a", true},
        {"?*?", "a", false},
        {"?*?", "ab", true},
        {"a.b", "axb", false},
        {"[a]", "a", false},
        {"[a]", "[a]", true},
        {"\\*", "*", false},
        {"*x*", "abc", false},
        {"a?c", "a*c", true},
        {"\xc3*", "\xc3\xa9", true},
    };

    size_t steps = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(glob_matches(cases[i].pattern, cases[i].text, &steps) == cases[i].matches,
                      "\"%s\" on \"%s\"", cases[i].pattern, cases[i].text);
}
END_TEST

/* A matcher that tries all ways would need some 10^20 steps here. */
START_TEST(many_stars_take_no_time)
{
    char text[201];
    size_t steps = 0;

    memset(text, 'a', 200);
    text[200] = '\0';
    ck_assert(!glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text, &steps));
    ck_assert(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*", text, &steps));
    ck_assert_uint_lt(steps, 2 * 200 * 41);
}
END_TEST

START_TEST(what_is_too_expensive_is_told)
{
    struct query query = QUERY("match", "{long=~\"(a|aa)+\"}");
    struct model model;
    struct catalog *catalog;
    struct selection selection;
    struct problem problem;

    model_make(&model, 4);
    model_declare(&model, "bomb", "long=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 0, 1000);
    ck_assert_int_eq(series_table_publish(model.table), 1);
    catalog = catalog_get(model.table);
    ck_assert_int_eq(select_from_query(&query, EPOCH, catalog, &selection, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, 400);
    ck_assert_str_eq(problem.parameter, "match");
    catalog_put(catalog);
    model_remove(&model);
}
END_TEST

int main(void)
{
    return RUN_TESTS("select", what_is_too_expensive_is_told, nothing_means_all, each_way_to_select,
                     repeated_ones_are_a_union_and_labels_narrow, ids_need_their_epoch,
                     what_selects_nothing_sensible_is_refused, a_zero_byte_is_refused,
                     ids_are_bounded, all_is_told_apart, the_same_selection_has_one_key,
                     different_selections_have_different_keys, globs, many_stars_take_no_time);
}
