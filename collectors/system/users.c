#include "collectors/system/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/array.h"
#include "collectors/number.h"
#include "collectors/parse.h"

struct user {
    uint32_t uid;
    uint32_t place; /* in the file */
    struct process_text *name;
};

static void forget(struct users *users)
{
    for (size_t index = 0; index < users->count; index++)
        process_text_put(users->items[index].name);
    users->count = 0;
}

int users_init(struct users *users, const char *rootfs)
{
    *users = (struct users){0};
    if (asprintf(&users->path, "%s/etc/passwd", rootfs) < 0) {
        users->path = NULL;
        return -ENOMEM;
    }
    return 0;
}

void users_finish(struct users *users)
{
    forget(users);
    free(users->items);
    free(users->path);
    *users = (struct users){0};
}

/* "root:x:0:0:root:/root:/bin/sh" */
static bool parse_line(struct scanner line, struct span *name, uint32_t *uid)
{
    struct span ignored;
    uint64_t number;

    if (!scan_until(&line, ':', name) || name->length == 0 || !scan_until(&line, ':', &ignored) ||
        !scan_u64(&line, &number) || number > UINT32_MAX || !scan_char(&line, ':'))
        return false;
    *uid = (uint32_t)number;
    return true;
}

static void add(struct users *users, struct span name, uint32_t uid)
{
    struct user *items =
        array_reserve(users->items, &users->capacity, users->count + 1, sizeof *items);
    struct process_text *text;

    if (items == NULL)
        return;
    users->items = items;
    text = process_text_new(name.at, name.length);
    if (text == NULL)
        return;
    items[users->count] = (struct user){uid, (uint32_t)users->count, text};
    users->count++;
}

static int compare(const void *left, const void *right)
{
    const struct user *a = left, *b = right;

    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static void drop_doubles(struct users *users)
{
    size_t kept = 0;

    for (size_t index = 0; index < users->count; index++) {
        if (kept > 0 && users->items[kept - 1].uid == users->items[index].uid)
            process_text_put(users->items[index].name);
        else
            users->items[kept++] = users->items[index];
    }
    users->count = kept;
}

static void take(struct users *users, const char *text, size_t length)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;

    while (scan_line(&scanner, &line)) {
        struct span name;
        uint32_t uid;

        if (parse_line(line, &name, &uid))
            add(users, name, uid);
    }
    if (users->count == 0)
        return;
    qsort(users->items, users->count, sizeof *users->items, compare);
    drop_doubles(users);
}

/* The file's bytes; NULL where they cannot be had, or are too many. */
static char *read_file(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t used = 0, capacity = 0;
    char *text = NULL;
    ssize_t got = -1;

    if (fd < 0)
        return NULL;
    do {
        char *grown = array_reserve(text, &capacity, used + 4096, 1);

        if (grown == NULL)
            break;
        text = grown;
        got = read(fd, text + used, capacity - used);
        used += got > 0 ? (size_t)got : 0;
    } while (got > 0 && used <= USERS_FILE_MAX);
    close(fd);
    if (got != 0) {
        free(text);
        return NULL;
    }
    *length = used;
    return text;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool users_refresh(struct users *users)
{
    struct stat now;
    size_t length;
    char *text;

    if (stat(users->path, &now) < 0 || !S_ISREG(now.st_mode))
        memset(&now, 0, sizeof now);
    if (is_same(&now, &users->seen))
        return false;
    text = S_ISREG(now.st_mode) ? read_file(users->path, &length) : NULL;
    /* As without a descriptor: names stay as they were, and the next time it is tried again. */
    if (text == NULL && S_ISREG(now.st_mode) && now.st_size <= (off_t)USERS_FILE_MAX)
        return false;
    users->seen = now;
    forget(users);
    if (text != NULL)
        take(users, text, length);
    free(text);
    return true;
}

struct process_text *users_name(const struct users *users, uint32_t uid)
{
    size_t from = 0, to = users->count;
    char digits[NUMBER_MAX];

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (users->items[middle].uid == uid)
            return process_text_hold(users->items[middle].name);
        if (users->items[middle].uid < uid)
            from = middle + 1;
        else
            to = middle;
    }
    return process_text_new(digits, number_format_u64(uid, digits));
}
