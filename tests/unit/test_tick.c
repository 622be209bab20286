#include "daemon/tick.h"

#include <stdlib.h>

#include "tests/unit/support.h"

#define MS     NS_PER_MS
#define SECOND NS_PER_SECOND
#define HOUR   (3600 * NS_PER_SECOND)
/* A slot of every grid that is used here: a whole number of minutes. */
#define WALL (INT64_C(28333333) * 60 * SECOND)

/* What passed on each clock between two readings, and what is to be made of it. */
struct passage {
    int64_t interval_ns;
    int64_t former_late_ns; /* after a slot */
    int64_t real_ns, mono_ns, boot_ns;
    uint32_t flags;
    uint64_t missed;
};

static struct clock_reading former_of(const struct passage *passage)
{
    return (struct clock_reading){WALL + passage->former_late_ns, 5000 * SECOND, 7000 * SECOND};
}

static struct clock_reading now_of(const struct passage *passage)
{
    struct clock_reading now = former_of(passage);

    now.real_ns += passage->real_ns;
    now.mono_ns += passage->mono_ns;
    now.boot_ns += passage->boot_ns;
    return now;
}

static void expect_passages(const struct passage *passages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct passage *passage = &passages[i];
        const struct clock_reading former = former_of(passage);
        const struct clock_reading now = now_of(passage);

        ck_assert_msg(tick_judge(&former, &now, passage->interval_ns) == passage->flags,
                      "passage %zu: flags %u, not %u", i,
                      tick_judge(&former, &now, passage->interval_ns), passage->flags);
        ck_assert_msg(tick_missed_slots(&former, &now, passage->interval_ns) == passage->missed,
                      "passage %zu: %llu missed", i,
                      (unsigned long long)tick_missed_slots(&former, &now, passage->interval_ns));
    }
}

#define EXPECT_PASSAGES(passages) expect_passages((passages), sizeof(passages) / sizeof *(passages))

#define PASSED(ns) (ns), (ns), (ns)

START_TEST(lateness_is_the_distance_from_the_slot)
{
    static const struct {
        int64_t real_ns, interval_ns, lateness_ns;
    } cases[] = {
        {WALL, SECOND, 0},
        {WALL + 1, SECOND, 1},
        {WALL + 980 * MS, SECOND, 980 * MS},
        /* Just before a slot: early, so not late. */
        {WALL + SECOND - 1, SECOND, 0},
        {WALL + 991 * MS, SECOND, 0},
        {WALL + 97 * MS, 100 * MS, 97 * MS},
        {WALL + 99 * MS, 100 * MS, 0},
        {WALL + 59 * SECOND, 60 * SECOND, 59 * SECOND},
        {WALL + 250 * MS, 100 * MS, 50 * MS},
        /* A clock that says 1969: -0.3 s is 0.7 s after the slot at -1 s. */
        {-300 * MS, SECOND, 700 * MS},
        {-SECOND, SECOND, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct clock_reading now = {.real_ns = cases[i].real_ns};

        ck_assert_int_eq(tick_lateness_ns(&now, cases[i].interval_ns), cases[i].lateness_ns);
    }
}
END_TEST

START_TEST(steady_ticks_have_no_flags)
{
    static const struct passage passages[] = {
        {SECOND, 0, PASSED(SECOND), 0, 0},
        {SECOND, 2 * MS, PASSED(SECOND + 5 * MS), 0, 0},
        {100 * MS, 0, PASSED(100 * MS), 0, 0},
        {60 * SECOND, 0, PASSED(60 * SECOND), 0, 0},
        /* A tenth of the interval is still in time. */
        {SECOND, 0, PASSED(SECOND + 100 * MS), 0, 0},
        {60 * SECOND, 0, PASSED(66 * SECOND), 0, 0},
        /* The start's tick stands between two slots, and the first slot follows soon. */
        {SECOND, 400 * MS, PASSED(600 * MS), 0, 0},
        /* A tick after a late one is nearer to it. */
        {SECOND, 900 * MS, PASSED(100 * MS), 0, 0},
    };

    EXPECT_PASSAGES(passages);
}
END_TEST

START_TEST(late_ticks_and_missed_slots)
{
    static const struct passage passages[] = {
        {SECOND, 0, PASSED(SECOND + 101 * MS), TICK_LATE, 0},
        {100 * MS, 0, PASSED(111 * MS), TICK_LATE, 0},
        {60 * SECOND, 0, PASSED(67 * SECOND), TICK_LATE, 0},
        {SECOND, 0, PASSED(2 * SECOND), TICK_GAP_BEFORE, 1},
        {SECOND, 300 * MS, PASSED(1700 * MS), TICK_GAP_BEFORE, 1},
        {100 * MS, 0, PASSED(SECOND), TICK_GAP_BEFORE, 9},
        {60 * SECOND, 0, PASSED(180 * SECOND), TICK_GAP_BEFORE, 2},
        {SECOND, 0, PASSED(2500 * MS), TICK_LATE | TICK_GAP_BEFORE, 1},
        /* Late by nearly an interval: no slot lies between. */
        {SECOND, 0, PASSED(1980 * MS), TICK_LATE, 0},
        {SECOND, 0, PASSED(999 * MS), 0, 0}, /* early, and so is no gap before the next */
        {SECOND, -1 * MS, PASSED(1001 * MS), 0, 0},
    };

    EXPECT_PASSAGES(passages);
}
END_TEST

START_TEST(a_suspend_is_no_clock_step)
{
    /* REALTIME and BOOTTIME went on, MONOTONIC did not; the slots of the time asleep are missed. */
    static const struct passage passages[] = {
        {SECOND, 0, 8 * HOUR, 300 * MS, 8 * HOUR, TICK_RESUMED | TICK_GAP_BEFORE, 28799},
        {SECOND, 0, 8 * HOUR + 500 * MS, SECOND, 8 * HOUR + 500 * MS,
         TICK_RESUMED | TICK_GAP_BEFORE | TICK_LATE, 28799},
        {60 * SECOND, 0, 60 * SECOND, 10 * SECOND, 60 * SECOND, TICK_RESUMED, 0},
        {100 * MS, 0, 8 * HOUR, 0, 8 * HOUR, TICK_RESUMED | TICK_GAP_BEFORE, 287999},
    };

    EXPECT_PASSAGES(passages);
}
END_TEST

START_TEST(setting_the_clock_is_a_step_and_misses_nothing)
{
    static const struct passage passages[] = {
        {SECOND, 0, SECOND + HOUR, SECOND, SECOND, TICK_CLOCK_STEP, 0},
        {SECOND, 0, SECOND - HOUR, SECOND, SECOND, TICK_CLOCK_STEP, 0},
        /* To between two slots, so that the tick is not on the grid. */
        {SECOND, 0, HOUR + 500 * MS, SECOND, SECOND, TICK_CLOCK_STEP | TICK_LATE, 0},
        /* The next slot came sooner or later by the fraction that the clock was set. */
        {SECOND, 0, 2 * SECOND, 400 * MS, 400 * MS, TICK_CLOCK_STEP, 0},
        {SECOND, 0, 0, 1400 * MS, 1400 * MS, TICK_CLOCK_STEP, 0},
        /* A stall of three intervals beside the step. */
        {SECOND, 0, HOUR, 3 * SECOND, 3 * SECOND, TICK_CLOCK_STEP | TICK_GAP_BEFORE, 2},
        {100 * MS, 0, -HOUR, 100 * MS, 100 * MS, TICK_CLOCK_STEP, 0},
        {60 * SECOND, 0, HOUR, 60 * SECOND, 60 * SECOND, TICK_CLOCK_STEP, 0},
        /* A leap second that the clock repeats: 1 s is counted twice. */
        {SECOND, 0, 0, SECOND, SECOND, TICK_CLOCK_STEP, 0},
    };

    EXPECT_PASSAGES(passages);
}
END_TEST

START_TEST(a_suspend_and_a_step_at_once)
{
    /* The clock of the board was an hour behind when the machine woke after eight. */
    static const struct passage passages[] = {
        {SECOND, 0, 7 * HOUR, SECOND, 8 * HOUR, TICK_RESUMED | TICK_CLOCK_STEP | TICK_GAP_BEFORE,
         28799},
        {SECOND, 0, 0, 200 * MS, 8 * HOUR, TICK_RESUMED | TICK_CLOCK_STEP | TICK_GAP_BEFORE, 28799},
    };

    EXPECT_PASSAGES(passages);
}
END_TEST

START_TEST(what_is_below_noise_is_neither)
{
    static const struct passage passages[] = {
        /* adjtime(3) slews by at most 500 ppm; the clocks are read one after the other. */
        {60 * SECOND, 0, 60 * SECOND + 30 * MS, 60 * SECOND, 60 * SECOND, 0, 0},
        {SECOND, 0, SECOND + 100 * MS, SECOND, SECOND, 0, 0},
        {SECOND, 0, SECOND, SECOND, SECOND + 90 * MS, 0, 0},
        {SECOND, 0, SECOND, SECOND - 100 * MS, SECOND, 0, 0},
        /* And just above. */
        {SECOND, 0, SECOND + 100 * MS + 1, SECOND, SECOND, TICK_CLOCK_STEP | TICK_LATE, 0},
        {SECOND, 0, SECOND, SECOND - 100 * MS - 1, SECOND, TICK_RESUMED, 0},
    };

    EXPECT_PASSAGES(passages);
}
END_TEST

/* The kernel's clocks know no zones: the same readings, whatever $TZ says, even when DST ends. */
START_TEST(daylight_saving_is_nothing)
{
    /* 2026-10-25T01:00:00Z, when Europe's clocks go from 3:00 back to 2:00. */
    const struct clock_reading former = {INT64_C(1792890000) * SECOND - SECOND, SECOND, SECOND};
    const struct clock_reading now = {INT64_C(1792890000) * SECOND, 2 * SECOND, 2 * SECOND};

    setenv("TZ", "Europe/Berlin", 1);
    ck_assert_uint_eq(tick_judge(&former, &now, SECOND), 0);
    unsetenv("TZ");
}
END_TEST

START_TEST(each_flag_has_a_name)
{
    ck_assert_str_eq(tick_flag_name(0), "late");
    ck_assert_str_eq(tick_flag_name(1), "gap_before");
    ck_assert_str_eq(tick_flag_name(2), "clock_step");
    ck_assert_str_eq(tick_flag_name(3), "resumed");
    ck_assert_str_eq(tick_flag_name(4), "restart");
    ck_assert_str_eq(tick_flag_name(5), "boot");
    ck_assert_ptr_null(tick_flag_name(6));
    ck_assert_uint_eq(1 << 5, TICK_BOOT);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tick", lateness_is_the_distance_from_the_slot, steady_ticks_have_no_flags,
                     late_ticks_and_missed_slots, a_suspend_is_no_clock_step,
                     setting_the_clock_is_a_step_and_misses_nothing, a_suspend_and_a_step_at_once,
                     what_is_below_noise_is_neither, daylight_saving_is_nothing,
                     each_flag_has_a_name);
}
