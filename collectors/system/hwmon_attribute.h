/*
 * What the attributes of a sensor chip are: which sensor, which metric, in which unit. As
 * Documentation/hwmon/sysfs-interface.rst has them, and named as node_exporter names them. Pure.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_HWMON_ATTRIBUTE_H
#define TACHO_COLLECTORS_SYSTEM_HWMON_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/* A name, sensor or property that is longer is none. */
#define HWMON_NAME_MAX 63

/* Of the file "temp1_crit_alarm": temp, 1, crit_alarm. */
struct hwmon_attribute {
    const char *type;                  /* constant data */
    unsigned number;                   /* 0 where the file's name has none, as "temp" has */
    char property[HWMON_NAME_MAX + 1]; /* "" where there is none, as "pwm1" has */
};

/* A metric with the memory of its texts. */
struct hwmon_metric {
    struct metric metric; /* its texts are constant, or below */
    char name[32 + 2 * HWMON_NAME_MAX];
    char help[160 + 2 * HWMON_NAME_MAX];
    double divisor; /* the attribute's number divided by it is the value */
    /* What the value can be. Beyond that it says that the sensor or the limit is not there. */
    double least, most;
};

/* Splits a file's name. False where it is no sensor's. */
bool hwmon_parse_name(const char *name, struct hwmon_attribute *out);

/*
 * In the characters that node_exporter has in names: lower case, '_' for others, none at the ends.
 * "" where nothing is left; what is longer than fits is cut.
 */
void hwmon_clean(struct span text, char out[HWMON_NAME_MAX + 1]);

/*
 * The metric that an attribute with a number is of; `bare` where its sensor also has one without a
 * property. False where it is of none: a text, and frequencies, which hwmon_frequency is for.
 */
bool hwmon_describe(const struct hwmon_attribute *attribute, bool bare, struct hwmon_metric *out);

/* Of the property "input" of a "freq" whose sensor has a label. */
extern const struct metric hwmon_frequency;
#define HWMON_FREQUENCY_DIVISOR 1e6

/* Whether a value is one that the metric can have. */
static inline bool hwmon_is_sane(const struct hwmon_metric *metric, double value)
{
    return value >= metric->least && value <= metric->most;
}

#endif
