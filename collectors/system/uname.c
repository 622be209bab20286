#include "collectors/system/uname.h"

#include <errno.h>
#include <stdlib.h>

static const struct metric info = {
    .name = "node_uname_info",
    .unit = "",
    .help = "Labeled system information as provided by the uname system call.",
    .kind = METRIC_GAUGE,
};

static int open_uname(const struct collector_roots *roots, void **out)
{
    struct uname_series *series = calloc(1, sizeof *series);

    (void)roots;
    if (series == NULL)
        return -ENOMEM;
    *out = series;
    return 0;
}

static void close_uname(void *opaque)
{
    free(opaque);
}

/* The bytes behind a name's NUL need not be the same. */
static bool are_equal(const struct utsname *a, const struct utsname *b)
{
    return strcmp(a->domainname, b->domainname) == 0 && strcmp(a->machine, b->machine) == 0 &&
           strcmp(a->nodename, b->nodename) == 0 && strcmp(a->release, b->release) == 0 &&
           strcmp(a->sysname, b->sysname) == 0 && strcmp(a->version, b->version) == 0;
}

void uname_write(struct uname_series *series, const struct utsname *names, struct sink *sink)
{
    const struct label labels[] = {
        {"domainname", names->domainname}, {"machine", names->machine},
        {"nodename", names->nodename},     {"release", names->release},
        {"sysname", names->sysname},       {"version", names->version},
    };

    if (!are_equal(&series->shown, names)) {
        sink_drop(sink, &series->info);
        series->shown = *names;
    }
    sink_put(sink, &series->info, &info, labels, sizeof labels / sizeof labels[0], 0, 1);
}

static int sample_uname(void *opaque, struct sink *sink)
{
    struct utsname names;

    if (uname(&names) < 0)
        return -errno;
    uname_write(opaque, &names, sink);
    return 0;
}

const struct collector uname_collector = {
    .name = "uname",
    .interval_ms = 60000,
    .open = open_uname,
    .sample = sample_uname,
    .close = close_uname,
};
