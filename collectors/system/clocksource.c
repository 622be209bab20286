#include "collectors/system/clocksource.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/roster.h"
#include "collectors/sysfs.h"

#define FOLDER            "devices/system/clocksource"
#define DEVICE_DIGITS_MAX 9
/* What the kernel gives at most where pages have 4 KiB. */
#define ATTRIBUTE_BYTES 4096

static const struct metric available_info = {
    .name = "node_time_clocksource_available_info",
    .unit = "",
    .help = "Available clocksources read from '/sys/devices/system/clocksource'.",
    .kind = METRIC_GAUGE,
};

static const struct metric current_info = {
    .name = "node_time_clocksource_current_info",
    .unit = "",
    .help = "Current clocksource read from '/sys/devices/system/clocksource'.",
    .kind = METRIC_GAUGE,
};

/* A clock of a device: its key is "0/tsc". */
struct clock {
    struct roster_key key;
    bool is_available, is_current;
    struct sink_series available, current;
};

struct clocksource_state {
    char *path;
    struct roster clocks;
};

int clocksource_parse(const char *text, size_t length, struct clocksource_names *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct clocksource_names found = {.count = 0};
    struct span name;

    scan_blanks(&scanner);
    while (scan_word(&scanner, &name)) {
        if (name.length > CLOCKSOURCE_NAME_MAX || !roster_accepts(name))
            return -EBADMSG;
        if (found.count == CLOCKSOURCES_MAX)
            return -E2BIG;
        found.names[found.count++] = name;
        scan_blanks(&scanner);
    }
    if (!scan_is_done(&scanner))
        return -EBADMSG;
    *out = found;
    return 0;
}

static void close_clocksource(void *opaque)
{
    struct clocksource_state *state = opaque;

    if (state == NULL)
        return;
    roster_finish(&state->clocks);
    free(state->path);
    free(state);
}

static int open_clocksource(const struct collector_roots *roots, void **out)
{
    struct clocksource_state *state = calloc(1, sizeof *state);
    size_t size = strlen(roots->sysfs) + sizeof "/" FOLDER;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->clocks, sizeof(struct clock));
    state->path = malloc(size);
    if (state->path == NULL) {
        close_clocksource(state);
        return -ENOMEM;
    }
    snprintf(state->path, size, "%s/" FOLDER, roots->sysfs);
    if (access(state->path, X_OK) < 0) {
        int error = errno;

        close_clocksource(state);
        return -error;
    }
    *out = state;
    return 0;
}

/* The words of one of a device's two attributes; they stay in the buffer. */
static int read_names(int folder, const char *device_folder, const char *attribute, char *buffer,
                      struct clocksource_names *out)
{
    char path[NAME_MAX + sizeof "/available_clocksource"];
    struct span text;
    int result;

    snprintf(path, sizeof path, "%s/%s", device_folder, attribute);
    result = sysfs_read(folder, path, buffer, ATTRIBUTE_BYTES, &text);
    return result < 0 ? result : clocksource_parse(text.at, text.length, out);
}

static struct clock *take_clock(struct clocksource_state *state, struct span device,
                                struct span name)
{
    char key[DEVICE_DIGITS_MAX + 1 + CLOCKSOURCE_NAME_MAX + 1];
    int length = snprintf(key, sizeof key, "%.*s/%.*s", (int)device.length, device.at,
                          (int)name.length, name.at);

    return roster_take(&state->clocks, (struct span){key, (size_t)length});
}

static int take_device(struct clocksource_state *state, int folder, const char *device_folder,
                       struct span device)
{
    char buffer[ATTRIBUTE_BYTES];
    struct clocksource_names names;
    struct clock *clock;
    int result = read_names(folder, device_folder, "available_clocksource", buffer, &names);

    if (result < 0)
        return result;
    for (size_t index = 0; index < names.count; index++) {
        clock = take_clock(state, device, names.names[index]);
        if (clock == NULL)
            return -ENOMEM;
        clock->is_available = true;
    }
    result = read_names(folder, device_folder, "current_clocksource", buffer, &names);
    if (result < 0)
        return result;
    if (names.count != 1)
        return -EBADMSG;
    clock = take_clock(state, device, names.names[0]);
    if (clock == NULL)
        return -ENOMEM;
    clock->is_current = true;
    return 0;
}

/* The digits of "clocksource0"; what else is in the folder has none. */
static bool find_device(const char *name, struct span *out)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    uint64_t number;

    if (!scan_literal(&scanner, "clocksource"))
        return false;
    *out = (struct span){scanner.at, (size_t)(scanner.end - scanner.at)};
    return out->length <= DEVICE_DIGITS_MAX && scan_u64(&scanner, &number) &&
           scan_is_done(&scanner);
}

static int take_devices(struct clocksource_state *state, DIR *folder)
{
    struct dirent *entry;
    struct span device;

    while (errno = 0, (entry = readdir(folder)) != NULL) {
        int result = 0;

        if (find_device(entry->d_name, &device))
            result = take_device(state, dirfd(folder), entry->d_name, device);
        if (result < 0)
            return result;
    }
    return -errno;
}

static void begin(struct roster *clocks)
{
    struct clock *items = clocks->items;

    roster_begin(clocks);
    for (size_t index = 0; index < clocks->count; index++)
        items[index].is_available = items[index].is_current = false;
}

static void on_gone(void *item, struct sink *sink)
{
    struct clock *clock = item;

    sink_drop(sink, &clock->available);
    sink_drop(sink, &clock->current);
}

static void write_info(struct clock *clock, bool is_so, struct sink_series *series,
                       const struct metric *metric, struct sink *sink)
{
    const char *slash = strchr(clock->key.name, '/');
    char device[DEVICE_DIGITS_MAX + 1];
    const struct label labels[] = {{"clocksource", slash + 1}, {"device", device}};

    if (!is_so) {
        sink_drop(sink, series);
        return;
    }
    snprintf(device, sizeof device, "%.*s", (int)(slash - clock->key.name), clock->key.name);
    sink_put(sink, series, metric, labels, 2, 0, 1);
}

static int sample_clocksource(void *opaque, struct sink *sink)
{
    struct clocksource_state *state = opaque;
    DIR *folder = opendir(state->path);
    struct clock *clocks;
    int result;

    if (folder == NULL)
        return -errno;
    begin(&state->clocks);
    result = take_devices(state, folder);
    closedir(folder);
    if (result < 0)
        return result;
    roster_sweep(&state->clocks, on_gone, sink);
    clocks = state->clocks.items;
    for (size_t index = 0; index < state->clocks.count; index++) {
        struct clock *clock = &clocks[index];

        write_info(clock, clock->is_available, &clock->available, &available_info, sink);
        write_info(clock, clock->is_current, &clock->current, &current_info, sink);
    }
    return 0;
}

const struct collector clocksource_collector = {
    .name = "clocksource",
    .exporter_name = "time",
    .interval_ms = 60000,
    .open = open_clocksource,
    .sample = sample_clocksource,
    .close = close_clocksource,
};
