/*
 * Series, the table that the sampler keeps of them, and the catalog that readers see.
 *
 * The main loop alone changes the table. What readers get is a catalog: immutable, counted
 * references, made anew when the set of series changes and swapped under a mutex that is held for
 * two assignments. In the steady state nothing is locked.
 *
 * Series that ended are kept, without a slot, for as long as the archive has values of them. One
 * that comes back gets a new id, since ids only grow, and goes on under its stored id there.
 *
 * A slot is reassigned only when every row of the head is absent in it. Therefore any row of the
 * head may be read with any catalog whose version is at least the row's: a series that the catalog
 * has and the row's time had not reads as absent. A copied row is one of the head as long as it
 * was not overwritten before the catalog was got.
 */
#ifndef TACHO_DAEMON_SERIES_H
#define TACHO_DAEMON_SERIES_H

#include "collectors/collector.h"
#include "daemon/scope.h"

#define SERIES_LABELS_MAX 32
#define SERIES_NO_SLOT    UINT32_MAX
/* So many series end at a tick; others wait for the next. */
#define SERIES_COLLECT_MAX 256

/* What a row's word means for this series. */
enum sample_type {
    SAMPLE_NUMBER,    /* the bits of a double */
    SAMPLE_HISTOGRAM, /* offset and count of pairs in the row's tail, see history.h */
};

/* Immutable once made; freed with the last catalog that has it. */
struct series {
    uint32_t id; /* never reused within an epoch */
    /* By which the archive knows it: the first id of its name, labels and meaning. */
    uint32_t stored_id;
    uint32_t slot; /* index of its word in a row; SERIES_NO_SLOT: it ended */
    enum metric_kind kind;
    enum sample_type type;
    bool cumulative;
    unsigned flags;            /* enum series_flag */
    uint32_t interval_ms;      /* how often it has a value */
    double wraps_at, rate_max; /* as struct metric has them */
    const char *name;
    const char *unit;
    const char *help;
    size_t label_count;
    const struct label *labels; /* sorted by key */
    uint64_t hash;              /* of name and labels, by the table's key */
    _Atomic uint32_t references;
};

struct catalog {
    uint32_t version;    /* grows by one with each change of the set */
    uint32_t slot_count; /* above every slot in use */
    size_t count;
    size_t past_count; /* of those that ended, which stand behind the others */
    _Atomic uint32_t references;
    struct series *series[]; /* by ascending id, and those that ended again so */
};

struct series_table;

/*
 * A table for at most max_series live series, and as many that ended; 0, -ENOMEM, or -EIO when
 * there are no random numbers.
 */
int series_table_new(uint32_t max_series, struct series_table **out) MUST_CHECK;
void series_table_free(struct series_table *table);

/*
 * So many at most are SERIES_APPLICATION, those among them that were released and not collected
 * yet; without this, all may be. Before the first declaration.
 */
void series_table_limit_applications(struct series_table *table, uint32_t max);

/*
 * Finds or makes the series; one that is found takes the new flags, help, interval
 * and rate_max. One of
 * another type, kind or unit, or that is cumulative where the other is not, is another series,
 * though it be named the same: its values mean another thing, in rows and in the archive. Main loop
 * only. 0, -ENOSPC beyond max_series or beyond what applications may have (counted), -EEXIST for an
 * application's that has the name and labels of one of the host's, or of one of its type and
 * another meaning that is not released, -EINVAL for a label named twice or more than
 * SERIES_LABELS_MAX of them, or -ENOMEM; *slot is SINK_NO_SLOT but for 0.
 */
int series_table_declare(struct series_table *table, const struct metric *metric,
                         const struct label *labels, size_t label_count, unsigned flags,
                         uint32_t interval_ms, enum sample_type type, uint32_t *slot) MUST_CHECK;

/*
 * The series in this slot has its last value at tick seq or before; only the first call counts,
 * until it is declared anew. Main loop only.
 */
void series_table_release(struct series_table *table, uint32_t slot, uint64_t seq);

/*
 * Ends released series that no row from first_seq on has a value of, up to SERIES_COLLECT_MAX of
 * them, and says how many. Main loop only.
 */
size_t series_table_collect(struct series_table *table, uint64_t first_seq);

/* Forgets series that ended before first_seq, the oldest tick that the archive has. Main loop only.
 */
void series_table_forget(struct series_table *table, uint64_t first_seq);

/*
 * Brings back a series of before a restart, with its ids, name, labels and the rest: live, until
 * it is declared or released as unclaimed; or, where a last tick is given, as one that ended then.
 * Before the first declaration; by ascending id. 0, -ENOSPC, -EINVAL or -ENOMEM.
 */
int series_table_restore(struct series_table *table, const struct series *stored,
                         uint64_t last_seq) MUST_CHECK;

/* Gives so many ids to nobody: some may be in use that are not known. Before the first declaration.
 */
void series_table_skip_ids(struct series_table *table, uint32_t count);

/*
 * Releases what was brought back live and not declared since, of each interval_ms of at most this.
 * Main loop only.
 */
void series_table_release_unclaimed(struct series_table *table, uint32_t interval_ms, uint64_t seq);

/*
 * Makes what was declared and retired visible to readers. Main loop only; 1 if there is a new
 * catalog, 0 if nothing had changed, -ENOMEM (tried again at the next call).
 */
int series_table_publish(struct series_table *table) MUST_CHECK;

/* How many declarations the limit refused since the start. Main loop only. */
uint64_t series_table_refused(const struct series_table *table);

/* The newest catalog, with a reference that the caller gives back. Any thread. */
struct catalog *catalog_get(struct series_table *table);
struct catalog *catalog_hold(struct catalog *catalog);
void catalog_put(struct catalog *catalog); /* NULL is a no-op */

/* The label's value, or "" if the series has none of this key, as Prometheus's selectors see it. */
const char *series_label(const struct series *series, const char *key);

/* Whom the series tells of: "application", "tacho" (the daemon itself) or "host". */
const char *series_scope(const struct series *series);

/* "gauge", "counter", … */
const char *metric_kind_name(enum metric_kind kind);

#endif
