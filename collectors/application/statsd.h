/*
 * StatsD with DogStatsD's tags, the text of one packet: a line for each metric,
 *
 *     NAME:VALUE[:VALUE...]|TYPE[|@RATE][|#KEY:VALUE,...]
 *
 * of the types c, g, ms, h, d and s. Other fields of a line that begin with a letter (a container,
 * a time, what is to come) are passed over, and so are events (_e{) and service checks (_sc|).
 * Pure: neither allocates nor looks behind the text, and keeps nothing.
 */
#ifndef TACHO_COLLECTORS_APPLICATION_STATSD_H
#define TACHO_COLLECTORS_APPLICATION_STATSD_H

#include "collectors/collector.h"
#include "collectors/parse.h"

#define STATSD_LINE_MAX  8192
#define STATSD_NAME_MAX  256 /* of a metric, and of a tag's key */
#define STATSD_TAGS_MAX  30
#define STATSD_VALUE_MAX 1024 /* bytes of a tag's value */

enum statsd_type {
    STATSD_COUNTER,
    STATSD_GAUGE,
    STATSD_TIMER,     /* ms; here in seconds */
    STATSD_HISTOGRAM, /* h and d, which mean the same here */
    STATSD_SET,
};

/* What stands around a value. Lives as long as the packet. */
struct statsd_metric {
    struct span name; /* 1 to STATSD_NAME_MAX bytes of any kind but ':', '|' and newline */
    struct span tags; /* what stands behind the '#', or nothing */
    enum statsd_type type;
    double rate; /* above 0, up to 1: the share of what happened that is told */
};

struct statsd_value {
    struct span text;   /* of a set: what is a member of it; never empty */
    double number;      /* of all others: finite; negative in gauges alone */
    bool is_difference; /* of a gauge: it has a sign, and is added to what there is */
};

enum statsd_fault {
    STATSD_FINE,
    STATSD_MALFORMED,  /* a line, or one of its values, that is not of that form */
    STATSD_TOO_LONG,   /* a line or a name beyond its limit */
    STATSD_IMPOSSIBLE, /* a value that is not finite, or negative where it cannot be */
};

struct statsd_visitor {
    /* Both mandatory. Each value of a line; what they point to is good during the call. */
    void (*value)(void *arg, const struct statsd_metric *metric, const struct statsd_value *value);
    /* A line, or one value of it, that was not taken. The others are. */
    void (*wrong)(void *arg, enum statsd_fault fault);
};

/* All lines of a packet, in their order. The last may lack its newline; one may end in CR LF. */
void statsd_parse(const char *packet, size_t size, const struct statsd_visitor *visitor, void *arg);

/* Labels that a series can have: those of its tags and one of where it comes from. */
#define STATSD_LABELS_MAX (STATSD_TAGS_MAX + 1)
/* Each byte of a line becomes at most one, and a key may grow by what says that it was exposed. */
#define STATSD_KEY_BYTES (STATSD_LINE_MAX + STATSD_LABELS_MAX * 16 + STATSD_VALUE_MAX)

/*
 * A series by which text it is known: the name and behind it, by key, the keys and values of its
 * labels, each with a NUL.
 */
struct statsd_key {
    size_t size;
    size_t label_count;
    char text[STATSD_KEY_BYTES];
};

/*
 * The series that a metric is of. Its name as statsd_exporter maps it: a character other than
 * [a-zA-Z0-9_:] becomes '_', and a leading digit gets one in front; so do those of labels, without
 * the ':'. Tags without a value, or whose key is then a reserved one (__), are passed over; of two
 * with one key the last counts; "quantile", "unit" and "command" become exported_*, whoever sends.
 * The origin is a label, "unit" or "command", or NULL. 0, or -E2BIG beyond STATSD_TAGS_MAX or
 * STATSD_VALUE_MAX with *out undefined.
 */
__attribute__((warn_unused_result)) int statsd_describe(const struct statsd_metric *metric,
                                                        const struct label *origin,
                                                        struct statsd_key *out);

/* The labels of a key's text, label_count of them, which point into it. Gives the name. */
const char *statsd_key_labels(const char *text, size_t label_count, struct label *out);

#endif
