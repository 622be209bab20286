#include <errno.h>

#include "daemon/series_log.h"
#include "daemon/series_record.h"
#include "tests/fuzz/records.h"

static const char epoch[] = "0123456789abcdef";

struct seen {
    uint64_t bytes; /* of the records of the series, as encoding makes them */
};

/* What is read is what encoding makes of the series, and so has no bytes that nobody looked at. */
static int on_series(void *arg, const struct series *series)
{
    struct seen *seen = arg;
    struct buffer again = {0};

    must(series->label_count <= SERIES_LABELS_MAX);
    must(series_record_encode(series, &again) == 0 && !again.failed);
    /* The record ends where the last of its texts does, but for what fills up. */
    must(memcmp(again.data + 56, series->name, again.size - 56) == 0);
    seen->bytes += again.size;
    buffer_finish(&again);
    return 0;
}

static void check(uint8_t *data, size_t size)
{
    struct seen seen = {0};
    const struct series_visitor visitor = {&seen, on_series};
    struct record_input input;
    char got[RECORD_EPOCH_CHARS + 1];
    uint64_t good;
    int result;

    record_input_start_memory(&input, data, size);
    result = series_log_read_input(&input, &visitor, got, &good);
    must(result == 0 || result == -ENODATA || result == -EBADMSG || result == -EPROTONOSUPPORT);
    if (result == 0) {
        must(sizeof(struct record_file_head) + seen.bytes + input.damaged == size);
        must(good <= size && good % 8 == 0 && strlen(got) <= RECORD_EPOCH_CHARS);
    } else {
        must(seen.bytes == 0);
    }
    record_input_finish(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = records_copy(data, size);

    check(copy, size);
    records_mend(copy, size, SERIES_LOG_MAGIC, epoch, 0);
    check(copy, size);
    free(copy);
    return 0;
}
