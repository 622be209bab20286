#include <errno.h>

#include "collectors/system/selinux.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    uint64_t sums[SELINUX_COUNTS];
    struct selinux_hash hash;
    int result = selinux_parse_cache(text, size, sums);

    must(result == -EBADMSG || (result == 0 && sums[0] <= size * (uint64_t)UINT32_MAX));
    result = selinux_parse_hash(text, size, &hash);
    must(result == 0 || result == -EBADMSG);
    result = selinux_parse_config(text, size);
    must(result >= -1 && result <= 1);
    return 0;
}
