#include "tests/bench/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"

static double milliseconds(int64_t ns)
{
    return (double)ns / NS_PER_MS;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

/* Of sorted values; 0 of none. */
static int64_t quantile(const int64_t *values, size_t count, double share)
{
    return count > 0 ? values[(size_t)(share * (double)(count - 1))] : 0;
}

void report_number(const char *name, uint64_t value)
{
    printf("\"%s\":%" PRIu64 ",", name, value);
}

void report_spread(const char *name, int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    printf("\"%s\":{\"min\":%" PRId64 ",\"median\":%" PRId64 ",\"max\":%" PRId64 "},", name,
           values[0], quantile(values, count, .5), values[count - 1]);
}

void report_delays(const char *name, int64_t *delays_ns, size_t count)
{
    qsort(delays_ns, count, sizeof *delays_ns, compare);
    printf("\"%s\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f},", name,
           milliseconds(quantile(delays_ns, count, .5)),
           milliseconds(quantile(delays_ns, count, .99)),
           milliseconds(quantile(delays_ns, count, 1)));
}

void report_all_delays(const char *name, const int64_t *delays_ns, size_t count)
{
    printf("\"%s\":[", name);
    for (size_t i = 0; i < count; i++)
        printf("%s%.3f", i > 0 ? "," : "", milliseconds(delays_ns[i]));
    printf("],");
}
