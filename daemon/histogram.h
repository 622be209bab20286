/* What a sparse histogram's value at a tick is made of. */
#ifndef TACHO_DAEMON_HISTOGRAM_H
#define TACHO_DAEMON_HISTOGRAM_H

#include <stdint.h>

/* One bucket of a sparse histogram and what it grew by during the tick. */
struct histogram_pair {
    int16_t bucket;
    uint32_t increment;
};

#endif
