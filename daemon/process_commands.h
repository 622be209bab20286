/* The processes of a list by the programs that they run. Pure. */
#ifndef TACHO_DAEMON_PROCESS_COMMANDS_H
#define TACHO_DAEMON_PROCESS_COMMANDS_H

#include "daemon/encode_json.h"
#include "daemon/process_top.h"

/* "[", the name, "]" and the NUL; a name of a command line may be as long as that. */
#define PROCESS_PROGRAM_BYTES (PROCESS_COMMAND_MAX + 3)

/*
 * The program of a process: the base name of its command line's first word, without a colon at its
 * end or a dash before it, as those write it that say more ("sshd: root", "-bash"); of what has no
 * command line, as kernel threads, the name up to a slash in brackets.
 */
void process_program(const struct process_entry *entry, char out[PROCESS_PROGRAM_BYTES]);

/*
 * "commands":[…] as a member: the first `most` programs of that order. Memory that is shared counts
 * once; rates are of the processes of which they are known, and null if they are of none.
 */
void process_commands_encode(struct json *json, const struct process_list *list,
                             enum process_order order, size_t most);

#endif
