#include "tests/unit/subscription_bench.h"

void subscription_bench_make(struct subscription_bench *bench)
{
    model_make(&bench->model, SUBSCRIPTION_BENCH_SERIES);
    ck_assert_int_eq(follower_init(&bench->follower, bench->model.history, bench->model.table,
                                   SUBSCRIPTION_BENCH_SERIES, MODEL_INTERVAL_MS),
                     0);
}

void subscription_bench_subscribe(struct subscription_bench *bench, const char *glob)
{
    struct query query = make_query((const char *const[]){"name", glob, NULL});
    struct select *select;
    struct problem problem;

    ck_assert_int_eq(select_parse(&query, EPOCH, &select, &problem), 0);
    bench->subscription = subscription_new(select, &bench->follower, &problem);
    ck_assert_ptr_nonnull(bench->subscription);
}

void subscription_bench_remove(struct subscription_bench *bench)
{
    subscription_free(bench->subscription);
    follower_finish(&bench->follower);
    model_remove(&bench->model);
}

void subscription_bench_encode(struct subscription_bench *bench)
{
    struct pattern_meter meter = pattern_meter_start();

    pattern_meter_pause(&meter);
    ck_assert(subscription_encode(bench->subscription, &context, &bench->follower, &meter));
}

void subscription_bench_tick(struct subscription_bench *bench, double value)
{
    model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
    model_put(&bench->model, "a", "", value);
    model_put(&bench->model, "b", "", 7);
    model_end(&bench->model);
    ck_assert(follower_advance(&bench->follower));
}
