/*
 * Bytes that grow. An append that finds no memory marks the buffer as failed and every later one
 * does nothing, so that a writer checks once, at the end.
 */
#ifndef TACHO_DAEMON_BUFFER_H
#define TACHO_DAEMON_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buffer {
    char *data; /* not terminated; owned */
    size_t size;
    size_t capacity;
    bool failed;
};

/* buffer_reserve where there is not the room yet. */
char *buffer_grow(struct buffer *buffer, size_t size);

/* Room for size more bytes at data + size, or NULL (and failed). Inline: most appends are short. */
static inline char *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->failed)
        return NULL;
    if (buffer->data && size <= buffer->capacity - buffer->size)
        return buffer->data + buffer->size;
    return buffer_grow(buffer, size);
}

/* Gives up the memory; the buffer is empty and usable again. */
void buffer_finish(struct buffer *buffer);

static inline void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    char *room = buffer_reserve(buffer, size);

    if (room && size > 0) {
        memcpy(room, data, size);
        buffer->size += size;
    }
}

static inline void buffer_append_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}

static inline void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

#endif
