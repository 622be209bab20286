#include <errno.h>

#include "collectors/system/udp_queues.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scanner text = scanner_over((const char *)data, size), line;

    while (scan_line(&text, &line)) {
        struct udp_queues sum = {1, 2};
        int result = udp_queues_parse_line(line, &sum);

        must(result == 0 || result == -EBADMSG);
        must(result == 0 || (sum.transmit_bytes == 1 && sum.receive_bytes == 2));
        must(sum.transmit_bytes - 1 <= UINT32_MAX && sum.receive_bytes - 2 <= UINT32_MAX);
    }
    return 0;
}
