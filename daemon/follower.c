#include "daemon/follower.h"

#include <errno.h>
#include <stdlib.h>

int follower_init(struct follower *follower, struct history *history, struct series_table *table,
                  uint32_t max_series, uint32_t interval_ms)
{
    *follower = (struct follower){.history = history, .table = table, .next_seq = 1};
    follower->words = calloc(max_series, sizeof *follower->words);
    if (present_init(&follower->present, max_series, interval_ms) < 0 || !follower->words) {
        follower_finish(follower);
        return -ENOMEM;
    }
    follower->catalog = catalog_get(table);
    return 0;
}

void follower_finish(struct follower *follower)
{
    present_finish(&follower->present);
    catalog_put(follower->catalog);
    free(follower->words);
    *follower = (struct follower){0};
}

/*
 * Gets the catalog that the copied row can be read with. Once the row has left the head its slots
 * may be other series', and the newest catalog may say so: then the copy means nothing. False then.
 */
static bool take_catalog(struct follower *follower, const struct tick *tick)
{
    struct tick still;

    if (tick->catalog_version <= follower->catalog->version)
        return true;
    catalog_put(follower->catalog);
    follower->catalog = catalog_get(follower->table);
    return history_read_tick(follower->history, tick->seq, &still) == 0;
}

void follower_seek(struct follower *follower, uint64_t seq)
{
    follower->next_seq = seq;
}

bool follower_advance(struct follower *follower)
{
    uint64_t seq = follower->next_seq;
    uint32_t slot_count;
    struct tick tick;

    for (;; seq++) {
        uint64_t first = history_first(follower->history);

        if (seq < first)
            seq = first;
        if (seq > history_last(follower->history))
            return false;
        if (history_read_row(follower->history, seq, &tick, follower->words, &slot_count) == 0 &&
            take_catalog(follower, &tick))
            break;
    }
    present_follow(&follower->present, &tick, follower->words, slot_count, follower->catalog);
    follower->next_seq = seq + 1;
    return true;
}
