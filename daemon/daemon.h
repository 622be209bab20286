/* The daemon as a whole: what runs, in which order it starts and stops. */
#ifndef TACHO_DAEMON_DAEMON_H
#define TACHO_DAEMON_DAEMON_H

#include "daemon/config.h"

/*
 * Serves until SIGINT or SIGTERM; SIGHUP has the configuration read again (reload.h). The exit
 * status: 0, or 1 when it could not start, in which case one line on standard error says why.
 */
int daemon_run(const struct config *config);

/* Prints one snapshot with rates to standard output, without serving. The exit status. */
int daemon_print_once(const struct config *config);

#endif
