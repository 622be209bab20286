#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collectors/system/process_scan.h"
#include "tests/unit/support.h"

/* The real procfs, with a few processes of our own in it. */
static const struct collector_roots roots = {.procfs = "/proc", .rootfs = "/"};
static struct process_scan *scan;
static struct process_list *list;

static void sleep_ms(long ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void look(void)
{
    struct process_moment moment = {.seq = 1};
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    moment.mono_ns = now.tv_sec * 1000000000L + now.tv_nsec;
    process_list_put(list);
    ck_assert_int_eq(process_scan_run(scan, &moment, &list), 0);
}

static void start(void)
{
    list = NULL;
    ck_assert_int_eq(process_scan_new(&roots, 0, &scan), 0);
    look();
}

static void stop(void)
{
    process_list_put(list);
    process_scan_free(scan);
}

static const struct process_entry *find(pid_t pid)
{
    for (size_t index = 0; index < list->count; index++) {
        if (list->entries[index].pid == (uint32_t)pid)
            return &list->entries[index];
    }
    return NULL;
}

/* One that has to be there. */
static const struct process_entry *entry_of(pid_t pid)
{
    static const struct process_entry none;
    const struct process_entry *found = find(pid);

    ck_assert_ptr_nonnull(found);
    return found ? found : &none;
}

/* A child that does as told until it is killed, or its parent ends. */
static pid_t begin(void (*work)(void))
{
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            work();
    }
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static void rest(void)
{
    pause();
}

static void burn(void)
{
}

START_TEST(this_process)
{
    const struct process_entry *entry;

    start();
    entry = entry_of(getpid());
    ck_assert_str_eq(entry->name, "test_processes_");
    ck_assert_uint_eq(entry->parent_pid, (unsigned)getppid());
    ck_assert_uint_eq(entry->uid, geteuid());
    ck_assert_int_eq(entry->state, 'R');
    ck_assert_uint_gt(entry->rss_bytes, entry->shared_bytes);
    ck_assert_ptr_nonnull(strstr(entry->command->text, "test_processes_live"));
    ck_assert_int_le(entry->start_time_ms, (int64_t)time(NULL) * 1000 + 1000);
    ck_assert_int_ge(entry->start_time_ms, (int64_t)time(NULL) * 1000 - 600000);
    ck_assert_uint_gt(process_scan_kept(scan), 0);
    stop();
}
END_TEST

START_TEST(a_busy_one_and_its_end)
{
    const struct process_entry *entry;
    pid_t busy, idle;

    start();
    /* Of the same tick of the kernel as the look before it might have been there already. */
    sleep_ms(30);
    busy = begin(burn);
    idle = begin(rest);
    sleep_ms(300);
    look();
    ck_assert_double_gt(entry_of(busy)->cpu_cores, 0.02);
    ck_assert_double_le(entry_of(idle)->cpu_cores, 0.5);
    sleep_ms(300);
    look();
    entry = entry_of(busy);
    ck_assert_double_gt(entry->cpu_cores, 0.02);
    ck_assert_double_gt(entry->cpu_cores, entry_of(idle)->cpu_cores);
    ck_assert_int_eq(entry->parent_pid, getpid());
    ck_assert_double_gt(list->busy_cores, 0.02);
    end(busy);
    end(idle);
    look();
    ck_assert_ptr_null(find(busy));
    /* Its time is not its parent's now. */
    ck_assert_double_lt(entry_of(getpid())->cpu_cores, (double)sysconf(_SC_NPROCESSORS_ONLN) + 0.1);
    stop();
}
END_TEST

/* A child with this pid; 0 where that is not allowed. */
static pid_t begin_as(pid_t wanted)
{
    struct clone_args args = {
        .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&wanted, .set_tid_size = 1};
    long pid = syscall(SYS_clone3, &args, sizeof args);

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    return pid > 0 ? (pid_t)pid : 0;
}

START_TEST(a_pid_that_is_used_again)
{
    pid_t first = begin(rest), second;
    uint64_t began;

    start();
    began = entry_of(first)->start_ticks;
    end(first);
    sleep_ms(30);
    second = begin_as(first);
    if (second == 0) {
        puts("skipped: no pid may be chosen here");
    } else {
        ck_assert_int_eq(second, first);
        look();
        ck_assert_uint_gt(entry_of(second)->start_ticks, began);
        end(second);
    }
    stop();
}
END_TEST

START_TEST(one_that_is_dead_and_not_waited_for)
{
    pid_t pid = begin(rest);

    start();
    kill(pid, SIGKILL);
    sleep_ms(50);
    look();
    ck_assert_int_eq(entry_of(pid)->state, 'Z');
    ck_assert_uint_eq(entry_of(pid)->rss_bytes, 0);
    waitpid(pid, NULL, 0);
    stop();
}
END_TEST

static void rename_badly(void)
{
    prctl(PR_SET_NAME, "a) S 1 (b\n\xff");
    pause();
}

START_TEST(a_hostile_name)
{
    pid_t pid = begin(rename_badly);

    sleep_ms(100);
    start();
    ck_assert_str_eq(entry_of(pid)->name, "a) S 1 (b\n\xff");
    ck_assert_uint_eq(entry_of(pid)->parent_pid, (unsigned)getpid());
    end(pid);
    stop();
}
END_TEST

static size_t open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

START_TEST(descriptors_are_given_back)
{
    size_t before = open_descriptors();
    struct process_scan *other;
    pid_t pid = begin(rest);
    unsigned kept;

    start();
    kept = process_scan_kept(scan);
    ck_assert_uint_le(kept, PROCESS_DESCRIPTORS_MAX);
    ck_assert_uint_ge(open_descriptors(), before + kept);
    end(pid);
    look();
    ck_assert_uint_le(open_descriptors(), before + process_scan_kept(scan) + 4);
    stop();
    ck_assert_uint_eq(open_descriptors(), before);
    /* All of them are another's. */
    ck_assert_int_eq(process_scan_new(&roots, PROCESS_DESCRIPTORS_MAX, &other), 0);
    scan = other;
    list = NULL;
    look();
    ck_assert_ptr_nonnull(find(getpid()));
    ck_assert_uint_eq(process_scan_kept(scan), 0);
    stop();
}
END_TEST

int main(void)
{
    return RUN_TESTS("processes_live", this_process, a_busy_one_and_its_end,
                     a_pid_that_is_used_again, one_that_is_dead_and_not_waited_for, a_hostile_name,
                     descriptors_are_given_back);
}
