#include "collectors/system/textfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/application/exposition.h"
#include "collectors/array.h"
#include "collectors/survey.h"

#define PIECE_BYTES 16384

static const struct metric mtime = {
    .name = "node_textfile_mtime_seconds",
    .unit = "seconds",
    .help = "Unixtime mtime of textfiles successfully read.",
    .kind = METRIC_GAUGE,
};
static const struct metric scrape_error = {
    .name = "node_textfile_scrape_error",
    .unit = "",
    .help = "1 if there was an error opening or reading a file, 0 otherwise",
    .kind = METRIC_GAUGE,
};
static const struct metric file_error = {
    .name = "tacho_textfile_error",
    .unit = "",
    .help = "1 for a text file that could not be read or understood; there only then.",
    .kind = METRIC_GAUGE,
};

/* --- one file --- */

struct reading {
    struct findings *findings;
    struct exposition exposition;
    struct exposition_series series;
    const char *help; /* of samples without one */
    int result;       /* 0, or the first -errno */
};

static int compare_labels(const void *left, const void *right)
{
    const struct label *a = left, *b = right;

    return strcmp(a->key, b->key);
}

/* However the labels are ordered, it is one series: a finding is told by them in their order. */
static void on_sample(void *arg, const struct exposition_sample *sample)
{
    struct reading *reading = arg;
    struct exposition_series *series = &reading->series;

    if (reading->result == 0)
        reading->result =
            sample->is_timed ? -EBADMSG : exposition_describe(&reading->exposition, sample, series);
    if (reading->result < 0)
        return;
    qsort(series->labels, series->label_count, sizeof series->labels[0], compare_labels);
    if (*series->metric.help == '\0')
        series->metric.help = reading->help;
    /* Its unit is constant, since the text format has no line that tells one. */
    findings_add_made_flagged(reading->findings, &series->metric, series->labels,
                              series->label_count, SERIES_APPLICATION | SERIES_TEXTFILE,
                              sample->value);
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    struct reading *reading = arg;

    (void)line;
    if (reading->result == 0)
        reading->result = fault == EXPOSITION_TOO_LONG ? -E2BIG : -EBADMSG;
}

static const struct exposition_visitor visitor = {on_sample, on_wrong};

/* The last line needs its newline: without it more was to come. */
static int feed(struct reading *reading, int fd)
{
    char piece[PIECE_BYTES];
    char last = '\n';
    off_t total = 0;
    ssize_t got;

    while (reading->result == 0 && (got = read(fd, piece, sizeof piece)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        total += got;
        if (total > TEXTFILE_BYTES_MAX)
            return -E2BIG;
        exposition_feed(&reading->exposition, piece, (size_t)got);
        last = piece[got - 1];
    }
    if (reading->result < 0)
        return reading->result;
    return last == '\n' ? exposition_end(&reading->exposition) : -EBADMSG;
}

static int read_text(int fd, const char *path, struct findings *findings)
{
    char help[PATH_MAX + 32];
    struct reading reading = {.findings = findings, .help = help};
    int result;

    snprintf(help, sizeof help, "Metric read from %s", path);
    exposition_init(&reading.exposition, EXPOSITION_TEXT, &visitor, &reading);
    result = feed(&reading, fd);
    exposition_finish(&reading.exposition);
    exposition_series_finish(&reading.series);
    return result;
}

/* What may be opened without waiting for anybody, such as the other end of a FIFO. */
static int read_open(int fd, const char *path, struct findings *findings)
{
    const struct label label = {"file", path};
    struct findings_mark mark;
    struct stat status;
    int result;

    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    mark = findings_mark(findings);
    result = read_text(fd, path, findings);
    if (result == 0)
        findings_add(findings, &mtime, &label, 1, (double)status.st_mtim.tv_sec);
    if (result == 0)
        result = findings->trouble;
    findings_end_part(findings, &mark, result == 0);
    return result;
}

static int read_file(const char *path, struct findings *findings)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    int result;

    if (fd < 0) {
        result = -errno;
        /* It went meanwhile, unless it is a link to nothing. */
        return result == -ENOENT && lstat(path, &status) < 0 ? 0 : result;
    }
    result = read_open(fd, path, findings);
    close(fd);
    return result;
}

/* --- the folder --- */

struct names {
    char **items;
    size_t count;
    size_t capacity;
};

static void names_finish(struct names *names)
{
    for (size_t index = 0; index < names->count; index++)
        free(names->items[index]);
    free(names->items);
}

static int names_add(struct names *names, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    char **items;

    if (names->count >= TEXTFILE_FILES_MAX)
        return -E2BIG;
    items = array_reserve(names->items, &names->capacity, names->count + 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    names->items = items;
    if (asprintf(&items[names->count], "%s%s%s", folder, slash, name) < 0)
        return -ENOMEM;
    names->count++;
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

/* In an order that stays, since of two samples of one series the first one counts. */
static int list(const char *folder, struct names *names)
{
    DIR *listing = opendir(folder);
    const struct dirent *found;
    int result = 0;

    if (listing == NULL)
        return -errno;
    while (result == 0 && (errno = 0, (found = readdir(listing)) != NULL)) {
        const struct span name = {found->d_name, strlen(found->d_name)};

        if (span_ends_with(name, ".prom"))
            result = names_add(names, folder, found->d_name);
    }
    if (result == 0)
        result = -errno;
    closedir(listing);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    return result;
}

/* Whether all is well. */
static bool read_folder(const char *folder, struct findings *findings)
{
    struct names names = {0};
    int listed = list(folder, &names);
    bool good = listed == 0;

    findings_trouble(findings, listed);
    for (size_t index = 0; index < names.count; index++) {
        const struct label label = {"file", names.items[index]};
        int result = read_file(label.value, findings);

        if (result == 0)
            continue;
        good = false;
        findings_add(findings, &file_error, &label, 1, 1);
    }
    names_finish(&names);
    return good;
}

static void read_textfiles(const struct survey_target *target, struct findings *findings)
{
    const char *folder = target->roots.textfiles;

    /* It is the first one, so that there is room for it whatever the files say. */
    findings_add(findings, &scrape_error, NULL, 0, 0);
    if (folder != NULL && findings->count == 1)
        findings->items[0].value = !read_folder(folder, findings);
}

/* Without a folder too: then nothing is wrong with it. */
static const struct survey_form form = {
    .collector = "textfile", .root = SURVEY_ROOTFS, .folder = ".", .read = read_textfiles};

static int open_textfile(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector textfile_collector = {
    .name = "textfile",
    .interval_ms = 10000,
    .open = open_textfile,
    .sample = survey_sample,
    .close = survey_close,
};
