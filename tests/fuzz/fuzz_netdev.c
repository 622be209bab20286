#include "collectors/roster.h"
#include "collectors/system/netdev.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct netdev_table table = {0};
    int result = netdev_parse(text, size, &table);

    must(result == 0 || table.count == 0);
    must(table.count <= NETDEV_ROWS_MAX);
    for (size_t index = 0; index < table.count; index++) {
        const struct netdev_row *row = &table.rows[index];

        must(row->name.at >= text && row->name.at + row->name.length < text + size);
        must(roster_accepts(row->name) && memchr(row->name.at, '/', row->name.length) == NULL);
    }
    netdev_table_finish(&table);
    return 0;
}
