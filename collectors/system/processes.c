#include "collectors/system/processes.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/system/process_scan.h"
#include "collectors/task.h"

#define NS_PER_MS INT64_C(1000000)
/* A tick that comes a little early is the slot's that follows. */
#define EARLY_NS (10 * NS_PER_MS)
/* While so many workers are busy no scan begins: the last quarter is for others. */
#define BUSY_MAX (TASK_WORKERS_MAX * 3 / 4)

static const struct metric by_state = {
    .name = "tacho_processes",
    .unit = "",
    .help = "Processes that can be seen, by state.",
    .kind = METRIC_GAUGE,
};
static const struct metric threads = {
    .name = "tacho_threads",
    .unit = "",
    .help = "Threads of the machine, those of the kernel too.",
    .kind = METRIC_GAUGE,
};

/* Whose a list is: a scan that was given up publishes nothing any more. */
enum claim { CLAIM_NONE, CLAIM_WORKER, CLAIM_COLLECTOR };

struct totals {
    bool known;
    uint32_t by_state[PROCESS_STATE_COUNT];
    uint32_t threads; /* 0: not known */
};

/* A scan, and the scanner that is kept between scans. */
struct round {
    struct task task;
    struct process_scan *scan;
    struct process_board *board; /* NULL: nobody takes the list */
    struct process_moment asked;
    _Atomic int claim;
    struct totals totals; /* the answer */
    int result;
};

struct processes_state {
    char *procfs;
    char *rootfs;
    struct round *round;
    struct round *stuck[PROCESSES_STUCK_MAX]; /* given up, and not returned; NULL: none */
    int64_t asked_ns;                         /* CLOCK_REALTIME of the last scan; 0: none yet */
    int trouble;                              /* of the last answer */
    struct sink_series states[PROCESS_STATE_COUNT];
    struct sink_series threads;
};

/* --- a worker's --- */

static void publish(struct round *round, struct process_list *list)
{
    int none = CLAIM_NONE;

    if (round->board != NULL && atomic_compare_exchange_strong(&round->claim, &none, CLAIM_WORKER))
        round->board->publish(round->board, list);
    else
        process_list_put(list);
}

static void on_run(struct task *task)
{
    struct round *round = (struct round *)(void *)task;
    struct process_list *list;

    round->result = process_scan_run(round->scan, &round->asked, &list);
    round->totals = (struct totals){.known = list != NULL};
    if (list == NULL)
        return;
    memcpy(round->totals.by_state, list->by_state, sizeof list->by_state);
    round->totals.threads = list->total_threads;
    publish(round, list);
}

static void on_free(struct task *task)
{
    struct round *round = (struct round *)(void *)task;

    process_scan_free(round->scan);
    free(round);
}

/* --- the main loop's --- */

static unsigned held_by_stuck(const struct processes_state *state)
{
    unsigned held = 0;

    for (size_t index = 0; index < PROCESSES_STUCK_MAX; index++) {
        if (state->stuck[index] != NULL)
            held += process_scan_kept(state->stuck[index]->scan);
    }
    return held;
}

static int new_round(const struct processes_state *state, unsigned held, struct round **out)
{
    const struct collector_roots roots = {.procfs = state->procfs, .rootfs = state->rootfs};
    struct round *round = calloc(1, sizeof *round);
    int result = round != NULL ? process_scan_new(&roots, held, &round->scan) : -ENOMEM;

    if (result < 0) {
        free(round);
        return result;
    }
    task_init(&round->task, on_run, on_free);
    round->task.busy_max = BUSY_MAX;
    *out = round;
    return 0;
}

static void close_processes(void *opaque)
{
    struct processes_state *state = opaque;

    if (state == NULL)
        return;
    if (state->round != NULL) {
        atomic_store(&state->round->claim, CLAIM_COLLECTOR);
        task_abandon(&state->round->task);
    }
    for (size_t index = 0; index < PROCESSES_STUCK_MAX; index++) {
        if (state->stuck[index] != NULL)
            task_abandon(&state->stuck[index]->task);
    }
    free(state->procfs);
    free(state->rootfs);
    free(state);
}

static int open_processes(const struct collector_roots *roots, void **out)
{
    struct processes_state *state = calloc(1, sizeof *state);
    int result = -ENOMEM;

    if (state == NULL)
        return -ENOMEM;
    state->procfs = strdup(roots->procfs);
    state->rootfs = strdup(roots->rootfs);
    if (state->procfs != NULL && state->rootfs != NULL)
        result = new_round(state, 0, &state->round);
    if (result < 0) {
        close_processes(state);
        return result;
    }
    *out = state;
    return 0;
}

/* Between answers there are no values, as of a series of a longer interval. */
static void write_totals(struct processes_state *state, struct sink *sink,
                         const struct totals *totals)
{
    const uint32_t interval_ms = sink->interval_ms;

    if (sink->interval_ms < PROCESSES_RESTING_MS)
        sink->interval_ms = PROCESSES_RESTING_MS;
    for (size_t index = 0; index < PROCESS_STATE_COUNT; index++) {
        const char letter[] = {PROCESS_STATES[index], '\0'};
        const struct label label = {"state", letter};

        sink_put(sink, &state->states[index], &by_state, &label, 1, 0, totals->by_state[index]);
    }
    if (totals->threads > 0)
        sink_put(sink, &state->threads, &threads, NULL, 0, 0, totals->threads);
    sink->interval_ms = interval_ms;
}

static void take_answer(struct processes_state *state, struct sink *sink)
{
    struct round *round = state->round;

    if (!task_is_done(&round->task))
        return;
    state->trouble = round->result;
    if (round->totals.known)
        write_totals(state, sink, &round->totals);
    task_reset(&round->task);
}

/* The workers of those that have returned are free again. */
static struct round **drop_returned(struct processes_state *state)
{
    struct round **room = NULL;

    for (size_t index = 0; index < PROCESSES_STUCK_MAX; index++) {
        struct round **stuck = &state->stuck[index];

        if (*stuck != NULL && task_is_done(&(*stuck)->task)) {
            task_abandon(&(*stuck)->task);
            *stuck = NULL;
        }
        if (*stuck == NULL)
            room = stuck;
    }
    return room;
}

/* One that is slow, on a machine that has much to do, is none as long as it comes on. */
static bool is_stuck(const struct round *round, int64_t mono_ns)
{
    return task_is_stuck(&round->task, mono_ns - process_scan_moved_ns(round->scan));
}

/*
 * Gives up a scan that does not return, with its scanner. Another one takes its place, and asks the
 * process that kept it for nothing but its stat. It has no rates at first.
 */
static int replace_stuck(struct processes_state *state, struct sink *sink)
{
    struct round **room = drop_returned(state);
    struct round *former = state->round;
    int none = CLAIM_NONE;
    struct round *round;
    int result;

    if (!is_stuck(former, sink->mono_ns))
        return 0;
    if (room == NULL)
        return -ETIMEDOUT;
    result = new_round(state, held_by_stuck(state) + process_scan_kept(former->scan), &round);
    if (result < 0)
        return result;
    if (!atomic_compare_exchange_strong(&former->claim, &none, CLAIM_COLLECTOR)) {
        /* It is about to return after all. */
        task_abandon(&round->task);
        return 0;
    }
    process_scan_quarantine(round->scan, former->scan, process_scan_at(former->scan));
    *room = former;
    state->round = round;
    return 0;
}

/* In the first tick of each slot of the wall clock's grid. */
static bool is_due(const struct processes_state *state, const struct sink *sink)
{
    struct process_board *board = sink->processes;
    const bool watched = board != NULL && board->is_watched(board, sink->mono_ns);
    int64_t period_ns = (watched ? PROCESSES_WATCHED_MS : PROCESSES_RESTING_MS) * NS_PER_MS;

    if (period_ns < sink->interval_ms * NS_PER_MS)
        period_ns = sink->interval_ms * NS_PER_MS;
    return state->asked_ns == 0 ||
           (sink->real_ns + EARLY_NS) / period_ns != (state->asked_ns + EARLY_NS) / period_ns;
}

static void ask(struct processes_state *state, struct sink *sink)
{
    struct round *round = state->round;

    if (task_state(&round->task) != TASK_IDLE || !is_due(state, sink))
        return;
    round->board = sink->processes;
    round->asked = (struct process_moment){
        .seq = sink->seq, .time_ms = sink->real_ns / NS_PER_MS, .mono_ns = sink->mono_ns};
    atomic_store(&round->claim, CLAIM_NONE);
    state->asked_ns = sink->real_ns;
    task_submit(sink->tasks, &round->task);
}

static int sample_processes(void *opaque, struct sink *sink)
{
    struct processes_state *state = opaque;
    int result;

    take_answer(state, sink);
    result = replace_stuck(state, sink);
    ask(state, sink);
    return result < 0 ? result : state->trouble;
}

const struct collector processes_collector = {
    .name = "processes",
    .open = open_processes,
    .sample = sample_processes,
    .close = close_processes,
};
