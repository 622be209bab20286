#include "collectors/system/cpu_counts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/roster.h"

static int add_cpu(struct cpu_counts *out, uint64_t number)
{
    uint32_t *cpus;

    if (number > UINT32_MAX || (out->cpu_count > 0 && number <= out->cpus[out->cpu_count - 1]) ||
        out->cpu_count == CPU_COUNTS_CPUS_MAX)
        return -EBADMSG;
    cpus = array_reserve(out->cpus, &out->cpu_capacity, out->cpu_count + 1, sizeof *cpus);
    if (cpus == NULL)
        return -ENOMEM;
    out->cpus = cpus;
    cpus[out->cpu_count++] = (uint32_t)number;
    return 0;
}

static int parse_heading(struct scanner line, struct cpu_counts *out)
{
    int result = 0;

    scan_blanks(&line);
    while (result == 0 && !scan_is_done(&line)) {
        uint64_t number;

        if (!scan_literal(&line, "CPU") || !scan_u64(&line, &number) ||
            (!scan_blanks(&line) && !scan_is_done(&line)))
            result = -EBADMSG;
        else
            result = add_cpu(out, number);
    }
    if (result == 0 && out->cpu_count == 0)
        result = -EBADMSG;
    if (result < 0)
        out->cpu_count = 0;
    return result;
}

/* Room for another row with its counts. */
static int reserve(struct cpu_counts *out)
{
    size_t needed = out->count + out->cpu_count;
    struct cpu_counts_row *rows;
    uint64_t *counts;

    if (needed > CPU_COUNTS_MAX)
        return -E2BIG;
    rows = array_reserve(out->rows, &out->row_capacity, out->row_count + 1, sizeof *rows);
    if (rows == NULL)
        return -ENOMEM;
    out->rows = rows;
    counts = array_reserve(out->counts, &out->capacity, needed, sizeof *counts);
    if (counts == NULL)
        return -ENOMEM;
    out->counts = counts;
    return 0;
}

/* What is left of the line, without the blanks at its end. */
static struct span rest_of(struct scanner line)
{
    while (line.end > line.at && char_is_blank(line.end[-1]))
        line.end--;
    return (struct span){line.at, (size_t)(line.end - line.at)};
}

/* Counts of up to all CPUs; false where something else stands among or right behind them. */
static bool parse_counts(struct scanner *line, size_t wanted, uint64_t *counts, size_t *found)
{
    scan_blanks(line);
    for (*found = 0; *found < wanted && !scan_is_done(line); ++*found) {
        if (!scan_u64(line, &counts[*found]) || (!scan_blanks(line) && !scan_is_done(line)))
            return false;
    }
    return true;
}

/* On 64-bit ARM no blank stands before a count of ten digits. */
static int add_row(struct scanner line, struct cpu_counts *out)
{
    struct cpu_counts_row row = {.first = out->count};
    int result = reserve(out);
    size_t found;

    if (result < 0)
        return result;
    if (!scan_until(&line, ':', &row.kind) || !roster_accepts(row.kind) ||
        !parse_counts(&line, out->cpu_count, &out->counts[row.first], &found))
        return -EBADMSG;
    row.rest = rest_of(line);
    if (row.rest.length > CPU_COUNTS_REST_MAX)
        return -EBADMSG;
    if (found < out->cpu_count)
        return 0;
    out->rows[out->row_count++] = row;
    out->count += found;
    return 0;
}

int cpu_counts_parse(const char *text, size_t length, struct cpu_counts *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    int result = 0;

    out->cpu_count = 0;
    out->row_count = 0;
    out->count = 0;
    if (!scan_line(&scanner, &line))
        return -EBADMSG;
    result = parse_heading(line, out);
    if (result < 0)
        return result;
    while (result != -E2BIG && result != -ENOMEM && scan_line(&scanner, &line)) {
        int added;

        scan_blanks(&line);
        added = scan_is_done(&line) ? 0 : add_row(line, out);
        if (added < 0)
            result = added;
    }
    if (result == -ENOMEM)
        out->row_count = 0;
    return result;
}

void cpu_counts_finish(struct cpu_counts *counts)
{
    free(counts->cpus);
    free(counts->rows);
    free(counts->counts);
    *counts = (struct cpu_counts){0};
}
