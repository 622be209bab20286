/* What a table of StatsD's series is made of; shared by the files statsd_table*.c alone. */
#ifndef TACHO_DAEMON_STATSD_TABLE_OWN_H
#define TACHO_DAEMON_STATSD_TABLE_OWN_H

#include <pthread.h>

#include "daemon/statsd_names.h"
#include "daemon/statsd_table.h"

struct entry {
    struct statsd_definition definition;
    char *text; /* of the definition; its own */
    double gauge;
    int64_t last_ms; /* when something came of it */
    uint32_t weight; /* how many of the catalog's series it is */
    bool live;
    bool unknown; /* a sender that is not known has it too */
    struct statsd_sender_set senders;
};

/* The line whose values come. */
struct line {
    const char *at; /* where it stands in the packet; NULL: none was looked up yet */
    uint32_t index; /* STATSD_NAMES_NONE: its values are refused */
    enum drop_reason refusal;
};

struct statsd_table {
    pthread_mutex_t door, lock;
    struct drops *drops;
    uint32_t max_series, capacity;
    uint32_t series; /* of the catalog, of those that live */
    struct entry *entries;
    uint32_t *free; /* indices */
    uint32_t free_count;
    struct statsd_names names;
    struct statsd_buffer buffers[2];
    struct statsd_buffer *filled; /* by the ingest thread; the other is the tick's */
    uint32_t work;                /* since the lock was taken */
    /* Of the packet that is taken. */
    const struct statsd_source *source;
    int64_t now_ms;
    struct line line;
    struct statsd_key key; /* of a name that is not known yet */
};

#endif
