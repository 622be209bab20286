#include "daemon/core.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collectors/registry.h"
#include "daemon/log.h"

static const struct metric worker_threads = {
    .name = "tacho_worker_threads",
    .unit = "",
    .help = "Threads for calls that may block.",
    .kind = METRIC_GAUGE,
};
static const struct metric worker_waiting = {
    .name = "tacho_worker_tasks_waiting",
    .unit = "",
    .help = "Calls that no worker has taken yet.",
    .kind = METRIC_GAUGE,
};
static const struct metric worker_stuck = {
    .name = "tacho_worker_tasks_stuck",
    .unit = "",
    .help = "Calls that have not returned for over 5 s; each keeps a worker.",
    .kind = METRIC_GAUGE,
};

static const struct metric unwritten_processes = {
    .name = "tacho_processes_unwritten_total",
    .unit = "",
    .help =
        "Lists of processes that were published from memory because storing them took over 0.5 s.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

static uint64_t read_worker_threads(void *arg)
{
    return workers_count(arg).threads;
}

static uint64_t read_worker_waiting(void *arg)
{
    return workers_count(arg).waiting;
}

static uint64_t read_worker_stuck(void *arg)
{
    return workers_count(arg).stuck;
}

static uint64_t read_unwritten_processes(void *arg)
{
    return processes_unwritten(arg);
}

static void watch_workers(struct core *core)
{
    struct self *self = sampler_self(core->sampler);

    self_add(self, &worker_threads, NULL, read_worker_threads, core->workers);
    self_add(self, &worker_waiting, NULL, read_worker_waiting, core->workers);
    self_add(self, &worker_stuck, NULL, read_worker_stuck, core->workers);
    self_add(self, &unwritten_processes, NULL, read_unwritten_processes, core->processes);
    if (core->storage.archive)
        storage_show(&core->storage, self);
}

/* Workers first: what they seal is still written. */
void core_finish(struct core *core)
{
    bool parted;

    sampler_free(core->sampler);
    parted = workers_free(core->workers);
    parted = storage_stop(&core->storage) && parted;
    /* Who was left behind may still have a list to give. */
    parted = parted && processes_free(core->processes);
    core->left_behind = core->left_behind || !parted;
    if (core->left_behind)
        return; /* who was left behind may still use the rest */
    storage_finish(&core->storage);
    choose_free(core->chooser);
    bucket_board_free(core->buckets);
    series_table_free(core->table);
    history_free(core->history);
}

int core_leave(const struct core *core, int status)
{
    if (!core->left_behind)
        return status;
    fflush(NULL);
    _exit(status);
}

/* Needs the storage, which keeps lists, and workers, which write them. */
static int make_board(struct core *core, struct sampler_options *options)
{
    const struct processes_options board = {.past = core->storage.processes,
                                            .tasks = options->tasks,
                                            .interval_ns = options->interval_ns};
    int result = processes_new(&board, &core->processes);

    if (result == 0)
        options->processes = processes_board(core->processes);
    return result;
}

static int start_storage(struct core *core, const struct sampler_options *options)
{
    const struct sealer_options sealer = {.history = core->history,
                                          .table = core->table,
                                          .tasks = options->tasks,
                                          .max_series = options->max_series,
                                          .interval_ms =
                                              (uint32_t)(options->interval_ns / NS_PER_MS)};

    sampler_continue(core->sampler, core->storage.first_flags);
    return storage_start(&core->storage, &sealer);
}

int core_init(struct core *core, const struct config *config)
{
    struct sampler_options options = {
        .collectors = collector_registry,
        .collector_count = collector_registry_count,
        .roots = config->roots,
        .interval_ns = config->interval_ms * NS_PER_MS,
        .max_series = CORE_MAX_SERIES,
    };
    int result;

    *core = (struct core){.quota.max = SERIES_QUOTA_APPLICATIONS};
    result = history_new(CORE_MAX_SERIES, &core->history);
    if (result == 0)
        result = series_table_new(CORE_MAX_SERIES, &core->table);
    if (result == 0)
        result = bucket_board_new(CORE_MAX_SERIES, &core->buckets);
    if (result == 0)
        series_table_limit_applications(core->table, SERIES_QUOTA_APPLICATIONS);
    if (result == 0 && !config->once)
        result = storage_open(&core->storage, config, core->history, core->table);
    if (result == 0)
        result = choose_new(config->select, &core->chooser);
    options.roots.chooser = core->chooser;
    if (result == 0)
        result = workers_new(&core->workers);
    if (result == 0) {
        options.history = core->history;
        options.table = core->table;
        options.tasks = workers_runner(core->workers);
        result = make_board(core, &options);
    }
    if (result == 0)
        result = sampler_new(&options, &core->sampler);
    if (result == 0 && !config->once)
        result = start_storage(core, &options);
    if (result < 0) {
        core_finish(core);
        if (result != -EBUSY) /* which was told */
            log_error("cannot start: %s", strerror(-result));
        return result;
    }
    core_configure(core, config);
    watch_workers(core);
    return 0;
}

void core_configure(struct core *core, const struct config *config)
{
    for (size_t i = 0; i < collector_registry_count; i++)
        sampler_switch(core->sampler, i, !config->collectors[i].off);
    processes_show_arguments(core->processes, !config->arguments_hidden);
}
