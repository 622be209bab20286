#include "collectors/number_file.h"

#include <errno.h>

#include "collectors/parse.h"

int number_file_parse(const char *text, size_t length, uint64_t *out)
{
    struct scanner scanner = scanner_over(text, length);
    uint64_t number;

    if (!scan_u64(&scanner, &number))
        return -EBADMSG;
    scan_char(&scanner, '\n');
    if (!scan_is_done(&scanner))
        return -EBADMSG;
    *out = number;
    return 0;
}

int number_file_read(struct procfs_file *file, uint64_t *out)
{
    const char *text;
    size_t length;
    int result = procfs_read(file, &text, &length);

    return result < 0 ? result : number_file_parse(text, length, out);
}
