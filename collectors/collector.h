/*
 * A collector reads one subject of the host and puts raw values into the tick that is being
 * made. It knows the kernel's files and nothing of loops, HTTP or storage: values leave through
 * a struct sink, which the sampler implements (and tests imitate).
 */
#ifndef TACHO_COLLECTORS_COLLECTOR_H
#define TACHO_COLLECTORS_COLLECTOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The kinds of Prometheus's data model. */
enum metric_kind {
    METRIC_GAUGE,
    METRIC_COUNTER,
    METRIC_HISTOGRAM,
    METRIC_SUMMARY,
    METRIC_UNTYPED,
};

/* What a metric measures. Constant data, beside the code that reads the values. */
struct metric {
    const char *name; /* node_exporter's, where it has the metric */
    const char *unit; /* base unit ("seconds", "bytes", "ratio"), or "" for a plain number */
    const char *help; /* one sentence */
    enum metric_kind kind;
    bool cumulative; /* only grows until a reset, so that readers derive a rate */
    /*
     * Its values are sparse histograms: what happened since the tick before, by size. Of a classic
     * histogram each bucket is a number of its own, and this is false.
     */
    bool sparse;
    /*
     * Of a counter that the kernel keeps in 32 bits: the value, in this unit, at which it begins
     * again at 0, and the highest rate that can be. A step back that is within that rate is a wrap,
     * any other a reset. 0: it does not wrap.
     */
    double wraps_at;
    double rate_max;
};

struct label {
    const char *key;
    const char *value;
};

enum series_flag {
    /* Counts in the machine's total: a whole physical disk, an interface with a device. */
    SERIES_IN_TOTAL = 1 << 0,
    /* Computed, not read: shown with 6 significant digits unless all are asked for. */
    SERIES_DERIVED = 1 << 1,
    /* Tells of the daemon itself. */
    SERIES_OWN = 1 << 2,
    /* Came from an application, or tells of how it was asked. */
    SERIES_APPLICATION = 1 << 3,
    /*
     * Beside SERIES_APPLICATION: a text file of the machine says it, so that /metrics tells it as
     * the host's, as node_exporter does. What it is called is somebody else's choice all the same.
     */
    SERIES_TEXTFILE = 1 << 4,
};

/* One bucket of a sparse histogram (daemon/histogram.h) and what it grew by during the tick. */
struct histogram_pair {
    int16_t bucket;
    uint32_t increment;
};

/* Stands for a series that was refused (the limit on live series): writing to it does nothing. */
#define SINK_NO_SLOT UINT32_MAX

/*
 * "No value" inside a row: a NaN that no arithmetic makes. An incoming NaN becomes the canonical
 * one, so that the two never meet.
 */
#define SAMPLE_ABSENT UINT64_C(0x7ff8746163686f00)
/*
 * "No value, and no more": what the series stands for has gone, or is named otherwise now. Readers
 * that keep a last value for a while drop it.
 */
#define SAMPLE_GONE UINT64_C(0x7ff8746163686f01)
#define SAMPLE_NAN  UINT64_C(0x7ff8000000000000)

struct sink;
struct task_runner;
struct process_board;

struct sink_ops {
    /*
     * Mandatory. Gives the slot of the series with this name and these labels, making it if it
     * is new; labels may come in any order. Copies everything it keeps. 0 with *slot set, or
     * -errno with *slot set to SINK_NO_SLOT: -ENOSPC when the limit on series is reached, -EEXIST
     * when an application names what somebody else has.
     */
    int (*declare)(struct sink *sink, const struct metric *metric, const struct label *labels,
                   size_t label_count, unsigned flags, uint32_t *slot);
    /*
     * Mandatory. The collector will not write this slot again unless it declares the series
     * anew; the slot may then belong to another series.
     */
    void (*release)(struct sink *sink, uint32_t slot);
    /*
     * Mandatory. Sets the value of this tick of a sparse series. The pairs, by ascending bucket and
     * each of them once, are copied; those that the row has no room for are dropped and counted by
     * the sink.
     */
    void (*set_histogram)(struct sink *sink, uint32_t slot, const struct histogram_pair *pairs,
                          size_t count);
};

/* A tick as the collectors see it: where its samples go and when it is. Main loop only. */
struct sink {
    const struct sink_ops *ops;
    _Atomic uint64_t *words;         /* the row's words, absent until set */
    uint32_t capacity;               /* words in the row */
    uint32_t interval_ms;            /* how often a series that is declared now gets a value */
    uint64_t seq;                    /* the tick's number */
    int64_t real_ns;                 /* CLOCK_REALTIME of the tick */
    int64_t mono_ns;                 /* and CLOCK_MONOTONIC */
    struct task_runner *tasks;       /* for what may block: task.h */
    struct process_board *processes; /* process_list.h; NULL: nobody takes lists */
    uint32_t room; /* changes when series have been retired: what was refused may fit */
};

static inline int sink_declare(struct sink *sink, const struct metric *metric,
                               const struct label *labels, size_t label_count, unsigned flags,
                               uint32_t *slot)
{
    return sink->ops->declare(sink, metric, labels, label_count, flags, slot);
}

static inline void sink_release(struct sink *sink, uint32_t slot)
{
    if (slot != SINK_NO_SLOT)
        sink->ops->release(sink, slot);
}

/* The bits that a value has in a row. */
static inline uint64_t sample_word(double value)
{
    uint64_t word = SAMPLE_NAN;

    if (value == value)
        memcpy(&word, &value, sizeof word);
    return word;
}

/* Sets the value of this tick. Readers may be copying the row's former content: see history.h. */
static inline void sink_set(struct sink *sink, uint32_t slot, double value)
{
    if (slot < sink->capacity)
        atomic_store_explicit(&sink->words[slot], sample_word(value), memory_order_release);
}

/* The same of a sparse series. */
static inline void sink_set_histogram(struct sink *sink, uint32_t slot,
                                      const struct histogram_pair *pairs, size_t count)
{
    if (slot < sink->capacity)
        sink->ops->set_histogram(sink, slot, pairs, count);
}

/* A series that is declared when it first has a value. All zero before that. */
struct sink_series {
    uint32_t slot;
    uint32_t room; /* of the sink, when it was declared or refused */
    bool declared;
};

/*
 * Whether the series has to be declared. One that was refused stands for nothing, and is declared
 * again when there may be room.
 */
static inline bool sink_lacks(const struct sink *sink, const struct sink_series *series)
{
    return !series->declared || (series->slot == SINK_NO_SLOT && series->room != sink->room);
}

/* Declares the series where it has to be. */
static inline void sink_want(struct sink *sink, struct sink_series *series,
                             const struct metric *metric, const struct label *labels,
                             size_t label_count, unsigned flags)
{
    if (!sink_lacks(sink, series))
        return;
    (void)!sink_declare(sink, metric, labels, label_count, flags, &series->slot);
    series->room = sink->room;
    series->declared = true;
}

/* Sets this tick's value of a series that is declared where it has to be. */
static inline void sink_put(struct sink *sink, struct sink_series *series,
                            const struct metric *metric, const struct label *labels,
                            size_t label_count, unsigned flags, double value)
{
    sink_want(sink, series, metric, labels, label_count, flags);
    sink_set(sink, series->slot, value);
}

/* What it stood for has gone; one that never had a value is a no-op. */
static inline void sink_drop(struct sink *sink, struct sink_series *series)
{
    if (series->declared)
        sink_release(sink, series->slot);
    *series = (struct sink_series){0};
}

struct chooser;

/* Where the kernel's files are; the directories that --path.* name. */
struct collector_roots {
    const char *procfs;            /* /proc */
    const char *sysfs;             /* /sys */
    const char *rootfs;            /* / */
    const struct chooser *chooser; /* choice.h; NULL: the collectors' defaults */
    const char *textfiles;         /* the folder of the textfile collector; NULL: none */
};

/* What sample() gives when more is to come: it is called again at the next tick. */
#define COLLECTOR_AGAIN 1

struct collector {
    const char *name; /* the file's name, and the key that switches it */

    /* Optional. What node_exporter calls it, where that is another name. */
    const char *exporter_name;

    /* Optional. Only sampled where the configuration switches it on. */
    bool off_by_default;

    /* Optional. How often it is sampled, in milliseconds; 0, or less than a tick: at each tick. */
    uint32_t interval_ms;

    /*
     * Mandatory. Opens what stays open. 0 with *state set (the caller owns it until close), or
     * -errno with *state untouched: -ENOENT, -EOPNOTSUPP or -ENODEV when this machine has no such
     * source.
     */
    int (*open)(const struct collector_roots *roots, void **state);

    /*
     * Mandatory. Reads, parses, then writes the values at once. What it does not understand costs
     * its own values only: the rest is written and the error given all the same, so that the reader
     * of the log knows. Runs on the main loop, so it only reads files that cannot block; what may
     * is a task, whose answer a later tick takes. 0, COLLECTOR_AGAIN or -errno: -EBADMSG for text
     * it does not understand, -E2BIG beyond all bounds, -EOPNOTSUPP, having released its series,
     * when the kernel has the source switched off, which is no trouble: it is opened anew, rarely.
     */
    int (*sample)(void *state, struct sink *sink);

    /* Mandatory. Frees the state; NULL is a no-op. Its series are not released. */
    void (*close)(void *state);
};

#endif
