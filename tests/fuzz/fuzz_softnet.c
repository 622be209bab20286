#include <errno.h>

#include "collectors/system/softnet.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct softnet_table table = {0};
    int result = softnet_parse((const char *)data, size, &table);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(table.count > 0 || result == -EBADMSG);
    must(table.count <= SOFTNET_ROWS_MAX);
    /* 9 digits with a blank or a newline behind each. */
    must(table.count <= (size + 1) / 18);
    softnet_table_finish(&table);
    return 0;
}
