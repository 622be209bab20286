/* Where a series belongs in an exposition: what family it is of, and as what. Pure. */
#ifndef TACHO_DAEMON_EXPOSITION_SHAPE_H
#define TACHO_DAEMON_EXPOSITION_SHAPE_H

#include "collectors/application/exposition.h"
#include "daemon/series.h"

/* What a family is made of; samples of another class have no place in it. */
enum family_class {
    FAMILY_PLAIN,     /* samples of the family's own name: gauges, untyped, counters in text */
    FAMILY_TOTAL,     /* OpenMetrics's counters: NAME_total */
    FAMILY_BUCKETS,   /* histograms: NAME_bucket, NAME_sum, NAME_count */
    FAMILY_QUANTILES, /* summaries: NAME, NAME_sum, NAME_count */
    FAMILY_CLASSES,
    FAMILY_NONE = FAMILY_CLASSES, /* it cannot be said */
};

/* In the order in which those of one histogram or summary stand. */
enum family_role {
    ROLE_SPARSE, /* a sparse histogram, which becomes buckets, a sum and a count */
    ROLE_EDGE,   /* a bucket, a quantile */
    ROLE_SUM,
    ROLE_COUNT,
    ROLE_VALUE, /* the one sample of what has no parts */
    ROLE_CREATED,
    ROLE_BESIDE, /* what a sparse histogram says already */
};

struct exposition_shape {
    uint8_t class;          /* enum family_class */
    uint8_t role;           /* enum family_role */
    uint32_t family_length; /* of the name: what of it is the family's */
    double edge;            /* of ROLE_EDGE */
};

/* The label that tells the parts of one histogram or summary apart; NULL for other classes. */
const char *family_part_label(enum family_class class);

/*
 * The endings of the names that a family of this class takes up in this format, the empty one among
 * them; NULL ends them.
 */
const char *const *family_endings(enum family_class class, enum exposition_format format);

/* A gauge NAME_created is ROLE_CREATED in OpenMetrics, where it may be a part of another family. */
struct exposition_shape exposition_shape_of(const struct series *series,
                                            enum exposition_format format);

/* The series as a family of its own, whatever the ending of its name. */
struct exposition_shape exposition_shape_plain(const struct series *series);

#endif
