#include "tests/unit/fake_sink.h"

#include <check.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_MAX_BYTES 1024
#define LABELS_MAX     32

static int compare_labels(const void *left, const void *right)
{
    const struct label *a = left;
    const struct label *b = right;

    return strcmp(a->key, b->key);
}

static void make_name(const struct metric *metric, const struct label *labels, size_t count,
                      char *out)
{
    struct label sorted[LABELS_MAX] = {{0}};
    size_t used = (size_t)snprintf(out, NAME_MAX_BYTES, "%s", metric->name);

    ck_assert_uint_le(count, LABELS_MAX);
    for (size_t index = 0; index < count; index++)
        sorted[index] = labels[index];
    qsort(sorted, count, sizeof sorted[0], compare_labels);
    for (size_t index = 0; index < count; index++) {
        used += (size_t)snprintf(out + used, NAME_MAX_BYTES - used, "%c%s=\"%s\"%s",
                                 index == 0 ? '{' : ',', sorted[index].key, sorted[index].value,
                                 index + 1 == count ? "}" : "");
        ck_assert_uint_lt(used, NAME_MAX_BYTES);
    }
}

static char *copy(const char *text)
{
    char *made = strdup(text);

    if (made == NULL)
        err(EXIT_FAILURE, "strdup");
    return made;
}

static struct fake_series *find(const struct fake_sink *fake, const char *name)
{
    for (uint32_t slot = 0; slot < fake->count; slot++) {
        if (fake->series[slot].live && strcmp(fake->series[slot].name, name) == 0)
            return &fake->series[slot];
    }
    return NULL;
}

static int declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                   size_t label_count, unsigned flags, uint32_t *slot)
{
    struct fake_sink *fake = (struct fake_sink *)sink;
    char name[NAME_MAX_BYTES];
    struct fake_series *series;

    fake->declares++;
    make_name(metric, labels, label_count, name);
    series = find(fake, name);
    if (series != NULL) {
        free(series->help);
        series->help = copy(metric->help);
        series->kind = metric->kind;
        series->cumulative = metric->cumulative;
        series->flags = flags;
        series->rate_max = metric->rate_max;
        *slot = (uint32_t)(series - fake->series);
        return 0;
    }
    if (fake->count >= fake->limit) {
        *slot = SINK_NO_SLOT;
        return -ENOSPC;
    }
    *slot = fake->count++;
    fake->series[*slot] = (struct fake_series){
        .name = copy(name),
        .metric_name = copy(metric->name),
        .unit = copy(metric->unit),
        .help = copy(metric->help),
        .kind = metric->kind,
        .cumulative = metric->cumulative,
        .wraps_at = metric->wraps_at,
        .rate_max = metric->rate_max,
        .sparse = metric->sparse,
        .flags = flags,
        .interval_ms = sink->interval_ms,
        .live = true,
    };
    return 0;
}

static void release(struct sink *sink, uint32_t slot)
{
    struct fake_sink *fake = (struct fake_sink *)sink;

    ck_assert_uint_lt(slot, fake->count);
    ck_assert_msg(fake->series[slot].live, "%s released twice", fake->series[slot].name);
    fake->series[slot].live = false;
    fake->releases++;
}

static void set_histogram(struct sink *sink, uint32_t slot, const struct histogram_pair *pairs,
                          size_t count)
{
    struct fake_sink *fake = (struct fake_sink *)sink;
    struct fake_series *series = &fake->series[slot];

    ck_assert_uint_lt(slot, fake->count);
    ck_assert_msg(series->sparse, "%s has no histograms", series->name);
    free(series->pairs);
    series->pairs = calloc(count + 1, sizeof *pairs);
    ck_assert_ptr_nonnull(series->pairs);
    if (count > 0)
        memcpy(series->pairs, pairs, count * sizeof *pairs);
    series->pair_count = count;
    sink_set(sink, slot, (double)count);
}

static const struct sink_ops ops = {
    .declare = declare, .release = release, .set_histogram = set_histogram};

void fake_sink_init(struct fake_sink *fake)
{
    void *words = calloc(FAKE_SLOTS, sizeof *fake->sink.words);

    *fake = (struct fake_sink){
        .sink = {.ops = &ops, .words = words, .capacity = FAKE_SLOTS},
        .words = words,
        .series = calloc(FAKE_SLOTS, sizeof *fake->series),
        .limit = FAKE_SLOTS,
    };
    fake_runner_init(&fake->runner);
    fake->sink.tasks = &fake->runner.runner;
    fake->sink.interval_ms = 1000;
    fake->sink.real_ns = FAKE_START_NS;
    if (words == NULL || fake->series == NULL)
        err(EXIT_FAILURE, "calloc");
    fake_sink_begin(fake);
}

void fake_sink_finish(struct fake_sink *fake)
{
    fake_runner_finish(&fake->runner);
    for (uint32_t slot = 0; slot < fake->count; slot++) {
        free(fake->series[slot].name);
        free(fake->series[slot].metric_name);
        free(fake->series[slot].unit);
        free(fake->series[slot].help);
        free(fake->series[slot].pairs);
    }
    free(fake->series);
    free(fake->words);
}

void fake_sink_begin(struct fake_sink *fake)
{
    fake->sink.real_ns += 1000000000;
    fake->sink.mono_ns += 1000000000;
    fake->runner.mono_ns = fake->sink.mono_ns;
    for (uint32_t slot = 0; slot < FAKE_SLOTS; slot++)
        atomic_store(&fake->sink.words[slot], SAMPLE_ABSENT);
}

const struct fake_series *fake_sink_find(const struct fake_sink *fake, const char *name)
{
    return find(fake, name);
}

static uint64_t word_of(const struct fake_sink *fake, const struct fake_series *series)
{
    return atomic_load(&fake->sink.words[series - fake->series]);
}

bool fake_sink_is_absent(const struct fake_sink *fake, const char *name)
{
    const struct fake_series *series = find(fake, name);

    return series != NULL && word_of(fake, series) == SAMPLE_ABSENT;
}

static double value_of(const struct fake_sink *fake, const struct fake_series *series)
{
    uint64_t word = word_of(fake, series);
    double value;

    ck_assert_msg(word != SAMPLE_ABSENT, "%s has no value", series->name);
    memcpy(&value, &word, sizeof value);
    return value;
}

double fake_sink_value(const struct fake_sink *fake, const char *name)
{
    const struct fake_series *series = find(fake, name);

    ck_assert_msg(series != NULL, "no series %s", name);
    return value_of(fake, series);
}

size_t fake_sink_live(const struct fake_sink *fake)
{
    size_t live = 0;

    for (uint32_t slot = 0; slot < fake->count; slot++)
        live += fake->series[slot].live;
    return live;
}

size_t fake_sink_values(const struct fake_sink *fake)
{
    size_t values = 0;

    for (uint32_t slot = 0; slot < FAKE_SLOTS; slot++) {
        if (atomic_load(&fake->sink.words[slot]) == SAMPLE_ABSENT)
            continue;
        ck_assert_msg(slot < fake->count && fake->series[slot].live, "stray value in %u", slot);
        values++;
    }
    return values;
}

/* The rest of the line of the exposition that begins with these two texts and a space, or NULL. */
static const char *find_line(const char *exposition, const char *prefix, const char *name)
{
    size_t prefix_length = strlen(prefix);
    size_t name_length = strlen(name);

    for (const char *line = exposition; line != NULL && *line != '\0';) {
        const char *rest = line + prefix_length;

        if (strncmp(line, prefix, prefix_length) == 0 && strncmp(rest, name, name_length) == 0 &&
            rest[name_length] == ' ')
            return rest + name_length + 1;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return NULL;
}

static void expect_line(const char *exposition, const char *prefix, const char *name,
                        const char *wanted)
{
    const char *rest = find_line(exposition, prefix, name);
    size_t length = strlen(wanted);

    ck_assert_msg(rest != NULL, "%s%s is not in the exposition", prefix, name);
    ck_assert_msg(strncmp(rest, wanted, length) == 0 && rest[length] == '\n', "%s%s %s", prefix,
                  name, wanted);
}

static size_t count_of_metric(const struct fake_sink *fake, const char *metric_name)
{
    size_t count = 0;

    for (uint32_t slot = 0; slot < fake->count; slot++)
        count +=
            fake->series[slot].live && strcmp(fake->series[slot].metric_name, metric_name) == 0;
    return count;
}

static size_t count_in_exposition(const char *exposition, const char *metric_name)
{
    size_t length = strlen(metric_name);
    size_t count = 0;

    for (const char *line = exposition; line != NULL;) {
        count +=
            strncmp(line, metric_name, length) == 0 && (line[length] == '{' || line[length] == ' ');
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return count;
}

static void compare_metric(const struct fake_series *series, const char *exposition)
{
    static const char *const types[] = {
        [METRIC_GAUGE] = "gauge",         [METRIC_COUNTER] = "counter",
        [METRIC_HISTOGRAM] = "histogram", [METRIC_SUMMARY] = "summary",
        [METRIC_UNTYPED] = "untyped",
    };

    expect_line(exposition, "# HELP ", series->metric_name, series->help);
    expect_line(exposition, "# TYPE ", series->metric_name, types[series->kind]);
}

static void compare_series(const struct fake_sink *fake, const struct fake_series *series,
                           const char *exposition)
{
    const char *rest = find_line(exposition, "", series->name);
    double actual = value_of(fake, series);
    double wanted;

    ck_assert_msg(rest != NULL, "%s is not in the exposition", series->name);
    wanted = strtod(rest, NULL);
    /* node_exporter multiplies by 0.001 where we divide by 1000: the last bit may differ. */
    ck_assert_msg(fabs(actual - wanted) <= 1e-15 * fabs(wanted), "%s is %.17g, not %.17g",
                  series->name, actual, wanted);
    compare_metric(series, exposition);
    ck_assert_uint_eq(count_of_metric(fake, series->metric_name),
                      count_in_exposition(exposition, series->metric_name));
}

void fake_sink_compare(const struct fake_sink *fake, const char *exposition)
{
    for (uint32_t slot = 0; slot < fake->count; slot++) {
        if (fake->series[slot].live)
            compare_series(fake, &fake->series[slot], exposition);
    }
}

void fake_sink_compare_metrics(const struct fake_sink *fake, const char *exposition)
{
    for (uint32_t slot = 0; slot < fake->count; slot++) {
        if (fake->series[slot].live)
            compare_metric(&fake->series[slot], exposition);
    }
}
