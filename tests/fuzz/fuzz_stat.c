#include "collectors/system/cpu.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct cpu_table table = {0};
    int result = cpu_parse(text, size, &table);

    must(result == 0 ? table.count > 0 : table.count == 0);
    for (size_t index = 0; index < table.count; index++) {
        const struct cpu_row *row = &table.rows[index];

        must(row->number.at >= text && row->number.at + row->number.length <= text + size);
        must(row->number.length > 0);
        must(row->field_count >= 4 && row->field_count <= CPU_FIELDS);
    }
    cpu_table_finish(&table);
    return 0;
}
