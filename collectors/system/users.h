/*
 * Names of users, from /etc/passwd alone: asking the C library may ask a server, which blocks.
 * Whom it does not name is a number.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_USERS_H
#define TACHO_COLLECTORS_SYSTEM_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "collectors/process_list.h"

/* A larger file names nobody. */
#define USERS_FILE_MAX ((size_t)1 << 20)

struct user;

/* Caller's memory; the members are users.c's. All zero is a finished one. */
struct users {
    char *path;
    struct stat seen;   /* of the file, as it was last read; all zero: there was none */
    struct user *items; /* by uid; of several with one uid the first */
    size_t count;
    size_t capacity;
};

/* 0 or -ENOMEM. Nothing is read yet. */
__attribute__((warn_unused_result)) int users_init(struct users *users, const char *rootfs);
void users_finish(struct users *users);

/*
 * Reads the file if it is another than it was; where that fails, as without a descriptor, names
 * stay and the next call tries again. True if names may have changed.
 */
bool users_refresh(struct users *users);

/* With a reference; NULL without memory. */
struct process_text *users_name(const struct users *users, uint32_t uid);

#endif
