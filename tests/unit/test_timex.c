#include "collectors/system/timex.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/machine.h"

/* What a kernel with a time server and no pulse says. */
static struct timex usual(void)
{
    return (struct timex){.offset = -1234567,
                          .freq = -655360,
                          .maxerror = 512000,
                          .esterror = 250,
                          .status = STA_PLL | STA_NANO,
                          .constant = 7,
                          .tick = 10000,
                          .ppsfreq = 131072,
                          .jitter = 5000,
                          .shift = 8,
                          .stabil = 65536,
                          .jitcnt = 1,
                          .calcnt = 2,
                          .errcnt = 3,
                          .stbcnt = 4,
                          .tai = 37};
}

START_TEST(scales_as_node_exporter)
{
    struct timex timex = usual();
    double values[TIMEX_VALUES];

    timex_scale(&timex, TIME_OK, values);
    ck_assert_double_eq(values[TIMEX_SYNC_STATUS], 1);
    ck_assert_double_eq(values[TIMEX_OFFSET], -0.001234567);
    ck_assert_double_eq(values[TIMEX_FREQUENCY_ADJUSTMENT], 1 - 1e-5);
    ck_assert_double_eq(values[TIMEX_MAXERROR], 0.512);
    ck_assert_double_eq(values[TIMEX_ESTIMATED_ERROR], 0.00025);
    ck_assert_double_eq(values[TIMEX_STATUS], 8193);
    ck_assert_double_eq(values[TIMEX_LOOP_TIME_CONSTANT], 7);
    ck_assert_double_eq(values[TIMEX_TICK], 0.01);
    ck_assert_double_eq(values[TIMEX_PPS_FREQUENCY], 2e-6);
    ck_assert_double_eq(values[TIMEX_PPS_JITTER], 5e-6);
    ck_assert_double_eq(values[TIMEX_PPS_SHIFT], 8);
    ck_assert_double_eq(values[TIMEX_PPS_STABILITY], 1e-6);
    ck_assert_double_eq(values[TIMEX_PPS_JITTER_COUNT], 1);
    ck_assert_double_eq(values[TIMEX_PPS_CALIBRATION_COUNT], 2);
    ck_assert_double_eq(values[TIMEX_PPS_ERROR_COUNT], 3);
    ck_assert_double_eq(values[TIMEX_PPS_STABILITY_COUNT], 4);
    ck_assert_double_eq(values[TIMEX_TAI_OFFSET], 37);
}
END_TEST

START_TEST(without_nanoseconds_they_are_microseconds)
{
    struct timex timex = usual();
    double values[TIMEX_VALUES];

    timex.status = STA_UNSYNC;
    timex_scale(&timex, TIME_ERROR, values);
    ck_assert_double_eq(values[TIMEX_SYNC_STATUS], 0);
    ck_assert_double_eq(values[TIMEX_STATUS], 64);
    ck_assert_double_eq(values[TIMEX_OFFSET], -1.234567);
    ck_assert_double_eq(values[TIMEX_PPS_JITTER], 0.005);
    ck_assert_double_eq(values[TIMEX_MAXERROR], 0.512);
}
END_TEST

START_TEST(other_states_than_an_error_are_synchronised)
{
    static const int states[] = {TIME_OK, TIME_INS, TIME_DEL, TIME_OOP, TIME_WAIT};
    struct timex timex = usual();
    double values[TIMEX_VALUES];

    for (size_t index = 0; index < sizeof states / sizeof states[0]; index++) {
        timex_scale(&timex, states[index], values);
        ck_assert_double_eq(values[TIMEX_SYNC_STATUS], 1);
    }
}
END_TEST

START_TEST(asks_the_kernel)
{
    struct timex timex = {.modes = 0};
    struct machine machine;

    machine_make(&machine, &timex_collector);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), TIMEX_VALUES);
    ck_assert_uint_eq(machine.sink.declares, TIMEX_VALUES);
    ck_assert_int_ge(adjtimex(&timex), 0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_timex_tick_seconds"),
                        (double)timex.tick / 1e6);
    machine_remove(&machine);
}
END_TEST

/* From now on the kernel denies this process to ask for the clock's state. */
static void deny_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_adjtimex, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_adjtime, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};

    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

START_TEST(a_sandbox_denies_it)
{
    struct machine machine;
    int status;
    pid_t child;

    machine_make(&machine, &timex_collector);
    ck_assert_int_eq(machine_open(&machine), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        deny_calls();
        _exit(machine_tick(&machine) == -EPERM && fake_sink_values(&machine.sink) == 0 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("timex", scales_as_node_exporter, without_nanoseconds_they_are_microseconds,
                     other_states_than_an_error_are_synchronised, asks_the_kernel,
                     a_sandbox_denies_it);
}
