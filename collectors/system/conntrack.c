#include "collectors/system/conntrack.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/number_file.h"
#include "collectors/optional_file.h"
#include "collectors/parse.h"

/* The heading has 17; a later kernel may have more. */
#define COLUMNS_MAX 64

/*
 * node_exporter calls these gauges. Each is a sum of 32-bit counters, one for each CPU: where one
 * wraps cannot be told from where the sum is.
 */
#define EVENT(name_, help_)                                                                        \
    {                                                                                              \
        (name_),                                                                                   \
        {                                                                                          \
            .name = "node_nf_conntrack_stat_" name_, .unit = "", .help = (help_),                  \
            .kind = METRIC_GAUGE, .cumulative = true                                               \
        }                                                                                          \
    }

static const struct {
    const char *heading;
    struct metric metric;
} events[CONNTRACK_EVENTS] = {
    [CONNTRACK_FOUND] = EVENT("found", "Number of searched entries which were successful."),
    [CONNTRACK_INVALID] = EVENT("invalid", "Number of packets seen which can not be tracked."),
    [CONNTRACK_IGNORE] = EVENT("ignore", "Number of packets seen which are already connected to a "
                                         "conntrack entry."),
    [CONNTRACK_INSERT] = EVENT("insert", "Number of entries inserted into the list."),
    [CONNTRACK_INSERT_FAILED] = EVENT("insert_failed", "Number of entries for which list insertion "
                                                       "was attempted but failed."),
    [CONNTRACK_DROP] = EVENT("drop", "Number of packets dropped due to conntrack failure."),
    [CONNTRACK_EARLY_DROP] =
        EVENT("early_drop", "Number of dropped conntrack entries to make room for new ones, "
                            "if maximum table size was reached."),
    [CONNTRACK_SEARCH_RESTART] =
        EVENT("search_restart", "Number of conntrack table lookups which had to be "
                                "restarted due to hashtable resizes."),
};

#define SIZES 2

static const struct {
    const char *path;
    struct metric metric;
} sizes[SIZES] = {
    {"sys/net/netfilter/nf_conntrack_count",
     {.name = "node_nf_conntrack_entries",
      .unit = "",
      .help = "Number of currently allocated flow entries for connection tracking.",
      .kind = METRIC_GAUGE}},
    {"sys/net/netfilter/nf_conntrack_max",
     {.name = "node_nf_conntrack_entries_limit",
      .unit = "",
      .help = "Maximum size of connection tracking table.",
      .kind = METRIC_GAUGE}},
};

struct conntrack_state {
    struct procfs_file sizes[SIZES];
    struct optional_file stat;
    struct sink_series size_series[SIZES];
    struct sink_series event_series[CONNTRACK_EVENTS];
};

/* What each column is: an event, or CONNTRACK_EVENTS for any other. */
struct columns {
    unsigned events[COLUMNS_MAX];
    size_t count;
    unsigned present;
};

static bool parse_heading(struct scanner line, struct columns *columns)
{
    struct span name;

    columns->count = 0;
    columns->present = 0;
    while (scan_word(&line, &name)) {
        unsigned event = 0;

        while (event < CONNTRACK_EVENTS && !span_equals(name, events[event].heading))
            event++;
        if (columns->count == COLUMNS_MAX)
            return false;
        columns->events[columns->count++] = event;
        if (event < CONNTRACK_EVENTS)
            columns->present |= 1U << event;
        scan_blanks(&line);
    }
    return scan_is_done(&line) && columns->present != 0;
}

static bool add_line(struct scanner line, const struct columns *columns, uint64_t *sums)
{
    for (size_t column = 0; column < columns->count; column++) {
        unsigned event = columns->events[column];
        uint64_t value;

        if (!scan_hex(&line, &value) || value > UINT32_MAX)
            return false;
        if (event < CONNTRACK_EVENTS)
            sums[event] += value;
        if (!scan_blanks(&line))
            return scan_is_done(&line) && column + 1 == columns->count;
    }
    return scan_is_done(&line);
}

int conntrack_parse(const char *text, size_t length, struct conntrack_stat *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct conntrack_stat stat = {0};
    struct columns columns;
    struct scanner line;

    if (!scan_line(&scanner, &line) || !parse_heading(line, &columns))
        return -EBADMSG;
    while (scan_line(&scanner, &line)) {
        if (!add_line(line, &columns, stat.sums))
            return -EBADMSG;
    }
    stat.present = columns.present;
    *out = stat;
    return 0;
}

static void close_conntrack(void *opaque)
{
    struct conntrack_state *state = opaque;

    if (state == NULL)
        return;
    for (size_t index = 0; index < SIZES; index++)
        procfs_close(&state->sizes[index]);
    optional_file_close(&state->stat);
    free(state);
}

static int open_conntrack(const struct collector_roots *roots, void **out)
{
    struct conntrack_state *state = calloc(1, sizeof *state);
    int result = 0;

    if (state == NULL)
        return -ENOMEM;
    for (size_t index = 0; result == 0 && index < SIZES; index++)
        result = procfs_open(&state->sizes[index], roots->procfs, sizes[index].path);
    if (result == 0)
        result = optional_file_open_net(&state->stat, roots->procfs, "stat/nf_conntrack");
    if (result < 0) {
        close_conntrack(state);
        return result;
    }
    *out = state;
    return 0;
}

static int sample_size(struct conntrack_state *state, size_t index, struct sink *sink)
{
    uint64_t number;
    int result = number_file_read(&state->sizes[index], &number);

    if (result == 0)
        sink_put(sink, &state->size_series[index], &sizes[index].metric, NULL, 0, 0,
                 (double)number);
    return result;
}

/* The kernel may have been built without it (NF_CONNTRACK_PROCFS), which is no error. */
static int sample_stat(struct conntrack_state *state, struct sink *sink)
{
    struct conntrack_stat stat;
    const char *text;
    size_t length;
    int result = optional_file_read(&state->stat, &text, &length);

    if (optional_file_is_absence(result))
        return 0;
    if (result < 0)
        return result;
    result = conntrack_parse(text, length, &stat);
    if (result < 0)
        return result;
    for (unsigned event = 0; event < CONNTRACK_EVENTS; event++) {
        if (stat.present & 1U << event)
            sink_put(sink, &state->event_series[event], &events[event].metric, NULL, 0, 0,
                     (double)stat.sums[event]);
    }
    return 0;
}

/* Each file by itself; the first trouble is told. */
static int sample_conntrack(void *opaque, struct sink *sink)
{
    struct conntrack_state *state = opaque;
    int entries = sample_size(state, 0, sink);
    int limit = sample_size(state, 1, sink);
    int stat = sample_stat(state, sink);

    if (entries < 0)
        return entries;
    return limit < 0 ? limit : stat;
}

const struct collector conntrack_collector = {
    .name = "conntrack",
    .open = open_conntrack,
    .sample = sample_conntrack,
    .close = close_conntrack,
};
