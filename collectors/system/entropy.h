/* The kernel's random number generator: /proc/sys/kernel/random, random(4). */
#ifndef TACHO_COLLECTORS_SYSTEM_ENTROPY_H
#define TACHO_COLLECTORS_SYSTEM_ENTROPY_H

#include "collectors/collector.h"

extern const struct collector entropy_collector;

#endif
