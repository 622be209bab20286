/*
 * What an application says to whoever scrapes it: Prometheus's text format 0.0.4 and OpenMetrics
 * 1.0, taken in pieces as they come, a line at a time. Pure: no input, no clock, no lock; an object
 * is used by one thread at a time.
 *
 * A sample whose series the caller knows costs no more than to find it by its verbatim text; what
 * the series is, is asked once (exposition_describe).
 *
 * What Prometheus reads says the same here, but for a newline or a NUL that stands unescaped inside
 * a label's value, and labels with reserved names. More is read: blanks are taken in OpenMetrics
 * too, the types of both formats in either, bytes that are no UTF-8. And where Prometheus refuses
 * the whole text for a bad line, that line alone is dropped.
 */
#ifndef TACHO_COLLECTORS_APPLICATION_EXPOSITION_H
#define TACHO_COLLECTORS_APPLICATION_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

#define EXPOSITION_LINE_MAX   65536 /* bytes, without the newline; longer ones are dropped */
#define EXPOSITION_NAME_MAX   256   /* of a metric, and of a label */
#define EXPOSITION_LABELS_MAX 30    /* that are not empty */
#define EXPOSITION_VALUE_MAX  1024  /* bytes of a label's value, unescaped */
#define EXPOSITION_HELP_MAX   1024  /* what is longer is cut, between characters */
#define EXPOSITION_UNIT_MAX   63

enum exposition_format {
    EXPOSITION_TEXT,
    EXPOSITION_OPENMETRICS,
};

/* Why a line was dropped. */
enum exposition_fault {
    EXPOSITION_MALFORMED,
    EXPOSITION_TOO_LONG, /* the line, or the name that it describes */
};

/* The types of both formats; untyped is OpenMetrics's unknown. */
enum exposition_type {
    EXPOSITION_UNKNOWN,
    EXPOSITION_COUNTER,
    EXPOSITION_GAUGE,
    EXPOSITION_HISTOGRAM,
    EXPOSITION_GAUGE_HISTOGRAM,
    EXPOSITION_SUMMARY,
    EXPOSITION_INFO,
    EXPOSITION_STATE_SET,
};

/* What the last # HELP, # TYPE and # UNIT lines said, all of one name. */
struct exposition_family {
    char name[EXPOSITION_NAME_MAX + 1]; /* "" before the first */
    size_t name_length;
    char help[EXPOSITION_HELP_MAX + 1]; /* unescaped */
    char unit[EXPOSITION_UNIT_MAX + 1]; /* "" when it was not said */
    enum exposition_type type;
};

/* Good during the call. */
struct exposition_sample {
    struct span series; /* name and labels as they stand: what the caller knows the series by */
    struct span name;   /* its beginning */
    double value;       /* may be NaN or infinite */
    bool is_timed;      /* the line tells a time too */
};

/* Both are mandatory; they must not touch the exposition, other than to describe a sample. */
struct exposition_visitor {
    void (*sample)(void *arg, const struct exposition_sample *sample);
    /* A line, counted from 1, that was dropped. */
    void (*wrong)(void *arg, enum exposition_fault fault, size_t line);
};

/* Caller's memory; its members are not for the caller. */
struct exposition {
    enum exposition_format format;
    const struct exposition_visitor *visitor;
    void *arg;
    struct exposition_family family;
    size_t line; /* lines taken */
    char *kept;  /* the beginning of a line whose end has not come */
    size_t kept_length;
    size_t kept_capacity;
    bool skipping; /* the line has been too long already */
    bool ended;    /* # EOF was there */
    bool overrun;  /* and something behind it */
};

/* The visitor is kept, not copied. */
void exposition_init(struct exposition *exposition, enum exposition_format format,
                     const struct exposition_visitor *visitor, void *arg);

/* The next bytes of the text, cut anywhere. Behind OpenMetrics's # EOF nothing is taken. */
void exposition_feed(struct exposition *exposition, const char *bytes, size_t size);

/*
 * There is no more: takes the last line, which may lack its newline. A text that may have been cut
 * is not to be ended. 0, or -EBADMSG for OpenMetrics without # EOF or with more behind it.
 */
__attribute__((warn_unused_result)) int exposition_end(struct exposition *exposition);

/* Frees what it keeps, at any time after exposition_init(). */
void exposition_finish(struct exposition *exposition);

/*
 * What a series is. Caller's memory, all zero before the first use and used again for others;
 * freed by exposition_series_finish(). The strings are good until the next describe with it, and
 * no longer than the sample.
 */
struct exposition_series {
    struct metric metric; /* its name is the sample's whole name; unit and help may be "" */
    struct label labels[EXPOSITION_LABELS_MAX]; /* in the text's order, none of them empty */
    size_t label_count;
    char *text; /* where name and labels are */
    size_t capacity;
};

/*
 * Describes the sample that is being visited: its labels unescaped (what is no escape stays as it
 * is, and so does UTF-8 or what pretends to be it), its kind and unit by its family's lines, or by
 * its name where there are none. 0; -EBADMSG, where the same label is there twice or one has a
 * reserved name (__…); -E2BIG beyond the limits above; or -ENOMEM. On failure *out says nothing.
 */
__attribute__((warn_unused_result)) int exposition_describe(const struct exposition *exposition,
                                                            const struct exposition_sample *sample,
                                                            struct exposition_series *out);

void exposition_series_finish(struct exposition_series *series);

#endif
