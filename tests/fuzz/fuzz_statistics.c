#include <errno.h>
#include <string.h>

#include "collectors/system/netstat.h"
#include "collectors/system/vmstat.h"
#include "tests/fuzz/harness.h"

static void check_items(const struct statistics *all)
{
    for (size_t index = 0; index < all->count; index++) {
        const struct field_key *key = &all->items[index].key;

        must(key->length > 0 && key->length <= ROSTER_NAME_MAX);
        must(strlen(key->text) == key->length);
    }
}

/* Reads the one after the other, which must be as if the other was read alone. */
static void check(const char *first, size_t first_size, const char *second, size_t second_size,
                  const struct statistics_form *form)
{
    struct statistics kept = {0}, fresh = {0};
    int result = statistics_parse(first, first_size, form, &kept);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    check_items(&kept);
    result = statistics_parse(second, second_size, form, &fresh);
    must(statistics_parse(second, second_size, form, &kept) == result);
    must(kept.count == fresh.count);
    check_items(&kept);
    for (size_t index = 0; index < kept.count; index++) {
        must(strcmp(kept.items[index].key.text, fresh.items[index].key.text) == 0);
        must(kept.items[index].present == fresh.items[index].present);
        if (fresh.items[index].present)
            must(kept.items[index].value == fresh.items[index].value);
        else
            must(result < 0);
    }
    statistics_finish(&kept);
    statistics_finish(&fresh);
}

/* The files of netstat and vmstat: two of them, with a NUL between, or the same twice. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;
    size_t first_size = nul != NULL ? (size_t)(nul - text) : size;
    const char *second = nul != NULL ? nul + 1 : text;
    size_t second_size = nul != NULL ? size - first_size - 1 : size;

    check(text, first_size, second, second_size, &netstat_form);
    check(text, first_size, second, second_size, &netstat_form6);
    check(text, first_size, second, second_size, &vmstat_form);
    return 0;
}
