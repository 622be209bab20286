#include "collectors/system/pressure.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pressure pressure;

    if (pressure_parse((const char *)data, size, &pressure) == 0) {
        must(pressure.present[PRESSURE_SOME] || pressure.present[PRESSURE_FULL]);
        must(size >= sizeof "some total=0" - 1);
    }
    return 0;
}
