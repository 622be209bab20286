/*
 * What the configuration lets collectors choose from: patterns, as node_exporter's flags have them,
 * of the names of devices, mounts and chips. A pattern is a regular expression of PCRE2, looked for
 * anywhere in the name, by which each byte that is not UTF-8 counts as the U+FFFD it is shown as.
 */
#ifndef TACHO_DAEMON_CHOOSE_H
#define TACHO_DAEMON_CHOOSE_H

#include "collectors/choice.h"
#include "daemon/scope.h"

#define CHOOSE_ERROR_BYTES 160

/* Either or both may be NULL; with both, names are read that are included and not excluded. */
struct choose_patterns {
    char *include;
    char *exclude;
};

/* Whether a pattern can be used: 0, -EINVAL with the reason as part of a line, or -ENOMEM. */
int choose_check(const char *pattern, char error[CHOOSE_ERROR_BYTES]) MUST_CHECK;

/*
 * Compiles the patterns, by enum choice, which choose_check() has found good. Any thread may ask
 * until it is freed. 0, -EINVAL or -ENOMEM.
 */
int choose_new(const struct choose_patterns patterns[CHOICE_COUNT],
               struct chooser **out) MUST_CHECK;
void choose_free(struct chooser *chooser); /* NULL is a no-op */

#endif
