#include "daemon/present.h"

#include "tests/unit/model.h"

/* A present that is handed rows of one series, in slot 2 of three. */
struct bench {
    struct model model;
    struct catalog *catalog;
    const struct series *series;
    struct present present;
};

static const struct series *find_id(const struct catalog *catalog, uint32_t id)
{
    size_t i = 0;

    while (i < catalog->count && catalog->series[i]->id != id)
        i++;
    ck_assert_uint_lt(i, catalog->count);
    return catalog->series[i];
}

static void bench_make(struct bench *bench, const char *name, uint32_t interval_ms)
{
    model_make(&bench->model, 8);
    model_declare(&bench->model, "a", "", 0, MODEL_INTERVAL_MS);
    model_declare(&bench->model, "b", "", 0, MODEL_INTERVAL_MS);
    ck_assert_uint_eq(model_declare(&bench->model, name, "", 0, interval_ms), 2);
    ck_assert_int_eq(series_table_publish(bench->model.table), 1);
    bench->catalog = catalog_get(bench->model.table);
    bench->series = find_id(bench->catalog, 3);
    ck_assert_int_eq(present_init(&bench->present, 8, MODEL_INTERVAL_MS), 0);
}

static void bench_remove(struct bench *bench)
{
    present_finish(&bench->present);
    catalog_put(bench->catalog);
    model_remove(&bench->model);
}

/* A tick at this second with this word, numbered after the one before. */
static const struct present_value *follow_word(struct bench *bench, double seconds, uint64_t word)
{
    const uint64_t words[] = {SAMPLE_ABSENT, SAMPLE_ABSENT, word};
    const struct tick tick = {.seq = bench->present.tick.seq + 1,
                              .mono_ns = (int64_t)(seconds * (double)NS_PER_SECOND)};

    present_follow(&bench->present, &tick, words, 3, bench->catalog);
    ck_assert_uint_eq(bench->present.tick.seq, tick.seq);
    return present_of(&bench->present, bench->series);
}

static const struct present_value *follow(struct bench *bench, double seconds, double value)
{
    return follow_word(bench, seconds, sample_word(value));
}

static const struct present_value *miss(struct bench *bench, double seconds)
{
    return follow_word(bench, seconds, SAMPLE_ABSENT);
}

static uint64_t shown(const struct bench *bench)
{
    return present_shown(&bench->present, bench->series);
}

START_TEST(a_gauge_is_its_last_value)
{
    struct bench bench;

    bench_make(&bench, "gauge", 1000);
    expect_absent(shown(&bench));
    expect_number(follow(&bench, 1, 7)->word, 7);
    expect_number(follow(&bench, 2, 5)->word, 5);
    expect_number(shown(&bench), 5);
    expect_absent(present_of(&bench.present, bench.series)->rate);
    ck_assert_uint_eq(follow_word(&bench, 3, SAMPLE_NAN)->word, SAMPLE_NAN);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_counter_is_shown_by_its_rate)
{
    struct bench bench;
    const struct present_value *value;

    bench_make(&bench, "count_total", 1000);
    value = follow(&bench, 1, 100);
    expect_number(value->word, 100);
    expect_absent(value->rate);
    expect_absent(shown(&bench));
    value = follow(&bench, 3, 110);
    expect_number(value->word, 110);
    expect_number(value->rate, 5);
    expect_number(shown(&bench), 5);
    /* A reset: the value is there, a rate is not. */
    value = follow(&bench, 4, 3);
    expect_number(value->word, 3);
    expect_absent(value->rate);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_value_is_kept_until_the_second_tick_without)
{
    struct bench bench;
    const struct present_value *value;

    bench_make(&bench, "count_total", 1000);
    follow(&bench, 1, 100);
    follow(&bench, 2, 104);
    value = miss(&bench, 3);
    expect_number(value->word, 104);
    expect_number(value->rate, 4);
    value = miss(&bench, 4);
    expect_absent(value->word);
    expect_absent(value->rate);
    /* Back: its source began anew, so the rate has to wait. */
    value = follow(&bench, 5, 110);
    expect_number(value->word, 110);
    expect_absent(value->rate);
    expect_number(follow(&bench, 6, 111)->rate, 1);
    bench_remove(&bench);
}
END_TEST

START_TEST(one_tick_without_costs_the_next_rate_alone)
{
    struct bench bench;

    bench_make(&bench, "count_total", 1000);
    follow(&bench, 1, 100);
    follow(&bench, 2, 104);
    miss(&bench, 3);
    expect_absent(follow(&bench, 4, 120)->rate);
    expect_number(follow(&bench, 5, 122)->rate, 2);
    bench_remove(&bench);
}
END_TEST

START_TEST(ticks_may_come_a_little_early_or_late)
{
    struct bench bench;

    bench_make(&bench, "gauge", 1000);
    follow(&bench, 1, 7);
    expect_number(miss(&bench, 2.9)->word, 7); /* 1.9 intervals: not yet two */
    follow(&bench, 3, 8);
    miss(&bench, 4.05);
    expect_absent(miss(&bench, 4.95)->word); /* 1.95: two, and early */
    bench_remove(&bench);
}
END_TEST

/* Every fifth tick has a value: it stays in between, and the rate is over five seconds. */
START_TEST(a_longer_interval_has_its_own_time)
{
    struct bench bench;
    const struct present_value *value;

    bench_make(&bench, "count_total", 5000);
    follow(&bench, 0.5, 1000);
    for (int i = 1; i <= 4; i++)
        expect_number(miss(&bench, 0.5 + i)->word, 1000);
    value = follow(&bench, 5.5, 1040);
    expect_number(value->rate, 8); /* 40 / 5 s */
    /* One value fails to come: kept until 9.5 s, the second interval's end but for a tenth. */
    for (int i = 1; i <= 9; i++) {
        value = miss(&bench, 5.5 + i);
        expect_number(value->word, 1040);
        expect_number(value->rate, 8);
    }
    value = miss(&bench, 15.5);
    expect_absent(value->word);
    expect_absent(value->rate);
    /* The baseline is still good, since the absence is nothing unusual: 60 / 15 s. */
    expect_number(follow(&bench, 20.5, 1100)->rate, 4);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_shorter_row_has_no_value)
{
    const uint64_t words[] = {SAMPLE_ABSENT, SAMPLE_ABSENT, sample_word(99)};
    struct bench bench;
    struct tick tick = {.seq = 1, .mono_ns = NS_PER_SECOND};

    bench_make(&bench, "gauge", 1000);
    present_follow(&bench.present, &tick, words, 2, bench.catalog);
    expect_absent(shown(&bench));
    bench_remove(&bench);
}
END_TEST

START_TEST(lost_ticks_cost_the_rate_its_baseline)
{
    struct bench bench;
    const struct present_value *value;

    bench_make(&bench, "count_total", 1000);
    follow(&bench, 1, 100);
    expect_number(follow(&bench, 2, 101)->rate, 1);
    present_follow(&bench.present, &(struct tick){.seq = 50, .mono_ns = 50 * NS_PER_SECOND},
                   (uint64_t[]){SAMPLE_ABSENT, SAMPLE_ABSENT, sample_word(500)}, 3, bench.catalog);
    value = present_of(&bench.present, bench.series);
    expect_number(value->word, 500);
    expect_absent(value->rate);
    expect_number(follow(&bench, 51, 503)->rate, 3);
    bench_remove(&bench);
}
END_TEST

START_TEST(the_first_tick_may_have_any_number)
{
    struct bench bench;

    bench_make(&bench, "count_total", 1000);
    present_follow(&bench.present, &(struct tick){.seq = 900, .mono_ns = NS_PER_SECOND},
                   (uint64_t[]){SAMPLE_ABSENT, SAMPLE_ABSENT, sample_word(5)}, 3, bench.catalog);
    expect_number(follow(&bench, 2, 6)->rate, 1);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_slot_with_a_new_owner_begins_anew)
{
    struct bench bench;
    const struct series *newcomer;
    const struct present_value *value;
    struct catalog *former;

    bench_make(&bench, "count_total", 1000);
    former = bench.catalog;
    follow(&bench, 1, 100);
    follow(&bench, 2, 150);
    series_table_release(bench.model.table, 2, 2);
    series_table_collect(bench.model.table, 3);
    ck_assert_uint_eq(model_declare(&bench.model, "other_total", "", 0, 1000), 2);
    ck_assert_int_eq(series_table_publish(bench.model.table), 1);
    bench.catalog = catalog_get(bench.model.table);
    newcomer = find_id(bench.catalog, 4);
    ck_assert_uint_eq(newcomer->slot, 2);
    /* Before its first tick the slot still follows the former one. */
    expect_absent(present_shown(&bench.present, newcomer));
    value = follow(&bench, 3, 160);
    expect_number(value->word, 160);
    expect_absent(value->rate);
    ck_assert_uint_eq(value->id, 4);
    expect_number(follow(&bench, 4, 162)->rate, 2);
    expect_number(present_shown(&bench.present, newcomer), 2);
    /* And the former one is not shown with the newcomer's value. */
    expect_absent(shown(&bench));
    catalog_put(former);
    bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("present", a_gauge_is_its_last_value, a_counter_is_shown_by_its_rate,
                     a_value_is_kept_until_the_second_tick_without,
                     one_tick_without_costs_the_next_rate_alone,
                     ticks_may_come_a_little_early_or_late, a_longer_interval_has_its_own_time,
                     a_shorter_row_has_no_value, lost_ticks_cost_the_rate_its_baseline,
                     the_first_tick_may_have_any_number, a_slot_with_a_new_owner_begins_anew);
}
