#include "collectors/system/softnet.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/number.h"
#include "collectors/parse.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"

/* The kernel counts in 32 bits. No CPU takes a packet in less than 10 ns. */
#define COUNTER(name_, help_)                                                                      \
    {                                                                                              \
        .name = (name_), .unit = "", .help = (help_), .kind = METRIC_COUNTER, .cumulative = true,  \
        .wraps_at = 4294967296.0, .rate_max = 1e8                                                  \
    }

#define LEAST_COLUMNS 9
#define CPU_COLUMN    12
#define COLUMNS       (CPU_COLUMN + 1)

static const struct {
    unsigned column;
    struct metric metric;
} fields[SOFTNET_FIELDS] = {
    [SOFTNET_PROCESSED] = {0,
                           COUNTER("node_softnet_processed_total", "Number of processed packets")},
    [SOFTNET_DROPPED] = {1, COUNTER("node_softnet_dropped_total", "Number of dropped packets")},
    [SOFTNET_TIMES_SQUEEZED] = {2, COUNTER("node_softnet_times_squeezed_total",
                                           "Number of times processing packets ran out of quota")},
    [SOFTNET_CPU_COLLISION] = {8, COUNTER("node_softnet_cpu_collision_total",
                                          "Number of collision occur while obtaining device lock "
                                          "while transmitting")},
    [SOFTNET_RECEIVED_RPS] = {9, COUNTER("node_softnet_received_rps_total",
                                         "Number of times cpu woken up received_rps")},
    [SOFTNET_FLOW_LIMIT_COUNT] = {10, COUNTER("node_softnet_flow_limit_count_total",
                                              "Number of times flow limit has been reached")},
    [SOFTNET_BACKLOG_LENGTH] = {11,
                                {.name = "node_softnet_backlog_len",
                                 .unit = "",
                                 .help = "Softnet backlog status",
                                 .kind = METRIC_GAUGE}},
};

/* A CPU that is online; its name is its number. */
struct softnet_cpu {
    struct roster_key key;
    uint32_t fields[SOFTNET_FIELDS];
    struct sink_series series[SOFTNET_FIELDS];
};

struct softnet_state {
    struct procfs_file file;
    struct softnet_table table;
    struct roster cpus;
};

static bool parse_row(struct scanner line, uint32_t number, struct softnet_row *row)
{
    uint32_t columns[COLUMNS] = {0};
    unsigned count = 0;

    do {
        uint64_t value;

        if (!scan_hex(&line, &value) || value > UINT32_MAX)
            return false;
        /* A later kernel may have more. */
        if (count < COLUMNS)
            columns[count++] = (uint32_t)value;
    } while (scan_blanks(&line) && !scan_is_done(&line));
    if (!scan_is_done(&line) || count < LEAST_COLUMNS)
        return false;
    row->cpu = count > CPU_COLUMN ? columns[CPU_COLUMN] : number;
    for (unsigned field = 0; field < SOFTNET_FIELDS; field++)
        row->fields[field] = columns[fields[field].column];
    return true;
}

int softnet_parse(const char *text, size_t length, struct softnet_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    size_t count = 0;
    int result = 0;

    table->count = 0;
    for (uint32_t number = 0; scan_line(&scanner, &line); number++) {
        struct softnet_row *rows =
            array_reserve(table->rows, &table->capacity, count + 1, sizeof *rows);

        if (rows == NULL)
            return -ENOMEM;
        table->rows = rows;
        if (!parse_row(line, number, &rows[count])) {
            result = -EBADMSG;
        } else if (++count > SOFTNET_ROWS_MAX) {
            count = SOFTNET_ROWS_MAX;
            result = -E2BIG;
            break;
        }
    }
    table->count = count;
    return result == 0 && count == 0 ? -EBADMSG : result;
}

void softnet_table_finish(struct softnet_table *table)
{
    free(table->rows);
    *table = (struct softnet_table){0};
}

static void close_softnet(void *opaque)
{
    struct softnet_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    softnet_table_finish(&state->table);
    roster_finish(&state->cpus);
    free(state);
}

static int open_softnet(const struct collector_roots *roots, void **out)
{
    struct softnet_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->cpus, sizeof(struct softnet_cpu));
    result = procfs_open_net(&state->file, roots->procfs, "softnet_stat");
    if (result < 0) {
        close_softnet(state);
        return result;
    }
    *out = state;
    return 0;
}

static void on_gone(void *item, struct sink *sink)
{
    struct softnet_cpu *cpu = item;

    for (unsigned field = 0; field < SOFTNET_FIELDS; field++)
        sink_drop(sink, &cpu->series[field]);
}

static int take_rows(struct softnet_state *state)
{
    roster_begin(&state->cpus);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct softnet_row *row = &state->table.rows[index];
        char number[NUMBER_MAX];
        struct span name = {number, number_format_u64(row->cpu, number)};
        struct softnet_cpu *cpu = roster_take(&state->cpus, name);

        if (cpu == NULL)
            return -ENOMEM;
        memcpy(cpu->fields, row->fields, sizeof cpu->fields);
    }
    return 0;
}

static void write_values(const struct softnet_state *state, struct sink *sink)
{
    struct softnet_cpu *cpus = state->cpus.items;

    for (size_t index = 0; index < state->cpus.count; index++) {
        struct softnet_cpu *cpu = &cpus[index];
        struct label label = {"cpu", cpu->key.name};

        for (unsigned field = 0; field < SOFTNET_FIELDS; field++)
            sink_put(sink, &cpu->series[field], &fields[field].metric, &label, 1, 0,
                     (double)cpu->fields[field]);
    }
}

/* The error is of what was not understood; where nothing was, the CPUs stay as they are. */
static int sample_softnet(void *opaque, struct sink *sink)
{
    struct softnet_state *state = opaque;
    const char *text;
    size_t length;
    int taken;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    result = softnet_parse(text, length, &state->table);
    if (result < 0 && state->table.count == 0)
        return result;
    taken = take_rows(state);
    if (taken < 0)
        return taken;
    roster_sweep(&state->cpus, on_gone, sink);
    write_values(state, sink);
    return result;
}

const struct collector softnet_collector = {
    .name = "softnet",
    .open = open_softnet,
    .sample = sample_softnet,
    .close = close_softnet,
};
