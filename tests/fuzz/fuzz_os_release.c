#include <errno.h>
#include <string.h>

#include "collectors/system/os_release.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct os_release release;
    int result = os_release_parse((const char *)data, size, &release);
    size_t length = 0;
    double value;

    must(result == 0 || result == -EBADMSG || (result == -E2BIG && size > OS_RELEASE_FILE_MAX));
    for (size_t key = 0; key < OS_RELEASE_KEYS; key++)
        length += strlen(release.values[key]);
    must(length <= size && length <= OS_RELEASE_FILE_MAX);
    if (os_release_parse_version(release.values[OS_RELEASE_VERSION_ID], &value) == 0)
        must(value >= 0);
    if (os_release_parse_date(release.values[OS_RELEASE_SUPPORT_END], &value) == 0)
        must(value > -6.3e10 && value < 2.6e11);
    return 0;
}
