/*
 * A tick is one moment at which the machine was read. Published ticks are numbered without a
 * hole; what was missed or odd about a tick is told by its flags.
 */
#ifndef TACHO_DAEMON_TICK_H
#define TACHO_DAEMON_TICK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/clock.h"

enum tick_flag {
    TICK_LATE = 1 << 0,       /* read more than a tenth of the interval after its grid slot */
    TICK_GAP_BEFORE = 1 << 1, /* at least one grid slot before it was missed */
    TICK_CLOCK_STEP = 1 << 2, /* CLOCK_REALTIME was set since the tick before */
    TICK_RESUMED = 1 << 3,    /* the machine was suspended since the tick before */
    TICK_RESTART = 1 << 4,    /* the first tick after the daemon was restarted on this ring */
    TICK_BOOT = 1 << 5,       /* the first tick after a reboot: counters began anew */
};

struct tick {
    uint64_t seq;             /* 1 for the first tick of an epoch */
    int64_t time_ms;          /* CLOCK_REALTIME of the read, Unix milliseconds */
    int64_t mono_ns;          /* CLOCK_MONOTONIC of the read; order and rates use this alone */
    uint32_t flags;           /* enum tick_flag */
    uint32_t catalog_version; /* the row can be read with a catalog of at least this version */
};

/*
 * The flags of a tick read at now, when the one before it was read at former. The grid is that of
 * CLOCK_REALTIME: slots are multiples of the interval since 1970.
 */
uint32_t tick_judge(const struct clock_reading *former, const struct clock_reading *now,
                    int64_t interval_ns);

/* The grid slot that a reading is of, in Unix nanoseconds; one just before a slot is that slot's.
 */
int64_t tick_slot_ns(const struct clock_reading *now, int64_t interval_ns);

/* How long after its grid slot a reading was made, in nanoseconds: 0 to interval_ns - 1. */
int64_t tick_lateness_ns(const struct clock_reading *now, int64_t interval_ns);

/* How many grid slots lie between the two readings without a tick. */
uint64_t tick_missed_slots(const struct clock_reading *former, const struct clock_reading *now,
                           int64_t interval_ns);

/* Name of the flag with this bit, for the interface; NULL if there is none. */
const char *tick_flag_name(unsigned bit);

#endif
