#include "collectors/system/filefd.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "collectors/procfs.h"

static const struct metric allocated = {.name = "node_filefd_allocated",
                                        .unit = "",
                                        .help = "File descriptor statistics: allocated.",
                                        .kind = METRIC_GAUGE};
static const struct metric maximum = {.name = "node_filefd_maximum",
                                      .unit = "",
                                      .help = "File descriptor statistics: maximum.",
                                      .kind = METRIC_GAUGE};

struct filefd_state {
    struct procfs_file file;
    struct sink_series allocated;
    struct sink_series maximum;
};

/* "1024 0 1631329": in the middle the free ones, which have been 0 since Linux 2.6. */
int filefd_parse(const char *text, size_t length, struct filefd *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct filefd files = {0};
    uint64_t ignored;
    bool good = scan_u64(&scanner, &files.allocated) && scan_blanks(&scanner) &&
                scan_u64(&scanner, &ignored) && scan_blanks(&scanner) &&
                scan_u64(&scanner, &files.maximum);

    scan_char(&scanner, '\n');
    if (!good || !scan_is_done(&scanner))
        return -EBADMSG;
    *out = files;
    return 0;
}

static void close_filefd(void *opaque)
{
    struct filefd_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    free(state);
}

static int open_filefd(const struct collector_roots *roots, void **out)
{
    struct filefd_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    result = procfs_open(&state->file, roots->procfs, "sys/fs/file-nr");
    if (result < 0) {
        close_filefd(state);
        return result;
    }
    *out = state;
    return 0;
}

static int sample_filefd(void *opaque, struct sink *sink)
{
    struct filefd_state *state = opaque;
    struct filefd files;
    const char *text;
    size_t length;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    result = filefd_parse(text, length, &files);
    if (result < 0)
        return result;
    sink_put(sink, &state->allocated, &allocated, NULL, 0, 0, (double)files.allocated);
    sink_put(sink, &state->maximum, &maximum, NULL, 0, 0, (double)files.maximum);
    return 0;
}

const struct collector filefd_collector = {
    .name = "filefd",
    .open = open_filefd,
    .sample = sample_filefd,
    .close = close_filefd,
};
