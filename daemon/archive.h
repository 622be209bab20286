/*
 * The sealed history: segments of ticks (the seconds) and of minutes, in order, each part within a
 * budget of bytes. A segment is in memory from when it is made until it is in a file of the data
 * directory; without a directory it stays there. The oldest goes first.
 *
 * Readers take a list of what there is and open its segments one by one. What is damaged or cannot
 * be read is told, counted, and a gap from then on.
 */
#ifndef TACHO_DAEMON_ARCHIVE_H
#define TACHO_DAEMON_ARCHIVE_H

#include <stdatomic.h>

#include "daemon/buffer.h"
#include "daemon/data_folder.h"
#include "daemon/scope.h"
#include "daemon/segment.h"

enum archive_part { ARCHIVE_SECONDS, ARCHIVE_MINUTES, ARCHIVE_PARTS };

/* While the directory takes nothing, so many segments of a part wait in memory. */
#define ARCHIVE_MAX_UNWRITTEN 64

struct archive_bytes;

struct archive_entry {
    enum archive_part part;
    uint64_t first_seq, last_seq; /* ticks; both inclusive */
    int64_t first_ms, last_ms;    /* the least and the greatest wall time of its points */
    bool merged;                  /* minutes: of several segments, and not merged again */
    uint64_t size;                /* of the segment, bytes */

    /* The archive's own, under its lock. */
    _Atomic uint32_t references;
    struct archive_bytes *bytes; /* in memory; NULL: in the file alone */
    bool written, removed, damaged;
};

struct archive_list {
    struct archive_entry **entries; /* by ascending first_seq; each held */
    size_t count;
};

/* An open segment, and what keeps it readable. */
struct archived {
    struct segment segment;
    int fd;
    struct archive_bytes *bytes;
};

struct archive_counts {
    uint64_t used_bytes, budget_bytes;
    uint64_t first_seq; /* 0: the part is empty */
    int64_t first_ms;
    size_t unwritten; /* segments in memory that are to be in files */
};

struct archive;

/*
 * Finds the segments that the directory has, by their names; reads none. NULL: there is no
 * directory. The folder outlives it. 0 or -errno.
 */
int archive_new(const struct data_folder *folder, const uint64_t budget_bytes[ARCHIVE_PARTS],
                struct archive **out) MUST_CHECK;
void archive_free(struct archive *archive); /* what is not written is lost; NULL is a no-op */

/* The directory's path, or "memory". Any thread. */
const char *archive_path(const struct archive *archive);

/* Has nothing any more; files are left where they are. */
void archive_forget(struct archive *archive);

/* --- any thread; short --- */

/*
 * Adds a segment, whose memory it takes, also on failure. what: all but the archive's own. 0 or
 * -ENOMEM.
 */
int archive_add(struct archive *archive, const struct archive_entry *what,
                struct buffer *segment) MUST_CHECK;

/* Adds one in the place of others, which go. Takes the memory as above; 0 or -ENOMEM. */
int archive_replace(struct archive *archive, const struct archive_list *former,
                    const struct archive_entry *what, struct buffer *segment) MUST_CHECK;

/* What there is now, but for what is known to be damaged; to be finished. 0 or -ENOMEM. */
int archive_list(struct archive *archive, enum archive_part part,
                 struct archive_list *out) MUST_CHECK;
void archive_list_finish(struct archive_list *list);

/* The last tick that the part has; 0 if it is empty. */
uint64_t archive_last_seq(struct archive *archive, enum archive_part part);

/*
 * What else counts in the part's budget, up to half of it: files that are not segments, rows in
 * memory.
 */
void archive_charge(struct archive *archive, enum archive_part part, uint64_t other_bytes);

/* Another budget, which holds at once. */
void archive_limit(struct archive *archive, enum archive_part part, uint64_t budget_bytes);

struct archive_counts archive_count(struct archive *archive, enum archive_part part);

/* Since the start: segments found damaged or unreadable; ticks that were dropped unwritten. */
uint64_t archive_damaged(const struct archive *archive);
uint64_t archive_lost_ticks(const struct archive *archive);

/* --- workers, and the archive's thread: may block --- */

/*
 * -ENODATA: it was removed, or is known to be damaged; -EBADMSG and others: it is, from now on, or
 * cannot be read now, which was told and counted.
 */
int archive_open(struct archive *archive, struct archive_entry *entry,
                 struct archived *out) MUST_CHECK;
void archived_finish(struct archived *archived);

/* A block of an open segment was damaged: told and counted, and once for each entry. */
void archive_note_damage(struct archive *archive, struct archive_entry *entry, int error);

/*
 * Writes what is not written and removes the files of what was removed. 0, or the first -errno,
 * which the caller tells; what failed is tried again at the next call.
 */
int archive_write(struct archive *archive) MUST_CHECK;

/*
 * Whether segments in files have so many ticks of first_seq to last_seq, or all that the archive
 * has is newer.
 */
bool archive_has_written(struct archive *archive, uint64_t first_seq, uint64_t last_seq,
                         uint64_t tick_count);

#endif
