#include "collectors/system/loadavg.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "collectors/procfs.h"

static const struct metric load1 = {
    .name = "node_load1", .unit = "", .help = "1m load average.", .kind = METRIC_GAUGE};
static const struct metric load5 = {
    .name = "node_load5", .unit = "", .help = "5m load average.", .kind = METRIC_GAUGE};
static const struct metric load15 = {
    .name = "node_load15", .unit = "", .help = "15m load average.", .kind = METRIC_GAUGE};

struct loadavg_state {
    struct procfs_file file;
    struct sink_series load1;
    struct sink_series load5;
    struct sink_series load15;
};

/* "0.21 0.37 0.39 1/719 19737": behind the averages runnable/all tasks and the last PID. */
int loadavg_parse(const char *text, size_t length, struct loadavg *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct loadavg load = {0};
    uint64_t ignored;
    bool good = scan_decimal(&scanner, &load.load1) && scan_blanks(&scanner) &&
                scan_decimal(&scanner, &load.load5) && scan_blanks(&scanner) &&
                scan_decimal(&scanner, &load.load15) && scan_blanks(&scanner) &&
                scan_u64(&scanner, &ignored) && scan_char(&scanner, '/') &&
                scan_u64(&scanner, &load.threads) && scan_blanks(&scanner) &&
                scan_u64(&scanner, &ignored);

    scan_char(&scanner, '\n');
    if (!good || !scan_is_done(&scanner))
        return -EBADMSG;
    *out = load;
    return 0;
}

static void close_loadavg(void *opaque)
{
    struct loadavg_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    free(state);
}

static int open_loadavg(const struct collector_roots *roots, void **out)
{
    struct loadavg_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    result = procfs_open(&state->file, roots->procfs, "loadavg");
    if (result < 0) {
        close_loadavg(state);
        return result;
    }
    *out = state;
    return 0;
}

static int sample_loadavg(void *opaque, struct sink *sink)
{
    struct loadavg_state *state = opaque;
    struct loadavg load;
    const char *text;
    size_t length;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    result = loadavg_parse(text, length, &load);
    if (result < 0)
        return result;
    sink_put(sink, &state->load1, &load1, NULL, 0, 0, load.load1);
    sink_put(sink, &state->load5, &load5, NULL, 0, 0, load.load5);
    sink_put(sink, &state->load15, &load15, NULL, 0, 0, load.load15);
    return 0;
}

const struct collector loadavg_collector = {
    .name = "loadavg",
    .open = open_loadavg,
    .sample = sample_loadavg,
    .close = close_loadavg,
};
