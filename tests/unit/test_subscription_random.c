#include "daemon/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/subscription_bench.h"

/* --- the property: whoever applies what is sent knows the present --- */

#define CLIENTS 6
#define TICKS   1000

struct random_world {
    struct subscription_bench bench;
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

    subscription_bench_make(&world.bench);
    subscription_bench_subscribe(&world.bench, "x*");
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
        subscription_bench_encode(&world.bench);
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
    subscription_bench_remove(&world.bench);
}

START_TEST(whoever_applies_what_is_sent_knows_the_present)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
        run_random_world(seed * 88172645463325252);
}
END_TEST

int main(void)
{
    return RUN_TESTS("subscription_random", whoever_applies_what_is_sent_knows_the_present);
}
