#include "tests/unit/stream_client.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/number.h"

void stream_client_init(struct stream_client *client, uint64_t every)
{
    *client = (struct stream_client){.names = calloc(STREAM_CLIENT_IDS, sizeof *client->names),
                                     .values = calloc(STREAM_CLIENT_IDS, sizeof *client->values),
                                     .every = every};
    if (client->names == NULL || client->values == NULL)
        err(EXIT_FAILURE, "stream client");
}

static void forget(struct stream_client *client, size_t id)
{
    ck_assert_uint_lt(id, STREAM_CLIENT_IDS);
    free(client->names[id]);
    client->names[id] = NULL;
    client->values[id] = NAN;
}

void stream_client_finish(struct stream_client *client)
{
    for (size_t id = 0; id < STREAM_CLIENT_IDS; id++)
        forget(client, id);
    free(client->names);
    free(client->values);
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    ck_assert_msg(cJSON_IsNumber(item), "no number %s", key);
    return item->valuedouble;
}

static void add_series(struct stream_client *client, const cJSON *list)
{
    const cJSON *series;

    ck_assert(cJSON_IsArray(list));
    cJSON_ArrayForEach(series, list)
    {
        size_t id = (size_t)number_of(series, "id");
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(series, "name"));

        ck_assert_uint_lt(id, STREAM_CLIENT_IDS);
        ck_assert_msg(client->names[id] == NULL, "series %zu is added twice", id);
        ck_assert_ptr_nonnull(name);
        client->names[id] = strdup(name);
        client->values[id] = NAN;
    }
}

static void apply_hello(struct stream_client *client, const cJSON *data)
{
    for (size_t id = 0; id < STREAM_CLIENT_IDS; id++)
        forget(client, id);
    add_series(client, cJSON_GetObjectItemCaseSensitive(data, "series"));
    client->is_fresh = number_of(data, "seq") != 0;
}

static void apply_series(struct stream_client *client, const cJSON *data)
{
    const cJSON *id;

    cJSON_ArrayForEach(id, cJSON_GetObjectItemCaseSensitive(data, "gone"))
    {
        ck_assert_ptr_nonnull(client->names[(size_t)id->valuedouble]);
        forget(client, (size_t)id->valuedouble);
    }
    add_series(client, cJSON_GetObjectItemCaseSensitive(data, "add"));
}

/* The next one, unless the client comes anew. */
static void apply_tick(struct stream_client *client, const cJSON *data)
{
    uint64_t seq = (uint64_t)number_of(data, "seq");
    const cJSON *pair, *pairs = cJSON_GetObjectItemCaseSensitive(data, "v");
    int known = 0;

    if (client->seq != 0)
        ck_assert_uint_eq(seq, (client->seq / client->every + 1) * client->every);
    ck_assert(cJSON_IsArray(pairs));
    for (size_t id = 0; id < STREAM_CLIENT_IDS; id++)
        known += client->names[id] != NULL;
    if (client->is_fresh)
        ck_assert_int_eq(cJSON_GetArraySize(pairs), known);
    client->seq = seq;
    client->is_fresh = false;
    cJSON_ArrayForEach(pair, pairs)
    {
        size_t id = (size_t)cJSON_GetNumberValue(cJSON_GetArrayItem(pair, 0));
        const cJSON *value = cJSON_GetArrayItem(pair, 1);

        ck_assert_int_eq(cJSON_GetArraySize(pair), 2);
        ck_assert_uint_lt(id, STREAM_CLIENT_IDS);
        ck_assert_msg(client->names[id] != NULL, "a value of %zu, which is not there", id);
        ck_assert(cJSON_IsNull(value) || cJSON_IsNumber(value));
        client->values[id] = cJSON_IsNull(value) ? NAN : value->valuedouble;
    }
}

static void apply_gap(struct stream_client *client, const cJSON *data)
{
    ck_assert_uint_eq((uint64_t)number_of(data, "from"), client->seq + 1);
    client->seq = (uint64_t)number_of(data, "to");
}

static void apply_ping(struct stream_client *client, const cJSON *data)
{
    ck_assert_uint_ge((uint64_t)number_of(data, "seq"), client->seq);
}

static const struct {
    const char *name;
    void (*apply)(struct stream_client *client, const cJSON *data);
} events[STREAM_CLIENT_EVENTS] = {
    [STREAM_CLIENT_HELLO] = {"hello", apply_hello},    [STREAM_CLIENT_TICK] = {"tick", apply_tick},
    [STREAM_CLIENT_SERIES] = {"series", apply_series}, [STREAM_CLIENT_GAP] = {"gap", apply_gap},
    [STREAM_CLIENT_PING] = {"ping", apply_ping},
};

void stream_client_apply(struct stream_client *client, const char *text, size_t size)
{
    char *copy = strndup(text, size), *rest = copy, *line;
    const char *event = "", *data = "";
    cJSON *json;
    size_t kind = 0;

    ck_assert_uint_eq(strlen(copy), size);
    ck_assert_msg(size > 2 && strcmp(copy + size - 2, "\n\n") == 0, "%s", copy);
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        if (strncmp(line, "event: ", 7) == 0)
            event = line + 7;
        else if (strncmp(line, "data: ", 6) == 0)
            data = line + 6;
        else
            ck_assert_msg(strncmp(line, "id: ", 4) == 0 || strncmp(line, "retry: ", 7) == 0, "%s",
                          line);
    }
    ck_assert_str_eq(rest, "");
    while (kind < STREAM_CLIENT_EVENTS && strcmp(events[kind].name, event) != 0)
        kind++;
    ck_assert_msg(kind < STREAM_CLIENT_EVENTS, "event %s", event);
    json = parse_json(data, strlen(data));
    events[kind].apply(client, json);
    client->seen[kind]++;
    cJSON_Delete(json);
    free(copy);
}

/* What is computed travels with six digits. */
static double as_sent(const struct track *track, size_t index)
{
    const struct series *series = track->selection.series[index];
    uint64_t word = track->shown[index];
    char text[NUMBER_MAX + 1];

    if (sample_is_absent(word) || !isfinite(sample_value(word)))
        return NAN;
    if (series->cumulative ? track->context.raw : !track->context.averaged)
        return sample_value(word);
    text[number_format_digits6(sample_value(word), text)] = '\0';
    return strtod(text, NULL);
}

void stream_client_compare(const struct stream_client *client, const struct track *track)
{
    size_t known = 0;

    ck_assert_uint_eq(client->seq, track->tick.seq);
    for (size_t id = 0; id < STREAM_CLIENT_IDS; id++)
        known += client->names[id] != NULL;
    ck_assert_uint_eq(known, track->selection.count);
    for (size_t i = 0; i < track->selection.count; i++) {
        const struct series *series = track->selection.series[i];
        double wanted = as_sent(track, i), value = client->values[series->id];

        ck_assert_str_eq(client->names[series->id], series->name);
        ck_assert_msg(isnan(wanted) ? isnan(value) : value == wanted, "tick %zu: %u is %g, not %g",
                      (size_t)client->seq, series->id, value, wanted);
    }
}
