#include <errno.h>

#include "collectors/system/conntrack.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conntrack_stat stat = {.present = 7};
    int result = conntrack_parse((const char *)data, size, &stat);

    must(result == 0 || result == -EBADMSG);
    if (result < 0) {
        must(stat.present == 7);
        return 0;
    }
    must(stat.present > 0 && stat.present < 1U << CONNTRACK_EVENTS);
    for (unsigned event = 0; event < CONNTRACK_EVENTS; event++)
        must(stat.present & 1U << event || stat.sums[event] == 0);
    return 0;
}
