#include <errno.h>

#include "collectors/system/sockstat.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sockstat_table table;
    int result = sockstat_parse((const char *)data, size, &table);

    must(result == 0 || result == -EBADMSG ||
         (result == -E2BIG && table.count == SOCKSTAT_ROWS_MAX));
    must(table.count <= SOCKSTAT_ROWS_MAX);
    for (size_t index = 0; index < table.count; index++) {
        const struct field_key *key = &table.rows[index].key;

        must(key->length > 0 && strlen(key->text) == key->length);
        must(memchr(key->text, '_', key->length) != NULL);
    }
    return 0;
}
