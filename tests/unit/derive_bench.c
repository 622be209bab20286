#include "tests/unit/derive_bench.h"

void derive_bench_make(struct derive_bench *bench, uint32_t max_series)
{
    ck_assert_uint_le(max_series, DERIVE_BENCH_SERIES);
    bench->bound_version = 0;
    model_make(&bench->model, max_series);
    ck_assert_int_eq(derive_new(&bench->derive), 0);
    ck_assert_int_eq(present_init(&bench->present, max_series, MODEL_INTERVAL_MS), 0);
    model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
}

void derive_bench_remove(struct derive_bench *bench)
{
    derive_free(bench->derive);
    present_finish(&bench->present);
    model_remove(&bench->model);
}

void derive_bench_put(struct derive_bench *bench, const char *name, const char *labels,
                      double value)
{
    model_put(&bench->model, name, labels, value);
}

void derive_bench_next(struct derive_bench *bench, int64_t after_ms)
{
    struct model *model = &bench->model;
    uint64_t words[DERIVE_BENCH_SERIES];
    struct catalog *catalog;

    ck_assert_int_ge(series_table_publish(model->table), 0);
    catalog = catalog_get(model->table);
    if (catalog->version != bench->bound_version)
        ck_assert_int_eq(derive_bind(bench->derive, catalog, &model->sink), 0);
    history_extend(model->history, catalog->slot_count);
    for (uint32_t slot = 0; slot < catalog->slot_count; slot++)
        words[slot] = model->sink.words[slot];
    present_follow(&bench->present, &model->tick, words, catalog->slot_count, catalog);
    derive_compute(bench->derive, &bench->present, &model->sink);
    catalog_put(catalog);
    model_end(model);
    catalog = catalog_get(model->table);
    bench->bound_version = catalog->version;
    catalog_put(catalog);
    model_begin(model, after_ms, 0);
}

uint64_t derive_bench_value(struct derive_bench *bench, const char *name, const char *labels)
{
    const struct series *series = model_find(&bench->model, name, labels);
    uint64_t word;

    ck_assert_msg(series != NULL, "no series %s{%s}", name, labels);
    ck_assert_uint_eq(series->flags, SERIES_DERIVED);
    ck_assert_int_eq(series->kind, METRIC_GAUGE);
    history_read_column(bench->model.history, series, bench->model.tick.seq - 1, 1, &word);
    return word;
}
