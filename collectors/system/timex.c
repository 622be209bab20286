#include "collectors/system/timex.h"

#include <errno.h>
#include <stdlib.h>

#define INTERVAL_MS 10000

#define MICROSECONDS 1e6
#define NANOSECONDS  1e9
/* Frequencies are parts per million with 16 bits behind the point. */
#define PPM_FRACTION (1000000.0 * 65536.0)

#define GAUGE(name_, unit_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .unit = (unit_), .help = (help_), .kind = METRIC_GAUGE                    \
    }
#define COUNTER(name_, help_)                                                                      \
    {                                                                                              \
        .name = (name_), .unit = "", .help = (help_), .kind = METRIC_COUNTER, .cumulative = true   \
    }

static const struct metric metrics[TIMEX_VALUES] = {
    [TIMEX_SYNC_STATUS] = GAUGE("node_timex_sync_status", "",
                                "Is clock synchronized to a reliable server (1 = yes, 0 = no)."),
    [TIMEX_OFFSET] = GAUGE("node_timex_offset_seconds", "seconds",
                           "Time offset in between local system and reference clock."),
    [TIMEX_FREQUENCY_ADJUSTMENT] = GAUGE("node_timex_frequency_adjustment_ratio", "ratio",
                                         "Local clock frequency adjustment."),
    [TIMEX_MAXERROR] = GAUGE("node_timex_maxerror_seconds", "seconds", "Maximum error in seconds."),
    [TIMEX_ESTIMATED_ERROR] =
        GAUGE("node_timex_estimated_error_seconds", "seconds", "Estimated error in seconds."),
    [TIMEX_STATUS] = GAUGE("node_timex_status", "", "Value of the status array bits."),
    [TIMEX_LOOP_TIME_CONSTANT] =
        GAUGE("node_timex_loop_time_constant", "", "Phase-locked loop time constant."),
    [TIMEX_TICK] = GAUGE("node_timex_tick_seconds", "seconds", "Seconds between clock ticks."),
    [TIMEX_PPS_FREQUENCY] =
        GAUGE("node_timex_pps_frequency_hertz", "hertz", "Pulse per second frequency."),
    [TIMEX_PPS_JITTER] =
        GAUGE("node_timex_pps_jitter_seconds", "seconds", "Pulse per second jitter."),
    [TIMEX_PPS_SHIFT] =
        GAUGE("node_timex_pps_shift_seconds", "seconds", "Pulse per second interval duration."),
    [TIMEX_PPS_STABILITY] =
        GAUGE("node_timex_pps_stability_hertz", "hertz",
              "Pulse per second stability, average of recent frequency changes."),
    [TIMEX_PPS_JITTER_COUNT] = COUNTER("node_timex_pps_jitter_total",
                                       "Pulse per second count of jitter limit exceeded events."),
    [TIMEX_PPS_CALIBRATION_COUNT] = COUNTER("node_timex_pps_calibration_total",
                                            "Pulse per second count of calibration intervals."),
    [TIMEX_PPS_ERROR_COUNT] =
        COUNTER("node_timex_pps_error_total", "Pulse per second count of calibration errors."),
    [TIMEX_PPS_STABILITY_COUNT] =
        COUNTER("node_timex_pps_stability_exceeded_total",
                "Pulse per second count of stability limit exceeded events."),
    [TIMEX_TAI_OFFSET] = GAUGE("node_timex_tai_offset_seconds", "seconds",
                               "International Atomic Time (TAI) offset."),
};

struct timex_state {
    struct sink_series series[TIMEX_VALUES];
};

/* Offset and jitter are in nanoseconds if a bit says so, the errors in microseconds always. */
void timex_scale(const struct timex *timex, int clock_state, double values[TIMEX_VALUES])
{
    double divide = timex->status & STA_NANO ? NANOSECONDS : MICROSECONDS;

    values[TIMEX_SYNC_STATUS] = clock_state != TIME_ERROR;
    values[TIMEX_OFFSET] = (double)timex->offset / divide;
    values[TIMEX_FREQUENCY_ADJUSTMENT] = 1 + (double)timex->freq / PPM_FRACTION;
    values[TIMEX_MAXERROR] = (double)timex->maxerror / MICROSECONDS;
    values[TIMEX_ESTIMATED_ERROR] = (double)timex->esterror / MICROSECONDS;
    values[TIMEX_STATUS] = timex->status;
    values[TIMEX_LOOP_TIME_CONSTANT] = (double)timex->constant;
    values[TIMEX_TICK] = (double)timex->tick / MICROSECONDS;
    values[TIMEX_PPS_FREQUENCY] = (double)timex->ppsfreq / PPM_FRACTION;
    values[TIMEX_PPS_JITTER] = (double)timex->jitter / divide;
    values[TIMEX_PPS_SHIFT] = timex->shift;
    values[TIMEX_PPS_STABILITY] = (double)timex->stabil / PPM_FRACTION;
    values[TIMEX_PPS_JITTER_COUNT] = (double)timex->jitcnt;
    values[TIMEX_PPS_CALIBRATION_COUNT] = (double)timex->calcnt;
    values[TIMEX_PPS_ERROR_COUNT] = (double)timex->errcnt;
    values[TIMEX_PPS_STABILITY_COUNT] = (double)timex->stbcnt;
    values[TIMEX_TAI_OFFSET] = timex->tai;
}

static void close_timex(void *opaque)
{
    free(opaque);
}

static int open_timex(const struct collector_roots *roots, void **out)
{
    (void)roots;
    *out = calloc(1, sizeof(struct timex_state));
    return *out != NULL ? 0 : -ENOMEM;
}

/* A sandbox may forbid the call whatever it is asked: -EPERM. */
static int sample_timex(void *opaque, struct sink *sink)
{
    struct timex_state *state = opaque;
    struct timex timex = {.modes = 0};
    double values[TIMEX_VALUES];
    int clock_state = adjtimex(&timex);

    if (clock_state < 0)
        return errno == ENOSYS ? -EOPNOTSUPP : -errno;
    timex_scale(&timex, clock_state, values);
    for (unsigned value = 0; value < TIMEX_VALUES; value++)
        sink_put(sink, &state->series[value], &metrics[value], NULL, 0, 0, values[value]);
    return 0;
}

const struct collector timex_collector = {
    .name = "timex",
    .interval_ms = INTERVAL_MS,
    .open = open_timex,
    .sample = sample_timex,
    .close = close_timex,
};
