#include "daemon/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/block.h"
#include "daemon/log.h"
#include "daemon/row_reading.h"

/* More than a damaged log had. */
#define LOST_IDS 65536

struct recovering {
    const struct recovery_options *options;
    struct recovery *out;
    struct archive_list sealed; /* when it began */
    struct known_series known;
    struct segment_writer *writer;
    struct row_reading newest; /* kept for the head */
    bool has_damaged_rows;
    bool has_lost_ids; /* a record of the log is damaged: somebody's id is not known */
};

static int seal(struct recovering *recovering, const struct row_reading *reading)
{
    struct archive_entry what;
    struct buffer segment = {0};
    int result =
        block_encode(&reading->block, reading->by_slot, recovering->writer, &what, &segment);

    if (result == 0)
        return archive_add(recovering->options->archive, &what, &segment);
    buffer_finish(&segment);
    return result == -ENODATA ? 0 : result;
}

/* Whether the file is of any use. */
static int read_rows(struct recovering *recovering, const char *name, struct row_reading *reading,
                     bool *is_useless)
{
    const struct data_folder *folder = recovering->options->folder;
    uint64_t damaged = 0;
    int result = row_reading_read(reading, folder, name, recovering->out->log.epoch, &damaged);

    if (result == -ENOMEM)
        return result;
    recovering->has_lost_ids = recovering->has_lost_ids || reading->has_unknown;
    *is_useless =
        reading->block.tick_count == 0 && (result == 0 || result == -ESTALE || result == -EBADMSG);
    if (damaged > 0 || (result < 0 && result != -ESTALE)) {
        recovering->out->damaged_files++;
        recovering->has_damaged_rows = true;
        log_warning("%s/%s: %s: ticks of it may be a gap in the history", folder->path, name,
                    result < 0 ? strerror(-result) : "damaged");
    }
    return 0;
}

static void keep_newest(struct recovering *recovering, struct row_reading *reading,
                        struct recovered_file *file)
{
    const struct block *block = &reading->block;

    file->first_seq = block->ticks[0].seq;
    file->last_seq = block->ticks[block->tick_count - 1].seq;
    file->tick_count = block->tick_count;
    row_reading_finish(&recovering->newest);
    recovering->newest = *reading;
}

/* What is of no use goes, what cannot be read gets another name; if not now, then next time. */
static void discard(const struct data_folder *folder, const char *name, bool is_useless)
{
    char aside[DATA_NAME_MAX];
    int result = is_useless ? data_folder_remove(folder, name) : -EISDIR;

    if (result == -EISDIR)
        result = data_folder_set_aside(folder, name, aside);
    if (result < 0 && result != -ENOENT)
        log_warning("%s/%s: cannot remove it: %s", folder->path, name, strerror(-result));
}

/*
 * Makes a segment of what is new in the file, and keeps it for the head as the newest. -ENODATA if
 * it has nothing new. One that is of no use goes, since its name may be wanted: torn before its
 * first row, of another ring, or sealed already. One that cannot be read gets another.
 */
static int take_file(struct recovering *recovering, const char *name, struct recovered_file *file)
{
    struct row_reading reading;
    bool is_useless = false;
    int result = row_reading_init(&reading, &recovering->known, &recovering->sealed);

    if (result == 0)
        result = read_rows(recovering, name, &reading, &is_useless);
    if (result == 0)
        result = seal(recovering, &reading);
    if (result == 0 && reading.block.tick_count > 0) {
        keep_newest(recovering, &reading, file);
        return 0;
    }
    row_reading_finish(&reading);
    if (result < 0)
        return result;
    discard(recovering->options->folder, name, is_useless);
    return -ENODATA;
}

/* --- the files --- */

static void note_file(struct recovery *out, const struct recovered_file *file)
{
    size_t oldest = 0;

    if (out->file_count < RECORDER_MAX_FILES) {
        out->files[out->file_count++] = *file;
        return;
    }
    for (size_t i = 1; i < out->file_count; i++) {
        if (out->files[i].first_seq < out->files[oldest].first_seq)
            oldest = i;
    }
    if (file->first_seq > out->files[oldest].first_seq)
        out->files[oldest] = *file;
}

static int on_name(void *arg, const char *name)
{
    struct recovering *recovering = arg;
    struct recovered_file file = {0};
    struct stat status;

    if (!row_file_parse_name(name, &file.first_seq))
        return 0;
    if (fstatat(recovering->options->folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        file.bytes = (uint64_t)status.st_size;
    note_file(recovering->out, &file);
    return 0;
}

static int compare_files(const void *a, const void *b)
{
    const struct recovered_file *left = a, *right = b;

    return (left->first_seq > right->first_seq) - (left->first_seq < right->first_seq);
}

static int take_files(struct recovering *recovering)
{
    struct recovery *out = recovering->out;
    size_t kept = 0;
    int result = data_folder_list(recovering->options->folder, on_name, recovering);

    if (result == 0)
        result = archive_list(recovering->options->archive, ARCHIVE_SECONDS, &recovering->sealed);
    qsort(out->files, out->file_count, sizeof *out->files, compare_files);
    for (size_t i = 0; i < out->file_count && result == 0; i++) {
        struct recovered_file file = out->files[i];
        char name[ROW_FILE_NAME_SIZE];

        row_file_name(file.first_seq, name);
        result = take_file(recovering, name, &file);
        if (result == 0)
            out->files[kept++] = file;
        result = result == -ENODATA ? 0 : result;
    }
    out->file_count = kept;
    return result;
}

/* --- the series --- */

static int on_series(void *arg, const struct series *series)
{
    struct recovering *recovering = arg;

    recovering->out->log_records++;
    return known_series_add(&recovering->known, series);
}

/* Segments mean nothing without their log; but it is not for us to delete them. */
static int set_aside(struct recovering *recovering)
{
    const struct recovery_options *options = recovering->options;
    struct archive_counts seconds = archive_count(options->archive, ARCHIVE_SECONDS);
    struct archive_counts minutes = archive_count(options->archive, ARCHIVE_MINUTES);
    char aside[DATA_NAME_MAX];
    int result;

    if (seconds.first_seq == 0 && minutes.first_seq == 0)
        return 0;
    result = data_folder_move_aside(options->folder, aside);
    if (result < 0)
        return result;
    archive_forget(options->archive);
    log_warning("%s: without its series the history means nothing: it is in %s now",
                options->folder->path, aside);
    return 0;
}

static int open_log(struct recovering *recovering)
{
    const struct series_visitor visitor = {.on_series = on_series, .arg = recovering};
    const struct recovery_options *options = recovering->options;
    struct series_log_state state = {0};
    int result = series_log_open(options->folder, &visitor, &recovering->out->log, &state);

    recovering->has_lost_ids = state.damaged > 0;
    recovering->out->damaged_files += state.damaged > 0 || *state.aside;
    if (state.damaged > 0)
        log_warning("%s/%s: %" PRIu64 " bytes are damaged: series of them are a gap in the history",
                    options->folder->path, SERIES_LOG_NAME, state.damaged);
    if (result != -ENOENT)
        return result;
    if (*state.aside)
        log_warning("%s/%s: not a log that this tachod knows: it is %s now, and the history begins "
                    "anew",
                    options->folder->path, SERIES_LOG_NAME, state.aside);
    result = set_aside(recovering);
    if (result < 0)
        return result;
    return series_log_create(options->folder, history_epoch(options->history),
                             &recovering->out->log);
}

/* Those of the newest rows are live, the others ended. */
static int restore_table(struct recovering *recovering, uint64_t last_seq)
{
    const struct known_series *known = &recovering->known;
    const struct row_reading *newest = &recovering->newest;
    bool *live = calloc(known->count + 1, sizeof *live);
    const uint64_t ended_seq = last_seq > 0 ? last_seq : 1;
    int result = live ? 0 : -ENOMEM;

    for (uint32_t slot = 0; result == 0 && slot < newest->block.slot_count; slot++) {
        if (newest->by_slot[slot])
            live[known_series_index(known, newest->by_slot[slot]->id)] = true;
    }
    for (size_t i = 0; i < known->count && result == 0; i++) {
        const struct series *series = known->items[i];

        result = series_table_restore(recovering->options->table, series, live[i] ? 0 : ended_seq);
        if (result == -ENOSPC)
            result = series_table_restore(recovering->options->table, series, ended_seq);
    }
    if (recovering->has_lost_ids)
        series_table_skip_ids(recovering->options->table, LOST_IDS);
    if (result == 0 && series_table_publish(recovering->options->table) < 0)
        result = -ENOMEM;
    free(live);
    return result;
}

/* --- the head --- */

/* The newest rows behind which no tick is missing. */
static size_t first_of_tail(const struct block *block)
{
    size_t i = block->tick_count - 1;

    while (i > 0 && block->ticks[i - 1].seq + 1 == block->ticks[i].seq)
        i--;
    return i;
}

static uint32_t slot_in(const struct catalog *catalog, const struct series *series)
{
    size_t low = 0, high = series ? catalog->count : 0;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (catalog->series[middle]->id < series->id)
            low = middle + 1;
        else
            high = middle;
    }
    if (!series || low == catalog->count || catalog->series[low]->id != series->id)
        return SERIES_NO_SLOT;
    return catalog->series[low]->slot;
}

/* Histograms are left out: their pairs are in the segment. */
static void refill_row(struct history *history, const struct row_reading *newest, size_t row,
                       const struct catalog *catalog)
{
    struct tick tick = newest->block.ticks[row];
    _Atomic uint64_t *words;

    history_begin(history);
    history_extend(history, catalog->slot_count);
    words = history_words(history);
    for (uint32_t slot = 0; slot < newest->block.slot_count; slot++) {
        const struct series *series = newest->by_slot[slot];
        uint32_t to = slot_in(catalog, series);

        if (to != SERIES_NO_SLOT && series->type == SAMPLE_NUMBER)
            atomic_store_explicit(&words[to],
                                  newest->block.words[(size_t)slot * HISTORY_BLOCK_TICKS + row],
                                  memory_order_release);
    }
    tick.catalog_version = catalog->version;
    history_commit(history, &tick);
}

static void refill_head(struct recovering *recovering, uint64_t last_seq)
{
    const struct row_reading *newest = &recovering->newest;
    struct history *history = recovering->options->history;
    const char *epoch = recovering->out->log.epoch;
    const size_t count = newest->block.tick_count;
    struct catalog *catalog;

    if (count == 0 || newest->block.ticks[count - 1].seq != last_seq) {
        history_continue(history, epoch, last_seq);
        return;
    }
    catalog = catalog_get(recovering->options->table);
    history_continue(history, epoch, newest->block.ticks[first_of_tail(&newest->block)].seq - 1);
    for (size_t i = first_of_tail(&newest->block); i < count; i++)
        refill_row(history, newest, i, catalog);
    history_publish(history, last_seq);
    catalog_put(catalog);
    recovering->out->last = newest->block.ticks[count - 1];
}

/*
 * What was published before a power cut, or is damaged, may not be among what was read: its numbers
 * must not be given again. It is less than a block.
 */
static bool is_all_known(const struct recovering *recovering)
{
    return !recovering->has_damaged_rows && recovering->newest.block.tick_count > 0 &&
           memcmp(recovering->newest.boot_id, recovering->options->boot_id, ROW_BOOT_ID_BYTES) == 0;
}

static int recover_all(struct recovering *recovering)
{
    uint64_t last_seq;
    int result = open_log(recovering);

    if (result < 0)
        return result;
    known_series_sort(&recovering->known);
    result = take_files(recovering);
    last_seq = archive_last_seq(recovering->options->archive, ARCHIVE_SECONDS);
    if (archive_last_seq(recovering->options->archive, ARCHIVE_MINUTES) > last_seq)
        last_seq = archive_last_seq(recovering->options->archive, ARCHIVE_MINUTES);
    if (result == 0)
        result = restore_table(recovering, last_seq);
    if (result == 0 && (last_seq > 0 || recovering->has_damaged_rows) && !is_all_known(recovering))
        last_seq = block_last_seq(last_seq) + HISTORY_BLOCK_TICKS;
    if (result == 0)
        refill_head(recovering, last_seq);
    else
        series_log_close(&recovering->out->log);
    return result;
}

int recover(const struct recovery_options *options, struct recovery *out)
{
    struct recovering recovering = {.options = options, .out = out};
    int result = -ENOMEM;

    *out = (struct recovery){0};
    recovering.writer = segment_writer_new();
    if (recovering.writer)
        result = recover_all(&recovering);
    row_reading_finish(&recovering.newest);
    known_series_finish(&recovering.known);
    if (recovering.sealed.entries)
        archive_list_finish(&recovering.sealed);
    segment_writer_free(recovering.writer);
    return result;
}
