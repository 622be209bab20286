#include "daemon/text_coder.h"

static uint32_t hash_of(const uint8_t *bytes)
{
    const uint32_t three = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;

    return three * 2654435761U >> 20;
}

_Static_assert(TEXT_PLACES == 1 << 12, "a hash is of 12 bits");

static void remember(struct text_model *model, uint8_t byte)
{
    uint32_t hash;

    if (model->size == TEXT_ROOM - 1) {
        model->guess = 0;
        return;
    }
    model->seen[model->size++] = byte;
    if (model->size < 3)
        return;
    hash = hash_of(model->seen + model->size - 3);
    if (model->guess == 0)
        model->guess = model->places[hash];
    model->places[hash] = (uint16_t)model->size;
}

static uint8_t code_byte(struct bit_coder *coder, struct text_model *model, uint8_t byte)
{
    const uint8_t before = model->size > 0 ? model->seen[model->size - 1] : 0;

    if (model->guess > 0) {
        const uint8_t guess = model->seen[model->guess];
        struct bit_model *is_guessed = &model->is_guessed[model->run < 15 ? model->run : 15];

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
