/*
 * A procfs of text files with processes in it, for tests of the scanner of processes; and its
 * clocks, which stand still until they are set. A test that links this has openat(2), pread(2) and
 * clock_gettime(2) of its own.
 */
#ifndef TACHO_TESTS_UNIT_PROCESS_FOLDER_H
#define TACHO_TESTS_UNIT_PROCESS_FOLDER_H

#include <stdint.h>

#include "collectors/system/process_scan.h"
#include "tests/unit/support.h"

/* Of USER_HZ, which is 100 on any Linux that this is tested on. */
#define TICKS_HZ 100
/* CLOCK_BOOTTIME is so much ahead of CLOCK_MONOTONIC, which begins at 1000 s. */
#define BOOT_AHEAD_S 50

/* What a process is told to be; zeros are good values. */
struct process_files {
    unsigned pid;
    const char *name;    /* NULL: "sh" */
    const char *command; /* '|' stands for a zero; NULL: none */
    char state;          /* 0: S */
    unsigned parent, flags, uid;
    unsigned long faults, child_faults, cpu_ticks, start_ticks, rss_pages, shared_pages;
    unsigned long read_bytes, write_bytes, cancelled_bytes;
};

struct process_folder {
    struct folder folder;
    struct process_scan *scan;
    struct process_list *list; /* the newest */
    int result;                /* of the newest scan */
};

/* Procfs, an etc/passwd with root and "www" (33), and a scanner. */
void process_folder_make(struct process_folder *it);
void process_folder_remove(struct process_folder *it);

/* Puts all its files there. */
void process_folder_put(struct process_folder *it, const struct process_files *files);
void process_folder_drop(struct process_folder *it, unsigned pid);

/* /proc/stat with so many ticks of user, on two CPUs. */
void process_folder_busy(struct process_folder *it, unsigned long ticks);

/* A scan so many milliseconds after the one before. */
void process_folder_scan(struct process_folder *it, int64_t after_ms);

/* Of the newest list. Fails the test if it is not there. */
const struct process_entry *process_folder_entry(const struct process_folder *it, unsigned pid);

/* Files that were opened below the folder since the last question, of this name ("12/io"). */
unsigned process_folder_opens(const char *name);

/* Opening the file of this name gives this error; NULL: none does. */
void process_folder_deny(const char *name, int error);

#endif
