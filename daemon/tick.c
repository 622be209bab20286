#include "daemon/tick.h"

#include <stddef.h>
#include <stdlib.h>

/* Clocks are read one after the other and may be slewed by adjtime(3): less than this is noise. */
#define CLOCK_NOISE_NS (100 * NS_PER_MS)
/* A reading is early, not nearly an interval late, up to so long before a slot. */
#define EARLY_MAX_NS (10 * NS_PER_MS)
#define EARLY_SHARE  50 /* and up to this part of the interval */

static int64_t suspended_ns(const struct clock_reading *former, const struct clock_reading *now)
{
    return (now->boot_ns - former->boot_ns) - (now->mono_ns - former->mono_ns);
}

/* CLOCK_BOOTTIME goes on while the machine is suspended, as CLOCK_REALTIME does. */
static bool clock_was_set(const struct clock_reading *former, const struct clock_reading *now)
{
    return llabs((now->real_ns - former->real_ns) - (now->boot_ns - former->boot_ns)) >
           CLOCK_NOISE_NS;
}

/*
 * libev may fire a periodic a little early, when it was preempted
 * between reading its two clocks: a reading just before a slot is that slot's.
 */
int64_t tick_slot_ns(const struct clock_reading *now, int64_t interval_ns)
{
    int64_t share_ns = interval_ns / EARLY_SHARE;
    int64_t time_ns = now->real_ns + (share_ns < EARLY_MAX_NS ? share_ns : EARLY_MAX_NS);
    int64_t since_ns = time_ns % interval_ns;

    return time_ns - (since_ns < 0 ? since_ns + interval_ns : since_ns);
}

int64_t tick_lateness_ns(const struct clock_reading *now, int64_t interval_ns)
{
    int64_t lateness_ns = now->real_ns - tick_slot_ns(now, interval_ns);

    return lateness_ns > 0 ? lateness_ns : 0;
}

uint64_t tick_missed_slots(const struct clock_reading *former, const struct clock_reading *now,
                           int64_t interval_ns)
{
    int64_t slots;

    /* When the clock was set the slots of before and after do not compare: count what passed. */
    if (clock_was_set(former, now))
        slots = (now->boot_ns - former->boot_ns + interval_ns / 2) / interval_ns;
    else
        slots = (tick_slot_ns(now, interval_ns) - tick_slot_ns(former, interval_ns)) / interval_ns;
    return slots > 1 ? (uint64_t)slots - 1 : 0;
}

uint32_t tick_judge(const struct clock_reading *former, const struct clock_reading *now,
                    int64_t interval_ns)
{
    uint32_t flags = 0;

    if (tick_lateness_ns(now, interval_ns) > interval_ns / 10)
        flags |= TICK_LATE;
    if (tick_missed_slots(former, now, interval_ns) > 0)
        flags |= TICK_GAP_BEFORE;
    if (clock_was_set(former, now))
        flags |= TICK_CLOCK_STEP;
    if (suspended_ns(former, now) > CLOCK_NOISE_NS)
        flags |= TICK_RESUMED;
    return flags;
}

const char *tick_flag_name(unsigned bit)
{
    static const char *const names[] = {"late",    "gap_before", "clock_step",
                                        "resumed", "restart",    "boot"};

    return bit < sizeof names / sizeof *names ? names[bit] : NULL;
}
