#include "daemon/data_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/clock.h"
#include "tests/unit/data_bench.h"

/* folder/name, in memory that the next call but one reuses. */
static const char *below(const struct folder *folder, const char *name)
{
    static char paths[2][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    snprintf(path, PATH_MAX, "%s/%s", folder->path, name);
    return path;
}

static void expect_text(const struct folder *folder, const char *name, const char *right)
{
    char *text = file_text(below(folder, name));

    ck_assert_str_eq(text, right);
    free(text);
}

static void expect_mode(const char *path, mode_t mode)
{
    struct stat status;

    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, mode);
}

START_TEST(what_is_missing_is_made)
{
    struct folder folder;
    struct data_folder data;
    char pid[32];
    mode_t mask = umask(0);

    folder_make(&folder);
    ck_assert_int_eq(data_folder_open(below(&folder, "a//b/c/"), &data), 0);
    umask(mask);
    ck_assert_str_eq(data.path, below(&folder, "a//b/c/"));
    ck_assert_str_eq(data.aside, "");
    ck_assert(!data.unlocked);
    expect_mode(below(&folder, "a"), 0700);
    expect_mode(below(&folder, "a/b"), 0700);
    expect_mode(below(&folder, "a/b/c"), 0700);
    expect_mode(below(&folder, "a/b/c/lock"), 0600);
    expect_mode(below(&folder, "a/b/c/format"), 0600);
    expect_text(&folder, "a/b/c/format", "tacho 1\n");
    snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    expect_text(&folder, "a/b/c/lock", pid);
    data_folder_close(&data);
    ck_assert_int_eq(data_folder_open(below(&folder, "a/b/c"), &data), 0);
    ck_assert_str_eq(data.aside, "");
    data_folder_close(&data);
    folder_remove(&folder);
}
END_TEST

START_TEST(what_is_no_directory_is_an_error)
{
    struct folder folder;
    struct data_folder data;

    folder_make(&folder);
    folder_write(&folder, "file", "text");
    ck_assert_int_eq(data_folder_open(below(&folder, "file"), &data), -ENOTDIR);
    ck_assert_int_eq(data_folder_open(below(&folder, "file/below/it"), &data), -ENOTDIR);
    ck_assert_int_eq(data_folder_open("", &data), -ENOENT);
    ck_assert_int_eq(symlink("nowhere", below(&folder, "dangling")), 0);
    ck_assert_int_eq(data_folder_open(below(&folder, "dangling"), &data), -ENOENT);
    ck_assert_int_eq(mkdir(below(&folder, "real"), 0700), 0);
    ck_assert_int_eq(symlink("real", below(&folder, "link")), 0);
    ck_assert_int_eq(data_folder_open(below(&folder, "link"), &data), 0);
    data_folder_close(&data);
    expect_text(&folder, "real/format", "tacho 1\n");
    ck_assert_int_eq(data_folder_open("/proc/tacho/data", &data), -ENOENT);
    /* Whom permissions stop, they stop. */
    ck_assert_int_eq(chmod(below(&folder, "real"), 0500), 0);
    if (geteuid() != 0)
        ck_assert_int_eq(data_folder_open(below(&folder, "real/sub"), &data), -EACCES);
    ck_assert_int_eq(chmod(below(&folder, "real"), 0700), 0);
    folder_remove(&folder);
}
END_TEST

/* Opens it in another process, which says so by a byte and then waits to be killed. */
static pid_t hold_elsewhere(const char *path)
{
    int pipes[2];
    char byte;
    pid_t pid;

    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct data_folder data;

        if (data_folder_open(path, &data) != 0 || write(pipes[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
    close(pipes[0]);
    return pid;
}

START_TEST(one_daemon_at_a_time)
{
    struct folder folder;
    struct data_folder data = {.other_pid = -1};
    struct data_folder second = {.other_pid = -1};
    pid_t pid;

    folder_make(&folder);
    pid = hold_elsewhere(folder.path);
    ck_assert_int_eq(data_folder_open(folder.path, &data), -EBUSY);
    ck_assert_int_eq(data.other_pid, pid);
    folder_write(&folder, "format", "tacho 9\n");
    ck_assert_int_eq(truncate(below(&folder, "lock"), 0), 0);
    ck_assert_int_eq(data_folder_open(folder.path, &data), -EBUSY);
    ck_assert_int_eq(data.other_pid, 0);
    expect_text(&folder, "format", "tacho 9\n"); /* it was not touched */
    folder_write(&folder, "format", "tacho 1\n");
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(data_folder_open(folder.path, &data), 0);
    ck_assert_int_eq(data_folder_open(folder.path, &second), -EBUSY);
    ck_assert_int_eq(second.other_pid, getpid());
    data_folder_close(&data);
    ck_assert_int_eq(data_folder_open(folder.path, &second), 0);
    data_folder_close(&second);
    folder_remove(&folder);
}
END_TEST

static struct clock_reading fixed_clock(void *arg)
{
    (void)arg;
    return (struct clock_reading){.real_ns = 1700000000 * NS_PER_SECOND};
}

START_TEST(another_format_is_moved_aside)
{
    struct folder folder;
    struct data_folder data;

    clock_replace(fixed_clock, NULL);
    folder_make(&folder);
    folder_write(&folder, "format", "tacho 2\n");
    folder_write(&folder, "series", "2");
    folder_write(&folder, "sub/file", "3");
    ck_assert_int_eq(data_folder_open(folder.path, &data), 0);
    ck_assert_str_eq(data.aside, "aside-1700000000");
    data_folder_close(&data);
    expect_text(&folder, "format", "tacho 1\n");
    expect_text(&folder, "aside-1700000000/format", "tacho 2\n");
    expect_text(&folder, "aside-1700000000/series", "2");
    expect_text(&folder, "aside-1700000000/sub/file", "3");
    ck_assert_int_eq(access(below(&folder, "series"), F_OK), -1);
    ck_assert_int_eq(access(below(&folder, "aside-1700000000/lock"), F_OK), -1);
    /* Again in the same second; the text of a format to come may begin like ours. */
    folder_write(&folder, "format", "tacho 1\n2");
    for (int i = 0; i < 1000; i++) {
        char name[32];

        snprintf(name, sizeof name, "rows-%016x", (unsigned)i);
        folder_write(&folder, name, "row");
    }
    ck_assert_int_eq(data_folder_open(folder.path, &data), 0);
    ck_assert_str_eq(data.aside, "aside-1700000000-2");
    data_folder_close(&data);
    expect_text(&folder, "aside-1700000000-2/format", "tacho 1\n2");
    expect_text(&folder, "aside-1700000000-2/rows-00000000000003e7", "row");
    expect_text(&folder, "aside-1700000000/series", "2");
    ck_assert_int_eq(access(below(&folder, "rows-00000000000003e7"), F_OK), -1);
    clock_replace(NULL, NULL);
    folder_remove(&folder);
}
END_TEST

/* Files of ours without a format are not to be trusted; those of others stay where they are. */
START_TEST(a_format_that_is_missing)
{
    struct folder folder;
    struct data_folder data;

    folder_make(&folder);
    folder_write(&folder, "photo.jpg", "jpg");
    ck_assert_int_eq(data_folder_open(folder.path, &data), 0);
    ck_assert_str_eq(data.aside, "");
    data_folder_close(&data);
    expect_text(&folder, "photo.jpg", "jpg");
    expect_text(&folder, "format", "tacho 1\n");
    folder_unlink(&folder, "format");
    folder_write(&folder, "rows-0000000000000001", "row");
    ck_assert_int_eq(data_folder_open(folder.path, &data), 0);
    ck_assert_str_ne(data.aside, "");
    ck_assert_int_eq(faccessat(data.fd, "rows-0000000000000001", F_OK, 0), -1);
    data_folder_close(&data);
    expect_text(&folder, "format", "tacho 1\n");
    folder_unlink(&folder, "format");
    ck_assert_int_eq(symlink("photo.jpg", below(&folder, "format")), 0);
    ck_assert_int_eq(data_folder_open(folder.path, &data), -ELOOP);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_file_is_replaced_whole_or_not)
{
    struct data_bench bench;
    char name[DATA_NAME_MAX];
    int result;

    data_bench_make(&bench);
    ck_assert_int_eq(data_folder_replace(&bench.data, "x", "one", 3), 0);
    ck_assert_int_eq(data_folder_replace(&bench.data, "x", "second", 6), 0);
    expect_text(&bench.folder, "x", "second");
    expect_mode(below(&bench.folder, "x"), 0600);
    data_bench_limit(2);
    result = data_folder_replace(&bench.data, "x", "three", 5);
    data_bench_limit(RLIM_INFINITY);
    ck_assert_int_eq(result, -EFBIG);
    expect_text(&bench.folder, "x", "second");
    ck_assert(!data_bench_exists(&bench, "x.part"));
    ck_assert_int_eq(mkdirat(bench.data.fd, "y", 0700), 0);
    ck_assert_int_eq(data_folder_replace(&bench.data, "y", "one", 3), -EISDIR);
    ck_assert(!data_bench_exists(&bench, "y.part"));
    /* One more than leaves room for a draft's ending. */
    memset(name, 'n', sizeof name);
    name[DATA_NAME_MAX - 5] = '\0';
    ck_assert_int_eq(data_folder_replace(&bench.data, name, "", 0), -ENAMETOOLONG);
    name[DATA_NAME_MAX - 6] = '\0';
    ck_assert_int_eq(data_folder_replace(&bench.data, name, "", 0), 0);
    ck_assert_int_eq(data_folder_replace(&bench.data, "empty", NULL, 0), 0);
    ck_assert_uint_eq(data_bench_size(&bench, "empty"), 0);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_draft_of_before_a_crash_is_removed)
{
    struct data_bench bench;
    int fd;

    data_bench_make(&bench);
    ck_assert_int_eq(data_folder_draft(&bench.data, "x", "one", 3, &fd), 0);
    close(fd);
    data_bench_store(&bench, "y.parts", "two", 3);
    data_folder_close(&bench.data);
    ck_assert_int_eq(data_folder_open(bench.folder.path, &bench.data), 0);
    ck_assert(!data_bench_exists(&bench, "x.part"));
    ck_assert(data_bench_exists(&bench, "y.parts"));
    data_bench_remove(&bench);
}
END_TEST

static int count_names(void *arg, const char *name)
{
    ck_assert_str_ne(name, ".");
    ck_assert_str_ne(name, "..");
    return ++*(int *)arg == 3 ? -ECANCELED : 0;
}

START_TEST(files_are_listed_and_removed)
{
    struct data_bench bench;
    uint64_t free_bytes = 0;
    char aside[DATA_NAME_MAX];
    int count = 0;

    data_bench_make(&bench);
    ck_assert_int_eq(data_folder_list(&bench.data, count_names, &count), 0);
    ck_assert_int_eq(count, 2); /* lock, format */
    data_bench_store(&bench, "x", "", 0);
    data_bench_store(&bench, "y", "", 0);
    count = 0;
    ck_assert_int_eq(data_folder_list(&bench.data, count_names, &count), -ECANCELED);
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(data_folder_remove(&bench.data, "x"), 0);
    ck_assert_int_eq(data_folder_remove(&bench.data, "x"), -ENOENT);
    ck_assert_int_eq(data_folder_set_aside(&bench.data, "y", aside), 0);
    ck_assert_int_eq(strncmp(aside, "y.damaged-", 10), 0);
    ck_assert(data_bench_exists(&bench, aside));
    ck_assert(!data_bench_exists(&bench, "y"));
    ck_assert_int_eq(symlinkat("lock", bench.data.fd, "link"), 0);
    ck_assert_int_eq(data_folder_open_file(&bench.data, "link", O_RDONLY), -ELOOP);
    ck_assert_int_eq(data_folder_free_bytes(&bench.data, &free_bytes), 0);
    ck_assert_uint_gt(free_bytes, 0);
    data_bench_remove(&bench);
}
END_TEST

/* It is reached wherever it is; one that was removed is an error, not a crash. */
START_TEST(the_directory_goes_away_while_open)
{
    struct folder folder;
    struct data_folder data;
    int count = 0;

    folder_make(&folder);
    ck_assert_int_eq(data_folder_open(below(&folder, "a"), &data), 0);
    ck_assert_int_eq(rename(below(&folder, "a"), below(&folder, "b")), 0);
    ck_assert_int_eq(data_folder_replace(&data, "x", "one", 3), 0);
    expect_text(&folder, "b/x", "one");
    folder_unlink(&folder, "b/x");
    folder_unlink(&folder, "b/lock");
    folder_unlink(&folder, "b/format");
    ck_assert_int_eq(rmdir(below(&folder, "b")), 0);
    ck_assert_int_eq(data_folder_replace(&data, "x", "one", 3), -ENOENT);
    ck_assert_int_eq(data_folder_open_file(&data, "x", O_RDWR | O_CREAT), -ENOENT);
    ck_assert_int_eq(data_folder_remove(&data, "x"), -ENOENT);
    ck_assert_int_eq(data_folder_list(&data, count_names, &count), 0);
    ck_assert_int_eq(count, 0);
    data_folder_close(&data);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("data_folder", what_is_missing_is_made, what_is_no_directory_is_an_error,
                     one_daemon_at_a_time, another_format_is_moved_aside, a_format_that_is_missing,
                     a_file_is_replaced_whole_or_not, a_draft_of_before_a_crash_is_removed,
                     files_are_listed_and_removed, the_directory_goes_away_while_open);
}
