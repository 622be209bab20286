#include "daemon/subscriber.h"

void audience_add(struct audience *audience, struct subscriber *subscriber)
{
    struct subscriber *first = audience->first;

    subscriber->audience = audience;
    if (first) {
        subscriber->next = first;
        subscriber->previous = first->previous;
        first->previous->next = subscriber;
        first->previous = subscriber;
    } else {
        subscriber->next = subscriber->previous = subscriber;
        audience->first = subscriber;
    }
    audience->count++;
}

/* One that is left but not the first leaves its place to the one behind: a look too many. */
void audience_remove(struct subscriber *subscriber)
{
    struct audience *audience = subscriber->audience;

    audience->count--;
    if (audience->first == subscriber) {
        audience->first = audience->count > 0 ? subscriber->next : NULL;
        if (audience->left > 0)
            audience->left--;
    }
    if (audience->left > audience->count)
        audience->left = audience->count;
    subscriber->previous->next = subscriber->next;
    subscriber->next->previous = subscriber->previous;
    subscriber->audience = NULL;
}

size_t audience_resume(struct audience *audience, size_t most)
{
    size_t resumed = 0;

    while (audience->left > 0 && resumed < most) {
        struct subscriber *subscriber = audience->first;

        audience->first = subscriber->next;
        audience->left--;
        if (!subscriber->is_suspended)
            continue;
        subscriber->is_suspended = false;
        MHD_resume_connection(subscriber->connection);
        resumed++;
    }
    return resumed;
}

static void move_on(struct subscriber *subscriber)
{
    struct audience *live = subscriber->audience->live;

    audience_remove(subscriber);
    audience_add(live, subscriber);
    cursor_move_on(&subscriber->cursor, &live->track);
}

/* A replay makes some more once the first of its readers has read all. */
static void want_more(struct audience *audience)
{
    if (!audience->replay || audience->is_wanted)
        return;
    audience->is_wanted = true;
    audience->wanted_at = audience->replay->track.end;
}

ssize_t subscriber_read(void *arg, uint64_t position, char *out, size_t room)
{
    struct subscriber *subscriber = arg;
    struct cursor *cursor = &subscriber->cursor;
    size_t copied = cursor_read(cursor, out, room);

    (void)position;
    if (copied == 0 && !cursor->ended && cursor_leads_on(cursor)) {
        move_on(subscriber);
        copied = cursor_read(cursor, out, room);
    }
    if (copied > 0)
        return (ssize_t)copied;
    if (cursor->failed)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (cursor->is_over)
        return MHD_CONTENT_READER_END_OF_STREAM;
    want_more(subscriber->audience);
    subscriber->is_suspended = true;
    MHD_suspend_connection(subscriber->connection);
    return 0;
}
