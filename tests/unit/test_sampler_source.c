/* Sources beside the collectors: what applications say. */
#include <errno.h>

#include "daemon/sampler.h"
#include "tests/unit/sampler_bench.h"

static const struct metric metric = {.name = "said", .unit = "", .help = "", .kind = METRIC_GAUGE};

/* One that says a value of its series, if it has one. */
struct source {
    const char *label; /* of the series that it wants; NULL: none, and what it had ends */
    double value;
    uint32_t interval_ms; /* that it declares with; 0: the tick's */
    struct sink_series series;
    int result; /* of the last declaration */
};

static void sample(void *arg, struct sink *sink)
{
    struct source *source = arg;
    const struct label label = {"who", source->label};

    if (!source->label) {
        sink_drop(sink, &source->series);
        return;
    }
    if (source->interval_ms > 0)
        sink->interval_ms = source->interval_ms;
    if (!source->series.declared || source->series.slot == SINK_NO_SLOT) {
        source->result =
            sink_declare(sink, &metric, &label, 1, SERIES_APPLICATION, &source->series.slot);
        source->series.declared = true;
    }
    sink_set(sink, source->series.slot, source->value);
}

static void begin(struct sampler_bench *bench, struct source sources[2])
{
    sampler_bench_make_with(bench, 1000, NULL, 0);
    for (int i = 0; i < 2; i++) {
        const struct sampler_source source = {.sample = sample, .arg = &sources[i]};

        sampler_add_source(bench->sampler, &source);
    }
}

static double value_of(const struct sampler_bench *bench, const char *labels)
{
    uint64_t word = sampler_bench_raw(bench, "said", labels);
    double value;

    ck_assert(word != SAMPLE_ABSENT && word != SAMPLE_GONE);
    memcpy(&value, &word, sizeof value);
    return value;
}

/* As sources do that ask again when there is room. */
static void sample_as_another_kind(void *arg, struct sink *sink)
{
    struct source *source = arg;
    const struct metric counter = {.name = "said", .unit = "", .help = "", .kind = METRIC_COUNTER};

    sink_want(sink, &source->series, &counter, &(struct label){"who", source->label}, 1,
              SERIES_APPLICATION);
}

START_TEST(another_kind_is_refused_until_that_ends)
{
    struct source sources[2] = {{.label = "a", .value = 1}, {.label = "a"}};
    struct sampler_bench bench;

    sampler_bench_make_with(&bench, 1000, NULL, 0);
    sampler_add_source(bench.sampler,
                       &(struct sampler_source){.sample = sample, .arg = &sources[0]});
    sampler_add_source(bench.sampler, &(struct sampler_source){.sample = sample_as_another_kind,
                                                               .arg = &sources[1]});
    sampler_bench_tick(&bench, 1000);
    ck_assert(sources[1].series.declared);
    ck_assert_uint_eq(sources[1].series.slot, SINK_NO_SLOT);
    sources[0].label = NULL;
    sampler_bench_tick(&bench, 1000);
    ck_assert_uint_ne(sources[1].series.slot, SINK_NO_SLOT);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(each_writes_its_own)
{
    struct source sources[2] = {{.label = "a", .value = 1, .interval_ms = 5000},
                                {.label = "b", .value = 2}};
    struct sampler_bench bench;

    begin(&bench, sources);
    sampler_bench_tick(&bench, 1000);
    ck_assert_double_eq(value_of(&bench, "who=a"), 1);
    ck_assert_double_eq(value_of(&bench, "who=b"), 2);
    /* The interval of one is not that of the next. */
    for (size_t i = 0; i < bench.follower.catalog->count; i++) {
        const struct series *series = bench.follower.catalog->series[i];

        if (strcmp(series->name, "said") == 0)
            ck_assert_uint_eq(series->interval_ms,
                              strcmp(series_label(series, "who"), "a") == 0 ? 5000 : 1000);
    }
    sources[0].label = NULL;
    sampler_bench_tick(&bench, 1000);
    ck_assert_double_eq(value_of(&bench, "who=b"), 2);
    ck_assert_uint_eq(sampler_bench_raw(&bench, "said", "who=a"), SAMPLE_GONE);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(what_another_has_is_refused_until_that_ends)
{
    struct source sources[2] = {{.label = "a", .value = 1}, {.label = "a", .value = 2}};
    struct sampler_bench bench;

    begin(&bench, sources);
    sampler_bench_tick(&bench, 1000);
    ck_assert_int_eq(sources[0].result, 0);
    ck_assert_int_eq(sources[1].result, -EEXIST);
    ck_assert_double_eq(value_of(&bench, "who=a"), 1);
    sources[0].label = NULL;
    sampler_bench_tick(&bench, 1000);
    ck_assert_int_eq(sources[1].result, 0);
    ck_assert_double_eq(value_of(&bench, "who=a"), 2);
    sources[0] = (struct source){.label = "a", .value = 3};
    sampler_bench_tick(&bench, 1000);
    ck_assert_int_eq(sources[0].result, -EEXIST);
    ck_assert_double_eq(value_of(&bench, "who=a"), 2);
    sampler_bench_remove(&bench);
}
END_TEST

/* What it finds in files, as the textfile collector. */
static struct source files;

static int open_files(const struct collector_roots *roots, void **state)
{
    ck_assert_ptr_nonnull(roots);
    *state = &files;
    return 0;
}

static int sample_files(void *state, struct sink *sink)
{
    sample(state, sink);
    return 0;
}

static void close_files(void *state)
{
    ck_assert_ptr_eq(state, &files);
}

START_TEST(files_take_nothing_from_an_application)
{
    static const struct collector collector = {
        .name = "files", .open = open_files, .sample = sample_files, .close = close_files};
    static const struct collector *const collectors[] = {&collector};
    struct source source = {.label = "a", .value = 1};
    struct sampler_bench bench;

    files = (struct source){.label = "b", .value = 2};
    sampler_bench_make_with(&bench, 1000, collectors, 1);
    sampler_add_source(bench.sampler, &(struct sampler_source){.sample = sample, .arg = &source});
    sampler_bench_tick(&bench, 1000);
    ck_assert_double_eq(value_of(&bench, "who=a"), 1);
    ck_assert_double_eq(value_of(&bench, "who=b"), 2);
    files = (struct source){.label = "a", .value = 3};
    sampler_bench_tick(&bench, 1000);
    ck_assert_int_eq(files.result, -EEXIST);
    ck_assert_double_eq(value_of(&bench, "who=a"), 1);
    files.label = NULL; /* nor does it end it */
    sampler_bench_tick(&bench, 1000);
    ck_assert_double_eq(value_of(&bench, "who=a"), 1);
    source.label = NULL;
    sampler_bench_tick(&bench, 1000);
    files = (struct source){.label = "a", .value = 3};
    sampler_bench_tick(&bench, 1000);
    ck_assert_double_eq(value_of(&bench, "who=a"), 3);
    sampler_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "sampler_source", each_writes_its_own, what_another_has_is_refused_until_that_ends,
        another_kind_is_refused_until_that_ends, files_take_nothing_from_an_application);
}
