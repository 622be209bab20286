#include "daemon/cursor.h"

#include <errno.h>
#include <string.h>

static void forget_prelude(struct cursor *cursor)
{
    while (cursor->prelude_at < cursor->prelude_count)
        frame_put(cursor->prelude[cursor->prelude_at++]);
    cursor->prelude_at = 0;
    cursor->prelude_count = 0;
}

static int add_prelude(struct cursor *cursor, struct frame *frame)
{
    if (!frame)
        return -ENOMEM;
    cursor->prelude[cursor->prelude_count++] = frame;
    return 0;
}

static int add_shared(struct cursor *cursor, struct frame *frame)
{
    return add_prelude(cursor, frame ? frame_hold(frame) : NULL);
}

/* Whoever joins or skips gets everything anew. */
static int make_prelude(struct cursor *cursor, uint64_t since, const char *why)
{
    struct track *track = cursor->track;
    uint64_t seq = track->tick.seq;

    forget_prelude(cursor);
    cursor->number = track->end;
    if (since != 0 && shown_next(&track->rule, since) < seq &&
        add_prelude(cursor, frame_gap(&track->context, since + 1, seq - 1, why)) < 0)
        return -ENOMEM;
    if (track->context.format == FRAME_SSE && add_shared(cursor, track_hello(track)) < 0)
        return -ENOMEM;
    if (seq != 0 && add_shared(cursor, track_complete(track)) < 0)
        return -ENOMEM;
    return track->list ? add_shared(cursor, track->list) : 0;
}

static void begin(struct cursor *cursor, struct track *track, struct gzip *gzip, uint64_t since,
                  uint64_t number)
{
    *cursor = (struct cursor){.track = track, .number = number, .gzip = gzip, .last_seq = since};
    if (gzip) {
        cursor->bytes = gzip_header;
        cursor->left = GZIP_HEADER_BYTES;
    }
}

int cursor_join(struct cursor *cursor, struct track *track, struct gzip *gzip, uint64_t since,
                const char *why)
{
    begin(cursor, track, gzip, since, track->end);
    if (make_prelude(cursor, since, why) == 0)
        return 0;
    cursor_finish(cursor);
    return -ENOMEM;
}

void cursor_resume(struct cursor *cursor, struct track *track, struct gzip *gzip, uint64_t since,
                   uint64_t number)
{
    begin(cursor, track, gzip, since, number);
}

void cursor_finish(struct cursor *cursor)
{
    forget_prelude(cursor);
    frame_put(cursor->frame);
    cursor->frame = NULL;
}

void cursor_move_on(struct cursor *cursor, struct track *onward)
{
    cursor->number = cursor->track->onward_number;
    cursor->track = onward;
}

void cursor_end(struct cursor *cursor)
{
    cursor->ended = true;
}

static void fail(struct cursor *cursor)
{
    cursor->failed = true;
}

/* The next frame with a reference, or NULL when there is none. */
static struct frame *take_frame(struct cursor *cursor)
{
    struct frame *frame;

    if (cursor->prelude_at == cursor->prelude_count && track_lost(cursor->track, cursor->number) &&
        make_prelude(cursor, cursor->last_seq, "slow") < 0) {
        fail(cursor);
        return NULL;
    }
    if (cursor->prelude_at < cursor->prelude_count)
        return cursor->prelude[cursor->prelude_at++];
    cursor->number = track_skip(cursor->track, cursor->number);
    frame = track_frame(cursor->track, cursor->number);
    if (!frame)
        return NULL;
    cursor->number++;
    return frame_hold(frame);
}

static bool begin_frame(struct cursor *cursor)
{
    struct frame *frame = take_frame(cursor);
    const struct gzip_block *block;

    if (!frame)
        return false;
    cursor->frame = frame;
    if (frame->seq != 0)
        cursor->last_seq = frame->seq;
    if (!cursor->gzip) {
        cursor->bytes = frame->data;
        cursor->left = frame->size;
        return true;
    }
    block = frame_gzip(frame, cursor->gzip);
    if (!block) {
        fail(cursor);
        return false;
    }
    gzip_sum_add(&cursor->sum, block);
    cursor->bytes = block->data;
    cursor->left = block->size;
    return true;
}

/* Something to be sent, unless it has caught up, is over or failed. */
static bool begin_bytes(struct cursor *cursor)
{
    if (cursor->is_over || cursor->failed)
        return false;
    if (!cursor->ended)
        return begin_frame(cursor);
    cursor->is_over = true;
    if (!cursor->gzip)
        return false;
    gzip_end(&cursor->sum, cursor->trailer);
    cursor->bytes = cursor->trailer;
    cursor->left = sizeof cursor->trailer;
    return true;
}

size_t cursor_read(struct cursor *cursor, char *out, size_t room)
{
    size_t copied = 0;

    while (copied < room && (cursor->left > 0 || begin_bytes(cursor))) {
        size_t part = cursor->left < room - copied ? cursor->left : room - copied;

        memcpy(out + copied, cursor->bytes, part);
        copied += part;
        cursor->bytes += part;
        cursor->left -= part;
        if (cursor->left == 0) {
            frame_put(cursor->frame);
            cursor->frame = NULL;
        }
    }
    return copied;
}
