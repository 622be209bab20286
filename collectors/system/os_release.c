#include "collectors/system/os_release.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/number.h"
#include "collectors/parse.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"

static const struct metric info = {
    .name = "node_os_info",
    .unit = "",
    .help = "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, "
            "image_version, name, pretty_name, variant, variant_id, version, version_codename, "
            "version_id.",
    .kind = METRIC_GAUGE,
};
static const struct metric version = {
    .name = "node_os_version",
    .unit = "",
    .help = "Metric containing the major.minor part of the OS version.",
    .kind = METRIC_GAUGE,
};
static const struct metric support_end = {
    .name = "node_os_support_end_timestamp_seconds",
    .unit = "seconds",
    .help = "Metric containing the end-of-life date timestamp of the OS.",
    .kind = METRIC_GAUGE,
};

static const struct {
    const char *key, *label; /* no label: none of node_os_info */
} keys[OS_RELEASE_KEYS] = {
    [OS_RELEASE_BUILD_ID] = {"BUILD_ID", "build_id"},
    [OS_RELEASE_ID] = {"ID", "id"},
    [OS_RELEASE_ID_LIKE] = {"ID_LIKE", "id_like"},
    [OS_RELEASE_IMAGE_ID] = {"IMAGE_ID", "image_id"},
    [OS_RELEASE_IMAGE_VERSION] = {"IMAGE_VERSION", "image_version"},
    [OS_RELEASE_NAME] = {"NAME", "name"},
    [OS_RELEASE_PRETTY_NAME] = {"PRETTY_NAME", "pretty_name"},
    [OS_RELEASE_VARIANT] = {"VARIANT", "variant"},
    [OS_RELEASE_VARIANT_ID] = {"VARIANT_ID", "variant_id"},
    [OS_RELEASE_VERSION] = {"VERSION", "version"},
    [OS_RELEASE_VERSION_CODENAME] = {"VERSION_CODENAME", "version_codename"},
    [OS_RELEASE_VERSION_ID] = {"VERSION_ID", "version_id"},
    [OS_RELEASE_SUPPORT_END] = {"SUPPORT_END", NULL},
};

/* --- the text --- */

static void clear(struct os_release *out)
{
    for (size_t key = 0; key < OS_RELEASE_KEYS; key++)
        out->values[key] = "";
}

/*
 * A value as a shell takes it: quoted or plain parts behind each other, in which a backslash takes
 * what follows for itself, but between ' quotes. It is written to *out, and *out moved behind it.
 */
static bool scan_value(struct scanner *line, char **out)
{
    char *at = *out;
    char quote = '\0';

    for (; line->at < line->end; line->at++) {
        char c = *line->at;

        if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote != '\0' ? '\0' : c;
            continue;
        }
        if (quote == '\0' && char_is_blank(c))
            break;
        if (c == '\\' && quote != '\'' && ++line->at == line->end)
            return false;
        if (*line->at == '\0')
            return false;
        *at++ = *line->at;
    }
    *out = at;
    return quote == '\0';
}

/* Of a line that sets a key that is not wanted too; *key then is OS_RELEASE_KEYS. */
static bool scan_key(struct scanner *line, enum os_release_key *key)
{
    struct span name;
    size_t found = 0;

    if (!scan_until(line, '=', &name) || name.length == 0)
        return false;
    while (found < OS_RELEASE_KEYS && !span_equals(name, keys[found].key))
        found++;
    *key = (enum os_release_key)found;
    return true;
}

static bool take_line(struct scanner line, struct os_release *out, char **room)
{
    char *start = *room;
    enum os_release_key key;

    scan_blanks(&line);
    if (scan_is_done(&line) || *line.at == '#')
        return true;
    if (!scan_key(&line, &key) || !scan_value(&line, room))
        return false;
    scan_blanks(&line);
    if (!scan_is_done(&line) && *line.at != '#') {
        *room = start;
        return false;
    }
    if (key == OS_RELEASE_KEYS) {
        *room = start;
        return true;
    }
    *(*room)++ = '\0';
    out->values[key] = start;
    return true;
}

/* A value is shorter than its line, which has the '=' too, so that there is room for its NUL. */
int os_release_parse(const char *text, size_t length, struct os_release *out)
{
    struct scanner scanner = scanner_over(text, length), line;
    char *room = out->text;
    int result = 0;

    clear(out);
    if (length > OS_RELEASE_FILE_MAX)
        return -E2BIG;
    while (scan_line(&scanner, &line)) {
        if (!take_line(line, out, &room))
            result = -EBADMSG;
    }
    return result;
}

int os_release_parse_version(const char *text, double *out)
{
    size_t length = strspn(text, "0123456789");

    if (length == 0)
        return -EBADMSG;
    if (text[length] == '.' && char_is_digit(text[length + 1]))
        length += 1 + strspn(text + length + 1, "0123456789");
    return number_parse(text, length, out);
}

static bool scan_digits(struct scanner *scanner, size_t count, int64_t *out)
{
    const char *start = scanner->at;
    uint64_t value;

    if (!scan_u64(scanner, &value) || (size_t)(scanner->at - start) != count)
        return false;
    *out = (int64_t)value;
    return true;
}

/* Of the proleptic Gregorian calendar, counted in years that begin in March. */
static int64_t days_until(int64_t year, int64_t month, int64_t day)
{
    int64_t years = month > 2 ? year : year - 1;
    int64_t months = month > 2 ? month - 3 : month + 9;

    return years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1;
}

int os_release_parse_date(const char *text, double *out)
{
    static const int64_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct scanner scanner = scanner_over(text, strlen(text));
    int64_t year, month, day;
    bool is_leap;

    if (!scan_digits(&scanner, 4, &year) || !scan_char(&scanner, '-') ||
        !scan_digits(&scanner, 2, &month) || !scan_char(&scanner, '-') ||
        !scan_digits(&scanner, 2, &day) || !scan_is_done(&scanner) || year < 1 || month < 1 ||
        month > 12 || day < 1)
        return -EBADMSG;
    is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (month == 2 && is_leap))
        return -EBADMSG;
    *out = (double)((days_until(year, month, day) - days_until(1970, 1, 1)) * 86400);
    return 0;
}

/* --- the file --- */

/* The latter where the former is not. */
static const char *const names[] = {"etc/os-release", "usr/lib/os-release"};

static int read_one(const char *rootfs, const char *name, struct os_release *out)
{
    char buffer[OS_RELEASE_FILE_MAX + 1];
    struct span text;
    char *path;
    int result;

    if (asprintf(&path, "%s/%s", rootfs, name) < 0)
        return -ENOMEM;
    result = sysfs_read(AT_FDCWD, path, buffer, sizeof buffer, &text);
    free(path);
    return result < 0 ? result : os_release_parse(text.at, text.length, out);
}

int os_release_read(const char *rootfs, struct os_release *out)
{
    int result = -ENOENT;

    clear(out);
    for (size_t index = 0; result == -ENOENT && index < sizeof names / sizeof names[0]; index++)
        result = read_one(rootfs, names[index], out);
    return result;
}

/* --- the series --- */

static void tell_info(const struct os_release *release, struct findings *findings)
{
    struct label labels[OS_RELEASE_KEYS];
    size_t count = 0;

    for (size_t key = 0; key < OS_RELEASE_KEYS; key++) {
        if (keys[key].label != NULL)
            labels[count++] = (struct label){keys[key].label, release->values[key]};
    }
    findings_add(findings, &info, labels, count, 1);
}

static void tell(const struct os_release *release, struct findings *findings)
{
    const struct label labels[] = {
        {"id", release->values[OS_RELEASE_ID]},
        {"id_like", release->values[OS_RELEASE_ID_LIKE]},
        {"name", release->values[OS_RELEASE_NAME]},
    };
    const char *date = release->values[OS_RELEASE_SUPPORT_END];
    double value;
    int result;

    tell_info(release, findings);
    /* Rolling releases have none. */
    if (os_release_parse_version(release->values[OS_RELEASE_VERSION_ID], &value) == 0 && value > 0)
        findings_add(findings, &version, labels, sizeof labels / sizeof labels[0], value);
    if (*date == '\0')
        return;
    result = os_release_parse_date(date, &value);
    findings_trouble(findings, result);
    if (result == 0)
        findings_add(findings, &support_end, NULL, 0, value);
}

static void read_os_release(const struct survey_target *target, struct findings *findings)
{
    struct os_release *release = malloc(sizeof *release);
    int result = release != NULL ? os_release_read(target->roots.rootfs, release) : -ENOMEM;

    findings_trouble(findings, result);
    if (result == 0 || result == -EBADMSG)
        tell(release, findings);
    free(release);
}

static const struct survey_form form = {
    .collector = "os_release", .root = SURVEY_ROOTFS, .folder = ".", .read = read_os_release};

static int open_os_release(const struct collector_roots *roots, void **state)
{
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        char *path;
        bool exists;

        if (asprintf(&path, "%s/%s", roots->rootfs, names[index]) < 0)
            return -ENOMEM;
        exists = access(path, F_OK) == 0 || errno != ENOENT;
        free(path);
        if (exists)
            return survey_open(&form, roots, state);
    }
    return -ENOENT;
}

const struct collector os_release_collector = {
    .name = "os_release",
    .exporter_name = "os",
    .interval_ms = 60000,
    .open = open_os_release,
    .sample = survey_sample,
    .close = survey_close,
};
