/*
 * Values that a file of the kernel names itself (vmstat, net/snmp, net/sockstat): each is a series
 * without labels whose metric is made from the field's key when that first has a value.
 *
 *     fields_begin(fields);
 *     for each value: fields_take(fields, key, value)
 *     fields_write(fields, sink);
 */
#ifndef TACHO_COLLECTORS_FIELDS_H
#define TACHO_COLLECTORS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/parse.h"
#include "collectors/roster.h"

/* What a metric's name can end with: 1 to ROSTER_NAME_MAX letters, digits and underscores. */
struct field_key {
    char text[ROSTER_NAME_MAX + 1]; /* with NUL */
    size_t length;
};

/*
 * "TCP" and "inuse" make TCP_inuse; with an empty group, the name alone. False, with *out
 * untouched, when that is no key.
 */
bool field_key_make(struct field_key *out, struct span group, struct span name);

static inline struct span field_key_span(const struct field_key *key)
{
    return (struct span){key->text, key->length};
}

/* Room for a metric made from a key: its name and its help are the two texts. */
struct field_metric {
    char name[ROSTER_NAME_MAX + 32];
    char help[ROSTER_NAME_MAX + 64];
    struct metric metric;
};

/* Caller's memory; all zero is an empty one that fields_finish() takes. */
struct fields {
    struct roster roster;
    void (*describe)(const char *key, struct field_metric *out);
};

/* describe() sets both texts and the kind, and of the rest what is not all zero or "". */
void fields_init(struct fields *fields,
                 void (*describe)(const char *key, struct field_metric *out));

/* The series end with the collector's state. */
void fields_finish(struct fields *fields);

/* A new tick: no field has a value. */
void fields_begin(struct fields *fields);

/* 0, or -ENOMEM. Of two values for one key the latter counts. */
__attribute__((warn_unused_result)) int fields_take(struct fields *fields,
                                                    const struct field_key *key, double value);

/* Writes what was taken since fields_begin; the series of the other fields end. */
void fields_write(struct fields *fields, struct sink *sink);

#endif
