#include "daemon/storage.h"

static const struct metric failures = {
    .name = "tacho_history_write_failures_total",
    .unit = "",
    .help = "Attempts to write ticks, segments or series to the data directory that failed.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric damaged = {
    .name = "tacho_history_damaged_total",
    .unit = "",
    .help = "Segments and files of the data directory that were found damaged or unreadable.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric lost = {
    .name = "tacho_history_lost_ticks_total",
    .unit = "",
    .help = "Ticks that could not be kept: they were sealed too late, or no file took them.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

static const struct metric process_failures = {
    .name = "tacho_processes_write_failures_total",
    .unit = "",
    .help = "Attempts to write lists of processes to the data directory that failed.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric process_damaged = {
    .name = "tacho_processes_damaged_total",
    .unit = "",
    .help = "Lists of processes in the data directory that were found damaged.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

static uint64_t read_failures(void *arg)
{
    const struct storage *storage = arg;

    return storage->recorder
               ? recorder_failures(storage->recorder) + archivist_failures(storage->archivist)
               : 0;
}

static uint64_t read_damaged(void *arg)
{
    const struct storage *storage = arg;

    return archive_damaged(storage->archive) + storage->recovery.damaged_files;
}

static uint64_t read_lost(void *arg)
{
    const struct storage *storage = arg;

    return archive_lost_ticks(storage->archive) + sealer_lost_ticks(storage->sealer);
}

static uint64_t read_process_failures(void *arg)
{
    return process_past_count(((const struct storage *)arg)->processes).failures;
}

static uint64_t read_process_damaged(void *arg)
{
    return process_past_count(((const struct storage *)arg)->processes).damaged;
}

void storage_show(struct storage *storage, struct self *self)
{
    self_add(self, &failures, NULL, read_failures, storage);
    self_add(self, &damaged, NULL, read_damaged, storage);
    self_add(self, &lost, NULL, read_lost, storage);
    self_add(self, &process_failures, NULL, read_process_failures, storage);
    self_add(self, &process_damaged, NULL, read_process_damaged, storage);
}
