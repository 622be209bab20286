/* What the daemon is told: today the command line alone. */
#ifndef TACHO_DAEMON_CONFIG_H
#define TACHO_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "daemon/listener.h"
#include "daemon/log.h"

#define CONFIG_INTERVAL_MIN_MS 100
#define CONFIG_INTERVAL_MAX_MS 60000

/* Strings belong to the command line. */
struct config {
    const char *listen[LISTENER_MAX];
    size_t listen_count;
    bool listen_default; /* none was named: an address that this machine lacks is passed over */
    int64_t interval_ms;
    struct collector_roots roots;
    const char *static_dir; /* NULL: the page inside the program */
    enum log_level log_level;
    bool once;
};

enum config_result {
    CONFIG_RUN,   /* start the daemon */
    CONFIG_DONE,  /* help or version was printed: exit 0 */
    CONFIG_WRONG, /* a usage error was printed: exit 2 */
};

enum config_result config_parse(int argc, char **argv, struct config *out);

#endif
