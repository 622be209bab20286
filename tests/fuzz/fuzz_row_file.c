#include <errno.h>

#include "daemon/row_file_format.h"
#include "tests/fuzz/records.h"

#define FIRST_SEQ 0x1203

static const char epoch[] = "0123456789abcdef";

struct seen {
    uint64_t last_seq;
    uint64_t bytes; /* that the records take which were handed on */
    uint64_t sum;
};

static int on_slots(void *arg, const uint32_t *ids, uint32_t count)
{
    struct seen *seen = arg;

    must(count <= ROW_SLOTS_MAX);
    for (uint32_t i = 0; i < count; i++)
        seen->sum += ids[i];
    seen->bytes += sizeof(struct slots_record) + (count + count % 2) * sizeof *ids;
    return 0;
}

static int on_row(void *arg, const struct stored_row *row)
{
    struct seen *seen = arg;

    must(row->slot_count <= ROW_SLOTS_MAX && row->pair_count <= ROW_PAIRS_MAX);
    must(row->tick.seq > seen->last_seq && row->tick.seq >= FIRST_SEQ);
    must(row->tick.seq / ROW_FILE_TICKS == FIRST_SEQ / ROW_FILE_TICKS);
    seen->last_seq = row->tick.seq;
    for (uint32_t i = 0; i < row->slot_count; i++)
        seen->sum += row->words[i];
    for (uint32_t i = 0; i < row->pair_count; i++)
        seen->sum += row->pairs[i];
    seen->bytes +=
        sizeof(struct row_record) + (row->slot_count + row->pair_count) * sizeof(uint64_t);
    return 0;
}

/* Each byte is the header's, of a record that was handed on, or damaged. */
static void check(uint8_t *data, size_t size)
{
    struct seen seen = {0};
    const struct row_visitor visitor = {&seen, on_slots, on_row};
    struct record_input input;
    int result;

    record_input_start_memory(&input, data, size);
    result = row_file_read_input(&input, FIRST_SEQ, epoch, &visitor);
    must(result == 0 || result == -EBADMSG || result == -EPROTONOSUPPORT || result == -ESTALE);
    if (result == 0 && size >= sizeof(struct record_file_head))
        must(sizeof(struct record_file_head) + seen.bytes + input.damaged == size);
    else
        must(seen.bytes == 0);
    record_input_finish(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = records_copy(data, size);

    check(copy, size);
    records_mend(copy, size, ROW_FILE_MAGIC, epoch, FIRST_SEQ);
    check(copy, size);
    free(copy);
    return 0;
}
