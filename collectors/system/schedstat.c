#include "collectors/system/schedstat.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"

#define OLDEST_VERSION 12
/* Before it, lines had three more columns in front of the times. */
#define SHORT_VERSION        15
#define COLUMNS_BEFORE       6
#define COLUMNS_BEFORE_OLDER 9

static const struct {
    struct metric metric;
    double divide;
} fields[SCHEDSTAT_FIELDS] = {
    [SCHEDSTAT_RUNNING] = {{.name = "node_schedstat_running_seconds_total",
                            .unit = "seconds",
                            .help = "Number of seconds CPU spent running a process.",
                            .kind = METRIC_COUNTER,
                            .cumulative = true},
                           1e9},
    [SCHEDSTAT_WAITING] = {{.name = "node_schedstat_waiting_seconds_total",
                            .unit = "seconds",
                            .help = "Number of seconds spent by processing waiting for this CPU.",
                            .kind = METRIC_COUNTER,
                            .cumulative = true},
                           1e9},
    [SCHEDSTAT_TIMESLICES] = {{.name = "node_schedstat_timeslices_total",
                               .unit = "",
                               .help = "Number of timeslices executed by CPU.",
                               .kind = METRIC_COUNTER,
                               .cumulative = true},
                              1},
};

/* A CPU that is online; its name is its number. */
struct schedstat_cpu {
    struct roster_key key;
    uint64_t fields[SCHEDSTAT_FIELDS];
    struct sink_series series[SCHEDSTAT_FIELDS];
};

struct schedstat_state {
    struct procfs_file file;
    struct schedstat_table table;
    struct roster cpus;
};

static bool parse_version(struct scanner *scanner, uint64_t *out)
{
    struct scanner line;

    return scan_line(scanner, &line) && scan_literal(&line, "version ") && scan_u64(&line, out) &&
           scan_is_done(&line) && *out >= OLDEST_VERSION;
}

/* "0 498494191 0 3533438552 …", behind the "cpu"; a later version may have more. */
static bool parse_row(struct scanner line, unsigned columns_before, struct schedstat_row *row)
{
    const char *start = line.at;
    uint64_t ignored;
    uint64_t value;

    if (!scan_u64(&line, &ignored) || line.at - start > ROSTER_NAME_MAX)
        return false;
    row->number = (struct span){start, (size_t)(line.at - start)};
    for (unsigned column = 0; column < columns_before + SCHEDSTAT_FIELDS; column++) {
        if (!scan_blanks(&line) || !scan_u64(&line, &value))
            return false;
        if (column >= columns_before)
            row->fields[column - columns_before] = value;
    }
    return scan_is_done(&line) || char_is_blank(*line.at);
}

static int add_row(struct scanner line, unsigned columns_before, struct schedstat_table *table)
{
    struct schedstat_row *rows;

    if (table->count >= SCHEDSTAT_ROWS_MAX)
        return -E2BIG;
    rows = array_reserve(table->rows, &table->capacity, table->count + 1, sizeof *rows);
    if (rows == NULL)
        return -ENOMEM;
    table->rows = rows;
    if (!parse_row(line, columns_before, &rows[table->count]))
        return -EBADMSG;
    table->count++;
    return 0;
}

int schedstat_parse(const char *text, size_t length, struct schedstat_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    unsigned columns_before;
    uint64_t version;
    int result = 0;

    table->count = 0;
    if (!parse_version(&scanner, &version))
        return -EBADMSG;
    columns_before = version < SHORT_VERSION ? COLUMNS_BEFORE_OLDER : COLUMNS_BEFORE;
    while (result != -E2BIG && result != -ENOMEM && scan_line(&scanner, &line)) {
        int added = scan_literal(&line, "cpu") ? add_row(line, columns_before, table) : 0;

        if (added < 0)
            result = added;
    }
    if (result == -ENOMEM)
        table->count = 0;
    return result == 0 && table->count == 0 ? -EBADMSG : result;
}

void schedstat_table_finish(struct schedstat_table *table)
{
    free(table->rows);
    *table = (struct schedstat_table){0};
}

static void close_schedstat(void *opaque)
{
    struct schedstat_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    schedstat_table_finish(&state->table);
    roster_finish(&state->cpus);
    free(state);
}

static int open_schedstat(const struct collector_roots *roots, void **out)
{
    struct schedstat_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->cpus, sizeof(struct schedstat_cpu));
    result = procfs_open(&state->file, roots->procfs, "schedstat");
    if (result < 0) {
        close_schedstat(state);
        return result;
    }
    *out = state;
    return 0;
}

static void on_gone(void *item, struct sink *sink)
{
    struct schedstat_cpu *cpu = item;

    for (unsigned field = 0; field < SCHEDSTAT_FIELDS; field++)
        sink_drop(sink, &cpu->series[field]);
}

static int take_rows(struct schedstat_state *state)
{
    roster_begin(&state->cpus);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct schedstat_row *row = &state->table.rows[index];
        struct schedstat_cpu *cpu = roster_take(&state->cpus, row->number);

        if (cpu == NULL)
            return -ENOMEM;
        memcpy(cpu->fields, row->fields, sizeof cpu->fields);
    }
    return 0;
}

static void write_values(const struct schedstat_state *state, struct sink *sink)
{
    struct schedstat_cpu *cpus = state->cpus.items;

    for (size_t index = 0; index < state->cpus.count; index++) {
        struct schedstat_cpu *cpu = &cpus[index];
        struct label label = {"cpu", cpu->key.name};

        for (unsigned field = 0; field < SCHEDSTAT_FIELDS; field++)
            sink_put(sink, &cpu->series[field], &fields[field].metric, &label, 1, 0,
                     (double)cpu->fields[field] / fields[field].divide);
    }
}

/* The error is of what was not understood; where nothing was, the CPUs stay as they are. */
static int sample_schedstat(void *opaque, struct sink *sink)
{
    struct schedstat_state *state = opaque;
    const char *text;
    size_t length;
    int taken;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    result = schedstat_parse(text, length, &state->table);
    if (result < 0 && state->table.count == 0)
        return result;
    taken = take_rows(state);
    if (taken < 0)
        return taken;
    roster_sweep(&state->cpus, on_gone, sink);
    write_values(state, sink);
    return result;
}

const struct collector schedstat_collector = {
    .name = "schedstat",
    .open = open_schedstat,
    .sample = sample_schedstat,
    .close = close_schedstat,
};
