#include "daemon/buffer.h"

#include <stdint.h>
#include <stdlib.h>

#define SMALLEST_CAPACITY 1024

char *buffer_grow(struct buffer *buffer, size_t size)
{
    size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST_CAPACITY;
    char *larger;

    while (capacity - buffer->size < size && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    larger = capacity - buffer->size < size ? NULL : realloc(buffer->data, capacity);
    if (!larger) {
        buffer->failed = true;
        return NULL;
    }
    buffer->data = larger;
    buffer->capacity = capacity;
    return larger + buffer->size;
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
