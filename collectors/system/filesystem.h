/*
 * How full the mounted file systems are: statvfs(2) of each mount that mountinfo.h gives, made by a
 * worker, for a dead server or FUSE process may never answer. What does not answer within
 * TASK_DEADLINE_NS is stuck: it has no values but device_error and the time since when, and is not
 * asked again before the call has returned.
 *
 * The mounts are those of process 1, so that a private mount namespace around this process hides
 * none and makes none seem read-only. Where it does not show them they are this process's own, and
 * whether a mount that is read-only there is so for everybody is unknown.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_FILESYSTEM_H
#define TACHO_COLLECTORS_SYSTEM_FILESYSTEM_H

#include "collectors/collector.h"

#define FILESYSTEM_INTERVAL_MS 10000

extern const struct collector filesystem_collector;

#endif
