/*
 * Attributes of sysfs: short texts of a line or few. Reading one asks the driver behind it anew
 * each time the file is opened, so there is no descriptor to keep; and that may block, unless the
 * kernel alone answers.
 */
#ifndef TACHO_COLLECTORS_SYSFS_H
#define TACHO_COLLECTORS_SYSFS_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/parse.h"

/*
 * Reads the whole attribute into the caller's size bytes; *out is in them, without the newline at
 * the end. The path is below the folder that the descriptor stands for, which AT_FDCWD can be. 0,
 * or -errno with *out untouched: -ENOENT when there is none, -E2BIG when it is not below size.
 */
__attribute__((warn_unused_result)) int sysfs_read(int folder, const char *path, char *buffer,
                                                   size_t size, struct span *out);

/*
 * The same as a string, without blanks at either end. It is empty where it could not be read. 0 or
 * -errno as of sysfs_read().
 */
__attribute__((warn_unused_result)) int sysfs_read_text(int folder, const char *path, char *buffer,
                                                        size_t size);

/* "2", "-1", "0x1003". 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int sysfs_parse_number(const char *text, size_t length,
                                                           int64_t *out);

/* An attribute that is one such number. 0, or -errno of either with *out untouched. */
__attribute__((warn_unused_result)) int sysfs_read_number(int folder, const char *path,
                                                          int64_t *out);

/*
 * The folder of a device in one of the lists of sysfs, as "class/net" or "block", to read its
 * attributes in. A slash in the name is "!" there, as in cciss!c0d0. The caller's descriptor, of
 * which nothing but paths can be taken (O_PATH); or -errno.
 */
__attribute__((warn_unused_result)) int sysfs_open_device(const char *sysfs, const char *list,
                                                          const char *name);

#endif
