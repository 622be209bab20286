/*
 * An exposition but for its numbers, made once for a set of series: each line's name and labels,
 * each family's HELP and TYPE. So an answer is copies of these and numbers between.
 */
#ifndef TACHO_DAEMON_EXPOSITION_LAYOUT_H
#define TACHO_DAEMON_EXPOSITION_LAYOUT_H

#include "collectors/application/exposition.h"
#include "daemon/bucket_board.h"
#include "daemon/buffer.h"
#include "daemon/present.h"
#include "daemon/series.h"

/* Bytes of the prepared text, and of an answer; series beyond are left out. */
#define EXPOSITION_TEXT_MAX   (8 * 1024 * 1024)
#define EXPOSITION_ANSWER_MAX (16 * 1024 * 1024)

enum exposition_line_kind {
    LINE_EXACT,
    LINE_ROUNDED, /* to 6 significant digits */
    LINE_BUCKETS, /* a line for each bound of a sparse histogram: the text ends before the bound */
    LINE_SUM,     /* of the same histogram, which stand behind its buckets */
    LINE_COUNT,
};

struct exposition_line {
    uint32_t slot, id;   /* of its series */
    uint32_t at, length; /* its part of the text */
    uint8_t kind;
    uint8_t scale; /* enum bucket_scale */
    bool is_application;
};

struct exposition_block {
    uint32_t at, length; /* of its HELP, TYPE and UNIT */
    uint32_t line_count;
};

struct exposition_layout {
    enum exposition_format format;
    uint32_t version; /* of the catalog that it is of */
    struct buffer text;
    struct exposition_block *blocks;
    size_t block_count;
    struct exposition_line *lines; /* in the blocks' order */
    size_t line_count;
    size_t left_out;   /* series that have no line; see exposition_plan.h */
    size_t answer_max; /* bytes of the longest answer */
};

/*
 * Of these series, by ascending id, which are needed no longer then. 0 with the layout to be
 * finished, or -ENOMEM.
 */
int exposition_layout_make(const struct series *const *series, size_t count, uint32_t version,
                           enum exposition_format format, struct exposition_layout *out) MUST_CHECK;
void exposition_layout_finish(struct exposition_layout *layout); /* all zero is a no-op */

/* Whom an answer tells of. */
enum exposition_scope {
    /* The daemon itself and text files among it, and how many series were left out. */
    EXPOSE_HOST = 1 << 0,
    EXPOSE_APPLICATIONS = 1 << 1,
    EXPOSE_SELECTED = 1 << 2, /* with all others: not how many were left out */
};

/*
 * Writes the present values of those that have one. The present follows the layout's catalog, or
 * one that is newer.
 */
void exposition_layout_write(const struct exposition_layout *layout, const struct present *present,
                             const struct bucket_board *buckets, unsigned scopes,
                             struct buffer *out);

#endif
