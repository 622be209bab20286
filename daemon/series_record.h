/* A series as a record of the series log. Pure. */
#ifndef TACHO_DAEMON_SERIES_RECORD_H
#define TACHO_DAEMON_SERIES_RECORD_H

#include "daemon/buffer.h"
#include "daemon/record.h"
#include "daemon/series.h"

/* Of all texts of a series together, each with its NUL. */
#define SERIES_TEXTS_MAX (64 * 1024)

/* A series that stands in a record: its texts and labels are valid as long as both are. */
struct stored_series {
    struct series series;
    struct label labels[SERIES_LABELS_MAX];
};

/* Appends the record; the buffer tells of a lack of memory. 0; -E2BIG for what is over the bounds.
 */
int series_record_encode(const struct series *series, struct buffer *out) MUST_CHECK;

/*
 * Of the series all is set but slot (SERIES_NO_SLOT), hash (0) and references (0). Not to be moved:
 * its labels are in out. -EBADMSG for what is no series that encoding makes.
 */
int series_record_parse(const struct record *record, struct stored_series *out) MUST_CHECK;

#endif
