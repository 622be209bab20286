#include "daemon/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/respond.h"

/* A reader that takes nothing for so long is given up; slow ones only skip. */
#define STALL_SECONDS 120
/* A replay that nobody reads for so many ticks is given up: its place is wanted. */
#define REPLAY_STALL_TICKS 20
#define PING_MAX_MS        15000
#define PING_INTERVALS     3
/* An HTTP/1.0 body is read by blocks of this size; chunks are made in the connection's memory. */
#define BLOCK_BYTES 1024

struct stream {
    const struct follower *follower;
    struct processes *processes;
    uint64_t list_version; /* of the list that was noticed last */
    struct audiences audiences;
    struct gzip *gzip;          /* made when first wanted */
    struct pattern_meter meter; /* of this tick's encoding */
    _Atomic size_t subscriber_count;
    bool ended; /* nobody joins any more */
};

int stream_new(const char *epoch, const struct follower *follower, struct processes *processes,
               struct stream **out)
{
    struct stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return -ENOMEM;
    stream->follower = follower;
    stream->processes = processes;
    audiences_init(&stream->audiences, stream, epoch, follower);
    *out = stream;
    return 0;
}

void stream_free(struct stream *stream)
{
    if (!stream)
        return;
    gzip_free(stream->gzip);
    free(stream);
}

size_t stream_subscribers(const struct stream *stream)
{
    return atomic_load(&stream->subscriber_count);
}

/* --- subscribers come and go --- */

static enum MHD_Result queue_response(struct request *request, struct MHD_Response *response,
                                      enum frame_format format, bool is_gzip)
{
    static const char *const types[] = {
        [FRAME_SSE] = "text/event-stream", [FRAME_NDJSON] = "application/x-ndjson"};

    if (response) {
        MHD_add_response_header(response, "Cache-Control", "no-cache, no-transform");
        MHD_add_response_header(response, "X-Accel-Buffering", "no");
        /* No Vary: nothing keeps an answer without end, and each header is memory of its client. */
        if (is_gzip)
            MHD_add_response_header(response, "Content-Encoding", "gzip");
    }
    return respond_queue_stream(request, types[format], response);
}

/* An endless body would do too, but libmicrohttpd ends it with a chunk even after a HEAD. */
enum MHD_Result stream_answer_head(struct request *request, enum frame_format format)
{
    return queue_response(request, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT),
                          format, false);
}

/* As a frame; NULL: it was encoded like that before, or no memory. */
static struct frame *encode_list(struct audience *audience, const struct process_list *list,
                                 bool arguments)
{
    struct frame *frame;

    if (list->seq == audience->list_seq && arguments == audience->list_arguments)
        return NULL;
    frame = frame_processes(&audience->track.context, list, arguments);
    if (frame) {
        audience->list_seq = list->seq;
        audience->list_arguments = arguments;
    }
    return frame;
}

/*
 * Who joins is sent the newest list, unless it is no longer the present; that it is watched makes
 * the next one come soon.
 */
static void begin_list(struct stream *stream, struct audience *live)
{
    const int64_t now_ns = clock_mono_ns();
    struct process_list *list;

    if (live->track.context.processes == 0)
        return;
    processes_watch(stream->processes, now_ns);
    list = processes_latest(stream->processes, now_ns);
    if (!list)
        track_begin_list(&live->track, NULL);
    else if (!live->track.list)
        track_begin_list(&live->track,
                         encode_list(live, list, processes_shows_arguments(stream->processes)));
    process_list_put(list);
}

static int place(struct stream *stream, struct subscriber *subscriber, struct audience *live,
                 struct gzip *gzip, uint64_t since)
{
    bool resumes = since != 0 && since <= history_last(stream->follower->history);
    struct audience *replay =
        resumes ? audiences_find_replay(&stream->audiences, live, since) : NULL;

    if (replay)
        cursor_resume(&subscriber->cursor, &replay->replay->track, gzip, since, 0);
    else if (cursor_join(&subscriber->cursor, &live->track, gzip, resumes ? since : 0, "behind") <
             0)
        return -ENOMEM;
    audience_add(replay ? replay : live, subscriber);
    return 0;
}

/* The response's content reader and its block. */
static struct MHD_Response *make_response(const struct request *request,
                                          struct subscriber *subscriber)
{
    size_t block = strcmp(request->version, MHD_HTTP_VERSION_1_1) == 0 ? 1 : BLOCK_BYTES;

    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, subscriber_read, subscriber,
                                             NULL);
}

static int join(struct stream *stream, struct request *request, struct audience *live,
                uint64_t since)
{
    bool is_gzip = respond_takes_gzip(request);
    struct subscriber *subscriber = calloc(1, sizeof *subscriber);

    if (is_gzip && !stream->gzip)
        stream->gzip = gzip_new();
    if (!subscriber || (is_gzip && !stream->gzip) ||
        place(stream, subscriber, live, is_gzip ? stream->gzip : NULL, since) < 0) {
        free(subscriber);
        return -ENOMEM;
    }
    subscriber->connection = request->connection;
    atomic_fetch_add(&stream->subscriber_count, 1);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                              (unsigned)STALL_SECONDS);
    if (queue_response(request, make_response(request, subscriber), live->track.context.format,
                       is_gzip) != MHD_YES) {
        stream_leave(subscriber);
        return -ENOMEM;
    }
    request->subscriber = subscriber;
    return 0;
}

int stream_join(struct stream *stream, struct request *request, const struct stream_wish *wish,
                struct problem *problem)
{
    struct audience *live;

    if (stream->ended) {
        select_free(wish->select);
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "tachod is stopping");
    }
    live = audiences_find_live(&stream->audiences, wish, problem);
    if (!live)
        return -EINVAL;
    begin_list(stream, live);
    if (join(stream, request, live, wish->since) == 0)
        return 0;
    audiences_drop_empty(&stream->audiences);
    return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "out of memory");
}

void stream_leave(struct subscriber *subscriber)
{
    struct stream *stream;

    if (!subscriber)
        return;
    stream = subscriber->audience->stream;
    atomic_fetch_sub(&stream->subscriber_count, 1);
    cursor_finish(&subscriber->cursor);
    audience_remove(subscriber);
    audiences_drop_empty(&stream->audiences);
    free(subscriber);
}

/* --- a tick, in turns --- */

static void end_audience(struct audience *audience)
{
    for (size_t i = 0; i < audience->count; i++) {
        cursor_end(&audience->first->cursor);
        audience->first = audience->first->next;
    }
    audience_call(audience);
}

static void encode(struct audience *audience)
{
    struct stream *stream = audience->stream;
    uint64_t end = audience->track.end;

    audience->is_pending = false;
    if (track_encode(&audience->track, audience->select, stream->follower, &stream->meter) < 0) {
        for (struct audience *each = stream->audiences.first; each; each = each->next) {
            if (each == audience || each->live == audience)
                end_audience(each);
        }
    } else if (audience->track.end != end) {
        audience_call(audience);
    }
}

void stream_finish_tick(struct stream *stream)
{
    for (struct audience *each = stream->audiences.first; each; each = each->next) {
        if (each->is_pending)
            encode(each);
    }
}

int64_t stream_ping_span_ns(const struct stream *stream)
{
    int64_t span_ms = (int64_t)stream->follower->present.interval_ms * PING_INTERVALS;

    return (span_ms < PING_MAX_MS ? span_ms : PING_MAX_MS) * NS_PER_MS;
}

static void ping(struct audience *audience, const struct tick *tick)
{
    struct track *track = audience_track(audience);

    track->told_ns = tick->mono_ns;
    if (track_append(track, frame_ping(&track->context, tick->seq, tick->time_ms)) == 0)
        audience_call(audience);
}

/* Those who wait for a tick of theirs, and hear nothing meanwhile. */
static void ping_silent(struct stream *stream, struct audience *audience)
{
    const struct tick *tick = &stream->follower->present.tick;
    const struct track *track = audience_track(audience);

    if (track->rule.every == 1 || track->onward ||
        tick->mono_ns - track->told_ns < stream_ping_span_ns(stream) ||
        (audience->replay && replay_can_advance(audience->replay)))
        return;
    ping(audience, tick);
}

void stream_send_tick(struct stream *stream)
{
    uint64_t seq = stream->follower->present.tick.seq;

    stream->meter = pattern_meter_start();
    pattern_meter_pause(&stream->meter);
    audiences_drop_empty(&stream->audiences);
    for (struct audience *each = stream->audiences.first; each; each = each->next) {
        each->is_pending = !each->live;
        if (each->is_pending && each->track.context.processes > 0)
            processes_watch(stream->processes, clock_mono_ns());
        ping_silent(stream, each);
        if (each->replay && replay_can_advance(each->replay) &&
            seq - each->replay->moved_seq > REPLAY_STALL_TICKS) {
            replay_give_up(each->replay);
            audience_call(each);
        }
    }
}

bool stream_send_list(struct stream *stream)
{
    uint64_t version = processes_version(stream->processes);
    bool wanted = false;

    if (version == stream->list_version)
        return false;
    stream->list_version = version;
    for (struct audience *each = stream->audiences.first; each; each = each->next) {
        each->list_is_pending = !each->live && each->track.context.processes > 0;
        wanted |= each->list_is_pending;
    }
    return wanted;
}

void stream_send_ping(struct stream *stream)
{
    for (struct audience *each = stream->audiences.first; each; each = each->next) {
        if (!audience_track(each)->onward)
            ping(each, &stream->follower->present.tick);
    }
}

static bool can_advance(const struct audience *audience)
{
    return audience->is_wanted && replay_can_advance(audience->replay);
}

bool stream_is_due(const struct stream *stream)
{
    for (const struct audience *each = stream->audiences.first; each; each = each->next) {
        if (each->is_pending || each->list_is_pending || each->left > 0 || can_advance(each))
            return true;
    }
    return false;
}

/* Encodes for one of them; false if none needs it. */
static bool encode_next(struct stream *stream)
{
    struct audience *audience = stream->audiences.first;

    while (audience && !audience->is_pending)
        audience = audience->next;
    if (!audience)
        return false;
    encode(audience);
    if (track_is_behind(&audience->track))
        audiences_put_last(&stream->audiences, audience);
    return true;
}

/* The same of the newest list of processes. */
static bool encode_next_list(struct stream *stream)
{
    struct audience *audience = stream->audiences.first;
    struct process_list *list;
    struct frame *frame = NULL;

    while (audience && !audience->list_is_pending)
        audience = audience->next;
    if (!audience)
        return false;
    audience->list_is_pending = false;
    list = processes_latest(stream->processes, clock_mono_ns());
    if (list)
        frame = encode_list(audience, list, processes_shows_arguments(stream->processes));
    process_list_put(list);
    if (frame) {
        track_append_list(&audience->track, frame);
        audience_call(audience);
    }
    return true;
}

/* One tick of one of them; false if none is wanted. */
static bool replay_next(struct stream *stream)
{
    struct audience *audience = stream->audiences.first;
    uint64_t end;

    while (audience && !can_advance(audience))
        audience = audience->next;
    if (!audience)
        return false;
    end = audience->replay->track.end;
    replay_advance(audience->replay);
    if (audience->replay->track.end != end || replay_has_ended(audience->replay))
        audience_call(audience);
    if (audience->replay->track.end - audience->wanted_at >= TRACK_FRAMES / 2)
        audience->is_wanted = false;
    audiences_put_last(&stream->audiences, audience);
    return true;
}

void stream_take_turn(struct stream *stream, int64_t end_ns)
{
    size_t most = STREAM_RESUMED_AT_ONCE;

    while ((encode_next(stream) || encode_next_list(stream) || replay_next(stream)) &&
           clock_mono_ns() < end_ns)
        ;
    for (struct audience *each = stream->audiences.first, *next; each && most > 0; each = next) {
        next = each->next;
        most -= audience_resume(each, most);
        if (most == 0)
            audiences_put_last(&stream->audiences, each);
    }
}

void stream_end(struct stream *stream)
{
    /* One that joined now would be suspended when the daemon stops, which libmicrohttpd aborts on.
     */
    stream->ended = true;
    for (struct audience *each = stream->audiences.first; each; each = each->next) {
        end_audience(each);
        audience_resume(each, each->count);
    }
}
