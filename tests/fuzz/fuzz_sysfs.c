#include "collectors/parse.h"
#include "collectors/sysfs.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t number = 7;
    int result = sysfs_parse_number(text, size, &number);

    must(result == 0 || number == 7);
    must(result < 0 || (size > 0 && (text[0] == '-' || char_is_digit(text[0]))));
    must(result < 0 || number >= 0 || text[0] == '-');
    return 0;
}
