#include "collectors/system/rapl_zone.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = {(const char *)data, size};
    struct rapl_zone zone = {.index = 7};

    if (!rapl_parse_name(text, &zone)) {
        must(zone.index == 7);
        return 0;
    }
    must(zone.has_index || zone.index == 0);
    must(zone.has_index ? size > 2 : size <= RAPL_NAME_MAX);
    must(memcmp(zone.name, text.at, strnlen(zone.name, RAPL_NAME_MAX)) == 0);
    return 0;
}
