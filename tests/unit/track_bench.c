#include "tests/unit/track_bench.h"

void track_bench_make(struct track_bench *bench)
{
    *bench = (struct track_bench){.select = NULL};
    model_make(&bench->model, TRACK_BENCH_SERIES);
    ck_assert_int_eq(follower_init(&bench->follower, bench->model.history, bench->model.table,
                                   TRACK_BENCH_SERIES, MODEL_INTERVAL_MS),
                     0);
}

void track_bench_select_rule(struct track_bench *bench, const char *glob,
                             const struct shown_rule *rule)
{
    struct query query = make_query((const char *const[]){"name", glob, NULL});
    struct frame_context of_rule = context;
    struct problem problem;

    of_rule.raw = rule->raw;
    of_rule.averaged = rule->every > 1;
    ck_assert_int_eq(select_parse(&query, EPOCH, &bench->select, &problem), 0);
    ck_assert_int_eq(
        track_init(&bench->track, &of_rule, rule, bench->select, &bench->follower, &problem), 0);
}

void track_bench_select(struct track_bench *bench, const char *glob)
{
    track_bench_select_rule(bench, glob, &(struct shown_rule){.every = 1});
}

void track_bench_remove(struct track_bench *bench)
{
    track_finish(&bench->track);
    select_free(bench->select);
    follower_finish(&bench->follower);
    model_remove(&bench->model);
}

void track_bench_encode(struct track_bench *bench)
{
    struct pattern_meter meter = pattern_meter_start();

    pattern_meter_pause(&meter);
    ck_assert_int_eq(track_encode(&bench->track, bench->select, &bench->follower, &meter), 0);
}

void track_bench_tick(struct track_bench *bench, double value)
{
    model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
    model_put(&bench->model, "a", "", value);
    model_put(&bench->model, "b", "", 7);
    model_end(&bench->model);
    ck_assert(follower_advance(&bench->follower));
}

void expect_frame(const struct frame *frame, uint64_t seq, const char *wanted)
{
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(frame->seq, seq);
    ck_assert_msg(frame->size == strlen(wanted) && memcmp(frame->data, wanted, frame->size) == 0,
                  "%.*s", (int)frame->size, frame->data);
}

bool frame_holds(const struct frame *frame, const char *part)
{
    return frame && memmem(frame->data, frame->size, part, strlen(part)) != NULL;
}
