/*
 * What one reading of something found: values with the metric and the labels that they are of, in
 * the reader's order. Everything but metrics that are constant data is copied.
 */
#ifndef TACHO_COLLECTORS_FINDINGS_H
#define TACHO_COLLECTORS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/*
 * Beyond these, further ones are left out and the trouble is -E2BIG. Two hundred data sets of ZFS
 * have 27 values each, a thousand disks with their partitions as many; 10,000 series there can be.
 */
#define FINDINGS_MAX        8192
#define FINDINGS_BYTES_MAX  ((size_t)4 << 20)
#define FINDINGS_LABELS_MAX 24

struct finding {
    struct metric metric; /* its texts are constant, unless it was made */
    double value;
    bool made;
    unsigned flags; /* enum series_flag */
    uint32_t label_count;
    /* Places in the bytes, of strings with NUL. */
    uint32_t help; /* of a made metric */
    uint32_t key;  /* the metric's name, then each label's key and value: what it is told by */
    uint32_t end;  /* of the key */
};

/* Caller's memory; all zero is an empty one. */
struct findings {
    struct finding *items; /* count of them, in the reader's order */
    size_t count;
    size_t capacity;
    char *bytes;
    size_t length;
    size_t byte_capacity;
    int trouble; /* 0, or the first -errno */
};

/* Gives up its memory; it is empty then. */
void findings_finish(struct findings *findings);

/* Empties it, and keeps its memory. */
void findings_clear(struct findings *findings);

/*
 * Notes that something could not be read or understood: only the first one counts. 0 and what says
 * that there is no such thing (-ENOENT, -ENODEV, -ENXIO, -EOPNOTSUPP) are none.
 */
void findings_trouble(struct findings *findings, int error);

/*
 * A value. The metric and its texts are constant data. Label keys are ASCII names; values are any
 * bytes, which every writer escapes as its format has it. A value with the name and labels of one
 * before it is left out when it is shown. NaN is a value, and shown as such.
 */
void findings_add(struct findings *findings, const struct metric *metric,
                  const struct label *labels, size_t label_count, double value);

/* The same, with enum series_flag's flags. */
void findings_add_flagged(struct findings *findings, const struct metric *metric,
                          const struct label *labels, size_t label_count, unsigned flags,
                          double value);

/*
 * The same of a metric whose name and help are made while reading: they are copied (the unit is
 * constant). A name is made of letters, digits, '_' and ':'; others are left out with -EBADMSG.
 */
void findings_add_made(struct findings *findings, const struct metric *metric,
                       const struct label *labels, size_t label_count, double value);

/* The same, with enum series_flag's flags. */
void findings_add_made_flagged(struct findings *findings, const struct metric *metric,
                               const struct label *labels, size_t label_count, unsigned flags,
                               double value);

/*
 * What has been found so far, for a reader that may have to take back what it adds from here on.
 * The trouble begins anew: it is that of the part.
 */
struct findings_mark {
    size_t count, length;
    int trouble;
};

static inline struct findings_mark findings_mark(struct findings *findings)
{
    struct findings_mark mark = {findings->count, findings->length, findings->trouble};

    findings->trouble = 0;
    return mark;
}

/* The part ends, and is kept or taken back; its trouble counts for the whole no more. */
static inline void findings_end_part(struct findings *findings, const struct findings_mark *mark,
                                     bool keep)
{
    findings->trouble = mark->trouble;
    if (keep)
        return;
    findings->count = mark->count;
    findings->length = mark->length;
}

/* The metric and the labels of a finding; *out's texts and labels are good while it is unchanged.
 */
struct metric findings_metric(const struct findings *findings, const struct finding *finding);
void findings_labels(const struct findings *findings, const struct finding *finding,
                     struct label out[FINDINGS_LABELS_MAX]);

/* What tells a finding's series from any other: the name and labels, with NULs between them. */
static inline struct span findings_key(const struct findings *findings,
                                       const struct finding *finding)
{
    return (struct span){findings->bytes + finding->key, finding->end - finding->key};
}

/* Whether two have the same series in the same order, which say the same of themselves. */
bool findings_are_alike(const struct findings *a, const struct findings *b);

#endif
