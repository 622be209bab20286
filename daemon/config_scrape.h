/* The keys of scrape[], as data: config_key.h. */
#ifndef TACHO_DAEMON_CONFIG_SCRAPE_H
#define TACHO_DAEMON_CONFIG_SCRAPE_H

#include "daemon/config_key.h"

extern const struct config_key_table config_scrape_keys;

/* Of the key scrape itself, as struct config_key has them. */
int config_scrape_take(const cJSON *value, struct config *config);
const char *config_scrape_end(struct config *config, struct json_place place);
cJSON *config_scrape_show(const struct config *config);

/*
 * Behind the file and the command line: fills in the defaults, and refuses what no target can say
 * alone. 0, -EINVAL with the error, which names the place in the file, or -ENOMEM.
 */
int config_scrape_complete(struct config *config, char error[CONFIG_ERROR_BYTES]) MUST_CHECK;

#endif
