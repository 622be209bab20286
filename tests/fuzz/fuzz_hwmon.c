#include <math.h>
#include <string.h>

#include "collectors/system/hwmon_attribute.h"
#include "collectors/system/hwmon_chip.h"
#include "tests/fuzz/harness.h"

static void must_be_clean(const char *name)
{
    size_t length = strlen(name);

    must(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789:_") == length);
    must(length == 0 || name[0] != '_');
}

static void try_file(const char *name)
{
    struct hwmon_attribute attribute;
    struct hwmon_metric metric;

    if (!hwmon_parse_name(name, &attribute))
        return;
    for (int bare = 0; bare < 2; bare++) {
        if (!hwmon_describe(&attribute, bare != 0, &metric))
            continue;
        must(strncmp(metric.metric.name, "node_hwmon_", strlen("node_hwmon_")) == 0);
        must_be_clean(metric.metric.name);
        must(strlen(metric.metric.help) > 0 && metric.divisor > 0);
        must(!hwmon_is_sane(&metric, (double)NAN));
    }
}

/* A name of a file, a newline, and a path or a text of a driver. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scanner scanner = scanner_over((const char *)data, size);
    char clean[HWMON_NAME_MAX + 1], device[HWMON_CHIP_MAX];
    struct span name, rest;

    if (scan_part(&scanner, '\n', &name)) {
        char *copy = strndup(name.at, name.length);

        must(copy != NULL);
        try_file(copy);
        free(copy);
    }
    rest = (struct span){scanner.at, (size_t)(scanner.end - scanner.at)};
    hwmon_clean(rest, clean);
    must_be_clean(clean);
    hwmon_name_device(rest, device);
    must_be_clean(device);
    return 0;
}
