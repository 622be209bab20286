/*
 * Collectors whose sources may block or are slow, as attributes of sysfs are that ask a device: a
 * worker reads them, target by target, and later ticks take what it found. A target is an entry of
 * a folder, such as each chip in class/hwmon, and has one call in flight; one that does not answer
 * holds up itself alone, and is shown as stuck. Such a collector is a form and a reader:
 *
 *     static void read(const struct survey_target *target, struct findings *findings)
 *     {
 *         …
 *         findings_add(findings, &temperature, labels, 2, millidegrees / 1000.0);
 *     }
 *
 *     static const struct survey_form form = {
 *         .collector = "thermal_zone", .root = SURVEY_SYSFS, .folder = "class/thermal",
 *         .each = true, .picks = picks, .read = read};
 *
 *     static int open_thermal(const struct collector_roots *roots, void **state)
 *     {
 *         return survey_open(&form, roots, state);
 *     }
 *
 *     const struct collector thermal_zone_collector = {…, .open = open_thermal,
 *         .sample = survey_sample, .close = survey_close};
 *
 * A target's series are those that it was last found with: a name or a label that is there no more
 * ends its series, unless another target was found with it by the time that all have been read. So
 * series go on when targets get other names.
 */
#ifndef TACHO_COLLECTORS_SURVEY_H
#define TACHO_COLLECTORS_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/findings.h"

/* More targets of one collector are left out, and told as -E2BIG. */
#define SURVEY_TARGETS_MAX 4096

enum survey_root { SURVEY_PROCFS, SURVEY_SYSFS, SURVEY_ROOTFS };

/* What a worker is asked to read. All of it is the call's own, whatever becomes of the collector.
 */
struct survey_target {
    struct collector_roots roots;
    const char *name; /* of the entry; "" where the folder is the one target */
    const char *path; /* of the entry, or of the one folder, with the root */
    int folder;       /* O_PATH descriptor of that folder; -1 where it is a file */
};

/* Constant data of the collector. */
struct survey_form {
    const char *collector; /* its name */
    enum survey_root root;
    /*
     * Below the root. Where it is not there the collector has no source on this machine. It may be
     * a file where the folder is the one target.
     */
    const char *folder;
    bool
        each; /* each entry is a target that is a folder or a link to one, else the folder is one */
    /* Optional, main loop: whether an entry is a target. Names that begin with a dot are none. */
    bool (*picks)(const struct collector_roots *roots, const char *name);
    /*
     * Mandatory, on a worker; touches nothing but what it is given. Trouble that it finds is told
     * by findings_trouble(), and costs nothing else.
     */
    void (*read)(const struct survey_target *target, struct findings *findings);
};

/*
 * For struct collector's slots. Opening gives -ENOENT where the folder is not there, sampling
 * -EOPNOTSUPP where it has no target or has gone.
 */
__attribute__((warn_unused_result)) int
survey_open(const struct survey_form *form, const struct collector_roots *roots, void **state);
int survey_sample(void *state, struct sink *sink);
void survey_close(void *state);

#endif
