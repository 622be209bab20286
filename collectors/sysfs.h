/*
 * Attributes of sysfs: short texts of a line or few. Reading one asks the driver behind it anew
 * each time the file is opened, so there is no descriptor to keep; and that may block, unless the
 * kernel alone answers.
 */
#ifndef TACHO_COLLECTORS_SYSFS_H
#define TACHO_COLLECTORS_SYSFS_H

#include <stddef.h>

#include "collectors/parse.h"

/*
 * Reads the whole attribute into the caller's size bytes; *out is in them, without the newline at
 * the end. The path is below the folder that the descriptor stands for, which AT_FDCWD can be. 0,
 * or -errno with *out untouched: -ENOENT when there is none, -E2BIG when it is not below size.
 */
__attribute__((warn_unused_result)) int sysfs_read(int folder, const char *path, char *buffer,
                                                   size_t size, struct span *out);

#endif
