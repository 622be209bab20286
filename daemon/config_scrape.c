#include "daemon/config_scrape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/moment.h"

/* The one whose keys are being read. */
static struct scrape_config *last(struct config *config)
{
    return &config->scrape[config->scrape_count - 1];
}

int config_scrape_take(const cJSON *value, struct config *config)
{
    struct scrape_config *grown;

    (void)value;
    if (config->scrape_count == SCRAPE_TARGETS_MAX)
        return -E2BIG;
    grown = reallocarray(config->scrape, config->scrape_count + 1, sizeof *grown);
    if (!grown)
        return -ENOMEM;
    config->scrape = grown;
    grown[config->scrape_count++] = (struct scrape_config){.max_bytes = SCRAPE_BYTES_DEFAULT,
                                                           .max_series = SCRAPE_SERIES_DEFAULT};
    return 0;
}

const char *config_scrape_end(struct config *config, struct json_place place)
{
    last(config)->place = place;
    return scrape_config_lacks(last(config));
}

static int take_duration(const cJSON *value, int64_t min_ms, int64_t *out_ms)
{
    const char *text = value->valuestring;
    int64_t ms;

    if (duration_parse(text, strlen(text), &ms) < 0 || ms < min_ms || ms > SCRAPE_INTERVAL_MAX_MS)
        return -EINVAL;
    *out_ms = ms;
    return 0;
}

static int take_interval(const cJSON *value, struct config *config)
{
    int64_t ms;

    if (take_duration(value, SCRAPE_INTERVAL_MIN_MS, &ms) < 0 || 24 * 3600 * 1000 % ms != 0)
        return -EINVAL;
    last(config)->interval_ms = ms;
    return 0;
}

static int take_timeout(const cJSON *value, struct config *config)
{
    return take_duration(value, SCRAPE_TIMEOUT_MIN_MS, &last(config)->timeout_ms);
}

static void note_timeout_place(struct config *config, struct json_place place)
{
    last(config)->timeout_place = place;
}

static int take_whole(const cJSON *value, uint64_t min, uint64_t max, uint64_t *out)
{
    double number = value->valuedouble;

    if (!(number >= (double)min && number <= (double)max) || number != (double)(uint64_t)number)
        return -EINVAL;
    *out = (uint64_t)number;
    return 0;
}

static int take_max_bytes(const cJSON *value, struct config *config)
{
    return take_whole(value, SCRAPE_BYTES_MIN, SCRAPE_BYTES_MAX, &last(config)->max_bytes);
}

static int take_max_series(const cJSON *value, struct config *config)
{
    uint64_t count;
    int result = take_whole(value, 1, SCRAPE_SERIES_MAX, &count);

    if (result == 0)
        last(config)->max_series = count;
    return result;
}

static int take_job(const cJSON *value, struct config *config)
{
    return scrape_config_set_job(last(config), value->valuestring);
}

static int take_label(const cJSON *value, struct config *config)
{
    return scrape_config_add_label(last(config), value->string, value->valuestring);
}

static int take_path(const cJSON *value, struct config *config)
{
    return scrape_config_set_path(last(config), value->valuestring);
}

static int take_token_file(const cJSON *value, struct config *config)
{
    return scrape_config_set_token_file(last(config), value->valuestring);
}

static int take_unix(const cJSON *value, struct config *config)
{
    return scrape_config_set_unix(last(config), value->valuestring);
}

static int take_url(const cJSON *value, struct config *config)
{
    return scrape_config_set_url(last(config), value->valuestring);
}

static const struct config_key keys[] = {
    {.path = "interval",
     .type = KEY_TEXT,
     .allowed = "a duration from 100ms to 1h that a day is a multiple of, such as 15s",
     .take = take_interval},
    {.path = "job", .type = KEY_TEXT, .allowed = "a text of 1 to 128 bytes", .take = take_job},
    {.path = "labels",
     .type = KEY_LABELS,
     .allowed = "an object of up to 16 labels, such as {\"env\": \"test\"}: names of letters, "
                "digits and underscores, but neither job nor instance nor __*, and texts of 1 to "
                "1024 bytes",
     .take = take_label},
    {.path = "max_bytes",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1024 to 1073741824",
     .take = take_max_bytes},
    {.path = "max_series",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1 to 6000",
     .take = take_max_series},
    {.path = "path",
     .type = KEY_TEXT,
     .allowed = "the path of a URL, such as \"/metrics\", of up to 1024 bytes",
     .take = take_path},
    {.path = "timeout",
     .type = KEY_TEXT,
     .allowed = "a duration from 10ms to the interval",
     .take = take_timeout,
     .note_place = note_timeout_place},
    {.path = "token_file",
     .type = KEY_TEXT,
     .allowed = "the path of a file, from / on, of up to 1024 bytes",
     .take = take_token_file},
    {.path = "unix",
     .type = KEY_TEXT,
     .allowed = "the path of a socket, from / on, of up to 107 bytes",
     .take = take_unix},
    {.path = "url",
     .type = KEY_TEXT,
     .allowed = "a URL with http or https, without user, password and fragment, of up to 1024 "
                "bytes, such as \"http://127.0.0.1:9100/metrics\"",
     .take = take_url},
};

const struct config_key_table config_scrape_keys = {keys, sizeof keys / sizeof *keys};

/* --- what is in force --- */

static void show_text(cJSON *object, const char *key, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, key, text);
}

#define DURATION_BYTES 32

static const char *format_duration(int64_t ms, char out[DURATION_BYTES])
{
    bool whole = ms % 1000 == 0;

    snprintf(out, DURATION_BYTES, "%" PRId64 "%s", whole ? ms / 1000 : ms, whole ? "s" : "ms");
    return out;
}

static void show_duration(cJSON *object, const char *key, int64_t ms)
{
    char text[DURATION_BYTES];

    cJSON_AddStringToObject(object, key, format_duration(ms, text));
}

static cJSON *show_one(const struct scrape_config *target)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *labels;

    show_duration(object, "interval", target->interval_ms);
    show_text(object, "job", target->job);
    labels = cJSON_AddObjectToObject(object, "labels");
    for (size_t i = 0; i < target->label_count; i++)
        show_text(labels, target->labels[i].key, target->labels[i].value);
    cJSON_AddNumberToObject(object, "max_bytes", (double)target->max_bytes);
    cJSON_AddNumberToObject(object, "max_series", (double)target->max_series);
    show_text(object, "path", target->path);
    show_duration(object, "timeout", target->timeout_ms);
    show_text(object, "token_file", target->token_file);
    show_text(object, "unix", target->unix_path);
    show_text(object, "url", target->url);
    return object;
}

cJSON *config_scrape_show(const struct config *config)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < config->scrape_count; i++)
        cJSON_AddItemToArray(list, show_one(&config->scrape[i]));
    return list;
}

/* --- all of them together --- */

static int fail(const struct config *config, size_t index, struct json_place place,
                char error[CONFIG_ERROR_BYTES], const char *wrong)
{
    snprintf(error, CONFIG_ERROR_BYTES, "%.400s:%zu:%zu: scrape[%zu]%s",
             config->file ? config->file : CONFIG_FILE, place.line, place.column, index, wrong);
    return -EINVAL;
}

/* Who says a timeout alone does not know of the interval that there is. */
static int fail_timeout(const struct config *config, size_t index, bool has_interval,
                        char error[CONFIG_ERROR_BYTES])
{
    const struct scrape_config *target = &config->scrape[index];
    char wrong[240], timeout[DURATION_BYTES], interval[DURATION_BYTES];

    snprintf(wrong, sizeof wrong,
             ".timeout: \"%s\": allowed: a duration from 10ms to the interval, which is %s%s",
             format_duration(target->timeout_ms, timeout),
             format_duration(target->interval_ms, interval),
             has_interval ? "" : " by default: say a longer interval too");
    return fail(config, index, target->timeout_place, error, wrong);
}

static int complete_one(struct config *config, size_t index, char error[CONFIG_ERROR_BYTES])
{
    struct scrape_config *target = &config->scrape[index];
    const bool has_interval = target->interval_ms != 0;
    char wrong[160];
    int result = scrape_config_complete(target, config->interval_ms);

    if (result == -EINVAL)
        return fail_timeout(config, index, has_interval, error);
    for (size_t i = 0; i < index && result == 0; i++) {
        if (!scrape_config_collides(&config->scrape[i], target))
            continue;
        snprintf(wrong, sizeof wrong,
                 ": allowed: another job, instance or labels than scrape[%zu] has", i);
        return fail(config, index, target->place, error, wrong);
    }
    return result;
}

int config_scrape_complete(struct config *config, char error[CONFIG_ERROR_BYTES])
{
    int result = 0;

    for (size_t i = 0; i < config->scrape_count && result == 0; i++)
        result = complete_one(config, i, error);
    return result;
}
