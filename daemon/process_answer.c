#include "daemon/process_answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/process_commands.h"
#include "daemon/process_text.h"
#include "daemon/scope.h"

void process_answer_number(struct json *json, const char *key, double value)
{
    json_key(json, key);
    json_word(json, sample_word(value), JSON_DIGITS_6);
}

void process_answer_whole(struct json *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_u64(json, value);
}

static void encode_null(struct json *json, const char *key)
{
    process_answer_number(json, key, NAN);
}

static void encode_states(struct json *json, const struct process_list *list)
{
    json_key(json, "states");
    json_begin_object(json);
    for (size_t i = 0; i < PROCESS_STATE_COUNT; i++) {
        const char letter[] = {PROCESS_STATES[i], '\0'};

        if (list->by_state[i] > 0)
            process_answer_whole(json, letter, list->by_state[i]);
    }
    json_end_object(json);
}

/* What the list is of, and how much of the machine it knows. */
static void encode_head(struct json *json, const struct process_list *list)
{
    process_answer_whole(json, "seq", list->seq);
    json_key(json, "time_ms");
    json_i64(json, list->time_ms);
    json_key(json, "span_ms");
    json_i64(json, list->span_ms);
    process_answer_whole(json, "visible", list->visible);
    if (list->hides)
        encode_null(json, "total");
    else
        process_answer_whole(json, "total", (uint64_t)list->visible + list->unread);
    process_answer_whole(json, "io_visible",
                         list->visible > list->io_hidden ? list->visible - list->io_hidden : 0);
    process_answer_whole(json, "threads", list->threads);
    if (list->total_threads == 0)
        encode_null(json, "total_threads");
    else
        process_answer_whole(json, "total_threads", list->total_threads);
    encode_states(json, list);
    process_answer_number(json, "busy_cpu_cores", list->busy_cores);
    process_answer_number(json, "unattributed_cpu_cores", list->unattributed_cores);
    json_key(json, "complete");
    json_bool(json, !list->selected);
}

static void encode_command(struct json *json, const struct process_text *command, bool arguments)
{
    char program[PROCESS_COMMAND_MAX + 1];
    size_t length;

    if (!command) {
        encode_null(json, "command");
        return;
    }
    json_key(json, "command");
    if (arguments) {
        json_string(json, command->text);
        return;
    }
    length = process_text_program(command);
    if (length > PROCESS_COMMAND_MAX)
        length = PROCESS_COMMAND_MAX;
    memcpy(program, command->text, length);
    program[length] = '\0';
    json_string(json, program);
}

static void encode_process(struct json *json, const struct process_entry *entry, bool arguments)
{
    const char state[] = {entry->state, '\0'};

    json_begin_object(json);
    process_answer_whole(json, "pid", entry->pid);
    process_answer_whole(json, "ppid", entry->parent_pid);
    json_key(json, "user");
    json_string(json, entry->user->text);
    json_key(json, "state");
    json_string(json, state);
    process_answer_number(json, "cpu_cores", entry->cpu_cores);
    process_answer_whole(json, "rss_bytes", entry->rss_bytes);
    process_answer_whole(json, "shared_bytes", entry->shared_bytes);
    process_answer_number(json, "read_bytes_per_second", entry->read_bytes_per_second);
    process_answer_number(json, "write_bytes_per_second", entry->write_bytes_per_second);
    process_answer_whole(json, "threads", entry->threads);
    json_key(json, "start_time_ms");
    json_i64(json, entry->start_time_ms);
    json_key(json, "name");
    json_string(json, entry->name);
    encode_command(json, entry->command, arguments);
    json_end_object(json);
}

/* In the order of their indices. */
static void encode_processes(struct json *json, const struct process_list *list,
                             const uint32_t *indices, size_t count, bool arguments)
{
    json_key(json, "processes");
    json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        encode_process(json, &list->entries[indices[i]], arguments);
    json_end_array(json);
}

/* Those that are asked for by pid are among all, in the same order. */
static void encode_selected(struct json *json, const struct process_list *list,
                            const struct process_query *query, bool arguments)
{
    size_t most = query->pid_count > 0 || query->limit > list->count ? list->count : query->limit;
    AUTO_FREE uint32_t *indices = calloc(most + 1, sizeof *indices);
    size_t count, kept = 0;

    if (!indices) {
        json->out->failed = true;
        return;
    }
    count = process_top(list, query->sort, most, indices);
    for (size_t i = 0; i < count; i++) {
        if (process_query_has(query, list->entries[indices[i]].pid))
            indices[kept++] = indices[i];
    }
    encode_processes(json, list, indices, kept, arguments);
}

void process_answer_encode(struct buffer *out, const struct process_list *list,
                           const struct process_query *query, bool arguments)
{
    struct json json = {.out = out};

    json_begin_object(&json);
    encode_head(&json, list);
    if (query->by_command)
        process_commands_encode(&json, list, query->sort, query->limit);
    else
        encode_selected(&json, list, query, arguments);
    json_end_object(&json);
    buffer_append_char(out, '\n');
}

static int by_cpu(const void *one, const void *other, void *arg)
{
    const struct process_list *list = *(const struct process_list **)arg;
    const uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

    return process_comes_before(list, PROCESS_BY_CPU, a, b) ? -1 : 1;
}

void process_answer_encode_union(struct json *json, const struct process_list *list, size_t most,
                                 bool arguments)
{
    uint32_t indices[PROCESS_ORDERS * PROCESS_ANSWER_STREAMED_MAX];
    size_t count = process_top_union(list, most, indices);

    qsort_r(indices, count, sizeof *indices, by_cpu, &list);
    encode_head(json, list);
    encode_processes(json, list, indices, count, arguments);
}
