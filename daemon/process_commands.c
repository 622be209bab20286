#include "daemon/process_commands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/process_answer.h"
#include "daemon/process_text.h"
#include "daemon/scope.h"

/* A part of a text that the list holds. */
struct program {
    const char *at;
    size_t length;
    bool bracketed;
};

/* All processes of one program; at first one process is one. */
struct command {
    struct program program;
    uint64_t processes, threads;
    uint64_t own_bytes, shared_bytes;
    double cpu_cores, read_bytes_per_second, write_bytes_per_second; /* NaN: not known */
};

static bool find_in_command(const struct process_text *command, struct program *out)
{
    size_t length = command ? process_text_program(command) : 0;
    const char *at = length > 0 ? command->text : "";
    const char *slash = length > 0 ? memrchr(at, '/', length) : NULL;

    if (slash) {
        length -= (size_t)(slash + 1 - at);
        at = slash + 1;
    }
    if (length > 0 && *at == '-') {
        at++;
        length--;
    }
    if (length > 0 && at[length - 1] == ':')
        length--;
    *out = (struct program){.at = at, .length = length};
    return length > 0;
}

static struct program find_program(const struct process_entry *entry)
{
    struct program program;

    if (!find_in_command(entry->command, &program))
        program = (struct program){
            .at = entry->name, .length = strcspn(entry->name, "/"), .bracketed = true};
    return program;
}

static void format_program(const struct program *program, char out[PROCESS_PROGRAM_BYTES])
{
    size_t length = program->length < PROCESS_COMMAND_MAX ? program->length : PROCESS_COMMAND_MAX;
    char *at = out;

    if (program->bracketed)
        *at++ = '[';
    memcpy(at, program->at, length);
    at += length;
    if (program->bracketed)
        *at++ = ']';
    *at = '\0';
}

void process_program(const struct process_entry *entry, char out[PROCESS_PROGRAM_BYTES])
{
    const struct program program = find_program(entry);

    format_program(&program, out);
}

/* --- adding up --- */

static int compare_programs(const struct program *a, const struct program *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = a->bracketed - b->bracketed;

    if (order == 0)
        order = memcmp(a->at, b->at, shorter);
    if (order == 0)
        order = (a->length > b->length) - (a->length < b->length);
    return order;
}

static int by_program(const void *one, const void *other)
{
    return compare_programs(&((const struct command *)one)->program,
                            &((const struct command *)other)->program);
}

static struct command command_of(const struct process_entry *entry)
{
    uint64_t own =
        entry->rss_bytes > entry->shared_bytes ? entry->rss_bytes - entry->shared_bytes : 0;

    return (struct command){.program = find_program(entry),
                            .processes = 1,
                            .threads = entry->threads,
                            .own_bytes = own,
                            .shared_bytes = entry->rss_bytes - own,
                            .cpu_cores = entry->cpu_cores,
                            .read_bytes_per_second = entry->read_bytes_per_second,
                            .write_bytes_per_second = entry->write_bytes_per_second};
}

static void add_rate(double *sum, double rate)
{
    if (isnan(*sum))
        *sum = rate;
    else if (!isnan(rate))
        *sum += rate;
}

static void add(struct command *sum, const struct command *other)
{
    sum->processes += other->processes;
    sum->threads += other->threads;
    sum->own_bytes += other->own_bytes;
    if (other->shared_bytes > sum->shared_bytes)
        sum->shared_bytes = other->shared_bytes;
    add_rate(&sum->cpu_cores, other->cpu_cores);
    add_rate(&sum->read_bytes_per_second, other->read_bytes_per_second);
    add_rate(&sum->write_bytes_per_second, other->write_bytes_per_second);
}

/* Those of one program become one, in place; how many are left. */
static size_t add_up(struct command *commands, size_t count)
{
    size_t last = 0;

    if (count == 0)
        return 0;
    qsort(commands, count, sizeof *commands, by_program);
    for (size_t i = 1; i < count; i++) {
        if (compare_programs(&commands[last].program, &commands[i].program) == 0)
            add(&commands[last], &commands[i]);
        else
            commands[++last] = commands[i];
    }
    return last + 1;
}

/* --- the order --- */

static uint64_t rss_bytes(const struct command *command)
{
    return command->own_bytes + command->shared_bytes;
}

/* The largest first, what is not known last. */
static int compare_rates(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    return (a < b) - (a > b);
}

/* As process_top() has it: one that is not known counts as nothing. */
static double io_rate(const struct command *command)
{
    if (isnan(command->read_bytes_per_second))
        return command->write_bytes_per_second;
    if (isnan(command->write_bytes_per_second))
        return command->read_bytes_per_second;
    return command->read_bytes_per_second + command->write_bytes_per_second;
}

static int by_cpu(const void *one, const void *other)
{
    const struct command *a = one, *b = other;
    int order = compare_rates(a->cpu_cores, b->cpu_cores);

    return order != 0 ? order : by_program(one, other);
}

static int by_memory(const void *one, const void *other)
{
    uint64_t a = rss_bytes(one), b = rss_bytes(other);

    return a != b ? (a < b) - (a > b) : by_program(one, other);
}

static int by_io(const void *one, const void *other)
{
    int order = compare_rates(io_rate(one), io_rate(other));

    return order != 0 ? order : by_program(one, other);
}

static void encode_command(struct json *json, const struct command *command)
{
    char name[PROCESS_PROGRAM_BYTES];

    format_program(&command->program, name);
    json_begin_object(json);
    json_key(json, "name");
    json_string(json, name);
    process_answer_whole(json, "processes", command->processes);
    process_answer_number(json, "cpu_cores", command->cpu_cores);
    process_answer_whole(json, "rss_bytes", rss_bytes(command));
    process_answer_number(json, "read_bytes_per_second", command->read_bytes_per_second);
    process_answer_number(json, "write_bytes_per_second", command->write_bytes_per_second);
    process_answer_whole(json, "threads", command->threads);
    json_end_object(json);
}

void process_commands_encode(struct json *json, const struct process_list *list,
                             enum process_order order, size_t most)
{
    static int (*const orders[PROCESS_ORDERS])(const void *, const void *) = {
        [PROCESS_BY_CPU] = by_cpu, [PROCESS_BY_MEMORY] = by_memory, [PROCESS_BY_IO] = by_io};
    AUTO_FREE struct command *commands = calloc(list->count + 1, sizeof *commands);
    size_t count;

    if (!commands) {
        json->out->failed = true;
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        commands[i] = command_of(&list->entries[i]);
    count = add_up(commands, list->count);
    qsort(commands, count, sizeof *commands, orders[order]);
    json_key(json, "commands");
    json_begin_array(json);
    for (size_t i = 0; i < count && i < most; i++)
        encode_command(json, &commands[i]);
    json_end_array(json);
}
