#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/archive_name.h"
#include "daemon/archive_own.h"
#include "daemon/log.h"

const char *archive_path(const struct archive *archive)
{
    return archive->folder ? archive->folder->path : "memory";
}

/* --- what the directory has --- */

static int on_name(void *arg, const char *name)
{
    struct archive *archive = arg;
    struct archive_entry what = {0}, *entry;
    struct stat status;

    if (!archive_name_parse(name, &what) ||
        fstatat(archive->folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(status.st_mode))
        return 0;
    entry = malloc(sizeof *entry);
    if (!entry)
        return -ENOMEM;
    *entry = what;
    entry->size = (uint64_t)status.st_size;
    entry->written = true;
    atomic_init(&entry->references, 1);
    if (archive_insert(archive, entry) == 0)
        return 0;
    free(entry);
    return -ENOMEM;
}

static bool covers(const struct archive_entry *entry, const struct archive_entry *other)
{
    return entry->first_seq <= other->first_seq && entry->last_seq >= other->last_seq;
}

/* A crash may leave what was merged beside what it was merged from, which then goes. */
static void remove_covered(struct archive *archive, enum archive_part part)
{
    struct archive_list_own *list = &archive->parts[part];

    for (size_t i = 1; i < list->count;) {
        struct archive_entry *former = list->entries[i - 1], *entry = list->entries[i];

        if (covers(former, entry)) {
            archive_remove(archive, entry);
        } else if (entry->first_seq <= former->last_seq) {
            archive_remove(archive, former);
            i = i > 1 ? i - 1 : 1;
        } else {
            i++;
        }
    }
}

int archive_scan(struct archive *archive)
{
    int result = data_folder_list(archive->folder, on_name, archive);

    for (size_t i = 0; i < ARCHIVE_PARTS; i++) {
        remove_covered(archive, (enum archive_part)i);
        archive_keep_budget(archive, (enum archive_part)i);
    }
    return result;
}

/* --- reading --- */

/* The entry's bytes, held, or NULL where it is in its file alone. -ENODATA: it is no more. */
static int find_bytes(struct archive *archive, struct archive_entry *entry,
                      struct archive_bytes **out)
{
    int result = 0;

    pthread_mutex_lock(&archive->lock);
    if (entry->damaged || (entry->removed && !entry->bytes))
        result = -ENODATA;
    else
        *out = archive_bytes_hold(entry->bytes);
    pthread_mutex_unlock(&archive->lock);
    return result;
}

void archive_note_damage(struct archive *archive, struct archive_entry *entry, int error)
{
    char name[ARCHIVE_NAME_BYTES];
    bool first;

    pthread_mutex_lock(&archive->lock);
    first = !entry->damaged && !entry->removed;
    entry->damaged = true;
    pthread_mutex_unlock(&archive->lock);
    if (!first)
        return;
    atomic_fetch_add(&archive->damaged, 1);
    archive_name(entry, name);
    log_warning("%s/%s: %s: the ticks %" PRIu64 " to %" PRIu64 " are a gap in the history",
                archive_path(archive), name,
                error == -EBADMSG           ? "damaged"
                : error == -EPROTONOSUPPORT ? "of a version that this tachod does not know"
                                            : strerror(-error),
                entry->first_seq, entry->last_seq);
}

/* What another version wrote is kept for that one, under a name that this one passes over. */
static void put_aside(struct archive *archive, struct archive_entry *entry)
{
    char name[ARCHIVE_NAME_BYTES], aside[ARCHIVE_NAME_BYTES + 16];

    archive_name(entry, name);
    snprintf(aside, sizeof aside, "unknown-%s", name);
    if (renameat(archive->folder->fd, name, archive->folder->fd, aside) == 0)
        log_warning("%s/%s is %s now", archive_path(archive), name, aside);
}

static int open_segment(struct archive *archive, const struct archive_entry *entry,
                        struct archived *archived)
{
    struct segment_source source = {.fd = -1, .size = entry->size};
    char name[ARCHIVE_NAME_BYTES];
    struct stat status;

    if (archived->bytes) {
        source.data = (const uint8_t *)archived->bytes->data;
        return segment_open(&archived->segment, &source);
    }
    archive_name(entry, name);
    archived->fd = openat(archive->folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (archived->fd < 0 || fstat(archived->fd, &status) < 0)
        return -errno;
    source.fd = archived->fd;
    source.size = (uint64_t)status.st_size;
    return segment_open(&archived->segment, &source);
}

static bool is_removed(struct archive *archive, const struct archive_entry *entry)
{
    bool removed;

    pthread_mutex_lock(&archive->lock);
    removed = entry->removed;
    pthread_mutex_unlock(&archive->lock);
    return removed;
}

int archive_open(struct archive *archive, struct archive_entry *entry, struct archived *out)
{
    struct archived archived = {.fd = -1};
    int result = find_bytes(archive, entry, &archived.bytes);

    if (result < 0)
        return result;
    result = open_segment(archive, entry, &archived);
    if (result == 0) {
        *out = archived;
        return 0;
    }
    archive_bytes_put(archived.bytes);
    if (archived.fd >= 0)
        close(archived.fd);
    if (result == -ENOENT && is_removed(archive, entry))
        return -ENODATA;
    if (result == -ENOMEM || result == -EMFILE || result == -ENFILE)
        return result; /* the segment is not to blame */
    archive_note_damage(archive, entry, result);
    if (result == -EPROTONOSUPPORT && archive->folder)
        put_aside(archive, entry);
    return result;
}

void archived_finish(struct archived *archived)
{
    segment_finish(&archived->segment);
    archive_bytes_put(archived->bytes);
    if (archived->fd >= 0)
        close(archived->fd);
    *archived = (struct archived){.fd = -1};
}

/* --- writing --- */

/* The oldest that is not in its file, held, or NULL. */
static struct archive_entry *next_unwritten(struct archive *archive)
{
    struct archive_entry *entry = NULL;

    pthread_mutex_lock(&archive->lock);
    for (size_t part = 0; part < ARCHIVE_PARTS && !entry; part++) {
        const struct archive_list_own *list = &archive->parts[part];

        /* They are the newest ones. */
        for (size_t i = list->count; i > 0 && archive->unwritten[part] > 0; i--) {
            if (!list->entries[i - 1]->written)
                entry = list->entries[i - 1];
        }
    }
    if (entry)
        archive_entry_hold(entry);
    pthread_mutex_unlock(&archive->lock);
    return entry;
}

static void note_written(struct archive *archive, struct archive_entry *entry)
{
    pthread_mutex_lock(&archive->lock);
    if (!entry->removed) {
        archive->unwritten[entry->part]--;
        entry->written = true;
        archive_bytes_put(entry->bytes);
        entry->bytes = NULL;
    }
    pthread_mutex_unlock(&archive->lock);
}

static void remove_file(const struct archive *archive, const char *name)
{
    int result = data_folder_remove(archive->folder, name);

    if (result < 0 && result != -ENOENT)
        log_warning("%s/%s: cannot remove it: %s", archive_path(archive), name, strerror(-result));
}

static int write_entry(struct archive *archive, struct archive_entry *entry)
{
    char name[ARCHIVE_NAME_BYTES];
    int result;

    archive_name(entry, name);
    result = data_folder_replace(archive->folder, name, entry->bytes->data, (size_t)entry->size);
    if (result == 0)
        note_written(archive, entry);
    /* Removed while it was being written: nobody else removes the file. */
    if (result == 0 && is_removed(archive, entry))
        remove_file(archive, name);
    return result;
}

/* A file that was merged stays until what it was merged into is a file. Locked. */
static bool is_needed(const struct archive *archive, const struct archive_entry *removed)
{
    const struct archive_list_own *list = &archive->parts[removed->part];

    for (size_t i = 0; i < list->count; i++) {
        if (!list->entries[i]->written && covers(list->entries[i], removed))
            return true;
    }
    return false;
}

static struct archive_entry *take_removed(struct archive *archive)
{
    struct archive_list_own *list = &archive->removed;
    struct archive_entry *entry = NULL;
    size_t i = 0;

    pthread_mutex_lock(&archive->lock);
    while (i < list->count && is_needed(archive, list->entries[i]))
        i++;
    if (i < list->count) {
        entry = list->entries[i];
        list->entries[i] = list->entries[--list->count];
    }
    pthread_mutex_unlock(&archive->lock);
    return entry;
}

static void remove_files(struct archive *archive)
{
    struct archive_entry *entry;

    while ((entry = take_removed(archive)) != NULL) {
        char name[ARCHIVE_NAME_BYTES];

        archive_name(entry, name);
        remove_file(archive, name);
        archive_entry_put(entry);
    }
}

int archive_write(struct archive *archive)
{
    struct archive_entry *entry;
    int result = 0;

    if (!archive->folder)
        return 0;
    remove_files(archive); /* first: it makes room */
    while (result == 0 && (entry = next_unwritten(archive)) != NULL) {
        result = write_entry(archive, entry);
        archive_entry_put(entry);
    }
    remove_files(archive);
    return result;
}
