/*
 * All processes of the machine: their totals as series, and lists of them for who looks at them,
 * each made by a worker that scans them (process_scan.h).
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESSES_H
#define TACHO_COLLECTORS_SYSTEM_PROCESSES_H

#include "collectors/collector.h"

/* How often they are scanned while somebody watches, and else; no more often than the ticks. */
#define PROCESSES_WATCHED_MS 1000
#define PROCESSES_RESTING_MS 5000

/* Scans that do not return: with so many of them no other begins. */
#define PROCESSES_STUCK_MAX 4

extern const struct collector processes_collector;

#endif
