#include "collectors/system/time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_SECOND 1000000000
/* glibc's names of zones are 3 to 6 letters or a number; POSIX sets no limit. */
#define ZONE_NAME_BYTES 64

static const struct metric time_seconds = {
    .name = "node_time_seconds",
    .unit = "seconds",
    .help = "System time in seconds since epoch (1970).",
    .kind = METRIC_GAUGE,
};

static const struct metric zone_offset = {
    .name = "node_time_zone_offset_seconds",
    .unit = "seconds",
    .help = "System time zone offset in seconds.",
    .kind = METRIC_GAUGE,
};

struct time_state {
    struct sink_series seconds;
    struct sink_series offset;
    char zone[ZONE_NAME_BYTES]; /* the label of offset */
    bool loaded;
    int64_t loaded_ns; /* CLOCK_MONOTONIC, when the zone was last looked at */
};

static int open_time(const struct collector_roots *roots, void **out)
{
    struct time_state *state = calloc(1, sizeof *state);

    (void)roots;
    if (state == NULL)
        return -ENOMEM;
    *out = state;
    return 0;
}

static void close_time(void *opaque)
{
    free(opaque);
}

/* localtime_r() alone keeps the zone that it first found; tzset() asks stat(2) for another. */
static void load_zone(struct time_state *state, int64_t now_ns)
{
    if (state->loaded && now_ns - state->loaded_ns < TIME_ZONE_RELOAD_NS)
        return;
    tzset();
    state->loaded = true;
    state->loaded_ns = now_ns;
}

/* Summer time is a zone of its own: its name is in the label. */
static void write_offset(struct time_state *state, const struct tm *local, struct sink *sink)
{
    const struct label label = {"time_zone", state->zone};
    char zone[ZONE_NAME_BYTES];

    snprintf(zone, sizeof zone, "%s", local->tm_zone);
    if (strcmp(zone, state->zone) != 0) {
        sink_drop(sink, &state->offset);
        memcpy(state->zone, zone, sizeof zone);
    }
    sink_put(sink, &state->offset, &zone_offset, &label, 1, 0, (double)local->tm_gmtoff);
}

static int sample_time(void *opaque, struct sink *sink)
{
    struct time_state *state = opaque;
    time_t now = (time_t)(sink->real_ns / NS_PER_SECOND);
    struct tm local;

    load_zone(state, sink->mono_ns);
    if (localtime_r(&now, &local) == NULL)
        return -errno;
    sink_put(sink, &state->seconds, &time_seconds, NULL, 0, 0,
             (double)sink->real_ns / NS_PER_SECOND);
    write_offset(state, &local, sink);
    return 0;
}

const struct collector time_collector = {
    .name = "time",
    .open = open_time,
    .sample = sample_time,
    .close = close_time,
};
