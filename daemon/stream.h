/*
 * Server-Sent Events to the subscribers of one HTTP loop. Subscribers that select the same series
 * share a subscription, whose frames are encoded once per tick and shared. A subscriber is a cursor
 * into the last STREAM_FRAMES frames of its subscription: one that falls behind them skips to the
 * present and is told so. HTTP loop only.
 */
#ifndef TACHO_DAEMON_STREAM_H
#define TACHO_DAEMON_STREAM_H

#include "daemon/follower.h"
#include "daemon/frame.h"
#include "daemon/request.h"
#include "daemon/select.h"

#define STREAM_MAX_SUBSCRIPTIONS 64

struct stream;

/* The follower's present is what subscribers are shown; it outlives the stream. */
int stream_new(const struct frame_context *context, const struct follower *follower,
               struct stream **out) MUST_CHECK;

/* All subscribers have left. NULL is a no-op. */
void stream_free(struct stream *stream);

/*
 * Makes the request a subscriber and queues its response. Takes the select, also on failure.
 * since: the tick after which the client wants to go on, or 0; what it missed is told by a gap.
 * -EINVAL with the problem filled: a limit is reached, or the stream ended.
 */
int stream_join(struct stream *stream, struct request *request, struct select *select,
                uint64_t since, struct problem *problem) MUST_CHECK;

/* Answers a HEAD with the headers of stream_join, but for those of the body's encoding. */
enum MHD_Result stream_answer_head(struct request *request);

/* The request ends. NULL is a no-op. */
void stream_leave(struct subscriber *subscriber);

/* The follower advanced by a tick: encode it for every subscription, wake its subscribers. */
void stream_send_tick(struct stream *stream);

/* Sends a ping to every subscriber. */
void stream_send_ping(struct stream *stream);

/* Ends every response after what is being sent, and lets nobody join. MHD then has to run. */
void stream_end(struct stream *stream);

/* How many subscribers there are. Any thread. */
size_t stream_subscribers(const struct stream *stream);

#endif
