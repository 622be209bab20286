#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/core.h"
#include "daemon/follower.h"
#include "daemon/log.h"
#include "daemon/snapshot.h"

static int print_snapshot(const struct core *core, uint32_t interval_ms)
{
    struct follower follower;
    struct snapshot snapshot;
    struct buffer out = {0};
    size_t written;

    if (follower_init(&follower, core->history, core->table, CORE_MAX_SERIES, interval_ms) < 0)
        return 1;
    while (follower_advance(&follower))
        ;
    out.failed = snapshot_take(history_epoch(core->history), &follower.present,
                               (const struct series *const *)follower.catalog->series,
                               follower.catalog->count, &snapshot) < 0;
    snapshot_encode(&out, &snapshot, JSON_DIGITS_6);
    snapshot_finish(&snapshot);
    written = out.failed ? 0 : fwrite(out.data, 1, out.size, stdout);
    if (written != out.size || fflush(stdout) != 0) {
        log_error("cannot print the snapshot: %s", strerror(errno));
        written = 0;
    }
    buffer_finish(&out);
    follower_finish(&follower);
    return written > 0 ? 0 : 1;
}

int daemon_print_once(const struct config *config)
{
    const struct timespec interval = {.tv_sec = config->interval_ms / 1000,
                                      .tv_nsec = config->interval_ms % 1000 * NS_PER_MS};
    struct core core;
    int status;

    /* Of one snapshot it is of no use to know what else there might be. */
    if (config->log_level == LOG_LEVEL_INFO)
        log_set_level(LOG_LEVEL_WARNING);
    if (core_init(&core, config) < 0)
        return 1;
    history_publish(core.history, sampler_tick(core.sampler));
    nanosleep(&interval, NULL);
    history_publish(core.history, sampler_tick(core.sampler));
    status = print_snapshot(&core, (uint32_t)config->interval_ms);
    core_finish(&core);
    return core_leave(&core, status);
}
