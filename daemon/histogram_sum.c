#include "daemon/histogram_sum.h"

#include <errno.h>
#include <stdlib.h>

void histogram_sum_begin(struct histogram_sum *sum)
{
    for (size_t i = 0; i < SEGMENT_POINTS_MAX; i++)
        sum->counts[i] = SEGMENT_NO_PAIRS;
    sum->pair_count = 0;
}

void histogram_sum_finish(struct histogram_sum *sum)
{
    free(sum->pairs);
    *sum = (struct histogram_sum){0};
}

static int make_room(struct histogram_sum *sum, size_t count)
{
    size_t capacity = sum->capacity ? sum->capacity : 64;
    struct histogram_pair *larger;

    if (count <= sum->capacity - sum->pair_count)
        return 0;
    while (capacity - sum->pair_count < count)
        capacity *= 2;
    larger = reallocarray(sum->pairs, capacity, sizeof *larger);
    if (!larger)
        return -ENOMEM;
    sum->pairs = larger;
    sum->capacity = capacity;
    return 0;
}

/* Into the pairs of the last point, of which there are `count`: true if the bucket is a new one. */
static bool add_pair(struct histogram_sum *sum, uint32_t count, const struct histogram_pair *pair)
{
    struct histogram_pair *last = sum->pairs + sum->pair_count - count;
    size_t at = count;

    while (at > 0 && last[at - 1].bucket > pair->bucket)
        at--;
    if (at > 0 && last[at - 1].bucket == pair->bucket) {
        uint32_t *increment = &last[at - 1].increment;

        *increment =
            pair->increment > UINT32_MAX - *increment ? UINT32_MAX : *increment + pair->increment;
        return false;
    }
    memmove(&last[at + 1], &last[at], (count - at) * sizeof *last);
    last[at] = *pair;
    return true;
}

int histogram_sum_add(struct histogram_sum *sum, size_t point, const struct histogram_pair *pairs,
                      size_t count)
{
    if (make_room(sum, count) < 0)
        return -ENOMEM;
    if (sum->counts[point] == SEGMENT_NO_PAIRS)
        sum->counts[point] = 0;
    for (size_t i = 0; i < count; i++) {
        if (!add_pair(sum, sum->counts[point], &pairs[i]))
            continue;
        sum->counts[point]++;
        sum->pair_count++;
    }
    return 0;
}

int histogram_sum_write(const struct histogram_sum *sum, struct segment_writer *writer, uint32_t id)
{
    int result = segment_add_histogram(writer, id, sum->counts, sum->pairs);

    return result == -E2BIG ? 0 : result;
}
