/* The configuration that is in force, as people read it: made of the table of keys. */
#ifndef TACHO_DAEMON_CONFIG_SHOW_H
#define TACHO_DAEMON_CONFIG_SHOW_H

#include "daemon/config.h"

/* The configuration as a file that says all of it; for free(). NULL without memory. */
char *config_show(const struct config *config);

/*
 * The keys, with commas, that two configurations say different things of and that only a start puts
 * in force; empty if there are none. May be cut.
 */
void config_list_changed(const struct config *started, const struct config *config, char *out,
                         size_t size);

#endif
