/*
 * A file of the kernel that a machine need not have, beside others that its collector can do
 * without it: absent is an answer, and is asked for rarely, since looking costs as much as reading.
 */
#ifndef TACHO_COLLECTORS_OPTIONAL_FILE_H
#define TACHO_COLLECTORS_OPTIONAL_FILE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "collectors/procfs.h"

/* An absent file is looked for once in so many reads. */
#define OPTIONAL_FILE_RETRY_READS 60

/* Caller's memory; all zero is a closed one. */
struct optional_file {
    struct procfs_file file;
    int absence;   /* -ENOENT or -EOPNOTSUPP: what reading gives while it is not looked for */
    unsigned skip; /* so many reads */
};

/*
 * As procfs_open() and procfs_open_net(), but 0 unless there is no memory: whatever else keeps it
 * from being opened may pass, and reading opens it again.
 */
__attribute__((warn_unused_result)) int optional_file_open(struct optional_file *optional,
                                                           const char *root, const char *path);
__attribute__((warn_unused_result)) int
optional_file_open_net(struct optional_file *optional, const char *procfs, const char *name);

/*
 * As procfs_read(). -ENOENT or -EOPNOTSUPP (the kernel has it switched off): it is absent; any
 * other -errno is trouble.
 */
__attribute__((warn_unused_result)) int optional_file_read(struct optional_file *optional,
                                                           const char **text, size_t *length);

/* Whether reading says that there is no such file, or that it is switched off. */
static inline bool optional_file_is_absence(int result)
{
    return result == -ENOENT || result == -EOPNOTSUPP;
}

void optional_file_close(struct optional_file *optional);

#endif
