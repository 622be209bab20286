/* Files of the kernel that are one number, as most below /proc/sys are. */
#ifndef TACHO_COLLECTORS_NUMBER_FILE_H
#define TACHO_COLLECTORS_NUMBER_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/procfs.h"

/* "4096\n", with the newline or without. 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int number_file_parse(const char *text, size_t length,
                                                          uint64_t *out);

/* 0, or -errno of procfs_read() or the above with *out untouched. */
__attribute__((warn_unused_result)) int number_file_read(struct procfs_file *file, uint64_t *out);

#endif
