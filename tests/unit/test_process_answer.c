#include "daemon/process_answer.h"

#include <math.h>

#include "daemon/process_commands.h"
#include "tests/unit/made_processes.h"
#include "tests/unit/model.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct process_query by_cpu = {.limit = 20};

/* The document, with a NUL behind it; freed by the caller. Also puts the list. */
static char *encode(struct process_list *list, const struct process_query *query, bool arguments)
{
    struct buffer out = {0};

    process_answer_encode(&out, list, query, arguments);
    buffer_append_char(&out, '\0');
    ck_assert(!out.failed);
    process_list_put(list);
    return out.data;
}

static void expect(struct process_list *list, const struct process_query *query, bool arguments,
                   const char *wanted)
{
    char *text = encode(list, query, arguments);

    ck_assert_str_eq(text, wanted);
    free(text);
}

static void expect_part(struct process_list *list, const struct process_query *query,
                        const char *wanted)
{
    char *text = encode(list, query, true);

    ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
    free(text);
}

/* The order of "pid" or "name" in what is answered: "3 1 2 ". */
static void expect_order(struct process_list *list, const struct process_query *query,
                         const char *key, const char *wanted)
{
    char *text = encode(list, query, true), order[200] = "";

    for (const char *at = text; (at = strstr(at, key)) != NULL;) {
        at += strlen(key);
        strncat(order, at, strcspn(at, ",\""));
        strcat(order, " ");
    }
    ck_assert_str_eq(order, wanted);
    free(text);
}

START_TEST(a_list_is_told_whole)
{
    static const struct made_process one = {12, "x", "/bin/x -a", 1.0 / 3, 4096, 1024, 0, NAN};
    struct process_list *list = process_list_make(9, &one, 1);

    list->unread = 2;
    list->io_hidden = 1;
    list->total_threads = 50;
    expect(list, &by_cpu, true,
           "{\"seq\":9,\"time_ms\":1700000009000,\"span_ms\":1000,\"visible\":1,\"total\":3,"
           "\"io_visible\":0,\"threads\":2,\"total_threads\":50,\"states\":{\"S\":1},"
           "\"busy_cpu_cores\":1.5,\"unattributed_cpu_cores\":0.25,\"complete\":true,"
           "\"processes\":[{\"pid\":12,\"ppid\":1,\"user\":\"root\",\"state\":\"S\","
           "\"cpu_cores\":0.333333,\"rss_bytes\":4096,\"shared_bytes\":1024,"
           "\"read_bytes_per_second\":0,\"write_bytes_per_second\":null,\"threads\":2,"
           "\"start_time_ms\":1600000000000,\"name\":\"x\",\"command\":\"/bin/x -a\"}]}\n");
}
END_TEST

START_TEST(what_is_not_known_is_null)
{
    struct process_list *list = process_list_make(9, NULL, 0);

    list->span_ms = 0;
    list->hides = true;
    list->selected = true;
    list->busy_cores = list->unattributed_cores = NAN;
    expect(list, &by_cpu, true,
           "{\"seq\":9,\"time_ms\":1700000009000,\"span_ms\":0,\"visible\":0,\"total\":null,"
           "\"io_visible\":0,\"threads\":0,\"total_threads\":null,\"states\":{},"
           "\"busy_cpu_cores\":null,\"unattributed_cpu_cores\":null,\"complete\":false,"
           "\"processes\":[]}\n");
}
END_TEST

START_TEST(hostile_text_is_only_text)
{
    static const struct made_process processes[] = {
        {1, "a) S 1 (b\n", "<img src=x onerror=alert(1)> \"\\", 0, 0, 0, 0, 0},
        {2, "caf\xc3", "\xff\x01 ok", 0, 0, 0, 0, 0},
        {3, "kworker/0:1", NULL, 0, 0, 0, 0, 0},
    };
    const size_t count = COUNT(processes);

    expect_part(process_list_make(1, processes, count), &by_cpu,
                "\"name\":\"a) S 1 (b\\u000a\","
                "\"command\":\"<img src=x onerror=alert(1)> \\\"\\\\\"}");
    expect_part(process_list_make(1, processes, count), &by_cpu,
                "\"name\":\"caf\xef\xbf\xbd\",\"command\":\"\xef\xbf\xbd\\u0001 ok\"}");
    expect_part(process_list_make(1, processes, count), &by_cpu,
                "\"name\":\"kworker/0:1\",\"command\":null}");
}
END_TEST

static const struct made_process three[] = {
    {1, "a", "a", 0.1, 300, 0, 5, 5},
    {2, "b", "b", NAN, 100, 0, NAN, NAN},
    {3, "c", "c", 0.2, 200, 0, 100, 0},
};

START_TEST(they_are_sorted_and_selected)
{
    static const struct process_query questions[] = {
        {.sort = PROCESS_BY_CPU, .limit = 20},
        {.sort = PROCESS_BY_MEMORY, .limit = 20},
        {.sort = PROCESS_BY_IO, .limit = 20},
        {.sort = PROCESS_BY_MEMORY, .limit = 2},
        {.sort = PROCESS_BY_CPU, .limit = 1, .pids = {9, 2, 1}, .pid_count = 3},
    };
    static const char *const orders[] = {"3 1 2 ", "1 3 2 ", "3 1 2 ", "1 3 ", "1 2 "};

    for (size_t i = 0; i < COUNT(questions); i++)
        expect_order(process_list_make(1, three, 3), &questions[i], "\"pid\":", orders[i]);
}
END_TEST

START_TEST(arguments_can_be_hidden)
{
    static const struct made_process one = {12, "x", "/bin/x --password=1", 0, 0, 0, 0, 0};
    char *text = encode(process_list_make(1, &one, 1), &by_cpu, false);

    ck_assert_ptr_nonnull(strstr(text, "\"command\":\"/bin/x\"}"));
    ck_assert_ptr_null(strstr(text, "password"));
    free(text);
}
END_TEST

START_TEST(a_program_is_named_by_its_command)
{
    static const struct {
        const char *name, *command, *program;
    } cases[] = {
        {"x", "/usr/bin/python3.11 -m http", "python3.11"},
        {"x", "-bash", "bash"},
        {"x", "sshd: root@pts/0", "sshd"},
        {"x", "nginx: worker", "nginx"},
        {"x", "/opt/a/", "[x]"},
        {"x", "", "[x]"},
        {"x", "-", "[x]"},
        {"x", " y", "[x]"},
        {"kworker/0:1-events", NULL, "[kworker]"},
        {"kthreadd", NULL, "[kthreadd]"},
        {"(sd-pam)", "(sd-pam)", "(sd-pam)"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct made_process made = {
            .pid = 1, .name = cases[i].name, .command = cases[i].command};
        struct process_list *list = process_list_make(1, &made, 1);
        char program[PROCESS_PROGRAM_BYTES];

        process_program(&list->entries[0], program);
        ck_assert_str_eq(program, cases[i].program);
        process_list_put(list);
    }
}
END_TEST

START_TEST(processes_of_one_program_are_one)
{
    static const struct made_process processes[] = {
        {1, "x", "/bin/web a", 0.25, 1000, 400, NAN, NAN},
        {2, "y", "/bin/db", NAN, 300, 400, NAN, NAN},
        {3, "x", "/usr/bin/web b", 0.5, 1500, 500, 10, NAN},
        {4, "z", "web: c", NAN, 100, 100, NAN, 2},
        {5, "web", NULL, 0, 0, 0, 0, 0},
    };
    const struct process_query query = {.by_command = true, .limit = 2};
    struct process_query other = {.by_command = true, .limit = 20};

    /* Shared memory once: 600 + 1000 + 0, and 500. */
    expect_part(process_list_make(1, processes, COUNT(processes)), &query,
                "\"complete\":true,\"commands\":["
                "{\"name\":\"web\",\"processes\":3,\"cpu_cores\":0.75,\"rss_bytes\":2100,"
                "\"read_bytes_per_second\":10,\"write_bytes_per_second\":2,\"threads\":6},"
                "{\"name\":\"[web]\",\"processes\":1,\"cpu_cores\":0,\"rss_bytes\":0,"
                "\"read_bytes_per_second\":0,\"write_bytes_per_second\":0,\"threads\":2}]}\n");
    expect_order(process_list_make(1, processes, COUNT(processes)), &other, "\"name\":\"",
                 "web [web] db ");
    other.sort = PROCESS_BY_MEMORY;
    expect_order(process_list_make(1, processes, COUNT(processes)), &other, "\"name\":\"",
                 "web db [web] ");
    other.sort = PROCESS_BY_IO;
    expect_order(process_list_make(1, processes, COUNT(processes)), &other, "\"name\":\"",
                 "web [web] db ");
    expect_part(process_list_make(1, NULL, 0), &other, "\"commands\":[]}\n");
}
END_TEST

START_TEST(a_stream_has_the_first_of_each_order)
{
    struct process_list *list = process_list_make(1, three, 3);
    struct buffer out = {0};
    struct json json = {.out = &out};

    process_answer_encode_union(&json, list, 1, true);
    buffer_append_char(&out, '\0');
    ck_assert_ptr_nonnull(strstr(out.data, "\"pid\":3"));
    ck_assert_ptr_null(strstr(out.data, "\"pid\":2"));
    ck_assert(strstr(out.data, "\"pid\":3") < strstr(out.data, "\"pid\":1,"));
    buffer_finish(&out);
    process_list_put(list);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_answer", a_list_is_told_whole, what_is_not_known_is_null,
                     hostile_text_is_only_text, they_are_sorted_and_selected,
                     arguments_can_be_hidden, a_program_is_named_by_its_command,
                     processes_of_one_program_are_one, a_stream_has_the_first_of_each_order);
}
