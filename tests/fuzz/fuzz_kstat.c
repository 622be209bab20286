#include "collectors/system/kstat.h"

#include <errno.h>

#include "tests/fuzz/harness.h"

struct text {
    const char *at;
    size_t size;
    size_t count;
};

static void take(void *context, const struct kstat_value *value)
{
    struct text *text = context;
    const char *end = text->at + text->size;

    must(value->name.length > 0 && value->name.at >= text->at);
    must(value->name.at + value->name.length <= end);
    must(value->text.at >= text->at && value->text.at + value->text.length <= end);
    must(!value->is_number || value->text.length > 0);
    text->count++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size, 0};
    int result = kstat_parse(text.at, size, take, &text);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(text.count <= KSTAT_VALUES_MAX);
    text.count = 0;
    result = kstat_parse_io(text.at, size, take, &text);
    must(result == 0 || result == -E2BIG || text.count == 0);
    must(result != 0 || text.count > 0);
    return 0;
}
