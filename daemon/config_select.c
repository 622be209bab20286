#include "daemon/config_select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof((struct config *)0)->refusal >= CHOOSE_ERROR_BYTES, "it has room");

const char *config_select_name(size_t index)
{
    static const char *const names[] = {"exclude", "include"};

    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

int config_take_select(const cJSON *value, struct config *config, unsigned choice)
{
    struct choose_patterns *patterns = &config->select[choice];
    char **place = strcmp(value->string, "include") == 0 ? &patterns->include : &patterns->exclude;
    int result = choose_check(value->valuestring, config->refusal);
    char *copy;

    if (result < 0)
        return result;
    copy = strdup(value->valuestring);
    if (!copy)
        return -ENOMEM;
    free(*place);
    *place = copy;
    return 0;
}

cJSON *config_show_select(const struct config *config, unsigned choice)
{
    const struct choose_patterns *patterns = &config->select[choice];
    cJSON *object = cJSON_CreateObject();

    if (patterns->exclude)
        cJSON_AddStringToObject(object, "exclude", patterns->exclude);
    if (patterns->include)
        cJSON_AddStringToObject(object, "include", patterns->include);
    if (patterns->exclude || patterns->include)
        return object;
    cJSON_Delete(object);
    return NULL;
}

int config_take_textfiles(const cJSON *value, struct config *config)
{
    char *copy = *value->valuestring ? strdup(value->valuestring) : NULL;

    if (!copy)
        return *value->valuestring ? -ENOMEM : -EINVAL;
    free(config->textfiles);
    config->textfiles = copy;
    config->roots.textfiles = copy;
    return 0;
}

cJSON *config_show_textfiles(const struct config *config)
{
    return config->textfiles ? cJSON_CreateString(config->textfiles) : NULL;
}

void config_finish_select(struct config *config)
{
    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        free(config->select[i].include);
        free(config->select[i].exclude);
        config->select[i] = (struct choose_patterns){0};
    }
    free(config->textfiles);
    config->textfiles = NULL;
    config->roots.textfiles = NULL;
}
