#include "daemon/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/log.h"

/* random(4): /proc/sys/kernel/random/boot_id, of the kernel that runs, wherever procfs is said to
 * be. Unknown is all zero, which no boot is. */
static void read_boot_id(uint8_t out[ROW_BOOT_ID_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    AUTO_CLOSE int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    char text[64] = "";
    size_t digits = 0;

    memset(out, 0, ROW_BOOT_ID_BYTES);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
        return;
    for (const char *at = text; *at && digits < 2 * ROW_BOOT_ID_BYTES; at++) {
        const char *found = strchr(hex, *at);

        if (!found)
            continue;
        out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | (uint8_t)(found - hex));
        digits++;
    }
}

static int open_folder(struct storage *storage, const struct config *config)
{
    AUTO_FREE char *path = config_data_directory(config);
    int result;

    if (!path) {
        log_info("no data directory: the history is in memory, and ends with the process");
        return 0;
    }
    result = data_folder_open(path, &storage->folder);
    if (result == -EBUSY) {
        log_error("%s: in use by another tachod, of pid %d: stop that one, or give this one "
                  "another directory with --data",
                  path, (int)storage->folder.other_pid);
        return result;
    }
    storage->has_folder = result == 0;
    if (result < 0)
        log_warning("%s: %s: the history is in memory, and ends with the process", path,
                    strerror(-result));
    if (result == 0 && storage->folder.unlocked)
        log_warning("%s: its file system has no locks: nothing keeps another tachod out", path);
    if (result == 0 && *storage->folder.aside)
        log_warning("%s: of another format: what was there is in %s now", path,
                    storage->folder.aside);
    return 0;
}

static void close_folder(struct storage *storage)
{
    if (storage->has_folder)
        data_folder_close(&storage->folder);
    storage->has_folder = false;
}

/* What the history itself has taken of the disk is room for it. */
static bool is_disk_small(const struct storage *storage)
{
    uint64_t free_bytes;

    if (!storage->has_folder || data_folder_free_bytes(&storage->folder, &free_bytes) < 0)
        return false;
    for (size_t i = 0; i < ARCHIVE_PARTS; i++)
        free_bytes += archive_count(storage->archive, (enum archive_part)i).used_bytes;
    return free_bytes < STORAGE_SMALL_DISK_BYTES;
}

static int open_archive(struct storage *storage, const struct config *config)
{
    static const uint64_t unlimited[ARCHIVE_PARTS] = {UINT64_MAX, UINT64_MAX};
    int result =
        archive_new(storage->has_folder ? &storage->folder : NULL, unlimited, &storage->archive);

    if (result < 0)
        return result;
    storage->share = is_disk_small(storage) ? 10 : 1;
    archive_limit(storage->archive, ARCHIVE_SECONDS,
                  config->seconds_bytes ? config->seconds_bytes
                                        : STORAGE_SECONDS_BYTES / storage->share);
    archive_limit(storage->archive, ARCHIVE_MINUTES,
                  config->minutes_bytes ? config->minutes_bytes
                                        : STORAGE_MINUTES_BYTES / storage->share);
    return 0;
}

static int open_processes(struct storage *storage, const struct config *config)
{
    const struct process_past_options options = {
        .folder = storage->has_folder ? &storage->folder : NULL,
        .epoch = history_epoch(storage->history),
        .budget_bytes = config->processes_bytes ? config->processes_bytes
                                                : STORAGE_PROCESSES_BYTES / storage->share};

    return process_past_new(&options, &storage->processes);
}

static int recover_history(struct storage *storage, struct history *history,
                           struct series_table *table)
{
    struct recovery_options options = {.folder = &storage->folder,
                                       .archive = storage->archive,
                                       .history = history,
                                       .table = table};
    int result;

    read_boot_id(options.boot_id);
    result = recover(&options, &storage->recovery);
    storage->has_log = result == 0;
    if (result < 0 || history_last(history) == 0)
        return result;
    /* What is not known to be of this boot is of another. */
    storage->first_flags =
        storage->recovery.last.seq != 0 ? TICK_RESTART : TICK_RESTART | TICK_BOOT;
    return 0;
}

int storage_open(struct storage *storage, const struct config *config, struct history *history,
                 struct series_table *table)
{
    int result;

    *storage = (struct storage){.history = history};
    result = open_folder(storage, config);
    if (result < 0)
        return result;
    result = open_archive(storage, config);
    if (result == 0 && storage->has_folder)
        result = recover_history(storage, history, table);
    if (result == 0)
        result = open_processes(storage, config); /* of the epoch that was recovered */
    if (result == 0 || !storage->has_folder)
        return result;
    /* Something is wrong with it that no damage explains: better without it than not at all. */
    log_warning("%s: %s: the history is in memory, and ends with the process", storage->folder.path,
                strerror(-result));
    archive_free(storage->archive);
    storage->archive = NULL;
    close_folder(storage);
    result = open_archive(storage, config);
    return result < 0 ? result : open_processes(storage, config);
}

static int start_recorder(struct storage *storage, const struct sealer_options *sealer)
{
    struct recorder_options options = {.folder = &storage->folder,
                                       .archive = storage->archive,
                                       .history = sealer->history,
                                       .table = sealer->table,
                                       .max_series = sealer->max_series,
                                       .log = storage->recovery.log,
                                       .log_records = storage->recovery.log_records};
    int result;

    read_boot_id(options.boot_id);
    storage->has_log = false; /* the recorder's now */
    result = recorder_new(&options, &storage->recorder);
    if (result < 0)
        return result;
    for (size_t i = 0; i < storage->recovery.file_count; i++)
        recorder_adopt(storage->recorder, &storage->recovery.files[i]);
    return archivist_start(storage->archive, storage->recorder, &storage->archivist);
}

int storage_start(struct storage *storage, const struct sealer_options *options)
{
    struct sealer_options sealer = *options;
    int result = storage->has_folder ? start_recorder(storage, options) : 0;

    if (result < 0)
        return result;
    sealer.archive = storage->archive;
    sealer.archivist = storage->archivist;
    return sealer_new(&sealer, &storage->sealer);
}

void storage_tick(struct storage *storage, uint64_t seq)
{
    sealer_tick(storage->sealer, seq);
    if (!storage->has_folder)
        archive_charge(storage->archive, ARCHIVE_SECONDS, history_used_bytes(storage->history));
}

void (*storage_store(const struct storage *storage))(void *arg, uint64_t seq)
{
    return storage->recorder ? recorder_store : NULL;
}

bool storage_stop(struct storage *storage)
{
    return archivist_stop(storage->archivist);
}

void storage_finish(struct storage *storage)
{
    sealer_free(storage->sealer);
    archivist_free(storage->archivist);
    recorder_free(storage->recorder);
    if (storage->has_log)
        series_log_close(&storage->recovery.log);
    archive_free(storage->archive);
    process_past_free(storage->processes);
    close_folder(storage);
    *storage = (struct storage){0};
}
