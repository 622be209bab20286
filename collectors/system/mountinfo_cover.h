/*
 * Which mounts no path leads to, because others lie over them.
 *
 * Every mount but the first lies on a folder of another one, its parent, and whoever walks through
 * that folder gets into the mount, whatever was below before. So a mount cannot be reached if one
 * of the same parent lies on a folder above its own, nor can what lies on it. A mount on the root
 * of another, that is on the same mount point with that as its parent, takes its place. Only over
 * the root of the process itself it is without effect, for that is where paths begin.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_MOUNTINFO_COVER_H
#define TACHO_COLLECTORS_SYSTEM_MOUNTINFO_COVER_H

#include "collectors/system/mountinfo.h"

/*
 * Sets `hidden` of each row. Leaves the rows in another order: by number. 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int mountinfo_cover(struct mountinfo_table *table);

#endif
