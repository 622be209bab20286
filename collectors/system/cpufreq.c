#include "collectors/system/cpufreq.h"

#include <errno.h>
#include <string.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/cpu_folder.h"

#define INTERVAL_MS    5000
#define TEXT_BYTES     4097 /* an attribute is a page at most */
#define GOVERNOR_BYTES 64   /* the kernel's have 15 letters: CPUFREQ_NAME_LEN */
#define HERTZ(name_, help_)                                                                        \
    {                                                                                              \
        .name = (name_), .unit = "hertz", .help = (help_), .kind = METRIC_GAUGE                    \
    }

/* In kHz. */
static const struct frequency {
    const char *file;
    struct metric metric;
} frequencies[] = {
    {"cpufreq/cpuinfo_cur_freq",
     HERTZ("node_cpu_frequency_hertz", "Current CPU thread frequency in hertz.")},
    {"cpufreq/cpuinfo_max_freq",
     HERTZ("node_cpu_frequency_max_hertz", "Maximum CPU thread frequency in hertz.")},
    {"cpufreq/cpuinfo_min_freq",
     HERTZ("node_cpu_frequency_min_hertz", "Minimum CPU thread frequency in hertz.")},
    {"cpufreq/scaling_cur_freq",
     HERTZ("node_cpu_scaling_frequency_hertz", "Current scaled CPU thread frequency in hertz.")},
    {"cpufreq/scaling_max_freq", HERTZ("node_cpu_scaling_frequency_max_hertz",
                                       "Maximum scaled CPU thread frequency in hertz.")},
    {"cpufreq/scaling_min_freq", HERTZ("node_cpu_scaling_frequency_min_hertz",
                                       "Minimum scaled CPU thread frequency in hertz.")},
};

static const struct metric scaling_governor = {
    .name = "node_cpu_scaling_governor",
    .unit = "",
    .help = "Current enabled CPU frequency governor.",
    .kind = METRIC_GAUGE,
};

/* A CPU that is offline, as half of them are without SMT, keeps its folder, which is busy then. */
static void note(struct findings *findings, int result)
{
    if (result != -EBUSY)
        findings_trouble(findings, result);
}

/*
 * Root alone may read cpuinfo_cur_freq, which is no trouble, and a driver that does not know says
 * "<unknown>".
 */
static void read_frequency(const struct survey_target *target, const struct frequency *frequency,
                           struct findings *findings)
{
    const struct label label = {"cpu", target->name + strlen("cpu")};
    char text[TEXT_BYTES];
    struct span span;
    int64_t khz;
    int result = sysfs_read(target->folder, frequency->file, text, sizeof text, &span);

    if (result == -EACCES || (result == 0 && span.length > 0 && *span.at == '<'))
        return;
    if (result == 0)
        result = sysfs_parse_number(span.at, span.length, &khz);
    note(findings, result);
    if (result == 0)
        findings_add(findings, &frequency->metric, &label, 1, (double)khz * 1000);
}

static void add_governor(const struct survey_target *target, struct span name, bool current,
                         struct findings *findings)
{
    char text[GOVERNOR_BYTES];
    const struct label labels[] = {{"cpu", target->name + strlen("cpu")}, {"governor", text}};

    if (name.length >= sizeof text) {
        findings_trouble(findings, -EBADMSG);
        return;
    }
    memcpy(text, name.at, name.length);
    text[name.length] = '\0';
    findings_add(findings, &scaling_governor, labels, 2, current);
}

/* Those that can be had, of which one is; drivers without a list have that one. */
static void read_governors(const struct survey_target *target, struct findings *findings)
{
    char current_text[TEXT_BYTES], text[TEXT_BYTES];
    struct span current, available = {text, 0}, name;
    struct scanner scanner;
    int result = sysfs_read(target->folder, "cpufreq/scaling_governor", current_text,
                            sizeof current_text, &current);

    note(findings, result);
    if (result < 0)
        return;
    note(findings, sysfs_read(target->folder, "cpufreq/scaling_available_governors", text,
                              sizeof text, &available));
    scanner = scanner_over(available.at, available.length);
    while (scan_blanks(&scanner), scan_word(&scanner, &name))
        add_governor(target, name,
                     name.length == current.length && memcmp(name.at, current.at, name.length) == 0,
                     findings);
    add_governor(target, current, true, findings); /* left out where it was listed */
}

static void read_cpu(const struct survey_target *target, struct findings *findings)
{
    for (size_t index = 0; index < sizeof frequencies / sizeof frequencies[0]; index++)
        read_frequency(target, &frequencies[index], findings);
    read_governors(target, findings);
}

static bool picks_cpu(const struct collector_roots *roots, const char *name)
{
    (void)roots;
    return cpu_folder_is_cpu(name);
}

static const struct survey_form form = {
    .collector = "cpufreq",
    .root = SURVEY_SYSFS,
    .folder = CPU_FOLDER,
    .each = true,
    .picks = picks_cpu,
    .read = read_cpu,
};

static int open_cpufreq(const struct collector_roots *roots, void **state)
{
    int result = cpu_folder_check(roots, "cpufreq");

    return result < 0 ? result : survey_open(&form, roots, state);
}

const struct collector cpufreq_collector = {
    .name = "cpufreq",
    .interval_ms = INTERVAL_MS,
    .open = open_cpufreq,
    .sample = survey_sample,
    .close = survey_close,
};
