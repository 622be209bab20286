#include "daemon/scrape_slots.h"

#include <stdlib.h>

void scrape_slots_finish(struct scrape_slots *slots)
{
    free(slots->takers);
    *slots = (struct scrape_slots){0};
}

static bool make_room(struct scrape_slots *slots, uint32_t count)
{
    if (!slots->takers) {
        slots->takers = calloc(count, sizeof(const struct sink_series *));
        slots->count = slots->takers ? count : 0;
    }
    return slots->takers != NULL;
}

bool scrape_slots_has(const struct scrape_slots *slots, const struct sink_series *series)
{
    return series->declared && series->slot < slots->count && slots->takers[series->slot] == series;
}

/* False if there is no slot. One that was lost may have become another series'. */
static bool declare(struct scrape_slots *slots, struct sink *sink, struct sink_series *series,
                    const struct metric *metric, const struct label *labels, size_t label_count)
{
    if (!make_room(slots, sink->capacity))
        return false;
    if (series->declared && series->slot != SINK_NO_SLOT)
        *series = (struct sink_series){0};
    sink_want(sink, series, metric, labels, label_count, SERIES_APPLICATION);
    return series->slot < slots->count;
}

bool scrape_slots_want(struct scrape_slots *slots, struct sink *sink, struct sink_series *series,
                       const struct metric *metric, const struct label *labels, size_t label_count)
{
    if (scrape_slots_has(slots, series))
        return true;
    if (!declare(slots, sink, series, metric, labels, label_count))
        return false;
    if (slots->takers[series->slot]) {
        *series = (struct sink_series){0};
        return false;
    }
    slots->takers[series->slot] = series;
    return true;
}

bool scrape_slots_take(struct scrape_slots *slots, struct sink *sink, struct sink_series *series,
                       const struct metric *metric, const struct label *labels, size_t label_count)
{
    if (scrape_slots_has(slots, series))
        return true;
    if (!declare(slots, sink, series, metric, labels, label_count))
        return false;
    slots->takers[series->slot] = series;
    return true;
}

void scrape_slots_drop(struct scrape_slots *slots, struct sink *sink, struct sink_series *series)
{
    if (scrape_slots_has(slots, series)) {
        slots->takers[series->slot] = NULL;
        sink_drop(sink, series);
    }
    *series = (struct sink_series){0};
}
