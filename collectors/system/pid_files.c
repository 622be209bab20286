#include "collectors/system/pid_files.h"

#include <errno.h>

#include "collectors/parse.h"

/* Later than any clock says, and still good for arithmetic. */
#define START_MAX ((uint64_t)INT64_MAX / 1000000)

static bool scan_field(struct scanner *scanner, uint64_t *out)
{
    return scan_blanks(scanner) && scan_u64(scanner, out);
}

static bool scan_field32(struct scanner *scanner, uint32_t *out)
{
    uint64_t value;

    if (!scan_field(scanner, &value) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool skip_fields(struct scanner *scanner, unsigned count)
{
    struct span ignored;

    for (unsigned field = 0; field < count; field++) {
        if (!scan_blanks(scanner) || !scan_word(scanner, &ignored))
            return false;
    }
    return true;
}

/* "12 (a) name) ": the name holds whatever it likes, so that its end is the last ")". */
static bool scan_name(struct scanner *scanner, char name[PROCESS_NAME_BYTES])
{
    size_t left = (size_t)(scanner->end - scanner->at);
    const char *last = left > 0 ? memrchr(scanner->at, ')', left) : NULL;
    uint64_t pid;
    size_t length;

    if (last == NULL || !scan_u64(scanner, &pid) || !scan_literal(scanner, " (") ||
        scanner->at > last)
        return false;
    length = (size_t)(last - scanner->at);
    /* Those of workqueues are longer. */
    if (length >= PROCESS_NAME_BYTES)
        length = PROCESS_NAME_BYTES - 1;
    memcpy(name, scanner->at, length);
    scanner->at = last + 1;
    return true;
}

static bool scan_state(struct scanner *scanner, char *out)
{
    struct span state;

    if (!scan_blanks(scanner) || !scan_word(scanner, &state) || state.length != 1)
        return false;
    *out = *state.at;
    return true;
}

/* Minor and major ones, with those of the children behind each. */
static bool scan_faults(struct scanner *scanner, struct pid_stat *stat)
{
    uint64_t minor, children_minor, major, children_major;

    if (!scan_field(scanner, &minor) || !scan_field(scanner, &children_minor) ||
        !scan_field(scanner, &major) || !scan_field(scanner, &children_major))
        return false;
    stat->faults = minor + major;
    stat->children_faults = children_minor + children_major;
    return true;
}

static bool scan_cpu(struct scanner *scanner, struct pid_stat *stat)
{
    uint64_t user, system;

    return scan_field(scanner, &user) && scan_field(scanner, &system) &&
           !__builtin_add_overflow(user, system, &stat->cpu_ticks);
}

/* The kernel's counters of pages are not exact, and may be below 0. */
static bool scan_resident(struct scanner *scanner, uint64_t *out)
{
    int64_t pages;

    if (!scan_blanks(scanner) || !scan_i64(scanner, &pages))
        return false;
    *out = pages > 0 ? (uint64_t)pages : 0;
    return true;
}

/*
 * Behind the state: parent, group, session, terminal, its foreground group, flags; behind the CPU
 * time that of children, priority and nice; behind the start the virtual size.
 */
int pid_stat_parse(const char *text, size_t length, struct pid_stat *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct pid_stat stat = {0};
    bool good = scan_name(&scanner, stat.name) && scan_state(&scanner, &stat.state) &&
                scan_field32(&scanner, &stat.parent_pid) && skip_fields(&scanner, 4) &&
                scan_field32(&scanner, &stat.flags) && scan_faults(&scanner, &stat) &&
                scan_cpu(&scanner, &stat) && skip_fields(&scanner, 4) &&
                scan_field32(&scanner, &stat.threads) && skip_fields(&scanner, 1) &&
                scan_field(&scanner, &stat.start_ticks) && skip_fields(&scanner, 1) &&
                scan_resident(&scanner, &stat.resident_pages);

    if (!good || stat.start_ticks > START_MAX ||
        (!scan_blanks(&scanner) && !scan_char(&scanner, '\n')))
        return -EBADMSG;
    *out = stat;
    return 0;
}

/* "765 447 418 5 0 123 0" */
int pid_statm_parse(const char *text, size_t length, struct pid_statm *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct pid_statm memory;
    struct span rest;

    if (!scan_u64(&scanner, &memory.virtual_pages) ||
        !scan_field(&scanner, &memory.resident_pages) ||
        !scan_field(&scanner, &memory.shared_pages) || !scan_blanks(&scanner) ||
        !scan_until(&scanner, '\n', &rest) || !scan_is_done(&scanner))
        return -EBADMSG;
    *out = memory;
    return 0;
}

/* A kernel without the accounting of tasks' I/O has other lines alone. */
int pid_io_parse(const char *text, size_t length, struct pid_io *out)
{
    static const char *const names[] = {"read_bytes:", "write_bytes:", "cancelled_write_bytes:"};
    uint64_t values[sizeof names / sizeof names[0]] = {0};
    struct scanner scanner = scanner_over(text, length);
    struct span line;
    unsigned found = 0;

    while (scan_until(&scanner, '\n', &line)) {
        struct scanner rest = scanner_over(line.at, line.length);

        for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
            if (!scan_literal(&rest, names[index]))
                continue;
            if (!scan_field(&rest, &values[index]) || !scan_is_done(&rest))
                return -EBADMSG;
            found |= 1U << index;
            break;
        }
    }
    if (found != 7 || !scan_is_done(&scanner))
        return -EBADMSG;
    *out = (struct pid_io){values[0], values[1], values[2]};
    return 0;
}

/* "Uid:\t1000\t0\t0\t0": real, effective, saved, of file systems. Newlines of names are escaped. */
int pid_uid_parse(const char *text, size_t length, uint32_t *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct span line;

    while (scan_until(&scanner, '\n', &line)) {
        struct scanner rest = scanner_over(line.at, line.length);
        uint32_t real, effective;

        if (!scan_literal(&rest, "Uid:"))
            continue;
        if (!scan_field32(&rest, &real) || !scan_field32(&rest, &effective) || !scan_blanks(&rest))
            return -EBADMSG;
        *out = effective;
        return 0;
    }
    return -EBADMSG;
}

size_t pid_command_clean(char *text, size_t length)
{
    if (length > PROCESS_COMMAND_MAX)
        length = PROCESS_COMMAND_MAX;
    for (size_t index = 0; index < length; index++) {
        if (text[index] == '\0')
            text[index] = ' ';
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return length;
}
