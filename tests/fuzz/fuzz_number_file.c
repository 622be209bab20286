#include "collectors/number_file.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t number = 7;

    if (number_file_parse((const char *)data, size, &number) == 0)
        must(size > 0);
    else
        must(number == 7);
    return 0;
}
