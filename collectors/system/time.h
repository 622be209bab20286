/* The wall clock and the offset of the zone that the daemon runs in: localtime_r(3). */
#ifndef TACHO_COLLECTORS_SYSTEM_TIME_H
#define TACHO_COLLECTORS_SYSTEM_TIME_H

#include "collectors/collector.h"

/* How long a change of the zone itself (TZ's file, /etc/localtime) may stay unnoticed. */
#define TIME_ZONE_RELOAD_NS INT64_C(60000000000)

extern const struct collector time_collector;

#endif
