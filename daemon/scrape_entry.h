/* One series of a target: for scrape_cache.c. */
#ifndef TACHO_DAEMON_SCRAPE_ENTRY_H
#define TACHO_DAEMON_SCRAPE_ENTRY_H

#include "collectors/application/exposition.h"
#include "collectors/collector.h"
#include "daemon/scope.h"
#include "daemon/series.h"

/* What the series is, until it has a slot. */
struct scrape_description {
    struct metric metric;
    size_t label_count;
    struct label labels[SERIES_LABELS_MAX];
    char text[]; /* their strings */
};

struct scrape_entry {
    struct scrape_entry *next;  /* what followed it in the text */
    struct scrape_entry *chain; /* in its bucket */
    uint64_t hash;
    uint64_t made;   /* the scrape that had it first */
    uint64_t scrape; /* the last one that had it */
    double value;    /* and what that said */
    struct sink_series series;
    struct scrape_description *description; /* NULL once it has a slot */
    size_t length;
    char text[]; /* name and labels as the target writes them */
};

/*
 * The target's own labels come first; one that the text has too is called exported_ and its name
 * there. The strings of the target's labels are kept, those of the text are copied. 0, -E2BIG for
 * more labels than a series can have, or -ENOMEM.
 */
int scrape_entry_new(struct span text, const struct exposition_series *described,
                     const struct label *labels, size_t label_count,
                     struct scrape_entry **out) MUST_CHECK;
void scrape_entry_free(struct scrape_entry *entry);

void scrape_entry_forget_description(struct scrape_entry *entry);

static inline bool scrape_entry_is(const struct scrape_entry *entry, struct span text)
{
    return entry->length == text.length && memcmp(entry->text, text.at, text.length) == 0;
}

/* A copy of labels with all their strings, for free(); NULL without memory. */
struct label *scrape_labels_copy(const struct label *labels, size_t count);

#endif
