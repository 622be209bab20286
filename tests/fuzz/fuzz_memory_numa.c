#include <errno.h>

#include "collectors/system/memory_numa.h"
#include "tests/fuzz/harness.h"

static void check(int result, const struct memory_numa_row *row)
{
    must(result == 0 || result == -EBADMSG);
    must(result < 0 || (row->key.length > 0 && strlen(row->key.text) == row->key.length));
    must(result < 0 || row->value >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scanner text = scanner_over((const char *)data, size), line;
    struct memory_numa_row row;

    while (scan_line(&text, &line)) {
        check(memory_numa_parse_meminfo(line, &row), &row);
        check(memory_numa_parse_numastat(line, &row), &row);
    }
    return 0;
}
