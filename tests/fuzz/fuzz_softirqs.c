#include <errno.h>

#include "collectors/system/softirqs.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct softirq_sums sums = {.count = 7};
    int result = softirqs_parse_sums((const char *)data, size, &sums);

    must(result == 0 || result == -EBADMSG);
    must(sums.count == (result < 0 ? 7 : sums.count > 0 ? SOFTIRQ_VECTORS : 0));
    must(result < 0 || sums.count == 0 || size >= sizeof "softirq 0 0 0 0 0 0 0 0 0 0 0" - 1);
    return 0;
}
