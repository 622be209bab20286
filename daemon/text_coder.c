#include "daemon/text_coder.h"

/* Bytes of each context. */
static const unsigned lengths[TEXT_CONTEXTS] = {[TEXT_SHORT] = 3, [TEXT_LONG] = 7};

static uint8_t byte_at(const struct text_model *model, uint32_t place)
{
    return model->seen[place % TEXT_ROOM];
}

static uint32_t hash_of(const struct text_model *model, unsigned length)
{
    uint64_t bytes = 0;

    for (unsigned back = 1; back <= length; back++)
        bytes = bytes << 8 | byte_at(model, model->size - back);
    return (uint32_t)(bytes * UINT64_C(0x9e3779b97f4a7c15) >> (64 - TEXT_PLACE_BITS));
}

/* Where the last bytes were seen before, if that is still in the room; and that they are here. */
static uint32_t look_up(struct text_model *model, enum text_context context)
{
    uint32_t *place, found;

    if (model->size < lengths[context])
        return 0;
    place = &model->places[context][hash_of(model, lengths[context])];
    found = *place;
    *place = model->size;
    return found > 0 && model->size - found < TEXT_ROOM ? found : 0;
}

/* A guess that has held for long is not given up for another. */
static void remember(struct text_model *model, uint8_t byte)
{
    uint32_t by_short, by_long;

    model->seen[model->size++ % TEXT_ROOM] = byte;
    by_short = look_up(model, TEXT_SHORT);
    by_long = look_up(model, TEXT_LONG);
    if (model->guess > 0 && (model->found_by == TEXT_LONG || model->run >= lengths[TEXT_LONG]))
        return;
    if (by_long > 0) {
        model->guess = by_long;
        model->found_by = TEXT_LONG;
    } else if (model->guess == 0 && by_short > 0) {
        model->guess = by_short;
        model->found_by = TEXT_SHORT;
    }
}

static uint8_t code_byte(struct bit_coder *coder, struct text_model *model, uint8_t byte)
{
    const uint8_t before = model->size > 0 ? byte_at(model, model->size - 1) : 0;

    if (model->guess > 0) {
        const uint8_t guess = byte_at(model, model->guess);
        struct bit_model *is_guessed =
            &model->is_guessed[model->found_by][model->run < 15 ? model->run : 15];

        if (code_bit(coder, is_guessed, byte == guess)) {
            model->guess++;
            model->run++;
            return guess;
        }
    }
    model->guess = 0;
    model->run = 0;
    return (uint8_t)code_symbol(coder, model->bytes[before % 128], 8, byte);
}

size_t code_text(struct bit_coder *coder, struct text_model *model, char *text, size_t length,
                 size_t most)
{
    length = code_number(coder, &model->length, length);
    if (length > most)
        return length;
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)code_byte(coder, model, (uint8_t)text[i]);
        remember(model, (uint8_t)text[i]);
    }
    remember(model, 0);
    return length;
}
