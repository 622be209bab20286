#include "daemon/series_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "daemon/series_record.h"

int series_log_read_input(struct record_input *input, const struct series_visitor *visitor,
                          char *epoch, uint64_t *good_bytes)
{
    struct record_file_head head;
    struct record record;
    int result = record_input_head(input, SERIES_LOG_MAGIC, &head);

    if (result < 0)
        return result;
    *good_bytes = input->offset;
    while ((result = record_input_next(input, &record)) > 0) {
        struct stored_series stored;

        *good_bytes = input->offset;
        if (series_record_parse(&record, &stored) < 0) {
            input->damaged += record_bytes(&record);
            continue;
        }
        result = visitor->on_series(visitor->arg, &stored.series);
        if (result != 0)
            break;
    }
    if (result == 0) {
        memcpy(epoch, head.epoch, RECORD_EPOCH_CHARS);
        epoch[RECORD_EPOCH_CHARS] = '\0';
    }
    return result;
}

/* Reads what is there; then the log goes on behind its last whole record. */
static int read_log(struct series_log *log, const struct series_visitor *visitor, uint64_t *damaged)
{
    struct record_input input;
    int result = record_input_start(&input, log->file.fd);

    if (result < 0)
        return result;
    result = series_log_read_input(&input, visitor, log->epoch, &log->file.size);
    *damaged = input.damaged;
    record_input_finish(&input);
    /* If it cannot be cut it is overwritten. */
    if (result == 0)
        (void)!record_file_cut(&log->file);
    return result;
}

int series_log_open(const struct data_folder *folder, const struct series_visitor *visitor,
                    struct series_log *out, struct series_log_state *state)
{
    struct series_log log = {.folder = folder};
    int result = data_folder_open_file(folder, SERIES_LOG_NAME, O_RDWR);

    *state = (struct series_log_state){0};
    if (result >= 0) {
        log.file.fd = result;
        result = read_log(&log, visitor, &state->damaged);
        if (result == 0) {
            *out = log;
            return 0;
        }
        series_log_close(&log);
    }
    if (result != -ENODATA && result != -EBADMSG && result != -EPROTONOSUPPORT && result != -EISDIR)
        return result;
    result = data_folder_set_aside(folder, SERIES_LOG_NAME, state->aside);
    return result < 0 ? result : -ENOENT;
}

int series_log_create(const struct data_folder *folder, const char *epoch, struct series_log *out)
{
    struct series_log log = {.folder = folder, .file.fd = -1};
    int result;

    memcpy(log.epoch, epoch, RECORD_EPOCH_CHARS);
    result = series_log_rewrite(&log, NULL, 0);
    if (result < 0) {
        series_log_close(&log);
        return result;
    }
    *out = log;
    return 0;
}

static int encode(struct series *const *series, size_t count, struct buffer *out)
{
    int result = 0;

    for (size_t i = 0; i < count && result == 0; i++)
        result = series_record_encode(series[i], out);
    return result < 0 ? result : out->failed ? -ENOMEM : 0;
}

int series_log_append(struct series_log *log, struct series *const *series, size_t count)
{
    struct buffer records = {0};
    int result = encode(series, count, &records);

    if (result == 0 && records.size > 0) {
        const struct iovec part = record_part(records.data, records.size);

        result = record_file_append(&log->file, &part, 1);
    }
    buffer_finish(&records);
    return result;
}

int series_log_rewrite(struct series_log *log, struct series *const *series, size_t count)
{
    struct buffer content = {0};
    struct record_file_head head;
    uint64_t size;
    int fd = -1;
    int result;

    record_file_head_make(&head, SERIES_LOG_MAGIC, log->epoch, 0);
    buffer_append(&content, &head, sizeof head);
    result = encode(series, count, &content);
    if (result == 0)
        result = data_folder_draft(log->folder, SERIES_LOG_NAME, content.data, content.size, &fd);
    size = content.size;
    buffer_finish(&content);
    if (result < 0)
        return result;
    result = data_folder_publish(log->folder, SERIES_LOG_NAME);
    if (result < 0) {
        close(fd);
        return result;
    }
    series_log_close(log);
    log->file = (struct record_file){.fd = fd, .size = size};
    return data_folder_sync(log->folder);
}

int series_log_sync(const struct series_log *log)
{
    return record_file_sync(&log->file);
}

uint64_t series_log_bytes(const struct series_log *log)
{
    return log->file.size;
}

void series_log_close(struct series_log *log)
{
    if (log->file.fd >= 0)
        close(log->file.fd);
    log->file.fd = -1;
}
