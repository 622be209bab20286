/* Members of the JSON object that a load prints, each with a comma behind it. To stdout. */
#ifndef TACHO_BENCH_REPORT_H
#define TACHO_BENCH_REPORT_H

#include <stddef.h>
#include <stdint.h>

void report_number(const char *name, uint64_t value);

/* min, median and max; sorts them. At least one. */
void report_spread(const char *name, int64_t *values, size_t count);

/* p50, p99 and max in milliseconds, 0 of none; sorts them. */
void report_delays(const char *name, int64_t *delays_ns, size_t count);

/* All of them in milliseconds, so that those of several loads can be put together. */
void report_all_delays(const char *name, const int64_t *delays_ns, size_t count);

#endif
