#include "collectors/system/memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/arcstats.h"

/* A field of the file; its name is the kernel's. */
struct field {
    struct roster_key key;
    bool declared;
    bool in_kib; /* in the file; the value is in bytes then */
    uint32_t slot;
    double value;
};

struct memory_state {
    struct procfs_file file;
    struct memory_table table;
    struct roster fields;
    struct arcstats_source arc;
};

/* "Active(anon):    2020004 kB" */
static bool parse_row(struct scanner line, struct memory_row *out)
{
    if (!scan_until(&line, ':', &out->name))
        return false;
    if (!roster_accepts(out->name))
        return false;
    scan_blanks(&line);
    if (!scan_u64(&line, &out->value))
        return false;
    out->in_kib = scan_literal(&line, " kB");
    return scan_is_done(&line);
}

int memory_parse(const char *text, size_t length, struct memory_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    size_t count = 0;

    table->count = 0;
    while (scan_line(&scanner, &line)) {
        struct memory_row *rows;

        if (count >= MEMORY_ROWS_MAX)
            return -E2BIG;
        rows = array_reserve(table->rows, &table->capacity, count + 1, sizeof *rows);
        if (rows == NULL)
            return -ENOMEM;
        table->rows = rows;
        if (!parse_row(line, &rows[count]))
            return -EBADMSG;
        count++;
    }
    if (count == 0)
        return -EBADMSG;
    table->count = count;
    return 0;
}

void memory_table_finish(struct memory_table *table)
{
    free(table->rows);
    *table = (struct memory_table){0};
}

static void close_memory(void *opaque)
{
    struct memory_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    arcstats_close(&state->arc);
    memory_table_finish(&state->table);
    roster_finish(&state->fields);
    free(state);
}

static int open_memory(const struct collector_roots *roots, void **out)
{
    struct memory_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->fields, sizeof(struct field));
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

/*
 * The field's name as node_exporter has it: Active(anon) is Active_anon. Whatever else no metric's
 * name may hold becomes an underscore too.
 */
static void make_metric_field(const char *name, char *out)
{
    for (; *name != '\0'; name++) {
        if (*name != ')')
            *out++ = isalnum((unsigned char)*name) ? *name : '_';
    }
    *out = '\0';
}

static void declare(struct field *field, struct sink *sink)
{
    const char *suffix = field->in_kib ? "_bytes" : "";
    char base[ROSTER_NAME_MAX + 1];
    char name[sizeof base + 32];
    char help[sizeof base + 48];
    struct metric metric = {
        .name = name,
        .unit = field->in_kib ? "bytes" : "",
        .help = help,
        .kind = METRIC_GAUGE,
    };

    make_metric_field(field->key.name, base);
    snprintf(name, sizeof name, "node_memory_%s%s", base, suffix);
    snprintf(help, sizeof help, "Memory information field %s%s.", base, suffix);
    sink_declare(sink, &metric, NULL, 0, 0, &field->slot);
    field->declared = true;
}

static void on_gone(void *item, struct sink *sink)
{
    struct field *field = item;

    if (field->declared)
        sink_release(sink, field->slot);
}

static int take_rows(struct memory_state *state)
{
    roster_begin(&state->fields);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct memory_row *row = &state->table.rows[index];
        struct field *field = roster_take(&state->fields, row->name);

        if (field == NULL)
            return -ENOMEM;
        field->in_kib = row->in_kib;
        field->value = (double)row->value * (row->in_kib ? 1024 : 1);
    }
    return 0;
}

static void write_values(struct memory_state *state, struct sink *sink)
{
    struct field *fields = state->fields.items;

    for (size_t index = 0; index < state->fields.count; index++) {
        struct field *field = &fields[index];

        if (!field->declared)
            declare(field, sink);
        sink_set(sink, field->slot, field->value);
    }
}

static int sample_memory(void *opaque, struct sink *sink)
{
    struct memory_state *state = opaque;
    struct arcstats arc;
    const char *text;
    size_t length;
    int arc_result;
    int result = procfs_read(&state->file, &text, &length);

    if (result == 0)
        result = memory_parse(text, length, &state->table);
    if (result < 0)
        return result;
    /*
     * Trouble with ZFS's file is no reason to lose memory's: it counts as no cache. Where lxcfs
     * shows a container's memory the cache is the host's, which none of this memory is.
     */
    arc_result = state->file.overlay ? -ENOENT : arcstats_read(&state->arc, &arc);
    result = take_rows(state);
    if (result < 0)
        return result;
    roster_sweep(&state->fields, on_gone, sink);
    write_values(state, sink);
    arcstats_write(&state->arc, arc_result == 0 ? &arc : NULL, sink);
    return 0;
}

const struct collector memory_collector = {
    .name = "memory",
    .open = open_memory,
    .sample = sample_memory,
    .close = close_memory,
};
