/*
 * Files of records, which row files and the series log are: a header, then records, each with a
 * CRC-32. They are appended to, never changed in place and never mapped. A reader goes on behind
 * what is damaged with the next record whose CRC is right. Integers are little-endian, the sizes of
 * all records are multiples of 8, so that each begins at such an offset.
 *
 * No locks: a file is one thread's at a time, but for record_file_sync().
 */
#ifndef TACHO_DAEMON_RECORD_H
#define TACHO_DAEMON_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "daemon/data_folder.h"
#include "daemon/scope.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the files are little-endian, and are read and written in place");

#define RECORD_BODY_MAX    (640 * 1024) /* bytes */
#define RECORD_EPOCH_CHARS 16
#define RECORD_MAGIC       UINT32_C(0x63657274) /* "trec" */

/* The header of a file, as it is stored. */
struct record_file_head {
    char magic[8]; /* which kind of file it is */
    uint32_t version;
    uint32_t crc; /* of what follows and of what stands before */
    char epoch[RECORD_EPOCH_CHARS];
    uint64_t number; /* of a row file: its first seq */
};

/* What each record begins with. */
struct record_head {
    uint32_t magic;
    uint32_t crc;  /* of all that follows, the body too */
    uint32_t size; /* of the body that follows */
    uint32_t kind; /* what it is, to who reads this kind of file */
};

/* --- writing --- */

/* The header of a file of this kind; the epoch has RECORD_EPOCH_CHARS characters. */
void record_file_head_make(struct record_file_head *head, const char magic[8], const char *epoch,
                           uint64_t number);

/* A piece of what is written. The bytes are only read. */
struct iovec record_part(const void *data, size_t size);

/*
 * Makes a record of these parts: the first begins with a struct record_head, of which the kind is
 * set and the rest is set here. Their sizes together are a multiple of 8.
 */
void record_seal(const struct iovec *parts, int count);

struct record_file {
    int fd;
    uint64_t size; /* bytes that are known to be good; the next record goes behind them */
    bool has_tail; /* behind these stands what a failed append left and could not be cut off */
};

/*
 * Appends the parts by one pwritev(2). When it fails or is cut short, what it left is cut off
 * again, and if that fails too the next append begins at the same place. 0, -errno; -ENOSPC when
 * it was cut short.
 */
int record_file_append(struct record_file *file, const struct iovec *parts, int count) MUST_CHECK;

/*
 * Makes a file of this name with its header; one of the same name is lost. 0 or -errno, and then
 * there is no file.
 */
int record_file_create(const struct data_folder *folder, const char *name, const char magic[8],
                       const char *epoch, uint64_t number, struct record_file *out) MUST_CHECK;

/* Cuts off what stands behind the good bytes; 0 or -errno. */
int record_file_cut(struct record_file *file) MUST_CHECK;

/* fdatasync(2): it blocks. Any thread, also while another appends. */
int record_file_sync(const struct record_file *file) MUST_CHECK;

/* --- reading --- */

/* A file, or bytes in memory that stand for one. */
struct record_input {
    int fd; /* read from where it stands; -1 for bytes in memory. Not closed here. */
    uint8_t *data;
    size_t capacity;
    size_t start, end;
    bool ended;       /* there is no more than what is in data */
    bool owned;       /* data is freed by record_input_finish() */
    uint64_t offset;  /* in the file, of the first byte that was not consumed */
    uint64_t damaged; /* bytes that were skipped; a caller adds the records that it refuses */
};

/* What stands in the input until the next call. */
struct record {
    uint32_t kind;
    uint32_t body_size;  /* a multiple of 8 */
    uint32_t crc;        /* as stored: it tells one record from another */
    const uint8_t *body; /* aligned to 8 bytes */
};

/* Reads from fd, which stays the caller's. 0 or -ENOMEM. */
int record_input_start(struct record_input *input, int fd) MUST_CHECK;

/* Reads these bytes, which are aligned to 8 and stay the caller's; they are not changed. */
void record_input_start_memory(struct record_input *input, uint8_t *data, size_t size);

void record_input_finish(struct record_input *input);

/*
 * The file's header, which comes first. 0; -ENODATA if the file is shorter than one (its bytes are
 * consumed as damaged), -EBADMSG if it is none of this magic, -EPROTONOSUPPORT if it is of another
 * version, -errno of read(2).
 */
int record_input_head(struct record_input *input, const char magic[8],
                      struct record_file_head *head) MUST_CHECK;

/* The next whole record: 1, 0 at the end of the file, or -errno of read(2). */
int record_input_next(struct record_input *input, struct record *record) MUST_CHECK;

/* The bytes that a record takes in the file. */
static inline uint64_t record_bytes(const struct record *record)
{
    return sizeof(struct record_head) + record->body_size;
}

#endif
