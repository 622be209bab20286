#include <errno.h>

#include "collectors/system/schedstat.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct schedstat_table table = {0};
    int result = schedstat_parse(text, size, &table);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(table.count > 0 || result == -EBADMSG);
    must(table.count <= SCHEDSTAT_ROWS_MAX);
    for (size_t index = 0; index < table.count; index++) {
        struct span number = table.rows[index].number;

        must(number.at >= text && number.at + number.length <= text + size);
        must(number.length > 0);
    }
    schedstat_table_finish(&table);
    return 0;
}
