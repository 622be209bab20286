#include "daemon/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/stream_client.h"

#define MAX_SERIES 128
#define EPOCH      "0123456789abcdef"

static const struct frame_context context = {.epoch = EPOCH, .interval_ms = MODEL_INTERVAL_MS};

/* A history, who follows it, and one subscription to it. */
struct bench {
    struct model model;
    struct follower follower;
    struct subscription *subscription;
};

static void bench_make(struct bench *bench)
{
    model_make(&bench->model, MAX_SERIES);
    ck_assert_int_eq(follower_init(&bench->follower, bench->model.history, bench->model.table,
                                   MAX_SERIES, MODEL_INTERVAL_MS),
                     0);
}

static void subscribe(struct bench *bench, const char *glob)
{
    struct query query = make_query((const char *const[]){"name", glob, NULL});
    struct select *select;
    struct problem problem;

    ck_assert_int_eq(select_parse(&query, EPOCH, &select, &problem), 0);
    bench->subscription = subscription_new(select, &bench->follower, &problem);
    ck_assert_ptr_nonnull(bench->subscription);
}

static void bench_remove(struct bench *bench)
{
    subscription_free(bench->subscription);
    follower_finish(&bench->follower);
    model_remove(&bench->model);
}

/* The follower goes to the newest tick in one step or in many; then it is encoded. */
static void encode(struct bench *bench)
{
    struct pattern_meter meter = pattern_meter_start();

    pattern_meter_pause(&meter);
    ck_assert(subscription_encode(bench->subscription, &context, &bench->follower, &meter));
}

static void tick(struct bench *bench, double value)
{
    model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
    model_put(&bench->model, "a", "", value);
    model_put(&bench->model, "b", "", 7);
    model_end(&bench->model);
    ck_assert(follower_advance(&bench->follower));
}

static void expect_frame(const struct frame *frame, uint64_t tick_seq, const char *wanted)
{
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(frame->tick_seq, tick_seq);
    ck_assert_msg(frame->size == strlen(wanted) && memcmp(frame->data, wanted, frame->size) == 0,
                  "%.*s", (int)frame->size, frame->data);
}

static bool holds(const struct frame *frame, const char *part)
{
    return frame && memmem(frame->data, frame->size, part, strlen(part)) != NULL;
}

START_TEST(frames_hold_what_changed)
{
    struct bench bench;

    bench_make(&bench);
    tick(&bench, 1);
    subscribe(&bench, "?");
    ck_assert_ptr_null(subscription_frame(bench.subscription, 0));
    tick(&bench, 2);
    encode(&bench);
    tick(&bench, 2);
    encode(&bench);
    expect_frame(subscription_frame(bench.subscription, 0), 2,
                 "event: tick\nid: " EPOCH "-2\ndata: {\"seq\":2,\"time_ms\":1700000002000,"
                 "\"flags\":[],\"v\":[[1,2]]}\n\n");
    /* Sent even if nothing changed. */
    expect_frame(subscription_frame(bench.subscription, 1), 3,
                 "event: tick\nid: " EPOCH "-3\ndata: {\"seq\":3,\"time_ms\":1700000003000,"
                 "\"flags\":[],\"v\":[]}\n\n");
    ck_assert_ptr_null(subscription_frame(bench.subscription, 2));
    expect_frame(subscription_complete(bench.subscription, &context), 3,
                 "event: tick\nid: " EPOCH "-3\ndata: {\"seq\":3,\"time_ms\":1700000003000,"
                 "\"flags\":[],\"v\":[[1,2],[2,7]]}\n\n");
    bench_remove(&bench);
}
END_TEST

START_TEST(a_value_becomes_null_once)
{
    struct bench bench;

    bench_make(&bench);
    tick(&bench, 1);
    subscribe(&bench, "a");
    for (int i = 0; i < 3; i++) {
        model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
        model_end(&bench.model);
        ck_assert(follower_advance(&bench.follower));
        encode(&bench);
    }
    /* Kept for one tick, then told, then nothing more to tell. */
    for (uint64_t i = 0; i < 3; i++) {
        bool told = holds(subscription_frame(bench.subscription, i), "\"v\":[[1,null]]");

        ck_assert(told == (i == 1));
    }
    bench_remove(&bench);
}
END_TEST

START_TEST(hello_and_complete_are_made_once_a_tick)
{
    struct bench bench;
    const struct frame *hello, *complete;

    bench_make(&bench);
    tick(&bench, 1);
    subscribe(&bench, "b");
    hello = subscription_hello(bench.subscription, &context);
    complete = subscription_complete(bench.subscription, &context);
    ck_assert_ptr_eq(subscription_hello(bench.subscription, &context), hello);
    ck_assert_ptr_eq(subscription_complete(bench.subscription, &context), complete);
    expect_frame(hello, 0,
                 "retry: 2000\nevent: hello\ndata: {\"version\":\"" TACHO_VERSION
                 "\",\"epoch\":\"" EPOCH "\",\"seq\":1,\"interval_ms\":1000,\"series\":[{\"id\":2,"
                 "\"name\":\"b\",\"labels\":{},\"kind\":\"gauge\",\"unit\":\"unit\"}]}\n\n");
    tick(&bench, 2);
    encode(&bench);
    ck_assert_uint_eq(subscription_complete(bench.subscription, &context)->tick_seq, 2);
    bench_remove(&bench);
}
END_TEST

START_TEST(frames_are_lost_after_so_many)
{
    struct bench bench;

    bench_make(&bench);
    subscribe(&bench, "*");
    for (uint64_t number = 0; number < 3 * STREAM_FRAMES; number++) {
        struct frame *frame = frame_gap(number + 1, number + 1, "slow");

        ck_assert(subscription_append(bench.subscription, frame));
        ck_assert_ptr_eq(subscription_frame(bench.subscription, number), frame);
        ck_assert(!subscription_lost(bench.subscription, number + 1));
        if (number >= STREAM_FRAMES) {
            ck_assert(subscription_lost(bench.subscription, number - STREAM_FRAMES));
            ck_assert(!subscription_lost(bench.subscription, number - STREAM_FRAMES + 1));
        }
    }
    ck_assert(!subscription_append(bench.subscription, NULL));
    bench_remove(&bench);
}
END_TEST

/* Some of the series 1 to 4 are retired, and one comes that is not selected. */
static void expect_series_frame(const char *retired, const char *wanted)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct bench bench;

    bench_make(&bench);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    for (size_t i = 0; i < 4; i++)
        model_put(&bench.model, names[i], "", 1);
    model_end(&bench.model);
    follower_advance(&bench.follower);
    subscribe(&bench, "?");
    for (; *retired != '\0'; retired++)
        series_table_release(bench.model.table, (uint32_t)(*retired - '1'), 1);
    series_table_collect(bench.model.table, 2);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    model_put(&bench.model, "other", "", 1);
    model_end(&bench.model);
    follower_advance(&bench.follower);
    encode(&bench);
    ck_assert(holds(subscription_frame(bench.subscription, 0), wanted));
    bench_remove(&bench);
}

START_TEST(series_that_go_are_named)
{
    expect_series_frame("1", "\"gone\":[1]}");
    expect_series_frame("23", "\"gone\":[2,3]}");
    expect_series_frame("4", "\"gone\":[4]}");
    expect_series_frame("24", "\"gone\":[2,4]}");
    expect_series_frame("1234", "\"gone\":[1,2,3,4]}");
}
END_TEST

/* Others have used up the tick's time: new series come at the next tick, though no other is new. */
START_TEST(what_there_was_no_time_for_comes_at_the_next_tick)
{
    struct pattern_meter meter = {.left_ns = -1, .refused = true, .out_of_time = true};
    struct bench bench;

    bench_make(&bench);
    subscribe(&bench, "?");
    ck_assert(!subscription_is_behind(bench.subscription));
    for (uint64_t i = 1; i <= 2; i++) {
        tick(&bench, (double)i);
        ck_assert(subscription_encode(bench.subscription, &context, &bench.follower, &meter));
        ck_assert(subscription_is_behind(bench.subscription));
        ck_assert_uint_eq(bench.subscription->selection.count, 0);
        ck_assert_uint_eq(subscription_frame(bench.subscription, i - 1)->tick_seq, i);
    }
    tick(&bench, 3);
    encode(&bench);
    ck_assert(!subscription_is_behind(bench.subscription));
    ck_assert(holds(subscription_frame(bench.subscription, 2), "event: series\n"));
    ck_assert(holds(subscription_frame(bench.subscription, 3), "\"v\":[[1,3],[2,7]]"));
    bench_remove(&bench);
}
END_TEST

START_TEST(ticks_left_out_are_a_gap)
{
    struct bench bench;

    bench_make(&bench);
    tick(&bench, 1);
    subscribe(&bench, "?");
    for (int i = 2; i <= 4; i++)
        tick(&bench, i);
    encode(&bench);
    expect_frame(subscription_frame(bench.subscription, 0), 0,
                 "event: gap\ndata: {\"from\":2,\"to\":3,\"why\":\"slow\"}\n\n");
    /* Then all is told anew, also what has not changed. */
    ck_assert(holds(subscription_frame(bench.subscription, 1), "event: hello\n"));
    ck_assert(holds(subscription_frame(bench.subscription, 1), "\"seq\":4,"));
    ck_assert_uint_eq(subscription_frame(bench.subscription, 2)->tick_seq, 4);
    ck_assert(holds(subscription_frame(bench.subscription, 2), "\"v\":[[1,4],[2,7]]"));
    ck_assert_ptr_null(subscription_frame(bench.subscription, 3));
    bench_remove(&bench);
}
END_TEST

START_TEST(who_subscribes_before_the_first_tick)
{
    struct bench bench;

    bench_make(&bench);
    subscribe(&bench, "a");
    ck_assert(holds(subscription_hello(bench.subscription, &context),
                    "\"seq\":0,\"interval_ms\":1000,\"series\":[]"));
    tick(&bench, 1);
    encode(&bench);
    ck_assert(holds(subscription_frame(bench.subscription, 0), "event: series\n"));
    ck_assert(holds(subscription_frame(bench.subscription, 1), "\"v\":[[1,1]]"));
    bench_remove(&bench);
}
END_TEST

/* --- the property: whoever applies what is sent knows the present --- */

#define CLIENTS 6
#define TICKS   1000

struct random_world {
    struct bench bench;
    struct stream_client clients[CLIENTS];
    uint64_t cursors[CLIENTS]; /* number of the frame to apply next; UINT64_MAX: to join */
    uint64_t random;
    double totals[12];
};

static uint64_t draw(struct random_world *world, uint64_t below)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (world->random >> 11) % below;
}

/* Each of twelve series is there or not for a while, counters now and then begin anew. */
static void make_random_tick(struct random_world *world)
{
    struct model *model = &world->bench.model;

    model_begin(model, MODEL_INTERVAL_MS, draw(world, 40) == 0 ? TICK_RESUMED : 0);
    series_table_collect(model->table, history_first(model->history));
    for (size_t i = 0; i < 12; i++) {
        bool cumulative = i % 2 == 1;
        uint64_t era = (model->tick.seq + i * 37) / 40;
        char name[16], label[64];

        world->totals[i] = draw(world, 30) == 0 ? 0 : world->totals[i] + (double)draw(world, 3);
        snprintf(name, sizeof name, "%s%s", i < 8 ? "x" : "other", cumulative ? "_total" : "");
        snprintf(label, sizeof label, "n=%zu,era=%zu", i, (size_t)(era / 3 * 3));
        if (era % 3 == 2 || draw(world, 8) == 0)
            continue;
        model_put(model, name, label, world->totals[i]);
    }
    model_end(model);
}

/* What has no value for a while is released as of its last one: tick n is at 1000 + n seconds. */
static void release_old(struct random_world *world)
{
    struct model *model = &world->bench.model;
    struct catalog *catalog = catalog_get(model->table);

    for (size_t i = 0; i < catalog->count; i++) {
        const struct series *series = catalog->series[i];
        const struct present_value *value = present_of(&world->bench.follower.present, series);

        if (value->id == series->id && sample_is_absent(value->word) && value->mono_ns > 0)
            series_table_release(model->table, series->slot,
                                 (uint64_t)(value->mono_ns / NS_PER_SECOND) - 1000);
    }
    catalog_put(catalog);
}

static void join(struct random_world *world, size_t i)
{
    struct subscription *subscription = world->bench.subscription;
    const struct frame *hello = subscription_hello(subscription, &context);

    stream_client_apply(&world->clients[i], hello->data, hello->size);
    if (subscription->tick.seq != 0) {
        const struct frame *complete = subscription_complete(subscription, &context);

        stream_client_apply(&world->clients[i], complete->data, complete->size);
    }
    world->cursors[i] = subscription->end;
}

static void catch_up(struct random_world *world, size_t i)
{
    struct subscription *subscription = world->bench.subscription;
    const struct frame *frame;

    if (world->cursors[i] == UINT64_MAX || subscription_lost(subscription, world->cursors[i])) {
        join(world, i);
        return;
    }
    while ((frame = subscription_frame(subscription, world->cursors[i])) != NULL) {
        stream_client_apply(&world->clients[i], frame->data, frame->size);
        world->cursors[i]++;
    }
}

/* The last one reads every frame; the others now and then, and some leave and come back. */
static void let_clients_read(struct random_world *world)
{
    const struct subscription *subscription = world->bench.subscription;

    for (size_t i = 0; i < CLIENTS; i++) {
        if (i != CLIENTS - 1 && draw(world, 3 + i * i * 4) != 0)
            continue;
        if (i != CLIENTS - 1 && draw(world, 10) == 0)
            world->cursors[i] = UINT64_MAX;
        catch_up(world, i);
        stream_client_compare(&world->clients[i], &world->bench.follower.present,
                              subscription->selection.series, subscription->selection.count);
    }
}

static void run_random_world(uint64_t seed)
{
    struct random_world world = {.random = seed};
    size_t compared = 0;

    bench_make(&world.bench);
    subscribe(&world.bench, "x*");
    for (size_t i = 0; i < CLIENTS; i++) {
        stream_client_init(&world.clients[i]);
        world.cursors[i] = UINT64_MAX;
    }
    for (int i = 0; i < TICKS; i++) {
        make_random_tick(&world);
        if (draw(&world, 10) == 0)
            continue; /* not encoded: the loop was busy */
        while (follower_advance(&world.bench.follower))
            ;
        release_old(&world);
        encode(&world.bench);
        if (draw(&world, 5) == 0)
            subscription_append(world.bench.subscription,
                                frame_ping(world.bench.follower.present.tick.seq, 0));
        let_clients_read(&world);
        compared++;
    }
    /* The world was one in which much happened. */
    ck_assert_uint_gt(compared, TICKS / 2);
    ck_assert_uint_gt(world.clients[CLIENTS - 1].seen[STREAM_CLIENT_SERIES], 30);
    ck_assert_uint_gt(world.clients[CLIENTS - 1].seen[STREAM_CLIENT_GAP], 30);
    ck_assert_uint_gt(world.clients[0].seen[STREAM_CLIENT_HELLO], 30);
    ck_assert_uint_gt(world.clients[CLIENTS - 2].seen[STREAM_CLIENT_HELLO], 5);
    for (size_t i = 0; i < CLIENTS; i++)
        stream_client_finish(&world.clients[i]);
    bench_remove(&world.bench);
}

START_TEST(whoever_applies_what_is_sent_knows_the_present)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
        run_random_world(seed * 88172645463325252);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "subscription", frames_hold_what_changed, a_value_becomes_null_once,
        hello_and_complete_are_made_once_a_tick, what_there_was_no_time_for_comes_at_the_next_tick,
        frames_are_lost_after_so_many, series_that_go_are_named, ticks_left_out_are_a_gap,
        who_subscribes_before_the_first_tick, whoever_applies_what_is_sent_knows_the_present);
}
