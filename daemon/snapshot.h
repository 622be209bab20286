/* The present as a document: what /v1/now and --once print. */
#ifndef TACHO_DAEMON_SNAPSHOT_H
#define TACHO_DAEMON_SNAPSHOT_H

#include "daemon/encode_json.h"
#include "daemon/present.h"

/*
 * {"epoch","seq","time_ms","series":[{"id","name","labels","kind","value","rate"}]}; rate only
 * where the series is cumulative. digits: of rates and derived series.
 */
void snapshot_encode(struct buffer *out, const char *epoch, const struct present *present,
                     const struct series *const *series, size_t count, enum json_digits digits);

/* One bare value a line; null where there is none. */
void snapshot_encode_values(struct buffer *out, const struct present *present,
                            const struct series *const *series, size_t count,
                            enum json_digits digits);

#endif
