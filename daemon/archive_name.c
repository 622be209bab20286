#include "daemon/archive_name.h"

#include <inttypes.h>
#include <stdio.h>

#include "collectors/parse.h"

static const char *prefix_of(const struct archive_entry *entry)
{
    if (entry->part == ARCHIVE_SECONDS)
        return "seconds";
    return entry->merged ? "merged" : "minutes";
}

void archive_name(const struct archive_entry *entry, char out[ARCHIVE_NAME_BYTES])
{
    snprintf(out, ARCHIVE_NAME_BYTES, "%s-%" PRIu64 "-%" PRIu64 "-%" PRId64 "-%" PRId64,
             prefix_of(entry), entry->first_seq, entry->last_seq, entry->first_ms, entry->last_ms);
}

static bool scan_prefix(struct scanner *scanner, struct archive_entry *entry)
{
    if (scan_literal(scanner, "seconds-")) {
        entry->part = ARCHIVE_SECONDS;
        return true;
    }
    entry->part = ARCHIVE_MINUTES;
    entry->merged = scan_literal(scanner, "merged-");
    return entry->merged || scan_literal(scanner, "minutes-");
}

bool archive_name_parse(const char *name, struct archive_entry *out)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    struct archive_entry entry = {0};
    char again[ARCHIVE_NAME_BYTES];
    uint64_t first_ms, last_ms;

    if (!scan_prefix(&scanner, &entry) || !scan_u64(&scanner, &entry.first_seq) ||
        !scan_char(&scanner, '-') || !scan_u64(&scanner, &entry.last_seq) ||
        !scan_char(&scanner, '-') || !scan_u64(&scanner, &first_ms) || !scan_char(&scanner, '-') ||
        !scan_u64(&scanner, &last_ms) || !scan_is_done(&scanner))
        return false;
    if (entry.first_seq == 0 || entry.last_seq < entry.first_seq || first_ms > INT64_MAX ||
        last_ms > INT64_MAX || last_ms < first_ms)
        return false;
    entry.first_ms = (int64_t)first_ms;
    entry.last_ms = (int64_t)last_ms;
    archive_name(&entry, again);
    if (strcmp(name, again) != 0)
        return false;
    *out = entry;
    return true;
}
