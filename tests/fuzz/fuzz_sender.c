#include "collectors/application/sender.h"

#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct sender_ports ports = {{0}};
    struct span unit = {NULL, 0};
    uint64_t start = 0;

    (void)!sender_parse_stat(text, size, &start);
    sender_parse_ports(text, size, &ports);
    if (sender_parse_unit(text, size, &unit)) {
        must(unit.at >= text && unit.at + unit.length <= text + size);
        must(unit.length > strlen(".service") && memchr(unit.at, '/', unit.length) == NULL);
    }
    return 0;
}
