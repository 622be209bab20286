#include <errno.h>

#include "collectors/roster.h"
#include "collectors/system/arp.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scanner text = scanner_over((const char *)data, size), line;

    while (scan_line(&text, &line)) {
        struct span device = {0};
        int result = arp_parse_line(line, &device);

        must(result == -EBADMSG || (result == 0 && roster_accepts(device)));
        must(result == 0 || device.at == NULL);
        must(result < 0 || (device.at >= line.at && device.at + device.length <= line.end));
    }
    return 0;
}
