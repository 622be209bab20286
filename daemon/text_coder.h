/*
 * Texts that resemble one another, as command lines do, by a bit_coder: a byte is first guessed
 * from what followed the bytes before it when they were last seen, else told by the one before it.
 */
#ifndef TACHO_DAEMON_TEXT_CODER_H
#define TACHO_DAEMON_TEXT_CODER_H

#include "daemon/bit_coder.h"

#define TEXT_ROOM       65536 /* the last bytes of texts, in which it looks */
#define TEXT_PLACE_BITS 14

/* Where so many bytes before a place were seen; a long context guesses better, a short one sooner.
 */
enum text_context { TEXT_SHORT, TEXT_LONG, TEXT_CONTEXTS };

/* All zero at first. */
struct text_model {
    struct number_model length;
    struct bit_model is_guessed[TEXT_CONTEXTS][16]; /* by how many were guessed before */
    struct bit_model bytes[128][256];
    uint8_t seen[TEXT_ROOM];    /* each at its place modulo TEXT_ROOM */
    uint32_t size;              /* bytes seen: the place of the next */
    uint32_t guess;             /* the place of what may follow; 0: there is none */
    enum text_context found_by; /* how the guess was found */
    unsigned run;               /* bytes that were guessed */
    uint32_t places[TEXT_CONTEXTS][1 << TEXT_PLACE_BITS]; /* behind a context, by its hash */
};

/* text has room for `most` bytes. Its length, which when it reads is beyond `most` if that is. */
size_t code_text(struct bit_coder *coder, struct text_model *model, char *text, size_t length,
                 size_t most);

#endif
