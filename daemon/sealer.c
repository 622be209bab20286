#include "daemon/sealer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/merge.h"

/* What a worker does, and keeps from one time to the next. */
struct job {
    struct task task;
    struct sealer_options options;
    struct merge merge;
    uint64_t first_seq, last_seq; /* the ticks to seal; last_seq 0: none */
    bool is_sealed;               /* they are, or are no more in the head */
    _Atomic uint64_t lost_ticks;
};

struct sealer {
    struct job *job;
    uint64_t next_seq; /* the first that is not sealed */
    bool began;        /* what a start has found was seen to */
};

static const struct series **list_by_slot(const struct catalog *catalog)
{
    const struct series **by_slot = calloc(catalog->slot_count + 1, sizeof(struct series *));

    for (size_t i = 0; by_slot && i < catalog->count; i++)
        by_slot[catalog->series[i]->slot] = catalog->series[i];
    return by_slot;
}

static int fill(const struct job *job, struct block *block)
{
    uint64_t *words = calloc(job->options.max_series, sizeof *words);
    uint64_t *pairs = calloc(HISTORY_TAIL_PAIRS, sizeof *pairs);
    int result = words && pairs ? 0 : -ENOMEM;
    struct history_row row;

    for (uint64_t seq = job->first_seq; seq <= job->last_seq && result == 0; seq++) {
        if (history_copy_row(job->options.history, seq, words, pairs, &row) == 0)
            result = block_add(block, &row);
    }
    free(words);
    free(pairs);
    return result;
}

static int encode(struct job *job, struct block *block, const struct catalog *catalog)
{
    AUTO_FREE const struct series **by_slot = list_by_slot(catalog);
    struct archive_entry what;
    struct buffer segment = {0};
    int result;

    if (!by_slot)
        return -ENOMEM;
    result = block_encode(block, by_slot, job->merge.writer, &what, &segment);
    if (result == 0)
        return archive_add(job->options.archive, &what, &segment);
    buffer_finish(&segment);
    return result;
}

/* The catalog is got first: a newer one does not have what a row may still hold. */
static int seal(struct job *job, size_t *sealed)
{
    struct catalog *catalog = catalog_get(job->options.table);
    struct block block;
    int result = block_init(&block, catalog->slot_count);

    if (result == 0)
        result = fill(job, &block);
    if (result == 0)
        result = encode(job, &block, catalog);
    *sealed = result == 0 ? block.tick_count : 0;
    block_finish(&block);
    catalog_put(catalog);
    return result;
}

static void seal_ticks(struct job *job)
{
    const uint64_t count = job->last_seq - job->first_seq + 1;
    size_t sealed = 0;
    int result = seal(job, &sealed);

    /* Without memory the head has them for a while, and it is tried again. */
    job->is_sealed = result != -ENOMEM || history_first(job->options.history) > job->last_seq;
    if (!job->is_sealed || sealed == count)
        return;
    atomic_fetch_add(&job->lost_ticks, count - sealed);
    log_warning("%llu of the ticks %llu to %llu were sealed too late: they are a gap in the "
                "history",
                (unsigned long long)(count - sealed), (unsigned long long)job->first_seq,
                (unsigned long long)job->last_seq);
}

static void run(struct task *task)
{
    struct job *job = (struct job *)(void *)task;
    int result;

    job->is_sealed = true;
    if (job->last_seq != 0)
        seal_ticks(job);
    result = merge_run(&job->merge);
    if (result < 0)
        log_warning("minutes of the history: %s: tried again with the next block",
                    strerror(-result));
    archivist_wake(job->options.archivist);
}

static void free_job(struct task *task)
{
    struct job *job = (struct job *)(void *)task;

    merge_finish(&job->merge);
    free(job);
}

int sealer_new(const struct sealer_options *options, struct sealer **out)
{
    struct sealer *sealer = calloc(1, sizeof *sealer);
    struct job *job = calloc(1, sizeof *job);

    if (!sealer || !job ||
        merge_init(&job->merge, options->archive, options->table, options->interval_ms) < 0) {
        free(sealer);
        free(job);
        return -ENOMEM;
    }
    task_init(&job->task, run, free_job);
    job->options = *options;
    sealer->job = job;
    sealer->next_seq = history_last(options->history) + 1;
    *out = sealer;
    return 0;
}

void sealer_free(struct sealer *sealer)
{
    if (!sealer)
        return;
    task_abandon(&sealer->job->task);
    free(sealer);
}

/* Forgets series that no part has a value of. */
static void forget(const struct job *job)
{
    struct archive_counts seconds = archive_count(job->options.archive, ARCHIVE_SECONDS);
    struct archive_counts minutes = archive_count(job->options.archive, ARCHIVE_MINUTES);
    uint64_t first_seq = minutes.first_seq;

    if (first_seq == 0 || (seconds.first_seq != 0 && seconds.first_seq < first_seq))
        first_seq = seconds.first_seq;
    if (first_seq != 0)
        series_table_forget(job->options.table, first_seq);
}

void sealer_tick(struct sealer *sealer, uint64_t seq)
{
    struct job *job = sealer->job;

    if (task_is_out(&job->task))
        return;
    if (task_is_done(&job->task)) {
        task_reset(&job->task);
        if (job->last_seq != 0 && job->is_sealed)
            sealer->next_seq = job->last_seq + 1;
        forget(job);
    }
    /* A block is sealed once the tick after it began. */
    if (sealer->began && block_last_seq(sealer->next_seq) >= seq)
        return;
    job->first_seq = sealer->next_seq;
    job->last_seq = block_last_seq(sealer->next_seq) < seq ? block_last_seq(sealer->next_seq) : 0;
    sealer->began = true;
    task_submit(job->options.tasks, &job->task);
}

uint64_t sealer_lost_ticks(const struct sealer *sealer)
{
    return atomic_load(&sealer->job->lost_ticks);
}
