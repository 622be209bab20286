/* What archive.c and archive_file.c share; nobody else includes it. */
#ifndef TACHO_DAEMON_ARCHIVE_OWN_H
#define TACHO_DAEMON_ARCHIVE_OWN_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/archive.h"

/* A segment's bytes in memory, counted: readers may outlast the entry. */
struct archive_bytes {
    _Atomic uint32_t references;
    char *data; /* owned */
};

struct archive_list_own {
    struct archive_entry **entries; /* by ascending first_seq; each held */
    size_t count, capacity;
};

struct archive {
    const struct data_folder *folder; /* NULL: memory alone */
    uint64_t budget_bytes[ARCHIVE_PARTS];
    pthread_mutex_t lock; /* guards what follows */
    struct archive_list_own parts[ARCHIVE_PARTS];
    struct archive_list_own removed; /* whose files are still to be removed */
    uint64_t used_bytes[ARCHIVE_PARTS];
    uint64_t other_bytes[ARCHIVE_PARTS];
    size_t unwritten[ARCHIVE_PARTS];
    _Atomic uint64_t damaged, lost_ticks;
};

struct archive_bytes *archive_bytes_hold(struct archive_bytes *bytes);
void archive_bytes_put(struct archive_bytes *bytes); /* NULL is a no-op */

struct archive_entry *archive_entry_hold(struct archive_entry *entry);
void archive_entry_put(struct archive_entry *entry);

/* Puts an entry, whose reference it takes, in its place. Locked; 0 or -ENOMEM. */
int archive_insert(struct archive *archive, struct archive_entry *entry) MUST_CHECK;

/* Takes it out, and has its file removed later. Locked. */
void archive_remove(struct archive *archive, struct archive_entry *entry);

/* Removes the oldest of what is beyond the budget. Locked. */
void archive_keep_budget(struct archive *archive, enum archive_part part);

/* Finds the segments in the directory. 0 or -errno. */
int archive_scan(struct archive *archive) MUST_CHECK;

#endif
