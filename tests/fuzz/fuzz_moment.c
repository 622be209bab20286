#include "daemon/moment.h"
#include "tests/fuzz/harness.h"

#define NOW_MS INT64_C(1700000000123)

/* Durations and moments of a request. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t ms = -1, later = -1;

    if (duration_parse(text, size, &ms) == 0)
        must(ms >= 0 && ms <= INT64_C(10000000000000));
    else
        must(ms == -1);
    ms = -1;
    if (moment_parse(text, size, NOW_MS, &ms) < 0) {
        must(ms == -1);
        return 0;
    }
    must(ms >= 0 && ms < INT64_C(253402300800000));
    /* A day later it is the same moment, or one that depends on now and is at most a day later. */
    must(moment_parse(text, size, NOW_MS + 86400000, &later) == 0);
    must(later >= ms && later <= ms + 86400000);
    return 0;
}
