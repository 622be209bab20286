#include "daemon/integers.h"

/* One of the ways to keep them. */
struct trial {
    size_t size;  /* bytes, without what all of them have */
    size_t count; /* of values */
    size_t some;  /* of those that are not 0, when they alone are kept; else 0 */
    struct point_set where;
    uint64_t values[INTEGERS_ROOM];
    uint64_t dense[INTEGERS_ROOM];
};

/* What the differences and the values have in common. */
struct facts {
    unsigned shift;
    uint64_t least, least_delta;
};

/* Keeps those that are not 0 apart. */
static void pick_some(struct trial *trial)
{
    size_t some = 0;

    trial->where = (struct point_set){0};
    for (size_t i = 0; i < trial->count; i++) {
        bool is_some = trial->values[i] != 0;

        trial->where.bits[i / 64] |= (uint64_t)is_some << i % 64;
        trial->dense[some] = trial->values[i];
        some += is_some;
    }
    trial->some = some;
}

/* What it costs, the cheaper way; extra: bytes of its own. */
static void weigh(struct trial *trial, size_t extra)
{
    size_t zeros = 0, size;

    trial->some = 0;
    trial->size = extra + bits_size(trial->values, trial->count);
    for (size_t i = 0; i < trial->count; i++)
        zeros += trial->values[i] == 0;
    /* A bit a point is the dearest set, and it saves a bit a zero at the least. */
    if (zeros <= trial->count / 8)
        return;
    pick_some(trial);
    size =
        extra + point_set_size(&trial->where, trial->count) + bits_size(trial->dense, trial->some);
    if (size < trial->size)
        trial->size = size;
    else
        trial->some = 0;
}

/* The differences into deltas; false if there is none but 0. */
static bool look(const uint64_t *values, size_t count, uint64_t *deltas, struct facts *facts)
{
    int64_t least = (int64_t)values[0], least_delta = INT64_MAX;
    uint64_t all = 0;

    for (size_t i = 1; i < count; i++) {
        deltas[i - 1] = values[i] - values[i - 1];
        all |= deltas[i - 1];
    }
    if (all == 0)
        return false;
    for (size_t i = 1; i < count; i++) {
        int64_t value = (int64_t)values[i], delta = (int64_t)deltas[i - 1];

        least = value < least ? value : least;
        least_delta = delta < least_delta ? delta : least_delta;
    }
    *facts = (struct facts){.shift = (unsigned)__builtin_ctzll(all),
                            .least = (uint64_t)least,
                            .least_delta = (uint64_t)least_delta};
    return true;
}

static uint64_t shift_signed(uint64_t value, unsigned shift)
{
    return (uint64_t)((int64_t)value >> shift);
}

/* Tries all ways; the number of the best one. */
static unsigned try_all(const uint64_t *values, size_t count, const uint64_t *deltas,
                        const struct facts *facts, struct trial trials[INTEGERS_DELTA_FRAME + 1])
{
    struct trial *delta = &trials[INTEGERS_DELTA], *frame = &trials[INTEGERS_FRAME],
                 *both = &trials[INTEGERS_DELTA_FRAME];
    unsigned best = INTEGERS_DELTA;

    delta->count = both->count = count - 1;
    frame->count = count;
    for (size_t i = 0; i < count - 1; i++)
        delta->values[i] = zigzag(shift_signed(deltas[i], facts->shift));
    for (size_t i = 0; i < count - 1; i++)
        both->values[i] = (deltas[i] - facts->least_delta) >> facts->shift;
    for (size_t i = 0; i < count; i++)
        frame->values[i] = (values[i] - facts->least) >> facts->shift;
    weigh(delta, varint_size(zigzag(values[0])));
    weigh(frame, varint_size(zigzag(facts->least)));
    weigh(both, varint_size(zigzag(values[0])) + varint_size(zigzag(facts->least_delta)));
    for (unsigned i = INTEGERS_FRAME; i <= INTEGERS_DELTA_FRAME; i++) {
        if (trials[i].size < trials[best].size)
            best = i;
    }
    return best;
}

uint8_t *integers_encode(const uint64_t *values, size_t count, uint8_t *out, uint8_t *form)
{
    struct trial trials[INTEGERS_DELTA_FRAME + 1];
    const struct trial *trial;
    uint64_t deltas[INTEGERS_ROOM];
    struct facts facts;
    unsigned best;

    if (!look(values, count, deltas, &facts)) {
        *form |= INTEGERS_CONSTANT;
        return write_varint(out, zigzag(values[0]));
    }
    best = try_all(values, count, deltas, &facts, trials);
    trial = &trials[best];
    *form = (uint8_t)(*form | best);
    if (facts.shift > 0) {
        *form |= INTEGERS_SHIFT;
        *out++ = (uint8_t)facts.shift;
    }
    out = write_varint(out, zigzag(best == INTEGERS_FRAME ? facts.least : values[0]));
    if (best == INTEGERS_DELTA_FRAME)
        out = write_varint(out, zigzag(facts.least_delta));
    if (trial->some == 0)
        return bits_pack(trial->values, trial->count, out);
    *form |= INTEGERS_SOME;
    out = point_set_encode(&trial->where, trial->count, out);
    return bits_pack(trial->dense, trial->some, out);
}

/* The count numbers, all or those that are not 0. */
static bool read_numbers(struct bytes *in, uint8_t form, size_t count, uint64_t *numbers)
{
    uint64_t dense[INTEGERS_ROOM];
    struct point_set where;

    if (!(form & INTEGERS_SOME))
        return bits_unpack(in, count, numbers);
    if (!point_set_decode(in, count, &where) || !bits_unpack(in, point_set_count(&where), dense))
        return false;
    dense[point_set_count(&where)] = 0;
    point_set_spread(&where, count, dense, 0, numbers);
    return true;
}

/* The values of the numbers, in their place: one more than there are, but for a frame. */
static void restore(uint64_t *values, size_t count, unsigned form, unsigned shift, uint64_t first,
                    uint64_t least_delta)
{
    uint64_t value = first;

    if (form == INTEGERS_FRAME) {
        for (size_t i = 0; i < count; i++)
            values[i] = first + (values[i] << shift);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t delta = values[i];

        values[i] = value;
        if (form == INTEGERS_DELTA)
            delta = zigzag_back(delta);
        value += (delta << shift) + least_delta;
    }
}

bool integers_decode(struct bytes *in, uint8_t form, size_t count, uint64_t *values)
{
    unsigned how = form & INTEGERS_FORMS;
    uint64_t first, least_delta = 0;
    uint8_t shift = 0;

    if ((form & INTEGERS_SHIFT) && (!bytes_read_u8(in, &shift) || shift > 63))
        return false;
    if (!bytes_read_varint(in, &first) ||
        (how == INTEGERS_DELTA_FRAME && !bytes_read_varint(in, &least_delta)))
        return false;
    first = zigzag_back(first);
    if (how == INTEGERS_CONSTANT) {
        values[0] = first;
        return !(form & (INTEGERS_SHIFT | INTEGERS_SOME));
    }
    if (!read_numbers(in, form, how == INTEGERS_FRAME ? count : count - 1, values))
        return false;
    /* The one behind the last difference is of no account. */
    if (how != INTEGERS_FRAME)
        values[count - 1] = 0;
    restore(values, count, how, shift, first, zigzag_back(least_delta));
    return true;
}
