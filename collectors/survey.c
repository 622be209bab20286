#include "collectors/survey.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/roster.h"
#include "collectors/survey_call.h"
#include "collectors/survey_series.h"

#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_SECOND 1e9

static const struct metric stuck_since = {
    .name = "tacho_collector_stuck_since_timestamp_seconds",
    .unit = "seconds",
    .help = "When reading what does not answer began, in Unix time; there only meanwhile.",
    .kind = METRIC_GAUGE,
};

struct survey_entry {
    struct roster_key key;
    struct survey *survey;
    struct survey_call *call; /* NULL: not made yet */
    bool awaited;             /* its answer is still to come in this round */
    bool stuck;               /* it was, for too long: that call has not returned yet */
    double began_s;           /* Unix time, of the call that is stuck */
    struct sink_series stuck_since;
    struct survey_series series;
};

/* Each round asks all targets and then waits, over the next ticks, until all have answered. */
struct survey {
    const struct survey_form *form;
    struct survey_roots own;
    char *path; /* of the folder */
    struct roster entries;
    struct survey_ends ends; /* series that end with this round */
    int64_t round_mono_ns;   /* when it began */
    int64_t sampled_mono_ns; /* when that was last */
    bool waiting;            /* it has not ended */
    int trouble;             /* the first of this round, told at its end: 0 or -errno */
};

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

    sink_put(sink, &entry->stuck_since, &stuck_since, labels, 2, SERIES_OWN, entry->began_s);
}

/* The wall's time of when it began is kept: of two clocks it would be another at each tick. */
static void note_stuck(struct survey *survey, struct survey_entry *entry, struct sink *sink)
{
    int64_t age_ns = sink->mono_ns - entry->call->task.began_ns;

    entry->stuck = true;
    entry->began_s = (double)(sink->real_ns - age_ns) / NS_PER_SECOND;
    put_stuck(survey, entry, sink);
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
            note_stuck(survey, entry, sink);
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
        entry->call = survey_call_new(survey->form, &survey->own.roots, survey->path,
                                      survey->form->each ? entry->key.name : "");
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
    survey_roots_finish(&survey->own);
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
    result = survey_roots_copy(&survey->own, roots);
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
