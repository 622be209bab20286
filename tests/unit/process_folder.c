#include "tests/unit/process_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MAX 4096

static int64_t now_ns = INT64_C(1000000000000);
static char opened[NAMES_MAX][32];
static unsigned opened_count;
static const char *denied;
static int denied_error;

/* Stands before the C library's. */
int openat(int folder, const char *path, int flags, ...)
{
    unsigned mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list rest;

        va_start(rest, flags);
        mode = va_arg(rest, unsigned);
        va_end(rest);
    }
    if (opened_count < NAMES_MAX)
        snprintf(opened[opened_count++], sizeof *opened, "%.31s", path);
    if (denied != NULL && strcmp(denied, path) == 0) {
        errno = denied_error;
        return -1;
    }
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* As above. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
    int64_t ns = now_ns + (clock == CLOCK_BOOTTIME ? BOOT_AHEAD_S * INT64_C(1000000000) : 0) +
                 (clock == CLOCK_REALTIME ? INT64_C(1700000000000000000) : 0);

    *out = (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    return 0;
}

unsigned process_folder_opens(const char *name)
{
    unsigned count = 0;

    for (unsigned index = 0; index < opened_count; index++) {
        if (strcmp(opened[index], name) == 0) {
            opened[index][0] = '\0';
            count++;
        }
    }
    return count;
}

void process_folder_deny(const char *name, int error)
{
    denied = name;
    denied_error = error;
}

void process_folder_make(struct process_folder *it)
{
    struct collector_roots roots;
    char procfs[80];

    *it = (struct process_folder){0};
    denied = NULL;
    opened_count = 0;
    folder_make(&it->folder);
    folder_write(&it->folder, "etc/passwd", "root:x:0:0::/:/bin/sh\nwww:x:33:33::/:/bin/sh\n");
    folder_write(&it->folder, "proc/loadavg", "0.21 0.37 0.39 1/719 19737\n");
    process_folder_busy(it, 0);
    snprintf(procfs, sizeof procfs, "%s/proc", it->folder.path);
    roots = (struct collector_roots){.procfs = procfs, .rootfs = it->folder.path};
    ck_assert_int_eq(process_scan_new(&roots, 0, &it->scan), 0);
}

void process_folder_remove(struct process_folder *it)
{
    process_list_put(it->list);
    process_scan_free(it->scan);
    folder_remove(&it->folder);
}

static void write_file(struct process_folder *it, unsigned pid, const char *name, const char *text)
{
    char path[64];

    snprintf(path, sizeof path, "proc/%u/%s", pid, name);
    folder_write(&it->folder, path, text);
}

/* Zeros cannot be in a text. */
static void write_command(struct process_folder *it, unsigned pid, const char *command)
{
    char path[160];
    FILE *file;

    write_file(it, pid, "cmdline", "");
    if (command == NULL)
        return;
    snprintf(path, sizeof path, "%s/proc/%u/cmdline", it->folder.path, pid);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (; *command != '\0'; command++)
        fputc(*command == '|' ? '\0' : *command, file);
    fclose(file);
}

void process_folder_put(struct process_folder *it, const struct process_files *files)
{
    char text[1024];

    snprintf(text, sizeof text,
             "%u (%s) %c %u 1 1 0 -1 %u %lu %lu 0 0 %lu 0 0 0 20 0 2 0 %lu 999 %lu 18446744073709"
             "551615 1 1 0 0\n",
             files->pid, files->name != NULL ? files->name : "sh",
             files->state != '\0' ? files->state : 'S', files->parent, files->flags, files->faults,
             files->child_faults, files->cpu_ticks, files->start_ticks, files->rss_pages);
    write_file(it, files->pid, "stat", text);
    snprintf(text, sizeof text, "999 %lu %lu 1 0 1 0\n", files->rss_pages, files->shared_pages);
    write_file(it, files->pid, "statm", text);
    snprintf(text, sizeof text, "Name:\tx\nUid:\t1\t%u\t1\t1\n", files->uid);
    write_file(it, files->pid, "status", text);
    snprintf(text, sizeof text,
             "rchar: 1\nread_bytes: %lu\nwrite_bytes: %lu\ncancelled_write_bytes: %lu\n",
             files->read_bytes, files->write_bytes, files->cancelled_bytes);
    write_file(it, files->pid, "io", text);
    write_command(it, files->pid, files->command);
}

void process_folder_drop(struct process_folder *it, unsigned pid)
{
    static const char *const names[] = {"stat", "statm", "status", "io", "cmdline"};
    char path[160];

    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        snprintf(path, sizeof path, "proc/%u/%s", pid, names[index]);
        folder_unlink(&it->folder, path);
    }
    snprintf(path, sizeof path, "%s/proc/%u", it->folder.path, pid);
    ck_assert_int_eq(rmdir(path), 0);
}

void process_folder_busy(struct process_folder *it, unsigned long ticks)
{
    char text[128];

    snprintf(text, sizeof text, "cpu  %lu 0 0 7 0 0 0 0\ncpu0 1\ncpu1 1\nintr 1\n", ticks);
    folder_write(&it->folder, "proc/stat", text);
}

void process_folder_scan(struct process_folder *it, int64_t after_ms)
{
    struct process_moment moment;

    now_ns += after_ms * 1000000;
    moment = (struct process_moment){
        .seq = it->list != NULL ? it->list->seq + 1 : 1, .time_ms = 5, .mono_ns = now_ns};
    process_list_put(it->list);
    it->result = process_scan_run(it->scan, &moment, &it->list);
}

const struct process_entry *process_folder_entry(const struct process_folder *it, unsigned pid)
{
    ck_assert_ptr_nonnull(it->list);
    for (size_t index = 0; index < it->list->count; index++) {
        if (it->list->entries[index].pid == pid)
            return &it->list->entries[index];
    }
    ck_abort_msg("no process %u", pid);
    return NULL;
}
