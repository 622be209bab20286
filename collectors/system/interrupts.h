/*
 * What interrupted each CPU: /proc/interrupts, proc_interrupts(5). Cheap to parse, but the kernel
 * needs long to make it, and the series are as many as its counts: off unless asked for.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_INTERRUPTS_H
#define TACHO_COLLECTORS_SYSTEM_INTERRUPTS_H

#include "collectors/collector.h"

extern const struct collector interrupts_collector;

#endif
