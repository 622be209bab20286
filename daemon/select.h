/*
 * Which series a request means: match= (a Prometheus selector), name=GLOB, label=KEY:GLOB and id=
 * with epoch=. Repeated match and name are a union, as id is with them; label narrows. Nothing
 * given means all. Pure but for memory.
 */
#ifndef TACHO_DAEMON_SELECT_H
#define TACHO_DAEMON_SELECT_H

#include "daemon/pattern.h"
#include "daemon/query.h"
#include "daemon/series.h"

/* The parameters that select_parse takes, for the lists of query_check. */
#define SELECT_PARAMETERS "+match", "+match[]", "+name", "+label", "+id", "epoch"

struct select;

/*
 * Copies what it keeps. epoch is that of the ring: ids of another one are 410. 0 with *out to be
 * freed, or -EINVAL with the problem filled.
 */
int select_parse(const struct query *query, const char *epoch, struct select **out,
                 struct problem *problem) MUST_CHECK;
void select_free(struct select *select); /* NULL is a no-op */

/* False where a pattern meets a limit of the meter. */
bool select_matches(const struct select *select, const struct series *series,
                    struct pattern_meter *meter);

/* True if the request named no series at all, and so means every one. */
bool select_is_all(const struct select *select);

/*
 * The same text for the same parameters, whatever their order: equal texts mean equal selections,
 * though one selection can be written in several ways.
 */
const char *select_key(const struct select *select);

/* The series of a catalog that a select means, by ascending id; they live as the catalog does. */
struct selection {
    const struct series **series; /* to be freed */
    size_t count;
};

/* -EINVAL with the problem filled: the terms are too expensive, or out of memory. */
int select_series(const struct select *select, const struct catalog *catalog, struct selection *out,
                  struct problem *problem) MUST_CHECK;

/* The same of those that ended too, behind the others. */
int select_known_series(const struct select *select, const struct catalog *catalog,
                        struct selection *out, struct problem *problem) MUST_CHECK;

/*
 * The same for a newer catalog, or for what was left over in the same one. Former is what was
 * selected of the series up to *looked_id; only those behind it are compared, so a change costs
 * what changed. Once the meter, which is paused and may be shared, is out of time, *looked_id is
 * the last one that was looked at. A series that a regular expression is too expensive for is not
 * selected. 0 or -ENOMEM.
 */
int select_series_again(const struct select *select, const struct selection *former,
                        const struct catalog *catalog, struct pattern_meter *meter,
                        uint32_t *looked_id, struct selection *out) MUST_CHECK;

/* select_parse and select_series in one, for a request that looks once. */
int select_from_query(const struct query *query, const char *epoch, const struct catalog *catalog,
                      struct selection *out, struct problem *problem) MUST_CHECK;

/*
 * '*' stands for any text, '?' for any one byte, everything else for itself. Adds to steps how many
 * bytes were compared, at most the product of both lengths.
 */
bool glob_matches(const char *pattern, const char *text, size_t *steps);

#endif
