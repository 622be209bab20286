#include "daemon/process_past.h"

#include <errno.h>

#include "tests/unit/past_bench.h"

START_TEST(names_say_what_is_in_a_file)
{
    static const char *const wrong[] = {
        "",
        "processes-",
        "processes-0000000000000000-0000000000000001-0000000000000001",
        "processes-0000000000000001-0000000000000001-000000000000000",
        "processes-0000000000000001-0000000000000001-00000000000000010",
        "processes-0000000000000001-0000000000000001-000000000000000A",
        "processes-0000000000000001-ffffffffffffffff-0000000000000001",
        "processes-0000000000000001-0000000000000001-0000000000000001.damaged-1",
    };
    struct process_file_name what = {.number = 18, .first_ms = 1764363600000, .before_ms = 255};
    char name[PROCESS_FILE_NAME_SIZE];

    process_file_name(&what, name);
    ck_assert_str_eq(name, "processes-0000000000000012-0000019acc440080-00000000000000ff");
    what = (struct process_file_name){0};
    ck_assert(process_file_parse_name(name, &what));
    ck_assert_uint_eq(what.number, 18);
    ck_assert_int_eq(what.first_ms, 1764363600000);
    ck_assert_int_eq(what.before_ms, 255);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!process_file_parse_name(wrong[i], &what), "%s", wrong[i]);
}
END_TEST

static void check_moments(bool has_folder)
{
    struct past_bench bench;
    int64_t first_ms, last_ms;

    past_bench_make(&bench, has_folder, PLENTY);
    ck_assert_int_eq(past_bench_read(&bench, SCENE_FIRST_MS), -ENODATA);
    past_bench_add(&bench, 0);
    past_bench_fill(&bench, 1200); /* of three blocks */
    first_ms = bench.lists[0]->time_ms;
    last_ms = bench.lists[1200]->time_ms;
    ck_assert(past_bench_has(&bench, first_ms, bench.lists[0]));
    ck_assert_int_eq(past_bench_read(&bench, first_ms - 101), -ENODATA);
    for (size_t i = 1; i <= 1200; i += i > 508 && i < 515 ? 1 : 28) {
        const int64_t time_ms = bench.lists[i]->time_ms;

        ck_assert(past_bench_has(&bench, time_ms, bench.lists[i]));
        ck_assert(past_bench_has(&bench, time_ms - 1, bench.lists[i]));
        ck_assert(past_bench_has(&bench, time_ms - 999, bench.lists[i]));
        ck_assert(!past_bench_has(&bench, time_ms + 1, bench.lists[i]) || i == 1200);
    }
    ck_assert(past_bench_has(&bench, last_ms + 1, bench.lists[1200]));
    ck_assert(past_bench_has(&bench, last_ms + 6000, bench.lists[1200]));
    ck_assert_int_eq(past_bench_read(&bench, last_ms + 6001), -ENODATA);
    ck_assert_uint_eq(process_past_count(bench.past).records, 1201);
    ck_assert_int_eq(process_past_count(bench.past).first_ms, first_ms);
    ck_assert_int_eq(process_past_count(bench.past).last_ms, last_ms);
    past_bench_remove(&bench);
}

START_TEST(a_moment_is_in_the_span_of_a_list)
{
    check_moments(false);
    check_moments(true);
}
END_TEST

START_TEST(between_two_looks_there_is_a_gap)
{
    struct past_bench bench;
    const struct process_list *before, *after;

    past_bench_make(&bench, false, PLENTY);
    before = past_bench_add(&bench, 1000);
    bench.scene.time_ms += 20000;
    after = past_bench_add(&bench, 5000);
    ck_assert(past_bench_has(&bench, before->time_ms, before));
    ck_assert_int_eq(past_bench_read(&bench, before->time_ms + 1), -ENODATA);
    ck_assert_int_eq(past_bench_read(&bench, after->time_ms - 5101), -ENODATA);
    ck_assert(past_bench_has(&bench, after->time_ms - 5000, after));
    ck_assert(past_bench_has(&bench, after->time_ms - 1, after));
    past_bench_remove(&bench);
}
END_TEST

static void check_clock(bool restarts)
{
    struct past_bench bench;
    int64_t first_ms;

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 700);
    first_ms = bench.lists[0]->time_ms;
    bench.scene.time_ms = first_ms + 299000; /* the next is at the time of list 300 */
    past_bench_fill(&bench, 600);
    if (restarts)
        past_bench_restart(&bench, PLENTY);
    ck_assert(past_bench_has(&bench, bench.lists[0]->time_ms, bench.lists[0]));
    ck_assert(past_bench_has(&bench, first_ms + 298000, bench.lists[298]));
    ck_assert(past_bench_has(&bench, first_ms + 300000, bench.lists[700]));
    ck_assert(past_bench_has(&bench, first_ms + 650000, bench.lists[1050]));
    ck_assert(past_bench_has(&bench, first_ms + 899000, bench.lists[1299]));
    past_bench_remove(&bench);
}

START_TEST(of_several_the_newest_is_given)
{
    check_clock(false);
    check_clock(true);
}
END_TEST

/* Behind the newest there may be what was before the clock was set back. */
START_TEST(what_was_before_the_clock_was_set_back_stays)
{
    struct past_bench bench;

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 600);
    bench.scene.time_ms = bench.lists[0]->time_ms;
    past_bench_fill(&bench, 10);
    ck_assert(past_bench_has(&bench, bench.lists[14]->time_ms, bench.lists[609]));
    ck_assert(past_bench_has(&bench, bench.lists[20]->time_ms, bench.lists[20]));
    ck_assert(past_bench_has(&bench, bench.lists[599]->time_ms, bench.lists[599]));
    past_bench_remove(&bench);
}
END_TEST

START_TEST(a_restart_goes_on)
{
    struct past_bench bench;

    past_bench_make(&bench, true, PLENTY);
    for (int i = 0; i < 5; i++) {
        past_bench_fill(&bench, 60 * (size_t)(i + 1));
        past_bench_restart(&bench, PLENTY);
        ck_assert_uint_eq(process_past_count(bench.past).records, bench.count);
        ck_assert_int_eq(process_past_count(bench.past).last_ms,
                         bench.lists[bench.count - 1]->time_ms);
        ck_assert(past_bench_has(&bench, bench.lists[bench.count - 1]->time_ms + 3000,
                                 bench.lists[bench.count - 1]));
    }
    ck_assert_uint_eq(past_bench_count_some(&bench, 3), bench.count / 3);
    ck_assert_uint_eq(process_past_count(bench.past).damaged, 0);
    past_bench_remove(&bench);
}
END_TEST

/* Forward, back, and across blocks of which one is being filled. */
START_TEST(questions_in_any_order)
{
    struct past_bench bench;

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 1100);
    for (size_t i = 0; i < 700; i++) {
        const size_t ways[] = {i, 700 - i, 300 + i * 97 % 300, i * 797 % bench.count,
                               bench.count - 1 - i * 7 % 20};
        const size_t place = ways[i / 7 % 5];

        ck_assert(past_bench_has(&bench, bench.lists[place]->time_ms, bench.lists[place]));
        if (i % 7 == 0)
            past_bench_fill(&bench, 1);
        if (i % 50 == 0)
            past_bench_add(&bench, 1000);
    }
    past_bench_remove(&bench);
}
END_TEST

/* So that who moves over a block has it read once. */
START_TEST(the_block_of_the_last_question_is_in_memory)
{
    struct past_bench bench;
    struct past_files names;
    char name[PROCESS_FILE_NAME_SIZE];

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 600);
    ck_assert(past_bench_has(&bench, bench.lists[100]->time_ms, bench.lists[100]));
    names = past_bench_files(&bench);
    process_file_name(&names.items[0], name);
    ck_assert_int_eq(data_folder_remove(&bench.data.data, name), 0);
    ck_assert(past_bench_has(&bench, bench.lists[400]->time_ms, bench.lists[400]));
    ck_assert(past_bench_has(&bench, bench.lists[99]->time_ms, bench.lists[99]));
    ck_assert(past_bench_has(&bench, bench.lists[0]->time_ms, bench.lists[0]));
    ck_assert(past_bench_has(&bench, bench.lists[401]->time_ms, bench.lists[401]));
    ck_assert(past_bench_has(&bench, bench.lists[599]->time_ms, bench.lists[599]));
    ck_assert_int_eq(past_bench_read(&bench, bench.lists[0]->time_ms), -ENODATA);
    past_bench_remove(&bench);
}
END_TEST

static void check_budget(bool has_folder)
{
    const uint64_t budget_bytes = 50000;
    struct past_bench bench;
    struct process_past_counts counts;
    size_t found;

    past_bench_make(&bench, has_folder, budget_bytes);
    for (int i = 0; i < 1800; i++) {
        past_bench_add(&bench, 1000);
        ck_assert_int_eq(process_past_write(bench.past), 0);
        counts = process_past_count(bench.past);
        ck_assert_uint_le(counts.used_bytes, budget_bytes);
        if (has_folder && i % 100 == 0) {
            struct past_files names = past_bench_files(&bench);
            uint64_t bytes = 0;
            char name[PROCESS_FILE_NAME_SIZE];

            for (size_t j = 0; j < names.count; j++) {
                process_file_name(&names.items[j], name);
                bytes += data_bench_size(&bench.data, name);
            }
            ck_assert_uint_le(bytes, budget_bytes);
        }
    }
    found = past_bench_count_some(&bench, 3);
    ck_assert_uint_eq(found, counts.records / 3);
    ck_assert_uint_lt(counts.records, 1700);
    ck_assert_uint_gt(counts.records, 500);
    ck_assert(past_bench_has(&bench, counts.first_ms, bench.lists[1800 - counts.records]));
    past_bench_remove(&bench);
}

/* Less than a block needs: there is one all the same, and nothing else. */
static void check_least_budget(void)
{
    struct past_bench bench;

    past_bench_make(&bench, true, 50000);
    for (int i = 0; i < 3; i++) {
        past_bench_add(&bench, 1000);
        ck_assert_int_eq(process_past_write(bench.past), 0);
    }
    past_bench_restart(&bench, 1);
    past_bench_add(&bench, 1000);
    ck_assert_int_eq(process_past_write(bench.past), 0);
    ck_assert_uint_ge(process_past_count(bench.past).records, 1);
    ck_assert_uint_eq(past_bench_files(&bench).count, 1);
    past_bench_remove(&bench);
}

START_TEST(a_budget_is_kept)
{
    check_budget(false);
    check_budget(true);
    check_least_budget();
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_past", names_say_what_is_in_a_file, a_moment_is_in_the_span_of_a_list,
                     between_two_looks_there_is_a_gap, of_several_the_newest_is_given,
                     what_was_before_the_clock_was_set_back_stays, a_restart_goes_on,
                     questions_in_any_order, the_block_of_the_last_question_is_in_memory,
                     a_budget_is_kept);
}
