#include "daemon/drops.h"

static const struct metric dropped = {
    .name = "tacho_ingest_dropped_total",
    .unit = "",
    .help = "Lines, packets and series of applications that were not taken.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

const char *drop_reason_name(enum drop_reason reason)
{
    static const char *const names[] = {[DROP_MALFORMED] = "malformed",
                                        [DROP_TOO_LONG] = "too_long",
                                        [DROP_SERIES] = "series_limit",
                                        [DROP_VALUE] = "value",
                                        [DROP_KERNEL] = "kernel"};

    return names[reason];
}

void drops_sample(struct drops *drops, struct sink *sink)
{
    for (enum drop_reason reason = 0; reason < DROP_REASONS; reason++) {
        const struct label labels[] = {{"reason", drop_reason_name(reason)},
                                       {"source", drops->source}};

        sink_put(sink, &drops->series[reason], &dropped, labels, 2, SERIES_OWN,
                 (double)drops_count(drops, reason));
    }
}
