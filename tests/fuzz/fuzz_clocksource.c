#include "collectors/roster.h"
#include "collectors/system/clocksource.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct clocksource_names names;

    if (clocksource_parse(text, size, &names) < 0)
        return 0;
    must(names.count <= CLOCKSOURCES_MAX);
    for (size_t index = 0; index < names.count; index++) {
        struct span name = names.names[index];

        must(name.at >= text && name.at + name.length <= text + size);
        must(name.length <= CLOCKSOURCE_NAME_MAX && roster_accepts(name));
    }
    return 0;
}
