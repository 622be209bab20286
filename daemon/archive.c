#include "daemon/archive.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/archive_own.h"
#include "daemon/log.h"

/* Files take whole blocks of most file systems. */
#define FILE_BLOCK_BYTES 4096

struct archive_bytes *archive_bytes_hold(struct archive_bytes *bytes)
{
    if (bytes)
        atomic_fetch_add(&bytes->references, 1);
    return bytes;
}

void archive_bytes_put(struct archive_bytes *bytes)
{
    if (!bytes || atomic_fetch_sub(&bytes->references, 1) != 1)
        return;
    free(bytes->data);
    free(bytes);
}

/* Takes the buffer's memory, also on failure. */
static struct archive_bytes *make_bytes(struct buffer *buffer)
{
    struct archive_bytes *bytes = malloc(sizeof *bytes);

    if (!bytes || buffer->failed) {
        buffer_finish(buffer);
        free(bytes);
        return NULL;
    }
    atomic_init(&bytes->references, 1);
    bytes->data = realloc(buffer->data, buffer->size);
    if (!bytes->data)
        bytes->data = buffer->data; /* as large as it was */
    *buffer = (struct buffer){0};
    return bytes;
}

struct archive_entry *archive_entry_hold(struct archive_entry *entry)
{
    atomic_fetch_add(&entry->references, 1);
    return entry;
}

void archive_entry_put(struct archive_entry *entry)
{
    if (atomic_fetch_sub(&entry->references, 1) != 1)
        return;
    archive_bytes_put(entry->bytes);
    free(entry);
}

static int list_append(struct archive_list_own *list, struct archive_entry *entry)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        struct archive_entry **larger = reallocarray(list->entries, capacity, sizeof *larger);

        if (!larger)
            return -ENOMEM;
        list->entries = larger;
        list->capacity = capacity;
    }
    list->entries[list->count++] = entry;
    return 0;
}

static void list_free(struct archive_list_own *list)
{
    for (size_t i = 0; i < list->count; i++)
        archive_entry_put(list->entries[i]);
    free(list->entries);
}

static uint64_t cost_of(const struct archive *archive, const struct archive_entry *entry)
{
    if (!archive->folder)
        return entry->size;
    return (entry->size + FILE_BLOCK_BYTES - 1) / FILE_BLOCK_BYTES * FILE_BLOCK_BYTES;
}

int archive_insert(struct archive *archive, struct archive_entry *entry)
{
    struct archive_list_own *list = &archive->parts[entry->part];
    size_t at;

    if (list_append(list, entry) < 0)
        return -ENOMEM;
    for (at = list->count - 1; at > 0 && list->entries[at - 1]->first_seq > entry->first_seq; at--)
        list->entries[at] = list->entries[at - 1];
    list->entries[at] = entry;
    archive->used_bytes[entry->part] += cost_of(archive, entry);
    archive->unwritten[entry->part] += !entry->written;
    return 0;
}

void archive_remove(struct archive *archive, struct archive_entry *entry)
{
    struct archive_list_own *list = &archive->parts[entry->part];
    size_t at = 0;

    while (at < list->count && list->entries[at] != entry)
        at++;
    if (at == list->count)
        return;
    list->count--;
    for (; at < list->count; at++)
        list->entries[at] = list->entries[at + 1];
    entry->removed = true;
    archive->used_bytes[entry->part] -= cost_of(archive, entry);
    archive->unwritten[entry->part] -= !entry->written;
    /* Where memory is short the file stays, and is there again after the next start. */
    if (!entry->written || list_append(&archive->removed, entry) < 0)
        archive_entry_put(entry);
}

void archive_keep_budget(struct archive *archive, enum archive_part part)
{
    struct archive_list_own *list = &archive->parts[part];

    while (list->count > 1 &&
           archive->used_bytes[part] + archive->other_bytes[part] > archive->budget_bytes[part])
        archive_remove(archive, list->entries[0]);
}

/*
 * What no file took for so long is lost: the oldest of it. What was merged stays: until it is in a
 * file its sources are. Locked.
 */
static void bound_unwritten(struct archive *archive, enum archive_part part)
{
    struct archive_list_own *list = &archive->parts[part];

    if (!archive->folder || archive->unwritten[part] <= ARCHIVE_MAX_UNWRITTEN)
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct archive_entry *entry = list->entries[i];

        if (entry->written || entry->merged)
            continue;
        if (part == ARCHIVE_SECONDS)
            atomic_fetch_add(&archive->lost_ticks, entry->last_seq - entry->first_seq + 1);
        archive_remove(archive, entry);
        return;
    }
}

int archive_new(const struct data_folder *folder, const uint64_t budget_bytes[ARCHIVE_PARTS],
                struct archive **out)
{
    struct archive *archive = calloc(1, sizeof *archive);
    int result;

    if (!archive)
        return -ENOMEM;
    archive->folder = folder;
    for (size_t i = 0; i < ARCHIVE_PARTS; i++)
        archive->budget_bytes[i] = budget_bytes[i];
    pthread_mutex_init(&archive->lock, NULL);
    result = folder ? archive_scan(archive) : 0;
    if (result < 0) {
        archive_free(archive);
        return result;
    }
    *out = archive;
    return 0;
}

void archive_free(struct archive *archive)
{
    if (!archive)
        return;
    for (size_t i = 0; i < ARCHIVE_PARTS; i++)
        list_free(&archive->parts[i]);
    list_free(&archive->removed);
    pthread_mutex_destroy(&archive->lock);
    free(archive);
}

void archive_forget(struct archive *archive)
{
    pthread_mutex_lock(&archive->lock);
    for (size_t i = 0; i < ARCHIVE_PARTS; i++) {
        struct archive_list_own *list = &archive->parts[i];

        for (; list->count > 0; list->count--) {
            list->entries[list->count - 1]->removed = true;
            archive_entry_put(list->entries[list->count - 1]);
        }
        archive->used_bytes[i] = 0;
        archive->unwritten[i] = 0;
    }
    pthread_mutex_unlock(&archive->lock);
}

static struct archive_entry *make_entry(const struct archive_entry *what, struct buffer *segment)
{
    struct archive_entry *entry = malloc(sizeof *entry);
    const uint64_t size = segment->size;

    if (!entry) {
        buffer_finish(segment);
        return NULL;
    }
    *entry = (struct archive_entry){.part = what->part,
                                    .first_seq = what->first_seq,
                                    .last_seq = what->last_seq,
                                    .first_ms = what->first_ms,
                                    .last_ms = what->last_ms,
                                    .merged = what->merged,
                                    .size = size,
                                    .bytes = make_bytes(segment)};
    atomic_init(&entry->references, 1);
    if (entry->bytes)
        return entry;
    free(entry);
    return NULL;
}

int archive_replace(struct archive *archive, const struct archive_list *former,
                    const struct archive_entry *what, struct buffer *segment)
{
    struct archive_entry *entry = make_entry(what, segment);
    int result;

    if (!entry)
        return -ENOMEM;
    pthread_mutex_lock(&archive->lock);
    result = archive_insert(archive, entry);
    for (size_t i = 0; result == 0 && former && i < former->count; i++)
        archive_remove(archive, former->entries[i]);
    if (result == 0) {
        archive_keep_budget(archive, what->part);
        bound_unwritten(archive, what->part);
    }
    pthread_mutex_unlock(&archive->lock);
    if (result < 0)
        archive_entry_put(entry);
    return result;
}

int archive_add(struct archive *archive, const struct archive_entry *what, struct buffer *segment)
{
    return archive_replace(archive, NULL, what, segment);
}

int archive_list(struct archive *archive, enum archive_part part, struct archive_list *out)
{
    const struct archive_list_own *list = &archive->parts[part];
    struct archive_list copy = {0};

    pthread_mutex_lock(&archive->lock);
    copy.entries = calloc(list->count + 1, sizeof(struct archive_entry *));
    for (size_t i = 0; copy.entries && i < list->count; i++) {
        if (!list->entries[i]->damaged)
            copy.entries[copy.count++] = archive_entry_hold(list->entries[i]);
    }
    pthread_mutex_unlock(&archive->lock);
    if (!copy.entries)
        return -ENOMEM;
    *out = copy;
    return 0;
}

void archive_list_finish(struct archive_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        archive_entry_put(list->entries[i]);
    free(list->entries);
    *list = (struct archive_list){0};
}

uint64_t archive_last_seq(struct archive *archive, enum archive_part part)
{
    const struct archive_list_own *list = &archive->parts[part];
    uint64_t seq;

    pthread_mutex_lock(&archive->lock);
    seq = list->count > 0 ? list->entries[list->count - 1]->last_seq : 0;
    pthread_mutex_unlock(&archive->lock);
    return seq;
}

void archive_charge(struct archive *archive, enum archive_part part, uint64_t other_bytes)
{
    pthread_mutex_lock(&archive->lock);
    archive->other_bytes[part] = other_bytes;
    archive_keep_budget(archive, part);
    pthread_mutex_unlock(&archive->lock);
}

void archive_limit(struct archive *archive, enum archive_part part, uint64_t budget_bytes)
{
    pthread_mutex_lock(&archive->lock);
    archive->budget_bytes[part] = budget_bytes;
    archive_keep_budget(archive, part);
    pthread_mutex_unlock(&archive->lock);
}

/* Whether files of segments have so many ticks of first_seq to last_seq. */
bool archive_has_written(struct archive *archive, uint64_t first_seq, uint64_t last_seq,
                         uint64_t tick_count)
{
    const struct archive_list_own *list = &archive->parts[ARCHIVE_SECONDS];
    uint64_t found = 0;

    pthread_mutex_lock(&archive->lock);
    for (size_t i = 0; i < list->count; i++) {
        const struct archive_entry *entry = list->entries[i];
        uint64_t from = entry->first_seq > first_seq ? entry->first_seq : first_seq;
        uint64_t to = entry->last_seq < last_seq ? entry->last_seq : last_seq;

        if (entry->written && from <= to)
            found += to - from + 1;
    }
    /* What was older than the oldest is not wanted any more. */
    if (list->count > 0 && list->entries[0]->first_seq > last_seq)
        found = tick_count;
    pthread_mutex_unlock(&archive->lock);
    return found >= tick_count;
}

struct archive_counts archive_count(struct archive *archive, enum archive_part part)
{
    const struct archive_list_own *list = &archive->parts[part];
    struct archive_counts counts;

    pthread_mutex_lock(&archive->lock);
    counts = (struct archive_counts){
        .used_bytes = archive->used_bytes[part] + archive->other_bytes[part],
        .budget_bytes = archive->budget_bytes[part],
        .first_seq = list->count > 0 ? list->entries[0]->first_seq : 0,
        .first_ms = list->count > 0 ? list->entries[0]->first_ms : 0,
        .unwritten = archive->folder ? archive->unwritten[part] : 0,
    };
    pthread_mutex_unlock(&archive->lock);
    return counts;
}

uint64_t archive_damaged(const struct archive *archive)
{
    return atomic_load(&archive->damaged);
}

uint64_t archive_lost_ticks(const struct archive *archive)
{
    return atomic_load(&archive->lost_ticks);
}
