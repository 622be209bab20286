/*
 * Files of records for the harnesses. No fuzzer guesses a CRC, so that each input is read twice: as
 * it is, and with the right CRC wherever a record's head stands.
 */
#ifndef TACHO_TESTS_FUZZ_RECORDS_H
#define TACHO_TESTS_FUZZ_RECORDS_H

#include <string.h>
#include <zlib.h>

#include "daemon/record.h"
#include "tests/fuzz/harness.h"

/* The input in memory of its own that is aligned; the harness frees it. */
static inline uint8_t *records_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    must(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* Makes the header right for this kind of file, and every record whose head fits. */
static inline void records_mend(uint8_t *data, size_t size, const char magic[8], const char *epoch,
                                uint64_t number)
{
    struct record_file_head file;
    struct record_head head;
    size_t at = sizeof file;

    if (size < sizeof file)
        return;
    record_file_head_make(&file, magic, epoch, number);
    memcpy(data, &file, sizeof file);
    while (size - at >= sizeof head) {
        memcpy(&head, data + at, sizeof head);
        if (head.magic == RECORD_MAGIC && head.size % 8 == 0 &&
            head.size <= size - at - sizeof head) {
            head.crc = (uint32_t)crc32_z(0, data + at + 8, head.size + 8);
            memcpy(data + at, &head, sizeof head);
            at += sizeof head + head.size;
        } else {
            at += 8;
        }
    }
}

#endif
