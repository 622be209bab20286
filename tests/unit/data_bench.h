/*
 * A data directory to test what keeps files in it: an opened one in a temporary folder. Where a
 * step of the bench itself fails the test has failed.
 */
#ifndef TACHO_TESTS_UNIT_DATA_BENCH_H
#define TACHO_TESTS_UNIT_DATA_BENCH_H

#include <stdint.h>
#include <sys/resource.h>

#include "daemon/data_folder.h"
#include "tests/unit/support.h"

#define DATA_BENCH_EPOCH "0123456789abcdef"

struct data_bench {
    struct folder folder;
    struct data_folder data;
};

void data_bench_make(struct data_bench *bench);
void data_bench_remove(struct data_bench *bench);

/* The size of the file data/name. */
uint64_t data_bench_size(const struct data_bench *bench, const char *name);

bool data_bench_exists(const struct data_bench *bench, const char *name);

struct data_bench_file {
    uint8_t *data; /* the caller's to free */
    size_t size;
};

/* Its content, and making it anew with another. */
void data_bench_load(const struct data_bench *bench, const char *name, struct data_bench_file *out);
void data_bench_store(const struct data_bench *bench, const char *name, const void *data,
                      size_t size);

/* Makes a file of records one of another version, with the right CRC. */
void data_bench_set_version(struct data_bench_file *file, uint32_t version);

/*
 * No file of this process grows beyond so many bytes: as on a full disk, a write is cut short
 * there, or fails (EFBIG). RLIM_INFINITY ends that; until then nothing is to be asserted, since
 * Check has a file of its own.
 */
void data_bench_limit(rlim_t size);

#endif
