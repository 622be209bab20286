/* The records of a row file as they are stored: for its writer and its reader alone. */
#ifndef TACHO_DAEMON_ROW_FILE_FORMAT_H
#define TACHO_DAEMON_ROW_FILE_FORMAT_H

#include "daemon/row_file.h"

#define ROW_FILE_MAGIC "tachorow" /* without the NUL */

enum row_record_kind {
    ROW_RECORD_SLOTS = 1,
    ROW_RECORD_ROW = 2,
};

/* Then the ids, and another 0 if their count is odd. */
struct slots_record {
    struct record_head head;
    uint32_t count;
    uint32_t reserved; /* 0 */
};

/* Then the words, then the pairs. */
struct row_record {
    struct record_head head;
    uint8_t boot_id[ROW_BOOT_ID_BYTES];
    uint64_t seq;
    int64_t time_ms;
    int64_t mono_ns;
    uint32_t flags;
    uint32_t slot_count;
    uint32_t pair_count;
    uint32_t slots_crc; /* of the list of ids that it is for; 0: none */
};

_Static_assert(sizeof(struct slots_record) == 24 && sizeof(struct row_record) == 72,
               "no padding in what is stored");
_Static_assert(sizeof(struct row_record) + 8 * (ROW_SLOTS_MAX + ROW_PAIRS_MAX) <= RECORD_BODY_MAX,
               "any row is a record");

#endif
