/* Reads the rows of a row file that are in no segment yet as a block. Any one thread. */
#ifndef TACHO_DAEMON_ROW_READING_H
#define TACHO_DAEMON_ROW_READING_H

#include "daemon/block.h"
#include "daemon/known_series.h"
#include "daemon/row_file.h"

/* Rows of a file that were not sealed, and what its slots were. */
struct row_reading {
    const struct known_series *known;
    struct block block;
    const struct series **by_slot; /* capacity of them */
    uint32_t capacity;
    const struct archive_list *sealed; /* segments that there were already */
    uint64_t last_seq;                 /* rows come in order */
    bool has_unknown;                  /* an id that the log does not have */
    uint8_t boot_id[ROW_BOOT_ID_BYTES];
};

/* The series and the list outlive it. 0 or -ENOMEM. */
int row_reading_init(struct row_reading *reading, const struct known_series *known,
                     const struct archive_list *sealed) MUST_CHECK;
void row_reading_finish(struct row_reading *reading);

/* As row_file_read(). */
int row_reading_read(struct row_reading *reading, const struct data_folder *folder,
                     const char *name, const char *epoch, uint64_t *damaged) MUST_CHECK;

#endif
