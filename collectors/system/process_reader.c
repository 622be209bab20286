#include "collectors/system/process_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define PATH_BYTES    32
/* Of status it is the ninth line that is wanted; the rest are short files. */
#define TEXT_BYTES 2048

_Static_assert(TEXT_BYTES >= PROCESS_COMMAND_MAX, "a command has room");

static int64_t mono_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int open_file(const struct process_reader *reader, uint32_t pid, const char *name)
{
    char path[PATH_BYTES];
    int fd;

    snprintf(path, sizeof path, "%u/%s", pid, name);
    fd = openat(reader->folder, path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static ssize_t read_file(const struct process_reader *reader, uint32_t pid, const char *name,
                         char *text, size_t bytes)
{
    int fd = open_file(reader, pid, name);
    ssize_t got;

    if (fd < 0)
        return fd;
    got = pread(fd, text, bytes, 0);
    if (got < 0)
        got = -errno;
    close(fd);
    return got;
}

/* --- stat --- */

/* One that is kept says ESRCH when its process has gone, whoever has the pid now. */
static ssize_t read_kept(struct process_reader *reader, struct process_known *known, char *text)
{
    ssize_t got = -ESRCH;

    if (known->fd < 0)
        return got;
    got = pread(known->fd, text, TEXT_BYTES, 0);
    if (got > 0)
        return got;
    close(known->fd);
    known->fd = -1;
    reader->kept--;
    return -ESRCH;
}

static ssize_t read_stat(struct process_reader *reader, struct process_known *known, char *text)
{
    ssize_t got = read_kept(reader, known, text);
    int fd;

    if (got > 0)
        return got;
    fd = open_file(reader, known->pid, "stat");
    if (fd < 0)
        return fd;
    got = pread(fd, text, TEXT_BYTES, 0);
    if (got < 0)
        got = -errno;
    if (got > 0 && reader->keeps && reader->kept < reader->kept_max) {
        known->fd = fd;
        reader->kept++;
    } else {
        close(fd);
    }
    return got;
}

static int error_of(ssize_t got)
{
    switch (got) {
    case -EACCES:
    case -EPERM:
        return -EACCES;
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE:
        return (int)got;
    default:
        return -ENOENT;
    }
}

/* --- what may have to be waited for --- */

static bool is_quarantined(const struct process_reader *reader, const struct process_known *known)
{
    for (size_t index = 0; index < PROCESS_QUARANTINE_MAX; index++) {
        if (reader->quarantine[index].pid == known->pid &&
            reader->quarantine[index].start_ticks == known->stat.start_ticks)
            return true;
    }
    return false;
}

static ssize_t read_waiting(struct process_reader *reader, const struct process_known *known,
                            const char *name, char *text, size_t bytes)
{
    ssize_t got;

    if (is_quarantined(reader, known))
        return -EACCES;
    atomic_store_explicit(&reader->at_start_ticks, known->stat.start_ticks, memory_order_relaxed);
    atomic_store_explicit(&reader->at_pid, known->pid, memory_order_release);
    got = read_file(reader, known->pid, name, text, bytes);
    atomic_store_explicit(&reader->at_pid, 0, memory_order_release);
    return got;
}

/* --- who it is --- */

/* The folder is the effective user's, but for processes that may not be looked into. */
static bool find_owner(const struct process_reader *reader, uint32_t pid, uint32_t *out)
{
    char path[PATH_BYTES];
    struct stat folder;

    snprintf(path, sizeof path, "%u", pid);
    if (fstatat(reader->folder, path, &folder, 0) < 0)
        return false;
    *out = folder.st_uid;
    return true;
}

static int read_user(struct process_reader *reader, struct process_known *known)
{
    char text[TEXT_BYTES];
    ssize_t got = read_waiting(reader, known, "status", text, sizeof text);
    struct process_text *name;
    uint32_t uid;

    if ((got <= 0 || pid_uid_parse(text, (size_t)got, &uid) < 0) &&
        !find_owner(reader, known->pid, &uid))
        return known->user != NULL ? 0 : -ENOENT;
    if (known->user != NULL && known->uid == uid)
        return 0;
    name = users_name(reader->users, uid);
    if (name == NULL)
        return -ENOMEM;
    process_text_put(known->user);
    known->user = name;
    known->uid = uid;
    return 0;
}

static bool is_same_text(const struct process_text *known, const char *text, size_t length)
{
    return known != NULL && known->length == length && memcmp(known->text, text, length) == 0;
}

/* Of one that is dying nothing can be read: it keeps what it had. */
static int read_command(struct process_reader *reader, struct process_known *known)
{
    char text[TEXT_BYTES];
    struct process_text *command;
    ssize_t got;
    size_t length;

    known->settled = true;
    if ((known->stat.flags & PID_STAT_KERNEL_THREAD) != 0)
        return 0;
    got = read_waiting(reader, known, "cmdline", text, PROCESS_COMMAND_MAX);
    if (got <= 0)
        return 0;
    length = pid_command_clean(text, (size_t)got);
    if (length == 0 || is_same_text(known->command, text, length))
        return 0;
    command = process_text_new(text, length);
    if (command == NULL)
        return -ENOMEM;
    process_text_put(known->command);
    known->command = command;
    return 0;
}

/* --- what it did --- */

static double cpu_between(const struct process_reader *reader, uint64_t ticks, int64_t ns)
{
    double cores;

    if (ns <= 0)
        return NAN;
    cores = (double)ticks / reader->ticks_hz / ((double)ns / (double)NS_PER_SECOND);
    return cores < reader->cpus ? cores : reader->cpus;
}

static double io_between(double bytes, int64_t ns)
{
    if (ns <= 0)
        return NAN;
    return bytes > 0 ? bytes / ((double)ns / (double)NS_PER_SECOND) : 0;
}

static double grown(uint64_t now, uint64_t before, uint64_t reaped)
{
    return (double)now - (double)before - (double)reaped;
}

/*
 * The rates since its last reading; since_ns is that, of one that began after it the begin of the
 * scan before, 0 where there is none. Only who waited for children was given theirs.
 */
static void read_io(struct process_reader *reader, struct process_known *known, int64_t since_ns)
{
    const bool waited = known->stat.children_faults != known->io_child_faults;
    const struct pid_io reaped = waited ? known->reaped : (struct pid_io){0};
    const struct pid_io former = known->io;
    char text[TEXT_BYTES];
    ssize_t got = read_waiting(reader, known, "io", text, sizeof text);
    struct pid_io io;
    int64_t now_ns;

    known->io_hidden = got <= 0 || pid_io_parse(text, (size_t)got, &io) < 0;
    known->read_rate = known->write_rate = NAN;
    if (known->io_hidden) {
        known->io_ns = 0;
        return;
    }
    now_ns = mono_ns();
    if (since_ns != 0) {
        known->read_rate = io_between(grown(io.read_bytes, former.read_bytes, reaped.read_bytes),
                                      now_ns - since_ns);
        known->write_rate = io_between(
            grown(io.write_bytes, former.write_bytes, reaped.write_bytes) -
                grown(io.cancelled_bytes, former.cancelled_bytes, reaped.cancelled_bytes),
            now_ns - since_ns);
    }
    known->io = io;
    known->io_ns = now_ns;
    known->io_child_faults = known->stat.children_faults;
    known->reaped = (struct pid_io){0};
}

/* What pages are not its own alone; threads of the kernel, and what has died, have none. */
static void read_memory(struct process_reader *reader, struct process_known *known)
{
    char text[TEXT_BYTES];
    struct pid_statm memory;
    ssize_t got;

    known->shared_pages = 0;
    if (known->stat.resident_pages == 0 || (known->stat.flags & PID_STAT_KERNEL_THREAD) != 0)
        return;
    got = read_file(reader, known->pid, "statm", text, sizeof text);
    if (got > 0 && pid_statm_parse(text, (size_t)got, &memory) == 0)
        known->shared_pages = memory.shared_pages < known->stat.resident_pages
                                  ? memory.shared_pages
                                  : known->stat.resident_pages;
}

/* --- looks --- */

static bool is_turn(const struct process_reader *reader, const struct process_known *known,
                    unsigned scans)
{
    return (reader->scan + known->pid) % scans == 0;
}

/* What began after the scan before did all that it did since then. */
static int look_first(struct process_reader *reader, struct process_known *known, int64_t now_ns)
{
    bool began = reader->since_ns != 0 && known->stat.start_ticks >= reader->since_ticks;
    int result;

    known->identified = true;
    known->looks = 1;
    known->cpu_cores =
        began ? cpu_between(reader, known->stat.cpu_ticks, now_ns - reader->since_ns) : NAN;
    /* What it has of children is its own: they were never seen. */
    known->io_child_faults = known->stat.children_faults;
    read_io(reader, known, began ? reader->since_ns : 0);
    read_memory(reader, known);
    result = read_user(reader, known);
    return result < 0 ? result : read_command(reader, known);
}

/*
 * Its io may have been read some looks ago, in which it had no tick of CPU time. One that now has
 * several did in this look what it read and wrote, so that a burst is not spread over its rest.
 */
static void rate_io(struct process_reader *reader, struct process_known *known, bool active,
                    uint64_t ticks)
{
    const bool woke = ticks > 1 && known->io_ns != 0 && known->read_ns > known->io_ns;

    if (known->io_hidden ? is_turn(reader, known, PROCESS_RARE_SCANS)
                         : active || is_turn(reader, known, PROCESS_IO_SCANS))
        read_io(reader, known, woke ? known->read_ns : known->io_ns);
    else
        known->read_rate = known->write_rate = known->io_hidden ? NAN : 0;
}

/* Daemons change their user, and execute another program, right after they began. */
static int look_who(struct process_reader *reader, struct process_known *known, bool renamed)
{
    bool due = renamed || is_turn(reader, known, PROCESS_RARE_SCANS);
    int result = 0;

    if (due || known->looks == 3)
        result = read_user(reader, known);
    if (result == 0 && (due || (known->looks == 3 && !known->settled)))
        result = read_command(reader, known);
    return result;
}

static int look_again(struct process_reader *reader, struct process_known *known,
                      const struct pid_stat *stat, int64_t now_ns)
{
    const struct pid_stat former = known->stat;
    const uint64_t ticks =
        stat->cpu_ticks > former.cpu_ticks ? stat->cpu_ticks - former.cpu_ticks : 0;

    known->stat = *stat;
    known->settled = false;
    known->cpu_cores = cpu_between(reader, ticks, now_ns - known->read_ns);
    if (stat->resident_pages != former.resident_pages)
        read_memory(reader, known);
    rate_io(reader, known,
            stat->cpu_ticks != former.cpu_ticks || stat->faults != former.faults ||
                stat->state != former.state || stat->children_faults != former.children_faults,
            ticks);
    return look_who(reader, known, memcmp(stat->name, former.name, sizeof stat->name) != 0);
}

static bool is_unchanged(const struct process_known *known, const char *text, size_t length)
{
    return known->identified && known->text_length == length &&
           memcmp(known->text, text, length) == 0;
}

static void keep_text(struct process_known *known, const char *text, size_t length)
{
    known->text_length = length <= sizeof known->text ? (uint32_t)length : 0;
    memcpy(known->text, text, known->text_length);
}

int process_read(struct process_reader *reader, struct process_table *table,
                 struct process_known *known)
{
    char text[TEXT_BYTES];
    ssize_t got = read_stat(reader, known, text);
    int64_t now_ns = mono_ns();
    struct pid_stat stat;
    int result;

    atomic_store_explicit(&reader->moved_ns, now_ns - reader->began_ns, memory_order_relaxed);
    if (got < 0)
        return error_of(got);
    if (is_unchanged(known, text, (size_t)got)) {
        known->looks++;
        known->cpu_cores = 0;
        known->read_ns = now_ns;
        rate_io(reader, known, false, 0);
        return look_who(reader, known, false);
    }
    result = pid_stat_parse(text, (size_t)got, &stat);
    if (result < 0)
        return result;
    if (known->identified && known->stat.start_ticks != stat.start_ticks)
        process_table_renew(table, known);
    if (known->identified) {
        known->looks++;
        result = look_again(reader, known, &stat, now_ns);
    } else {
        known->stat = stat;
        result = look_first(reader, known, now_ns);
    }
    keep_text(known, text, (size_t)got);
    known->read_ns = now_ns;
    return result;
}
