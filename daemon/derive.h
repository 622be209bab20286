/*
 * Derived series: what people look at first, computed at each tick from the raw series of the
 * same tick and stored as ordinary gauges. One table holds each one's name, its formula (which is
 * its help) and the function that computes it.
 */
#ifndef TACHO_DAEMON_DERIVE_H
#define TACHO_DAEMON_DERIVE_H

#include "collectors/collector.h"
#include "daemon/present.h"

struct derive;

int derive_new(struct derive **out) MUST_CHECK;
void derive_free(struct derive *derive);

/*
 * Looks up the inputs in a catalog and declares the outputs that they allow; outputs of devices
 * that are gone are released. Call it when the catalog's version changed. 0 or -ENOMEM.
 */
int derive_bind(struct derive *derive, struct catalog *catalog, struct sink *sink) MUST_CHECK;

/* Puts this tick's derived values into the sink. present has followed this tick's raw values. */
void derive_compute(struct derive *derive, const struct present *present, struct sink *sink);

#endif
