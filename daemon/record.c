#include "daemon/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zlib.h>

#define RECORD_VERSION 1
#define RECORD_ALIGN   8
#define INPUT_BYTES    (1024 * 1024)

_Static_assert(INPUT_BYTES >= sizeof(struct record_head) + RECORD_BODY_MAX,
               "any record has room in the buffer");
_Static_assert(sizeof(struct record_file_head) == 40 && sizeof(struct record_head) == 16,
               "no padding in what is stored");

static uint32_t crc_of(const void *data, size_t size)
{
    return (uint32_t)crc32_z(0, data, size);
}

static uint32_t file_head_crc(const struct record_file_head *head)
{
    struct record_file_head copy = *head;

    copy.crc = 0;
    return crc_of(&copy, sizeof copy);
}

void record_file_head_make(struct record_file_head *head, const char magic[8], const char *epoch,
                           uint64_t number)
{
    *head = (struct record_file_head){.version = RECORD_VERSION, .number = number};
    memcpy(head->magic, magic, sizeof head->magic);
    memcpy(head->epoch, epoch, sizeof head->epoch);
    head->crc = file_head_crc(head);
}

struct iovec record_part(const void *data, size_t size)
{
    /* pwritev(2) does not write to it, but shares its type with preadv(2). */
    union {
        const void *in;
        void *out;
    } base = {.in = data};

    return (struct iovec){.iov_base = base.out, .iov_len = size};
}

static size_t total_size(const struct iovec *parts, int count)
{
    size_t size = 0;

    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

void record_seal(const struct iovec *parts, int count)
{
    const size_t checked_from = offsetof(struct record_head, size);
    struct record_head *head = parts[0].iov_base;
    uLong crc;

    head->magic = RECORD_MAGIC;
    head->size = (uint32_t)(total_size(parts, count) - sizeof *head);
    crc = crc32_z(0, (const uint8_t *)head + checked_from, parts[0].iov_len - checked_from);
    for (int i = 1; i < count; i++) {
        /* Of no bytes at NULL zlib would give the CRC that a sum begins with. */
        if (parts[i].iov_len > 0)
            crc = crc32_z(crc, parts[i].iov_base, parts[i].iov_len);
    }
    head->crc = (uint32_t)crc;
}

int record_file_cut(struct record_file *file)
{
    file->has_tail = TEMP_FAILURE_RETRY(ftruncate(file->fd, (off_t)file->size)) != 0;
    return file->has_tail ? -errno : 0;
}

int record_file_append(struct record_file *file, const struct iovec *parts, int count)
{
    size_t size = total_size(parts, count);
    ssize_t written;
    int result;

    if (file->has_tail)
        (void)!record_file_cut(file);
    written = TEMP_FAILURE_RETRY(pwritev(file->fd, parts, count, (off_t)file->size));
    if (written >= 0 && (size_t)written == size) {
        file->size += size;
        return 0;
    }
    result = written < 0 ? -errno : -ENOSPC;
    (void)!record_file_cut(file);
    return result;
}

int record_file_create(const struct data_folder *folder, const char *name, const char magic[8],
                       const char *epoch, uint64_t number, struct record_file *out)
{
    struct record_file file = {0};
    struct record_file_head head;
    struct iovec part;
    int result = data_folder_open_file(folder, name, O_WRONLY | O_CREAT | O_TRUNC);

    if (result < 0)
        return result;
    file.fd = result;
    record_file_head_make(&head, magic, epoch, number);
    part = record_part(&head, sizeof head);
    result = record_file_append(&file, &part, 1);
    if (result < 0) {
        close(file.fd);
        (void)!data_folder_remove(folder, name);
        return result;
    }
    *out = file;
    return 0;
}

int record_file_sync(const struct record_file *file)
{
    return TEMP_FAILURE_RETRY(fdatasync(file->fd)) == 0 ? 0 : -errno;
}

int record_input_start(struct record_input *input, int fd)
{
    uint8_t *data = malloc(INPUT_BYTES);

    if (!data)
        return -ENOMEM;
    *input = (struct record_input){.fd = fd, .data = data, .capacity = INPUT_BYTES, .owned = true};
    return 0;
}

void record_input_start_memory(struct record_input *input, uint8_t *data, size_t size)
{
    *input =
        (struct record_input){.fd = -1, .data = data, .capacity = size, .end = size, .ended = true};
}

void record_input_finish(struct record_input *input)
{
    if (input->owned)
        free(input->data);
    *input = (struct record_input){.fd = -1, .ended = true};
}

static size_t available(const struct record_input *input)
{
    return input->end - input->start;
}

static void consume(struct record_input *input, size_t size)
{
    input->start += size;
    input->offset += size;
}

static void skip(struct record_input *input, size_t size)
{
    consume(input, size);
    input->damaged += size;
}

/* Gets more of the file, for which what was consumed gives room. 0 or -errno. */
static int fill(struct record_input *input)
{
    ssize_t got;

    /* The start is a multiple of 8, so that what is aligned stays so. */
    memmove(input->data, input->data + input->start, available(input));
    input->end -= input->start;
    input->start = 0;
    got =
        TEMP_FAILURE_RETRY(read(input->fd, input->data + input->end, input->capacity - input->end));
    if (got < 0)
        return -errno;
    input->end += (size_t)got;
    input->ended = got == 0;
    return 0;
}

/* Gets so many bytes, or as many as there are. 0 or -errno. */
static int want(struct record_input *input, size_t size)
{
    int result = 0;

    while (result == 0 && available(input) < size && !input->ended)
        result = fill(input);
    return result;
}

int record_input_head(struct record_input *input, const char magic[8],
                      struct record_file_head *head)
{
    struct record_file_head read;
    int result = want(input, sizeof read);

    if (result < 0)
        return result;
    if (available(input) < sizeof read) {
        skip(input, available(input));
        return -ENODATA;
    }
    memcpy(&read, input->data + input->start, sizeof read);
    if (memcmp(read.magic, magic, sizeof read.magic) != 0 || read.crc != file_head_crc(&read))
        return -EBADMSG;
    if (read.version != RECORD_VERSION)
        return -EPROTONOSUPPORT;
    consume(input, sizeof read);
    *head = read;
    return 0;
}

/* Whether a record begins here, as far as its head says. */
static bool is_plausible(const struct record_head *head)
{
    return head->magic == RECORD_MAGIC && head->size <= RECORD_BODY_MAX &&
           head->size % RECORD_ALIGN == 0;
}

/* Takes the record that begins here; false if there is no whole one of the right CRC. */
static bool take(struct record_input *input, const struct record_head *head, struct record *record)
{
    const size_t checked_from = offsetof(struct record_head, size);
    const uint8_t *at = input->data + input->start;
    size_t size = sizeof *head + head->size;

    if (available(input) < size || head->crc != crc_of(at + checked_from, size - checked_from))
        return false;
    *record = (struct record){
        .kind = head->kind, .body_size = head->size, .crc = head->crc, .body = at + sizeof *head};
    consume(input, size);
    return true;
}

int record_input_next(struct record_input *input, struct record *record)
{
    struct record_head head;
    int result;

    for (;;) {
        result = want(input, sizeof head);
        if (result < 0)
            return result;
        if (available(input) < sizeof head) {
            skip(input, available(input));
            return 0;
        }
        memcpy(&head, input->data + input->start, sizeof head);
        if (is_plausible(&head)) {
            result = want(input, sizeof head + head.size);
            if (result < 0)
                return result;
            if (take(input, &head, record))
                return 1;
        }
        skip(input, RECORD_ALIGN);
    }
}
