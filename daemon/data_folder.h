/*
 * The data directory: held by one daemon at a time, of one format, and reached by its descriptor
 * alone, so that a rename of the directory or of one above does not matter.
 *
 * No threads of its own; after opening, any thread may call what does not close it. Every call may
 * block for as long as the disk does.
 */
#ifndef TACHO_DAEMON_DATA_FOLDER_H
#define TACHO_DAEMON_DATA_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/scope.h"

/* Room for a name in the folder, with its NUL. */
#define DATA_NAME_MAX 112

struct data_folder {
    int fd;
    int lock_fd;
    char *path;                /* as it was given; owned */
    pid_t other_pid;           /* who has it, when data_folder_open() says -EBUSY; 0: not known */
    bool unlocked;             /* no flock(2) here: nothing keeps another daemon out */
    char aside[DATA_NAME_MAX]; /* where what was of another format has been moved; "": nothing */
};

/*
 * Opens the directory, making it and those above as needed, of mode 0700; takes its lock; moves
 * what is of another format aside; removes drafts that a crash left. 0; -EBUSY with
 * out->other_pid; or -errno.
 */
int data_folder_open(const char *path, struct data_folder *out) MUST_CHECK;

/* Gives up the lock. One that is all zero or was not opened is not to be closed. */
void data_folder_close(struct data_folder *folder);

/*
 * Makes a file anew with this content, durably: whoever looks, even after a crash, sees the former
 * one or the whole new one. The name has at most DATA_NAME_MAX - 6 characters. 0 or -errno.
 */
int data_folder_replace(const struct data_folder *folder, const char *name, const void *data,
                        size_t size) MUST_CHECK;

/*
 * The same in two steps, for who goes on writing. The first writes and syncs a draft and gives its
 * descriptor, the second puts it in the file's place: then only data_folder_sync() is left.
 */
int data_folder_draft(const struct data_folder *folder, const char *name, const void *data,
                      size_t size, int *fd) MUST_CHECK;
int data_folder_publish(const struct data_folder *folder, const char *name) MUST_CHECK;

/* Makes what was made, renamed and removed durable. 0 or -errno. */
int data_folder_sync(const struct data_folder *folder) MUST_CHECK;

/* Opens a file; never a symbolic link. flags as of open(2), new ones are 0600. fd or -errno. */
int data_folder_open_file(const struct data_folder *folder, const char *name, int flags) MUST_CHECK;

/* Not durable before data_folder_sync(). 0 or -errno: -ENOENT if there is none. */
int data_folder_remove(const struct data_folder *folder, const char *name) MUST_CHECK;

/* Renames a file to "name.damaged-<unix seconds>", out of the way. 0 or -errno. */
int data_folder_set_aside(const struct data_folder *folder, const char *name,
                          char aside[DATA_NAME_MAX]) MUST_CHECK;

/*
 * Moves all but the lock and the format, and what was moved before, into a new sub-folder: of which
 * aside is the name. 0 or -errno.
 */
int data_folder_move_aside(const struct data_folder *folder, char aside[DATA_NAME_MAX]) MUST_CHECK;

/*
 * Calls back with the name of each entry, in no order, until it gives other than 0, which is then
 * the answer. The callback may remove or rename that entry. 0 or -errno.
 */
int data_folder_list(const struct data_folder *folder, int (*on_name)(void *arg, const char *name),
                     void *arg) MUST_CHECK;

/* Bytes that the file system has left for us. 0 or -errno. */
int data_folder_free_bytes(const struct data_folder *folder, uint64_t *out) MUST_CHECK;

#endif
