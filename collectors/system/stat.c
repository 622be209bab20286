#include "collectors/system/stat.h"

#include <errno.h>

#include "collectors/parse.h"

static const struct {
    const char *name;
    struct metric metric;
} lines_known[STAT_LINES] = {
    [STAT_INTERRUPTS] = {"intr",
                         {.name = "node_intr_total",
                          .unit = "",
                          .help = "Total number of interrupts serviced.",
                          .kind = METRIC_COUNTER,
                          .cumulative = true}},
    [STAT_CONTEXT_SWITCHES] = {"ctxt",
                               {.name = "node_context_switches_total",
                                .unit = "",
                                .help = "Total number of context switches.",
                                .kind = METRIC_COUNTER,
                                .cumulative = true}},
    [STAT_BOOT_TIME] = {"btime",
                        {.name = "node_boot_time_seconds",
                         .unit = "seconds",
                         .help = "Node boot time, in unixtime.",
                         .kind = METRIC_GAUGE}},
    [STAT_FORKS] = {"processes",
                    {.name = "node_forks_total",
                     .unit = "",
                     .help = "Total number of forks.",
                     .kind = METRIC_COUNTER,
                     .cumulative = true}},
    [STAT_RUNNING] = {"procs_running",
                      {.name = "node_procs_running",
                       .unit = "",
                       .help = "Number of processes in runnable state.",
                       .kind = METRIC_GAUGE}},
    [STAT_BLOCKED] = {"procs_blocked",
                      {.name = "node_procs_blocked",
                       .unit = "",
                       .help = "Number of processes blocked waiting for I/O to complete.",
                       .kind = METRIC_GAUGE}},
};

/* " 8885917 17 0": of intr, which goes on with a number for each interrupt, only the sum. */
static bool parse_value(struct scanner line, enum stat_line which, uint64_t *out)
{
    if (!scan_blanks(&line) || !scan_u64(&line, out))
        return false;
    return scan_is_done(&line) || (which == STAT_INTERRUPTS && char_is_blank(*line.at));
}

int stat_parse(const char *text, size_t length, struct stat_lines *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    int result = 0;

    *out = (struct stat_lines){0};
    while (scan_line(&scanner, &line)) {
        unsigned which = 0;
        struct span name;

        if (!scan_word(&line, &name))
            continue;
        while (which < STAT_LINES && !span_equals(name, lines_known[which].name))
            which++;
        if (which == STAT_LINES)
            continue;
        if (parse_value(line, which, &out->values[which]))
            out->present |= 1U << which;
        else
            result = -EBADMSG;
    }
    return result;
}

void stat_write(struct stat_series *series, const struct stat_lines *lines, struct sink *sink)
{
    for (unsigned which = 0; which < STAT_LINES; which++) {
        if (lines->present & 1U << which)
            sink_put(sink, &series->lines[which], &lines_known[which].metric, NULL, 0, 0,
                     (double)lines->values[which]);
    }
}
