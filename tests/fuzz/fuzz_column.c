#include <errno.h>
#include <string.h>

#include "daemon/column.h"
#include "tests/fuzz/harness.h"

#define POINTS COLUMN_MAX_POINTS

static void go_there_and_back(const uint64_t *words, size_t count)
{
    uint8_t bytes[COLUMN_MAX_BYTES];
    uint64_t decoded[POINTS];
    int64_t values[POINTS], decoded_values[POINTS];
    size_t size = column_encode(words, count, bytes);

    must(size <= sizeof bytes);
    must(column_decode(bytes, size, count, decoded) == (int)size);
    must(memcmp(decoded, words, count * sizeof *words) == 0);
    must(column_decode(bytes, size - 1, count, decoded) == -EBADMSG);
    memcpy(values, words, sizeof values);
    size = column_encode_i64(values, count, bytes);
    must(size <= sizeof bytes);
    must(column_decode_i64(bytes, size, count, decoded_values) == (int)size);
    must(memcmp(decoded_values, values, count * sizeof *values) == 0);
}

/* A byte tells how many points there are; what follows is taken for words, and for a column. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t words[POINTS] = {0};
    int64_t values[POINTS];
    size_t count;
    int read;

    if (size == 0)
        return 0;
    count = (size_t)*data++ + 1;
    size--;
    memcpy(words, data, size < sizeof words ? size : sizeof words);
    go_there_and_back(words, count);
    read = column_decode(data, size, count, words);
    must(read == -EBADMSG || (read > 0 && (size_t)read <= size));
    if (read > 0)
        go_there_and_back(words, count);
    read = column_decode_i64(data, size, count, values);
    must(read == -EBADMSG || (read > 0 && (size_t)read <= size));
    return 0;
}
