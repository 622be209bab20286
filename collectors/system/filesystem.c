#include "collectors/system/filesystem.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/roster.h"
#include "collectors/system/filesystem_call.h"
#include "collectors/system/filesystem_metric.h"
#include "collectors/system/mountinfo_source.h"

#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_SECOND 1e9
#define EARLY_NS      (10 * NS_PER_MS)

/*
 * While so many workers are busy no further call begins: what may never return takes half of them
 * at most. A quarter is for those that are known to answer, the last for other collectors.
 */
#define BUSY_MAX_UNKNOWN  (TASK_WORKERS_MAX / 2)
#define BUSY_MAX_RELIABLE (TASK_WORKERS_MAX * 3 / 4)

struct mount {
    struct roster_key key; /* its id */
    struct filesystem_call *call;
    struct filesystem_call **gone; /* the state's */
    double stuck_since_s;          /* Unix time */
    bool stuck;                    /* the call that is out */
    bool answered;                 /* since the round began; when it begins, in the one before */
    bool on_disk;                  /* of a block device */
    bool elsewhere;                /* cannot be asked from here */
    bool readonly;
    bool readonly_known;
    bool in_total;
    struct sink_series series[FILESYSTEM_VALUES];
};

struct filesystem_state {
    struct mountinfo_source source;
    struct roster mounts;
    struct filesystem_call *gone; /* calls that are out, of mounts that have gone */
    struct collector_roots roots;
    char *rootfs;       /* without a slash at its end */
    size_t outstanding; /* calls of the mounts that are out */
    size_t stuck;       /* those of them that are */
    int64_t slot;       /* of the interval's grid, in which all were last asked */
    int trouble;        /* with this round's text: told when the round is over */
};

/* Lets go of the calls that have returned since, or of all. */
static void drop_gone(struct filesystem_state *state, bool all)
{
    struct filesystem_call **link = &state->gone;

    while (*link != NULL) {
        struct filesystem_call *call = *link;

        if (all || task_is_done(&call->task)) {
            *link = call->next;
            task_abandon(&call->task);
        } else {
            link = &call->next;
        }
    }
}

static void close_filesystem(void *opaque)
{
    struct filesystem_state *state = opaque;
    struct mount *mounts;

    if (state == NULL)
        return;
    mounts = state->mounts.items;
    for (size_t index = 0; index < state->mounts.count; index++) {
        if (mounts[index].call != NULL)
            task_abandon(&mounts[index].call->task);
    }
    drop_gone(state, true);
    roster_finish(&state->mounts);
    mountinfo_source_finish(&state->source);
    free(state->rootfs);
    free(state);
}

static char *without_slashes_at_end(const char *path)
{
    size_t length = strlen(path);

    while (length > 0 && path[length - 1] == '/')
        length--;
    return strndup(path, length);
}

static int open_filesystem(const struct collector_roots *roots, void **out)
{
    struct filesystem_state *state = calloc(1, sizeof *state);
    int result = -ENOMEM;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->mounts, sizeof(struct mount));
    state->rootfs = without_slashes_at_end(roots->rootfs);
    if (state->rootfs != NULL)
        result = mountinfo_source_open(&state->source, roots->procfs, state->rootfs);
    if (result < 0) {
        close_filesystem(state);
        return result;
    }
    state->roots = *roots;
    state->source.table.roots = state->source.own_table.roots = &state->roots;
    *out = state;
    return 0;
}

/* --- which mounts there are --- */

static void drop_series(struct mount *mount, struct sink *sink)
{
    for (size_t value = 0; value < FILESYSTEM_VALUES; value++)
        sink_drop(sink, &mount->series[value]);
}

/* A call that is out is remembered, for it keeps a worker. */
static void on_gone(void *item, struct sink *sink)
{
    struct mount *mount = item;
    struct filesystem_call *call = mount->call;

    drop_series(mount, sink);
    mount->call = NULL;
    mount->stuck = mount->answered = false;
    if (call == NULL)
        return;
    if (task_is_out(&call->task)) {
        call->next = *mount->gone;
        *mount->gone = call;
    } else {
        task_abandon(&call->task);
    }
}

/* Ids are given again, to mounts that have nothing in common. */
static bool is_same(const struct filesystem_call *call, const struct mountinfo_row *row)
{
    return strcmp(call->mount_point, row->mount_point) == 0 &&
           strcmp(call->device, row->device) == 0 && strcmp(call->fstype, row->fstype) == 0;
}

static int take_row(struct filesystem_state *state, const struct mountinfo_row *row,
                    struct sink *sink)
{
    struct mount *mount = roster_take(&state->mounts, row->id);

    if (mount == NULL)
        return -ENOMEM;
    mount->gone = &state->gone;
    mount->on_disk = row->major != 0;
    mount->elsewhere = row->elsewhere;
    if (mount->call != NULL && !is_same(mount->call, row))
        on_gone(mount, sink);
    if (mount->call == NULL)
        mount->call =
            filesystem_call_new(state->rootfs, row->mount_point, row->device, row->fstype);
    if (mount->call == NULL)
        return -ENOMEM;
    if (mount->in_total != row->first_of_device)
        drop_series(mount, sink);
    mount->in_total = row->first_of_device;
    mount->readonly = row->mount_readonly || row->super_readonly;
    /* A sandbox makes mounts read-only, never the file system itself. */
    mount->readonly_known = !state->source.own || row->super_readonly || !row->mount_readonly;
    return 0;
}

/*
 * On an error some mounts may be new already, but none has been taken for gone. A row that cannot
 * be understood is trouble, no error.
 */
static int refresh_mounts(struct filesystem_state *state, struct sink *sink)
{
    const struct mountinfo_table *table = &state->source.table;
    int result = mountinfo_source_read(&state->source, &state->trouble);

    if (result < 0)
        return result;
    roster_begin(&state->mounts);
    for (size_t index = 0; index < table->count; index++) {
        result = take_row(state, &table->rows[index], sink);
        if (result < 0)
            return result;
    }
    roster_sweep(&state->mounts, on_gone, sink);
    return 0;
}

/* --- what they answered --- */

static void put(struct mount *mount, struct sink *sink, enum filesystem_value which, double value)
{
    const struct label labels[] = {
        {"device", mount->call->device},
        {"fstype", mount->call->fstype},
        {"mountpoint", mount->call->mount_point},
    };

    sink_put(sink, &mount->series[which], &filesystem_metrics[which], labels,
             sizeof labels / sizeof labels[0], mount->in_total ? SERIES_IN_TOTAL : 0, value);
}

static void put_condition(struct mount *mount, struct sink *sink, bool failed)
{
    put(mount, sink, FILESYSTEM_DEVICE_ERROR, failed);
    if (mount->readonly_known)
        put(mount, sink, FILESYSTEM_READONLY, mount->readonly);
}

static void take_answer(struct mount *mount, struct sink *sink)
{
    const struct filesystem_call *call = mount->call;

    sink_drop(sink, &mount->series[FILESYSTEM_STUCK_SINCE]);
    mount->stuck = false;
    mount->answered = true;
    put_condition(mount, sink, call->error != 0);
    if (call->error == 0) {
        put(mount, sink, FILESYSTEM_SIZE, call->size_bytes);
        put(mount, sink, FILESYSTEM_FREE, call->free_bytes);
        put(mount, sink, FILESYSTEM_AVAIL, call->avail_bytes);
        put(mount, sink, FILESYSTEM_FILES, call->files);
        put(mount, sink, FILESYSTEM_FILES_FREE, call->files_free);
    }
    task_reset(&mount->call->task);
}

/*
 * Told when it is found, then once an interval. A call that waits for a worker says nothing of its
 * mount.
 */
static void tell_stuck(struct mount *mount, struct sink *sink, bool due)
{
    const struct task *task = &mount->call->task;

    if (!task_is_stuck(task, sink->mono_ns) || (mount->stuck && !due))
        return;
    if (!mount->stuck)
        mount->stuck_since_s =
            (double)(sink->real_ns - (sink->mono_ns - task->began_ns)) / NS_PER_SECOND;
    mount->stuck = true;
    put_condition(mount, sink, true);
    put(mount, sink, FILESYSTEM_STUCK_SINCE, mount->stuck_since_s);
}

/* Nor does the answer to a call that was made before mean it. */
static void tell_elsewhere(struct mount *mount, struct sink *sink, bool due)
{
    if (task_is_done(&mount->call->task))
        task_reset(&mount->call->task);
    mount->stuck = task_is_stuck(&mount->call->task, sink->mono_ns);
    sink_drop(sink, &mount->series[FILESYSTEM_STUCK_SINCE]);
    if (due)
        put_condition(mount, sink, true);
}

static void write_values(struct filesystem_state *state, struct sink *sink, bool due)
{
    struct mount *mounts = state->mounts.items;

    for (size_t index = 0; index < state->mounts.count; index++) {
        struct mount *mount = &mounts[index];

        if (mount->elsewhere) {
            tell_elsewhere(mount, sink, due);
            continue;
        }
        switch (task_state(&mount->call->task)) {
        case TASK_DONE:
            take_answer(mount, sink);
            break;
        case TASK_RUNNING:
            tell_stuck(mount, sink, due);
            break;
        case TASK_WAITING:
        case TASK_IDLE:
            break;
        }
    }
}

/* --- the round --- */

static void count_outstanding(struct filesystem_state *state)
{
    const struct mount *mounts = state->mounts.items;

    state->outstanding = state->stuck = 0;
    for (size_t index = 0; index < state->mounts.count; index++) {
        state->outstanding += task_state(&mounts[index].call->task) != TASK_IDLE;
        state->stuck += mounts[index].stuck;
    }
}

/*
 * While others do not, what has answered is known to. In quiet times nothing is: all may be of one
 * server that dies now.
 */
static bool is_reliable(const struct mount *mount, bool quiet)
{
    return mount->on_disk || (mount->answered && !quiet);
}

static void ask_those(struct filesystem_state *state, struct sink *sink, bool quiet, bool reliable)
{
    struct mount *mounts = state->mounts.items;

    for (size_t index = 0; index < state->mounts.count; index++) {
        struct mount *mount = &mounts[index];
        struct task *task = &mount->call->task;

        if (task_state(task) != TASK_IDLE || mount->elsewhere)
            continue;
        if (is_reliable(mount, quiet) != reliable)
            continue;
        mount->answered = false;
        task->busy_max = reliable ? BUSY_MAX_RELIABLE : BUSY_MAX_UNKNOWN;
        task_submit(sink->tasks, task);
    }
}

static void ask(struct filesystem_state *state, struct sink *sink)
{
    bool quiet;

    drop_gone(state, false);
    count_outstanding(state);
    quiet = state->outstanding == 0 && state->gone == NULL;
    ask_those(state, sink, quiet, true);
    ask_those(state, sink, quiet, false);
}

/* A tick that comes a little early is the slot's that follows. */
static int64_t slot_of(const struct sink *sink)
{
    return (sink->real_ns + EARLY_NS) / (sink->interval_ms * NS_PER_MS);
}

static int sample_filesystem(void *opaque, struct sink *sink)
{
    struct filesystem_state *state = opaque;
    int64_t slot = slot_of(sink);
    bool due = state->outstanding == 0 || slot != state->slot; /* else it came for answers */
    int trouble = 0;
    int result;

    if (due) {
        trouble = state->trouble; /* of a round that was not over before this one */
        result = refresh_mounts(state, sink);
        if (result < 0)
            return result;
    }
    write_values(state, sink, due);
    if (due) {
        ask(state, sink);
        state->slot = slot;
    }
    count_outstanding(state);
    if (trouble == 0 && state->outstanding == state->stuck) {
        trouble = state->trouble;
        state->trouble = 0;
    }
    if (trouble < 0)
        return trouble;
    return state->outstanding > 0 ? COLLECTOR_AGAIN : 0;
}

const struct collector filesystem_collector = {
    .name = "filesystem",
    .interval_ms = FILESYSTEM_INTERVAL_MS,
    .open = open_filesystem,
    .sample = sample_filesystem,
    .close = close_filesystem,
};
