#include <string.h>

#include "daemon/select.h"
#include "tests/fuzz/harness.h"

#define EPOCH "0123456789abcdef"

static const struct label device = {"device", "sda"};
static const struct series all[] = {
    {.id = 1, .name = "node_load1"},
    {.id = 2, .name = "node_disk_io_now", .labels = &device, .label_count = 1},
    {.id = 40, .name = "node_disk_reads_total", .labels = &device, .label_count = 1},
};

/* Cuts "name=value&name=value" where it stands; values keep whatever bytes they hold. */
static void cut(char *text, size_t size, struct query *query)
{
    char *end = text + size;

    while (text < end) {
        char *stop = memchr(text, '&', (size_t)(end - text));
        char *equals;

        if (stop == NULL)
            stop = end;
        *stop = '\0';
        equals = memchr(text, '=', (size_t)(stop - text));
        if (equals != NULL)
            *equals = '\0';
        if (query_add(query, text, equals != NULL ? equals + 1 : NULL,
                      equals != NULL ? (size_t)(stop - equals - 1) : 0) < 0)
            break;
        text = stop + 1;
    }
}

static void check_select(const struct query *query)
{
    struct problem problem = {.status = 0};
    struct pattern_meter meter = pattern_meter_start();
    struct select *select;
    size_t matched = 0;

    if (select_parse(query, EPOCH, &select, &problem) < 0) {
        must(problem.status == 400 || problem.status == 410);
        return;
    }
    for (size_t index = 0; index < sizeof all / sizeof all[0]; index++)
        matched += select_matches(select, &all[index], &meter);
    must(!select_is_all(select) || (matched == 3 && select_key(select)[0] == '\0'));
    select_free(select);
}

static void check_readers(const struct query *query)
{
    static const char *const choices[] = {"json", "value"};
    struct problem problem = {.status = 0};
    int64_t ms = 7;
    uint64_t number = 7;
    size_t choice = 1;
    bool good = query_time(query, "from", 1000, &ms, &problem) == 0;

    must(good || (ms == 7 && strcmp(problem.parameter, "from") == 0));
    ms = 7;
    if (query_duration(query, "step", 5, 5000, &ms, &problem) == 0)
        must(ms >= 5 && ms <= 5000);
    if (query_number(query, "points", 1, 100, &number, &problem) == 0)
        must(number >= 1 && number <= 100);
    if (query_choice(query, "format", choices, 2, &choice, &problem) == 0)
        must(choice < 2);
}

/* A request's query, decoded. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, "from",   "step",
                                          "points",          "format", NULL};
    char *text = malloc(size + 1);
    struct problem problem = {.status = 0};
    struct query query = {.count = 0};

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    cut(text, size, &query);
    if (query_check(&query, allowed, &problem) == 0) {
        check_select(&query);
        check_readers(&query);
    } else {
        must(problem.status == 400 && strlen(problem.detail) < sizeof problem.detail);
    }
    free(text);
    return 0;
}
