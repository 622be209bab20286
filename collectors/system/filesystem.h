/*
 * How full the mounted file systems are: statvfs(2) of each mount that mountinfo.h gives, made by a
 * worker, for a dead server or FUSE process may never answer. What does not answer within
 * TASK_DEADLINE_NS is stuck: it has no values but device_error and the time since when, and is not
 * asked again before the call has returned. Where so many are that the workers left are kept for
 * what is known to answer, the others are not asked and have no values at all.
 *
 * The mounts are those that mountinfo_source.h finds. One that this process's own paths do not lead
 * to cannot be asked: it has no values but device_error. Where the mounts are this process's own,
 * whether one that is read-only is so for everybody is unknown.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_FILESYSTEM_H
#define TACHO_COLLECTORS_SYSTEM_FILESYSTEM_H

#include "collectors/collector.h"

#define FILESYSTEM_INTERVAL_MS 10000

extern const struct collector filesystem_collector;

#endif
