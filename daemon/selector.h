/* A Prometheus series selector: name{key="value",other!="value",third=~"regex",last!~"regex"}. */
#ifndef TACHO_DAEMON_SELECTOR_H
#define TACHO_DAEMON_SELECTOR_H

#include "daemon/pattern.h"
#include "daemon/problem.h"
#include "daemon/scope.h"
#include "daemon/series.h"

#define SELECTOR_MAX_MATCHERS 32

struct matcher {
    char *key;
    char *value;
    struct pattern *pattern; /* =~ and !~; NULL: the value itself is meant */
    bool negated;            /* != and !~ */
};

struct selector {
    char *name; /* NULL: any */
    struct matcher matchers[SELECTOR_MAX_MATCHERS];
    size_t matcher_count;
};

/*
 * Parses the whole text, which a zero follows. 0, or -EINVAL with the problem (parameter "match")
 * filled. Either way the selector is to be finished.
 */
int selector_parse(const char *text, size_t length, struct selector *out,
                   struct problem *problem) MUST_CHECK;
void selector_finish(struct selector *selector);

/*
 * A label that the series has not equals ""; __name__ and __scope__ (series_scope()) are matched as
 * if they were labels. False where a pattern meets a limit of the meter. */
bool selector_matches(const struct selector *selector, const struct series *series,
                      struct pattern_meter *meter);

#endif
