#include "collectors/system/edac.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define EDAC_INTERVAL_MS 30000
#define TEXT_BYTES       128
#define PATH_BYTES       64

#define COUNTER(name_, help_)                                                                      \
    {                                                                                              \
        .name = (name_), .unit = "", .help = (help_), .kind = METRIC_COUNTER, .cumulative = true   \
    }

static const struct metric controller_corrected =
    COUNTER("node_edac_correctable_errors_total", "Total correctable memory errors.");
static const struct metric controller_uncorrected =
    COUNTER("node_edac_uncorrectable_errors_total", "Total uncorrectable memory errors.");
static const struct metric row_corrected = COUNTER(
    "node_edac_csrow_correctable_errors_total", "Total correctable memory errors for this csrow.");
static const struct metric row_uncorrected =
    COUNTER("node_edac_csrow_uncorrectable_errors_total",
            "Total uncorrectable memory errors for this csrow.");
static const struct metric channel_corrected =
    COUNTER("node_edac_channel_correctable_errors_total",
            "Total correctable memory errors for this channel.");
static const struct metric channel_uncorrected =
    COUNTER("node_edac_channel_uncorrectable_errors_total",
            "Total uncorrectable memory errors for this channel.");

/* What stands between the two, if that is a number: "0" of mc0, and of ch0_ce_count. */
static bool take_number(const char *name, const char *before, const char *behind, char *out,
                        size_t out_size)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    const char *start;
    uint64_t number;

    if (!scan_literal(&scanner, before))
        return false;
    start = scanner.at;
    if (!scan_u64(&scanner, &number) || (size_t)(scanner.at - start) >= out_size)
        return false;
    snprintf(out, out_size, "%.*s", (int)(scanner.at - start), start);
    return scan_literal(&scanner, behind) && scan_is_done(&scanner);
}

static void add_count(struct findings *findings, int folder, const char *path,
                      const struct metric *metric, const struct label *labels, size_t label_count)
{
    int64_t count;
    int result = sysfs_read_number(folder, path, &count);

    if (result == 0 && count < 0)
        result = -EBADMSG;
    findings_trouble(findings, result);
    if (result == 0)
        findings_add(findings, metric, labels, label_count, (double)count);
}

/* node_exporter's spelling: "mc#0csrow#0channel#0" is "mc0_csrow0_channel0". */
static void spell_label(const char *given, char *out, size_t size)
{
    size_t used = 0;

    for (; *given != '\0' && used + 2 < size; given++) {
        if (strncmp(given, "csrow", 5) == 0 || strncmp(given, "channel", 7) == 0)
            out[used++] = '_';
        if (*given != '#')
            out[used++] = *given;
    }
    out[used] = '\0';
}

/* Its row's labels are given. */
static void read_channel(struct findings *findings, int folder, const struct label row[2],
                         const char *name)
{
    char number[PATH_BYTES / 2], given[TEXT_BYTES], spelt[TEXT_BYTES * 2], path[PATH_BYTES];
    const struct label labels[] = {row[0], row[1], {"channel", number}, {"dimm_label", spelt}};

    if (!take_number(name, "ch", "_ce_count", number, sizeof number))
        return;
    snprintf(path, sizeof path, "ch%s_dimm_label", number);
    if (sysfs_read_text(folder, path, given, sizeof given) < 0)
        snprintf(given, sizeof given, "unknown");
    spell_label(given, spelt, sizeof spelt);
    add_count(findings, folder, name, &channel_corrected, labels, 4);
    snprintf(path, sizeof path, "ch%s_ue_count", number);
    add_count(findings, folder, path, &channel_uncorrected, labels, 4);
}

static void read_row(const struct survey_target *target, struct findings *findings,
                     const char *controller, const char *name)
{
    char number[PATH_BYTES];
    const struct label labels[] = {{"controller", controller}, {"csrow", number}};
    const struct dirent *found;
    DIR *listing;
    int folder;

    if (!take_number(name, "csrow", "", number, sizeof number))
        return;
    folder = openat(target->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    listing = folder < 0 ? NULL : fdopendir(folder);
    if (listing == NULL) {
        findings_trouble(findings, -errno);
        if (folder >= 0)
            close(folder);
        return;
    }
    add_count(findings, folder, "ce_count", &row_corrected, labels, 2);
    add_count(findings, folder, "ue_count", &row_uncorrected, labels, 2);
    while ((found = readdir(listing)) != NULL)
        read_channel(findings, folder, labels, found->d_name);
    closedir(listing);
}

static void read_controller(const struct survey_target *target, struct findings *findings)
{
    char number[PATH_BYTES];
    const struct label labels[] = {{"controller", number}, {"csrow", "unknown"}};
    const struct dirent *found;
    DIR *listing;

    if (!take_number(target->name, "mc", "", number, sizeof number))
        return;
    listing = opendir(target->path);
    if (listing == NULL) {
        findings_trouble(findings, -errno);
        return;
    }
    add_count(findings, target->folder, "ce_count", &controller_corrected, labels, 1);
    add_count(findings, target->folder, "ue_count", &controller_uncorrected, labels, 1);
    add_count(findings, target->folder, "ce_noinfo_count", &row_corrected, labels, 2);
    add_count(findings, target->folder, "ue_noinfo_count", &row_uncorrected, labels, 2);
    while ((found = readdir(listing)) != NULL)
        read_row(target, findings, number, found->d_name);
    closedir(listing);
}

static bool picks_controllers(const struct collector_roots *roots, const char *name)
{
    char number[PATH_BYTES];

    (void)roots;
    return take_number(name, "mc", "", number, sizeof number);
}

static const struct survey_form form = {
    .collector = "edac",
    .root = SURVEY_SYSFS,
    .folder = "devices/system/edac/mc",
    .each = true,
    .picks = picks_controllers,
    .read = read_controller,
};

static int open_edac(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector edac_collector = {
    .name = "edac",
    .interval_ms = EDAC_INTERVAL_MS,
    .open = open_edac,
    .sample = survey_sample,
    .close = survey_close,
};
