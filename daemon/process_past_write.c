#include <errno.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/process_past_own.h"

/* What a power cut may cost. */
#define SYNC_NS          (10 * NS_PER_SECOND)
#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)

/* --- removing --- */

static void remove_file(const struct process_past *past, const struct process_file_name *what)
{
    char name[PROCESS_FILE_NAME_SIZE];
    int result;

    process_file_name(what, name);
    result = data_folder_remove(past->folder, name);
    if (result < 0 && result != -ENOENT)
        log_warning("%s/%s: cannot remove it: %s", past->folder->path, name, strerror(-result));
}

static struct process_block *take_surplus(struct process_past *past)
{
    struct process_block *block = NULL;

    pthread_mutex_lock(&past->lock);
    if (past->count > 1 && process_past_used(past) > past->budget_bytes) {
        block = past->blocks[0];
        process_past_take(past, 0);
    }
    pthread_mutex_unlock(&past->lock);
    return block;
}

static void close_file(struct process_past *past)
{
    if (past->open != NULL)
        close(past->file.fd);
    past->open = NULL;
}

static void keep_budget(struct process_past *past)
{
    struct process_block *block;

    while ((block = take_surplus(past)) != NULL) {
        if (block == past->open)
            close_file(past);
        if (block->file_bytes > 0)
            remove_file(past, &block->name);
        process_block_free(block);
    }
}

/* --- writing --- */

struct work {
    struct process_block *block;
    struct buffer bytes; /* a copy of what is not written */
    uint32_t records;    /* of the block, with these */
};

static bool is_unwritten(const struct process_block *block)
{
    return block->bytes.size > block->written;
}

/* The oldest block with something to write. 1, 0 if there is none, or -ENOMEM. */
static int take_work(struct process_past *past, struct work *out)
{
    struct work work = {0};
    int result = 0;

    pthread_mutex_lock(&past->lock);
    for (size_t i = 0; i < past->count && work.block == NULL; i++) {
        if (is_unwritten(past->blocks[i]))
            work.block = past->blocks[i];
    }
    if (work.block != NULL) {
        const struct process_block *block = work.block;

        buffer_append(&work.bytes, block->bytes.data + block->written,
                      block->bytes.size - block->written);
        work.records = block->records;
        result = work.bytes.failed ? -ENOMEM : 1;
    }
    if (result == 1)
        past->writing = work.block;
    pthread_mutex_unlock(&past->lock);
    *out = work;
    return result;
}

/* What it wrote is known to be in the file. */
static void end_work(struct process_past *past, const struct work *work, int result)
{
    struct process_block *block = work->block;

    pthread_mutex_lock(&past->lock);
    past->writing = NULL;
    if (past->open == block)
        block->file_bytes = past->file.size;
    if (result == 0) {
        block->written += work->bytes.size;
        block->written_lists = work->records;
    }
    pthread_mutex_unlock(&past->lock);
}

static int sync_records(struct process_past *past)
{
    int result = past->is_unsynced && past->open != NULL ? record_file_sync(&past->file) : 0;

    if (result == 0)
        past->is_unsynced = false;
    return result;
}

/* Only one file is open: the one before is whole. */
static int open_file(struct process_past *past, const struct process_block *block)
{
    int synced, result;

    if (past->open == block)
        return 0;
    synced = sync_records(past);
    close_file(past);
    result = process_file_create(past->folder, past->epoch, &block->name, &past->file);
    if (result < 0)
        return result;
    past->open = block;
    past->is_new_unsynced = true;
    return synced;
}

static int write_work(struct process_past *past, const struct work *work)
{
    struct iovec part = record_part(work->bytes.data, work->bytes.size);
    int result = open_file(past, work->block);

    if (result < 0)
        return result;
    past->is_unsynced = true;
    return record_file_append(&past->file, &part, 1);
}

static int write_all(struct process_past *past)
{
    struct work work;
    int result;

    while ((result = take_work(past, &work)) == 1) {
        result = write_work(past, &work);
        end_work(past, &work, result);
        buffer_finish(&work.bytes);
        if (result < 0)
            break;
    }
    return result;
}

/* Those that are whole are read from their files from now on. */
static void release_written(struct process_past *past)
{
    pthread_mutex_lock(&past->lock);
    for (size_t i = 0; i < past->count; i++) {
        struct process_block *block = past->blocks[i];

        if (block->is_closed && block->bytes.data != NULL && !is_unwritten(block)) {
            buffer_finish(&block->bytes);
            block->written = 0;
        }
    }
    pthread_mutex_unlock(&past->lock);
}

static int sync_if_due(struct process_past *past)
{
    const int64_t now_ns = clock_mono_ns();
    int result, named = 0;

    if (now_ns - past->synced_ns < SYNC_NS)
        return 0;
    past->synced_ns = now_ns;
    result = sync_records(past);
    if (past->is_new_unsynced)
        named = data_folder_sync(past->folder);
    if (named == 0)
        past->is_new_unsynced = false;
    return result < 0 ? result : named;
}

/* On a disk that is nearly full one list fits and another does not: at most a line a minute. */
static void tell(struct process_past *past, int result)
{
    const int64_t now_ns = clock_mono_ns();
    const bool is_silent = result == past->told || now_ns < past->silent_until_ns;

    pthread_mutex_lock(&past->lock);
    past->failures += result < 0;
    if (result == 0 && !is_silent)
        past->is_loss_told = past->lost == 0;
    pthread_mutex_unlock(&past->lock);
    if (is_silent)
        return;
    if (result < 0)
        log_warning("%s: cannot write the past of the processes: %s: it is kept in memory, writing "
                    "is tried at each list",
                    past->folder->path, strerror(-result));
    else
        log_info("%s: the past of the processes is written again", past->folder->path);
    past->told = result;
    past->silent_until_ns = result < 0 ? 0 : now_ns + MESSAGE_EVERY_NS;
}

int process_past_write(struct process_past *past)
{
    int result, synced;

    if (past->folder == NULL)
        return 0;
    keep_budget(past); /* first: it makes room */
    result = write_all(past);
    release_written(past);
    keep_budget(past);
    synced = sync_if_due(past);
    if (result == 0)
        result = synced;
    tell(past, result);
    return result;
}
