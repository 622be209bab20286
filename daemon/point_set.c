#include "daemon/point_set.h"

#define WORDS (POINT_SET_MAX_POINTS / 64)

enum form {
    FORM_BITMAP, /* a bit a point */
    FORM_LIST,   /* how many, and each */
    FORM_EDGES,  /* how many, and each point that is otherwise than the one before; first: out */
    FORM_STEP,   /* the first, the step; all up to the end */
};

size_t point_set_count(const struct point_set *set)
{
    size_t count = 0;

    for (size_t i = 0; i < WORDS; i++)
        count += (size_t)__builtin_popcountll(set->bits[i]);
    return count;
}

/* The points that are otherwise than the one before them. */
static struct point_set find_edges(const struct point_set *set, size_t points)
{
    struct point_set edges;
    uint64_t former = 0;

    for (size_t i = 0; i < WORDS; i++) {
        edges.bits[i] = set->bits[i] ^ (set->bits[i] << 1 | former);
        former = set->bits[i] >> 63;
    }
    /* What ends with the last point has an edge behind it. */
    if (points < POINT_SET_MAX_POINTS)
        edges.bits[points / 64] &= ~(UINT64_C(1) << points % 64);
    return edges;
}

static size_t first_point(const struct point_set *set)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (set->bits[i])
            return i * 64 + (size_t)__builtin_ctzll(set->bits[i]);
    }
    return POINT_SET_MAX_POINTS;
}

static struct point_set select_steps(size_t points, size_t first, size_t step)
{
    struct point_set set = {0};

    for (size_t point = first; point < points; point += step)
        point_set_add(&set, point);
    return set;
}

/* The step at which it is regular, or 0. */
static size_t find_step(const struct point_set *set, size_t points, size_t *first)
{
    struct point_set rest = *set, regular;
    size_t step;

    *first = first_point(set);
    if (*first == POINT_SET_MAX_POINTS)
        return 0;
    rest.bits[*first / 64] &= ~(UINT64_C(1) << *first % 64);
    step = first_point(&rest) - *first;
    if (first_point(&rest) == POINT_SET_MAX_POINTS || step < 2)
        return 0;
    regular = select_steps(points, *first, step);
    return memcmp(&regular, set, sizeof regular) == 0 ? step : 0;
}

static size_t bitmap_size(size_t points)
{
    return (points + 7) / 8;
}

static enum form choose(const struct point_set *set, size_t points, size_t *size)
{
    struct point_set edges = find_edges(set, points);
    size_t list = 1 + point_set_count(set), turns = 1 + point_set_count(&edges), first;
    enum form form = FORM_BITMAP;

    *size = bitmap_size(points);
    if (list < *size) {
        form = FORM_LIST;
        *size = list;
    }
    if (turns < *size) {
        form = FORM_EDGES;
        *size = turns;
    }
    if (*size > 2 && find_step(set, points, &first) > 0) {
        form = FORM_STEP;
        *size = 2;
    }
    *size += 1;
    return form;
}

size_t point_set_size(const struct point_set *set, size_t points)
{
    size_t size;

    choose(set, points, &size);
    return size;
}

static uint8_t *write_bitmap(const struct point_set *set, size_t points, uint8_t *out)
{
    for (size_t i = 0; i < bitmap_size(points); i++)
        *out++ = (uint8_t)(set->bits[i / 8] >> 8 * (i % 8));
    return out;
}

static uint8_t *write_list(const struct point_set *set, uint8_t *out)
{
    *out++ = (uint8_t)point_set_count(set);
    for (size_t i = 0; i < WORDS; i++) {
        for (uint64_t bits = set->bits[i]; bits; bits &= bits - 1)
            *out++ = (uint8_t)(i * 64 + (size_t)__builtin_ctzll(bits));
    }
    return out;
}

uint8_t *point_set_encode(const struct point_set *set, size_t points, uint8_t *out)
{
    struct point_set edges;
    size_t size, first = 0;
    enum form form = choose(set, points, &size);

    *out++ = (uint8_t)form;
    switch (form) {
    case FORM_BITMAP:
        return write_bitmap(set, points, out);
    case FORM_LIST:
        return write_list(set, out);
    case FORM_EDGES:
        edges = find_edges(set, points);
        return write_list(&edges, out);
    case FORM_STEP:
        out[1] = (uint8_t)find_step(set, points, &first);
        out[0] = (uint8_t)first;
        return out + 2;
    }
    return out;
}

static bool read_bitmap(struct bytes *in, size_t points, struct point_set *set)
{
    size_t size = bitmap_size(points);

    if (bytes_left(in) < size)
        return false;
    for (size_t i = 0; i < size; i++)
        set->bits[i / 8] |= (uint64_t)in->at[i] << 8 * (i % 8);
    in->at += size;
    return points % 8 == 0 || in->at[-1] >> points % 8 == 0;
}

/* Ascending, each of the points there are. */
static bool read_list(struct bytes *in, size_t points, struct point_set *set)
{
    uint8_t count, point;

    if (!bytes_read_u8(in, &count))
        return false;
    for (size_t i = 0, least = 0; i < count; i++, least = (size_t)point + 1) {
        if (!bytes_read_u8(in, &point) || point < least || point >= points)
            return false;
        point_set_add(set, point);
    }
    return true;
}

static bool read_edges(struct bytes *in, size_t points, struct point_set *set)
{
    struct point_set edges = {0};
    bool is_in = false;

    if (!read_list(in, points, &edges))
        return false;
    for (size_t i = 0; i < points; i++) {
        is_in ^= point_set_has(&edges, i);
        if (is_in)
            point_set_add(set, i);
    }
    return true;
}

static bool read_step(struct bytes *in, size_t points, struct point_set *set)
{
    uint8_t first, step;

    if (!bytes_read_u8(in, &first) || !bytes_read_u8(in, &step) || step == 0)
        return false;
    *set = select_steps(points, first, step);
    return true;
}

bool point_set_decode(struct bytes *in, size_t points, struct point_set *set)
{
    uint8_t form;

    *set = (struct point_set){0};
    if (!bytes_read_u8(in, &form))
        return false;
    switch (form) {
    case FORM_BITMAP:
        return read_bitmap(in, points, set);
    case FORM_LIST:
        return read_list(in, points, set);
    case FORM_EDGES:
        return read_edges(in, points, set);
    case FORM_STEP:
        return read_step(in, points, set);
    default:
        return false;
    }
}

void point_set_spread(const struct point_set *set, size_t points, const uint64_t *dense,
                      uint64_t other, uint64_t *values)
{
    for (size_t i = 0; i < points; i++) {
        bool is_in = point_set_has(set, i);
        uint64_t value = *dense;

        values[i] = is_in ? value : other;
        dense += is_in;
    }
}
