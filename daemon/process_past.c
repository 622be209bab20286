#include "daemon/process_past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/process_past_own.h"
#include "daemon/process_top.h"

/* Files take whole blocks of most file systems. */
#define FILE_BLOCK_BYTES 4096
/* Of the budget, what may wait in memory for a disk. */
#define UNWRITTEN_SHARE 4

_Static_assert(PROCESS_ORDERS *PROCESS_PAST_TOP <= PROCESS_RECORD_ENTRIES,
               "what is kept of a list has room in a record");

int process_past_new(const struct process_past_options *options, struct process_past **out)
{
    struct process_past *past = calloc(1, sizeof *past);
    int result = 0;

    if (past == NULL)
        return -ENOMEM;
    past->folder = options->folder;
    past->budget_bytes = options->budget_bytes;
    past->next_number = 1;
    past->synced_ns = clock_mono_ns();
    memcpy(past->epoch, options->epoch, RECORD_EPOCH_CHARS);
    pthread_mutex_init(&past->lock, NULL);
    if (past->folder != NULL)
        result = process_past_scan(past);
    if (result < 0) {
        process_past_free(past);
        return result;
    }
    *out = past;
    return 0;
}

void process_past_free(struct process_past *past)
{
    if (past == NULL)
        return;
    for (size_t i = 0; i < past->count; i++)
        process_block_free(past->blocks[i]);
    free(past->blocks);
    if (past->open != NULL)
        close(past->file.fd);
    process_unrolled_free(past->unrolled);
    process_record_free(past->encoder);
    buffer_finish(&past->frame);
    pthread_mutex_destroy(&past->lock);
    free(past);
}

/* --- blocks --- */

void process_block_free(struct process_block *block)
{
    buffer_finish(&block->bytes);
    free(block);
}

int process_past_append(struct process_past *past, struct process_block *block)
{
    struct process_block **grown = array_reserve(past->blocks, &past->capacity, past->count + 1,
                                                 sizeof(struct process_block *));

    if (grown == NULL)
        return -ENOMEM;
    past->blocks = grown;
    grown[past->count++] = block;
    return 0;
}

void process_past_take(struct process_past *past, size_t index)
{
    past->count--;
    memmove(past->blocks + index, past->blocks + index + 1,
            (past->count - index) * sizeof(struct process_block *));
}

static uint64_t on_disk(uint64_t bytes)
{
    return (bytes + FILE_BLOCK_BYTES - 1) / FILE_BLOCK_BYTES * FILE_BLOCK_BYTES;
}

static uint64_t unwritten_of(const struct process_block *block)
{
    return block->bytes.size > block->written ? block->bytes.size - block->written : 0;
}

uint64_t process_past_unwritten(const struct process_past *past)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < past->count; i++)
        bytes += unwritten_of(past->blocks[i]);
    return bytes;
}

uint64_t process_past_used(const struct process_past *past)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < past->count; i++) {
        const struct process_block *block = past->blocks[i];

        bytes += past->folder != NULL ? on_disk(block->file_bytes + unwritten_of(block))
                                      : block->bytes.size + sizeof *block;
    }
    return bytes;
}

/* --- adding --- */

static struct process_block *newest_of(const struct process_past *past)
{
    return past->count > 0 ? past->blocks[past->count - 1] : NULL;
}

/* Gives back what the buffer has too much. */
static void close_block(struct process_block *block)
{
    char *fitting;

    block->is_closed = true;
    if (block->bytes.size == 0)
        return;
    fitting = realloc(block->bytes.data, block->bytes.size);
    if (fitting != NULL) {
        block->bytes.data = fitting;
        block->bytes.capacity = block->bytes.size;
    }
}

/* Within a block time does not go back, so that its list of a moment is found. */
static bool has_room(const struct process_block *block, const struct process_list *list)
{
    return !block->is_closed && block->records < PROCESS_FILE_RECORDS &&
           block->bytes.size < PROCESS_FILE_BYTES && list->time_ms >= block->last_ms;
}

/* Locked. */
static int begin_block(struct process_past *past, const struct process_list *list,
                       struct process_block **out)
{
    struct process_block *block = calloc(1, sizeof *block), *former = newest_of(past);

    if (block == NULL)
        return -ENOMEM;
    block->name = (struct process_file_name){
        .number = past->next_number, .first_ms = list->time_ms, .before_ms = past->newest_ms};
    block->last_ms = list->time_ms;
    if (former != NULL && !former->is_closed)
        close_block(former);
    if (process_past_append(past, block) < 0) {
        process_block_free(block);
        return -ENOMEM;
    }
    *out = block;
    return 0;
}

static int renew_encoder(struct process_past *past)
{
    process_record_free(past->encoder);
    past->encoder = NULL;
    return process_record_new(&past->encoder);
}

/* What the file has of the block stays; what it has not is lost. */
static void lose(struct process_past *past, size_t index)
{
    struct process_block *block = past->blocks[index];

    past->lost += block->records - block->written_lists;
    block->records = block->written_lists;
    block->is_closed = true;
    if (block->file_bytes == 0) {
        process_past_take(past, index);
        process_block_free(block);
        return;
    }
    block->bytes.size = block->written;
}

/* Locked. What waits for a disk that takes nothing has a bound; without a disk all has. */
static void bound_memory(struct process_past *past)
{
    size_t i = 0;

    while (past->folder == NULL && past->count > 1 &&
           process_past_used(past) > past->budget_bytes) {
        struct process_block *oldest = past->blocks[0];

        process_past_take(past, 0);
        process_block_free(oldest);
    }
    while (past->folder != NULL && i < past->count &&
           process_past_unwritten(past) > past->budget_bytes / UNWRITTEN_SHARE) {
        const struct process_block *block = past->blocks[i];
        const size_t before = past->count;

        if (unwritten_of(block) > 0 && block != past->writing)
            lose(past, i);
        i += past->count == before;
    }
}

/* Locked. Appends what is in the frame. */
static int keep(struct process_past *past, struct process_block *block,
                const struct process_list *list)
{
    buffer_append(&block->bytes, past->frame.data, past->frame.size);
    if (block->bytes.failed) {
        block->bytes.failed = false;
        return -ENOMEM;
    }
    block->records++;
    block->last_ms = list->time_ms;
    past->next_number++;
    past->newest_ms = list->time_ms;
    past->newest_span_ms = list->span_ms;
    return 0;
}

/* Locked. Makes the frame of a list for the newest block, or for a new one; *out is that. */
static int frame(struct process_past *past, const struct process_list *list,
                 const uint32_t *indices, size_t count, struct process_block **out)
{
    struct process_block *newest = newest_of(past);
    int result = -ENOSPC;

    past->frame.size = 0;
    if (newest != NULL && has_room(newest, list))
        result =
            process_file_frame(past->encoder, list, indices, count, newest->records, &past->frame);
    if (result != -ENOSPC) {
        *out = newest;
        return result;
    }
    result = renew_encoder(past);
    if (result == 0)
        result = process_file_frame(past->encoder, list, indices, count, 0, &past->frame);
    return result < 0 ? result : begin_block(past, list, out);
}

/* Locked. */
static int add(struct process_past *past, const struct process_list *list, const uint32_t *indices,
               size_t count)
{
    struct process_block *block = NULL;
    int result = frame(past, list, indices, count, &block);

    if (result == 0)
        result = keep(past, block, list);
    if (result == 0) {
        bound_memory(past);
        return 0;
    }
    /* The coder may know of a list that the block has not. */
    block = newest_of(past);
    if (block == NULL)
        return result;
    block->is_closed = true;
    if (block->records == 0 && block->file_bytes == 0 && block != past->writing) {
        process_past_take(past, past->count - 1);
        process_block_free(block);
    }
    return result;
}

/* Locked. What was unrolled, and is to be freed: nobody asked of it for long. */
static struct process_unrolled *take_unused(struct process_past *past)
{
    struct process_unrolled *unrolled = past->unrolled;

    if (unrolled == NULL || clock_mono_ns() - unrolled->used_ns < PROCESS_PAST_READ_NS)
        return NULL;
    past->unrolled = NULL;
    return unrolled;
}

int process_past_add(struct process_past *past, const struct process_list *list)
{
    uint32_t indices[PROCESS_ORDERS * PROCESS_PAST_TOP];
    const size_t count = process_top_union(list, PROCESS_PAST_TOP, indices);
    struct process_unrolled *unused;
    bool is_loss_new;
    int result;

    pthread_mutex_lock(&past->lock);
    result = add(past, list, indices, count);
    is_loss_new = past->lost > 0 && !past->is_loss_told;
    past->is_loss_told = past->is_loss_told || is_loss_new;
    unused = take_unused(past);
    pthread_mutex_unlock(&past->lock);
    process_unrolled_free(unused);
    if (is_loss_new)
        log_warning("%s: the past of the processes could not be written for so long that the "
                    "oldest of it is lost",
                    past->folder->path);
    return result;
}

/* --- counting --- */

/* Of blocks that were not read their numbers tell. */
static uint64_t count_records(const struct process_past *past)
{
    uint64_t records = 0;

    for (size_t i = 0; i < past->count; i++) {
        const struct process_block *block = past->blocks[i];

        if (block->records > 0 || i + 1 == past->count)
            records += block->records;
        else
            records += past->blocks[i + 1]->name.number - block->name.number;
    }
    return records;
}

struct process_past_counts process_past_count(struct process_past *past)
{
    struct process_past_counts counts;

    pthread_mutex_lock(&past->lock);
    counts = (struct process_past_counts){
        .budget_bytes = past->budget_bytes,
        .used_bytes = process_past_used(past),
        .records = count_records(past),
        .first_ms = past->count > 0 ? past->blocks[0]->name.first_ms : 0,
        .last_ms = past->count > 0 ? past->newest_ms : 0,
        .failures = past->failures,
        .damaged = past->damaged,
        .lost = past->lost,
    };
    pthread_mutex_unlock(&past->lock);
    return counts;
}
