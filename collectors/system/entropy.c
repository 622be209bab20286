#include "collectors/system/entropy.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/number_file.h"
#include "collectors/procfs.h"

#define FILES 2

/* Since Linux 5.18 both stay at 256, so that they are asked for rarely. */
#define INTERVAL_MS 10000

static const struct {
    const char *path;
    struct metric metric;
} files[FILES] = {
    {"sys/kernel/random/entropy_avail",
     {.name = "node_entropy_available_bits",
      .unit = "",
      .help = "Bits of available entropy.",
      .kind = METRIC_GAUGE}},
    {"sys/kernel/random/poolsize",
     {.name = "node_entropy_pool_size_bits",
      .unit = "",
      .help = "Bits of entropy pool.",
      .kind = METRIC_GAUGE}},
};

struct entropy_state {
    struct procfs_file files[FILES];
    struct sink_series series[FILES];
};

static void close_entropy(void *opaque)
{
    struct entropy_state *state = opaque;

    if (state == NULL)
        return;
    for (size_t index = 0; index < FILES; index++)
        procfs_close(&state->files[index]);
    free(state);
}

static int open_entropy(const struct collector_roots *roots, void **out)
{
    struct entropy_state *state = calloc(1, sizeof *state);
    int result = 0;

    if (state == NULL)
        return -ENOMEM;
    for (size_t index = 0; result == 0 && index < FILES; index++)
        result = procfs_open(&state->files[index], roots->procfs, files[index].path);
    if (result < 0) {
        close_entropy(state);
        return result;
    }
    *out = state;
    return 0;
}

/* Each file by itself; the first trouble is told. */
static int sample_entropy(void *opaque, struct sink *sink)
{
    struct entropy_state *state = opaque;
    int trouble = 0;

    for (size_t index = 0; index < FILES; index++) {
        uint64_t bits;
        int result = number_file_read(&state->files[index], &bits);

        if (result == 0)
            sink_put(sink, &state->series[index], &files[index].metric, NULL, 0, 0, (double)bits);
        else if (trouble == 0)
            trouble = result;
    }
    return trouble;
}

const struct collector entropy_collector = {
    .name = "entropy",
    .interval_ms = INTERVAL_MS,
    .open = open_entropy,
    .sample = sample_entropy,
    .close = close_entropy,
};
