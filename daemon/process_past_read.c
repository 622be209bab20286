#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/process_past_own.h"

/* --- one block --- */

static struct process_block *find(const struct process_past *past, uint64_t number)
{
    for (size_t i = 0; i < past->count; i++) {
        if (past->blocks[i]->name.number == number)
            return past->blocks[i];
    }
    return NULL;
}

/* The block's bytes. -ENODATA: it is no more. */
static int fetch(struct process_past *past, const struct process_file_name *what,
                 struct process_block_bytes *out)
{
    const struct process_block *block;
    struct buffer bytes = {0};
    uint32_t records = 0;
    size_t start = 0;
    int result;

    pthread_mutex_lock(&past->lock);
    block = find(past, what->number);
    if (block != NULL) {
        buffer_append(&bytes, block->bytes.data, block->bytes.size);
        records = block->records;
    }
    pthread_mutex_unlock(&past->lock);
    if (block == NULL)
        return -ENODATA;
    if (bytes.failed)
        return -ENOMEM;
    if (bytes.size == 0 && past->folder == NULL)
        return -ENODATA;
    if (bytes.size == 0) {
        buffer_finish(&bytes);
        start = sizeof(struct record_file_head);
        result = process_file_load(past->folder, what, &bytes);
        if (result == 0)
            result = process_file_judge(&bytes, past->epoch, what->number);
        if (result < 0) {
            buffer_finish(&bytes);
            return result;
        }
    }
    *out = (struct process_block_bytes){.bytes = bytes, .start = start, .records = records};
    return 0;
}

/* Whether the block is still there, and it was not told that it cannot be read. */
static bool note_told(struct process_past *past, uint64_t number, uint32_t place)
{
    struct process_block *block;
    bool is_first;

    pthread_mutex_lock(&past->lock);
    block = find(past, number);
    is_first = block != NULL && !block->is_told;
    if (is_first) {
        block->is_told = true;
        past->damaged += block->records > place ? block->records - place : 1;
    }
    pthread_mutex_unlock(&past->lock);
    return is_first;
}

static void tell_damage(struct process_past *past, const struct process_file_name *what,
                        uint32_t place)
{
    char name[PROCESS_FILE_NAME_SIZE];

    process_file_name(what, name);
    if (note_told(past, what->number, place))
        log_warning("%s/%s: damaged: what follows its first %u lists is a gap in the past of the "
                    "processes",
                    past->folder != NULL ? past->folder->path : "memory", name, place);
}

static bool is_foreign(int error)
{
    return error == -ESTALE || error == -EPROTONOSUPPORT;
}

/* What another history or another version wrote is kept, under a name that this one passes over. */
static void put_aside(struct process_past *past, const struct process_file_name *what, int error)
{
    char name[PROCESS_FILE_NAME_SIZE], aside[DATA_NAME_MAX];
    struct process_block *block;
    int result;

    pthread_mutex_lock(&past->lock);
    block = find(past, what->number);
    /* One that this daemon wrote may be the writer's. */
    if (block != NULL && block->written_lists > 0)
        block = NULL;
    for (size_t i = 0; block != NULL && i < past->count; i++) {
        if (past->blocks[i] == block) {
            process_past_take(past, i);
            break;
        }
    }
    pthread_mutex_unlock(&past->lock);
    if (block == NULL)
        return;
    process_block_free(block);
    process_file_name(what, name);
    result = data_folder_set_aside(past->folder, name, aside);
    log_warning("%s/%s: of another %s: %s%s", past->folder->path, name,
                error == -ESTALE ? "history" : "version",
                result < 0 ? "it cannot be renamed: " : "it is now ",
                result < 0 ? strerror(-result) : aside);
}

/* Tells of a file that could not be read; what is to be answered. */
static int refuse(struct process_past *past, const struct process_file_name *what, int error)
{
    char name[PROCESS_FILE_NAME_SIZE];

    if (error == -ENODATA || error == -ENOMEM || error == -EMFILE || error == -ENFILE)
        return error; /* the file is not to blame */
    if (is_foreign(error)) {
        put_aside(past, what, error);
        return -ENODATA;
    }
    process_file_name(what, name);
    if (note_told(past, what->number, 0))
        log_warning("%s/%s: %s: its lists are a gap in the past of the processes",
                    past->folder->path, name, error == -EBADMSG ? "damaged" : strerror(-error));
    /* One that was removed meanwhile is not told of. */
    return error == -EBADMSG || error == -ENOENT ? -ENODATA : error;
}

/* What is unrolled of the block, which is the caller's until it is put back; NULL: nothing is. */
static struct process_unrolled *take_unrolled(struct process_past *past, uint64_t number,
                                              bool *is_whole)
{
    struct process_unrolled *unrolled;
    const struct process_block *block;

    pthread_mutex_lock(&past->lock);
    block = find(past, number);
    unrolled = past->unrolled;
    if (unrolled != NULL && unrolled->number == number)
        past->unrolled = NULL;
    else
        unrolled = NULL;
    *is_whole = unrolled != NULL && block != NULL && unrolled->from.records == block->records;
    pthread_mutex_unlock(&past->lock);
    return unrolled;
}

static void put_unrolled(struct process_past *past, struct process_unrolled *unrolled)
{
    struct process_unrolled *former;

    unrolled->used_ns = clock_mono_ns();
    pthread_mutex_lock(&past->lock);
    former = past->unrolled;
    past->unrolled = unrolled;
    pthread_mutex_unlock(&past->lock);
    process_unrolled_free(former);
}

/* With all the lists that the block has by now. */
static int unroll(struct process_past *past, const struct process_file_name *what,
                  struct process_unrolled **out)
{
    struct process_block_bytes from;
    bool is_whole;
    struct process_unrolled *unrolled = take_unrolled(past, what->number, &is_whole);
    int result;

    if (unrolled != NULL && is_whole) {
        *out = unrolled;
        return 0;
    }
    result = fetch(past, what, &from);
    if (result < 0) {
        process_unrolled_free(unrolled);
        return result;
    }
    if (unrolled != NULL && from.records > unrolled->from.records) {
        process_unrolled_extend(unrolled, &from);
        *out = unrolled;
        return 0;
    }
    process_unrolled_free(unrolled);
    return process_unrolled_new(what->number, &from, out);
}

/* The first list at the moment or after it, if its span has the moment. */
static int search_block(struct process_past *past, const struct process_file_name *what,
                        int64_t at_ms, struct process_list **out)
{
    struct process_unrolled *unrolled = NULL;
    struct process_list *list = NULL;
    int result = unroll(past, what, &unrolled);

    if (result < 0)
        return refuse(past, what, result);
    result = process_unrolled_find(unrolled, at_ms, &list);
    if (result == -ENODATA && unrolled->reading.is_damaged)
        tell_damage(past, what, unrolled->reading.place);
    if (result == -ENOMEM)
        process_unrolled_free(unrolled);
    else
        put_unrolled(past, unrolled);
    if (result == 0 && list->time_ms - list->span_ms > at_ms + PROCESS_PAST_NEAR_MS) {
        process_list_put(list);
        return -ENODATA;
    }
    if (result == 0)
        *out = list;
    return result;
}

/* --- a moment --- */

/* What is known of a block without reading it. */
struct outline {
    struct process_file_name name;
    int64_t last_ms;
};

struct outlines {
    struct outline *items;
    size_t count;
    int64_t newest_ms, newest_span_ms;
};

static int outline_all(struct process_past *past, struct outlines *out)
{
    struct outlines all;

    pthread_mutex_lock(&past->lock);
    all = (struct outlines){.items = calloc(past->count + 1, sizeof *all.items),
                            .newest_ms = past->newest_ms,
                            .newest_span_ms = past->newest_span_ms};
    for (; all.items != NULL && all.count < past->count; all.count++) {
        const struct process_block *block = past->blocks[all.count];

        all.items[all.count] = (struct outline){.name = block->name, .last_ms = block->last_ms};
    }
    pthread_mutex_unlock(&past->lock);
    if (all.items == NULL)
        return -ENOMEM;
    *out = all;
    return 0;
}

/* Whether the moment can be in the span of a list of this block. */
static bool may_have(const struct outline *block, int64_t at_ms)
{
    const struct process_file_name *name = &block->name;

    if (at_ms > block->last_ms)
        return false;
    /* Before it: in the span of its first list, unless that of another had it already. */
    return at_ms >= name->first_ms || at_ms > name->before_ms || name->before_ms > name->first_ms;
}

/* Another list should have been there when the newest is older than that. */
static int64_t end_of_newest(const struct outlines *all)
{
    const int64_t every_ms =
        all->newest_span_ms > PROCESS_PAST_EVERY_MS ? all->newest_span_ms : PROCESS_PAST_EVERY_MS;

    return all->newest_ms + every_ms + PROCESS_PAST_LATE_MS;
}

int process_past_read(struct process_past *past, int64_t at_ms, struct process_list **out)
{
    struct outlines all;
    int result = outline_all(past, &all);

    if (result < 0)
        return result;
    if (at_ms > all.newest_ms && at_ms <= end_of_newest(&all))
        at_ms = all.newest_ms;
    result = -ENODATA;
    for (size_t i = all.count; i > 0 && result == -ENODATA; i--) {
        if (may_have(&all.items[i - 1], at_ms))
            result = search_block(past, &all.items[i - 1].name, at_ms, out);
    }
    free(all.items);
    return result;
}

/* --- what the directory has --- */

static int on_name(void *arg, const char *name)
{
    struct process_past *past = arg;
    struct process_file_name what;
    struct process_block *block;
    struct stat status;
    int result;

    if (!process_file_parse_name(name, &what) ||
        fstatat(past->folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(status.st_mode))
        return 0;
    block = calloc(1, sizeof *block);
    if (block == NULL)
        return -ENOMEM;
    block->name = what;
    block->file_bytes = (uint64_t)status.st_size;
    block->is_closed = true;
    result = process_past_append(past, block);
    if (result < 0)
        process_block_free(block);
    return result;
}

static int compare(const void *a, const void *b)
{
    const struct process_block *left = *(struct process_block *const *)a;
    const struct process_block *right = *(struct process_block *const *)b;

    return (left->name.number > right->name.number) - (left->name.number < right->name.number);
}

/* Reads a block as a whole: how many lists it has, and when the last one was. */
static int survey(struct process_past *past, struct process_block *block)
{
    struct process_reading reading;
    struct process_block_bytes from;
    int result = fetch(past, &block->name, &from);

    if (result < 0)
        return result;
    result = process_reading_start(&reading, (uint8_t *)from.bytes.data + from.start,
                                   from.bytes.size - from.start);
    if (result == 0) {
        while ((result = process_reading_next(&reading)) == 1) {
            past->newest_ms = block->last_ms = process_record_time_ms(reading.block);
            past->newest_span_ms = process_record_span_ms(reading.block);
        }
        block->records = reading.place;
    }
    if (result == 0 && reading.is_damaged)
        tell_damage(past, &block->name, reading.place);
    process_reading_finish(&reading);
    buffer_finish(&from.bytes);
    return result;
}

/* Until one has a list: what is behind it in the directory is damaged, or another history's. */
static int survey_newest(struct process_past *past)
{
    size_t i = past->count;
    int result = 0;

    while (i > 0 && past->newest_ms == 0 && result != -ENOMEM) {
        struct process_block *block = past->blocks[--i];
        const struct process_file_name what = block->name;

        result = survey(past, block);
        if (result < 0)
            result = refuse(past, &what, result);
    }
    return result == -ENOMEM ? result : 0;
}

int process_past_scan(struct process_past *past)
{
    int result = data_folder_list(past->folder, on_name, past);

    if (result < 0)
        return result;
    if (past->count > 0)
        qsort(past->blocks, past->count, sizeof(struct process_block *), compare);
    for (size_t i = 0; i < past->count; i++) {
        struct process_block *block = past->blocks[i];

        block->last_ms = block->name.first_ms;
        if (i + 1 < past->count && past->blocks[i + 1]->name.before_ms > block->last_ms)
            block->last_ms = past->blocks[i + 1]->name.before_ms;
    }
    result = survey_newest(past);
    if (past->count > 0) {
        const struct process_block *newest = past->blocks[past->count - 1];

        past->next_number = newest->name.number + (newest->records > 0 ? newest->records : 1);
    }
    return result;
}
