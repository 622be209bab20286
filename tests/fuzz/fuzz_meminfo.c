#include <errno.h>

#include "collectors/system/arcstats.h"
#include "collectors/system/memory.h"
#include "tests/fuzz/harness.h"

/* The memory collector's two files. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct memory_table table = {0};
    struct arcstats arc;
    int result = memory_parse(text, size, &table);

    must(result == 0 || result == -EBADMSG || (result == -E2BIG && table.count == MEMORY_ROWS_MAX));
    must(table.count > 0 || result == -EBADMSG);
    for (size_t index = 0; index < table.count; index++) {
        const struct field_key *key = &table.rows[index].key;

        must(key->length > 0 && strlen(key->text) == key->length);
        must(table.rows[index].value >= 0);
    }
    memory_table_finish(&table);
    if (arcstats_parse(text, size, &arc) == 0)
        must(size >= sizeof "size 4 0\nc_min 4 0" - 1);
    return 0;
}
