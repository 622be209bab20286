#include "collectors/system/cpu.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/array.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/stat.h"

static const struct metric seconds = {
    .name = "node_cpu_seconds_total",
    .unit = "seconds",
    .help = "Seconds the CPUs spent in each mode.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

static const struct metric guest_seconds = {
    .name = "node_cpu_guest_seconds_total",
    .unit = "seconds",
    .help = "Seconds the CPUs spent in guests (VMs) for each mode.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

static const struct {
    const struct metric *metric;
    const char *mode;
} fields[CPU_FIELDS] = {
    [CPU_USER] = {&seconds, "user"},        [CPU_NICE] = {&seconds, "nice"},
    [CPU_SYSTEM] = {&seconds, "system"},    [CPU_IDLE] = {&seconds, "idle"},
    [CPU_IOWAIT] = {&seconds, "iowait"},    [CPU_IRQ] = {&seconds, "irq"},
    [CPU_SOFTIRQ] = {&seconds, "softirq"},  [CPU_STEAL] = {&seconds, "steal"},
    [CPU_GUEST] = {&guest_seconds, "user"}, [CPU_GUEST_NICE] = {&guest_seconds, "nice"},
};

/* Idle time that jumps back this far tells of a CPU that was offline (node_exporter's rule). */
#define IDLE_JUMP_BACK_SECONDS 3

#define OLDEST_FIELDS 4

/* A CPU that is online; its name is its number. */
struct cpu {
    struct roster_key key;
    unsigned field_count; /* in the last tick */
    uint64_t ticks[CPU_FIELDS];
    struct sink_series series[CPU_FIELDS];
};

struct cpu_state {
    struct procfs_file file;
    struct cpu_table table;
    struct roster cpus;
    struct stat_series rest;
    uint64_t ticks_per_second;
};

static bool parse_fields(struct scanner line, struct cpu_row *row)
{
    uint64_t field;

    row->field_count = 0;
    while (scan_blanks(&line) && scan_u64(&line, &field)) {
        /* A later kernel may have more. */
        if (row->field_count < CPU_FIELDS)
            row->ticks[row->field_count++] = field;
    }
    return scan_is_done(&line) && row->field_count >= OLDEST_FIELDS;
}

static bool parse_number(struct scanner *line, struct span *out)
{
    const char *start = line->at;
    uint64_t number;

    if (!scan_u64(line, &number) || line->at - start > ROSTER_NAME_MAX)
        return false;
    *out = (struct span){start, (size_t)(line->at - start)};
    return true;
}

static int add_row(struct scanner line, struct cpu_table *table)
{
    struct cpu_row *rows, *row;

    if (table->count >= CPU_ROWS_MAX)
        return -E2BIG;
    rows = array_reserve(table->rows, &table->capacity, table->count + 1, sizeof *rows);
    if (rows == NULL)
        return -ENOMEM;
    table->rows = rows;
    row = &rows[table->count];
    if (!parse_number(&line, &row->number) || !parse_fields(line, row))
        return -EBADMSG;
    table->count++;
    return 0;
}

int cpu_parse(const char *text, size_t length, struct cpu_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner rest = scanner;
    struct scanner line;
    int result = 0;

    table->count = 0;
    /* The cpu lines come first. */
    while (result != -E2BIG && result != -ENOMEM && scan_line(&scanner, &line) &&
           scan_literal(&line, "cpu")) {
        int added = 0;

        rest = scanner;
        /* One without a number is the sum of all. */
        if (scan_is_done(&line) || !char_is_blank(*line.at))
            added = add_row(line, table);
        if (added < 0)
            result = added;
    }
    if (result == -ENOMEM)
        table->count = 0;
    table->rest = (struct span){rest.at, (size_t)(rest.end - rest.at)};
    return result == 0 && table->count == 0 ? -EBADMSG : result;
}

void cpu_table_finish(struct cpu_table *table)
{
    free(table->rows);
    *table = (struct cpu_table){0};
}

static void close_cpu(void *opaque)
{
    struct cpu_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    cpu_table_finish(&state->table);
    roster_finish(&state->cpus);
    free(state);
}

static int open_cpu(const struct collector_roots *roots, void **out)
{
    struct cpu_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->cpus, sizeof(struct cpu));
    state->ticks_per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    result = procfs_open(&state->file, roots->procfs, "stat");
    if (result < 0) {
        close_cpu(state);
        return result;
    }
    *out = state;
    return 0;
}

/*
 * Takes over the new ticks. The kernel's idle and iowait can step back a little, and a rate must
 * not see that as a reset: such a field keeps its former value until it has been passed. After an
 * absence all fields start afresh.
 */
static void advance(struct cpu *cpu, const struct cpu_row *row, uint64_t jump_back)
{
    uint64_t former_idle = cpu->ticks[CPU_IDLE];
    uint64_t idle = row->ticks[CPU_IDLE];
    bool afresh = former_idle > idle && former_idle - idle >= jump_back;

    for (unsigned field = 0; field < row->field_count; field++) {
        if (afresh || row->ticks[field] > cpu->ticks[field])
            cpu->ticks[field] = row->ticks[field];
    }
    cpu->field_count = row->field_count;
}

static void on_gone(void *item, struct sink *sink)
{
    struct cpu *cpu = item;

    for (unsigned field = 0; field < CPU_FIELDS; field++)
        sink_drop(sink, &cpu->series[field]);
}

static int take_rows(struct cpu_state *state)
{
    uint64_t jump_back = IDLE_JUMP_BACK_SECONDS * state->ticks_per_second;

    roster_begin(&state->cpus);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct cpu_row *row = &state->table.rows[index];
        struct cpu *cpu = roster_take(&state->cpus, row->number);

        if (cpu == NULL)
            return -ENOMEM;
        advance(cpu, row, jump_back);
    }
    return 0;
}

static void write_values(const struct cpu_state *state, struct sink *sink)
{
    struct cpu *cpus = state->cpus.items;
    double ticks_per_second = (double)state->ticks_per_second;

    for (size_t index = 0; index < state->cpus.count; index++) {
        struct cpu *cpu = &cpus[index];

        for (unsigned field = 0; field < cpu->field_count; field++) {
            struct label labels[] = {{"cpu", cpu->key.name}, {"mode", fields[field].mode}};

            sink_put(sink, &cpu->series[field], fields[field].metric, labels, 2, 0,
                     (double)cpu->ticks[field] / ticks_per_second);
        }
    }
}

/* The error is of what was not understood; where nothing was, the CPUs stay as they are. */
static int update_cpus(struct cpu_state *state, const char *text, size_t length, struct sink *sink)
{
    int result = cpu_parse(text, length, &state->table);
    int taken;

    if (result < 0 && state->table.count == 0)
        return result;
    taken = take_rows(state);
    if (taken < 0)
        return taken;
    roster_sweep(&state->cpus, on_gone, sink);
    write_values(state, sink);
    return result;
}

static int sample_cpu(void *opaque, struct sink *sink)
{
    struct cpu_state *state = opaque;
    const struct span *rest = &state->table.rest;
    struct stat_lines lines;
    const char *text;
    size_t length;
    int cpus, others;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    cpus = update_cpus(state, text, length, sink);
    others = stat_parse(rest->at, rest->length, &lines);
    stat_write(&state->rest, &lines, sink);
    return cpus < 0 ? cpus : others;
}

const struct collector cpu_collector = {
    .name = "cpu",
    .open = open_cpu,
    .sample = sample_cpu,
    .close = close_cpu,
};
