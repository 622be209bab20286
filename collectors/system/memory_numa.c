#include "collectors/system/memory_numa.h"

#include <errno.h>
#include <stdio.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

/* Of about 40 lines. */
#define TEXT_BYTES 8192

static const struct span total = {"total", 5};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_';
}

/* Active(anon) is Active_anon, as node_exporter has it. */
static bool make_key(struct span name, struct field_key *out)
{
    char text[ROSTER_NAME_MAX];
    struct span base = {text, 0};

    if (name.length > sizeof text)
        return false;
    for (size_t index = 0; index < name.length; index++) {
        char c = name.at[index];

        if (c != ')')
            text[base.length++] = is_letter(c) ? c : '_';
    }
    return field_key_make(out, (struct span){0}, base);
}

int memory_numa_parse_meminfo(struct scanner line, struct memory_numa_row *out)
{
    struct memory_numa_row row = {.in_bytes = false};
    uint64_t node, value;
    struct span name;

    if (!scan_literal(&line, "Node ") || !scan_u64(&line, &node) || !scan_char(&line, ' ') ||
        !scan_until(&line, ':', &name) || !make_key(name, &row.key))
        return -EBADMSG;
    scan_blanks(&line);
    if (!scan_u64(&line, &value))
        return -EBADMSG;
    row.in_bytes = scan_literal(&line, " kB");
    row.value = (double)value * (row.in_bytes ? 1024 : 1);
    scan_blanks(&line);
    if (!scan_is_done(&line))
        return -EBADMSG;
    *out = row;
    return 0;
}

int memory_numa_parse_numastat(struct scanner line, struct memory_numa_row *out)
{
    struct memory_numa_row row = {.cumulative = true};
    struct span name;
    uint64_t value;

    if (!scan_word(&line, &name) || !scan_blanks(&line) || !scan_u64(&line, &value) ||
        !scan_is_done(&line) || !field_key_make(&row.key, name, total))
        return -EBADMSG;
    row.value = (double)value;
    *out = row;
    return 0;
}

static void tell(const struct memory_numa_row *row, const struct survey_target *target,
                 struct findings *findings)
{
    const struct label label = {"node", target->name + strlen("node")};
    struct field_metric made;

    snprintf(made.name, sizeof made.name, "node_memory_numa_%s", row->key.text);
    snprintf(made.help, sizeof made.help, "Memory information field %s.", row->key.text);
    made.metric = (struct metric){.name = made.name,
                                  .unit = row->in_bytes ? "bytes" : "",
                                  .help = made.help,
                                  .kind = row->cumulative ? METRIC_COUNTER : METRIC_GAUGE,
                                  .cumulative = row->cumulative};
    findings_add_made(findings, &made.metric, &label, 1, row->value);
}

/* A line that is not understood costs itself. */
static void read_attribute(const struct survey_target *target, const char *name,
                           int (*parse)(struct scanner line, struct memory_numa_row *out),
                           struct findings *findings)
{
    char text[TEXT_BYTES];
    struct scanner scanner, line;
    struct span span;
    int result = sysfs_read(target->folder, name, text, sizeof text, &span);

    findings_trouble(findings, result);
    if (result < 0)
        return;
    scanner = scanner_over(span.at, span.length);
    while (scan_line(&scanner, &line)) {
        struct memory_numa_row row;

        result = parse(line, &row);
        findings_trouble(findings, result);
        if (result == 0)
            tell(&row, target, findings);
    }
}

static void read_node(const struct survey_target *target, struct findings *findings)
{
    read_attribute(target, "meminfo", memory_numa_parse_meminfo, findings);
    read_attribute(target, "numastat", memory_numa_parse_numastat, findings);
}

/* "node0" */
static bool picks(const struct collector_roots *roots, const char *name)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    uint64_t node;

    (void)roots;
    return scan_literal(&scanner, "node") && scan_u64(&scanner, &node) && scan_is_done(&scanner);
}

static const struct survey_form form = {.collector = "memory_numa",
                                        .root = SURVEY_SYSFS,
                                        .folder = "devices/system/node",
                                        .each = true,
                                        .picks = picks,
                                        .read = read_node};

static int open_memory_numa(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector memory_numa_collector = {
    .name = "memory_numa",
    .exporter_name = "meminfo_numa",
    .off_by_default = true,
    .interval_ms = 5000,
    .open = open_memory_numa,
    .sample = survey_sample,
    .close = survey_close,
};
