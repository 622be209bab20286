#include <errno.h>

#include "collectors/system/cpu.h"
#include "collectors/system/stat.h"
#include "tests/fuzz/harness.h"

/* The two parsers of the file, each over all of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct cpu_table table = {0};
    struct stat_lines lines;
    int result = cpu_parse(text, size, &table);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(table.count > 0 || result == -EBADMSG);
    for (size_t index = 0; index < table.count; index++) {
        const struct cpu_row *row = &table.rows[index];

        must(row->number.at >= text && row->number.at + row->number.length <= text + size);
        must(row->number.length > 0);
        must(row->field_count >= 4 && row->field_count <= CPU_FIELDS);
    }
    must(table.rest.at >= text && table.rest.at + table.rest.length == text + size);
    must(table.count == 0 || table.rest.at > text);
    result = stat_parse(text, size, &lines);
    must(result == 0 || result == -EBADMSG);
    must(lines.present < 1U << STAT_LINES && (lines.present == 0 || size >= 6));
    cpu_table_finish(&table);
    return 0;
}
