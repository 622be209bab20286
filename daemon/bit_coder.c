#include "daemon/bit_coder.h"

/* A model forgets what was longer ago than about so many bits. */
#define SEEN_MAX 120

struct bit_coder bit_coder_to(struct buffer *out)
{
    return (struct bit_coder){.out = out, .high = UINT32_MAX};
}

static uint32_t next_byte(struct bit_coder *coder)
{
    return coder->at < coder->end ? *coder->at++ : 0;
}

struct bit_coder bit_coder_over(const uint8_t *data, size_t size)
{
    struct bit_coder coder = {.at = data, .end = data + size, .high = UINT32_MAX};

    for (int i = 0; i < 4; i++)
        coder.code = coder.code << 8 | next_byte(&coder);
    return coder;
}

/* The upper bytes that are certain go. */
static void shift(struct bit_coder *coder)
{
    while ((coder->low ^ coder->high) >> 24 == 0) {
        if (coder->out != NULL)
            buffer_append_char(coder->out, (char)(coder->high >> 24));
        else
            coder->code = coder->code << 8 | next_byte(coder);
        coder->low <<= 8;
        coder->high = coder->high << 8 | 0xff;
    }
}

/* The probability that it is 1 is of 65536 and neither none nor all of these. */
static bool code(struct bit_coder *coder, uint32_t probability, bool bit)
{
    const uint32_t range = coder->high - coder->low;
    const uint32_t middle = coder->low + (uint32_t)((uint64_t)range * probability >> 16);

    if (coder->out == NULL)
        bit = coder->code <= middle;
    if (bit)
        coder->high = middle;
    else
        coder->low = middle + 1;
    shift(coder);
    return bit;
}

/* Quickly at first, so that little is enough to learn from. */
static void learn(struct bit_model *model, bool bit)
{
    const int target = bit ? INT16_MAX : INT16_MIN + 1;
    const int step = (target - model->lean) * 2 / (2 * model->seen + 3);

    model->lean = (int16_t)(model->lean + step);
    if (model->seen < SEEN_MAX)
        model->seen++;
}

bool code_bit(struct bit_coder *coder, struct bit_model *model, bool bit)
{
    bit = code(coder, (uint32_t)(model->lean + 32768), bit);
    learn(model, bit);
    return bit;
}

uint32_t code_symbol(struct bit_coder *coder, struct bit_model *models, unsigned bits,
                     uint32_t value)
{
    uint32_t node = 1;

    for (unsigned i = bits; i > 0; i--)
        node = node << 1 | code_bit(coder, &models[node], value >> (i - 1) & 1);
    return node - (UINT32_C(1) << bits);
}

static unsigned length_of(uint64_t value)
{
    return value > 0 ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

uint64_t code_number(struct bit_coder *coder, struct number_model *model, uint64_t value)
{
    const unsigned wanted = length_of(value);
    unsigned length = 0, left, upper;
    uint64_t read;

    while (length < 64 && code_bit(coder, &model->length[length], length < wanted))
        length++;
    if (length < 2)
        return length;
    left = length - 1;
    read = 1;
    upper = length > NUMBER_MODELLED ? 0 : left < 3 ? left : 3;
    if (upper > 0) {
        left -= upper;
        read = read << upper |
               code_symbol(coder, model->upper[length], upper, (uint32_t)(value >> left));
    }
    for (; left > 0; left--)
        read = read << 1 | code(coder, 32768, value >> (left - 1) & 1);
    return read;
}

void bit_coder_end(struct bit_coder *coder)
{
    /* The shortest that is still possible: what follows it is as zeros. */
    for (unsigned kept = 0; kept <= 4; kept++) {
        const uint64_t unit = UINT64_C(1) << (32 - 8 * kept);
        const uint64_t end = (coder->low + unit - 1) / unit * unit;

        if (end > coder->high)
            continue;
        for (unsigned i = 0; i < kept; i++)
            buffer_append_char(coder->out, (char)(end >> (24 - 8 * i)));
        return;
    }
}
