#include "daemon/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/respond.h"
#include "daemon/subscription.h"

/* gap, hello, complete tick */
#define PRELUDE_FRAMES 3
/* A reader that takes nothing for so long is given up; slow ones only skip. */
#define STALL_SECONDS 120

struct subscriber {
    struct subscriber *previous, *next; /* the stream's list */
    struct stream *stream;
    struct subscription *subscription;
    struct MHD_Connection *connection;
    struct frame *prelude[PRELUDE_FRAMES]; /* sent before the subscription's frames */
    size_t prelude_at, prelude_count;
    uint64_t number;       /* of the subscription's frame to send next */
    struct frame *current; /* held while it is being sent */
    size_t offset;
    uint64_t last_seq; /* of the last tick begun */
    bool suspended;
    bool ended;
};

struct stream {
    struct frame_context context;
    const struct follower *follower;
    struct subscription *subscriptions;
    size_t subscription_count;
    struct subscriber *subscribers;
    _Atomic size_t subscriber_count;
    bool ended; /* nobody joins any more */
};

int stream_new(const struct frame_context *context, const struct follower *follower,
               struct stream **out)
{
    struct stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return -ENOMEM;
    stream->context = *context;
    stream->follower = follower;
    *out = stream;
    return 0;
}

void stream_free(struct stream *stream)
{
    free(stream);
}

size_t stream_subscribers(const struct stream *stream)
{
    return atomic_load(&stream->subscriber_count);
}

static void forget_prelude(struct subscriber *subscriber)
{
    while (subscriber->prelude_at < subscriber->prelude_count)
        frame_put(subscriber->prelude[subscriber->prelude_at++]);
    subscriber->prelude_at = 0;
    subscriber->prelude_count = 0;
}

static bool add_prelude(struct subscriber *subscriber, struct frame *frame)
{
    if (!frame)
        return false;
    subscriber->prelude[subscriber->prelude_count++] = frame;
    return true;
}

/*
 * Whoever joins or skips gets everything anew: what is left out, the hello, one complete tick. A
 * client that was at tick `since` (0: nowhere) learns that it missed those after it.
 */
static bool make_prelude(struct subscriber *subscriber, uint64_t since, const char *why)
{
    struct subscription *subscription = subscriber->subscription;
    const struct frame_context *context = &subscriber->stream->context;
    uint64_t seq = subscription->tick.seq;
    struct frame *frame;

    forget_prelude(subscriber);
    subscriber->number = subscription->end;
    if (since != 0 && since < seq && since + 1 < seq &&
        !add_prelude(subscriber, frame_gap(since + 1, seq - 1, why)))
        return false;
    frame = subscription_hello(subscription, context);
    if (!frame || !add_prelude(subscriber, frame_hold(frame)))
        return false;
    if (seq == 0)
        return true;
    frame = subscription_complete(subscription, context);
    return frame && add_prelude(subscriber, frame_hold(frame));
}

/* The next frame with a reference, or NULL when the subscriber has caught up. */
static struct frame *take_frame(struct subscriber *subscriber)
{
    struct frame *frame;

    if (subscriber->prelude_at == subscriber->prelude_count &&
        subscription_lost(subscriber->subscription, subscriber->number) &&
        !make_prelude(subscriber, subscriber->last_seq, "slow")) {
        subscriber->ended = true;
        return NULL;
    }
    if (subscriber->prelude_at < subscriber->prelude_count) {
        frame = subscriber->prelude[subscriber->prelude_at++];
    } else {
        frame = subscription_frame(subscriber->subscription, subscriber->number);
        if (!frame)
            return NULL;
        frame_hold(frame);
        subscriber->number++;
    }
    if (frame->tick_seq != 0)
        subscriber->last_seq = frame->tick_seq;
    return frame;
}

/* libmicrohttpd asks for up to `room` bytes of the endless body. */
static ssize_t on_read(void *arg, uint64_t position, char *out, size_t room)
{
    struct subscriber *subscriber = arg;
    size_t copied = 0;

    (void)position;
    while (copied < room) {
        struct frame *frame = subscriber->current;
        size_t part;

        if (!frame) {
            /* What is begun is finished, so that an end falls between two events. */
            frame = subscriber->ended ? NULL : take_frame(subscriber);
            if (!frame)
                break;
            subscriber->current = frame;
            subscriber->offset = 0;
        }
        part = frame->size - subscriber->offset;
        if (part > room - copied)
            part = room - copied;
        memcpy(out + copied, frame->data + subscriber->offset, part);
        copied += part;
        subscriber->offset += part;
        if (subscriber->offset == frame->size) {
            frame_put(frame);
            subscriber->current = NULL;
        }
    }
    if (copied > 0)
        return (ssize_t)copied;
    if (subscriber->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    subscriber->suspended = true;
    MHD_suspend_connection(subscriber->connection);
    return 0;
}

static void wake(struct subscriber *subscriber)
{
    if (!subscriber->suspended)
        return;
    subscriber->suspended = false;
    MHD_resume_connection(subscriber->connection);
}

static void drop_subscription(struct stream *stream, struct subscription *subscription)
{
    struct subscription **link = &stream->subscriptions;

    while (*link != subscription)
        link = &(*link)->next;
    *link = subscription->next;
    stream->subscription_count--;
    subscription_free(subscription);
}

/* The subscription of those who selected the same; takes the select. */
static struct subscription *find_subscription(struct stream *stream, struct select *select,
                                              struct problem *problem)
{
    struct subscription *subscription;

    for (subscription = stream->subscriptions; subscription; subscription = subscription->next) {
        if (strcmp(select_key(subscription->select), select_key(select)) == 0) {
            select_free(select);
            return subscription;
        }
    }
    if (stream->subscription_count == STREAM_MAX_SUBSCRIPTIONS) {
        select_free(select);
        problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
                    "%d different selections are being streamed, which is the limit; join one of "
                    "them or try again later",
                    STREAM_MAX_SUBSCRIPTIONS);
        return NULL;
    }
    subscription = subscription_new(select, stream->follower, problem);
    if (!subscription)
        return NULL;
    subscription->next = stream->subscriptions;
    stream->subscriptions = subscription;
    stream->subscription_count++;
    return subscription;
}

static enum MHD_Result queue_response(struct request *request, struct MHD_Response *response)
{
    if (response) {
        MHD_add_response_header(response, "Cache-Control", "no-cache, no-transform");
        MHD_add_response_header(response, "X-Accel-Buffering", "no");
    }
    return respond_queue(request, MHD_HTTP_OK, "text/event-stream", response);
}

/* An endless body would do too, but libmicrohttpd ends it with a chunk even after a HEAD. */
enum MHD_Result stream_answer_head(struct request *request)
{
    return queue_response(request,
                          MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

static void link_subscriber(struct stream *stream, struct subscriber *subscriber)
{
    subscriber->next = stream->subscribers;
    if (stream->subscribers)
        stream->subscribers->previous = subscriber;
    stream->subscribers = subscriber;
    subscriber->subscription->subscriber_count++;
    atomic_fetch_add(&stream->subscriber_count, 1);
}

int stream_join(struct stream *stream, struct request *request, struct select *select,
                uint64_t since, struct problem *problem)
{
    struct subscription *subscription;
    struct subscriber *subscriber;

    if (stream->ended) {
        select_free(select);
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "tachod is stopping");
    }
    subscription = find_subscription(stream, select, problem);
    if (!subscription)
        return -EINVAL;
    subscriber = calloc(1, sizeof *subscriber);
    if (!subscriber) {
        if (subscription->subscriber_count == 0)
            drop_subscription(stream, subscription);
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "out of memory");
    }
    subscriber->stream = stream;
    subscriber->subscription = subscription;
    subscriber->connection = request->connection;
    link_subscriber(stream, subscriber);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                              (unsigned)STALL_SECONDS);
    if (!make_prelude(subscriber, since, "behind") ||
        queue_response(request, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, on_read,
                                                                  subscriber, NULL)) != MHD_YES) {
        stream_leave(subscriber);
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "out of memory");
    }
    request->subscriber = subscriber;
    return 0;
}

void stream_leave(struct subscriber *subscriber)
{
    struct stream *stream;

    if (!subscriber)
        return;
    stream = subscriber->stream;
    if (subscriber->previous)
        subscriber->previous->next = subscriber->next;
    else
        stream->subscribers = subscriber->next;
    if (subscriber->next)
        subscriber->next->previous = subscriber->previous;
    atomic_fetch_sub(&stream->subscriber_count, 1);
    forget_prelude(subscriber);
    frame_put(subscriber->current);
    if (--subscriber->subscription->subscriber_count == 0)
        drop_subscription(stream, subscriber->subscription);
    free(subscriber);
}

static void end_subscribers_of(struct stream *stream, const struct subscription *subscription)
{
    for (struct subscriber *each = stream->subscribers; each; each = each->next) {
        if (each->subscription == subscription)
            each->ended = true;
    }
}

static void wake_all(struct stream *stream)
{
    for (struct subscriber *each = stream->subscribers; each; each = each->next)
        wake(each);
}

/* So that those behind it are the first in the next tick, and it is the last. */
static void put_last(struct stream *stream, struct subscription *last)
{
    struct subscription **end = &last->next;

    while (*end)
        end = &(*end)->next;
    *end = stream->subscriptions;
    stream->subscriptions = last->next;
    last->next = NULL;
}

void stream_send_tick(struct stream *stream)
{
    struct pattern_meter meter = pattern_meter_start();
    struct subscription *each, *behind = NULL;

    pattern_meter_pause(&meter);
    for (each = stream->subscriptions; each; each = each->next) {
        if (!subscription_encode(each, &stream->context, stream->follower, &meter))
            end_subscribers_of(stream, each);
        if (!behind && subscription_is_behind(each))
            behind = each;
    }
    if (behind)
        put_last(stream, behind);
    wake_all(stream);
}

void stream_send_ping(struct stream *stream)
{
    const struct tick *tick = &stream->follower->present.tick;
    struct frame *frame = frame_ping(tick->seq, tick->time_ms);
    struct subscription *each;

    if (!frame)
        return;
    for (each = stream->subscriptions; each; each = each->next)
        subscription_append(each, frame_hold(frame));
    frame_put(frame);
    wake_all(stream);
}

void stream_end(struct stream *stream)
{
    /* One that joined now would be suspended when the daemon stops, which libmicrohttpd aborts on.
     */
    stream->ended = true;
    for (struct subscriber *each = stream->subscribers; each; each = each->next)
        each->ended = true;
    wake_all(stream);
}
