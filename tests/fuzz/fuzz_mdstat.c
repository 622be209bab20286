#include "collectors/system/mdstat.h"

#include <errno.h>

#include "tests/fuzz/harness.h"

struct text {
    const char *at;
    size_t size;
    size_t count;
};

static void take(void *context, const struct mdstat_array *array)
{
    struct text *text = context;

    must(array->name.length > 0 && array->name.at >= text->at);
    must(array->name.at + array->name.length <= text->at + text->size);
    must(array->state < MDSTAT_STATES);
    must(array->failed <= text->size && array->spare <= text->size);
    text->count++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size, 0};
    int result = mdstat_parse(text.at, size, take, &text);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(text.count <= MDSTAT_ARRAYS_MAX);
    return 0;
}
