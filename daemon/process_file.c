#include "daemon/process_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "collectors/parse.h"

#define MAGIC  "tachoprc" /* of the header, without the NUL */
#define PREFIX "processes-"
#define DIGITS 16

/* More than any block has: the file is not one of these. */
#define FILE_BYTES_MAX (2 * 1024 * 1024)

_Static_assert(FILE_BYTES_MAX > PROCESS_FILE_BYTES + RECORD_BODY_MAX,
               "a file of a block can be loaded");
_Static_assert(sizeof PREFIX + 3 * DIGITS + 2 <= PROCESS_FILE_NAME_SIZE, "a name has room");

void process_file_name(const struct process_file_name *what, char out[PROCESS_FILE_NAME_SIZE])
{
    snprintf(out, PROCESS_FILE_NAME_SIZE, PREFIX "%016" PRIx64 "-%016" PRIx64 "-%016" PRIx64,
             what->number, (uint64_t)what->first_ms, (uint64_t)what->before_ms);
}

static bool scan_hex16(struct scanner *scanner, uint64_t *out)
{
    uint64_t value = 0;

    if (scanner->end - scanner->at < DIGITS)
        return false;
    for (int i = 0; i < DIGITS; i++) {
        const char c = scanner->at[i];

        if (char_is_digit(c))
            value = value << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    scanner->at += DIGITS;
    *out = value;
    return true;
}

bool process_file_parse_name(const char *name, struct process_file_name *out)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    uint64_t number, first_ms, before_ms;

    if (!scan_literal(&scanner, PREFIX) || !scan_hex16(&scanner, &number) ||
        !scan_char(&scanner, '-') || !scan_hex16(&scanner, &first_ms) ||
        !scan_char(&scanner, '-') || !scan_hex16(&scanner, &before_ms) || !scan_is_done(&scanner))
        return false;
    if (number == 0 || number > INT64_MAX || first_ms > INT64_MAX || before_ms > INT64_MAX)
        return false;
    *out = (struct process_file_name){
        .number = number, .first_ms = (int64_t)first_ms, .before_ms = (int64_t)before_ms};
    return true;
}

int process_file_create(const struct data_folder *folder, const char *epoch,
                        const struct process_file_name *what, struct record_file *out)
{
    char name[PROCESS_FILE_NAME_SIZE];

    process_file_name(what, name);
    return record_file_create(folder, name, MAGIC, epoch, what->number, out);
}

int process_file_frame(struct process_record *block, const struct process_list *list,
                       const uint32_t *indices, size_t count, uint32_t place, struct buffer *out)
{
    const size_t start = out->size;
    struct record_head head = {.kind = place};
    struct iovec part;
    int result;

    buffer_append(out, &head, sizeof head);
    result = process_record_encode(block, list, indices, count, out);
    while (result == 0 && !out->failed && out->size % 8 != 0)
        buffer_append_char(out, '\0');
    if (result == 0 && out->failed)
        result = -ENOMEM;
    if (result < 0) {
        out->size = start;
        out->failed = false;
        return result;
    }
    /* The buffer begins aligned, and all records in it have multiples of 8. */
    part = record_part(out->data + start, out->size - start);
    record_seal(&part, 1);
    return 0;
}

static int load(int fd, struct buffer *out)
{
    struct stat status;
    char *room;
    ssize_t got;

    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX)
        return -EBADMSG;
    room = buffer_reserve(out, (size_t)status.st_size + 1);
    if (room == NULL)
        return -ENOMEM;
    got = TEMP_FAILURE_RETRY(pread(fd, room, (size_t)status.st_size, 0));
    if (got < 0)
        return -errno;
    out->size = (size_t)got;
    return 0;
}

int process_file_load(const struct data_folder *folder, const struct process_file_name *what,
                      struct buffer *out)
{
    char name[PROCESS_FILE_NAME_SIZE];
    struct buffer loaded = {0};
    AUTO_CLOSE int fd = -1;
    int result;

    process_file_name(what, name);
    fd = data_folder_open_file(folder, name, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return fd;
    result = load(fd, &loaded);
    if (result < 0) {
        buffer_finish(&loaded);
        return result;
    }
    *out = loaded;
    return 0;
}

int process_file_judge(const struct buffer *file, const char *epoch, uint64_t number)
{
    struct record_file_head head;
    struct record_input input;
    int result;

    record_input_start_memory(&input, (uint8_t *)file->data, file->size);
    result = record_input_head(&input, MAGIC, &head);
    record_input_finish(&input);
    if (result < 0)
        return result == -ENODATA ? -EBADMSG : result;
    if (memcmp(head.epoch, epoch, RECORD_EPOCH_CHARS) != 0)
        return -ESTALE;
    return head.number == number ? 0 : -EBADMSG;
}

int process_reading_start(struct process_reading *reading, uint8_t *data, size_t size)
{
    *reading = (struct process_reading){0};
    record_input_start_memory(&reading->input, data, size);
    return process_record_new(&reading->block);
}

void process_reading_finish(struct process_reading *reading)
{
    record_input_finish(&reading->input);
    process_record_free(reading->block);
    reading->block = NULL;
}

void process_reading_extend(struct process_reading *reading, uint8_t *data, size_t size)
{
    const struct record_input former = reading->input;

    record_input_start_memory(&reading->input, data, size);
    reading->input.start = former.start;
    reading->input.offset = former.offset;
    reading->input.damaged = former.damaged;
}

int process_reading_next(struct process_reading *reading)
{
    struct record record;
    int result;

    if (reading->is_damaged)
        return 0;
    result = record_input_next(&reading->input, &record);
    if (result <= 0) {
        reading->is_damaged = reading->input.damaged > 0;
        return result;
    }
    /* What was skipped is missing to all that comes behind it. */
    if (reading->input.damaged > 0 || record.kind != reading->place)
        result = -EBADMSG;
    else
        result = process_record_decode(reading->block, record.body, record.body_size);
    if (result == -ENOMEM)
        return result;
    reading->is_damaged = result < 0;
    reading->place += result == 0;
    return result == 0;
}
