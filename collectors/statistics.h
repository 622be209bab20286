/*
 * Files in which the kernel names many statistics, of which few are wanted, in one of two ways:
 *
 *     pgfault 2320168809              a line for each (vmstat, net/snmp6)
 *
 *     Udp: InDatagrams NoPorts        a line of names and a line of their values for each group
 *     Udp: 88542 120                  (net/snmp, net/netstat)
 *
 * The names are judged when they first appear and remembered by their place, so that later reads
 * only compare them with what stood there, line by line.
 */
#ifndef TACHO_COLLECTORS_STATISTICS_H
#define TACHO_COLLECTORS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/fields.h"
#include "collectors/parse.h"

/* More lines with values, or more wanted statistics, are not of a file that we know. */
#define STATISTICS_MAX 4096

/* Constant data of the collector. */
struct statistics_form {
    bool paired; /* the second way */
    /*
     * Mandatory. True with *key set when the statistic is wanted; it depends on the names alone.
     * The group of one that has a line of its own is empty.
     */
    bool (*pick)(struct span group, struct span name, struct field_key *key);
};

struct statistic {
    struct field_key key;
    size_t column; /* its place among the line's values */
    bool present;  /* its value was understood */
    double value;
};

/* A line with values, as it stood in the file. */
struct statistics_line {
    size_t heading; /* where its names are in .headings */
    size_t heading_length;
    size_t columns; /* values */
    size_t wanted;  /* of them */
};

/*
 * Zero-initialised by the caller, kept over calls, for files of one form; freed by
 * statistics_finish(). Only items and count are for the caller's eyes.
 */
struct statistics {
    struct statistic *items; /* count of them, in the file's order */
    size_t count;
    size_t capacity;
    struct statistics_line *lines;
    size_t line_count;
    size_t line_capacity;
    char *headings;
    size_t headings_length;
    size_t headings_capacity;
};

/*
 * The wanted ones; none is a valid answer, but not of an empty text. 0; -EBADMSG, without the
 * values of the lines that it does not understand (of lines of their own only those that are wanted
 * are looked at behind the name; of a pair whose groups differ the first is left out, and the
 * second tried as the next one's first), -E2BIG with those up to STATISTICS_MAX, or -ENOMEM with
 * none.
 */
__attribute__((warn_unused_result)) int statistics_parse(const char *text, size_t length,
                                                         const struct statistics_form *form,
                                                         struct statistics *statistics);

/* Takes those that are present into the fields of this tick. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int statistics_take(const struct statistics *statistics,
                                                        struct fields *fields);

void statistics_finish(struct statistics *statistics);

#endif
