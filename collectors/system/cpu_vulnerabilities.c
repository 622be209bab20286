#include "collectors/system/cpu_vulnerabilities.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/cpu_folder.h"

#define INTERVAL_MS 60000
#define TEXT_BYTES  4097 /* an attribute is a page at most */

static const struct metric vulnerability = {
    .name = "node_cpu_vulnerabilities_info",
    .unit = "",
    .help = "Details of each CPU vulnerability reported by sysfs. The value of the series is an "
            "int encoded state of the vulnerability. The same state is stored as a string in the "
            "label",
    .kind = METRIC_GAUGE,
};

int cpu_vulnerability_parse(const char *text, size_t length, struct cpu_vulnerability *out)
{
    static const struct {
        const char *text, *state;
    } states[] = {{"Not affected", "not affected"},
                  {"Vulnerable", "vulnerable"},
                  {"Mitigation", "mitigation"},
                  {"Unknown", "unknown"}};
    struct scanner scanner = scanner_over(text, length);

    (void)scan_literal(&scanner, "KVM: ");
    for (size_t index = 0; index < sizeof states / sizeof states[0]; index++) {
        if (!scan_literal(&scanner, states[index].text))
            continue;
        (void)scan_literal(&scanner, ": ");
        *out = (struct cpu_vulnerability){states[index].state,
                                          {scanner.at, (size_t)(scanner.end - scanner.at)}};
        return 0;
    }
    return -EBADMSG;
}

static void read_one(int folder, const char *name, struct findings *findings)
{
    char text[TEXT_BYTES], mitigation[TEXT_BYTES];
    struct cpu_vulnerability found;
    struct span span;
    int result = sysfs_read(folder, name, text, sizeof text, &span);

    if (result >= 0)
        result = cpu_vulnerability_parse(span.at, span.length, &found);
    findings_trouble(findings, result);
    if (result < 0)
        return;
    memcpy(mitigation, found.mitigation.at, found.mitigation.length);
    mitigation[found.mitigation.length] = '\0';
    findings_add(findings, &vulnerability,
                 (const struct label[]){
                     {"codename", name}, {"state", found.state}, {"mitigation", mitigation}},
                 3, 1);
}

static void read_vulnerabilities(const struct survey_target *target, struct findings *findings)
{
    int fd = openat(target->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (listing == NULL) {
        findings_trouble(findings, -errno);
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] != '.')
            read_one(target->folder, entry->d_name, findings);
    }
    closedir(listing);
}

static const struct survey_form form = {
    .collector = "cpu_vulnerabilities",
    .root = SURVEY_SYSFS,
    .folder = CPU_FOLDER "/vulnerabilities",
    .read = read_vulnerabilities,
};

static int open_vulnerabilities(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector cpu_vulnerabilities_collector = {
    .name = "cpu_vulnerabilities",
    .off_by_default = true,
    .interval_ms = INTERVAL_MS,
    .open = open_vulnerabilities,
    .sample = survey_sample,
    .close = survey_close,
};
