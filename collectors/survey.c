#include "collectors/survey.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/roster.h"
#include "collectors/survey_series.h"
#include "collectors/task.h"

#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_SECOND 1e9
/* What may never return leaves workers for the others. */
#define BUSY_MAX (TASK_WORKERS_MAX / 2)

static const struct metric stuck_since = {
    .name = "tacho_collector_stuck_since_timestamp_seconds",
    .unit = "seconds",
    .help = "When reading what does not answer began, in Unix time; there only meanwhile.",
    .kind = METRIC_GAUGE,
};

#define ROOTS 4

/* With strings of its own. */
struct own_roots {
    struct collector_roots roots;
    char *texts[ROOTS];
};

/* A call owns all that its worker touches. */
struct survey_call {
    struct task task; /* the first */
    const struct survey_form *form;
    struct survey_target target;
    struct own_roots own;
    char *path;
    struct findings findings;
};

struct survey_entry {
    struct roster_key key;
    struct survey *survey;
    struct survey_call *call; /* NULL: not made yet */
    bool awaited;             /* its answer is still to come in this round */
    bool stuck;               /* it was, for too long: that call has not returned yet */
    struct sink_series stuck_since;
    struct survey_series series;
};

/* Each round asks all targets and then waits, over the next ticks, until all have answered. */
struct survey {
    const struct survey_form *form;
    struct own_roots own;
    char *path; /* of the folder */
    struct roster entries;
    struct survey_ends ends; /* series that end with this round */
    int64_t round_mono_ns;   /* when it began */
    int64_t sampled_mono_ns; /* when that was last */
    bool waiting;            /* it has not ended */
    int trouble;             /* the first of this round, told at its end: 0 or -errno */
};

static void free_roots(struct own_roots *own)
{
    for (size_t index = 0; index < ROOTS; index++)
        free(own->texts[index]);
}

/* 0, or -ENOMEM; free_roots() is right whatever it returns, also of one that is all zero. */
static int copy_roots(struct own_roots *own, const struct collector_roots *roots)
{
    const char *const texts[ROOTS] = {roots->procfs, roots->sysfs, roots->rootfs, roots->textfiles};

    for (size_t index = 0; index < ROOTS; index++) {
        own->texts[index] = texts[index] != NULL ? strdup(texts[index]) : NULL;
        if (texts[index] != NULL && own->texts[index] == NULL)
            return -ENOMEM;
    }
    own->roots = (struct collector_roots){.procfs = own->texts[0],
                                          .sysfs = own->texts[1],
                                          .rootfs = own->texts[2],
                                          .textfiles = own->texts[3],
                                          .chooser = roots->chooser};
    return 0;
}

/* --- a call --- */

static void free_call(struct task *task)
{
    struct survey_call *call = (struct survey_call *)(void *)task;

    findings_finish(&call->findings);
    free_roots(&call->own);
    free(call->path);
    free(call);
}

static void run_call(struct task *task)
{
    struct survey_call *call = (struct survey_call *)(void *)task;
    struct survey_target *target = &call->target;

    findings_clear(&call->findings);
    target->folder = open(target->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target->folder < 0 && (errno != ENOTDIR || call->form->each)) {
        findings_trouble(&call->findings, -errno); /* unless it has gone */
        return;
    }
    call->form->read(target, &call->findings);
    if (target->folder >= 0)
        close(target->folder);
}

static int fill_call(struct survey_call *call, const struct survey *survey, const char *name)
{
    int length = asprintf(&call->path, *name != '\0' ? "%s/%s" : "%s%s", survey->path, name);

    if (length < 0) {
        call->path = NULL;
        return -ENOMEM;
    }
    if (copy_roots(&call->own, &survey->own.roots) < 0)
        return -ENOMEM;
    call->target = (struct survey_target){.roots = call->own.roots,
                                          .name = call->path + length - strlen(name),
                                          .path = call->path,
                                          .folder = -1};
    return 0;
}

static struct survey_call *call_new(const struct survey *survey, const char *name)
{
    struct survey_call *call = calloc(1, sizeof *call);

    if (call == NULL)
        return NULL;
    call->form = survey->form;
    task_init(&call->task, run_call, free_call);
    call->task.busy_max = BUSY_MAX;
    if (fill_call(call, survey, name) == 0)
        return call;
    free_call(&call->task);
    return NULL;
}

/* --- which targets there are --- */

static void on_gone(void *item, struct sink *sink)
{
    struct survey_entry *entry = item;

    sink_drop(sink, &entry->stuck_since);
    survey_series_drop(&entry->series, &entry->survey->ends, sink);
    if (entry->call != NULL)
        task_abandon(&entry->call->task);
}

static int take_name(struct survey *survey, struct span name)
{
    struct survey_entry *entry = roster_take(&survey->entries, name);

    if (entry == NULL)
        return -ENOMEM;
    entry->survey = survey;
    return 0;
}

static void take_entry(struct survey *survey, const struct dirent *found)
{
    struct span name = {found->d_name, strlen(found->d_name)};
    int result;

    if (*found->d_name == '.' || found->d_type == DT_REG)
        return;
    if (survey->form->picks != NULL && !survey->form->picks(&survey->own.roots, found->d_name))
        return;
    if (!roster_accepts(name))
        result = -EBADMSG;
    else if (survey->entries.lines >= SURVEY_TARGETS_MAX)
        result = -E2BIG;
    else
        result = take_name(survey, name);
    if (survey->trouble == 0)
        survey->trouble = result;
}

static int take_entries(struct survey *survey)
{
    DIR *listing = opendir(survey->path);
    const struct dirent *found;
    int result;

    if (listing == NULL)
        return -errno;
    while (errno = 0, (found = readdir(listing)) != NULL)
        take_entry(survey, found);
    result = -errno;
    closedir(listing);
    return result;
}

/* The one target has a name in the roster that no entry has. */
static int list(struct survey *survey, struct sink *sink)
{
    static const struct span one = {".", 1};
    int result = 0;

    survey->trouble = 0;
    roster_begin(&survey->entries);
    if (survey->form->each)
        result = take_entries(survey);
    else if (access(survey->path, F_OK) < 0)
        result = -errno;
    else
        result = take_name(survey, one);
    if (result == 0 || result == -ENOENT) /* then all of them have gone */
        roster_sweep(&survey->entries, on_gone, sink);
    return result;
}

/* --- rounds --- */

static void put_stuck(struct survey *survey, struct survey_entry *entry, struct sink *sink)
{
    const struct label labels[] = {
        {"collector", survey->form->collector},
        {"target", survey->form->each ? entry->key.name : survey->form->folder},
    };
    int64_t age_ns = sink->mono_ns - entry->call->task.began_ns;

    sink_put(sink, &entry->stuck_since, &stuck_since, labels, 2, SERIES_OWN,
             (double)(sink->real_ns - age_ns) / NS_PER_SECOND);
}

static void take_answer(struct survey *survey, struct survey_entry *entry, struct sink *sink)
{
    struct findings *findings = &entry->call->findings;
    int result = survey_series_write(&entry->series, findings, &survey->ends, sink);

    if (survey->trouble == 0)
        survey->trouble = findings->trouble < 0 ? findings->trouble : result;
    task_reset(&entry->call->task);
    entry->awaited = false;
}

/*
 * Whether any are still awaited. A call that waits for a worker, as it does for long where targets
 * are many, says nothing of its target.
 */
static bool take_answers(struct survey *survey, struct sink *sink)
{
    struct survey_entry *entries = survey->entries.items;
    bool waiting = false;

    for (size_t index = 0; index < survey->entries.count; index++) {
        struct survey_entry *entry = &entries[index];

        if (!entry->awaited)
            continue;
        if (task_is_done(&entry->call->task)) {
            take_answer(survey, entry, sink);
        } else if (task_is_stuck(&entry->call->task, sink->mono_ns)) {
            entry->awaited = false;
            entry->stuck = true;
            put_stuck(survey, entry, sink);
        } else {
            waiting = true;
        }
    }
    return waiting;
}

/* A call that returned too late has healed; its answer is of another time. */
static void ask(struct survey *survey, struct survey_entry *entry, struct sink *sink)
{
    if (entry->stuck && !task_is_done(&entry->call->task)) {
        put_stuck(survey, entry, sink);
        return;
    }
    if (entry->stuck) {
        task_reset(&entry->call->task);
        entry->stuck = false;
        sink_drop(sink, &entry->stuck_since);
    }
    if (entry->call == NULL)
        entry->call = call_new(survey, survey->form->each ? entry->key.name : "");
    if (entry->call == NULL)
        return;
    entry->awaited = true;
    task_submit(sink->tasks, &entry->call->task);
}

static bool begin_round(struct survey *survey, struct sink *sink)
{
    struct survey_entry *entries = survey->entries.items;
    bool waiting = false;

    survey->round_mono_ns = sink->mono_ns;
    for (size_t index = 0; index < survey->entries.count; index++) {
        ask(survey, &entries[index], sink);
        waiting |= entries[index].awaited;
    }
    return waiting;
}

/* Series that no target has now. Without memory they wait for the next round. */
static void end_series(struct survey *survey, struct sink *sink)
{
    const struct survey_entry *entries = survey->entries.items;
    uint8_t *slots;

    if (survey->ends.count == 0)
        return;
    slots = calloc(sink->capacity / 8 + 1, 1);
    if (slots == NULL)
        return;
    for (size_t index = 0; index < survey->entries.count; index++)
        survey_series_mark(&entries[index].series, slots, sink->capacity);
    survey_ends_release(&survey->ends, slots, sink->capacity, sink);
    free(slots);
}

/*
 * A round begins when the interval is over. The tick that takes the answers does not, unless ticks
 * are as rare as rounds: then it takes the former round's and begins the next.
 */
int survey_sample(void *opaque, struct sink *sink)
{
    struct survey *survey = opaque;
    int64_t most_of_it_ns = (int64_t)sink->interval_ms * NS_PER_MS * 3 / 4;
    bool due = !survey->waiting || sink->mono_ns - survey->round_mono_ns >= most_of_it_ns;
    bool rare = sink->mono_ns - survey->sampled_mono_ns >= most_of_it_ns;
    int told = 0, result;

    survey->sampled_mono_ns = sink->mono_ns;
    if (survey->waiting) {
        survey->waiting = take_answers(survey, sink);
        if (!survey->waiting) {
            told = survey->trouble;
            end_series(survey, sink);
        }
    }
    if (due && !survey->waiting) {
        result = list(survey, sink);
        survey->waiting = result == 0 && begin_round(survey, sink);
        if (!survey->waiting)
            end_series(survey, sink);
        if (result < 0 && result != -ENOENT)
            return result;
        if (survey->entries.count == 0 && survey->trouble == 0 && survey->ends.count == 0)
            return -EOPNOTSUPP; /* not on this machine, or no more */
    }
    /* An error keeps the sampler from asking before the next round is due, which is soon then. */
    if (told < 0 && (rare || !survey->waiting))
        return told;
    return survey->waiting ? COLLECTOR_AGAIN : 0;
}

void survey_close(void *opaque)
{
    struct survey *survey = opaque;
    struct survey_entry *entries;

    if (survey == NULL)
        return;
    entries = survey->entries.items;
    for (size_t index = 0; index < survey->entries.count; index++) {
        survey_series_finish(&entries[index].series);
        if (entries[index].call != NULL)
            task_abandon(&entries[index].call->task);
    }
    roster_finish(&survey->entries);
    survey_ends_finish(&survey->ends);
    free_roots(&survey->own);
    free(survey->path);
    free(survey);
}

static const char *root_of(const struct survey_form *form, const struct collector_roots *roots)
{
    switch (form->root) {
    case SURVEY_PROCFS:
        return roots->procfs;
    case SURVEY_SYSFS:
        return roots->sysfs;
    default:
        return roots->rootfs;
    }
}

int survey_open(const struct survey_form *form, const struct collector_roots *roots, void **state)
{
    struct survey *survey = calloc(1, sizeof *survey);
    int result;

    if (survey == NULL)
        return -ENOMEM;
    survey->form = form;
    roster_init(&survey->entries, sizeof(struct survey_entry));
    result = copy_roots(&survey->own, roots);
    if (result == 0 && asprintf(&survey->path, "%s/%s", root_of(form, roots), form->folder) < 0) {
        survey->path = NULL;
        result = -ENOMEM;
    }
    if (result == 0 && access(survey->path, F_OK) < 0)
        result = -errno;
    if (result < 0) {
        survey_close(survey);
        return result;
    }
    *state = survey;
    return 0;
}
