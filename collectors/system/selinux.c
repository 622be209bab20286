#include "collectors/system/selinux.h"

#include <errno.h>

#include "collectors/parse.h"
#include "collectors/procfs.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define GAUGE(end, text)                                                                           \
    {                                                                                              \
        .name = "node_selinux_" end, .unit = "", .help = (text), .kind = METRIC_GAUGE              \
    }
#define COUNTER(what)                                                                              \
    {                                                                                              \
        .name = "node_selinux_avc_" what "_total", .unit = "", .help = "SELinux AVC " what,        \
        .kind = METRIC_COUNTER, .cumulative = true                                                 \
    }

static const struct metric enabled = GAUGE("enabled", "SELinux is enabled, 1 is true, 0 is false");
static const struct metric config_mode =
    GAUGE("config_mode", "Configured SELinux enforcement mode");
static const struct metric current_mode = GAUGE("current_mode", "Current SELinux enforcement mode");
static const struct metric threshold = GAUGE("avc_threshold", "SELinux AVC threshold");
static const struct metric hash_entries = GAUGE("avc_hash_entries", "SELinux AVC hash entries");
static const struct metric hash_available =
    GAUGE("avc_hash_buckets_available", "SELinux AVC hash buckets available");
static const struct metric hash_used =
    GAUGE("avc_hash_buckets_used", "SELinux AVC hash buckets used");
static const struct metric hash_longest =
    GAUGE("avc_hash_longest_chain", "SELinux AVC hash longest chain");
static const struct metric counters[SELINUX_COUNTS] = {
    [SELINUX_LOOKUPS] = COUNTER("lookups"),   [SELINUX_HITS] = COUNTER("hits"),
    [SELINUX_MISSES] = COUNTER("misses"),     [SELINUX_ALLOCATIONS] = COUNTER("allocations"),
    [SELINUX_RECLAIMS] = COUNTER("reclaims"), [SELINUX_FREES] = COUNTER("frees"),
};

/* --- the texts --- */

static bool parse_counts(struct scanner line, uint64_t sums[SELINUX_COUNTS])
{
    for (size_t index = 0; index < SELINUX_COUNTS; index++) {
        uint64_t count;

        if ((index > 0 && !scan_blanks(&line)) || !scan_u64(&line, &count) || count > UINT32_MAX)
            return false;
        sums[index] += count;
    }
    return scan_is_done(&line);
}

int selinux_parse_cache(const char *text, size_t length, uint64_t sums[SELINUX_COUNTS])
{
    struct scanner scanner = scanner_over(text, length), line;
    uint64_t parsed[SELINUX_COUNTS] = {0};

    if (!scan_line(&scanner, &line) ||
        !scan_literal(&line, "lookups hits misses allocations reclaims frees") ||
        !scan_is_done(&line))
        return -EBADMSG;
    while (scan_line(&scanner, &line)) {
        if (!parse_counts(line, parsed))
            return -EBADMSG;
    }
    memcpy(sums, parsed, sizeof parsed);
    return 0;
}

int selinux_parse_hash(const char *text, size_t length, struct selinux_hash *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct selinux_hash hash;

    if (!scan_literal(&scanner, "entries: ") || !scan_u64(&scanner, &hash.entries) ||
        !scan_literal(&scanner, "\nbuckets used: ") || !scan_u64(&scanner, &hash.buckets_used) ||
        !scan_char(&scanner, '/') || !scan_u64(&scanner, &hash.buckets) ||
        !scan_literal(&scanner, "\nlongest chain: ") || !scan_u64(&scanner, &hash.longest_chain))
        return -EBADMSG;
    scan_char(&scanner, '\n');
    if (!scan_is_done(&scanner))
        return -EBADMSG;
    *out = hash;
    return 0;
}

int selinux_parse_config(const char *text, size_t length)
{
    struct scanner scanner = scanner_over(text, length), line;

    while (scan_line(&scanner, &line)) {
        struct span mode;

        scan_blanks(&line);
        if (!scan_literal(&line, "SELINUX="))
            continue;
        if (!scan_word(&line, &mode))
            return -1;
        if (span_equals(mode, "enforcing"))
            return 1;
        return span_equals(mode, "permissive") ? 0 : -1;
    }
    return -1;
}

/* --- the files --- */

struct reading {
    const struct collector_roots *roots;
    struct findings *findings;
    struct procfs_file file; /* that was read last */
};

/* The text is good until the next read. */
static int read_text(struct reading *reading, const char *root, const char *name, struct span *out)
{
    int result;

    procfs_close(&reading->file);
    result = procfs_open(&reading->file, root, name);
    return result < 0 ? result : procfs_read(&reading->file, &out->at, &out->length);
}

static int read_number(struct reading *reading, const char *name, int64_t *out)
{
    struct span text;
    int result = read_text(reading, reading->roots->sysfs, name, &text);

    if (result < 0)
        return result;
    text.length -= span_ends_with(text, "\n");
    return sysfs_parse_number(text.at, text.length, out);
}

/*
 * The file system of SELinux is there when the kernel has it on; and before a policy was loaded
 * everybody is "kernel", which is as good as off.
 */
static bool is_enabled(struct reading *reading)
{
    struct span label;
    int64_t mode;

    if (read_number(reading, "fs/selinux/enforce", &mode) < 0)
        return false;
    if (read_text(reading, reading->roots->procfs, "self/attr/current", &label) < 0)
        return true;
    /* It has a NUL or a newline behind it. */
    return label.length != strlen("kernel") + 1 ||
           memcmp(label.at, "kernel", label.length - 1) != 0;
}

static void tell_modes(struct reading *reading)
{
    struct span config;
    int64_t mode = -1;
    int result = read_number(reading, "fs/selinux/enforce", &mode);

    findings_trouble(reading->findings, result);
    findings_add(reading->findings, &current_mode, NULL, 0, (double)mode);
    result = read_text(reading, reading->roots->rootfs, "etc/selinux/config", &config);
    findings_trouble(reading->findings, result);
    if (result == 0 || result == -ENOENT)
        findings_add(reading->findings, &config_mode, NULL, 0,
                     result == 0 ? selinux_parse_config(config.at, config.length) : -1);
}

static void tell_cache(struct reading *reading)
{
    uint64_t sums[SELINUX_COUNTS] = {0};
    struct span text;
    int result = read_text(reading, reading->roots->sysfs, "fs/selinux/avc/cache_stats", &text);

    if (result == 0)
        result = selinux_parse_cache(text.at, text.length, sums);
    findings_trouble(reading->findings, result);
    if (result < 0)
        return;
    for (size_t index = 0; index < SELINUX_COUNTS; index++)
        findings_add(reading->findings, &counters[index], NULL, 0, (double)sums[index]);
}

static void tell_hash(struct reading *reading)
{
    struct selinux_hash hash = {0};
    struct span text;
    int result = read_text(reading, reading->roots->sysfs, "fs/selinux/avc/hash_stats", &text);

    if (result == 0)
        result = selinux_parse_hash(text.at, text.length, &hash);
    findings_trouble(reading->findings, result);
    if (result < 0)
        return;
    findings_add(reading->findings, &hash_entries, NULL, 0, (double)hash.entries);
    findings_add(reading->findings, &hash_available, NULL, 0, (double)hash.buckets);
    findings_add(reading->findings, &hash_used, NULL, 0, (double)hash.buckets_used);
    findings_add(reading->findings, &hash_longest, NULL, 0, (double)hash.longest_chain);
}

static void tell_threshold(struct reading *reading)
{
    int64_t value;
    int result = read_number(reading, "fs/selinux/avc/cache_threshold", &value);

    findings_trouble(reading->findings, result);
    if (result == 0)
        findings_add(reading->findings, &threshold, NULL, 0, (double)value);
}

static void read_selinux(const struct survey_target *target, struct findings *findings)
{
    struct reading reading = {.roots = &target->roots, .findings = findings};
    bool on = is_enabled(&reading);

    findings_add(findings, &enabled, NULL, 0, on);
    if (on) {
        tell_modes(&reading);
        tell_cache(&reading);
        tell_hash(&reading);
        tell_threshold(&reading);
    }
    procfs_close(&reading.file);
}

/* Where the kernel has it off, that is said: there is a target always. */
static const struct survey_form form = {
    .collector = "selinux", .root = SURVEY_SYSFS, .folder = ".", .read = read_selinux};

static int open_selinux(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector selinux_collector = {
    .name = "selinux",
    .interval_ms = 60000,
    .open = open_selinux,
    .sample = survey_sample,
    .close = survey_close,
};
