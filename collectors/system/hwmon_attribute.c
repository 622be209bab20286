#include "collectors/system/hwmon_attribute.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct metric hwmon_frequency = {
    .name = "node_hwmon_freq_freq_mhz",
    .unit = "megahertz",
    .help = "Hardware monitor for GPU frequency in MHz",
    .kind = METRIC_GAUGE,
};

/*
 * How the attributes of a type, or one of its properties, are told. The first row that fits counts;
 * the help's %1$s is the property, %2$s the type.
 */
struct rule {
    const char *type;     /* NULL: any */
    const char *property; /* NULL: any */
    const char *ending;   /* of the metric's name, behind the type and the property */
    const char *unit;
    const char *help;
    double divisor;
    double least, most; /* of the value */
};

/*
 * No limits, and what no machine has: temperatures below absolute zero or of molten metal, as
 * drives without a limit say 65261.85; fans of a million revolutions, as a stopped one's smallest
 * count is; and what a register of ones is in watts. Limits are generous: what is odd is shown.
 */
#define ANY     -INFINITY, INFINITY
#define CELSIUS -273.15, 1000
#define VOLTS   -10000, 10000
#define AMPERES -100000, 100000
#define WATTS   -1e6, 1e6
#define RPM     0, 200000

/* clang-format off */
static const struct rule rules[] = {
    {"beep_enable", "", "", "", "Hardware beep enabled", 1, ANY},
    {"vrm", "", "", "", "Hardware voltage regulator", 1, ANY},
    {"update_interval", "", "", "seconds", "Hardware monitor update interval", 1000, ANY},
    {NULL, "fault", "", "", "Hardware sensor %1$s status (%2$s)", 1, ANY},
    {NULL, "alarm", "", "", "Hardware sensor %1$s status (%2$s)", 1, ANY},
    {NULL, "beep", "_enabled", "", "Hardware monitor sensor has beeping enabled", 1, ANY},
    {"in", NULL, "_volts", "volts", "Hardware monitor for voltage (%1$s)", 1000, VOLTS},
    {"cpu", NULL, "_volts", "volts", "Hardware monitor for voltage (%1$s)", 1000, VOLTS},
    {"temp", "type", "", "", "Hardware monitor %2$s element %1$s", 1, ANY},
    {"temp", NULL, "_celsius", "celsius", "Hardware monitor for temperature (%1$s)", 1000, CELSIUS},
    {"curr", NULL, "_amps", "amperes", "Hardware monitor for current (%1$s)", 1000, AMPERES},
    {"energy", NULL, "_joule_total", "joules",
     "Hardware monitor for joules used so far (%1$s)", 1e6, 0, INFINITY},
    {"power", "accuracy", "", "ratio",
     "Hardware monitor power meter accuracy, as a ratio", 1e6, ANY},
    {"power", "average_interval", "_seconds", "seconds",
     "Hardware monitor power usage update interval (%1$s)", 1000, ANY},
    {"power", "average_interval_min", "_seconds", "seconds",
     "Hardware monitor power usage update interval (%1$s)", 1000, ANY},
    {"power", "average_interval_max", "_seconds", "seconds",
     "Hardware monitor power usage update interval (%1$s)", 1000, ANY},
    {"power", NULL, "_watt", "watts",
     "Hardware monitor for power usage in watts (%1$s)", 1e6, WATTS},
    {"humidity", NULL, "", "ratio",
     "Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a "
     "percentage) (%1$s)", 1e6, 0, 1},
    {"fan", "input", "_rpm", "", "Hardware monitor for fan revolutions per minute (%1$s)", 1, RPM},
    {"fan", "min", "_rpm", "", "Hardware monitor for fan revolutions per minute (%1$s)", 1, RPM},
    {"fan", "max", "_rpm", "", "Hardware monitor for fan revolutions per minute (%1$s)", 1, RPM},
    {"fan", "target", "_rpm", "", "Hardware monitor for fan revolutions per minute (%1$s)", 1, RPM},
    {NULL, NULL, "", "", "Hardware monitor %2$s element %1$s", 1, ANY},
};

/* What sensors are of; the name of what node_exporter tells of without the type. */
static const struct {
    const char *type;
    const char *name; /* NULL: from the type and the property */
} types[] = {
    {"beep_enable", "node_hwmon_beep_enabled"},
    {"cpu", NULL},
    {"curr", NULL},
    {"energy", NULL},
    {"fan", NULL},
    {"freq", NULL},
    {"humidity", NULL},
    {"in", NULL},
    {"intrusion", NULL},
    {"power", NULL},
    {"pwm", NULL},
    {"temp", NULL},
    {"update_interval", "node_hwmon_update_interval_seconds"},
    {"vrm", "node_hwmon_voltage_regulator_version"},
};
/* clang-format on */

#define TYPES (sizeof types / sizeof types[0])

static const char *known_type(struct span text)
{
    for (size_t index = 0; index < TYPES; index++) {
        if (span_equals(text, types[index].type))
            return types[index].type;
    }
    return NULL;
}

/* The type is all that stands before the first digit. */
bool hwmon_parse_name(const char *name, struct hwmon_attribute *out)
{
    size_t before = strcspn(name, "0123456789");
    struct scanner scanner = scanner_over(name + before, strlen(name + before));
    struct hwmon_attribute attribute = {.type = known_type((struct span){name, before})};
    uint64_t number = 0;
    size_t left;

    if (attribute.type == NULL)
        return false;
    if (!scan_is_done(&scanner) && (!scan_u64(&scanner, &number) || number > 9999))
        return false;
    attribute.number = (unsigned)number;
    if (!scan_is_done(&scanner)) {
        left = (size_t)(scanner.end - scanner.at);
        if (!scan_char(&scanner, '_') || left < 2 || left - 1 > HWMON_NAME_MAX)
            return false;
        memcpy(attribute.property, scanner.at, left - 1);
    }
    *out = attribute;
    return true;
}

static char clean(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || char_is_digit(c) || c == ':' ? c : '_';
}

void hwmon_clean(struct span text, char out[HWMON_NAME_MAX + 1])
{
    size_t length = 0;

    for (size_t index = 0; index < text.length && length < HWMON_NAME_MAX; index++) {
        char c = clean(text.at[index]);

        if (c != '_' || length > 0)
            out[length++] = c;
    }
    while (length > 0 && out[length - 1] == '_')
        length--;
    out[length] = '\0';
}

static const struct rule *find_rule(const struct hwmon_attribute *attribute)
{
    const struct rule *rule = rules;

    while ((rule->type != NULL && strcmp(rule->type, attribute->type) != 0) ||
           (rule->property != NULL && strcmp(rule->property, attribute->property) != 0))
        rule++;
    return rule;
}

static const char *whole_name(const char *type)
{
    size_t index = 0;

    while (strcmp(types[index].type, type) != 0)
        index++;
    return types[index].name;
}

/* The property "input" is the value itself, unless that has a file of its own. */
static void make_name(const struct hwmon_attribute *attribute, bool bare, const struct rule *rule,
                      struct hwmon_metric *out)
{
    bool input = strcmp(attribute->property, "input") == 0;
    char property[HWMON_NAME_MAX + 1];

    hwmon_clean((struct span){attribute->property, strlen(attribute->property)}, property);
    if (*attribute->property == '\0' || (input && !bare))
        snprintf(out->name, sizeof out->name, "node_hwmon_%s%s", attribute->type, rule->ending);
    else
        snprintf(out->name, sizeof out->name, "node_hwmon_%s_%s%s", attribute->type, property,
                 rule->ending);
}

/* Puts the property and the type in place of the %1$s and %2$s of a help. */
static void make_help(const struct hwmon_attribute *attribute, const struct rule *rule,
                      struct hwmon_metric *out)
{
    bool value = *attribute->property == '\0' && strcmp(attribute->type, "temp") == 0;
    const char *texts[] = {value ? "input" : attribute->property, attribute->type};
    size_t length = 0;

    for (const char *at = rule->help; *at != '\0' && length < sizeof out->help - 1;) {
        if (*at != '%') {
            out->help[length++] = *at++;
            continue;
        }
        for (const char *text = texts[at[1] - '1']; *text && length < sizeof out->help - 1; text++)
            out->help[length++] = *text;
        at += sizeof "%1$s" - 1;
    }
    out->help[length] = '\0';
}

bool hwmon_describe(const struct hwmon_attribute *attribute, bool bare, struct hwmon_metric *out)
{
    const char *name = whole_name(attribute->type);
    const struct rule *rule = find_rule(attribute);
    bool counts = rule->type != NULL && strcmp(rule->type, "energy") == 0;

    if (strcmp(attribute->property, "label") == 0 || (name != NULL && *attribute->property))
        return false;
    if (strcmp(attribute->type, "freq") == 0 && strcmp(attribute->property, "input") == 0)
        return false;
    if (name != NULL)
        snprintf(out->name, sizeof out->name, "%s", name);
    else
        make_name(attribute, bare, rule, out);
    make_help(attribute, rule, out);
    out->metric = (struct metric){.name = out->name,
                                  .unit = rule->unit,
                                  .help = out->help,
                                  .kind = counts ? METRIC_COUNTER : METRIC_GAUGE,
                                  .cumulative = counts};
    out->divisor = rule->divisor;
    out->least = rule->least;
    out->most = rule->most;
    return true;
}
