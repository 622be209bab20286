#include "daemon/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/block.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/series_make.h"

/* The log is written anew when it has so many records beside those of known series. */
#define LOG_SPARE_RECORDS 1000

#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)

struct known_file {
    uint64_t first_seq, last_seq; /* of its ticks; its name is of the first */
    uint64_t tick_count;
    uint64_t bytes;
};

struct recorder {
    struct recorder_options options;
    struct catalog *catalog; /* whose series are in the log; held */
    struct row_file file;    /* the one that rows are appended to, if is_open */
    bool is_open;
    bool has_slots; /* the file, of that catalog */
    uint64_t next_seq;
    uint64_t *words, *pairs; /* of the row that is being written */
    uint32_t *ids;           /* by slot */
    int64_t silent_until_ns; /* CLOCK_MONOTONIC */
    int told;                /* the error that the log has told of; 0: all is well */
    _Atomic uint64_t failures;
    pthread_mutex_t lock;                        /* guards what follows, for a few assignments */
    struct known_file files[RECORDER_MAX_FILES]; /* the last is the one that is open */
    size_t file_count;
    int sync_fd, log_sync_fd; /* duplicates of the open file's and the log's; -1 */
};

/* Puts a duplicate of a descriptor (-1: none) in the place of a former one. */
static void offer_sync(struct recorder *recorder, int *place, int fd)
{
    int former, duplicate = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

    pthread_mutex_lock(&recorder->lock);
    former = *place;
    *place = duplicate;
    pthread_mutex_unlock(&recorder->lock);
    if (former >= 0)
        close(former);
}

int recorder_new(const struct recorder_options *options, struct recorder **out)
{
    struct recorder *recorder = calloc(1, sizeof *recorder);
    struct series_log log = options->log;

    if (!recorder) {
        series_log_close(&log);
        return -ENOMEM;
    }
    recorder->options = *options;
    recorder->sync_fd = recorder->log_sync_fd = -1;
    pthread_mutex_init(&recorder->lock, NULL);
    recorder->next_seq = history_last(options->history) + 1;
    recorder->words = calloc(options->max_series, sizeof *recorder->words);
    recorder->pairs = calloc(HISTORY_TAIL_PAIRS, sizeof *recorder->pairs);
    recorder->ids = calloc(options->max_series, sizeof *recorder->ids);
    recorder->catalog = catalog_get(options->table);
    if (!recorder->words || !recorder->pairs || !recorder->ids) {
        recorder_free(recorder);
        return -ENOMEM;
    }
    offer_sync(recorder, &recorder->log_sync_fd, recorder->options.log.file.fd);
    *out = recorder;
    return 0;
}

static void close_file(struct recorder *recorder)
{
    if (recorder->is_open)
        row_file_close(&recorder->file);
    recorder->is_open = recorder->has_slots = false;
    offer_sync(recorder, &recorder->sync_fd, -1);
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    close_file(recorder);
    offer_sync(recorder, &recorder->log_sync_fd, -1);
    series_log_close(&recorder->options.log);
    catalog_put(recorder->catalog);
    pthread_mutex_destroy(&recorder->lock);
    free(recorder->words);
    free(recorder->pairs);
    free(recorder->ids);
    free(recorder);
}

/* --- which files there are --- */

static void charge(struct recorder *recorder)
{
    uint64_t bytes = series_log_bytes(&recorder->options.log);

    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i < recorder->file_count; i++)
        bytes += recorder->files[i].bytes;
    pthread_mutex_unlock(&recorder->lock);
    archive_charge(recorder->options.archive, ARCHIVE_SECONDS, bytes);
}

/* One that stays is found by the next start, which sees that it has nothing new. */
static void remove_file(const struct recorder *recorder, uint64_t first_seq)
{
    char name[ROW_FILE_NAME_SIZE];
    int result;

    row_file_name(first_seq, name);
    result = data_folder_remove(recorder->options.folder, name);
    if (result < 0 && result != -ENOENT)
        log_warning("%s/%s: cannot remove it: %s", recorder->options.folder->path, name,
                    strerror(-result));
}

/* Locked. The oldest is left to the next start where there are too many. */
static void add_known(struct recorder *recorder, const struct known_file *file)
{
    if (recorder->file_count == RECORDER_MAX_FILES) {
        recorder->file_count--;
        memmove(recorder->files, recorder->files + 1,
                recorder->file_count * sizeof *recorder->files);
    }
    recorder->files[recorder->file_count++] = *file;
}

void recorder_adopt(struct recorder *recorder, const struct recovered_file *file)
{
    const struct known_file known = {.first_seq = file->first_seq,
                                     .last_seq = file->last_seq,
                                     .tick_count = file->tick_count,
                                     .bytes = file->bytes};

    pthread_mutex_lock(&recorder->lock);
    add_known(recorder, &known);
    pthread_mutex_unlock(&recorder->lock);
}

/*
 * One that is not open and whose ticks segments have. Those of a block that was lost stay, and are
 * sealed by the next start.
 */
static bool take_removable(struct recorder *recorder, uint64_t *first_seq)
{
    bool found = false;

    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i + 1 < recorder->file_count && !found; i++) {
        const struct known_file *file = &recorder->files[i];

        found = archive_has_written(recorder->options.archive, file->first_seq, file->last_seq,
                                    file->tick_count);
        if (!found)
            continue;
        *first_seq = file->first_seq;
        recorder->file_count--;
        memmove(recorder->files + i, recorder->files + i + 1,
                (recorder->file_count - i) * sizeof *recorder->files);
    }
    pthread_mutex_unlock(&recorder->lock);
    return found;
}

void recorder_remove(struct recorder *recorder)
{
    uint64_t first_seq;

    while (take_removable(recorder, &first_seq))
        remove_file(recorder, first_seq);
}

static int sync_one(struct recorder *recorder, const int *place)
{
    AUTO_CLOSE int fd = -1;

    pthread_mutex_lock(&recorder->lock);
    if (*place >= 0)
        fd = fcntl(*place, F_DUPFD_CLOEXEC, 0);
    pthread_mutex_unlock(&recorder->lock);
    return fd < 0 || fdatasync(fd) == 0 ? 0 : -errno;
}

int recorder_sync_log(struct recorder *recorder)
{
    return sync_one(recorder, &recorder->log_sync_fd);
}

int recorder_sync_rows(struct recorder *recorder)
{
    return sync_one(recorder, &recorder->sync_fd);
}

/* --- writing --- */

static int open_file(struct recorder *recorder, uint64_t seq)
{
    const struct known_file known = {.first_seq = seq, .last_seq = seq};
    int result;

    close_file(recorder);
    result = row_file_create(recorder->options.folder, history_epoch(recorder->options.history),
                             seq, &recorder->file);
    if (result < 0)
        return result;
    recorder->is_open = true;
    offer_sync(recorder, &recorder->sync_fd, recorder->file.file.fd);
    pthread_mutex_lock(&recorder->lock);
    add_known(recorder, &known);
    pthread_mutex_unlock(&recorder->lock);
    return 0;
}

static bool is_known(const struct catalog *catalog, const struct series *series, size_t *at)
{
    while (*at < catalog->count && catalog->series[*at]->id < series->id)
        ++*at;
    return *at < catalog->count &&
           (catalog->series[*at] == series || series_equals(catalog->series[*at], series));
}

/* What the log does not have yet, or has otherwise. */
static int log_new(struct recorder *recorder, const struct catalog *catalog)
{
    struct series **fresh = calloc(catalog->count + 1, sizeof(struct series *));
    size_t count = 0, at = 0;
    int result = 0;

    if (!fresh)
        return -ENOMEM;
    for (size_t i = 0; i < catalog->count; i++) {
        if (!is_known(recorder->catalog, catalog->series[i], &at))
            fresh[count++] = catalog->series[i];
    }
    if (count > 0)
        result = series_log_append(&recorder->options.log, fresh, count);
    if (result == 0)
        recorder->options.log_records += count;
    free(fresh);
    return result;
}

/* Of which most are no longer known. What fails leaves the log as it was. */
static void rewrite_log(struct recorder *recorder, const struct catalog *catalog, size_t known)
{
    int result = series_log_rewrite(&recorder->options.log, catalog->series, known);

    recorder->options.log_records = known; /* else it would be tried at each change */
    offer_sync(recorder, &recorder->log_sync_fd, recorder->options.log.file.fd);
    if (result == 0)
        return;
    atomic_fetch_add(&recorder->failures, 1);
    log_warning("%s/%s: cannot be written anew: %s", recorder->options.folder->path,
                SERIES_LOG_NAME, strerror(-result));
}

static int log_series(struct recorder *recorder, const struct catalog *catalog)
{
    const size_t known = catalog->count + catalog->past_count;
    int result = log_new(recorder, catalog);

    if (result == 0 && recorder->options.log_records > 2 * known + LOG_SPARE_RECORDS)
        rewrite_log(recorder, catalog, known);
    return result;
}

static int write_slots(struct recorder *recorder)
{
    const struct catalog *catalog = recorder->catalog;

    memset(recorder->ids, 0, catalog->slot_count * sizeof *recorder->ids);
    for (size_t i = 0; i < catalog->count; i++)
        recorder->ids[catalog->series[i]->slot] = catalog->series[i]->id;
    return row_file_write_slots(&recorder->file, recorder->ids, catalog->slot_count);
}

/* Makes it known which series the words of a row are of. */
static int name_series(struct recorder *recorder, uint32_t catalog_version)
{
    int result;

    if (recorder->catalog->version < catalog_version) {
        struct catalog *catalog = catalog_get(recorder->options.table);

        result = log_series(recorder, catalog);
        if (result < 0) {
            catalog_put(catalog);
            return result;
        }
        catalog_put(recorder->catalog);
        recorder->catalog = catalog;
        recorder->has_slots = false;
    }
    if (recorder->has_slots)
        return 0;
    result = write_slots(recorder);
    recorder->has_slots = result == 0;
    return result;
}

static int write_row(struct recorder *recorder, const struct history_row *row)
{
    struct stored_row stored = {.tick = row->tick,
                                .words = row->words,
                                .slot_count = row->slot_count,
                                .pairs = row->pairs,
                                .pair_count = row->pair_count};
    int result;

    memcpy(stored.boot_id, recorder->options.boot_id, sizeof stored.boot_id);
    result = row_file_write_row(&recorder->file, &stored);
    if (result < 0)
        return result;
    pthread_mutex_lock(&recorder->lock);
    if (recorder->file_count > 0) {
        struct known_file *file = &recorder->files[recorder->file_count - 1];

        file->last_seq = row->tick.seq;
        file->tick_count++;
        file->bytes = recorder->file.file.size;
    }
    pthread_mutex_unlock(&recorder->lock);
    return 0;
}

/*
 * What may hang is done first: a row that was copied before that might be named by a catalog in
 * which its slots are others'.
 */
static int store_one(struct recorder *recorder, uint64_t seq)
{
    struct history *history = recorder->options.history;
    struct history_row row;
    int result = 0;

    if (!recorder->is_open || block_last_seq(recorder->file.first_seq) != block_last_seq(seq))
        result = open_file(recorder, seq);
    if (result < 0)
        return result;
    /* One that left the head is in its segment, if there was a worker for that. */
    if (history_copy_row(history, seq, recorder->words, recorder->pairs, &row) < 0)
        return 0;
    if (recorder->has_slots && recorder->catalog->version >= row.tick.catalog_version)
        return write_row(recorder, &row);
    result = name_series(recorder, row.tick.catalog_version);
    if (result < 0)
        return result;
    if (history_copy_row(history, seq, recorder->words, recorder->pairs, &row) < 0)
        return 0;
    return write_row(recorder, &row);
}

/* On a disk that is nearly full one tick fits and another does not: at most a line a minute. */
static void tell(struct recorder *recorder, int result, uint64_t seq)
{
    const char *path = recorder->options.folder->path;
    const int64_t now_ns = clock_mono_ns();

    if (result < 0)
        atomic_fetch_add(&recorder->failures, 1);
    if (result == recorder->told || now_ns < recorder->silent_until_ns)
        return;
    if (result < 0)
        log_warning("%s: cannot write ticks: %s: the history goes on in memory, writing is tried "
                    "at each tick",
                    path, strerror(-result));
    else
        log_info("%s: ticks are written again, up to %llu", path, (unsigned long long)seq);
    recorder->told = result;
    recorder->silent_until_ns = result < 0 ? 0 : now_ns + MESSAGE_EVERY_NS;
}

void recorder_store(void *arg, uint64_t seq)
{
    struct recorder *recorder = arg;
    int result = 0;

    while (recorder->next_seq <= seq && result == 0) {
        result = store_one(recorder, recorder->next_seq);
        recorder->next_seq += result == 0;
    }
    tell(recorder, result, seq);
    charge(recorder);
}

uint64_t recorder_failures(const struct recorder *recorder)
{
    return atomic_load(&recorder->failures);
}
