#include "collectors/system/zram.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zram_memory memory = {.column_count = 77};

    if (zram_parse((const char *)data, size, &memory) == 0)
        must(memory.column_count >= 7 && memory.column_count <= ZRAM_COLUMNS && size >= 13);
    else
        must(memory.column_count == 77);
    return 0;
}
