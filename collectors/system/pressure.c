#include "collectors/system/pressure.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/optional_file.h"
#include "collectors/parse.h"

#define SECONDS(name_, help_)                                                                      \
    {                                                                                              \
        .name = (name_), .unit = "seconds", .help = (help_), .kind = METRIC_COUNTER,               \
        .cumulative = true                                                                         \
    }

#define RESOURCES 4

/* A line whose metric has no name is not shown. */
static const struct {
    const char *path;
    struct metric metrics[PRESSURE_SHARES];
} resources[RESOURCES] = {
    {"pressure/cpu",
     {[PRESSURE_SOME] = SECONDS("node_pressure_cpu_waiting_seconds_total",
                                "Total time in seconds that processes have waited for CPU time")}},
    {"pressure/io",
     {[PRESSURE_SOME] =
          SECONDS("node_pressure_io_waiting_seconds_total",
                  "Total time in seconds that processes have waited due to IO congestion"),
      [PRESSURE_FULL] =
          SECONDS("node_pressure_io_stalled_seconds_total",
                  "Total time in seconds no process could make progress due to IO congestion")}},
    {"pressure/memory",
     {[PRESSURE_SOME] = SECONDS("node_pressure_memory_waiting_seconds_total",
                                "Total time in seconds that processes have waited for memory"),
      [PRESSURE_FULL] = SECONDS(
          "node_pressure_memory_stalled_seconds_total",
          "Total time in seconds no process could make progress due to memory congestion")}},
    {"pressure/irq",
     {[PRESSURE_FULL] =
          SECONDS("node_pressure_irq_stalled_seconds_total",
                  "Total time in seconds no process could make progress due to IRQ congestion")}},
};

struct pressure_state {
    struct optional_file files[RESOURCES];
    struct pressure read[RESOURCES]; /* of this tick */
    struct sink_series series[RESOURCES][PRESSURE_SHARES];
};

/* "avg10=0.18 avg60=0.34 avg300=0.10 total=159886802"; a later kernel may have more. */
static bool parse_total(struct scanner line, uint64_t *out)
{
    struct span word;
    bool found = false;

    while (scan_blanks(&line) && scan_word(&line, &word)) {
        struct scanner value = scanner_over(word.at, word.length);

        if (!scan_literal(&value, "total="))
            continue;
        if (!scan_u64(&value, out) || !scan_is_done(&value))
            return false;
        found = true;
    }
    return found;
}

int pressure_parse(const char *text, size_t length, struct pressure *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct pressure pressure = {0};
    struct scanner line;

    while (scan_line(&scanner, &line)) {
        enum pressure_share share;
        struct span name;

        if (!scan_word(&line, &name))
            return -EBADMSG;
        if (span_equals(name, "some"))
            share = PRESSURE_SOME;
        else if (span_equals(name, "full"))
            share = PRESSURE_FULL;
        else
            continue;
        if (!parse_total(line, &pressure.total_us[share]))
            return -EBADMSG;
        pressure.present[share] = true;
    }
    if (!pressure.present[PRESSURE_SOME] && !pressure.present[PRESSURE_FULL])
        return -EBADMSG;
    *out = pressure;
    return 0;
}

static void close_pressure(void *opaque)
{
    struct pressure_state *state = opaque;

    if (state == NULL)
        return;
    for (size_t index = 0; index < RESOURCES; index++)
        optional_file_close(&state->files[index]);
    free(state);
}

/*
 * 0 also where the file is absent: *absence says which way. Unless it was understood it has neither
 * line.
 */
static int read_resource(struct pressure_state *state, size_t index, int *absence)
{
    const char *text;
    size_t length;
    int result = optional_file_read(&state->files[index], &text, &length);

    state->read[index] = (struct pressure){0};
    if (result == 0)
        return pressure_parse(text, length, &state->read[index]);
    if (!optional_file_is_absence(result))
        return result;
    *absence = result;
    return 0;
}

/* Each file by itself; the first trouble is told. */
static int read_all(struct pressure_state *state)
{
    size_t absent = 0;
    int switched_off = 0;
    int trouble = 0;

    for (size_t index = 0; index < RESOURCES; index++) {
        int absence = 0;
        int result = read_resource(state, index, &absence);

        if (trouble == 0)
            trouble = result;
        absent += absence < 0;
        if (absence == -EOPNOTSUPP)
            switched_off = absence;
    }
    if (absent < RESOURCES)
        return trouble;
    return switched_off < 0 ? switched_off : -ENOENT;
}

static int open_pressure(const struct collector_roots *roots, void **out)
{
    struct pressure_state *state = calloc(1, sizeof *state);
    int result = 0;

    if (state == NULL)
        return -ENOMEM;
    for (size_t index = 0; result == 0 && index < RESOURCES; index++)
        result = optional_file_open(&state->files[index], roots->procfs, resources[index].path);
    /* Switched off, the files are there all the same; only reading tells. */
    if (result == 0)
        result = read_all(state);
    if (result == -ENOMEM || optional_file_is_absence(result)) {
        close_pressure(state);
        return result;
    }
    *out = state;
    return 0;
}

static void write_resource(struct pressure_state *state, size_t index, struct sink *sink)
{
    const struct pressure *pressure = &state->read[index];

    for (size_t share = 0; share < PRESSURE_SHARES; share++) {
        const struct metric *metric = &resources[index].metrics[share];
        struct sink_series *series = &state->series[index][share];

        if (metric->name == NULL)
            continue;
        if (pressure->present[share])
            sink_put(sink, series, metric, NULL, 0, 0, (double)pressure->total_us[share] / 1e6);
        else
            sink_drop(sink, series);
    }
}

static int sample_pressure(void *opaque, struct sink *sink)
{
    struct pressure_state *state = opaque;
    int result = read_all(state);

    for (size_t index = 0; index < RESOURCES; index++)
        write_resource(state, index, sink);
    return result;
}

const struct collector pressure_collector = {
    .name = "pressure",
    .open = open_pressure,
    .sample = sample_pressure,
    .close = close_pressure,
};
