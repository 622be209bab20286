#include "daemon/series.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/model.h"

static const struct metric gauge = {.name = "temperature",
                                    .unit = "celsius",
                                    .help = "How warm.",
                                    .kind = METRIC_GAUGE,
                                    .cumulative = false};

static int declare(struct series_table *table, const struct label *labels, size_t count,
                   uint32_t *slot)
{
    return series_table_declare(table, &gauge, labels, count, SERIES_IN_TOTAL, 5000, SAMPLE_NUMBER,
                                slot);
}

/* The series temperature{room="…"}, which there must be room for. */
static uint32_t declare_room(struct series_table *table, const char *room)
{
    uint32_t slot;

    ck_assert_int_eq(declare(table, &(struct label){"room", room}, 1, &slot), 0);
    return slot;
}

static struct series_table *make_table(uint32_t max_series)
{
    struct series_table *table;

    ck_assert_int_eq(series_table_new(max_series, &table), 0);
    return table;
}

/* The catalog after what changed was published; to be put. */
static struct catalog *publish(struct series_table *table)
{
    ck_assert_int_eq(series_table_publish(table), 1);
    return catalog_get(table);
}

START_TEST(everything_declared_is_copied)
{
    struct series_table *table = make_table(4);
    char name[] = "net_bytes", unit[] = "bytes", help[] = "Bytes.", key[] = "dev", value[] = "eth0";
    const struct metric metric = {
        .name = name, .unit = unit, .help = help, .kind = METRIC_COUNTER, .cumulative = true};
    const struct label label = {key, value};
    struct catalog *catalog;
    const struct series *series;
    uint32_t slot;

    ck_assert_int_eq(series_table_declare(table, &metric, &label, 1, SERIES_DERIVED, 250,
                                          SAMPLE_HISTOGRAM, &slot),
                     0);
    memset(name, 'x', 3);
    memset(unit, 'x', 3);
    memset(help, 'x', 3);
    memset(key, 'x', 3);
    memset(value, 'x', 3);
    catalog = publish(table);
    series = catalog->series[0];
    ck_assert_str_eq(series->name, "net_bytes");
    ck_assert_str_eq(series->unit, "bytes");
    ck_assert_str_eq(series->help, "Bytes.");
    ck_assert_str_eq(series_label(series, "dev"), "eth0");
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert(series->cumulative);
    ck_assert_uint_eq(series->flags, SERIES_DERIVED);
    ck_assert_uint_eq(series->interval_ms, 250);
    ck_assert_int_eq(series->type, SAMPLE_HISTOGRAM);
    ck_assert_uint_eq(series->slot, slot);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(labels_in_any_order_are_one_series)
{
    static const struct label labels[] = {{"b", "2"}, {"a", "1"}, {"c", ""}};
    static const struct label reordered[] = {{"c", ""}, {"b", "2"}, {"a", "1"}};
    struct series_table *table = make_table(8);
    struct catalog *catalog;
    uint32_t first, again;

    ck_assert_int_eq(declare(table, labels, 3, &first), 0);
    ck_assert_int_eq(declare(table, reordered, 3, &again), 0);
    ck_assert_uint_eq(first, again);
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 1);
    ck_assert_str_eq(catalog->series[0]->labels[0].key, "a");
    ck_assert_str_eq(catalog->series[0]->labels[1].key, "b");
    ck_assert_str_eq(catalog->series[0]->labels[2].key, "c");
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(what_differs_a_little_is_another_series)
{
    static const struct label sets[][2] = {
        {{"a", "bc"}, {"d", "e"}}, {{"ab", "c"}, {"d", "e"}}, {{"a", "b"}, {"cd", "e"}},
        {{"a", "bc"}, {"d", "E"}}, {{"a", ""}, {"d", ""}},
    };
    struct series_table *table = make_table(16);
    struct catalog *catalog;
    uint32_t slots[6];

    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(declare(table, sets[i], 2, &slots[i]), 0);
    ck_assert_int_eq(declare(table, sets[0], 1, &slots[5]), 0);
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_ne(slots[i], slots[k]);
    }
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 6);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(labels_are_bounded_and_distinct)
{
    struct series_table *table = make_table(4);
    struct label labels[SERIES_LABELS_MAX + 1];
    char keys[SERIES_LABELS_MAX + 1][8];
    const struct label twice[] = {{"a", "1"}, {"b", "2"}, {"a", "1"}};
    uint32_t slot = 7;

    for (size_t i = 0; i <= SERIES_LABELS_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        labels[i] = (struct label){keys[i], "v"};
    }
    ck_assert_int_eq(declare(table, labels, SERIES_LABELS_MAX + 1, &slot), -EINVAL);
    ck_assert_uint_eq(slot, SINK_NO_SLOT);
    ck_assert_int_eq(declare(table, labels, SERIES_LABELS_MAX, &slot), 0);
    ck_assert_uint_eq(slot, 0);
    ck_assert_int_eq(declare(table, twice, 3, &slot), -EINVAL);
    ck_assert_uint_eq(slot, SINK_NO_SLOT);
    /* It is not the limit that refused these. */
    ck_assert_uint_eq(series_table_refused(table), 0);
    series_table_free(table);
}
END_TEST

START_TEST(the_limit_refuses_and_counts)
{
    struct series_table *table = make_table(2);
    uint32_t slot = 7;

    ck_assert_uint_eq(declare_room(table, "a"), 0);
    ck_assert_uint_eq(declare_room(table, "b"), 1);
    for (unsigned i = 1; i <= 3; i++) {
        ck_assert_int_eq(declare(table, &(struct label){"room", "c"}, 1, &slot), -ENOSPC);
        ck_assert_uint_eq(slot, SINK_NO_SLOT);
        ck_assert_uint_eq(series_table_refused(table), i);
    }
    /* Those that are in are found as before. */
    ck_assert_uint_eq(declare_room(table, "b"), 1);
    ck_assert_uint_eq(series_table_refused(table), 3);
    series_table_free(table);
}
END_TEST

START_TEST(a_slot_is_free_after_release_and_collection_alone)
{
    struct series_table *table = make_table(8);
    uint32_t a = declare_room(table, "a"), b = declare_room(table, "b"), slot;

    series_table_release(table, a, 10);
    ck_assert_uint_eq(declare_room(table, "c"), 2);
    /* Rows from 10 on may still hold a value of a. */
    series_table_collect(table, 10);
    ck_assert_uint_eq(declare_room(table, "d"), 3);
    series_table_collect(table, 11);
    slot = declare_room(table, "e");
    ck_assert_uint_eq(slot, a);
    /* Without release nothing is collected. */
    series_table_collect(table, UINT64_MAX);
    ck_assert_uint_eq(declare_room(table, "b"), b);
    ck_assert_uint_eq(declare_room(table, "f"), 4);
    series_table_free(table);
}
END_TEST

START_TEST(declaring_again_takes_the_release_back)
{
    struct series_table *table = make_table(8);
    struct catalog *before, *after;
    uint32_t a = declare_room(table, "a");

    before = publish(table);
    series_table_release(table, a, 10);
    ck_assert_uint_eq(declare_room(table, "a"), a);
    series_table_collect(table, 1000);
    ck_assert_int_eq(series_table_publish(table), 0);
    after = catalog_get(table);
    ck_assert_ptr_eq(before, after);
    ck_assert_uint_eq(after->count, 1);
    catalog_put(before);
    catalog_put(after);
    series_table_free(table);
}
END_TEST

START_TEST(a_release_of_nothing_is_ignored)
{
    struct series_table *table = make_table(4);

    series_table_release(table, 0, 1);
    series_table_release(table, SINK_NO_SLOT, 1);
    ck_assert_uint_eq(declare_room(table, "a"), 0);
    series_table_collect(table, 100);
    ck_assert_uint_eq(declare_room(table, "a"), 0);
    ck_assert_uint_eq(declare_room(table, "b"), 1);
    series_table_free(table);
}
END_TEST

START_TEST(ids_are_never_used_again)
{
    struct series_table *table = make_table(2);
    uint32_t former_id = 0;

    for (uint64_t seq = 1; seq <= 20; seq++) {
        uint32_t slot = declare_room(table, "same");
        struct catalog *catalog = publish(table);

        ck_assert_uint_eq(slot, 0);
        ck_assert_uint_eq(catalog->count, 1);
        ck_assert_uint_gt(catalog->series[0]->id, former_id);
        former_id = catalog->series[0]->id;
        catalog_put(catalog);
        series_table_release(table, slot, seq);
        series_table_collect(table, seq + 1);
    }
    series_table_free(table);
}
END_TEST

START_TEST(publishing_tells_whether_anything_changed)
{
    struct series_table *table = make_table(4);
    struct catalog *catalog = catalog_get(table);
    uint32_t slot;

    ck_assert_uint_eq(catalog->count, 0);
    ck_assert_uint_eq(catalog->version, 0);
    catalog_put(catalog);
    ck_assert_int_eq(series_table_publish(table), 0);
    slot = declare_room(table, "a");
    ck_assert_int_eq(series_table_publish(table), 1);
    ck_assert_int_eq(series_table_publish(table), 0);
    declare_room(table, "a");
    series_table_release(table, slot, 1);
    ck_assert_int_eq(series_table_publish(table), 0);
    series_table_collect(table, 2);
    ck_assert_int_eq(series_table_publish(table), 1);
    catalog = catalog_get(table);
    ck_assert_uint_eq(catalog->version, 2);
    ck_assert_uint_eq(catalog->count, 0);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

/* The sanitizer tells if a series were freed with the table's reference, or never. */
START_TEST(a_catalog_stays_as_it_is)
{
    struct series_table *table = make_table(4);
    struct catalog *old, *new;
    uint32_t a = declare_room(table, "a");

    declare_room(table, "b");
    old = publish(table);
    series_table_release(table, a, 1);
    series_table_collect(table, 2);
    declare_room(table, "c");
    new = publish(table);
    ck_assert_uint_eq(new->version, old->version + 1);
    ck_assert_uint_eq(old->count, 2);
    ck_assert_str_eq(series_label(old->series[0], "room"), "a");
    ck_assert_str_eq(series_label(old->series[1], "room"), "b");
    ck_assert_uint_eq(new->count, 2);
    ck_assert_str_eq(series_label(new->series[0], "room"), "b");
    ck_assert_str_eq(series_label(new->series[1], "room"), "c");
    ck_assert_uint_eq(new->series[1]->slot, a);
    ck_assert_ptr_eq(old->series[1], new->series[0]);
    catalog_hold(old);
    catalog_put(old);
    catalog_put(new);
    series_table_free(table);
    ck_assert_str_eq(series_label(old->series[0], "room"), "a");
    catalog_put(old);
    catalog_put(NULL);
}
END_TEST

START_TEST(catalogs_are_sorted_by_id)
{
    static const uint32_t ids[] = {1, 4, 6, 7, 8, 9, 10, 11};
    struct series_table *table = make_table(16);
    struct catalog *catalog;
    char room[8];

    for (int i = 0; i < 10; i++) {
        snprintf(room, sizeof room, "%d", i);
        declare_room(table, room);
    }
    /* Holes and a reused slot: ids 2, 3, 5 are gone, 11 has the first free slot. */
    series_table_release(table, 1, 1);
    series_table_release(table, 2, 1);
    series_table_release(table, 4, 1);
    series_table_collect(table, 2);
    declare_room(table, "new");
    catalog = publish(table);
    ck_assert_uint_eq(catalog->count, 8);
    ck_assert_uint_eq(catalog->slot_count, 10);
    for (size_t i = 0; i < 8; i++)
        ck_assert_uint_eq(catalog->series[i]->id, ids[i]);
    ck_assert_uint_eq(catalog->series[7]->slot, 1);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(a_label_that_is_not_there_is_empty)
{
    struct series_table *table = make_table(2);
    struct catalog *catalog;

    declare_room(table, "cellar");
    catalog = publish(table);
    ck_assert_str_eq(series_label(catalog->series[0], "room"), "cellar");
    ck_assert_str_eq(series_label(catalog->series[0], "roo"), "");
    ck_assert_str_eq(series_label(catalog->series[0], ""), "");
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

START_TEST(churn_stays_inside_the_limit)
{
    enum { MAX = 50, KEPT_TICKS = 3, TOTAL = 100000, PER_TICK = 10 };
    struct series_table *table = make_table(MAX);
    char room[16];
    uint32_t number = 0;

    for (uint64_t seq = 1; number < TOTAL; seq++) {
        struct catalog *catalog;

        if (seq > KEPT_TICKS)
            series_table_collect(table, seq - KEPT_TICKS);
        for (int i = 0; i < PER_TICK; i++) {
            uint32_t slot;

            snprintf(room, sizeof room, "%u", ++number);
            slot = declare_room(table, room);
            ck_assert_uint_lt(slot, MAX);
            series_table_release(table, slot, seq);
        }
        catalog = publish(table);
        ck_assert_uint_le(catalog->count, (KEPT_TICKS + 1) * PER_TICK);
        ck_assert_uint_eq(catalog->series[catalog->count - 1]->id, number);
        catalog_put(catalog);
    }
    ck_assert_uint_eq(series_table_refused(table), 0);
    series_table_free(table);
}
END_TEST

START_TEST(new_flags_replace_the_series_but_not_its_place)
{
    static const struct metric metric = {
        .name = "m", .unit = "", .help = "A metric.", .kind = METRIC_GAUGE, .cumulative = false};
    struct series_table *table = make_table(4);
    struct catalog *former, *catalog;
    uint32_t slot, again;

    ck_assert_int_eq(series_table_declare(table, &metric, NULL, 0, 0, 1000, SAMPLE_NUMBER, &slot),
                     0);
    former = publish(table);
    ck_assert_int_eq(
        series_table_declare(table, &metric, NULL, 0, SERIES_IN_TOTAL, 1000, SAMPLE_NUMBER, &again),
        0);
    catalog = publish(table);
    ck_assert_uint_eq(again, slot);
    ck_assert_uint_eq(catalog->count, 1);
    ck_assert_uint_eq(catalog->series[0]->id, former->series[0]->id);
    ck_assert_uint_eq(catalog->series[0]->slot, slot);
    ck_assert_uint_eq(catalog->series[0]->flags, SERIES_IN_TOTAL);
    ck_assert_uint_eq(former->series[0]->flags, 0);
    catalog_put(former);
    catalog_put(catalog);
    series_table_free(table);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "series", everything_declared_is_copied, labels_in_any_order_are_one_series,
        what_differs_a_little_is_another_series, labels_are_bounded_and_distinct,
        the_limit_refuses_and_counts, a_slot_is_free_after_release_and_collection_alone,
        declaring_again_takes_the_release_back, a_release_of_nothing_is_ignored,
        ids_are_never_used_again, publishing_tells_whether_anything_changed,
        a_catalog_stays_as_it_is, catalogs_are_sorted_by_id, a_label_that_is_not_there_is_empty,
        churn_stays_inside_the_limit, new_flags_replace_the_series_but_not_its_place);
}
