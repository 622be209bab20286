#include "collectors/system/netclass.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/choice.h"
#include "collectors/roster.h"
#include "collectors/system/netclass_link.h"
#include "collectors/system/netclass_metrics.h"

#define INTERVAL_MS      10000
#define ALL_EVERY_NS     INT64_C(60000000000)
#define NS_PER_MS        1000000
#define NS_PER_SECOND    1000000000
#define LABELS_OF_A_LINK 7

/* An interface that is there. */
struct netclass {
    struct roster_key key;
    bool chosen;                /* whether it is left has been asked */
    bool left;                  /* by the configuration: it is not asked anything */
    struct netclass_call *call; /* NULL: not made yet */
    int64_t asked_real_ns;
    int64_t all_due_ns;
    bool awaited;                /* its answer is still to come in this round */
    bool stuck;                  /* it was, for too long: that call has not returned yet */
    struct netclass_texts texts; /* as info was declared with, this too */
    const char *adminstate;
    struct sink_series info;
    struct sink_series up;
    struct sink_series stuck_since;
    struct sink_series numbers[NETCLASS_NUMBERS];
};

/* Each round asks all interfaces and then waits, over the next ticks, until all have answered. */
struct netclass_state {
    struct collector_roots roots;
    char *folder; /* class/net */
    struct roster links;
    int64_t round_mono_ns; /* when it began */
    bool waiting;          /* it has not ended */
    int trouble;           /* what was left out of it, to be told at its end: 0 or -errno */
};

static void abandon_call(struct netclass *link)
{
    if (link->call != NULL)
        task_abandon(&link->call->task);
    link->call = NULL;
}

static void close_netclass(void *opaque)
{
    struct netclass_state *state = opaque;
    struct netclass *links;

    if (state == NULL)
        return;
    links = state->links.items;
    for (size_t index = 0; index < state->links.count; index++)
        abandon_call(&links[index]);
    roster_finish(&state->links);
    free(state->folder);
    free(state);
}

static int open_netclass(const struct collector_roots *roots, void **out)
{
    struct netclass_state *state = calloc(1, sizeof *state);
    size_t size = strlen(roots->sysfs) + sizeof "/class/net";
    int result = 0;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->links, sizeof(struct netclass));
    state->roots = *roots;
    state->folder = malloc(size);
    if (state->folder == NULL) {
        close_netclass(state);
        return -ENOMEM;
    }
    snprintf(state->folder, size, "%s/class/net", roots->sysfs);
    if (access(state->folder, R_OK | X_OK) < 0)
        result = -errno;
    if (result < 0) {
        close_netclass(state);
        return result;
    }
    *out = state;
    return 0;
}

static void on_gone(void *item, struct sink *sink)
{
    struct netclass *link = item;

    sink_drop(sink, &link->info);
    sink_drop(sink, &link->up);
    sink_drop(sink, &link->stuck_since);
    for (unsigned number = 0; number < NETCLASS_NUMBERS; number++)
        sink_drop(sink, &link->numbers[number]);
    abandon_call(link);
}

/* Interfaces are links or, on a machine of text files, folders; bonding_masters is a file. */
static bool is_interface(const struct dirent *entry)
{
    return entry->d_type != DT_REG && strcmp(entry->d_name, ".") != 0 &&
           strcmp(entry->d_name, "..") != 0;
}

/* 0 or -ENOMEM. */
static int take_link(struct netclass_state *state, struct span name)
{
    struct netclass *link = roster_take(&state->links, name);

    if (link == NULL)
        return -ENOMEM;
    if (!link->chosen)
        link->left = !choice_takes(&state->roots, CHOICE_NETCLASS_DEVICE, link->key.name, true);
    link->chosen = true;
    return 0;
}

/* The state's trouble tells of those that were left out. */
static int take_entries(struct netclass_state *state, DIR *listing)
{
    struct roster *links = &state->links;
    const struct dirent *entry;

    roster_begin(links);
    state->trouble = 0;
    while (errno = 0, (entry = readdir(listing)) != NULL) {
        struct span name = {entry->d_name, strlen(entry->d_name)};

        if (!is_interface(entry))
            continue;
        if (!roster_accepts(name))
            state->trouble = -EBADMSG;
        else if (links->lines >= NETCLASS_LINKS_MAX)
            state->trouble = -E2BIG;
        else if (take_link(state, name) < 0)
            return -ENOMEM;
    }
    return -errno;
}

/* Which interfaces there are: the one thing that sysfs tells without asking anybody. */
static int list(struct netclass_state *state, struct sink *sink)
{
    DIR *listing = opendir(state->folder);
    int result;

    if (listing == NULL)
        return -errno;
    result = take_entries(state, listing);
    closedir(listing);
    if (result == 0)
        roster_sweep(&state->links, on_gone, sink);
    return result;
}

static void put_info(struct netclass *link, struct sink *sink)
{
    const struct netclass_texts *texts = &link->call->link.texts;
    const char *adminstate = netclass_adminstate(&link->call->link);
    const struct label labels[LABELS_OF_A_LINK] = {
        {"device", link->key.name},      {"address", texts->address},
        {"broadcast", texts->broadcast}, {"duplex", texts->duplex},
        {"operstate", texts->operstate}, {"adminstate", adminstate},
        {"ifalias", texts->ifalias},
    };

    if (link->adminstate != adminstate || memcmp(&link->texts, texts, sizeof *texts) != 0)
        sink_drop(sink, &link->info);
    link->adminstate = adminstate;
    link->texts = *texts;
    sink_put(sink, &link->info, &netclass_info, labels, LABELS_OF_A_LINK, 0, 1);
}

/* One that has gone meanwhile will not be listed again. */
static void write_answer(struct netclass *link, struct sink *sink)
{
    const struct netclass_link *answer = &link->call->link;
    const struct label label = {"device", link->key.name};

    if (!netclass_is_present(answer))
        return;
    put_info(link, sink);
    sink_put(sink, &link->up, &netclass_up, &label, 1, 0,
             strcmp(answer->texts.operstate, "up") == 0);
    for (unsigned number = 0; number < NETCLASS_NUMBERS; number++) {
        const struct netclass_metric *metric = &netclass_metrics[number];

        if (answer->known[number])
            sink_put(sink, &link->numbers[number], &metric->metric, &label, 1, 0,
                     (double)answer->numbers[number] * metric->multiply);
    }
}

static void put_stuck(struct netclass *link, struct sink *sink)
{
    const struct label label = {"device", link->key.name};

    sink_put(sink, &link->stuck_since, &netclass_stuck_since, &label, 1, 0,
             (double)link->asked_real_ns / NS_PER_SECOND);
}

/* Whether any are still awaited. */
static bool take_answers(struct netclass_state *state, struct sink *sink)
{
    bool overdue = sink->mono_ns - state->round_mono_ns >= TASK_DEADLINE_NS;
    struct netclass *links = state->links.items;
    bool waiting = false;

    for (size_t index = 0; index < state->links.count; index++) {
        struct netclass *link = &links[index];

        if (!link->awaited)
            continue;
        if (task_is_done(&link->call->task)) {
            write_answer(link, sink);
            task_reset(&link->call->task);
            link->awaited = false;
        } else if (overdue) {
            link->awaited = false;
            link->stuck = true;
            put_stuck(link, sink);
        } else {
            waiting = true;
        }
    }
    return waiting;
}

/* A call that returned too late has healed; its answer is of another time. */
static void ask(struct netclass *link, const char *folder, struct sink *sink)
{
    if (link->stuck && !task_is_done(&link->call->task)) {
        put_stuck(link, sink);
        return;
    }
    if (link->stuck) {
        task_reset(&link->call->task);
        link->stuck = false;
        sink_drop(sink, &link->stuck_since);
    }
    if (link->call == NULL)
        link->call = netclass_call_new(folder, link->key.name);
    if (link->call == NULL)
        return;
    link->awaited = true;
    link->asked_real_ns = sink->real_ns;
    link->call->wants_all = sink->mono_ns >= link->all_due_ns;
    if (link->call->wants_all)
        link->all_due_ns = sink->mono_ns + ALL_EVERY_NS;
    task_submit(sink->tasks, &link->call->task);
}

static bool begin_round(struct netclass_state *state, struct sink *sink)
{
    struct netclass *links = state->links.items;
    bool waiting = false;

    state->round_mono_ns = sink->mono_ns;
    for (size_t index = 0; index < state->links.count; index++) {
        if (links[index].left)
            continue;
        ask(&links[index], state->folder, sink);
        waiting |= links[index].awaited;
    }
    return waiting;
}

/*
 * A round begins when the interval is over. The tick that takes the answers does not, unless ticks
 * are as rare as rounds: then it takes the former round's and begins the next.
 */
static int sample_netclass(void *opaque, struct sink *sink)
{
    struct netclass_state *state = opaque;
    int64_t most_of_it_ns = (int64_t)sink->interval_ms * NS_PER_MS * 3 / 4;
    bool due = !state->waiting || sink->mono_ns - state->round_mono_ns >= most_of_it_ns;
    bool waited = state->waiting;
    bool ended;
    int result = due ? list(state, sink) : 0;

    if (result < 0)
        return result;
    state->waiting = take_answers(state, sink);
    ended = waited && !state->waiting;
    if (due && !state->waiting)
        state->waiting = begin_round(state, sink);
    /* An error would keep the sampler from asking for the answers at the next tick. */
    if (state->trouble < 0 && (ended || !state->waiting))
        return state->trouble;
    return state->waiting ? COLLECTOR_AGAIN : 0;
}

const struct collector netclass_collector = {
    .name = "netclass",
    .interval_ms = INTERVAL_MS,
    .open = open_netclass,
    .sample = sample_netclass,
    .close = close_netclass,
};
