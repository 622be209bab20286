#include "collectors/system/memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/arcstats.h"

struct memory_state {
    struct procfs_file file;
    struct memory_table table;
    struct fields fields;
    struct arcstats_source arc;
};

static const struct span bytes = {"bytes", 5};

/*
 * The field's name as node_exporter has it: Active(anon) is Active_anon. Whatever else no metric's
 * name may hold becomes an underscore too.
 */
static bool make_key(struct span name, bool in_kib, struct field_key *out)
{
    char text[ROSTER_NAME_MAX];
    struct span base = {text, 0};

    if (!roster_accepts(name))
        return false;
    for (size_t index = 0; index < name.length; index++) {
        char c = name.at[index];

        if (c != ')')
            text[base.length++] = isalnum((unsigned char)c) ? c : '_';
    }
    if (base.length == 0)
        return false;
    return in_kib ? field_key_make(out, base, bytes) : field_key_make(out, (struct span){0}, base);
}

/* "Active(anon):    2020004 kB" */
static bool parse_row(struct scanner line, struct memory_row *out)
{
    struct span name;
    uint64_t value;
    bool in_kib;

    if (!scan_until(&line, ':', &name))
        return false;
    scan_blanks(&line);
    if (!scan_u64(&line, &value))
        return false;
    in_kib = scan_literal(&line, " kB");
    out->value = (double)value * (in_kib ? 1024 : 1);
    return scan_is_done(&line) && make_key(name, in_kib, &out->key);
}

static int add_row(struct scanner line, struct memory_table *table)
{
    struct memory_row *rows;

    if (table->count >= MEMORY_ROWS_MAX)
        return -E2BIG;
    rows = array_reserve(table->rows, &table->capacity, table->count + 1, sizeof *rows);
    if (rows == NULL)
        return -ENOMEM;
    table->rows = rows;
    if (!parse_row(line, &rows[table->count]))
        return -EBADMSG;
    table->count++;
    return 0;
}

int memory_parse(const char *text, size_t length, struct memory_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    int result = 0;

    table->count = 0;
    while (result != -E2BIG && result != -ENOMEM && scan_line(&scanner, &line)) {
        int added = add_row(line, table);

        if (added < 0)
            result = added;
    }
    if (result == -ENOMEM)
        table->count = 0;
    return result == 0 && table->count == 0 ? -EBADMSG : result;
}

void memory_table_finish(struct memory_table *table)
{
    free(table->rows);
    *table = (struct memory_table){0};
}

static void describe(const char *key, struct field_metric *out)
{
    size_t length = strlen(key);
    bool in_bytes =
        length > bytes.length + 1 && strcmp(key + length - bytes.length - 1, "_bytes") == 0;

    snprintf(out->name, sizeof out->name, "node_memory_%s", key);
    snprintf(out->help, sizeof out->help, "Memory information field %s.", key);
    out->metric.unit = in_bytes ? "bytes" : "";
    out->metric.kind = METRIC_GAUGE;
}

static void close_memory(void *opaque)
{
    struct memory_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    arcstats_close(&state->arc);
    memory_table_finish(&state->table);
    fields_finish(&state->fields);
    free(state);
}

static int open_memory(const struct collector_roots *roots, void **out)
{
    struct memory_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    fields_init(&state->fields, describe);
    result = procfs_open(&state->file, roots->procfs, "meminfo");
    if (result == 0)
        result = arcstats_open(&state->arc, roots->procfs);
    if (result < 0) {
        close_memory(state);
        return result;
    }
    *out = state;
    return 0;
}

static int take_rows(struct memory_state *state)
{
    fields_begin(&state->fields);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct memory_row *row = &state->table.rows[index];
        int result = fields_take(&state->fields, &row->key, row->value);

        if (result < 0)
            return result;
    }
    return 0;
}

/*
 * Without ZFS there are no values, which is no error. Where lxcfs shows a container's memory the
 * cache is the host's, which none of this memory is.
 */
static int update_arc(struct memory_state *state, struct sink *sink)
{
    struct arcstats arc;
    int result = state->file.overlay ? -ENOENT : arcstats_read(&state->arc, &arc);

    arcstats_write(&state->arc, result == 0 ? &arc : NULL, sink);
    return optional_file_is_absence(result) ? 0 : result;
}

static int sample_memory(void *opaque, struct sink *sink)
{
    struct memory_state *state = opaque;
    const char *text;
    size_t length;
    int arc, taken;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    result = memory_parse(text, length, &state->table);
    if (result < 0 && state->table.count == 0)
        return result;
    taken = take_rows(state);
    if (taken < 0)
        return taken;
    fields_write(&state->fields, sink);
    arc = update_arc(state, sink);
    return result < 0 ? result : arc;
}

const struct collector memory_collector = {
    .name = "memory",
    .exporter_name = "meminfo",
    .open = open_memory,
    .sample = sample_memory,
    .close = close_memory,
};
