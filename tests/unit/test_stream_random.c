#include "daemon/cursor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "daemon/replay.h"
#include "tests/unit/track_bench.h"

/*
 * The property: after any sequence of joins, skips, resumes and changes of the series, whoever
 * applies what is sent has each tick once or was told of a gap, and knows what the track shows.
 */

#define READERS    6
#define REPLAYS    4
#define TICKS      1000
#define TEXT_BYTES (256 * 1024)

struct reader {
    struct cursor cursor;
    bool is_joined;
    struct stream_client client;
    bool is_gzip;
    z_stream inflater;
    char *text; /* up to an event that has not ended */
    size_t size;
    size_t resumes;
};

struct random_world {
    struct track_bench bench;
    struct shown_rule rule;
    struct gzip *gzip;
    struct reader readers[READERS];
    struct replay *replays[REPLAYS];
    uint64_t random;
    double totals[12];
    size_t shared_replays, given_up;
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

/* --- replays, as an audience has them --- */

static bool is_read(const struct random_world *world, const struct replay *replay)
{
    for (size_t i = 0; i < READERS; i++) {
        if (world->readers[i].is_joined && world->readers[i].cursor.track == &replay->track)
            return true;
    }
    return false;
}

static void drop_replays(struct random_world *world)
{
    for (size_t i = 0; i < REPLAYS; i++) {
        if (!world->replays[i] || is_read(world, world->replays[i]))
            continue;
        replay_free(world->replays[i]);
        world->replays[i] = NULL;
    }
}

static struct replay *find_replay(struct random_world *world, uint64_t since)
{
    drop_replays(world);
    for (size_t i = 0; i < REPLAYS; i++) {
        struct replay *replay = world->replays[i];

        if (replay && replay->since == since && !track_lost(&replay->track, 0)) {
            world->shared_replays++;
            return replay;
        }
    }
    for (size_t i = 0; i < REPLAYS; i++) {
        if (world->replays[i])
            continue;
        ck_assert_int_eq(
            replay_new(&world->bench.track, &world->bench.follower, since, &world->replays[i]), 0);
        return world->replays[i];
    }
    return NULL;
}

static void advance_replays(struct random_world *world)
{
    for (size_t i = 0; i < REPLAYS; i++) {
        struct replay *replay = world->replays[i];

        for (uint64_t n = draw(world, 60); replay && n > 0 && replay_can_advance(replay); n--)
            replay_advance(replay);
        if (replay && !replay_has_ended(replay) && draw(world, 200) == 0) {
            replay_give_up(replay);
            world->given_up++;
        }
    }
}

/* --- readers --- */

static void leave(struct reader *reader)
{
    if (!reader->is_joined)
        return;
    cursor_finish(&reader->cursor);
    if (reader->is_gzip)
        inflateEnd(&reader->inflater);
    reader->is_joined = false;
    reader->size = 0;
}

static void join(struct random_world *world, struct reader *reader, bool resumes)
{
    struct gzip *gzip = draw(world, 2) == 0 ? world->gzip : NULL;
    uint64_t since = resumes ? reader->client.seq : 0;
    struct replay *replay = since != 0 ? find_replay(world, since) : NULL;

    reader->client.seq = since;
    reader->is_gzip = gzip != NULL;
    reader->is_joined = true;
    reader->inflater = (z_stream){0};
    if (reader->is_gzip)
        ck_assert_int_eq(inflateInit2(&reader->inflater, 15 + 16), Z_OK);
    if (replay) {
        cursor_resume(&reader->cursor, &replay->track, gzip, since, 0);
        reader->resumes++;
    } else {
        ck_assert_int_eq(cursor_join(&reader->cursor, &world->bench.track, gzip, since, "behind"),
                         0);
    }
}

/* Applies the events that have ended. */
static void apply(struct reader *reader)
{
    char *end;

    while ((end = memmem(reader->text, reader->size, "\n\n", 2)) != NULL) {
        size_t size = (size_t)(end - reader->text) + 2;

        stream_client_apply(&reader->client, reader->text, size);
        reader->size -= size;
        memmove(reader->text, end + 2, reader->size);
    }
}

static void take(struct reader *reader, char *bytes, size_t size)
{
    if (!reader->is_gzip) {
        ck_assert_uint_le(reader->size + size, TEXT_BYTES);
        memcpy(reader->text + reader->size, bytes, size);
        reader->size += size;
    } else {
        reader->inflater.next_in = (Bytef *)bytes;
        reader->inflater.avail_in = (uInt)size;
        reader->inflater.next_out = (Bytef *)reader->text + reader->size;
        reader->inflater.avail_out = (uInt)(TEXT_BYTES - reader->size);
        ck_assert_int_eq(inflate(&reader->inflater, Z_SYNC_FLUSH), Z_OK);
        ck_assert_uint_eq(reader->inflater.avail_in, 0);
        reader->size = TEXT_BYTES - reader->inflater.avail_out;
    }
    apply(reader);
}

/* Reads in pieces until it has caught up; sometimes stops before. True if it has. */
static bool read_some(struct random_world *world, struct reader *reader, bool all)
{
    struct cursor *cursor = &reader->cursor;
    char bytes[700];

    for (;;) {
        size_t room = 1 + draw(world, sizeof bytes);
        size_t got = cursor_read(cursor, bytes, room);

        ck_assert(!cursor->failed);
        if (got > 0)
            take(reader, bytes, got);
        if (got == 0 && cursor_leads_on(cursor))
            cursor_move_on(cursor, &world->bench.track);
        else if (got == 0)
            return cursor->track == &world->bench.track;
        else if (!all && draw(world, 30) == 0)
            return false;
    }
}

/* The last one reads everything; the others now and then, and some leave and come back. */
static size_t let_readers_read(struct random_world *world)
{
    size_t compared = 0;

    for (size_t i = 0; i < READERS; i++) {
        struct reader *reader = &world->readers[i];
        bool all = i == READERS - 1;

        if (!all && draw(world, 3 + i * i * 4) != 0)
            continue;
        if (!all && draw(world, 6) == 0)
            leave(reader);
        if (!reader->is_joined)
            join(world, reader, draw(world, 4) != 0);
        if (!read_some(world, reader, all))
            continue;
        ck_assert_uint_eq(reader->size, 0);
        stream_client_compare(&reader->client, &world->bench.track);
        compared++;
    }
    return compared;
}

/* A stream that is told to end says so by a whole gzip trailer, or by its last whole event. */
static void end_readers(struct random_world *world)
{
    for (size_t i = 0; i < READERS; i++) {
        struct reader *reader = &world->readers[i];
        char bytes[4096];
        size_t got;

        if (!reader->is_joined)
            continue;
        cursor_end(&reader->cursor);
        while ((got = cursor_read(&reader->cursor, bytes, sizeof bytes)) > 0) {
            if (!reader->is_gzip) {
                take(reader, bytes, got);
                continue;
            }
            reader->inflater.next_in = (Bytef *)bytes;
            reader->inflater.avail_in = (uInt)got;
            reader->inflater.next_out = (Bytef *)reader->text + reader->size;
            reader->inflater.avail_out = (uInt)(TEXT_BYTES - reader->size);
            ck_assert_int_ge(inflate(&reader->inflater, Z_SYNC_FLUSH), Z_OK);
            reader->size = TEXT_BYTES - reader->inflater.avail_out;
            apply(reader);
        }
        ck_assert(reader->cursor.is_over);
        ck_assert_uint_eq(reader->size, 0);
        /* Only a checksum and a length that are right end it. */
        if (reader->is_gzip)
            ck_assert_int_eq(inflate(&reader->inflater, Z_FINISH), Z_STREAM_END);
    }
}

static void make_world(struct random_world *world)
{
    track_bench_make(&world->bench);
    track_bench_select_rule(&world->bench, "x*", &world->rule);
    world->gzip = gzip_new();
    ck_assert_ptr_nonnull(world->gzip);
    for (size_t i = 0; i < READERS; i++) {
        stream_client_init(&world->readers[i].client, world->rule.every);
        world->readers[i].text = malloc(TEXT_BYTES);
        ck_assert_ptr_nonnull(world->readers[i].text);
    }
}

static void remove_world(struct random_world *world)
{
    for (size_t i = 0; i < READERS; i++) {
        leave(&world->readers[i]);
        stream_client_finish(&world->readers[i].client);
        free(world->readers[i].text);
    }
    drop_replays(world);
    gzip_free(world->gzip);
    track_bench_remove(&world->bench);
}

/* The world was one in which much happened. */
static void expect_eventful(const struct random_world *world, size_t compared)
{
    const struct reader *readers = world->readers;
    size_t resumes = 0;

    for (size_t i = 0; i < READERS; i++)
        resumes += readers[i].resumes;
    ck_assert_uint_gt(compared, TICKS / 2);
    ck_assert_uint_gt(resumes, 30);
    ck_assert_uint_gt(readers[READERS - 1].client.seen[STREAM_CLIENT_SERIES], 30);
    /* A single tick that was not encoded is most often none of those that are sent. */
    if (world->rule.every == 1)
        ck_assert_uint_gt(readers[READERS - 1].client.seen[STREAM_CLIENT_GAP], 30);
    ck_assert_uint_gt(readers[0].client.seen[STREAM_CLIENT_HELLO], 20);
    ck_assert_uint_gt(readers[READERS - 2].client.seen[STREAM_CLIENT_HELLO], 2);
}

static void run_random_world(uint64_t seed, const struct shown_rule *rule)
{
    struct random_world world = {.random = seed, .rule = *rule};
    struct track *track = &world.bench.track;
    size_t compared = 0;

    make_world(&world);
    for (int i = 0; i < TICKS; i++) {
        make_random_tick(&world);
        if (draw(&world, 10) == 0)
            continue; /* not encoded: the loop was busy */
        while (follower_advance(&world.bench.follower))
            ;
        release_old(&world);
        track_bench_encode(&world.bench);
        if (draw(&world, 5) == 0)
            ck_assert_int_eq(
                track_append(track,
                             frame_ping(&track->context, world.bench.follower.present.tick.seq, 0)),
                0);
        advance_replays(&world);
        compared += let_readers_read(&world);
        drop_replays(&world);
    }
    expect_eventful(&world, compared);
    end_readers(&world);
    remove_world(&world);
}

START_TEST(whoever_applies_what_is_sent_knows_what_is_shown)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
        run_random_world(seed * 88172645463325252, &(struct shown_rule){.every = 1});
}
END_TEST

START_TEST(so_does_who_is_sent_raw_values)
{
    run_random_world(88172645463325252, &(struct shown_rule){.every = 1, .raw = true});
}
END_TEST

START_TEST(so_does_who_is_sent_each_third_tick)
{
    run_random_world(88172645463325252, &(struct shown_rule){.every = 3});
}
END_TEST

int main(void)
{
    return RUN_TESTS("stream_random", whoever_applies_what_is_sent_knows_what_is_shown,
                     so_does_who_is_sent_raw_values, so_does_who_is_sent_each_third_tick);
}
