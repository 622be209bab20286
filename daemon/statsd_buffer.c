#include "daemon/statsd_buffer.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/hash.h"

#define BUCKET_PLACES (2 * STATSD_BUCKETS_MAX)
#define MEMBER_PLACES (2 * STATSD_MEMBERS_MAX)

_Static_assert(BUCKET_PLACES - 1 <= UINT16_MAX, "a bucket has its place in 16 bits");

int statsd_buffer_init(struct statsd_buffer *buffer, uint32_t capacity, uint64_t seed)
{
    *buffer = (struct statsd_buffer){
        .seed = seed,
        .cells = calloc(capacity, sizeof *buffer->cells),
        .touched = calloc(capacity, sizeof *buffer->touched),
        .ended = calloc(capacity, sizeof *buffer->ended),
        .buckets = calloc(STATSD_BUCKETS_MAX, sizeof *buffer->buckets),
        .bucket_places = calloc(BUCKET_PLACES, sizeof *buffer->bucket_places),
        .members = calloc(MEMBER_PLACES, sizeof *buffer->members),
        .member_places = calloc(STATSD_MEMBERS_MAX, sizeof *buffer->member_places),
    };
    return buffer->cells && buffer->touched && buffer->ended && buffer->buckets &&
                   buffer->bucket_places && buffer->members && buffer->member_places
               ? 0
               : -ENOMEM;
}

void statsd_buffer_finish(struct statsd_buffer *buffer)
{
    free(buffer->cells);
    free(buffer->touched);
    free(buffer->ended);
    free(buffer->buckets);
    free(buffer->bucket_places);
    free(buffer->members);
    free(buffer->member_places);
    *buffer = (struct statsd_buffer){0};
}

struct statsd_cell *statsd_buffer_touch(struct statsd_buffer *buffer, uint32_t series)
{
    struct statsd_cell *cell = &buffer->cells[series];

    if (cell->values == 0)
        buffer->touched[buffer->touched_count++] = series;
    if (cell->values < UINT32_MAX)
        cell->values++;
    return cell;
}

void statsd_buffer_end(struct statsd_buffer *buffer, uint32_t series)
{
    buffer->ended[buffer->ended_count++] = series;
}

/* Where the search for a bucket begins. */
static uint32_t bucket_place(uint64_t seed, uint32_t series, int16_t bucket)
{
    const uint64_t key = (uint64_t)series << 16 | (uint16_t)bucket;

    return (uint32_t)(hash_mix(key ^ seed, seed ^ HASH_ODD) >> 32) % BUCKET_PLACES;
}

bool statsd_buffer_add(struct statsd_buffer *buffer, uint32_t series, int16_t bucket,
                       uint32_t increment)
{
    uint32_t place = bucket_place(buffer->seed, series, bucket);
    struct statsd_bucket *found;
    uint32_t left;

    for (; buffer->bucket_places[place] != 0; place = (place + 1) % BUCKET_PLACES) {
        found = &buffer->buckets[buffer->bucket_places[place] - 1];
        if (found->series != series || found->bucket != bucket)
            continue;
        if (__builtin_add_overflow(found->increment, increment, &found->increment))
            found->increment = UINT32_MAX;
        return true;
    }
    left = STATSD_BUCKETS_MAX - buffer->bucket_count;
    if (left == 0 ||
        buffer->cells[series].buckets > left * left / (STATSD_BUCKETS_SHARE * STATSD_BUCKETS_MAX))
        return false;
    buffer->buckets[buffer->bucket_count] = (struct statsd_bucket){
        .series = series,
        .increment = increment,
        .next = buffer->cells[series].bucket,
        .bucket = bucket,
        .place = (uint16_t)place,
    };
    buffer->bucket_places[place] = ++buffer->bucket_count;
    buffer->cells[series].bucket = buffer->bucket_count;
    buffer->cells[series].buckets++;
    return true;
}

bool statsd_buffer_join(struct statsd_buffer *buffer, uint32_t series, uint64_t member)
{
    const uint64_t key = hash_mix(member ^ series, HASH_ODD) | 1;
    uint32_t place = (uint32_t)(key >> 32) % MEMBER_PLACES;
    struct statsd_cell *cell = &buffer->cells[series];

    for (; buffer->members[place] != 0; place = (place + 1) % MEMBER_PLACES) {
        if (buffer->members[place] == key)
            return true;
    }
    if (buffer->member_count == STATSD_MEMBERS_MAX || cell->count == STATSD_SET_MAX)
        return false;
    buffer->members[place] = key;
    buffer->member_places[buffer->member_count++] = place;
    cell->count++;
    return true;
}

size_t statsd_buffer_pairs(const struct statsd_buffer *buffer, uint32_t series,
                           struct histogram_pair *out)
{
    size_t count = 0;

    for (uint32_t next = buffer->cells[series].bucket; next != 0;) {
        const struct statsd_bucket *bucket = &buffer->buckets[next - 1];

        out[count++] = (struct histogram_pair){bucket->bucket, bucket->increment};
        next = bucket->next;
    }
    return count;
}

void statsd_buffer_clear(struct statsd_buffer *buffer)
{
    for (uint32_t i = 0; i < buffer->bucket_count; i++)
        buffer->bucket_places[buffer->buckets[i].place] = 0;
    buffer->bucket_count = 0;
    for (uint32_t i = 0; i < buffer->member_count; i++)
        buffer->members[buffer->member_places[i]] = 0;
    buffer->member_count = 0;
    for (size_t i = 0; i < buffer->touched_count; i++)
        buffer->cells[buffer->touched[i]] = (struct statsd_cell){0};
    buffer->touched_count = 0;
    buffer->packets = buffer->values = 0;
}
