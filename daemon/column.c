#include "daemon/column.h"

#include <errno.h>
#include <math.h>

#include "daemon/sample.h"

/* A column's first byte; its low bits are an enum integers_form. */
enum {
    COLUMN_PRESENCE = 0x10, /* the set of points that have a value follows */
    COLUMN_GONE = 0x20,     /* that of points that are SAMPLE_GONE follows */
    COLUMN_KINDS = 0xc0,
    COLUMN_INTEGER = 0x00,
    COLUMN_DECIMAL = 0x40, /* a byte tells how many decimals */
    COLUMN_BITS = 0x80,
    COLUMN_EMPTY = 0xc0, /* no value at all */
};

#define INTEGER_LIMIT 9223372036854775808.0 /* 2^63 */
#define DECIMALS_MAX  15
/* Decimals are integers up to this: the product that finds them is then exact to a quarter. */
#define SCALED_MAX 0x1p50
/* Added to a double below 2^51 and taken away again it leaves the nearest integer. */
#define ROUNDER 0x1.8p52

static const double powers[DECIMALS_MAX + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static inline uint64_t bits_of(double value)
{
    uint64_t word;

    memcpy(&word, &value, sizeof word);
    return word;
}

/* --- encoding --- */

static bool are_same(const uint64_t *words, size_t count)
{
    uint64_t differences = 0;

    for (size_t i = 1; i < count; i++)
        differences |= words[i] ^ words[0];
    return differences == 0;
}

static bool all_present(const uint64_t *words, size_t count)
{
    size_t absent = 0;

    for (size_t i = 0; i < count; i++)
        absent += sample_is_absent(words[i]);
    return absent == 0;
}

/* The words that have a value; how many. */
static size_t divide(const uint64_t *words, size_t count, struct point_set *present,
                     struct point_set *gone, uint64_t *dense)
{
    size_t values = 0;

    *present = *gone = (struct point_set){0};
    for (size_t i = 0; i < count; i++) {
        if (words[i] == SAMPLE_GONE) {
            point_set_add(gone, i);
        } else if (words[i] != SAMPLE_ABSENT) {
            point_set_add(present, i);
            dense[values++] = words[i];
        }
    }
    return values;
}

static bool to_integers(const uint64_t *words, size_t count, uint64_t *integers)
{
    for (size_t i = 0; i < count; i++) {
        double value = sample_value(words[i]);
        int64_t integer;

        if (!(value >= -INTEGER_LIMIT && value < INTEGER_LIMIT))
            return false;
        integer = (int64_t)value;
        if (bits_of((double)integer) != words[i])
            return false;
        integers[i] = (uint64_t)integer;
    }
    return true;
}

/* The double that the scaled value's nearest integer is. */
static inline double round_scaled(double scaled)
{
    return scaled + ROUNDER - ROUNDER;
}

/* Not those that are out of range or no number. */
static inline bool is_decimal(uint64_t word, double power)
{
    double scaled = sample_value(word) * power;

    return (fabs(scaled) <= SCALED_MAX) & (bits_of(round_scaled(scaled) / power) == word);
}

/* The first that has more decimals than that, or count. */
static size_t to_decimals(const uint64_t *words, size_t count, double power, uint64_t *integers)
{
    bool is_wrong = false;

    for (size_t i = 0; i < count; i++)
        is_wrong |= !is_decimal(words[i], power);
    for (size_t i = 0; is_wrong && i < count; i++) {
        if (!is_decimal(words[i], power))
            return i;
    }
    for (size_t i = 0; i < count; i++)
        integers[i] = (uint64_t)(int64_t)round_scaled(sample_value(words[i]) * power);
    return count;
}

/* The number of decimals that all of them have, or 0. */
static unsigned find_decimals(const uint64_t *words, size_t count, uint64_t *integers)
{
    size_t wrong = 0;

    for (unsigned decimals = 1; decimals <= DECIMALS_MAX; decimals++) {
        if (!is_decimal(words[wrong], powers[decimals]))
            continue;
        wrong = to_decimals(words, count, powers[decimals], integers);
        if (wrong == count)
            return decimals;
    }
    return 0;
}

/* The words as integers, and what says how they are that. */
static uint8_t *encode_numbers(const uint64_t *words, size_t count, uint8_t *out,
                               const uint64_t **numbers, uint64_t *integers, uint8_t *form)
{
    unsigned decimals;

    *numbers = integers;
    if (to_integers(words, count, integers)) {
        *form |= COLUMN_INTEGER;
        return out;
    }
    decimals = find_decimals(words, count, integers);
    if (decimals > 0) {
        *form |= COLUMN_DECIMAL;
        *out++ = (uint8_t)decimals;
        return out;
    }
    *numbers = words;
    *form |= COLUMN_BITS;
    return out;
}

size_t column_encode(const uint64_t *words, size_t count, uint8_t *out)
{
    uint64_t dense[INTEGERS_ROOM], integers[INTEGERS_ROOM];
    struct point_set present, gone;
    size_t points = count;
    const uint64_t *numbers;
    uint8_t *at = out + 1, form = 0;
    bool has_gone = false;

    if (!all_present(words, count)) {
        count = divide(words, count, &present, &gone, dense);
        has_gone = point_set_count(&gone) > 0;
        words = dense;
    } else if (count > 0 && are_same(words, count)) {
        count = points = 1;
    }
    form = (uint8_t)((count == 0       ? COLUMN_EMPTY
                      : count < points ? COLUMN_PRESENCE
                                       : 0) |
                     (has_gone ? COLUMN_GONE : 0));
    if (count > 0 && count < points)
        at = point_set_encode(&present, points, at);
    if (has_gone)
        at = point_set_encode(&gone, points, at);
    if (count > 0) {
        at = encode_numbers(words, count, at, &numbers, integers, &form);
        at = integers_encode(numbers, count, at, &form);
    }
    *out = form;
    return (size_t)(at - out);
}

size_t column_encode_i64(const int64_t *values, size_t count, uint8_t *out)
{
    uint8_t form = COLUMN_INTEGER;
    uint8_t *end = integers_encode((const uint64_t *)values, count, out + 1, &form);

    *out = form;
    return (size_t)(end - out);
}

/* --- decoding --- */

struct layout {
    uint8_t form;
    size_t values;
    struct point_set present, gone;
};

/* Points that are both, or a form that the encoder does not make, are no column. */
static bool read_layout(struct bytes *in, size_t count, struct layout *layout)
{
    if (!bytes_read_u8(in, &layout->form))
        return false;
    layout->values = count;
    if (layout->form & COLUMN_PRESENCE) {
        if (!point_set_decode(in, count, &layout->present))
            return false;
        layout->values = point_set_count(&layout->present);
    }
    if ((layout->form & COLUMN_GONE) && !point_set_decode(in, count, &layout->gone))
        return false;
    if ((layout->form & COLUMN_KINDS) == COLUMN_EMPTY)
        return !(layout->form & (COLUMN_PRESENCE | INTEGERS_BITS));
    return layout->values > 0 && (!(layout->form & COLUMN_GONE) || layout->form & COLUMN_PRESENCE);
}

/* The integers as the words that they were. */
static void to_words(uint8_t form, double power, size_t count, uint64_t *values)
{
    switch (form & COLUMN_KINDS) {
    case COLUMN_INTEGER:
        for (size_t i = 0; i < count; i++)
            values[i] = bits_of((double)(int64_t)values[i]);
        break;
    case COLUMN_DECIMAL:
        for (size_t i = 0; i < count; i++)
            values[i] = bits_of((double)(int64_t)values[i] / power);
        break;
    default:
        break;
    }
}

static void fill(uint64_t *words, size_t count, uint64_t word)
{
    for (size_t i = 0; i < count; i++)
        words[i] = word;
}

/* The words of those that have a value; values has INTEGERS_ROOM. */
static bool read_values(struct bytes *in, const struct layout *layout, uint64_t *values)
{
    bool is_constant = (layout->form & INTEGERS_FORMS) == INTEGERS_CONSTANT;
    uint8_t decimals = 0;

    if ((layout->form & COLUMN_KINDS) == COLUMN_DECIMAL &&
        (!bytes_read_u8(in, &decimals) || decimals > DECIMALS_MAX))
        return false;
    if (!integers_decode(in, layout->form, layout->values, values))
        return false;
    to_words(layout->form, powers[decimals], is_constant ? 1 : layout->values, values);
    if (is_constant)
        fill(values, layout->values, values[0]);
    return true;
}

int column_decode(const uint8_t *bytes, size_t size, size_t count, uint64_t *words)
{
    struct bytes in = {bytes, bytes + size};
    uint64_t values[INTEGERS_ROOM];
    struct layout layout = {0};

    if (!read_layout(&in, count, &layout))
        return -EBADMSG;
    if ((layout.form & COLUMN_KINDS) == COLUMN_EMPTY) {
        fill(words, count, SAMPLE_ABSENT);
    } else {
        if (!read_values(&in, &layout, values))
            return -EBADMSG;
        if (layout.form & COLUMN_PRESENCE) {
            values[layout.values] = 0;
            point_set_spread(&layout.present, count, values, SAMPLE_ABSENT, words);
        } else {
            memcpy(words, values, count * sizeof *words);
        }
    }
    for (size_t i = 0; (layout.form & COLUMN_GONE) && i < count; i++) {
        if (!point_set_has(&layout.gone, i))
            continue;
        if (words[i] != SAMPLE_ABSENT)
            return -EBADMSG;
        words[i] = SAMPLE_GONE;
    }
    return (int)(in.at - bytes);
}

int column_decode_i64(const uint8_t *bytes, size_t size, size_t count, int64_t *values)
{
    struct bytes in = {bytes, bytes + size};
    uint64_t integers[INTEGERS_ROOM];
    uint8_t form;

    if (!bytes_read_u8(&in, &form) || (form & ~INTEGERS_BITS) != COLUMN_INTEGER || count == 0 ||
        !integers_decode(&in, form, count, integers))
        return -EBADMSG;
    for (size_t i = 0; i < count; i++)
        values[i] = (int64_t)integers[(form & INTEGERS_FORMS) == INTEGERS_CONSTANT ? 0 : i];
    return (int)(in.at - bytes);
}
