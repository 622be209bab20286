/*
 * A machine of text files with mounts, for the tests of the filesystem collector. Metrics are named
 * by what stands behind node_filesystem_, labels as ROOT_LABELS.
 */
#ifndef TACHO_TESTS_UNIT_MOUNT_MACHINE_H
#define TACHO_TESTS_UNIT_MOUNT_MACHINE_H

#include "tests/unit/machine.h"

#define ROOT  "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw,discard\n"
#define DATA  "36 27 8:3 / /data rw,nosuid shared:7 - fuse.x server rw\n"
#define OTHER "37 27 8:3 / /data rw - fuse.x server rw\n"
#define BOUND "38 27 254:0 /a /bound rw - ext4 /dev/vda1 rw\n"

#define ROOT_LABELS  "{device=\"/dev/vda1\",fstype=\"ext4\",mountpoint=\"/\"}"
#define DATA_LABELS  "{device=\"server\",fstype=\"fuse.x\",mountpoint=\"/data\"}"
#define BOUND_LABELS "{device=\"/dev/vda1\",fstype=\"ext4\",mountpoint=\"/bound\"}"

/* What a mount has that answers. */
#define MOUNT_SERIES 7

/* The value in this tick, which there has to be; the live series, or NULL. */
double mount_value(const struct machine *machine, const char *metric, const char *labels);
const struct fake_series *mount_series(const struct machine *machine, const char *metric,
                                       const char *labels);

/* Live, without a value in this tick. */
bool mount_is_absent(const struct machine *machine, const char *metric, const char *labels);

/* Whether it is shown as stuck. */
bool mount_is_stuck(const struct machine *machine, const char *labels);

/* What /proc/1/mountinfo says from now on. */
void mount_write(struct machine *machine, const char *text);

/* Folders for the mount points, and ticks of a second in rounds of ten. */
void mount_prepare(struct machine *machine, const char *text);

/* That, and the collector opened. */
void mount_start(struct machine *machine, const char *text);

/* So many ticks, each of which wants the next. */
void mount_wait(struct machine *machine, int count);

/* The first tick of the next round; between rounds the sampler does not call. */
int mount_next_round(struct machine *machine);

#endif
