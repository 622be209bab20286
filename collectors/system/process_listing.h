/* Which processes there are: the folders of a procfs that are named by numbers. */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_LISTING_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_LISTING_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* However little has changed, they are listed once in so many times. */
#define PROCESS_LISTING_SCANS 10

/* Caller's memory; all zero is a closed one. */
struct process_listing {
    DIR *folder;
    bool on_procfs; /* the kernel's, no folder of text files */
    uint32_t *pids; /* ascending */
    size_t count;
    size_t capacity;
    size_t beyond;  /* more than a list can have: those of the highest pids */
    uint64_t forks; /* of the machine, when they were listed; 0: not known */
    nlink_t links;  /* of the folder, which count the processes there are */
    unsigned age;   /* questions since then */
};

/* 0 or -errno; then too process_listing_close() is right. */
__attribute__((warn_unused_result)) int process_listing_open(struct process_listing *listing,
                                                             const char *procfs);
void process_listing_close(struct process_listing *listing);

/*
 * Lists them, unless none can have come or gone: none was forked since the machine had so many
 * forks (0: not known), and there are as many as there were. Only what the listing is told here
 * tells it of those that become visible: it lists anew soon. 0 or -errno.
 */
__attribute__((warn_unused_result)) int process_listing_read(struct process_listing *listing,
                                                             uint64_t forks);

/* The next read lists them in any case: what it says is not what was found. */
void process_listing_doubt(struct process_listing *listing);

/* The first process always is: where it is not listed others may not be either. */
bool process_listing_hides(const struct process_listing *listing);

#endif
