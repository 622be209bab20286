#include "collectors/system/interrupts.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/procfs.h"
#include "collectors/system/cpu_counts.h"
#include "collectors/system/cpu_kinds.h"

/* The kernel counts in 32 bits. No CPU is interrupted more often than each 100 ns. */
static const struct cpu_kinds_form form = {
    .metric = {.name = "node_interrupts_total",
               .unit = "",
               .help = "Interrupt details.",
               .kind = METRIC_COUNTER,
               .cumulative = true,
               .wraps_at = 4294967296.0,
               .rate_max = 1e7},
    .detailed = true,
};

struct interrupts_state {
    struct procfs_file file;
    struct cpu_counts counts;
    struct cpu_kinds kinds;
};

static void close_interrupts(void *opaque)
{
    struct interrupts_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    cpu_counts_finish(&state->counts);
    cpu_kinds_finish(&state->kinds);
    free(state);
}

static int open_interrupts(const struct collector_roots *roots, void **out)
{
    struct interrupts_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    cpu_kinds_init(&state->kinds, &form);
    result = procfs_open(&state->file, roots->procfs, "interrupts");
    if (result < 0) {
        close_interrupts(state);
        return result;
    }
    *out = state;
    return 0;
}

static int sample_interrupts(void *opaque, struct sink *sink)
{
    struct interrupts_state *state = opaque;

    return cpu_kinds_sample(&state->kinds, &state->file, &state->counts, sink);
}

const struct collector interrupts_collector = {
    .name = "interrupts",
    .off_by_default = true,
    .open = open_interrupts,
    .sample = sample_interrupts,
    .close = close_interrupts,
};
