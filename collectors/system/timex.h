/* How the kernel's clock is steered: adjtimex(2), asked without changing anything. */
#ifndef TACHO_COLLECTORS_SYSTEM_TIMEX_H
#define TACHO_COLLECTORS_SYSTEM_TIMEX_H

#include <sys/timex.h>

#include "collectors/collector.h"

enum timex_value {
    TIMEX_SYNC_STATUS, /* 1: synchronised, else 0 */
    TIMEX_OFFSET,
    TIMEX_FREQUENCY_ADJUSTMENT,
    TIMEX_MAXERROR,
    TIMEX_ESTIMATED_ERROR,
    TIMEX_STATUS,
    TIMEX_LOOP_TIME_CONSTANT,
    TIMEX_TICK,
    TIMEX_PPS_FREQUENCY,
    TIMEX_PPS_JITTER,
    TIMEX_PPS_SHIFT,
    TIMEX_PPS_STABILITY,
    TIMEX_PPS_JITTER_COUNT,
    TIMEX_PPS_CALIBRATION_COUNT,
    TIMEX_PPS_ERROR_COUNT,
    TIMEX_PPS_STABILITY_COUNT,
    TIMEX_TAI_OFFSET,
    TIMEX_VALUES,
};

/* What the kernel said and the clock's state that it gave, in the units of node_exporter. */
void timex_scale(const struct timex *timex, int clock_state, double values[TIMEX_VALUES]);

extern const struct collector timex_collector;

#endif
