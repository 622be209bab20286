/* Series that ended, those that come back, and those of before a restart. */
#include <errno.h>
#include <stdio.h>

#include "daemon/past.h"
#include "tests/unit/model.h"

#define LIMIT 8

static const struct metric gauge = {
    .name = "temperature", .unit = "celsius", .help = "How warm.", .kind = METRIC_GAUGE};

static struct series_table *make_table(void)
{
    struct series_table *table;

    ck_assert_int_eq(series_table_new(LIMIT, &table), 0);
    return table;
}

static uint32_t declare_room(struct series_table *table, const char *room)
{
    uint32_t slot;

    ck_assert_int_eq(series_table_declare(table, &gauge, &(struct label){"room", room}, 1, 0, 1000,
                                          SAMPLE_NUMBER, &slot),
                     0);
    return slot;
}

static void end_room(struct series_table *table, const char *room, uint64_t seq)
{
    series_table_release(table, declare_room(table, room), seq);
    ck_assert_uint_eq(series_table_collect(table, seq + 1), 1);
}

static struct catalog *publish(struct series_table *table)
{
    ck_assert_int_eq(series_table_publish(table), 1);
    return catalog_get(table);
}

START_TEST(what_ended_stands_behind_the_others)
{
    struct series_table *table = make_table();
    struct catalog *catalog;

    end_room(table, "a", 10);
    declare_room(table, "b");
    end_room(table, "c", 11);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 1);
    ck_assert_uint_eq(catalog->past_count, 2);
    ck_assert_str_eq(series_label(catalog->series[0], "room"), "b");
    ck_assert_str_eq(series_label(catalog->series[1], "room"), "a");
    ck_assert_str_eq(series_label(catalog->series[2], "room"), "c");
    ck_assert_uint_eq(catalog->series[1]->slot, SERIES_NO_SLOT);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

/* As the series of a target do whose interval a reload changes. */
START_TEST(what_is_declared_anew_is_read_as_it_says_now)
{
    struct series_table *table = make_table();
    struct catalog *catalog;
    uint32_t slot = declare_room(table, "a"), again;
    uint32_t id;

    catalog = publish(table);
    id = catalog->series[0]->id;
    catalog_put(catalog);
    series_table_release(table, slot, 10);
    ck_assert_int_eq(series_table_declare(table, &gauge, &(struct label){"room", "a"}, 1, 0, 15000,
                                          SAMPLE_NUMBER, &again),
                     0);
    ck_assert_uint_eq(again, slot);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->series[0]->interval_ms, 15000);
    ck_assert_uint_eq(catalog->series[0]->id, id);
    catalog_put(catalog);
    ck_assert_uint_eq(series_table_collect(table, 100), 0);
    series_table_free(table);
}
END_TEST

START_TEST(what_comes_back_is_stored_as_it_was)
{
    struct series_table *table = make_table();
    struct catalog *catalog;

    end_room(table, "a", 10);
    end_room(table, "b", 10);
    for (uint64_t seq = 20; seq < 30; seq++)
        end_room(table, "a", seq);
    declare_room(table, "a");
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 1);
    ck_assert_uint_eq(catalog->past_count, 1);
    ck_assert_uint_eq(catalog->series[0]->id, 13);
    ck_assert_uint_eq(catalog->series[0]->stored_id, 1);
    ck_assert_uint_eq(catalog->series[1]->stored_id, 2);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(what_the_archive_has_nothing_of_is_forgotten)
{
    struct series_table *table = make_table();
    struct catalog *catalog;

    end_room(table, "a", 10);
    end_room(table, "b", 11);
    series_table_forget(table, 11);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->past_count, 1);
    ck_assert_str_eq(series_label(catalog->series[0], "room"), "b");
    catalog_put(catalog);
    series_table_forget(table, 11);
    ck_assert_int_eq(series_table_publish(table), 0);
    declare_room(table, "a");
    catalog = publish(table);
    ck_assert_uint_eq(catalog->series[0]->stored_id, 3);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(beyond_the_limit_the_first_that_ended_is_dropped)
{
    struct series_table *table = make_table();
    struct catalog *catalog;
    char room[8];

    for (unsigned i = 0; i < LIMIT + 3; i++) {
        snprintf(room, sizeof room, "%u", i);
        end_room(table, room, 10 + i);
    }
    catalog = publish(table);
    ck_assert_uint_eq(catalog->past_count, LIMIT);
    ck_assert_str_eq(series_label(catalog->series[0], "room"), "3");
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

/* A catalog of one table as the next one's past. */
static struct series_table *restart(struct series_table *table, uint64_t last_seq)
{
    struct series_table *next = make_table();
    struct catalog *catalog = publish(table);

    for (uint32_t id = 1; id < 100; id++) {
        for (size_t i = 0; i < catalog->count + catalog->past_count; i++) {
            if (catalog->series[i]->id == id)
                ck_assert_int_eq(series_table_restore(next, catalog->series[i],
                                                      i < catalog->count ? 0 : last_seq),
                                 0);
        }
    }
    catalog_put(catalog);
    series_table_free(table);
    return next;
}

START_TEST(a_restart_keeps_ids)
{
    struct series_table *table = make_table();
    struct catalog *catalog;

    declare_room(table, "a");
    end_room(table, "b", 10);
    declare_room(table, "c");
    table = restart(table, 10);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 2);
    ck_assert_uint_eq(catalog->past_count, 1);
    ck_assert_uint_eq(catalog->series[0]->id, 1);
    ck_assert_uint_eq(catalog->series[1]->id, 3);
    catalog_put(catalog);

    declare_room(table, "c");
    declare_room(table, "b");
    series_table_release_unclaimed(table, 1000, 20);
    ck_assert_uint_eq(series_table_collect(table, 21), 1);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 2);
    ck_assert_uint_eq(catalog->series[0]->id, 3);
    ck_assert_uint_eq(catalog->series[1]->id, 4);
    ck_assert_uint_eq(catalog->series[1]->stored_id, 2);
    ck_assert_str_eq(series_label(catalog->series[2], "room"), "a");
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(what_is_read_rarely_has_longer_to_be_claimed)
{
    struct series_table *table = make_table();

    declare_room(table, "a");
    table = restart(table, 10);
    series_table_release_unclaimed(table, 999, 20);
    ck_assert_uint_eq(series_table_collect(table, 1000), 0);
    series_table_release_unclaimed(table, 1000, 20);
    ck_assert_uint_eq(series_table_collect(table, 1000), 1);
    series_table_free(table);
}
END_TEST

START_TEST(an_upgrade_may_say_something_else_of_a_series)
{
    struct metric other = gauge;
    struct series_table *table = make_table();
    struct catalog *catalog;
    uint32_t slot;

    declare_room(table, "a");
    table = restart(table, 10);
    for (int i = 0; i < 2; i++) {
        other.help = i ? "Heat." : "Warmth.";
        ck_assert_int_eq(series_table_declare(table, &other, &(struct label){"room", "a"}, 1, 0,
                                              5000, SAMPLE_NUMBER, &slot),
                         0);
        ck_assert_uint_eq(slot, 0);
        catalog = publish(table);
        ck_assert_uint_eq(catalog->count, 1);
        ck_assert_uint_eq(catalog->series[0]->id, 1);
        ck_assert_str_eq(catalog->series[0]->help, other.help);
        ck_assert_uint_eq(catalog->series[0]->interval_ms, 5000);
        catalog_put(catalog);
    }
    series_table_free(table);
}
END_TEST

static const struct metric meanings[] = {
    {.name = "temperature", .unit = "celsius", .help = "How warm.", .kind = METRIC_COUNTER},
    {.name = "temperature",
     .unit = "celsius",
     .help = "How warm.",
     .kind = METRIC_GAUGE,
     .cumulative = true},
    {.name = "temperature", .unit = "kelvin", .help = "How warm.", .kind = METRIC_GAUGE},
};

static uint32_t declare_as(struct series_table *table, const struct metric *metric)
{
    uint32_t slot;

    ck_assert_int_eq(series_table_declare(table, metric, &(struct label){"room", "a"}, 1, 0, 1000,
                                          SAMPLE_NUMBER, &slot),
                     0);
    return slot;
}

/* Each goes on with what it had itself, whether its slot is kept yet or not. */
START_TEST(what_comes_back_with_another_meaning_is_another)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const struct metric *other = &meanings[i];
        struct series_table *table = make_table();
        struct catalog *catalog;

        series_table_release(table, declare_room(table, "a"), 10);
        ck_assert_uint_eq(declare_as(table, other), 1);
        series_table_release(table, 1, 11);
        ck_assert_uint_eq(declare_room(table, "a"), 0);
        series_table_release(table, 0, 12);
        ck_assert_uint_eq(declare_as(table, other), 1);
        ck_assert_uint_eq(series_table_collect(table, 13), 1);
        catalog = publish(table);
        ck_assert_uint_eq(catalog->count, 1);
        ck_assert_uint_eq(catalog->past_count, 1);
        ck_assert_uint_eq(catalog->series[0]->id, 2);
        ck_assert_uint_eq(catalog->series[0]->stored_id, 2);
        ck_assert_int_eq(catalog->series[0]->kind, other->kind);
        ck_assert_int_eq(catalog->series[0]->cumulative, other->cumulative);
        ck_assert_str_eq(catalog->series[0]->unit, other->unit);
        catalog_put(catalog);

        series_table_release(table, 1, 20);
        ck_assert_uint_eq(series_table_collect(table, 21), 1);
        declare_room(table, "a");
        catalog = publish(table);
        ck_assert_uint_eq(catalog->series[0]->id, 3);
        ck_assert_uint_eq(catalog->series[0]->stored_id, 1);
        ck_assert_str_eq(catalog->series[0]->unit, "celsius");
        ck_assert_uint_eq(catalog->series[1]->stored_id, 2);
        catalog_put(catalog);
        series_table_free(table);
    }
}
END_TEST

START_TEST(an_upgrade_that_means_another_thing_makes_another_series)
{
    struct series_table *table = make_table();
    struct catalog *catalog;

    declare_room(table, "a");
    table = restart(table, 10);
    declare_as(table, &meanings[0]);
    series_table_release_unclaimed(table, 1000, 20);
    ck_assert_uint_eq(series_table_collect(table, 21), 1);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 1);
    ck_assert_int_eq(catalog->series[0]->kind, METRIC_COUNTER);
    ck_assert_uint_eq(catalog->series[0]->stored_id, 2);
    ck_assert_int_eq(catalog->series[1]->kind, METRIC_GAUGE);
    ck_assert_uint_eq(catalog->series[1]->stored_id, 1);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

/* Their words mean other things, in rows and in the archive. */
START_TEST(numbers_and_histograms_of_one_name_are_two)
{
    static const struct metric metric = {
        .name = "took", .unit = "seconds", .help = "Help.", .kind = METRIC_HISTOGRAM};
    static const enum sample_type types[] = {SAMPLE_NUMBER, SAMPLE_HISTOGRAM, SAMPLE_NUMBER,
                                             SAMPLE_HISTOGRAM};
    struct series_table *table = make_table();
    struct catalog *catalog;
    uint32_t slots[4];

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(
            series_table_declare(table, &metric, NULL, 0, 0, 1000, types[i], &slots[i]), 0);
    ck_assert_uint_ne(slots[0], slots[1]);
    ck_assert_uint_eq(slots[0], slots[2]);
    ck_assert_uint_eq(slots[1], slots[3]);
    series_table_release(table, slots[0], 10);
    series_table_release(table, slots[1], 10);
    ck_assert_uint_eq(series_table_collect(table, 11), 2);
    /* What comes back goes on with its own. */
    table = restart(table, 20);
    ck_assert_int_eq(
        series_table_declare(table, &metric, NULL, 0, 0, 1000, SAMPLE_HISTOGRAM, &slots[1]), 0);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 1);
    ck_assert_uint_eq(catalog->past_count, 1);
    ck_assert_int_eq(catalog->series[0]->type, SAMPLE_HISTOGRAM);
    ck_assert_uint_eq(catalog->series[0]->stored_id, 2);
    ck_assert_int_eq(catalog->series[1]->type, SAMPLE_NUMBER);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(ids_that_go_back_are_refused)
{
    const struct series stored = {
        .id = 5, .stored_id = 5, .name = "a", .unit = "", .help = "", .interval_ms = 1000};
    struct series_table *table = make_table();

    ck_assert_int_eq(series_table_restore(table, &stored, 0), 0);
    ck_assert_int_eq(series_table_restore(table, &stored, 0), -EINVAL);
    series_table_free(table);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "series_past", what_ended_stands_behind_the_others,
        what_is_declared_anew_is_read_as_it_says_now, what_comes_back_is_stored_as_it_was,
        what_the_archive_has_nothing_of_is_forgotten,
        beyond_the_limit_the_first_that_ended_is_dropped, a_restart_keeps_ids,
        what_is_read_rarely_has_longer_to_be_claimed, an_upgrade_may_say_something_else_of_a_series,
        what_comes_back_with_another_meaning_is_another,
        an_upgrade_that_means_another_thing_makes_another_series, ids_that_go_back_are_refused,
        numbers_and_histograms_of_one_name_are_two);
}
