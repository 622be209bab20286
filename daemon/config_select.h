/* The values of the keys of select, and the textfiles' folder; config_key.h says how. */
#ifndef TACHO_DAEMON_CONFIG_SELECT_H
#define TACHO_DAEMON_CONFIG_SELECT_H

#include <cjson/cJSON.h>

#include "daemon/config.h"

/* "exclude" and "include"; NULL behind them. */
const char *config_select_name(size_t index);

/* Of an enum choice. What a pattern is refused for goes to config->refusal. */
int config_take_select(const cJSON *value, struct config *config, unsigned choice);
cJSON *config_show_select(const struct config *config, unsigned choice);

int config_take_textfiles(const cJSON *value, struct config *config);
cJSON *config_show_textfiles(const struct config *config);

/* Gives up its strings. */
void config_finish_select(struct config *config);

#endif
