#include "daemon/data_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "collectors/number.h"
#include "collectors/parse.h"
#include "daemon/clock.h"

#define LOCK_NAME    "lock"
#define FORMAT_NAME  "format"
#define FORMAT_TEXT  "tacho 1\n"
#define ASIDE_PREFIX "aside-"
#define ASIDE_TRIES  1000

/* Not an option of data_folder_open_file(): the directory itself may be a link to another. */
static int open_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static int make_directory(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -errno;
}

/* Makes the directory and those above it that are missing. 0 or -errno. */
static int make_directories(const char *path)
{
    char *part = strdup(path);
    int result = 0;

    if (!part)
        return -ENOMEM;
    for (char *slash = strchr(part, '/'); slash && result == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (*part)
            result = make_directory(part);
        *slash = '/';
    }
    if (result == 0)
        result = make_directory(part);
    free(part);
    return result;
}

static int open_or_make(const char *path)
{
    int fd = open_directory(path);
    int result;

    if (fd != -ENOENT)
        return fd;
    result = make_directories(path);
    return result < 0 ? result : open_directory(path);
}

/* The file's first bytes, with a NUL behind them: how many, or -errno. */
static ssize_t read_text(int fd, char *text, size_t capacity)
{
    ssize_t size = TEMP_FAILURE_RETRY(pread(fd, text, capacity - 1, 0));

    if (size < 0)
        return -errno;
    text[size] = '\0';
    return size;
}

static pid_t read_pid(int fd)
{
    char text[NUMBER_MAX];
    ssize_t size = read_text(fd, text, sizeof text);
    struct scanner scanner = scanner_over(text, size > 0 ? (size_t)size : 0);
    uint64_t pid;

    return scan_u64(&scanner, &pid) && pid <= INT_MAX ? (pid_t)pid : 0;
}

/* For whoever comes later. On a full disk it stays empty, and the lock holds all the same. */
static void write_pid(int fd)
{
    char text[NUMBER_MAX + 1];
    size_t size = number_format_u64((uint64_t)getpid(), text);

    text[size++] = '\n';
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, text, size, 0);
}

static int take_lock(struct data_folder *folder)
{
    int fd = data_folder_open_file(folder, LOCK_NAME, O_RDWR | O_CREAT);

    if (fd < 0)
        return fd;
    folder->lock_fd = fd;
    if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) != 0) {
        if (errno == EWOULDBLOCK) {
            folder->other_pid = read_pid(fd);
            return -EBUSY;
        }
        if (errno != ENOLCK && errno != EOPNOTSUPP && errno != ENOSYS)
            return -errno;
        folder->unlocked = true;
    }
    write_pid(fd);
    return 0;
}

/* Makes the sub-folder that is moved to; a second one of the same second has a number. */
static int make_aside(const struct data_folder *folder, char aside[DATA_NAME_MAX])
{
    long long seconds = clock_now().real_ns / NS_PER_SECOND;

    for (int number = 1; number <= ASIDE_TRIES; number++) {
        if (number == 1)
            snprintf(aside, DATA_NAME_MAX, ASIDE_PREFIX "%lld", seconds);
        else
            snprintf(aside, DATA_NAME_MAX, ASIDE_PREFIX "%lld-%d", seconds, number);
        if (mkdirat(folder->fd, aside, 0700) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return -errno;
}

struct move {
    const struct data_folder *folder;
    const char *aside;
    size_t moved;
};

static bool stays(const char *name)
{
    return strcmp(name, LOCK_NAME) == 0 || strcmp(name, FORMAT_NAME) == 0 ||
           strcmp(name, "lost+found") == 0 ||
           strncmp(name, ASIDE_PREFIX, strlen(ASIDE_PREFIX)) == 0;
}

static int move_entry(const struct data_folder *folder, const char *aside, const char *name)
{
    char target[DATA_NAME_MAX + NAME_MAX + 1];

    snprintf(target, sizeof target, "%s/%s", aside, name);
    return renameat(folder->fd, name, folder->fd, target) == 0 ? 0 : -errno;
}

static int move_listed(void *arg, const char *name)
{
    struct move *move = arg;

    if (stays(name))
        return 0;
    move->moved++;
    return move_entry(move->folder, move->aside, name);
}

int data_folder_move_aside(const struct data_folder *folder, char aside[DATA_NAME_MAX])
{
    struct move move = {.folder = folder, .aside = aside};
    int result = make_aside(folder, aside);

    if (result < 0)
        return result;
    do {
        /* A listing may miss entries of a directory that changes meanwhile. */
        move.moved = 0;
        result = data_folder_list(folder, move_listed, &move);
    } while (result == 0 && move.moved > 0);
    return result;
}

/* Of another format. Its format goes last: a crash repeats this. */
static int move_format_aside(struct data_folder *folder)
{
    int result = data_folder_move_aside(folder, folder->aside);

    if (result < 0)
        return result;
    result = move_entry(folder, folder->aside, FORMAT_NAME);
    return result == -ENOENT ? 0 : result;
}

static int is_ours(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, "series") == 0 || strncmp(name, "rows-", strlen("rows-")) == 0;
}

/* 1 if what is there is of our format, 0 if not, -ENOENT if nothing is there, or -errno. */
static int judge_format(const struct data_folder *folder)
{
    char text[sizeof FORMAT_TEXT + 1];
    AUTO_CLOSE int fd = data_folder_open_file(folder, FORMAT_NAME, O_RDONLY);
    ssize_t size;
    int result;

    if (fd == -ENOENT) {
        /* Files of ours that nobody says the format of are as good as of another. */
        result = data_folder_list(folder, is_ours, NULL);
        return result == 0 ? -ENOENT : result < 0 ? result : 0;
    }
    if (fd < 0)
        return fd;
    size = read_text(fd, text, sizeof text);
    return size < 0 ? (int)size : strcmp(text, FORMAT_TEXT) == 0;
}

static int remove_draft(void *arg, const char *name)
{
    const struct data_folder *folder = arg;
    const char *ending = strrchr(name, '.');

    if (ending && strcmp(ending, ".part") == 0)
        (void)!data_folder_remove(folder, name);
    return 0;
}

static int prepare(struct data_folder *folder)
{
    int result = take_lock(folder);

    if (result < 0)
        return result;
    result = judge_format(folder);
    if (result == 1)
        return data_folder_list(folder, remove_draft, folder);
    if (result == 0)
        result = move_format_aside(folder);
    if (result < 0 && result != -ENOENT)
        return result;
    return data_folder_replace(folder, FORMAT_NAME, FORMAT_TEXT, strlen(FORMAT_TEXT));
}

int data_folder_open(const char *path, struct data_folder *out)
{
    struct data_folder folder = {.fd = -1, .lock_fd = -1, .path = strdup(path)};
    int result = -ENOMEM;

    if (!folder.path)
        return result;
    folder.fd = open_or_make(path);
    result = folder.fd < 0 ? folder.fd : prepare(&folder);
    if (result < 0) {
        out->other_pid = folder.other_pid;
        data_folder_close(&folder);
        return result;
    }
    *out = folder;
    return 0;
}

void data_folder_close(struct data_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    if (folder->lock_fd >= 0)
        close(folder->lock_fd);
    free(folder->path);
    *folder = (struct data_folder){.fd = -1, .lock_fd = -1};
}
