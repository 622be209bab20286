#include "daemon/process_unrolled.h"

#include <errno.h>
#include <stdlib.h>

static uint8_t *records_of(const struct process_block_bytes *from, size_t *size)
{
    *size = from->bytes.size - from->start;
    return (uint8_t *)from->bytes.data + from->start;
}

int process_unrolled_new(uint64_t number, const struct process_block_bytes *from,
                         struct process_unrolled **out)
{
    struct process_unrolled *unrolled = calloc(1, sizeof *unrolled);
    struct process_block_bytes taken = *from;
    size_t size;
    uint8_t *records = records_of(&taken, &size);

    if (unrolled == NULL || process_reading_start(&unrolled->reading, records, size) < 0) {
        buffer_finish(&taken.bytes);
        free(unrolled);
        return -ENOMEM;
    }
    unrolled->number = number;
    unrolled->from = taken;
    *out = unrolled;
    return 0;
}

static void drop_lists(struct process_unrolled *unrolled)
{
    for (size_t i = 0; i < unrolled->count; i++)
        process_list_put(unrolled->lists[i]);
    unrolled->count = 0;
}

void process_unrolled_free(struct process_unrolled *unrolled)
{
    if (unrolled == NULL)
        return;
    drop_lists(unrolled);
    process_reading_finish(&unrolled->reading);
    buffer_finish(&unrolled->from.bytes);
    free(unrolled);
}

void process_unrolled_extend(struct process_unrolled *unrolled,
                             const struct process_block_bytes *from)
{
    size_t size;
    uint8_t *records = records_of(from, &size);

    process_reading_extend(&unrolled->reading, records, size);
    buffer_finish(&unrolled->from.bytes);
    unrolled->from = *from;
}

static int restart(struct process_unrolled *unrolled)
{
    size_t size;
    uint8_t *records = records_of(&unrolled->from, &size);

    drop_lists(unrolled);
    unrolled->skipped_ms = 0;
    process_reading_finish(&unrolled->reading);
    return process_reading_start(&unrolled->reading, records, size);
}

/* Makes the next list from the moment on, and skips what is before it. 1, 0 at the end, -ENOMEM. */
static int unroll(struct process_unrolled *unrolled, int64_t from_ms)
{
    const struct process_record *block = unrolled->reading.block;
    int result;

    if (unrolled->count == PROCESS_FILE_RECORDS)
        return 0;
    while ((result = process_reading_next(&unrolled->reading)) == 1 &&
           process_record_time_ms(block) < from_ms)
        unrolled->skipped_ms = process_record_time_ms(block);
    if (result == 1 && process_record_list(block, &unrolled->lists[unrolled->count]) < 0)
        return -ENOMEM;
    unrolled->count += result == 1;
    return result;
}

int process_unrolled_find(struct process_unrolled *unrolled, int64_t at_ms,
                          struct process_list **out)
{
    const int64_t from_ms = unrolled->was_asked ? 0 : at_ms;
    size_t low = 0, high;
    int result = 1;

    unrolled->was_asked = true;
    if (at_ms <= unrolled->skipped_ms && restart(unrolled) < 0)
        return -ENOMEM;
    while (result == 1 &&
           (unrolled->count == 0 || unrolled->lists[unrolled->count - 1]->time_ms < at_ms))
        result = unroll(unrolled, from_ms);
    if (result <= 0)
        return result < 0 ? result : -ENODATA;
    high = unrolled->count - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (unrolled->lists[middle]->time_ms < at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    *out = process_list_hold(unrolled->lists[low]);
    return 0;
}
