#include "tests/unit/process_lists.h"

#include <math.h>
#include <string.h>

#include "daemon/process_past.h"
#include "daemon/process_top.h"

static bool is_near(double value, double kept, double most)
{
    return isnan(value) ? isnan(kept) : fabs(value - kept) <= most;
}

static bool is_same_text(const struct process_text *a, const struct process_text *b)
{
    return a == NULL || b == NULL
               ? a == b
               : a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static bool is_entry(const struct process_entry *entry, const struct process_entry *kept)
{
    return entry->pid == kept->pid && entry->parent_pid == kept->parent_pid &&
           entry->uid == kept->uid && entry->threads == kept->threads &&
           entry->start_ticks == kept->start_ticks && entry->start_time_ms == kept->start_time_ms &&
           entry->rss_bytes == kept->rss_bytes && entry->shared_bytes == kept->shared_bytes &&
           entry->state == kept->state && is_near(entry->cpu_cores, kept->cpu_cores, 0.000051) &&
           is_near(entry->read_bytes_per_second, kept->read_bytes_per_second, 0.51) &&
           is_near(entry->write_bytes_per_second, kept->write_bytes_per_second, 0.51) &&
           strcmp(entry->name, kept->name) == 0 && is_same_text(entry->command, kept->command) &&
           is_same_text(entry->user, kept->user);
}

static bool is_head(const struct process_list *list, const struct process_list *kept)
{
    return kept->selected && list->seq == kept->seq && list->time_ms == kept->time_ms &&
           list->span_ms == kept->span_ms && list->visible == kept->visible &&
           list->unread == kept->unread && list->hides == kept->hides &&
           list->io_hidden == kept->io_hidden && list->threads == kept->threads &&
           list->total_threads == kept->total_threads &&
           memcmp(list->by_state, kept->by_state, sizeof list->by_state) == 0 &&
           is_near(list->busy_cores, kept->busy_cores, 0.000051) &&
           is_near(list->unattributed_cores, kept->unattributed_cores, 0.000051);
}

bool process_list_is_kept(const struct process_list *list, const struct process_list *kept)
{
    uint32_t indices[PROCESS_ORDERS * PROCESS_PAST_TOP];
    const size_t count = process_top_union(list, PROCESS_PAST_TOP, indices);

    if (!is_head(list, kept) || kept->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_entry(&list->entries[indices[i]], &kept->entries[i]))
            return false;
    }
    return true;
}
