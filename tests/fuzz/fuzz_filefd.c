#include "collectors/system/filefd.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct filefd files = {7, 7};

    if (filefd_parse((const char *)data, size, &files) == 0)
        must(size >= sizeof "0 0 0" - 1);
    else
        must(files.allocated == 7 && files.maximum == 7);
    return 0;
}
