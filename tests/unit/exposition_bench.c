#include "tests/unit/exposition_bench.h"

#include <err.h>

#include "daemon/histogram.h"

void exposition_bench_make(struct exposition_bench *bench, uint32_t max_series)
{
    *bench = (struct exposition_bench){.max_series = max_series};
    bench->series = calloc(max_series, sizeof *bench->series);
    if (!bench->series || present_init(&bench->present, max_series, 1000) < 0 ||
        bucket_board_new(max_series, &bench->buckets) < 0)
        errx(EXIT_FAILURE, "exposition bench");
}

void exposition_bench_remove(struct exposition_bench *bench)
{
    for (size_t i = 0; i < bench->count; i++)
        series_put(bench->series[i]);
    free(bench->series);
    present_finish(&bench->present);
    bucket_board_free(bench->buckets);
}

struct series *exposition_bench_add(struct exposition_bench *bench, struct metric metric,
                                    const struct label *labels, size_t label_count, double value)
{
    struct label sorted[SERIES_LABELS_MAX];
    struct series *series;

    metric.unit = metric.unit ? metric.unit : "";
    metric.help = metric.help ? metric.help : "";
    ck_assert_uint_lt(bench->count, bench->max_series);
    ck_assert_int_eq(series_sort_labels(labels, label_count, sorted), 0);
    series = series_make(&metric, sorted, label_count);
    ck_assert_ptr_nonnull(series);
    series->slot = (uint32_t)bench->count;
    series->id = (uint32_t)bench->count + 1;
    series->type = metric.sparse ? SAMPLE_HISTOGRAM : SAMPLE_NUMBER;
    bench->series[bench->count++] = series;
    bench->present.values[series->slot] = (struct present_value){
        .word = metric.sparse ? SAMPLE_ABSENT : sample_word(value), .id = series->id};
    if (metric.sparse) {
        const struct histogram_pair pair = {histogram_bucket(value), 1};

        bucket_board_add(bench->buckets, series->slot, bucket_scale_of(series->unit), &pair, 1, 1,
                         value);
    }
    return series;
}

char *exposition_bench_text(struct exposition_bench *bench, enum exposition_format format,
                            unsigned scopes)
{
    struct exposition_layout layout;
    struct buffer out = {0};

    ck_assert_int_eq(exposition_layout_make((const struct series *const *)bench->series,
                                            bench->count, 1, format, &layout),
                     0);
    exposition_layout_write(&layout, &bench->present, bench->buckets, scopes, &out);
    ck_assert_uint_le(out.size, layout.answer_max);
    bench->left_out = layout.left_out;
    exposition_layout_finish(&layout);
    buffer_append_char(&out, '\0');
    ck_assert(!out.failed);
    return out.data;
}

void exposition_bench_expect(struct exposition_bench *bench, enum exposition_format format,
                             const char *wanted, size_t left_out)
{
    char *text =
        exposition_bench_text(bench, format, EXPOSE_HOST | EXPOSE_APPLICATIONS | EXPOSE_SELECTED);

    ck_assert_str_eq(text, wanted);
    ck_assert_uint_eq(bench->left_out, left_out);
    free(text);
}
