#include "daemon/histogram_sum.h"

#include <errno.h>
#include <stdlib.h>

void histogram_sum_begin(struct histogram_sum *sum)
{
    for (size_t i = 0; i < SEGMENT_POINTS_MAX; i++)
        sum->counts[i] = SEGMENT_NO_PAIRS;
    sum->pair_count = 0;
    sum->point = 0;
    histogram_clear(&sum->last);
}

void histogram_sum_finish(struct histogram_sum *sum)
{
    free(sum->pairs);
    histogram_finish(&sum->last);
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

/* Puts what the last point has behind the others. */
static int end_point(struct histogram_sum *sum)
{
    size_t count;

    if (sum->counts[sum->point] == SEGMENT_NO_PAIRS)
        return 0;
    if (make_room(sum, histogram_pair_limit(&sum->last)) < 0)
        return -ENOMEM;
    count = histogram_pairs(&sum->last, sum->pairs + sum->pair_count);
    sum->counts[sum->point] = (uint32_t)count;
    sum->pair_count += count;
    histogram_clear(&sum->last);
    return 0;
}

int histogram_sum_add(struct histogram_sum *sum, size_t point, const struct histogram_pair *pairs,
                      size_t count)
{
    if (point != sum->point) {
        if (end_point(sum) < 0)
            return -ENOMEM;
        sum->point = point;
    }
    if (sum->counts[point] == SEGMENT_NO_PAIRS)
        sum->counts[point] = 0;
    return histogram_add(&sum->last, pairs, count);
}

int histogram_sum_write(struct histogram_sum *sum, struct segment_writer *writer, uint32_t id)
{
    int result = end_point(sum);

    if (result == 0)
        result = segment_add_histogram(writer, id, sum->counts, sum->pairs);
    return result == -E2BIG ? 0 : result;
}
