/* What has room when the limit on series is near, and how others' names are kept apart. */
#include "daemon/series.h"

#include <errno.h>

#include "tests/unit/support.h"

/* Of ten places the last is kept. */
START_TEST(one_of_a_kind_has_room_where_many_have_none)
{
    static const struct {
        size_t label_count;
        unsigned flags;
        int wanted;
    } cases[] = {
        {1, 0, -ENOSPC},    {1, SERIES_IN_TOTAL, -ENOSPC}, {0, 0, 0}, {1, SERIES_DERIVED, 0},
        {1, SERIES_OWN, 0},
    };
    const struct metric many = {.name = "many", .unit = "", .help = "", .kind = METRIC_GAUGE};
    const struct metric single = {.name = "single", .unit = "", .help = "", .kind = METRIC_GAUGE};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct series_table *table;
        uint32_t slot;

        ck_assert_int_eq(series_table_new(10, &table), 0);
        for (int k = 0; k < 9; k++) {
            const char value[] = {(char)('a' + k), '\0'};

            ck_assert_int_eq(series_table_declare(table, &many, &(struct label){"of", value}, 1, 0,
                                                  1000, SAMPLE_NUMBER, &slot),
                             0);
        }
        ck_assert_int_eq(series_table_declare(table, &single, &(struct label){"of", "last"},
                                              cases[i].label_count, cases[i].flags, 1000,
                                              SAMPLE_NUMBER, &slot),
                         cases[i].wanted);
        ck_assert_uint_eq(series_table_refused(table), cases[i].wanted < 0);
        series_table_free(table);
    }
}
END_TEST

/* Whatever an application calls its own. */
START_TEST(an_application_has_none_of_the_hosts)
{
    const struct metric metric = {.name = "node_load1", .unit = "", .help = ""};
    const struct label label = {"job", "x"};
    struct series_table *table;
    uint32_t slot, own;

    ck_assert_int_eq(series_table_new(10, &table), 0);
    ck_assert_int_eq(series_table_declare(table, &metric, NULL, 0, 0, 1000, SAMPLE_NUMBER, &own),
                     0);
    ck_assert_int_eq(series_table_declare(table, &metric, NULL, 0, SERIES_APPLICATION, 1000,
                                          SAMPLE_NUMBER, &slot),
                     -EEXIST);
    ck_assert_uint_eq(slot, SINK_NO_SLOT);
    ck_assert_int_eq(series_table_declare(table, &metric, &label, 1, SERIES_APPLICATION, 1000,
                                          SAMPLE_NUMBER, &slot),
                     0);
    ck_assert_uint_ne(slot, own);
    ck_assert_int_eq(series_table_declare(table, &metric, &label, 1, SERIES_APPLICATION, 1000,
                                          SAMPLE_NUMBER, &own),
                     0);
    ck_assert_uint_eq(slot, own);
    series_table_free(table);
}
END_TEST

static int declare_app(struct series_table *table, enum metric_kind kind, const char *job,
                       uint32_t *slot)
{
    const struct metric metric = {.name = "app", .unit = "", .help = "", .kind = kind};

    return series_table_declare(table, &metric, &(struct label){"job", job}, 1, SERIES_APPLICATION,
                                1000, SAMPLE_NUMBER, slot);
}

START_TEST(one_name_means_one_thing_at_a_time)
{
    struct series_table *table;
    uint32_t first, slot;

    ck_assert_int_eq(series_table_new(10, &table), 0);
    ck_assert_int_eq(declare_app(table, METRIC_GAUGE, "a", &first), 0);
    ck_assert_int_eq(declare_app(table, METRIC_COUNTER, "a", &slot), -EEXIST);
    ck_assert_uint_eq(slot, SINK_NO_SLOT);
    series_table_release(table, first, 1);
    ck_assert_int_eq(declare_app(table, METRIC_COUNTER, "a", &slot), 0);
    ck_assert_uint_ne(slot, first);
    ck_assert_int_eq(declare_app(table, METRIC_GAUGE, "a", &first), -EEXIST);
    ck_assert_uint_eq(series_table_refused(table), 0);
    series_table_free(table);
}
END_TEST

static void declare_apps(struct series_table *table, char first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char job[] = {(char)(first + (char)i), '\0'};
        uint32_t slot;

        ck_assert_int_eq(declare_app(table, METRIC_GAUGE, job, &slot), 0);
    }
}

/* Generations of applications may follow each other faster than slots become free. */
START_TEST(applications_leave_room_for_the_host)
{
    const struct metric host = {.name = "host", .unit = "", .help = ""};
    struct series_table *table;
    uint32_t slot;

    ck_assert_int_eq(series_table_new(10, &table), 0);
    series_table_limit_applications(table, 6);
    declare_apps(table, 'a', 6);
    for (uint32_t i = 0; i < 6; i++)
        series_table_release(table, i, 5);
    ck_assert_int_eq(declare_app(table, METRIC_GAUGE, "A", &slot), -ENOSPC);
    ck_assert_uint_eq(slot, SINK_NO_SLOT);
    ck_assert_uint_eq(series_table_refused(table), 1);
    /* Those that come back have theirs. */
    declare_apps(table, 'b', 1);
    for (char number = '0'; number < '3'; number++)
        ck_assert_int_eq(series_table_declare(table, &host,
                                              &(struct label){"n", (char[]){number, '\0'}}, 1, 0,
                                              1000, SAMPLE_NUMBER, &slot),
                         0);
    ck_assert_int_eq(series_table_declare(table, &host, NULL, 0, 0, 1000, SAMPLE_NUMBER, &slot), 0);
    ck_assert_uint_eq(series_table_collect(table, 6), 5);
    declare_apps(table, 'A', 4);
    series_table_free(table);
}
END_TEST

/* Whoever chooses names cannot choose such as meet: what meets in one table does not in another. */
START_TEST(each_table_has_a_hash_of_its_own)
{
    const struct metric metric = {.name = "a", .unit = "", .help = "", .kind = METRIC_GAUGE};
    uint64_t hashes[2];

    for (int i = 0; i < 2; i++) {
        struct series_table *table;
        struct catalog *catalog;
        uint32_t slot;

        ck_assert_int_eq(series_table_new(4, &table), 0);
        ck_assert_int_eq(
            series_table_declare(table, &metric, NULL, 0, 0, 1000, SAMPLE_NUMBER, &slot), 0);
        ck_assert_int_eq(series_table_publish(table), 1);
        catalog = catalog_get(table);
        hashes[i] = catalog->series[0]->hash;
        catalog_put(catalog);
        series_table_free(table);
    }
    ck_assert_uint_ne(hashes[0], hashes[1]);
}
END_TEST

int main(void)
{
    return RUN_TESTS("series_limit", one_of_a_kind_has_room_where_many_have_none,
                     an_application_has_none_of_the_hosts, one_name_means_one_thing_at_a_time,
                     applications_leave_room_for_the_host, each_table_has_a_hash_of_its_own);
}
