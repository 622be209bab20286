/* What of a command line is shown. Pure. */
#ifndef TACHO_DAEMON_PROCESS_TEXT_H
#define TACHO_DAEMON_PROCESS_TEXT_H

#include "collectors/process_list.h"

/* Bytes of the command line's first word, which names the program. */
static inline size_t process_text_program(const struct process_text *command)
{
    size_t length = 0;

    while (length < command->length && command->text[length] != ' ')
        length++;
    return length;
}

#endif
