#include "collectors/system/udev.h"

#include <errno.h>

#include "tests/fuzz/harness.h"

struct text {
    const char *at;
    size_t size;
    size_t count;
};

static void take(void *context, struct span key, struct span value)
{
    struct text *text = context;

    must(key.length > 0 && key.at >= text->at && key.at + key.length < value.at);
    must(value.at + value.length <= text->at + text->size);
    text->count++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size, 0};
    int result = udev_parse(text.at, size, take, &text);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(text.count <= UDEV_PROPERTIES_MAX && text.count * 4 <= size);
    return 0;
}
