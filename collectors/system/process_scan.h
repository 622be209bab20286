/*
 * The scanner of processes: a look at all of them below a procfs, compared with the look before.
 * Its state is kept between scans; one thread at a time but where told. It may block, since a
 * process can keep others from reading what is its own.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_SCAN_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_SCAN_H

#include "collectors/collector.h"
#include "collectors/process_list.h"
#include "collectors/system/process_reader.h"

/* Descriptors that are kept open, of all scanners; and at most a quarter of RLIMIT_NOFILE. */
#define PROCESS_DESCRIPTORS_MAX 1024

struct process_scan;

/* When a list was asked for: the tick's. */
struct process_moment {
    uint64_t seq;
    int64_t time_ms;
    int64_t mono_ns;
};

/* What others have of the descriptors is theirs. 0 or -errno, as -ENOENT: there is no procfs. */
__attribute__((warn_unused_result)) int process_scan_new(const struct collector_roots *roots,
                                                         unsigned held_by_others,
                                                         struct process_scan **out);
void process_scan_free(struct process_scan *scan); /* NULL is a no-op */

/*
 * A list, with one reference; NULL without memory, or where the procfs cannot be listed. What
 * cannot be read of a process costs that process alone, which is counted as unread. 0 or -errno,
 * also of a process whose stat is not understood (-EBADMSG), or found no descriptor.
 */
__attribute__((warn_unused_result)) int process_scan_run(struct process_scan *scan,
                                                         const struct process_moment *asked,
                                                         struct process_list **out);

/* The process that keeps it waiting; all zero where none does. Any thread. */
struct process_id process_scan_at(const struct process_scan *scan);

/* So long after its begin the scan that runs last came to another process. Any thread. */
int64_t process_scan_moved_ns(const struct process_scan *scan);

/* Descriptors that it keeps. Any thread. */
unsigned process_scan_kept(const struct process_scan *scan);

/* Before its first run: takes over which processes others were kept waiting by, and one more. */
void process_scan_quarantine(struct process_scan *scan, const struct process_scan *other,
                             struct process_id more);

#endif
