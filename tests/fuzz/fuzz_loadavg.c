#include <math.h>

#include "collectors/system/loadavg.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct loadavg load;

    if (loadavg_parse((const char *)data, size, &load) == 0) {
        must(isfinite(load.load1) && load.load1 >= 0);
        must(isfinite(load.load5) && load.load5 >= 0);
        must(isfinite(load.load15) && load.load15 >= 0);
    }
    return 0;
}
