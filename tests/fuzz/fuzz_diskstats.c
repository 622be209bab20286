#include <errno.h>

#include "collectors/roster.h"
#include "collectors/system/disk.h"
#include "collectors/system/disk_device.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct disk_table table = {0};
    int result = disk_parse(text, size, &table);

    must(result == 0 || result == -EBADMSG || (result == -E2BIG && table.count == DISK_ROWS_MAX));
    for (size_t index = 0; index < table.count; index++) {
        const struct disk_row *row = &table.rows[index];

        must(row->name.at >= text && row->name.at + row->name.length < text + size);
        must(roster_accepts(row->name) && !disk_device_is_excluded(row->name));
        must(row->field_count >= 8 && row->field_count <= DISK_FIELDS);
    }
    disk_table_finish(&table);
    return 0;
}
