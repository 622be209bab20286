#include "collectors/system/cpu_info.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"
#include "collectors/choice.h"
#include "collectors/number.h"
#include "collectors/procfs.h"
#include "collectors/survey.h"

#define INTERVAL_MS    10000
#define LABELS_OF_ONE  10
#define WORD_BYTES_MAX 64

static const struct metric info = {
    .name = "node_cpu_info",
    .unit = "",
    .help = "CPU information from /proc/cpuinfo.",
    .kind = METRIC_GAUGE,
};
static const struct metric frequency = {
    .name = "node_cpu_frequency_hertz",
    .unit = "hertz",
    .help = "CPU frequency in hertz from /proc/cpuinfo.",
    .kind = METRIC_GAUGE,
};
static const struct metric flag_info = {
    .name = "node_cpu_flag_info",
    .unit = "",
    .help = "The `flags` field of CPU information from /proc/cpuinfo taken from the first core.",
    .kind = METRIC_GAUGE,
};
static const struct metric bug_info = {
    .name = "node_cpu_bug_info",
    .unit = "",
    .help = "The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.",
    .kind = METRIC_GAUGE,
};

/* --- parsing --- */

static struct span trim(struct span span)
{
    while (span.length > 0 && char_is_blank(span.at[0]))
        span = (struct span){span.at + 1, span.length - 1};
    while (span.length > 0 && char_is_blank(span.at[span.length - 1]))
        span.length--;
    return span;
}

static bool is_number(struct span span)
{
    if (span.length == 0 || span.length > CPU_INFO_VALUE_MAX)
        return false;
    for (size_t index = 0; index < span.length; index++) {
        if (!char_is_digit(span.at[index]))
            return false;
    }
    return true;
}

/* A new CPU has what was said before the first, as s390 says the vendor. */
static int add_cpu(struct cpu_info_list *list, const struct cpu_info *common, struct span number)
{
    struct cpu_info *cpus;

    if (list->count == CPU_INFO_CPUS_MAX)
        return -E2BIG;
    cpus = array_reserve(list->cpus, &list->capacity, list->count + 1, sizeof *cpus);
    if (cpus == NULL)
        return -ENOMEM;
    list->cpus = cpus;
    cpus[list->count] = *common;
    cpus[list->count++].fields[CPU_INFO_NUMBER] = number;
    return 0;
}

/* "processor : 0"; "processor 0: version = FF, …" of s390, whose later parts are by "cpu number".
 */
static int begin_cpu(struct cpu_info_list *list, const struct cpu_info *common, struct span key,
                     struct span value, bool *begun)
{
    struct span number = value;

    *begun = span_equals(key, "processor") && is_number(value);
    if (!*begun && key.length > strlen("processor ") &&
        memcmp(key.at, "processor ", strlen("processor ")) == 0) {
        number = (struct span){key.at + strlen("processor "), key.length - strlen("processor ")};
        *begun = is_number(number);
    }
    return *begun ? add_cpu(list, common, number) : 0;
}

static struct cpu_info *find_cpu(struct cpu_info_list *list, struct span number)
{
    for (size_t index = 0; index < list->count; index++) {
        struct span known = list->cpus[index].fields[CPU_INFO_NUMBER];

        if (known.length == number.length && memcmp(known.at, number.at, number.length) == 0)
            return &list->cpus[index];
    }
    return NULL;
}

static bool find_field(struct span key, enum cpu_info_field *out)
{
    static const struct {
        const char *key;
        enum cpu_info_field field;
    } fields[] = {
        {"physical id", CPU_INFO_PACKAGE},
        {"core id", CPU_INFO_CORE},
        {"hart", CPU_INFO_CORE},
        {"vendor_id", CPU_INFO_VENDOR},
        {"cpu family", CPU_INFO_FAMILY},
        {"model", CPU_INFO_MODEL},
        {"model name", CPU_INFO_MODEL_NAME},
        {"Processor", CPU_INFO_MODEL_NAME},
        {"cpu", CPU_INFO_MODEL_NAME},
        {"uarch", CPU_INFO_MODEL_NAME},
        {"microcode", CPU_INFO_MICROCODE},
        {"stepping", CPU_INFO_STEPPING},
        {"cache size", CPU_INFO_CACHE_SIZE},
        {"cpu MHz", CPU_INFO_MHZ},
        {"cpu MHz dynamic", CPU_INFO_MHZ},
        {"clock", CPU_INFO_MHZ},
    };

    for (size_t index = 0; index < sizeof fields / sizeof fields[0]; index++) {
        if (span_equals(key, fields[index].key)) {
            *out = fields[index].field;
            return true;
        }
    }
    return false;
}

static int take_field(struct cpu_info *cpu, struct cpu_info_list *list, struct span key,
                      struct span value)
{
    enum cpu_info_field field;

    if (span_equals(key, "flags") || span_equals(key, "Features") || span_equals(key, "features")) {
        if (list->flags.length == 0)
            list->flags = value;
    } else if (span_equals(key, "bugs")) {
        if (list->bugs.length == 0)
            list->bugs = value;
    } else if (find_field(key, &field)) {
        if (value.length > CPU_INFO_VALUE_MAX)
            return -EBADMSG;
        if (field == CPU_INFO_MHZ && span_ends_with(value, "MHz"))
            value.length -= strlen("MHz");
        cpu->fields[field] = value;
    }
    return 0;
}

static int parse_lines(struct scanner scanner, struct cpu_info_list *list)
{
    struct cpu_info common = {0};
    struct cpu_info *cpu = &common;
    struct scanner line;
    struct span key;

    for (size_t field = 0; field < CPU_INFO_FIELDS; field++)
        common.fields[field].at = scanner.at;
    while (scan_line(&scanner, &line)) {
        struct span value;
        bool begun = false;
        int result;

        if (!scan_until(&line, ':', &key))
            continue;
        key = trim(key);
        value = trim((struct span){line.at, (size_t)(line.end - line.at)});
        result = begin_cpu(list, &common, key, value, &begun);
        if (begun && result == 0)
            cpu = &list->cpus[list->count - 1];
        else if (span_equals(key, "cpu number") && find_cpu(list, value) != NULL)
            cpu = find_cpu(list, value);
        else if (result == 0)
            result = take_field(cpu, list, key, value);
        if (result < 0)
            return result;
    }
    return list->count > 0 ? 0 : -EBADMSG;
}

int cpu_info_parse(const char *text, size_t length, struct cpu_info_list *list)
{
    int result;

    list->count = 0;
    list->flags = list->bugs = (struct span){text, 0};
    result = parse_lines(scanner_over(text, length), list);
    if (result < 0)
        list->count = 0;
    return result;
}

void cpu_info_finish(struct cpu_info_list *list)
{
    free(list->cpus);
    *list = (struct cpu_info_list){0};
}

/* --- what is found --- */

static const char *copy(struct span span, char *out)
{
    if (span.length > 0)
        memcpy(out, span.at, span.length);
    out[span.length] = '\0';
    return out;
}

static void add_one(const struct cpu_info *cpu, struct findings *findings)
{
    static const char *const keys[LABELS_OF_ONE] = {
        "cpu",   "package",    "core",      "vendor",   "family",
        "model", "model_name", "microcode", "stepping", "cachesize"};
    char texts[LABELS_OF_ONE][CPU_INFO_VALUE_MAX + 1];
    struct label labels[LABELS_OF_ONE];
    struct span mhz_text = cpu->fields[CPU_INFO_MHZ];
    double mhz;

    for (size_t index = 0; index < LABELS_OF_ONE; index++)
        labels[index] = (struct label){keys[index], copy(cpu->fields[index], texts[index])};
    findings_add(findings, &info, labels, LABELS_OF_ONE, 1);
    if (mhz_text.length > 0 && number_parse(mhz_text.at, mhz_text.length, &mhz) == 0)
        findings_add(findings, &frequency, labels, 3, mhz * 1e6);
}

static void add_words(const struct survey_target *target, struct span words, enum choice choice,
                      const struct metric *metric, const char *key, struct findings *findings)
{
    struct scanner scanner = scanner_over(words.at, words.length);
    char text[WORD_BYTES_MAX + 1];
    const struct label label = {key, text};
    struct span word;

    while (scan_blanks(&scanner), scan_word(&scanner, &word)) {
        if (word.length <= WORD_BYTES_MAX &&
            choice_takes(&target->roots, choice, copy(word, text), false))
            findings_add(findings, metric, &label, 1, 1);
    }
}

static void read_cpu_info(const struct survey_target *target, struct findings *findings)
{
    struct cpu_info_list list = {0};
    struct procfs_file file;
    const char *text;
    size_t length;
    int result = procfs_open(&file, target->roots.procfs, "cpuinfo");

    file.long_lines = true; /* of flags */
    if (result == 0)
        result = procfs_read(&file, &text, &length);
    if (result == 0)
        result = cpu_info_parse(text, length, &list);
    findings_trouble(findings, result);
    for (size_t index = 0; index < list.count; index++)
        add_one(&list.cpus[index], findings);
    if (result == 0) {
        add_words(target, list.flags, CHOICE_CPU_FLAG, &flag_info, "flag", findings);
        add_words(target, list.bugs, CHOICE_CPU_BUG, &bug_info, "bug", findings);
    }
    cpu_info_finish(&list);
    procfs_close(&file);
}

static const struct survey_form form = {
    .collector = "cpu_info",
    .root = SURVEY_PROCFS,
    .folder = "cpuinfo",
    .read = read_cpu_info,
};

static int open_cpu_info(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector cpu_info_collector = {
    .name = "cpu_info",
    .exporter_name = "cpu",
    .off_by_default = true,
    .interval_ms = INTERVAL_MS,
    .open = open_cpu_info,
    .sample = survey_sample,
    .close = survey_close,
};
