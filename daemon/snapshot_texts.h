/*
 * What /v1/now says of each series before its value, "id" to "kind", as JSON made once: it is most
 * of an answer and never changes. One HTTP loop keeps it, for its whole catalog and for as long as
 * it is asked for again; one thread uses it.
 */
#ifndef TACHO_DAEMON_SNAPSHOT_TEXTS_H
#define TACHO_DAEMON_SNAPSHOT_TEXTS_H

#include "daemon/buffer.h"
#include "daemon/series.h"

/* Bytes of all texts together; series beyond have none. */
#define SNAPSHOT_TEXTS_MAX (8 * 1024 * 1024)

/* All zero is an empty one. */
struct snapshot_texts {
    uint32_t version;   /* of the catalog that it is of */
    struct buffer text; /* one after the other, in the catalog's order */
    uint32_t *ends;     /* where each ends; NULL: there is none */
    int64_t asked_ns;   /* CLOCK_MONOTONIC, at last */
};

/*
 * True if the texts are those of this catalog's live series, whose indices they have, until it is
 * called again. False without memory.
 */
bool snapshot_texts_make(struct snapshot_texts *texts, const struct catalog *catalog,
                         int64_t now_ns);

/* The one at an index; *length is 0 where there is none. */
static inline const char *snapshot_texts_at(const struct snapshot_texts *texts, size_t index,
                                            size_t *length)
{
    const uint32_t begin = index > 0 ? texts->ends[index - 1] : 0;

    *length = texts->ends[index] - begin;
    return texts->text.data + begin;
}

/* Gives them up if nobody asked within a minute. */
void snapshot_texts_sweep(struct snapshot_texts *texts, int64_t now_ns);

void snapshot_texts_finish(struct snapshot_texts *texts);

#endif
