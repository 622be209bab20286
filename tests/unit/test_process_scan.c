#include "collectors/system/process_scan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/process_folder.h"

#define MIB (1UL << 20)

static void put(struct process_folder *it, struct process_files files)
{
    process_folder_put(it, &files);
}

static void expect_scan(struct process_folder *it, int64_t after_ms)
{
    process_folder_scan(it, after_ms);
    ck_assert_int_eq(it->result, 0);
    ck_assert_ptr_nonnull(it->list);
}

START_TEST(what_is_told_of_each)
{
    struct process_folder it;
    const struct process_entry *entry;

    process_folder_make(&it);
    put(&it, (struct process_files){.pid = 1, .name = "init", .command = "/sbin/init|", .uid = 0});
    put(&it, (struct process_files){.pid = 2,
                                    .name = "kworker/u8:0-ext4-rsv",
                                    .flags = 2129984,
                                    .state = 'I',
                                    .command = "never|",
                                    .rss_pages = 3});
    put(&it, (struct process_files){.pid = 30,
                                    .name = "a) S 1 (b\n",
                                    .uid = 33,
                                    .parent = 1,
                                    .command = "a|-b|c d|",
                                    .start_ticks = 250,
                                    .rss_pages = 10,
                                    .shared_pages = 4,
                                    .state = 'R'});
    put(&it, (struct process_files){.pid = 4,
                                    .name = "\xff\xfe<b>",
                                    .uid = 12345,
                                    .state = 'K',
                                    .command = "\xc3|",
                                    .rss_pages = 2,
                                    .shared_pages = 9});
    expect_scan(&it, 1000);
    ck_assert_uint_eq(it.list->visible, 4);
    ck_assert_uint_eq(it.list->count, 4);
    ck_assert_uint_eq(it.list->unread, 0);
    ck_assert_uint_eq(it.list->threads, 8);
    ck_assert_uint_eq(it.list->total_threads, 719);
    ck_assert(!it.list->hides);
    ck_assert_int_eq(it.list->span_ms, 0);
    ck_assert_uint_eq(it.list->by_state[process_state_index('R')], 1);
    ck_assert_uint_eq(it.list->by_state[process_state_index('?')], 1);
    ck_assert_str_eq(process_folder_entry(&it, 1)->user->text, "root");
    entry = process_folder_entry(&it, 2);
    ck_assert_ptr_null(entry->command);
    ck_assert_str_eq(entry->name, "kworker/u8:0-ex");
    entry = process_folder_entry(&it, 30);
    ck_assert_str_eq(entry->name, "a) S 1 (b\n");
    ck_assert_str_eq(entry->command->text, "a -b c d");
    ck_assert_str_eq(entry->user->text, "www");
    ck_assert_uint_eq(entry->parent_pid, 1);
    ck_assert_uint_eq(entry->rss_bytes, 10 * (uint64_t)sysconf(_SC_PAGESIZE));
    ck_assert_uint_eq(entry->shared_bytes, 4 * (uint64_t)sysconf(_SC_PAGESIZE));
    ck_assert_int_eq(entry->start_time_ms, INT64_C(1700000000000) - BOOT_AHEAD_S * 1000 + 2500);
    ck_assert(isnan(entry->cpu_cores) && isnan(entry->read_bytes_per_second));
    entry = process_folder_entry(&it, 4);
    ck_assert_str_eq(entry->name, "\xff\xfe<b>");
    ck_assert_str_eq(entry->user->text, "12345");
    ck_assert_uint_eq(entry->shared_bytes, entry->rss_bytes);
    ck_assert_int_eq(entry->state, '?');
    for (size_t index = 1; index < it.list->count; index++)
        ck_assert_uint_lt(it.list->entries[index - 1].pid, it.list->entries[index].pid);
    process_folder_remove(&it);
}
END_TEST

START_TEST(rates_are_over_the_measured_time)
{
    struct process_files busy = {.pid = 1, .cpu_ticks = 100, .write_bytes = MIB};
    struct process_folder it;
    const struct process_entry *entry;

    process_folder_make(&it);
    put(&it, busy);
    expect_scan(&it, 1000);
    busy.cpu_ticks += 120;
    busy.read_bytes += 4 * MIB;
    busy.write_bytes += 3 * MIB;
    busy.cancelled_bytes += MIB;
    put(&it, busy);
    process_folder_busy(&it, 200);
    expect_scan(&it, 2000);
    entry = process_folder_entry(&it, 1);
    ck_assert_int_eq(it.list->span_ms, 2000);
    ck_assert_double_eq_tol(entry->cpu_cores, 0.6, 1e-9);
    ck_assert_double_eq_tol(entry->read_bytes_per_second, 2.0 * MIB, 1e-6);
    ck_assert_double_eq_tol(entry->write_bytes_per_second, 1.0 * MIB, 1e-6);
    ck_assert_double_eq_tol(it.list->busy_cores, 1, 1e-9);
    ck_assert_double_eq_tol(it.list->unattributed_cores, 0.4, 1e-9);
    /* More than there are CPUs, and less than was written was kept. */
    busy.cpu_ticks += 1000;
    busy.cancelled_bytes += 9 * MIB;
    put(&it, busy);
    expect_scan(&it, 1000);
    entry = process_folder_entry(&it, 1);
    ck_assert_double_eq(entry->cpu_cores, 2);
    ck_assert_double_eq(entry->write_bytes_per_second, 0);
    ck_assert_double_eq(it.list->unattributed_cores, 0);
    /* Backwards. */
    busy.cpu_ticks -= 500;
    busy.read_bytes = 0;
    put(&it, busy);
    expect_scan(&it, 1000);
    entry = process_folder_entry(&it, 1);
    ck_assert_double_eq(entry->cpu_cores, 0);
    ck_assert_double_eq(entry->read_bytes_per_second, 0);
    process_folder_remove(&it);
}
END_TEST

START_TEST(what_began_since_did_all_of_it_since)
{
    struct process_folder it;
    const struct process_entry *entry;
    unsigned long boot_ticks;

    process_folder_make(&it);
    put(&it, (struct process_files){.pid = 1});
    expect_scan(&it, 1000);
    /* The clock of boot says so now. */
    boot_ticks = (unsigned long)((it.list->mono_ns / 1000000 + BOOT_AHEAD_S * 1000) / 10);
    put(&it, (struct process_files){.pid = 7,
                                    .start_ticks = boot_ticks + 50,
                                    .cpu_ticks = 50,
                                    .write_bytes = MIB,
                                    .child_faults = 4});
    put(&it, (struct process_files){
                 .pid = 8, .start_ticks = boot_ticks - 1, .cpu_ticks = 50, .write_bytes = MIB});
    process_folder_busy(&it, 60);
    expect_scan(&it, 1000);
    entry = process_folder_entry(&it, 7);
    ck_assert_double_eq_tol(entry->cpu_cores, 0.5, 1e-9);
    ck_assert_double_eq_tol(entry->write_bytes_per_second, 1.0 * MIB, 1e-6);
    ck_assert_double_eq_tol(it.list->unattributed_cores, 0.1, 1e-9);
    entry = process_folder_entry(&it, 8);
    ck_assert(isnan(entry->cpu_cores) && isnan(entry->write_bytes_per_second));
    process_folder_remove(&it);
}
END_TEST

START_TEST(a_pid_that_is_used_again)
{
    struct process_files files = {.pid = 5,
                                  .cpu_ticks = 10,
                                  .start_ticks = 7,
                                  .uid = 33,
                                  .command = "old|",
                                  .write_bytes = 9};
    struct process_folder it;
    const struct process_entry *entry;

    process_folder_make(&it);
    put(&it, files);
    expect_scan(&it, 1000);
    files = (struct process_files){
        .pid = 5, .cpu_ticks = 500, .start_ticks = 8, .command = "new|", .write_bytes = MIB};
    put(&it, files);
    expect_scan(&it, 1000);
    entry = process_folder_entry(&it, 5);
    ck_assert_uint_eq(entry->start_ticks, 8);
    ck_assert(isnan(entry->cpu_cores) && isnan(entry->write_bytes_per_second));
    ck_assert_str_eq(entry->command->text, "new");
    ck_assert_str_eq(entry->user->text, "root");
    files.cpu_ticks += 30;
    put(&it, files);
    expect_scan(&it, 1000);
    ck_assert_double_eq_tol(process_folder_entry(&it, 5)->cpu_cores, 0.3, 1e-9);
    process_folder_remove(&it);
}
END_TEST

START_TEST(what_vanishes_and_what_is_not_understood)
{
    struct process_folder it;

    process_folder_make(&it);
    put(&it, (struct process_files){.pid = 1});
    put(&it, (struct process_files){.pid = 2});
    folder_write(&it.folder, "proc/3/comm", "no stat\n");
    folder_write(&it.folder, "proc/3x/stat", "no pid\n");
    folder_write(&it.folder, "proc/0/stat", "no pid\n");
    expect_scan(&it, 1000);
    ck_assert_uint_eq(it.list->visible, 2);
    process_folder_drop(&it, 2);
    expect_scan(&it, 1000);
    ck_assert_uint_eq(it.list->visible, 1);
    ck_assert_uint_eq(it.list->unread, 0);
    folder_write(&it.folder, "proc/3/stat", "3 (what) is this\n");
    process_folder_scan(&it, 1000);
    ck_assert_int_eq(it.result, -EBADMSG);
    ck_assert_uint_eq(it.list->visible, 1);
    ck_assert_uint_eq(it.list->unread, 1);
    process_folder_remove(&it);
}
END_TEST

START_TEST(what_is_hidden_is_said)
{
    struct process_folder it;

    process_folder_make(&it);
    expect_scan(&it, 1000);
    ck_assert_uint_eq(it.list->visible, 0);
    ck_assert_uint_eq(it.list->count, 0);
    ck_assert(it.list->hides);
    /* hidepid=invisible */
    put(&it, (struct process_files){.pid = 12});
    expect_scan(&it, 1000);
    ck_assert(it.list->hides);
    ck_assert_uint_eq(it.list->unread, 0);
    /* hidepid=noaccess */
    put(&it, (struct process_files){.pid = 1});
    process_folder_deny("1/stat", EPERM);
    expect_scan(&it, 1000);
    ck_assert(!it.list->hides);
    ck_assert_uint_eq(it.list->unread, 1);
    ck_assert_uint_eq(it.list->visible, 1);
    process_folder_deny("12/stat", EACCES);
    expect_scan(&it, 1000);
    ck_assert_uint_eq(it.list->unread, 1);
    ck_assert_uint_eq(it.list->visible, 1);
    ck_assert_uint_eq(process_folder_entry(&it, 1)->pid, 1);
    process_folder_deny("12/stat", EMFILE);
    process_folder_scan(&it, 1000);
    ck_assert_int_eq(it.result, -EMFILE);
    ck_assert_uint_eq(it.list->unread, 1);
    process_folder_remove(&it);
}
END_TEST

START_TEST(without_the_sum_of_the_cpus)
{
    struct process_files files = {.pid = 1};
    struct process_folder it;

    process_folder_make(&it);
    folder_unlink(&it.folder, "proc/stat");
    folder_unlink(&it.folder, "proc/loadavg");
    put(&it, files);
    expect_scan(&it, 1000);
    files.cpu_ticks += 50;
    put(&it, files);
    expect_scan(&it, 1000);
    ck_assert_double_eq_tol(process_folder_entry(&it, 1)->cpu_cores, 0.5, 1e-9);
    ck_assert(isnan(it.list->busy_cores) && isnan(it.list->unattributed_cores));
    ck_assert_uint_eq(it.list->total_threads, 0);
    process_folder_remove(&it);
}
END_TEST

START_TEST(there_is_no_procfs)
{
    const struct collector_roots absent = {.procfs = "/nonexistent", .rootfs = "/"};
    const struct collector_roots file = {.procfs = "/proc/version", .rootfs = "/"};
    struct process_scan *scan = NULL;

    ck_assert_int_eq(process_scan_new(&absent, 0, &scan), -ENOENT);
    ck_assert_int_eq(process_scan_new(&file, 0, &scan), -ENOTDIR);
    ck_assert_ptr_null(scan);
    process_scan_free(NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_scan", what_is_told_of_each, rates_are_over_the_measured_time,
                     what_began_since_did_all_of_it_since, a_pid_that_is_used_again,
                     what_vanishes_and_what_is_not_understood, what_is_hidden_is_said,
                     without_the_sum_of_the_cpus, there_is_no_procfs);
}
