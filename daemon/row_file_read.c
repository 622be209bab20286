#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "daemon/row_file_format.h"

/* Where the reading of a file is. */
struct place {
    uint64_t first_seq;
    uint64_t last_seq;
    uint32_t slots_crc; /* of the newest list of ids; 0 before it */
};

bool row_file_parse_name(const char *name, uint64_t *first_seq)
{
    const size_t prefix = strlen(ROW_FILE_PREFIX);
    uint64_t seq = 0;

    if (strlen(name) != ROW_FILE_NAME_SIZE - 1 || strncmp(name, ROW_FILE_PREFIX, prefix) != 0)
        return false;
    for (const char *at = name + prefix; *at; at++) {
        const char *digits = "0123456789abcdef";
        const char *digit = strchr(digits, *at);

        if (!digit)
            return false;
        seq = seq << 4 | (uint64_t)(digit - digits);
    }
    *first_seq = seq;
    return true;
}

/* A list of ids as the writer makes it; the ids stay where they are. */
static bool parse_slots(const struct record *record, const uint32_t **ids, uint32_t *count)
{
    const size_t fixed = sizeof(struct slots_record) - sizeof(struct record_head);
    struct slots_record slots;

    if (record->kind != ROW_RECORD_SLOTS || record->body_size < fixed)
        return false;
    memcpy((uint8_t *)&slots + sizeof slots.head, record->body, fixed);
    if (slots.count > ROW_SLOTS_MAX || slots.reserved != 0 ||
        record->body_size != fixed + (slots.count + slots.count % 2) * sizeof **ids)
        return false;
    *ids = (const void *)(record->body + fixed);
    *count = slots.count;
    return true;
}

/* A row as the writer makes it; words and pairs stay where they are. */
static bool parse_row(const struct record *record, struct stored_row *row, uint32_t *slots_crc)
{
    const size_t fixed = sizeof(struct row_record) - sizeof(struct record_head);
    struct row_record stored;

    if (record->kind != ROW_RECORD_ROW || record->body_size < fixed)
        return false;
    memcpy((uint8_t *)&stored + sizeof stored.head, record->body, fixed);
    if (stored.slot_count > ROW_SLOTS_MAX || stored.pair_count > ROW_PAIRS_MAX ||
        record->body_size != fixed + (stored.slot_count + stored.pair_count) * sizeof(uint64_t))
        return false;
    *row = (struct stored_row){.tick = {.seq = stored.seq,
                                        .time_ms = stored.time_ms,
                                        .mono_ns = stored.mono_ns,
                                        .flags = stored.flags},
                               .words = (const void *)(record->body + fixed),
                               .slot_count = stored.slot_count,
                               .pair_count = stored.pair_count};
    row->pairs = row->words + row->slot_count;
    memcpy(row->boot_id, stored.boot_id, sizeof row->boot_id);
    *slots_crc = stored.slots_crc;
    return true;
}

/* Hands the record on; one that is out of place, or of no meaning, is damage. */
static int visit(struct place *place, struct record_input *input, const struct record *record,
                 const struct row_visitor *visitor)
{
    const uint32_t *ids;
    uint32_t count;
    uint32_t slots_crc;
    struct stored_row row;

    if (parse_slots(record, &ids, &count)) {
        place->slots_crc = record->crc;
        return visitor->on_slots(visitor->arg, ids, count);
    }
    if (parse_row(record, &row, &slots_crc) && slots_crc == place->slots_crc &&
        row.tick.seq >= place->first_seq && row.tick.seq > place->last_seq &&
        row.tick.seq / ROW_FILE_TICKS == place->first_seq / ROW_FILE_TICKS) {
        place->last_seq = row.tick.seq;
        return visitor->on_row(visitor->arg, &row);
    }
    input->damaged += record_bytes(record);
    return 0;
}

int row_file_read_input(struct record_input *input, uint64_t first_seq, const char *epoch,
                        const struct row_visitor *visitor)
{
    struct place place = {.first_seq = first_seq};
    struct record_file_head head;
    struct record record;
    int result = record_input_head(input, ROW_FILE_MAGIC, &head);

    if (result < 0)
        return result == -ENODATA ? 0 : result;
    if (head.number != first_seq)
        return -EBADMSG;
    if (memcmp(head.epoch, epoch, sizeof head.epoch) != 0)
        return -ESTALE;
    while ((result = record_input_next(input, &record)) > 0) {
        result = visit(&place, input, &record, visitor);
        if (result != 0)
            break;
    }
    return result;
}

int row_file_read(const struct data_folder *folder, const char *name, const char *epoch,
                  const struct row_visitor *visitor, uint64_t *damaged)
{
    struct record_input input;
    uint64_t first_seq;
    AUTO_CLOSE int fd = data_folder_open_file(folder, name, O_RDONLY);
    int result = fd < 0 ? fd : 0;

    if (result == 0 && !row_file_parse_name(name, &first_seq))
        result = -EINVAL;
    if (result == 0)
        result = record_input_start(&input, fd);
    if (result < 0)
        return result;
    result = row_file_read_input(&input, first_seq, epoch, visitor);
    *damaged = input.damaged;
    record_input_finish(&input);
    return result;
}
