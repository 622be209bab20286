#include "collectors/system/zfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "collectors/procfs.h"
#include "collectors/survey.h"
#include "collectors/system/kstat.h"

#define ZFS_INTERVAL_MS 10000
/* More pools are left out, and told as -E2BIG. */
#define POOLS_MAX      256
#define NAME_BYTES     128
#define DATASET_PREFIX "objset-"

/* Lists of endings, and whether a name with one of them grows, or one without. */
struct growth {
    bool grows_with;
    const char *const *endings; /* NULL behind the last */
};

struct source {
    const char *file;
    const char *metrics; /* "arc": node_zfs_arc_… */
    const char *group;   /* in the help text: kstat.zfs.misc.GROUP.… */
    const struct growth *growth;
};

static const char *const none[] = {NULL};
static const char *const arc_counters[] = {"hits",        "misses",
                                           "_count",      "_error",
                                           "_errors",     "_feeds",
                                           "_clash",      "_skip",
                                           "_retry",      "_reading",
                                           "_sent",       "_done",
                                           "_lowmem",     "_bad",
                                           "_successes",  "_failures",
                                           "_zeros",      "_collisions",
                                           "_cached",     "_eligible",
                                           "_ineligible", "_eligible_mfu",
                                           "_l1cached",   "_eligible_mru",
                                           "_not_enough", "l2_io_error",
                                           "_on_write",   "_read_bytes",
                                           "mutex_miss",  "_write_bytes",
                                           "deleted",     "arc_prune",
                                           "_reads",      NULL};
static const char *const dbuf_counters[] = {"hits",         "misses",  "_collisions",
                                            "_insert_race", "_evicts", NULL};
static const char *const abd_counters[] = {"_retry", NULL};
static const char *const zfetch_gauges[] = {"io_active", NULL};
static const char *const xuio_gauges[] = {"onloan_read_buf", "onloan_write_buf", NULL};
static const char *const io_gauges[] = {"wupdate", "rupdate", "wcnt", "rcnt", NULL};

static const struct growth all_grow = {false, none};
static const struct growth arc_growth = {true, arc_counters};
static const struct growth dbuf_growth = {true, dbuf_counters};
static const struct growth abd_growth = {true, abd_counters};
static const struct growth zfetch_growth = {false, zfetch_gauges};
static const struct growth xuio_growth = {false, xuio_gauges};
static const struct growth io_growth = {false, io_gauges};

static const struct source sources[] = {
    {"abdstats", "abd", "abdstats", &abd_growth},
    {"arcstats", "arc", "arcstats", &arc_growth},
    {"dbufstats", "dbuf", "dbufstats", &dbuf_growth},
    {"dmu_tx", "dmu_tx", "dmu_tx", &all_grow},
    {"dnodestats", "dnode", "dnodestats", &all_grow},
    {"fm", "fm", "fm", &all_grow},
    {"vdev_cache_stats", "vdev_cache", "vdev_cache_stats", &all_grow},
    {"vdev_mirror_stats", "vdev_mirror", "vdev_mirror_stats", &all_grow},
    {"xuio_stats", "xuio", "xuio_stats", &xuio_growth},
    {"zfetchstats", "zfetch", "zfetchstats", &zfetch_growth},
    {"zil", "zil", "zil", &all_grow},
};
static const struct source pool_io = {"io", "zpool", "io", &io_growth};
static const struct source dataset_source = {"", "zpool_dataset", "objset", &all_grow};

static const char *const pool_states[] = {"online",  "degraded", "faulted",  "offline",
                                          "removed", "unavail",  "suspended"};
static const struct metric pool_state = {
    .name = "node_zfs_zpool_state",
    .unit = "",
    .help = "kstat.zfs.misc.state",
    .kind = METRIC_GAUGE,
};

/* What the values of a file are put into. */
struct reading {
    struct findings *findings;
    const struct source *source;
    struct label labels[2];
    size_t label_count;
    char dataset[PATH_MAX];
};

static bool ends_with_any(struct span name, const char *const *endings)
{
    for (; *endings != NULL; endings++) {
        if (span_ends_with(name, *endings))
            return true;
    }
    return false;
}

static const char *unit_of(struct span name)
{
    static const char *const endings[] = {"bytes", "size", "nread", "nwritten", NULL};

    return ends_with_any(name, endings) ? "bytes" : "";
}

/* The memory collector's two, which must not be declared twice. */
static bool is_of_memory(const struct source *source, struct span name)
{
    return source->growth == &arc_growth &&
           (span_equals(name, "size") || span_equals(name, "c_min"));
}

static void add_value(struct reading *reading, const struct kstat_value *value)
{
    const struct source *source = reading->source;
    struct span name = value->name;
    char metric_name[NAME_BYTES * 2];
    char help[NAME_BYTES * 2];
    const struct growth *growth = source->growth;
    const struct metric metric = {
        .name = metric_name,
        .unit = unit_of(name),
        .help = help,
        .kind = METRIC_UNTYPED,
        .cumulative = ends_with_any(name, growth->endings) == growth->grows_with,
    };

    if (name.length > NAME_BYTES) {
        findings_trouble(reading->findings, -EBADMSG);
        return;
    }
    snprintf(metric_name, sizeof metric_name, "node_zfs_%s_%.*s", source->metrics, (int)name.length,
             name.at);
    snprintf(help, sizeof help, "kstat.zfs.misc.%s.%.*s", source->group, (int)name.length, name.at);
    for (char *at = metric_name; *at != '\0'; at++) {
        if (*at == '-')
            *at = '_';
    }
    findings_add_made(reading->findings, &metric, reading->labels, reading->label_count,
                      value->number);
}

static void take_value(void *context, const struct kstat_value *value)
{
    struct reading *reading = context;

    if (value->is_number && !is_of_memory(reading->source, value->name))
        add_value(reading, value);
}

/* Its name stands before its values. */
static void take_dataset_value(void *context, const struct kstat_value *value)
{
    struct reading *reading = context;

    if (span_equals(value->name, "dataset_name"))
        snprintf(reading->dataset, sizeof reading->dataset, "%.*s", (int)value->text.length,
                 value->text.at);
    else if (*reading->dataset != '\0')
        take_value(reading, value);
}

typedef int kstat_parser(const char *text, size_t length, kstat_take *take, void *context);

static void read_file(struct reading *reading, const char *folder, const char *name,
                      kstat_parser *parser, kstat_take *take)
{
    struct procfs_file file;
    const char *text;
    size_t length;
    int result = procfs_read_once(&file, folder, name, &text, &length);

    if (result == 0)
        result = parser(text, length, take, reading);
    procfs_close(&file);
    findings_trouble(reading->findings, result);
}

static struct span first_word(const char *text, size_t length)
{
    struct scanner scanner = scanner_over(text, length);
    struct span word = {text, 0};

    scan_blanks(&scanner);
    (void)!scan_word(&scanner, &word);
    return word;
}

static void read_state(struct findings *findings, const char *folder, const char *pool)
{
    struct procfs_file file;
    const char *text;
    size_t length;
    int result = procfs_read_once(&file, folder, "state", &text, &length);

    for (size_t index = 0; result == 0 && index < sizeof pool_states / sizeof pool_states[0];
         index++) {
        const char *state = pool_states[index];
        struct span word = first_word(text, length);
        const struct label labels[] = {{"state", state}, {"zpool", pool}};
        bool is_it = word.length == strlen(state) && strncasecmp(word.at, state, word.length) == 0;

        findings_add(findings, &pool_state, labels, 2, is_it);
    }
    procfs_close(&file);
    findings_trouble(findings, result);
}

static void read_datasets(struct findings *findings, const char *folder, const char *pool)
{
    DIR *listing = opendir(folder);
    const struct dirent *found;

    if (listing == NULL) {
        findings_trouble(findings, -errno);
        return;
    }
    while (findings->count < FINDINGS_MAX && (found = readdir(listing)) != NULL) {
        struct reading reading = {
            .findings = findings, .source = &dataset_source, .label_count = 2};

        if (strncmp(found->d_name, DATASET_PREFIX, strlen(DATASET_PREFIX)) != 0)
            continue;
        reading.labels[0] = (struct label){"dataset", reading.dataset};
        reading.labels[1] = (struct label){"zpool", pool};
        read_file(&reading, folder, found->d_name, kstat_parse, take_dataset_value);
    }
    if (findings->count >= FINDINGS_MAX)
        findings_trouble(findings, -E2BIG);
    closedir(listing);
}

static void read_pool(struct findings *findings, const char *folder, const char *pool)
{
    struct reading reading = {
        .findings = findings, .source = &pool_io, .labels = {{"zpool", pool}}, .label_count = 1};

    read_state(findings, folder, pool);
    read_file(&reading, folder, pool_io.file, kstat_parse_io, take_value);
}

/* Folders are pools. The data sets, which can be many, come when all else has been read. */
static void read_pools(const struct survey_target *target, struct findings *findings,
                       void (*read)(struct findings *findings, const char *folder,
                                    const char *pool))
{
    DIR *listing = opendir(target->path);
    const struct dirent *found;
    size_t count = 0;

    if (listing == NULL) {
        findings_trouble(findings, -errno);
        return;
    }
    while ((found = readdir(listing)) != NULL) {
        char path[PATH_MAX];

        if (found->d_type != DT_DIR || *found->d_name == '.')
            continue;
        if (count++ >= POOLS_MAX) {
            findings_trouble(findings, -E2BIG);
            break;
        }
        if (snprintf(path, sizeof path, "%s/%s", target->path, found->d_name) < (int)sizeof path)
            read(findings, path, found->d_name);
    }
    closedir(listing);
}

static void read_zfs(const struct survey_target *target, struct findings *findings)
{
    for (size_t index = 0; index < sizeof sources / sizeof sources[0]; index++) {
        struct reading reading = {.findings = findings, .source = &sources[index]};

        read_file(&reading, target->path, sources[index].file, kstat_parse, take_value);
    }
    read_pools(target, findings, read_pool);
    read_pools(target, findings, read_datasets);
}

static const struct survey_form form = {
    .collector = "zfs",
    .root = SURVEY_PROCFS,
    .folder = "spl/kstat/zfs",
    .read = read_zfs,
};

static int open_zfs(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector zfs_collector = {
    .name = "zfs",
    .interval_ms = ZFS_INTERVAL_MS,
    .open = open_zfs,
    .sample = survey_sample,
    .close = survey_close,
};
