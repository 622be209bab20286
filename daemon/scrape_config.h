/*
 * What the configuration says of one scrape target. Pure: nothing is resolved, read or opened.
 */
#ifndef TACHO_DAEMON_SCRAPE_CONFIG_H
#define TACHO_DAEMON_SCRAPE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "daemon/json_text.h"
#include "daemon/scope.h"
#include "daemon/series_quota.h"

#define SCRAPE_TARGETS_MAX        64
#define SCRAPE_LABELS_MAX         16
#define SCRAPE_TEXT_MAX           1024 /* bytes of a URL, a path or a label's value */
#define SCRAPE_NAME_MAX           128  /* bytes of a label's name or a job */
#define SCRAPE_HOST_MAX           255  /* bytes of a host */
#define SCRAPE_INSTANCE_MAX       263  /* of that, a colon and a port */
#define SCRAPE_INTERVAL_MIN_MS    100
#define SCRAPE_INTERVAL_MAX_MS    3600000
#define SCRAPE_TIMEOUT_MIN_MS     10
#define SCRAPE_TIMEOUT_DEFAULT_MS 10000
#define SCRAPE_BYTES_MIN          1024
#define SCRAPE_BYTES_MAX          (1024 * 1024 * 1024)
#define SCRAPE_BYTES_DEFAULT      (16 * 1024 * 1024)
#define SCRAPE_SERIES_MAX         SERIES_QUOTA_APPLICATIONS
#define SCRAPE_SERIES_DEFAULT     2000

/* All zero but for the defaults before anything was said; its strings are its own. */
struct scrape_config {
    char *url;        /* http or https, with a path; NULL: unix_path is said */
    char *host;       /* of the URL, without the brackets of an IPv6 address */
    bool numeric;     /* the host is an address, so that there is nothing to be resolved */
    uint16_t port;    /* of the URL */
    char *unix_path;  /* of a stream socket */
    char *path;       /* of the request to the socket; NULL before scrape_config_complete() */
    char *job;        /* NULL before scrape_config_complete() */
    char *instance;   /* host:port, or the socket's path; so too */
    char *token_file; /* NULL: no token */
    int64_t interval_ms, timeout_ms; /* 0 before scrape_config_complete(): the default */
    uint64_t max_bytes;              /* of a decoded body */
    size_t max_series;
    struct label labels[SCRAPE_LABELS_MAX]; /* beside job and instance */
    char *label_texts[SCRAPE_LABELS_MAX];   /* what holds a label's strings */
    size_t label_count;
    struct json_place place;         /* in the file */
    struct json_place timeout_place; /* of the key, if there is one */
};

/* Each takes a copy. 0, -EINVAL if it cannot be, -E2BIG (labels) or -ENOMEM. */
int scrape_config_set_url(struct scrape_config *config, const char *url) MUST_CHECK;
int scrape_config_set_unix(struct scrape_config *config, const char *path) MUST_CHECK;
int scrape_config_set_path(struct scrape_config *config, const char *path) MUST_CHECK;
int scrape_config_set_job(struct scrape_config *config, const char *job) MUST_CHECK;
int scrape_config_set_token_file(struct scrape_config *config, const char *path) MUST_CHECK;
int scrape_config_add_label(struct scrape_config *config, const char *key,
                            const char *value) MUST_CHECK;

/* NULL, or what it has to have: one of url and unix, and path with unix alone. */
const char *scrape_config_lacks(const struct scrape_config *config);

/*
 * Fills in the defaults, some of which depend on the daemon's own interval. 0, or -EINVAL if the
 * timeout is longer than the interval, or -ENOMEM.
 */
int scrape_config_complete(struct scrape_config *config, int64_t tick_ms) MUST_CHECK;

/* Whether both, which are complete, say the same; and whether they name the same series. */
bool scrape_config_equals(const struct scrape_config *one, const struct scrape_config *other);
bool scrape_config_collides(const struct scrape_config *one, const struct scrape_config *other);

void scrape_config_finish(struct scrape_config *config);

#endif
