/* The values of the keys about what is kept, and shown, of the past; config_key.h says how. */
#ifndef TACHO_DAEMON_CONFIG_HISTORY_H
#define TACHO_DAEMON_CONFIG_HISTORY_H

#include <cjson/cJSON.h>

#include "daemon/config.h"

int config_take_data(const cJSON *value, struct config *config);
cJSON *config_show_data(const struct config *config);

/* Budgets; shown where one was given, as the default depends on the disk. */
int config_take_minutes(const cJSON *value, struct config *config);
cJSON *config_show_minutes(const struct config *config);
int config_take_processes_bytes(const cJSON *value, struct config *config);
cJSON *config_show_processes_bytes(const struct config *config);
int config_take_seconds(const cJSON *value, struct config *config);
cJSON *config_show_seconds(const struct config *config);

/* Whether command lines of processes have their arguments. */
int config_take_arguments(const cJSON *value, struct config *config);
cJSON *config_show_arguments(const struct config *config);

#endif
