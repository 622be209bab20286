#include "daemon/processes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/process_text.h"

/* A list that has waited so long for its write is published from memory. */
#define WRITE_PATIENCE_NS (500 * NS_PER_MS)
#define PRESENT_LEAST_NS  (5 * NS_PER_SECOND)

/* It belongs to its owner and to the write that is out, and goes with the last of them. */
struct processes {
    struct process_board board; /* first: its functions find the rest by it */
    struct processes_options options;
    _Atomic int references;
    _Atomic int64_t watched_ns; /* CLOCK_MONOTONIC of the last look; 0: none */
    _Atomic bool arguments_hidden;
    _Atomic uint64_t version;
    _Atomic uint64_t unwritten;
    pthread_mutex_t lock;        /* guards all below */
    struct process_list *newest; /* that was published */
    uint64_t newest_number;      /* counted from 1 */
    struct process_list *last;   /* that came; NULL: it is written */
    uint64_t last_number;
    int64_t last_ns; /* CLOCK_MONOTONIC, when it came */
    bool is_out;     /* a write */
    bool is_writing; /* and has begun */
    bool ended;
    void (*tell)(void *arg);
    void *tell_arg;
};

struct write {
    struct task task; /* first */
    struct processes *processes;
};

static void put(struct processes *processes)
{
    if (atomic_fetch_sub_explicit(&processes->references, 1, memory_order_acq_rel) != 1)
        return;
    process_list_put(processes->newest);
    process_list_put(processes->last);
    pthread_mutex_destroy(&processes->lock);
    free(processes);
}

/* Locked, so that who is told is there while it is. */
static void tell(struct processes *processes)
{
    atomic_fetch_add(&processes->version, 1);
    if (processes->tell)
        processes->tell(processes->tell_arg);
}

/* Unless a newer one was published meanwhile. Locked. */
static void publish(struct processes *processes, struct process_list *list, uint64_t number)
{
    if (number <= processes->newest_number || processes->ended)
        return;
    process_list_put(processes->newest);
    processes->newest = process_list_hold(list);
    processes->newest_number = number;
    tell(processes);
}

/* --- writing, on a worker --- */

/* What came last, held; NULL if that is written, or nobody is left to whom it matters. Locked. */
static struct process_list *begin_write(struct processes *processes, uint64_t *number)
{
    processes->is_writing = processes->last && !processes->ended;
    processes->is_out = processes->is_writing;
    *number = processes->last_number;
    return processes->is_writing ? process_list_hold(processes->last) : NULL;
}

static void end_write(struct processes *processes, struct process_list *list, uint64_t number)
{
    publish(processes, list, number);
    if (processes->last_number == number) {
        process_list_put(processes->last);
        processes->last = NULL;
    }
    process_list_put(list);
}

/* What comes while it writes is written next: one write is out at a time. */
static void on_run(struct task *task)
{
    struct processes *processes = ((struct write *)task)->processes;
    struct process_list *list;
    uint64_t number;

    pthread_mutex_lock(&processes->lock);
    while ((list = begin_write(processes, &number)) != NULL) {
        pthread_mutex_unlock(&processes->lock);
        /* A failure was told and counted by the past, and the next write tries again. */
        (void)!process_past_write(processes->options.past);
        pthread_mutex_lock(&processes->lock);
        end_write(processes, list, number);
    }
    pthread_mutex_unlock(&processes->lock);
}

static void on_free(struct task *task)
{
    struct write *write = (struct write *)task;

    put(write->processes);
    free(write);
}

/* NULL without memory. */
static struct write *new_write(struct processes *processes)
{
    struct write *write = calloc(1, sizeof *write);

    if (!write)
        return NULL;
    task_init(&write->task, on_run, on_free);
    write->processes = processes;
    atomic_fetch_add_explicit(&processes->references, 1, memory_order_relaxed);
    return write;
}

/* --- the board, on the collector's worker --- */

static bool on_is_watched(struct process_board *board, int64_t mono_ns)
{
    int64_t watched_ns = atomic_load(&((struct processes *)board)->watched_ns);

    return watched_ns != 0 && mono_ns - watched_ns < PROCESSES_WATCHED_NS;
}

/* The list is its maker's last act, so that nobody else holds it yet. */
static void hide_arguments(struct process_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct process_text *command = list->entries[i].command;
        size_t length = command ? process_text_program(command) : 0;

        if (!command || length == command->length)
            continue;
        list->entries[i].command = process_text_new(command->text, length);
        process_text_put(command);
    }
}

/* Whether a write is needed in which it is kept; else it was published. Takes the list. */
static bool take(struct processes *processes, struct process_list *list, struct write *write,
                 bool kept)
{
    bool needs_write = false;

    pthread_mutex_lock(&processes->lock);
    process_list_put(processes->last);
    processes->last = list;
    processes->last_ns = clock_mono_ns();
    processes->last_number++;
    if (!kept || (!write && !processes->is_out)) {
        publish(processes, list, processes->last_number);
        processes->last = NULL;
        process_list_put(list);
    } else if (!processes->is_out) {
        processes->is_out = needs_write = true;
    }
    pthread_mutex_unlock(&processes->lock);
    return needs_write;
}

static void on_publish(struct process_board *board, struct process_list *list)
{
    struct processes *processes = (struct processes *)board;
    struct process_past *past = processes->options.past;
    struct write *write = NULL;
    bool kept;

    if (!processes_shows_arguments(processes))
        hide_arguments(list);
    /* Without memory for it that list is a gap of the past, but it is there now. */
    kept = past && process_past_add(past, list) == 0;
    if (kept)
        write = new_write(processes);
    if (take(processes, list, write, kept))
        task_submit(processes->options.tasks, &write->task);
    if (write)
        task_abandon(&write->task);
}

/* --- its owner and its readers --- */

int processes_new(const struct processes_options *options, struct processes **out)
{
    struct processes *processes = calloc(1, sizeof *processes);

    if (!processes)
        return -ENOMEM;
    processes->board = (struct process_board){.is_watched = on_is_watched, .publish = on_publish};
    processes->options = *options;
    atomic_init(&processes->references, 1);
    pthread_mutex_init(&processes->lock, NULL);
    *out = processes;
    return 0;
}

bool processes_free(struct processes *processes)
{
    bool is_writing;

    if (!processes)
        return true;
    pthread_mutex_lock(&processes->lock);
    processes->ended = true;
    is_writing = processes->is_writing;
    pthread_mutex_unlock(&processes->lock);
    put(processes);
    return !is_writing;
}

struct process_board *processes_board(struct processes *processes)
{
    return &processes->board;
}

void processes_tell(struct processes *processes, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&processes->lock);
    processes->tell = fn;
    processes->tell_arg = arg;
    pthread_mutex_unlock(&processes->lock);
}

void processes_show_arguments(struct processes *processes, bool shown)
{
    pthread_mutex_lock(&processes->lock);
    if (atomic_exchange(&processes->arguments_hidden, !shown) == shown && processes->newest)
        tell(processes);
    pthread_mutex_unlock(&processes->lock);
}

bool processes_shows_arguments(const struct processes *processes)
{
    return !atomic_load(&processes->arguments_hidden);
}

void processes_tend(struct processes *processes, int64_t mono_ns)
{
    pthread_mutex_lock(&processes->lock);
    if (processes->last && processes->last_number > processes->newest_number &&
        mono_ns - processes->last_ns >= WRITE_PATIENCE_NS) {
        publish(processes, processes->last, processes->last_number);
        atomic_fetch_add(&processes->unwritten, 1);
    }
    pthread_mutex_unlock(&processes->lock);
}

void processes_watch(struct processes *processes, int64_t mono_ns)
{
    atomic_store(&processes->watched_ns, mono_ns);
}

struct process_list *processes_latest(struct processes *processes, int64_t mono_ns)
{
    const int64_t interval_ns = processes->options.interval_ns;
    const int64_t period_ns = interval_ns > PRESENT_LEAST_NS ? interval_ns : PRESENT_LEAST_NS;
    struct process_list *newest = NULL;

    pthread_mutex_lock(&processes->lock);
    if (processes->newest &&
        mono_ns - processes->newest->mono_ns <= PROCESSES_PRESENT_PERIODS * period_ns)
        newest = process_list_hold(processes->newest);
    pthread_mutex_unlock(&processes->lock);
    return newest;
}

uint64_t processes_version(const struct processes *processes)
{
    return atomic_load(&processes->version);
}

uint64_t processes_unwritten(const struct processes *processes)
{
    return atomic_load(&processes->unwritten);
}

struct process_past *processes_past(const struct processes *processes)
{
    return processes->options.past;
}
