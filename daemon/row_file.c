#include "daemon/row_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/row_file_format.h"

void row_file_name(uint64_t first_seq, char out[ROW_FILE_NAME_SIZE])
{
    snprintf(out, ROW_FILE_NAME_SIZE, ROW_FILE_PREFIX "%016" PRIx64, first_seq);
}

int row_file_create(const struct data_folder *folder, const char *epoch, uint64_t first_seq,
                    struct row_file *out)
{
    char name[ROW_FILE_NAME_SIZE];
    struct row_file file = {.first_seq = first_seq};
    int result;

    row_file_name(first_seq, name);
    result = record_file_create(folder, name, ROW_FILE_MAGIC, epoch, first_seq, &file.file);
    if (result == 0)
        *out = file;
    return result;
}

int row_file_write_slots(struct row_file *file, const uint32_t *ids, uint32_t count)
{
    static const uint32_t none;
    struct slots_record record = {.head.kind = ROW_RECORD_SLOTS, .count = count};
    const struct iovec parts[] = {record_part(&record, sizeof record),
                                  record_part(ids, count * sizeof *ids),
                                  record_part(&none, count % 2 * sizeof none)};
    int result;

    if (count > ROW_SLOTS_MAX)
        return -E2BIG;
    record_seal(parts, 3);
    result = record_file_append(&file->file, parts, 3);
    if (result == 0)
        file->slots_crc = record.head.crc;
    return result;
}

int row_file_write_row(struct row_file *file, const struct stored_row *row)
{
    struct row_record record = {.head.kind = ROW_RECORD_ROW,
                                .seq = row->tick.seq,
                                .time_ms = row->tick.time_ms,
                                .mono_ns = row->tick.mono_ns,
                                .flags = row->tick.flags,
                                .slot_count = row->slot_count,
                                .pair_count = row->pair_count,
                                .slots_crc = file->slots_crc};
    const struct iovec parts[] = {record_part(&record, sizeof record),
                                  record_part(row->words, row->slot_count * sizeof *row->words),
                                  record_part(row->pairs, row->pair_count * sizeof *row->pairs)};

    if (row->slot_count > ROW_SLOTS_MAX || row->pair_count > ROW_PAIRS_MAX)
        return -E2BIG;
    if (row->tick.seq < file->first_seq ||
        row->tick.seq / ROW_FILE_TICKS != file->first_seq / ROW_FILE_TICKS)
        return -EINVAL;
    memcpy(record.boot_id, row->boot_id, sizeof record.boot_id);
    record_seal(parts, 3);
    return record_file_append(&file->file, parts, 3);
}

int row_file_sync(const struct row_file *file)
{
    return record_file_sync(&file->file);
}

void row_file_close(struct row_file *file)
{
    close(file->file.fd);
    file->file.fd = -1;
}
