/* What the daemon is told: a file's keys, and the command line over them. */
#ifndef TACHO_DAEMON_CONFIG_H
#define TACHO_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/registry.h"
#include "daemon/choose.h"
#include "daemon/listening.h"
#include "daemon/log.h"
#include "daemon/scrape_config.h"

#define CONFIG_FILE            "/etc/tacho/tachod.json" /* read if it is there and none is named */
#define CONFIG_INTERVAL_MIN_MS 100
#define CONFIG_INTERVAL_MAX_MS 60000
#define CONFIG_INTERVAL_ALLOWED                                                                    \
    "a duration from 100ms to 60s that a day is a multiple of, such as 1s"
#define CONFIG_HOSTS_MAX           64
#define CONFIG_CONNECTIONS_MAX     16384
#define CONFIG_PER_ADDRESS_DEFAULT 256
#define CONFIG_HTTP_THREADS_MAX    8
#define CONFIG_HISTORY_MIN_BYTES   1000000
#define CONFIG_HISTORY_MAX_BYTES   1000000000000
#define CONFIG_STATSD_LISTEN_MAX   8
#define CONFIG_STATSD_SERIES       2000 /* by default */
#define CONFIG_STATSD_SERIES_MAX   6000
#define CONFIG_ERROR_BYTES         2048 /* with the names of all collectors */

/* What is said of one collector. */
struct collector_config {
    bool off;
};

/*
 * listen, hosts, data, select, textfiles, scrape and statsd_listen are its own; the other strings
 * belong to the command line.
 */
struct config {
    char *listen[LISTENING_MAX];
    size_t listen_count;
    bool listen_default; /* the default: an address that this machine lacks is passed over */
    int64_t interval_ms;
    struct collector_roots roots;
    const char *static_dir; /* NULL: the page inside the program */
    enum log_level log_level;
    bool auth_none;                /* whoever reaches an address may read: beyond loopback too */
    char *hosts[CONFIG_HOSTS_MAX]; /* what Host may name besides this machine */
    size_t host_count;
    char *data;             /* the data directory; "none": there is none; NULL: the default */
    uint64_t seconds_bytes; /* budgets of the history; 0: the default */
    uint64_t minutes_bytes;
    uint64_t processes_bytes;
    bool arguments_hidden; /* of processes */
    size_t http_threads;
    size_t max_connections; /* 0: as many as there are descriptors for */
    size_t max_connections_per_address;
    struct collector_config collectors[COLLECTOR_REGISTRY_MAX]; /* in the registry's order */
    struct choose_patterns select[CHOICE_COUNT];
    char *textfiles;              /* the folder that the roots name; NULL: none */
    struct scrape_config *scrape; /* complete once the whole configuration was read */
    size_t scrape_count;
    char *statsd_listen[CONFIG_STATSD_LISTEN_MAX]; /* none: StatsD is off */
    size_t statsd_listen_count;
    size_t statsd_max_series;
    bool once;
    int argc; /* the command line, for config_read_again() */
    char **argv;
    const char *file; /* -c; NULL: CONFIG_FILE, if it is there */
    /* Of a value that was just refused: more than what is allowed, or empty. */
    char refusal[CHOOSE_ERROR_BYTES];
};

enum config_result {
    CONFIG_RUN,     /* start the daemon */
    CONFIG_DONE,    /* what was asked for was printed: exit 0 */
    CONFIG_WRONG,   /* a usage error was printed: exit 2 */
    CONFIG_REFUSED, /* a message about what the configuration says was logged: exit 1 */
};

/*
 * Reads the command line and the file, and answers what is only a question: help, version,
 * --check-config, --print-config. out has to be finished whatever the result.
 */
enum config_result config_parse(int argc, char **argv, struct config *out);

/*
 * The same again, of the file as it is now: what a start would make of it. Any thread, one call at
 * a time. 0 with a configuration to be finished, or -errno with the error's text and nothing to be
 * finished.
 */
int config_read_again(const struct config *config, struct config *out,
                      char error[CONFIG_ERROR_BYTES]) MUST_CHECK;

/* Gives up its strings. */
void config_finish(struct config *config);

/* Each adds a copy. 0, -E2BIG or -ENOMEM. */
int config_add_listen(struct config *config, const char *spec) MUST_CHECK;
int config_add_host(struct config *config, const char *name) MUST_CHECK;
int config_add_statsd_listen(struct config *config, const char *spec) MUST_CHECK;

/* Takes a copy of the data directory's path, or "none". 0, -EINVAL (empty) or -ENOMEM. */
int config_set_data(struct config *config, const char *path) MUST_CHECK;

/*
 * The data directory: as configured, else $STATE_DIRECTORY, else $XDG_STATE_HOME/tacho, else
 * ~/.local/state/tacho. To be freed; NULL: there is none, or no memory.
 */
char *config_data_directory(const struct config *config);

/* What CONFIG_INTERVAL_ALLOWED says; 0 or -EINVAL. */
int config_parse_interval(const char *text, int64_t *out_ms) MUST_CHECK;

#endif
