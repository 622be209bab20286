/* The board, on a past that this file stands in for. */
#include "daemon/processes.h"

#include <errno.h>
#include <string.h>

#include "daemon/clock.h"
#include "tests/unit/fake_runner.h"
#include "tests/unit/made_processes.h"
#include "tests/unit/support.h"

struct process_past {
    size_t added, writes;
    int add_result;
    char command[64]; /* of the first process that was added last */
    void (*during_write)(void);
};

static struct process_past past;
static struct fake_runner runner;
static struct processes *processes;
static size_t told;
static int64_t now_ns;

int process_past_add(struct process_past *to, const struct process_list *list)
{
    to->added++;
    if (list->count > 0 && list->entries[0].command)
        strcpy(to->command, list->entries[0].command->text);
    return to->add_result;
}

int process_past_write(struct process_past *to)
{
    void (*during)(void) = to->during_write;

    to->writes++;
    to->during_write = NULL;
    if (during)
        during();
    return -EIO; /* what fails is published all the same */
}

static struct clock_reading read_clock(void *arg)
{
    (void)arg;
    return (struct clock_reading){.mono_ns = now_ns};
}

static void on_published(void *arg)
{
    ck_assert_ptr_eq(arg, &told);
    told++;
}

static void make(bool has_past)
{
    const struct processes_options options = {.past = has_past ? &past : NULL,
                                              .tasks = &runner.runner};

    past = (struct process_past){0};
    told = 0;
    now_ns = 100 * NS_PER_SECOND;
    clock_replace(read_clock, NULL);
    fake_runner_init(&runner);
    ck_assert_int_eq(processes_new(&options, &processes), 0);
    processes_tell(processes, on_published, &told);
}

static void remove_all(void)
{
    fake_runner_finish(&runner);
    ck_assert(processes_free(processes));
    clock_replace(NULL, NULL);
}

static void publish(uint64_t seq)
{
    static const struct made_process one = {.pid = 7, .name = "x", .command = "/bin/x --key=1"};
    struct process_board *board = processes_board(processes);
    struct process_list *list = process_list_make(seq, &one, 1);

    list->mono_ns = now_ns;
    board->publish(board, list);
}

/* 0: there is none. */
static uint64_t newest_seq(void)
{
    struct process_list *list = processes_latest(processes, now_ns);
    uint64_t seq = list ? list->seq : 0;

    process_list_put(list);
    return seq;
}

START_TEST(a_list_is_there_once_it_is_written)
{
    make(true);
    runner.held = true;
    publish(5);
    ck_assert_uint_eq(past.added, 1);
    ck_assert_uint_eq(newest_seq(), 0);
    ck_assert_uint_eq(processes_version(processes), 0);
    fake_runner_let_go(&runner);
    ck_assert_uint_eq(past.writes, 1);
    ck_assert_uint_eq(newest_seq(), 5);
    ck_assert_uint_eq(processes_version(processes), 1);
    ck_assert_uint_eq(told, 1);
    ck_assert_uint_eq(processes_unwritten(processes), 0);
    remove_all();
}
END_TEST

START_TEST(one_write_is_out_at_a_time)
{
    make(true);
    runner.held = true;
    publish(5);
    publish(6);
    ck_assert_uint_eq(runner.submitted, 1);
    fake_runner_let_go(&runner);
    ck_assert_uint_eq(past.writes, 1);
    ck_assert_uint_eq(newest_seq(), 6);
    ck_assert_uint_eq(told, 1);
    publish(7);
    ck_assert_uint_eq(runner.submitted, 2);
    ck_assert_uint_eq(newest_seq(), 7);
    remove_all();
}
END_TEST

static void publish_six(void)
{
    publish(6);
    ck_assert_uint_eq(newest_seq(), 0);
}

START_TEST(what_comes_during_a_write_is_written_next)
{
    make(true);
    past.during_write = publish_six;
    publish(5);
    ck_assert_uint_eq(runner.submitted, 1);
    ck_assert_uint_eq(past.writes, 2);
    ck_assert_uint_eq(newest_seq(), 6);
    ck_assert_uint_eq(told, 2);
    remove_all();
}
END_TEST

START_TEST(a_list_does_not_wait_for_long)
{
    make(true);
    runner.held = true;
    publish(5);
    processes_tend(processes, now_ns + 400 * NS_PER_MS);
    ck_assert_uint_eq(newest_seq(), 0);
    processes_tend(processes, now_ns + 500 * NS_PER_MS);
    processes_tend(processes, now_ns + 600 * NS_PER_MS);
    ck_assert_uint_eq(newest_seq(), 5);
    ck_assert_uint_eq(processes_unwritten(processes), 1);
    ck_assert_uint_eq(told, 1);
    /* It is still written, and nobody is told again. */
    fake_runner_let_go(&runner);
    ck_assert_uint_eq(past.writes, 1);
    ck_assert_uint_eq(told, 1);
    processes_tend(processes, now_ns + NS_PER_SECOND);
    ck_assert_uint_eq(processes_unwritten(processes), 1);
    remove_all();
}
END_TEST

static void publish_six_from_memory(void)
{
    publish(6);
    processes_tend(processes, now_ns + NS_PER_SECOND);
    ck_assert_uint_eq(newest_seq(), 6);
}

START_TEST(an_older_list_never_follows_a_newer_one)
{
    make(true);
    past.during_write = publish_six_from_memory;
    publish(5);
    ck_assert_uint_eq(past.writes, 2);
    ck_assert_uint_eq(newest_seq(), 6);
    ck_assert_uint_eq(processes_version(processes), 1);
    ck_assert_uint_eq(told, 1);
    remove_all();
}
END_TEST

START_TEST(what_is_not_kept_is_there_at_once)
{
    make(false);
    publish(5);
    ck_assert_uint_eq(newest_seq(), 5);
    ck_assert_uint_eq(runner.submitted, 0);
    ck_assert_ptr_null(processes_past(processes));
    remove_all();
    make(true);
    past.add_result = -ENOMEM;
    publish(6);
    ck_assert_uint_eq(newest_seq(), 6);
    ck_assert_uint_eq(runner.submitted, 0);
    remove_all();
}
END_TEST

START_TEST(it_is_watched_for_five_seconds)
{
    struct process_board *board;

    make(true);
    board = processes_board(processes);
    ck_assert(!board->is_watched(board, now_ns));
    processes_watch(processes, now_ns);
    ck_assert(board->is_watched(board, now_ns));
    ck_assert(board->is_watched(board, now_ns + PROCESSES_WATCHED_NS - 1));
    ck_assert(!board->is_watched(board, now_ns + PROCESSES_WATCHED_NS));
    remove_all();
}
END_TEST

START_TEST(hidden_arguments_are_not_kept_either)
{
    struct process_list *list;

    make(true);
    publish(5);
    ck_assert_str_eq(past.command, "/bin/x --key=1");
    processes_show_arguments(processes, false);
    publish(6);
    ck_assert_str_eq(past.command, "/bin/x");
    list = processes_latest(processes, now_ns);
    ck_assert_str_eq(list->entries[0].command->text, "/bin/x");
    process_list_put(list);
    remove_all();
}
END_TEST

START_TEST(what_is_hidden_from_now_on_is_told_at_once)
{
    make(true);
    processes_show_arguments(processes, false);
    ck_assert_uint_eq(told, 0);
    publish(5);
    processes_show_arguments(processes, false);
    ck_assert_uint_eq(told, 1);
    processes_show_arguments(processes, true);
    ck_assert_uint_eq(told, 2);
    ck_assert_uint_eq(processes_version(processes), 2);
    publish(6);
    ck_assert_uint_eq(newest_seq(), 6);
    ck_assert_uint_eq(processes_version(processes), 3);
    remove_all();
}
END_TEST

START_TEST(an_old_list_is_not_the_present)
{
    make(true);
    publish(5);
    now_ns += 15 * NS_PER_SECOND;
    ck_assert_uint_eq(newest_seq(), 5);
    now_ns++;
    ck_assert_uint_eq(newest_seq(), 0);
    publish(6);
    ck_assert_uint_eq(newest_seq(), 6);
    remove_all();
}
END_TEST

START_TEST(nobody_is_told_any_more)
{
    make(true);
    runner.held = true;
    publish(5);
    processes_tell(processes, NULL, NULL);
    fake_runner_let_go(&runner);
    ck_assert_uint_eq(newest_seq(), 5);
    ck_assert_uint_eq(told, 0);
    remove_all();
}
END_TEST

static void end(void)
{
    ck_assert(!processes_free(processes));
}

START_TEST(a_write_that_is_under_way_at_the_end_is_told)
{
    make(true);
    past.during_write = end;
    publish(5);
    ck_assert_uint_eq(past.writes, 1);
    ck_assert_uint_eq(told, 0);
    clock_replace(NULL, NULL);
}
END_TEST

START_TEST(a_write_that_never_began_is_dropped)
{
    make(true);
    runner.held = true;
    publish(5);
    ck_assert(processes_free(processes));
    fake_runner_finish(&runner);
    ck_assert_uint_eq(past.writes, 0);
    clock_replace(NULL, NULL);
    ck_assert(processes_free(NULL));
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_board", a_list_is_there_once_it_is_written,
                     one_write_is_out_at_a_time, what_comes_during_a_write_is_written_next,
                     a_list_does_not_wait_for_long, an_older_list_never_follows_a_newer_one,
                     what_is_not_kept_is_there_at_once, it_is_watched_for_five_seconds,
                     hidden_arguments_are_not_kept_either,
                     what_is_hidden_from_now_on_is_told_at_once, an_old_list_is_not_the_present,
                     nobody_is_told_any_more, a_write_that_is_under_way_at_the_end_is_told,
                     a_write_that_never_began_is_dropped);
}
