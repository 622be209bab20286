/* Open files of the whole machine: /proc/sys/fs/file-nr, proc_sys_fs(5). */
#ifndef TACHO_COLLECTORS_SYSTEM_FILEFD_H
#define TACHO_COLLECTORS_SYSTEM_FILEFD_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

struct filefd {
    uint64_t allocated; /* file handles */
    uint64_t maximum;
};

/* 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int filefd_parse(const char *text, size_t length,
                                                     struct filefd *out);

extern const struct collector filefd_collector;

#endif
