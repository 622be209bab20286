#include "daemon/row_reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int row_reading_init(struct row_reading *reading, const struct known_series *known,
                     const struct archive_list *sealed)
{
    *reading = (struct row_reading){.known = known, .sealed = sealed};
    return block_init(&reading->block, 0);
}

void row_reading_finish(struct row_reading *reading)
{
    block_finish(&reading->block);
    free(reading->by_slot);
    *reading = (struct row_reading){0};
}

static int widen(struct row_reading *reading, uint32_t count)
{
    const struct series **larger;

    if (block_widen(&reading->block, count) < 0)
        return -ENOMEM;
    if (count <= reading->capacity)
        return 0;
    larger = reallocarray(reading->by_slot, count, sizeof(struct series *));
    if (!larger)
        return -ENOMEM;
    for (uint32_t slot = reading->capacity; slot < count; slot++)
        larger[slot] = NULL;
    reading->by_slot = larger;
    reading->capacity = count;
    return 0;
}

/* A slot is another series' only after a block in which it was nobody's: names add up. */
static int on_slots(void *arg, const uint32_t *ids, uint32_t count)
{
    struct row_reading *reading = arg;

    if (widen(reading, count) < 0)
        return -ENOMEM;
    for (uint32_t slot = 0; slot < count; slot++) {
        size_t index = known_series_index(reading->known, ids[slot]);

        if (index < reading->known->count)
            reading->by_slot[slot] = reading->known->items[index];
        else if (ids[slot] != 0)
            reading->has_unknown = true;
    }
    return 0;
}

static bool is_sealed(const struct archive_list *sealed, uint64_t seq)
{
    size_t low = 0, high = sealed->count;

    /* The first that ends there or later. */
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (sealed->entries[middle]->last_seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sealed->count && sealed->entries[low]->first_seq <= seq;
}

static int on_row(void *arg, const struct stored_row *stored)
{
    struct row_reading *reading = arg;
    struct history_row row = {.tick = stored->tick,
                              .words = stored->words,
                              .slot_count = stored->slot_count,
                              .pairs = stored->pairs,
                              .pair_count = stored->pair_count};

    if (stored->tick.seq <= reading->last_seq || is_sealed(reading->sealed, stored->tick.seq))
        return 0;
    reading->last_seq = stored->tick.seq;
    memcpy(reading->boot_id, stored->boot_id, sizeof reading->boot_id);
    return block_add(&reading->block, &row);
}

int row_reading_read(struct row_reading *reading, const struct data_folder *folder,
                     const char *name, const char *epoch, uint64_t *damaged)
{
    const struct row_visitor visitor = {.on_slots = on_slots, .on_row = on_row, .arg = reading};

    return row_file_read(folder, name, epoch, &visitor, damaged);
}
