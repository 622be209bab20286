/*
 * What a scan of the processes costs beside its floor, which is reading stat of each by a kept
 * descriptor and throwing the bytes away. So many processes that sleep are forked, 500 and 2,000
 * unless told otherwise. Both are measured in one run, in turns, so that the ratios hold on a noisy
 * machine.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collectors/system/process_scan.h"

#define CHILDREN_MAX 4000
#define WARM_SCANS   5
/* Whole turns of what is read rarely. */
#define ROUNDS (4 * PROCESS_RARE_SCANS)

enum clock { WALL, CPU, CLOCKS };

struct bench {
    pid_t children[CHILDREN_MAX];
    size_t child_count;
    int *fds;
    size_t fd_count;
    struct process_scan *scan;
};

static unsigned long calls;

/* These count the scanner's calls. */
int openat(int folder, const char *path, int flags, ...)
{
    calls++;
    return (int)syscall(SYS_openat, folder, path, flags, 0);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset)
{
    calls++;
    return (ssize_t)syscall(SYS_pread64, fd, bytes, count, offset);
}

int close(int fd)
{
    calls++;
    return (int)syscall(SYS_close, fd);
}

static int64_t read_clock(enum clock clock)
{
    struct timespec now;

    clock_gettime(clock == WALL ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void fork_children(struct bench *bench, size_t count)
{
    while (bench->child_count < count) {
        pid_t pid = fork();

        if (pid < 0) {
            perror("fork");
            break;
        }
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;)
                pause();
        }
        bench->children[bench->child_count++] = pid;
    }
}

static void end_children(struct bench *bench)
{
    for (size_t i = 0; i < bench->child_count; i++)
        kill(bench->children[i], SIGKILL);
    for (size_t i = 0; i < bench->child_count; i++)
        waitpid(bench->children[i], NULL, 0);
    bench->child_count = 0;
}

/* Of all that there are, those that were there before too. */
static void open_floor(struct bench *bench)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;

    bench->fds = calloc(32768, sizeof *bench->fds);
    bench->fd_count = 0;
    while ((entry = readdir(folder)) != NULL && bench->fd_count < 32768) {
        char path[300];
        int fd;

        if (*entry->d_name < '0' || *entry->d_name > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            bench->fds[bench->fd_count++] = fd;
    }
    closedir(folder);
}

static void floor_turn(struct bench *bench)
{
    static char bytes[4096];

    for (size_t i = 0; i < bench->fd_count; i++)
        (void)!pread(bench->fds[i], bytes, sizeof bytes, 0);
}

static void scan_turn(struct bench *bench)
{
    struct process_moment moment = {.seq = 1, .time_ms = 1, .mono_ns = read_clock(WALL)};
    struct process_list *list;

    if (process_scan_run(bench->scan, &moment, &list) < 0 && list == NULL)
        abort();
    process_list_put(list);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void (*const turns[])(struct bench *bench) = {floor_turn, scan_turn};
#define TURNS (sizeof turns / sizeof *turns)

static double median_us(int64_t *times)
{
    qsort(times, ROUNDS, sizeof *times, compare);
    return (double)times[ROUNDS / 2] / 1000;
}

static double mean_us(const int64_t *times)
{
    int64_t sum = 0;

    for (size_t round = 0; round < ROUNDS; round++)
        sum += times[round];
    return (double)sum / ROUNDS / 1000;
}

static void measure(struct bench *bench)
{
    static int64_t times[TURNS][CLOCKS][ROUNDS];
    unsigned long scan_calls = 0;
    double wall[TURNS], cpu[TURNS];

    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t turn = 0; turn < TURNS; turn++) {
            int64_t begin[CLOCKS] = {read_clock(WALL), read_clock(CPU)};
            unsigned long before = calls;

            turns[turn](bench);
            for (enum clock clock = WALL; clock < CLOCKS; clock++)
                times[turn][clock][round] = read_clock(clock) - begin[clock];
            scan_calls += turn == 1 ? calls - before : 0;
        }
    }
    for (size_t turn = 0; turn < TURNS; turn++) {
        wall[turn] = median_us(times[turn][WALL]);
        cpu[turn] = mean_us(times[turn][CPU]);
    }
    printf("%zu processes, of which %zu are forked and sleep\n", bench->fd_count,
           bench->child_count);
    printf("  floor: kept stat, pread, thrown away  median %8.1f us   CPU, mean %8.1f us\n",
           wall[0], cpu[0]);
    printf("  scan: compared, listed                median %8.1f us   CPU, mean %8.1f us\n",
           wall[1], cpu[1]);
    printf("  ratio                                 %.2f x floor         %.2f x floor\n",
           wall[1] / wall[0], cpu[1] / cpu[0]);
    printf("  %lu system calls a scan, %u descriptors kept\n\n", scan_calls / ROUNDS,
           process_scan_kept(bench->scan));
}

static void run(size_t count)
{
    static const struct collector_roots roots = {.procfs = "/proc", .rootfs = "/"};
    static struct bench bench;

    fork_children(&bench, count);
    open_floor(&bench);
    if (process_scan_new(&roots, 0, &bench.scan) < 0)
        abort();
    for (unsigned scan = 0; scan < WARM_SCANS; scan++)
        scan_turn(&bench);
    measure(&bench);
    process_scan_free(bench.scan);
    for (size_t i = 0; i < bench.fd_count; i++)
        close(bench.fds[i]);
    free(bench.fds);
    end_children(&bench);
}

int main(int argc, char **argv)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)!setrlimit(RLIMIT_NOFILE, &limit);
    }
    for (int i = 1; i < argc; i++) {
        size_t count = strtoul(argv[i], NULL, 10);

        run(count < CHILDREN_MAX ? count : CHILDREN_MAX);
    }
    if (argc < 2) {
        run(500);
        run(2000);
    }
    return 0;
}
