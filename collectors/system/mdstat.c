#include "collectors/system/mdstat.h"

#include <errno.h>
#include <stdbool.h>

/* An array, and what was read of it so far. */
struct section {
    struct mdstat_array array;
    uint64_t disks;      /* listed */
    bool is_plain;       /* raid0 and linear, which have no redundance: all disks are needed */
    bool has_size;       /* its line with the blocks was there */
    bool has_redundance; /* and had "[8/8]" */
    bool good;
};

static bool contains(struct span span, const char *wanted)
{
    struct scanner scanner = scanner_over(span.at, span.length);

    for (; !scan_is_done(&scanner); scanner.at++) {
        if (scan_literal(&scanner, wanted))
            return true;
    }
    return false;
}

static bool scan_state(struct scanner *line, enum mdstat_state *out)
{
    struct span word;

    if (!scan_word(line, &word))
        return false;
    if (span_equals(word, "active"))
        *out = MDSTAT_ACTIVE;
    else if (span_equals(word, "inactive"))
        *out = MDSTAT_INACTIVE;
    else
        return false;
    return true;
}

/* "md6 : active (read-only) raid1 sdb2[2](F) sdc[1](S) sda2[0]"; an inactive one has no level. */
static bool parse_head(struct scanner line, struct section *out)
{
    struct section section = {.good = true};
    struct mdstat_array *array = &section.array;
    struct span word;

    if (!scan_word(&line, &array->name) || !scan_literal(&line, " : ") ||
        !scan_state(&line, &array->state))
        return false;
    while (scan_blanks(&line) && scan_word(&line, &word)) {
        if (contains(word, "[")) {
            section.disks++;
            array->failed += contains(word, "(F)");
            array->spare += contains(word, "(S)");
        } else if (span_equals(word, "raid0") || span_equals(word, "linear")) {
            section.is_plain = true;
        }
    }
    *out = section;
    return scan_is_done(&line);
}

/* The disks that are needed and that there are: "[8/7]", where it stands in the line. */
static bool find_disks(struct scanner line, struct mdstat_array *out)
{
    struct span before;
    uint64_t required, active;

    while (scan_until(&line, '[', &before)) {
        struct scanner ahead = line;

        if (scan_u64(&ahead, &required) && scan_char(&ahead, '/') && scan_u64(&ahead, &active) &&
            scan_char(&ahead, ']')) {
            out->required = required;
            out->active = active;
            return true;
        }
    }
    return false;
}

/* "5853468288 blocks super 1.2 level 6, 64k chunk, algorithm 2 [8/8] [UUUUUUUU]" */
static bool parse_size(struct scanner line, struct section *section)
{
    uint64_t blocks;

    if (!scan_u64(&line, &blocks) || !scan_literal(&line, " blocks"))
        return false;
    section->has_size = true;
    section->array.blocks = section->array.synced = blocks;
    section->has_redundance = find_disks(line, &section->array);
    return true;
}

static bool scan_activity(struct scanner *line, enum mdstat_state *out)
{
    if (scan_literal(line, "recovery"))
        *out = MDSTAT_RECOVERING;
    else if (scan_literal(line, "resync"))
        *out = MDSTAT_RESYNC;
    else if (scan_literal(line, "check"))
        *out = MDSTAT_CHECK;
    else
        return false;
    return true;
}

/*
 * "[=>...]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec", or
 * "resync=DELAYED". Any other line tells nothing that is wanted.
 */
static void parse_activity(struct scanner line, struct section *section)
{
    struct span skipped;
    enum mdstat_state state;
    uint64_t synced = 0;

    if (scan_char(&line, '[')) {
        (void)!scan_word(&line, &skipped);
        scan_blanks(&line);
    }
    if (!scan_activity(&line, &state))
        return;
    if (!scan_char(&line, '=') &&
        (!scan_until(&line, '(', &skipped) || !scan_u64(&line, &synced) || !scan_char(&line, '/')))
        section->good = false;
    section->array.state = state;
    section->array.synced = synced;
}

/* Whether all that the array needs was there; fills in what follows from it. */
static bool finish_section(struct section *section)
{
    struct mdstat_array *array = &section->array;
    bool inactive = array->state == MDSTAT_INACTIVE;

    if (!section->good || (!section->has_size && section->disks > 0))
        return false;
    if (section->is_plain)
        array->active = array->required = section->disks;
    else if (inactive)
        array->active = array->required = 0;
    return section->is_plain || inactive || section->has_redundance;
}

static bool is_of_no_array(struct scanner line)
{
    return scan_literal(&line, "Personalities") || scan_literal(&line, "unused devices:");
}

/* Reads the lines below the head, which begin with blanks. */
static void parse_below(struct scanner *scanner, struct section *section)
{
    struct scanner ahead = *scanner;
    struct scanner line;

    while (scan_line(&ahead, &line) && scan_blanks(&line)) {
        *scanner = ahead;
        if (section->has_size || !parse_size(line, section))
            parse_activity(line, section);
    }
}

int mdstat_parse(const char *text, size_t length, mdstat_take *take, void *context)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    size_t count = 0;
    int result = 0;

    while (scan_line(&scanner, &line)) {
        struct section section = {.good = false};

        if (scan_is_done(&line) || is_of_no_array(line))
            continue;
        if (!parse_head(line, &section))
            section.good = false;
        parse_below(&scanner, &section);
        if (!finish_section(&section)) {
            result = -EBADMSG;
            continue;
        }
        if (count++ >= MDSTAT_ARRAYS_MAX)
            return -E2BIG;
        take(context, &section.array);
    }
    return result;
}
