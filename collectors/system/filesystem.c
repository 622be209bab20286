#include "collectors/system/filesystem.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/filesystem_call.h"
#include "collectors/system/mountinfo.h"

#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_SECOND 1e9
#define EARLY_NS      (10 * NS_PER_MS)

enum value {
    VALUE_SIZE,
    VALUE_FREE,
    VALUE_AVAIL,
    VALUE_FILES,
    VALUE_FILES_FREE,
    VALUE_READONLY,
    VALUE_DEVICE_ERROR,
    VALUE_STUCK_SINCE,
    VALUES,
};

#define GAUGE(name_, unit_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .unit = (unit_), .help = (help_), .kind = METRIC_GAUGE                    \
    }

static const struct metric metrics[VALUES] = {
    [VALUE_SIZE] = GAUGE("node_filesystem_size_bytes", "bytes", "Filesystem size in bytes."),
    [VALUE_FREE] = GAUGE("node_filesystem_free_bytes", "bytes", "Filesystem free space in bytes."),
    [VALUE_AVAIL] = GAUGE("node_filesystem_avail_bytes", "bytes",
                          "Filesystem space available to non-root users in bytes."),
    [VALUE_FILES] = GAUGE("node_filesystem_files", "", "Filesystem total file nodes."),
    [VALUE_FILES_FREE] =
        GAUGE("node_filesystem_files_free", "", "Filesystem total free file nodes."),
    [VALUE_READONLY] = GAUGE("node_filesystem_readonly", "", "Filesystem read-only status."),
    [VALUE_DEVICE_ERROR] =
        GAUGE("node_filesystem_device_error", "",
              "Whether an error occurred while getting statistics for the given device."),
    [VALUE_STUCK_SINCE] =
        GAUGE("tacho_filesystem_stuck_since_timestamp_seconds", "seconds",
              "Unix time of the statvfs call that this mount has not answered; it is not asked "
              "again before."),
};

struct mount {
    struct roster_key key; /* its id */
    struct filesystem_call *call;
    int64_t called_real_ns; /* when the call in flight was submitted */
    int64_t called_mono_ns;
    bool readonly;
    bool readonly_known;
    bool in_total;
    struct sink_series series[VALUES];
};

struct filesystem_state {
    struct procfs_file file;
    struct mountinfo_table table;
    struct roster mounts;
    char *rootfs;       /* without a slash at its end */
    bool own;           /* the mounts are this process's, not process 1's */
    size_t outstanding; /* answers that have not been taken */
    int64_t slot;       /* of the interval's grid, in which all were last asked */
};

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
    roster_finish(&state->mounts);
    mountinfo_finish(&state->table);
    procfs_close(&state->file);
    free(state->rootfs);
    free(state);
}

/* With hidepid= or ProtectProc= process 1 is not to be seen. */
static int open_mountinfo(struct filesystem_state *state, const char *procfs)
{
    int result = procfs_open(&state->file, procfs, "1/mountinfo");

    if (result == -ENOENT || result == -EACCES || result == -EPERM) {
        state->own = true;
        procfs_close(&state->file);
        result = procfs_open(&state->file, procfs, "self/mountinfo");
    }
    state->file.long_lines = true;
    return result;
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
        result = open_mountinfo(state, roots->procfs);
    if (result < 0) {
        close_filesystem(state);
        return result;
    }
    *out = state;
    return 0;
}

/* --- which mounts there are --- */

static void drop_series(struct mount *mount, struct sink *sink)
{
    for (size_t value = 0; value < VALUES; value++)
        sink_drop(sink, &mount->series[value]);
}

/* A call that has not returned is the worker's from now on. */
static void on_gone(void *item, struct sink *sink)
{
    struct mount *mount = item;

    drop_series(mount, sink);
    if (mount->call != NULL)
        task_abandon(&mount->call->task);
    mount->call = NULL;
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
    mount->readonly_known = !state->own || row->super_readonly || !row->mount_readonly;
    return 0;
}

/* On an error some mounts may be new already, but none has been taken for gone. */
static int refresh_mounts(struct filesystem_state *state, struct sink *sink)
{
    const char *text;
    size_t length;
    int result = procfs_read(&state->file, &text, &length);

    if (result == 0)
        result = mountinfo_parse(text, length, state->rootfs, &state->table);
    if (result < 0)
        return result;
    roster_begin(&state->mounts);
    for (size_t index = 0; index < state->table.count; index++) {
        result = take_row(state, &state->table.rows[index], sink);
        if (result < 0)
            return result;
    }
    roster_sweep(&state->mounts, on_gone, sink);
    return 0;
}

/* --- what they answered --- */

static void put(struct mount *mount, struct sink *sink, enum value which, double value)
{
    const struct label labels[] = {
        {"device", mount->call->device},
        {"fstype", mount->call->fstype},
        {"mountpoint", mount->call->mount_point},
    };

    sink_put(sink, &mount->series[which], &metrics[which], labels, sizeof labels / sizeof labels[0],
             mount->in_total ? SERIES_IN_TOTAL : 0, value);
}

static void put_condition(struct mount *mount, struct sink *sink, bool failed)
{
    put(mount, sink, VALUE_DEVICE_ERROR, failed);
    if (mount->readonly_known)
        put(mount, sink, VALUE_READONLY, mount->readonly);
}

static void take_answer(struct mount *mount, struct sink *sink)
{
    const struct filesystem_call *call = mount->call;

    sink_drop(sink, &mount->series[VALUE_STUCK_SINCE]);
    put_condition(mount, sink, call->error != 0);
    if (call->error == 0) {
        put(mount, sink, VALUE_SIZE, call->size_bytes);
        put(mount, sink, VALUE_FREE, call->free_bytes);
        put(mount, sink, VALUE_AVAIL, call->avail_bytes);
        put(mount, sink, VALUE_FILES, call->files);
        put(mount, sink, VALUE_FILES_FREE, call->files_free);
    }
    task_reset(&mount->call->task);
}

/* Told when it is found, then once an interval. */
static void tell_stuck(struct mount *mount, struct sink *sink, bool due)
{
    if (sink->mono_ns - mount->called_mono_ns < TASK_DEADLINE_NS)
        return;
    if (!due && mount->series[VALUE_STUCK_SINCE].declared)
        return;
    put_condition(mount, sink, true);
    put(mount, sink, VALUE_STUCK_SINCE, (double)mount->called_real_ns / NS_PER_SECOND);
}

static void write_values(struct filesystem_state *state, struct sink *sink, bool due)
{
    struct mount *mounts = state->mounts.items;

    for (size_t index = 0; index < state->mounts.count; index++) {
        struct mount *mount = &mounts[index];

        switch (task_state(&mount->call->task)) {
        case TASK_DONE:
            take_answer(mount, sink);
            break;
        case TASK_WAITING:
            tell_stuck(mount, sink, due);
            break;
        case TASK_IDLE:
            break;
        }
    }
}

/* --- the round --- */

static void ask(struct filesystem_state *state, struct sink *sink)
{
    struct mount *mounts = state->mounts.items;

    for (size_t index = 0; index < state->mounts.count; index++) {
        struct mount *mount = &mounts[index];

        if (task_state(&mount->call->task) != TASK_IDLE)
            continue;
        mount->called_real_ns = sink->real_ns;
        mount->called_mono_ns = sink->mono_ns;
        task_submit(sink->tasks, &mount->call->task);
    }
}

static size_t count_outstanding(const struct filesystem_state *state)
{
    const struct mount *mounts = state->mounts.items;
    size_t count = 0;

    for (size_t index = 0; index < state->mounts.count; index++)
        count += task_state(&mounts[index].call->task) != TASK_IDLE;
    return count;
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
    int result;

    if (due) {
        result = refresh_mounts(state, sink);
        if (result < 0)
            return result;
    }
    write_values(state, sink, due);
    if (due) {
        ask(state, sink);
        state->slot = slot;
    }
    state->outstanding = count_outstanding(state);
    return state->outstanding > 0 ? COLLECTOR_AGAIN : 0;
}

const struct collector filesystem_collector = {
    .name = "filesystem",
    .interval_ms = FILESYSTEM_INTERVAL_MS,
    .open = open_filesystem,
    .sample = sample_filesystem,
    .close = close_filesystem,
};
