/*
 * Lists of processes as JSON. What the processes say of themselves is hostile text, which the
 * writer escapes. Pure.
 */
#ifndef TACHO_DAEMON_PROCESS_ANSWER_H
#define TACHO_DAEMON_PROCESS_ANSWER_H

#include "daemon/encode_json.h"
#include "daemon/process_query.h"

/* Processes of each order that a stream has at most. */
#define PROCESS_ANSWER_STREAMED_MAX 100

/* The whole document, with a newline. arguments: command lines whole, or the program alone. */
void process_answer_encode(struct buffer *out, const struct process_list *list,
                           const struct process_query *query, bool arguments);

/*
 * Members of the object begun: what the list is of, and the first `most` by each order, sorted by
 * CPU. most: 1 to PROCESS_ANSWER_STREAMED_MAX.
 */
void process_answer_encode_union(struct json *json, const struct process_list *list, size_t most,
                                 bool arguments);

/* What processes and commands have in common; NaN is null. */
void process_answer_number(struct json *json, const char *key, double value);
void process_answer_whole(struct json *json, const char *key, uint64_t value);

#endif
