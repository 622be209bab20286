/*
 * Statistics as ZFS's port of Solaris's kernel has them, below /proc/spl/kstat (its spl-kstat.c):
 * a line of numbers, a line of headings, and either a line for each value or, of KSTAT_TYPE_IO, one
 * line with all of them, each below its name:
 *
 *     7 1 0x01 13 624 8012538347 351689526932992    12 3 0x00 1 80 79205351707403 395818011156865
 *     name                 type data                nread    nwritten reads    writes
 *     zil_commit_count     4    10                  1884160  3206144  22       132
 */
#ifndef TACHO_COLLECTORS_SYSTEM_KSTAT_H
#define TACHO_COLLECTORS_SYSTEM_KSTAT_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/parse.h"

/* More values are not of a file that we know. */
#define KSTAT_VALUES_MAX 4096

/* The texts are the file's. */
struct kstat_value {
    struct span name;
    struct span text; /* as it stands there, which may hold blanks */
    bool is_number;
    double number;
};

typedef void kstat_take(void *context, const struct kstat_value *value);

/*
 * Gives each value to `take`, in the file's order. 0; -EBADMSG without the lines that it does not
 * understand, all of them where the headings are not there; or -E2BIG behind KSTAT_VALUES_MAX.
 */
__attribute__((warn_unused_result)) int kstat_parse(const char *text, size_t length,
                                                    kstat_take *take, void *context);

/* The same of KSTAT_TYPE_IO; -EBADMSG without any values unless each name has a number. */
__attribute__((warn_unused_result)) int kstat_parse_io(const char *text, size_t length,
                                                       kstat_take *take, void *context);

#endif
