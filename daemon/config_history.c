#include "daemon/config_history.h"

#include <errno.h>
#include <stdlib.h>

int config_take_data(const cJSON *value, struct config *config)
{
    return config_set_data(config, value->valuestring);
}

cJSON *config_show_data(const struct config *config)
{
    char *path = config_data_directory(config);
    cJSON *shown = cJSON_CreateString(path ? path : "none");

    free(path);
    return shown;
}

static int take_bytes(const cJSON *value, uint64_t *out)
{
    double number = value->valuedouble;

    if (!(number >= CONFIG_HISTORY_MIN_BYTES && number <= CONFIG_HISTORY_MAX_BYTES) ||
        number != (double)(uint64_t)number)
        return -EINVAL;
    *out = (uint64_t)number;
    return 0;
}

int config_take_minutes(const cJSON *value, struct config *config)
{
    return take_bytes(value, &config->minutes_bytes);
}

int config_take_processes_bytes(const cJSON *value, struct config *config)
{
    return take_bytes(value, &config->processes_bytes);
}

int config_take_seconds(const cJSON *value, struct config *config)
{
    return take_bytes(value, &config->seconds_bytes);
}

/* The default depends on the disk. */
static cJSON *show_bytes(uint64_t bytes)
{
    return bytes > 0 ? cJSON_CreateNumber((double)bytes) : NULL;
}

cJSON *config_show_minutes(const struct config *config)
{
    return show_bytes(config->minutes_bytes);
}

cJSON *config_show_processes_bytes(const struct config *config)
{
    return show_bytes(config->processes_bytes);
}

cJSON *config_show_seconds(const struct config *config)
{
    return show_bytes(config->seconds_bytes);
}

int config_take_arguments(const cJSON *value, struct config *config)
{
    config->arguments_hidden = cJSON_IsFalse(value);
    return 0;
}

cJSON *config_show_arguments(const struct config *config)
{
    return cJSON_CreateBool(!config->arguments_hidden);
}
