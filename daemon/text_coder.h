/*
 * Texts that resemble one another, as command lines do, by a bit_coder: a byte is first guessed
 * from what followed the last three bytes when they were last seen, else told by the byte before
 * it.
 */
#ifndef TACHO_DAEMON_TEXT_CODER_H
#define TACHO_DAEMON_TEXT_CODER_H

#include "daemon/bit_coder.h"

#define TEXT_ROOM   65536 /* bytes of texts in which it looks; those beyond are not learned from */
#define TEXT_PLACES 4096

/* All zero at first. */
struct text_model {
    struct number_model length;
    struct bit_model is_guessed[16]; /* by how many were guessed before */
    struct bit_model bytes[128][256];
    uint8_t seen[TEXT_ROOM];
    uint32_t size;
    uint32_t guess;               /* place in seen of what may follow; 0: there is none */
    unsigned run;                 /* bytes that were guessed */
    uint16_t places[TEXT_PLACES]; /* behind where three bytes were seen, by their hash */
};

/* text has room for `most` bytes. Its length, which when it reads is beyond `most` if that is. */
size_t code_text(struct bit_coder *coder, struct text_model *model, char *text, size_t length,
                 size_t most);

#endif
