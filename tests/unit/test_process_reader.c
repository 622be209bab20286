#include "collectors/system/process_reader.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "tests/unit/process_folder.h"

#define MIB (1UL << 20)

static void put(struct process_folder *it, struct process_files files)
{
    process_folder_put(it, &files);
}

static void expect_scan(struct process_folder *it)
{
    process_folder_scan(it, 1000);
    ck_assert_int_eq(it->result, 0);
}

/* After many scans, at each of which they may have been in turn. */
static void expect_opens(const char *name, unsigned from, unsigned to)
{
    unsigned opens = process_folder_opens(name);

    ck_assert_msg(opens >= from && opens <= to, "%s: opened %u times", name, opens);
}

START_TEST(what_sleeps_is_hardly_read)
{
    struct process_folder it;

    process_folder_make(&it);
    put(&it, (struct process_files){.pid = 12, .command = "x|", .rss_pages = 5});
    expect_scan(&it);
    expect_opens("12/stat", 1, 1);
    expect_opens("12/io", 1, 1);
    expect_opens("12/statm", 1, 1);
    expect_opens("12/status", 1, 1);
    expect_opens("12/cmdline", 1, 1);
    for (unsigned scan = 0; scan < PROCESS_RARE_SCANS; scan++) {
        expect_scan(&it);
        ck_assert_double_eq(process_folder_entry(&it, 12)->cpu_cores, 0);
        ck_assert_double_eq(process_folder_entry(&it, 12)->read_bytes_per_second, 0);
    }
    expect_opens("12/stat", PROCESS_RARE_SCANS, PROCESS_RARE_SCANS);
    expect_opens("12/io", PROCESS_RARE_SCANS / PROCESS_IO_SCANS,
                 PROCESS_RARE_SCANS / PROCESS_IO_SCANS);
    expect_opens("12/statm", 0, 0);
    expect_opens("12/status", 2, 2);
    expect_opens("12/cmdline", 1, 1);
    process_folder_remove(&it);
}
END_TEST

/* Bytes that are written without any CPU time to see. */
START_TEST(no_byte_is_lost_or_told_twice)
{
    struct process_files files = {.pid = 12, .write_bytes = 5 * MIB};
    struct process_folder it;
    double told = 0, rate;
    unsigned last = 0;

    process_folder_make(&it);
    put(&it, files);
    expect_scan(&it);
    for (unsigned scan = 1; scan <= 3 * PROCESS_IO_SCANS; scan++) {
        files.write_bytes += 1000;
        put(&it, files);
        expect_scan(&it);
        rate = process_folder_entry(&it, 12)->write_bytes_per_second;
        if (rate == 0)
            continue;
        told += rate * (scan - last);
        last = scan;
    }
    ck_assert_uint_gt(last, 2 * PROCESS_IO_SCANS);
    ck_assert_double_eq_tol(told, last * 1000.0, 1e-6);
    process_folder_remove(&it);
}
END_TEST

START_TEST(what_is_active_is_read)
{
    struct process_files files = {.pid = 12, .rss_pages = 5, .write_bytes = 7};
    struct process_folder it;

    process_folder_make(&it);
    put(&it, files);
    expect_scan(&it);
    for (unsigned scan = 0; scan < 5; scan++) {
        files.cpu_ticks++;
        files.write_bytes += 1000;
        put(&it, files);
        expect_scan(&it);
        ck_assert_double_eq(process_folder_entry(&it, 12)->write_bytes_per_second, 1000);
    }
    expect_opens("12/statm", 1, 1);
    files.rss_pages = 50;
    files.shared_pages = 20;
    files.faults = 3;
    files.write_bytes += 500;
    put(&it, files);
    expect_scan(&it);
    expect_opens("12/statm", 1, 1);
    ck_assert_uint_eq(process_folder_entry(&it, 12)->shared_bytes * 50,
                      process_folder_entry(&it, 12)->rss_bytes * 20);
    ck_assert_double_eq(process_folder_entry(&it, 12)->write_bytes_per_second, 500);
    process_folder_remove(&it);
}
END_TEST

/* The looks in which it slept have nothing of what it does when it wakes. */
START_TEST(a_burst_is_not_spread_over_the_rest_before_it)
{
    struct process_files files = {.pid = 12, .write_bytes = 7};
    struct process_folder it;

    process_folder_make(&it);
    put(&it, files);
    for (unsigned scan = 0; scan < PROCESS_IO_SCANS; scan++) {
        expect_scan(&it);
        for (unsigned more = 0; more < scan; more++)
            expect_scan(&it);
        files.cpu_ticks += 5;
        files.write_bytes += MIB;
        put(&it, files);
        expect_scan(&it);
        ck_assert_double_eq(process_folder_entry(&it, 12)->write_bytes_per_second, MIB);
    }
    process_folder_remove(&it);
}
END_TEST

START_TEST(io_that_may_not_be_read)
{
    struct process_files files = {.pid = 12, .write_bytes = 7};
    struct process_folder it;
    unsigned scans = 0;

    process_folder_make(&it);
    put(&it, files);
    process_folder_deny("12/io", EACCES);
    for (unsigned scan = 0; scan < PROCESS_RARE_SCANS; scan++) {
        files.cpu_ticks++;
        put(&it, files);
        expect_scan(&it);
        ck_assert_uint_eq(it.list->io_hidden, 1);
        ck_assert(isnan(process_folder_entry(&it, 12)->write_bytes_per_second));
    }
    expect_opens("12/io", 2, 2);
    process_folder_deny(NULL, 0);
    while (it.list->io_hidden == 1 && scans++ < PROCESS_RARE_SCANS)
        expect_scan(&it);
    ck_assert_uint_eq(it.list->io_hidden, 0);
    ck_assert(isnan(process_folder_entry(&it, 12)->write_bytes_per_second));
    files.cpu_ticks++;
    files.write_bytes += 300;
    put(&it, files);
    expect_scan(&it);
    ck_assert_double_eq(process_folder_entry(&it, 12)->write_bytes_per_second, 300);
    process_folder_remove(&it);
}
END_TEST

/* The kernel adds what a child read and wrote to who reaps it. */
START_TEST(a_parent_that_reaps_a_busy_child)
{
    struct process_files parent = {.pid = 5, .write_bytes = 100};
    struct process_files child = {.pid = 6, .parent = 5, .write_bytes = 8 * MIB};
    struct process_folder it;

    process_folder_make(&it);
    put(&it, parent);
    put(&it, child);
    expect_scan(&it);
    child.cpu_ticks += 50;
    child.write_bytes += MIB;
    put(&it, child);
    expect_scan(&it);
    ck_assert_double_eq(process_folder_entry(&it, 6)->write_bytes_per_second, 1.0 * MIB);
    /* It wrote a little more before it ended, and so did its parent. */
    process_folder_drop(&it, 6);
    parent.child_faults = 90;
    parent.write_bytes += child.write_bytes + 3000 + 2000;
    put(&it, parent);
    expect_scan(&it);
    /* Its own was read two seconds ago. */
    ck_assert_double_eq(process_folder_entry(&it, 5)->write_bytes_per_second, 2500);
    ck_assert_double_eq(process_folder_entry(&it, 5)->cpu_cores, 0);
    parent.cpu_ticks++;
    parent.write_bytes += 700;
    put(&it, parent);
    expect_scan(&it);
    ck_assert_double_eq(process_folder_entry(&it, 5)->write_bytes_per_second, 700);
    process_folder_remove(&it);
}
END_TEST

START_TEST(a_parent_that_waits_for_nobody_was_given_nothing)
{
    struct process_files parent = {.pid = 5, .write_bytes = 100};
    struct process_folder it;

    process_folder_make(&it);
    put(&it, parent);
    put(&it, (struct process_files){.pid = 6, .parent = 5, .write_bytes = MIB});
    expect_scan(&it);
    process_folder_drop(&it, 6);
    parent.cpu_ticks++;
    parent.write_bytes += 900;
    put(&it, parent);
    expect_scan(&it);
    ck_assert_double_eq(process_folder_entry(&it, 5)->write_bytes_per_second, 900);
    process_folder_remove(&it);
}
END_TEST

START_TEST(a_grandparent_inherits_of_both)
{
    struct process_files first = {.pid = 4, .write_bytes = 100};
    struct process_folder it;

    process_folder_make(&it);
    put(&it, first);
    put(&it, (struct process_files){.pid = 5, .parent = 4, .write_bytes = 10});
    put(&it, (struct process_files){.pid = 6, .parent = 5, .write_bytes = MIB});
    expect_scan(&it);
    process_folder_drop(&it, 5);
    process_folder_drop(&it, 6);
    first.child_faults = 1;
    first.write_bytes += 10 + MIB + 40;
    put(&it, first);
    expect_scan(&it);
    ck_assert_double_eq(process_folder_entry(&it, 4)->write_bytes_per_second, 40);
    process_folder_remove(&it);
}
END_TEST

START_TEST(who_it_is_changes)
{
    struct process_files files = {.pid = 12, .command = "sh|-c|x|"};
    struct process_folder it;

    process_folder_make(&it);
    put(&it, files);
    expect_scan(&it);
    ck_assert_str_eq(process_folder_entry(&it, 12)->user->text, "root");
    /* A daemon drops its privileges, and says what it does. */
    files.uid = 33;
    files.command = "serve: idle   ||";
    files.cpu_ticks++;
    put(&it, files);
    expect_scan(&it);
    expect_scan(&it);
    ck_assert_str_eq(process_folder_entry(&it, 12)->user->text, "www");
    ck_assert_str_eq(process_folder_entry(&it, 12)->command->text, "serve: idle");
    /* Another program, at once. */
    files.name = "worker";
    files.command = "worker|";
    files.uid = 77;
    put(&it, files);
    expect_scan(&it);
    ck_assert_str_eq(process_folder_entry(&it, 12)->name, "worker");
    ck_assert_str_eq(process_folder_entry(&it, 12)->command->text, "worker");
    ck_assert_str_eq(process_folder_entry(&it, 12)->user->text, "77");
    folder_write(&it.folder, "etc/passwd", "web:x:77:77::/:/bin/sh\n");
    expect_scan(&it);
    ck_assert_str_eq(process_folder_entry(&it, 12)->user->text, "web");
    /* Dead: it has no command any more, and keeps its last. */
    files.command = NULL;
    files.state = 'Z';
    files.name = "worker2";
    put(&it, files);
    expect_scan(&it);
    ck_assert_str_eq(process_folder_entry(&it, 12)->command->text, "worker");
    process_folder_remove(&it);
}
END_TEST

START_TEST(of_one_that_waits_nothing_else_is_read)
{
    struct process_files files = {.pid = 12, .command = "x|", .start_ticks = 9};
    struct process_folder it;
    struct process_scan *scan;
    char procfs[80];
    const struct collector_roots roots = {.procfs = procfs, .rootfs = it.folder.path};

    process_folder_make(&it);
    snprintf(procfs, sizeof procfs, "%s/proc", it.folder.path);
    ck_assert_int_eq(process_scan_new(&roots, 0, &scan), 0);
    process_scan_quarantine(scan, it.scan, (struct process_id){12, 9});
    process_scan_free(it.scan);
    it.scan = scan;
    put(&it, files);
    expect_scan(&it);
    expect_opens("12/stat", 1, 1);
    expect_opens("12/status", 0, 0);
    expect_opens("12/cmdline", 0, 0);
    expect_opens("12/io", 0, 0);
    ck_assert_uint_eq(it.list->io_hidden, 1);
    ck_assert_ptr_null(process_folder_entry(&it, 12)->command);
    ck_assert_ptr_nonnull(process_folder_entry(&it, 12)->user);
    /* Another process with its pid is innocent. */
    files.start_ticks = 10;
    put(&it, files);
    expect_scan(&it);
    ck_assert_str_eq(process_folder_entry(&it, 12)->command->text, "x");
    ck_assert_uint_eq(process_scan_at(it.scan).pid, 0);
    process_folder_remove(&it);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_reader", what_sleeps_is_hardly_read, no_byte_is_lost_or_told_twice,
                     what_is_active_is_read, a_burst_is_not_spread_over_the_rest_before_it,
                     io_that_may_not_be_read, a_parent_that_reaps_a_busy_child,
                     a_parent_that_waits_for_nobody_was_given_nothing,
                     a_grandparent_inherits_of_both, who_it_is_changes,
                     of_one_that_waits_nothing_else_is_read);
}
