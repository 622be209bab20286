#include "collectors/system/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/machine.h"

#define MIB         ((size_t)1 << 20)
#define TICKS_OF_10 10

/* The file that cannot be read now. */
static const char *hidden;

/* Stands before the C library's. */
ssize_t pread(int fd, void *buffer, size_t bytes, off_t offset)
{
    char link[64], path[PATH_MAX] = "";

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (hidden != NULL && readlink(link, path, sizeof path - 1) > 0 && strcmp(path, hidden) == 0) {
        errno = EIO;
        return -1;
    }
    return (ssize_t)syscall(SYS_pread64, fd, buffer, bytes, offset);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

static void start(struct machine *machine)
{
    machine_make(machine, &process_collector);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

START_TEST(this_process)
{
    struct machine machine;
    struct rusage usage;
    double now = (double)time(NULL);

    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 7);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    ck_assert_double_gt(value(&machine, "process_cpu_seconds_total"), 0);
    ck_assert_double_gt(value(&machine, "process_resident_memory_bytes"), (double)MIB / 4);
    /* The greatest so far, which the kernel counts less exactly. */
    ck_assert_double_le(value(&machine, "process_resident_memory_bytes"),
                        (double)usage.ru_maxrss * 1024 + (double)MIB);
    ck_assert_double_gt(value(&machine, "process_virtual_memory_bytes"),
                        value(&machine, "process_resident_memory_bytes"));
    ck_assert_double_ge(value(&machine, "process_open_fds"), 3);
    ck_assert_double_lt(value(&machine, "process_open_fds"), 1000);
    ck_assert(fake_sink_find(&machine.sink, "process_cpu_seconds_total")->cumulative);
    /* The boot time is in whole seconds, and these tests do not take a minute. */
    ck_assert_double_le(value(&machine, "process_start_time_seconds"), now + 2);
    ck_assert_double_ge(value(&machine, "process_start_time_seconds"), now - 60);
    machine_remove(&machine);
}
END_TEST

static double cpu_seconds_of(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* The process's clock, in the nanoseconds that its rusage is made of. */
static double cpu_clock(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(a_busy_loop_moves_the_cpu)
{
    struct machine machine;
    struct rusage usage;
    double before, after, begin = cpu_clock();

    start(&machine);
    before = value(&machine, "process_cpu_seconds_total");
    while (cpu_clock() - begin < 0.2)
        ;
    machine_expect_tick(&machine);
    after = value(&machine, "process_cpu_seconds_total");
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    ck_assert_double_ge(after - before, 0.1);
    ck_assert_double_le(after, cpu_seconds_of(&usage));
    machine_remove(&machine);
}
END_TEST

START_TEST(memory_that_is_used_is_resident)
{
    const size_t size = 64 * MIB;
    struct machine machine;
    double resident, virtual;
    char *block;

    start(&machine);
    resident = value(&machine, "process_resident_memory_bytes");
    virtual = value(&machine, "process_virtual_memory_bytes");
    block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(block, MAP_FAILED);
    machine_expect_tick(&machine);
    ck_assert_double_ge(value(&machine, "process_virtual_memory_bytes"), virtual + (double)size);
    ck_assert_double_lt(value(&machine, "process_resident_memory_bytes"),
                        resident + (double)size / 2);
    explicit_bzero(block, size);
    machine_expect_tick(&machine);
    /* The kernel sums up what each CPU counted, now and then. */
    ck_assert_double_ge(value(&machine, "process_resident_memory_bytes"),
                        resident + 0.9 * (double)size);
    munmap(block, size);
    machine_remove(&machine);
}
END_TEST

START_TEST(limits_are_asked_for_every_ten_seconds)
{
    struct machine machine;
    struct rlimit former, lower;
    unsigned asked = 0;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &former), 0);
    start(&machine);
    ck_assert_double_eq(value(&machine, "process_max_fds"), (double)former.rlim_cur);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "process_max_fds")->interval_ms,
                      PROCESS_RARELY_MS);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "process_open_fds")->interval_ms,
                      PROCESS_RARELY_MS);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "process_cpu_seconds_total")->interval_ms,
                      1000);
    ck_assert_uint_eq(machine.sink.sink.interval_ms, 1000);

    lower = (struct rlimit){former.rlim_cur - 1, former.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lower), 0);
    for (unsigned tick = 0; tick < 3 * TICKS_OF_10; tick++) {
        machine_expect_tick(&machine);
        ck_assert(fake_sink_is_absent(&machine.sink, "process_max_fds") ==
                  fake_sink_is_absent(&machine.sink, "process_open_fds"));
        if (fake_sink_is_absent(&machine.sink, "process_max_fds"))
            continue;
        asked++;
        ck_assert_double_eq(value(&machine, "process_max_fds"), (double)former.rlim_cur - 1);
    }
    ck_assert_uint_eq(asked, 3);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &former), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_start_that_was_hidden_is_found_later)
{
    struct machine machine;
    unsigned ticks = 0;

    hidden = "/proc/stat";
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, "process_start_time_seconds"));
    hidden = NULL;
    do {
        machine_expect_tick(&machine);
        ck_assert_uint_le(++ticks, TICKS_OF_10);
    } while (fake_sink_find(&machine.sink, "process_start_time_seconds") == NULL);
    ck_assert_double_ge(value(&machine, "process_start_time_seconds"), (double)time(NULL) - 60);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "process_start_time_seconds")->interval_ms,
                      1000);
    machine_expect_tick(&machine);
    ck_assert(!fake_sink_is_absent(&machine.sink, "process_start_time_seconds"));
    machine_remove(&machine);
}
END_TEST

START_TEST(a_longer_interval_is_kept)
{
    struct machine machine;

    machine_make(&machine, &process_collector);
    machine.sink.sink.interval_ms = 2 * PROCESS_RARELY_MS;
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "process_max_fds")->interval_ms,
                      2 * PROCESS_RARELY_MS);
    ck_assert_uint_eq(machine.sink.sink.interval_ms, 2 * PROCESS_RARELY_MS);
    machine_remove(&machine);
}
END_TEST

START_TEST(no_limit_is_all_ones)
{
    struct machine machine;
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
    start(&machine);
    ck_assert_double_eq(value(&machine, "process_virtual_memory_max_bytes"),
                        limit.rlim_cur == RLIM_INFINITY ? 18446744073709551615.0
                                                        : (double)limit.rlim_cur);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process", this_process, a_busy_loop_moves_the_cpu,
                     memory_that_is_used_is_resident, limits_are_asked_for_every_ten_seconds,
                     a_start_that_was_hidden_is_found_later, a_longer_interval_is_kept,
                     no_limit_is_all_ones);
}
