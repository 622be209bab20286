#include "collectors/system/process.h"
#include "tests/fuzz/harness.h"

/* The process collector's two files. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct process_memory memory;
    uint64_t start;

    if (process_parse_statm(text, size, &memory) == 0)
        must(size >= sizeof "1 1 \n" - 1);
    if (process_parse_start(text, size, &start) == 0)
        must(size >= sizeof ") 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 " - 1);
    return 0;
}
