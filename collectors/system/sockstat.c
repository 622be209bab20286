#include "collectors/system/sockstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/optional_file.h"
#include "collectors/parse.h"
#include "collectors/procfs.h"

struct sockstat_state {
    struct procfs_file file;
    struct optional_file file6;
    struct fields fields;
    double page_bytes;
};

static bool is_shown(struct span protocol, struct span name)
{
    static const char *const shown[] = {"inuse", "orphan", "tw", "alloc", "mem", "memory"};

    if (span_equals(protocol, "sockets"))
        return span_equals(name, "used");
    for (size_t index = 0; index < sizeof shown / sizeof shown[0]; index++) {
        if (span_equals(name, shown[index]))
            return true;
    }
    return false;
}

static int add_row(struct sockstat_table *table, struct span protocol, struct span name,
                   int64_t value)
{
    struct sockstat_row row = {.value = value, .in_pages = span_equals(name, "mem")};

    if (protocol.length == 0 || !field_key_make(&row.key, protocol, name))
        return -EBADMSG;
    if (table->count >= SOCKSTAT_ROWS_MAX)
        return -E2BIG;
    table->rows[table->count++] = row;
    return 0;
}

/* "TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1" */
static int parse_line(struct scanner line, struct sockstat_table *table)
{
    struct span protocol;
    int result = 0;

    if (!scan_until(&line, ':', &protocol))
        return -EBADMSG;
    while (result == 0 && !scan_is_done(&line)) {
        struct span name;
        int64_t value;

        if (!scan_blanks(&line) || !scan_word(&line, &name) || !scan_blanks(&line) ||
            !scan_i64(&line, &value))
            return -EBADMSG;
        if (is_shown(protocol, name))
            result = add_row(table, protocol, name, value);
    }
    return result;
}

int sockstat_parse(const char *text, size_t length, struct sockstat_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    int result = length > 0 ? 0 : -EBADMSG;

    table->count = 0;
    while (scan_line(&scanner, &line)) {
        size_t former_count = table->count;
        int parsed = parse_line(line, table);

        if (parsed == -E2BIG)
            return parsed;
        if (parsed == 0)
            continue;
        table->count = former_count;
        result = parsed;
    }
    return result;
}

static void describe(const char *key, struct field_metric *out)
{
    int protocol_length = (int)strcspn(key, "_");
    const char *name = key + protocol_length + 1;
    bool in_bytes = strcmp(name, "mem_bytes") == 0 || strcmp(name, "memory") == 0;

    snprintf(out->name, sizeof out->name, "node_sockstat_%s", key);
    if (strcmp(key, "sockets_used") == 0)
        snprintf(out->help, sizeof out->help, "Number of IPv4 sockets in use.");
    else
        snprintf(out->help, sizeof out->help, "Number of %.*s sockets in state %s.",
                 protocol_length, key, name);
    out->metric.unit = in_bytes ? "bytes" : "";
    out->metric.kind = METRIC_GAUGE;
}

static void close_sockstat(void *opaque)
{
    struct sockstat_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    optional_file_close(&state->file6);
    fields_finish(&state->fields);
    free(state);
}

static int open_sockstat(const struct collector_roots *roots, void **out)
{
    struct sockstat_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    fields_init(&state->fields, describe);
    state->page_bytes = (double)sysconf(_SC_PAGESIZE);
    result = procfs_open_net(&state->file, roots->procfs, "sockstat");
    if (result == 0)
        result = optional_file_open_net(&state->file6, roots->procfs, "sockstat6");
    if (result < 0) {
        close_sockstat(state);
        return result;
    }
    *out = state;
    return 0;
}

static int take_rows(struct sockstat_state *state, const struct sockstat_table *table)
{
    static const struct span bytes = {"bytes", 5};

    for (size_t index = 0; index < table->count; index++) {
        const struct sockstat_row *row = &table->rows[index];
        double value = (double)row->value;
        struct field_key key;
        int result = fields_take(&state->fields, &row->key, value);

        if (result == 0 && row->in_pages && field_key_make(&key, field_key_span(&row->key), bytes))
            result = fields_take(&state->fields, &key, value * state->page_bytes);
        if (result < 0)
            return result;
    }
    return 0;
}

/* What was understood is taken whatever comes; the parser's error is of the rest. */
static int take_text(struct sockstat_state *state, const char *text, size_t length)
{
    struct sockstat_table table;
    int parsed = sockstat_parse(text, length, &table);
    int taken = take_rows(state, &table);

    return taken < 0 ? taken : parsed;
}

static int take_ipv4(struct sockstat_state *state)
{
    const char *text;
    size_t length;
    int result = procfs_read(&state->file, &text, &length);

    return result < 0 ? result : take_text(state, text, length);
}

/* Without IPv6 there are no values, which is no error. */
static int take_ipv6(struct sockstat_state *state)
{
    const char *text;
    size_t length;
    int result = optional_file_read(&state->file6, &text, &length);

    if (optional_file_is_absence(result))
        return 0;
    return result < 0 ? result : take_text(state, text, length);
}

/* Each file by itself; the first trouble is told. */
static int sample_sockstat(void *opaque, struct sink *sink)
{
    struct sockstat_state *state = opaque;
    int ipv4, ipv6;

    fields_begin(&state->fields);
    ipv4 = take_ipv4(state);
    ipv6 = take_ipv6(state);
    fields_write(&state->fields, sink);
    return ipv4 < 0 ? ipv4 : ipv6;
}

const struct collector sockstat_collector = {
    .name = "sockstat",
    .open = open_sockstat,
    .sample = sample_sockstat,
    .close = close_sockstat,
};
