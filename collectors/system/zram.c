#include "collectors/system/zram.h"

#include <errno.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define ZRAM_INTERVAL_MS 5000
#define TEXT_BYTES       512

static const struct metric disk_size = {
    .name = "tacho_zram_disk_bytes",
    .unit = "bytes",
    .help = "Size of the zram device.",
    .kind = METRIC_GAUGE,
};

static const struct metric columns[ZRAM_COLUMNS] = {
    [ZRAM_ORIGINAL] = {.name = "tacho_zram_original_bytes",
                       .unit = "bytes",
                       .help = "Data stored in the zram device, before compression.",
                       .kind = METRIC_GAUGE},
    [ZRAM_COMPRESSED] = {.name = "tacho_zram_compressed_bytes",
                         .unit = "bytes",
                         .help = "Data stored in the zram device, compressed.",
                         .kind = METRIC_GAUGE},
    [ZRAM_USED] = {.name = "tacho_zram_used_bytes",
                   .unit = "bytes",
                   .help = "Memory that the zram device takes, with what its allocator needs.",
                   .kind = METRIC_GAUGE},
    [ZRAM_LIMIT] = {.name = "tacho_zram_limit_bytes",
                    .unit = "bytes",
                    .help = "The most memory that the zram device may take; 0: no limit.",
                    .kind = METRIC_GAUGE},
    [ZRAM_USED_MAX] = {.name = "tacho_zram_used_max_bytes",
                       .unit = "bytes",
                       .help = "The most memory that the zram device has taken.",
                       .kind = METRIC_GAUGE},
    [ZRAM_SAME] = {.name = "tacho_zram_same_pages",
                   .unit = "",
                   .help = "Pages of one repeated word, which take no memory.",
                   .kind = METRIC_GAUGE},
    [ZRAM_COMPACTED] = {.name = "tacho_zram_compacted_pages_total",
                        .unit = "",
                        .help = "Pages that compaction of the zram device has freed.",
                        .kind = METRIC_COUNTER,
                        .cumulative = true},
    [ZRAM_HUGE] = {.name = "tacho_zram_incompressible_pages",
                   .unit = "",
                   .help = "Pages that do not shrink and are stored as they are.",
                   .kind = METRIC_GAUGE},
};

int zram_parse(const char *text, size_t length, struct zram_memory *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct zram_memory memory = {.column_count = 0};
    uint64_t value;

    scan_blanks(&scanner);
    while (scan_u64(&scanner, &value)) {
        if (memory.column_count < ZRAM_COLUMNS)
            memory.columns[memory.column_count++] = value;
        if (!scan_blanks(&scanner))
            break;
    }
    scan_char(&scanner, '\n');
    if (!scan_is_done(&scanner) || memory.column_count < ZRAM_HUGE)
        return -EBADMSG;
    *out = memory;
    return 0;
}

static void read_zram(const struct survey_target *target, struct findings *findings)
{
    const struct label label = {"device", target->name};
    struct zram_memory memory = {.column_count = 0};
    char buffer[TEXT_BYTES];
    struct span text = {0};
    int64_t size;
    int result = sysfs_read(target->folder, "mm_stat", buffer, sizeof buffer, &text);

    if (result == 0)
        result = zram_parse(text.at, text.length, &memory);
    findings_trouble(findings, result);
    for (unsigned column = 0; column < memory.column_count; column++)
        findings_add(findings, &columns[column], &label, 1, (double)memory.columns[column]);
    result = sysfs_read_number(target->folder, "disksize", &size);
    findings_trouble(findings, result);
    if (result == 0)
        findings_add(findings, &disk_size, &label, 1, (double)size);
}

static bool picks_zram(const struct collector_roots *roots, const char *name)
{
    (void)roots;
    return strncmp(name, "zram", 4) == 0;
}

static const struct survey_form form = {
    .collector = "zram",
    .root = SURVEY_SYSFS,
    .folder = "block",
    .each = true,
    .picks = picks_zram,
    .read = read_zram,
};

/* Without a device it is not there; one that comes later is found when it is opened anew. */
static int open_zram(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector zram_collector = {
    .name = "zram",
    .interval_ms = ZRAM_INTERVAL_MS,
    .open = open_zram,
    .sample = survey_sample,
    .close = survey_close,
};
