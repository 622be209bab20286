#include "collectors/system/softirqs.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "collectors/procfs.h"
#include "collectors/system/cpu_counts.h"
#include "collectors/system/cpu_kinds.h"

/* The kernel counts in 32 bits, and adds up in as many. No CPU does one in less than 100 ns. */
#define WRAPS_AT     4294967296.0
#define CPU_RATE_MAX 1e7
#define SUM_RATE_MAX 1e9

static const struct cpu_kinds_form form = {
    .metric = {.name = "node_softirqs_functions_total",
               .unit = "",
               .help = "Softirq counts per CPU.",
               .kind = METRIC_COUNTER,
               .cumulative = true,
               .wraps_at = WRAPS_AT,
               .rate_max = CPU_RATE_MAX},
};

static const struct metric sum = {
    .name = "node_softirqs_total",
    .unit = "",
    .help = "Number of softirq calls.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
    .wraps_at = WRAPS_AT,
    .rate_max = SUM_RATE_MAX,
};

/* In the kernel's order, named as node_exporter names them. */
static const char *const vectors[SOFTIRQ_VECTORS] = {
    "hi",           "timer",   "net_tx", "net_rx",  "block",
    "block_iopoll", "tasklet", "sched",  "hrtimer", "rcu",
};

struct softirqs_state {
    struct procfs_file file;
    struct procfs_file stat;
    struct cpu_counts counts;
    struct cpu_kinds kinds;
    struct sink_series sums[SOFTIRQ_VECTORS];
};

/* " 5057579 250191 1481983 …": the sum of all, then each; a later kernel may have more. */
static bool parse_sums(struct scanner line, struct softirq_sums *sums)
{
    uint64_t ignored;

    if (!scan_blanks(&line) || !scan_u64(&line, &ignored))
        return false;
    for (sums->count = 0; sums->count < SOFTIRQ_VECTORS; sums->count++) {
        if (!scan_blanks(&line) || !scan_u64(&line, &sums->vectors[sums->count]))
            return false;
    }
    return scan_is_done(&line) || char_is_blank(*line.at);
}

int softirqs_parse_sums(const char *text, size_t length, struct softirq_sums *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct softirq_sums sums = {0};
    struct scanner line;

    while (scan_line(&scanner, &line)) {
        if (!scan_literal(&line, "softirq"))
            continue;
        if (!parse_sums(line, &sums))
            return -EBADMSG;
        break;
    }
    *out = sums;
    return 0;
}

static void close_softirqs(void *opaque)
{
    struct softirqs_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    procfs_close(&state->stat);
    cpu_counts_finish(&state->counts);
    cpu_kinds_finish(&state->kinds);
    free(state);
}

static int open_softirqs(const struct collector_roots *roots, void **out)
{
    struct softirqs_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    cpu_kinds_init(&state->kinds, &form);
    result = procfs_open(&state->file, roots->procfs, "softirqs");
    if (result == 0)
        result = procfs_open(&state->stat, roots->procfs, "stat");
    if (result < 0) {
        close_softirqs(state);
        return result;
    }
    *out = state;
    return 0;
}

static int sample_sums(struct softirqs_state *state, struct sink *sink)
{
    struct softirq_sums sums;
    const char *text;
    size_t length;
    int result = procfs_read(&state->stat, &text, &length);

    if (result < 0)
        return result;
    result = softirqs_parse_sums(text, length, &sums);
    if (result < 0)
        return result;
    for (unsigned vector = 0; vector < sums.count; vector++) {
        struct label label = {"vector", vectors[vector]};

        sink_put(sink, &state->sums[vector], &sum, &label, 1, 0, (double)sums.vectors[vector]);
    }
    return 0;
}

/* Each file by itself; the first trouble is told. */
static int sample_softirqs(void *opaque, struct sink *sink)
{
    struct softirqs_state *state = opaque;
    int kinds = cpu_kinds_sample(&state->kinds, &state->file, &state->counts, sink);
    int sums = sample_sums(state, sink);

    return kinds < 0 ? kinds : sums;
}

const struct collector softirqs_collector = {
    .name = "softirqs",
    .off_by_default = true,
    .open = open_softirqs,
    .sample = sample_softirqs,
    .close = close_softirqs,
};
