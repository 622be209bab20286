/*
 * The stream to the subscribers of one HTTP loop. Those that want the same share a track, whose
 * frames are encoded once per tick; those that resume share a replay of what they missed. What a
 * tick costs is done in turns, between which the loop does other things: encoding until a time is
 * over, then resuming a few connections. HTTP loop only.
 */
#ifndef TACHO_DAEMON_STREAM_H
#define TACHO_DAEMON_STREAM_H

#include "daemon/follower.h"
#include "daemon/processes.h"
#include "daemon/request.h"
#include "daemon/select.h"
#include "daemon/subscriber.h"

/* Connections resumed in one turn: about 2 ms of serving. */
#define STREAM_RESUMED_AT_ONCE 250

struct stream;

/*
 * The follower's present is what subscribers are shown, and the lists of processes; both outlive
 * the stream, as epoch does.
 */
int stream_new(const char *epoch, const struct follower *follower, struct processes *processes,
               struct stream **out) MUST_CHECK;

/* All subscribers have left. NULL is a no-op. */
void stream_free(struct stream *stream);

/*
 * Makes the request a subscriber and queues its response. Takes the wish's select, also on failure.
 * What it missed since its tick is replayed, or told by a gap where that is too long ago or too
 * many replays are under way. -EINVAL with the problem filled: a limit is reached, or the stream
 * ended.
 */
int stream_join(struct stream *stream, struct request *request, const struct stream_wish *wish,
                struct problem *problem) MUST_CHECK;

/* Answers a HEAD with the headers of stream_join, but for those of the body's encoding. */
enum MHD_Result stream_answer_head(struct request *request, enum frame_format format);

/* The request ends. NULL is a no-op. */
void stream_leave(struct subscriber *subscriber);

/* Before the follower advances: encodes what turns have not come to. */
void stream_finish_tick(struct stream *stream);

/* The follower advanced by a tick, which is to be sent in turns. */
void stream_send_tick(struct stream *stream);

/*
 * True if there is a newer list of processes for some, which is to be sent in turns. Whoever is not
 * sent one before the next comes has missed nothing.
 */
bool stream_send_list(struct stream *stream);

/* For so long a subscriber hears nothing before it is sent a ping. */
int64_t stream_ping_span_ns(const struct stream *stream);

/* No tick came for a ping's span: a ping to every subscriber, in turns. */
void stream_send_ping(struct stream *stream);

/* Whether there is something to be done in a turn. */
bool stream_is_due(const struct stream *stream);

/* A turn; encodes until this time of CLOCK_MONOTONIC. MHD then has to run. */
void stream_take_turn(struct stream *stream, int64_t end_ns);

/* Ends every response after what is being sent, and lets nobody join. MHD then has to run. */
void stream_end(struct stream *stream);

/* How many subscribers there are. Any thread. */
size_t stream_subscribers(const struct stream *stream);

#endif
