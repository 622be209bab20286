#include "daemon/config_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_history.h"
#include "daemon/config_scrape.h"
#include "daemon/config_select.h"
#include "daemon/datagrams.h"
#include "daemon/host.h"

static int take_auth(const cJSON *value, struct config *config)
{
    if (strcmp(value->valuestring, "none") != 0)
        return -EINVAL;
    config->auth_none = true;
    return 0;
}

static cJSON *show_auth(const struct config *config)
{
    return config->auth_none ? cJSON_CreateString("none") : NULL;
}

static const char *collector_name(size_t index)
{
    return index < collector_registry_count ? collector_registry[index]->name : NULL;
}

static int take_collector(const cJSON *value, struct config *config)
{
    for (size_t i = 0; i < collector_registry_count; i++) {
        if (strcmp(value->string, collector_registry[i]->name) == 0)
            config->collectors[i].off = cJSON_IsFalse(value);
    }
    return 0;
}

static cJSON *show_collectors(const struct config *config)
{
    cJSON *switches = cJSON_CreateObject();

    for (size_t i = 0; i < collector_registry_count; i++)
        cJSON_AddBoolToObject(switches, collector_registry[i]->name, !config->collectors[i].off);
    return switches;
}

static int take_host(const cJSON *value, struct config *config)
{
    return host_name_is_valid(value->valuestring) ? config_add_host(config, value->valuestring)
                                                  : -EINVAL;
}

static cJSON *show_hosts(const struct config *config)
{
    return cJSON_CreateStringArray((const char *const *)config->hosts, (int)config->host_count);
}

static int take_whole(const cJSON *value, size_t max, size_t *out)
{
    double number = value->valuedouble;

    if (!(number >= 1 && number <= (double)max) || number != (double)(size_t)number)
        return -EINVAL;
    *out = (size_t)number;
    return 0;
}

static int take_max_connections(const cJSON *value, struct config *config)
{
    return take_whole(value, CONFIG_CONNECTIONS_MAX, &config->max_connections);
}

/* The default depends on the descriptors that a process has, which may be fewer here than there. */
static cJSON *show_max_connections(const struct config *config)
{
    return config->max_connections > 0 ? cJSON_CreateNumber((double)config->max_connections) : NULL;
}

static int take_max_per_address(const cJSON *value, struct config *config)
{
    return take_whole(value, CONFIG_CONNECTIONS_MAX, &config->max_connections_per_address);
}

static cJSON *show_max_per_address(const struct config *config)
{
    return cJSON_CreateNumber((double)config->max_connections_per_address);
}

static int take_threads(const cJSON *value, struct config *config)
{
    return take_whole(value, CONFIG_HTTP_THREADS_MAX, &config->http_threads);
}

static cJSON *show_threads(const struct config *config)
{
    return cJSON_CreateNumber((double)config->http_threads);
}

static int take_interval(const cJSON *value, struct config *config)
{
    return config_parse_interval(value->valuestring, &config->interval_ms);
}

static cJSON *show_interval(const struct config *config)
{
    bool whole = config->interval_ms % 1000 == 0;
    char text[32];

    snprintf(text, sizeof text, "%lld%s",
             (long long)(whole ? config->interval_ms / 1000 : config->interval_ms),
             whole ? "s" : "ms");
    return cJSON_CreateString(text);
}

static int take_listen(const cJSON *value, struct config *config)
{
    char error[LISTENING_ERROR_BYTES];

    return listening_check(value->valuestring, true, error) < 0
               ? -EINVAL
               : config_add_listen(config, value->valuestring);
}

static cJSON *show_listen(const struct config *config)
{
    return cJSON_CreateStringArray((const char *const *)config->listen, (int)config->listen_count);
}

static int take_log_level(const cJSON *value, struct config *config)
{
    return log_parse_level(value->valuestring, &config->log_level);
}

static cJSON *show_log_level(const struct config *config)
{
    return cJSON_CreateString(log_level_name(config->log_level));
}

static int take_statsd_listen(const cJSON *value, struct config *config)
{
    char error[DATAGRAMS_ERROR_BYTES];

    return datagrams_check(value->valuestring, true, error) < 0
               ? -EINVAL
               : config_add_statsd_listen(config, value->valuestring);
}

static cJSON *show_statsd_listen(const struct config *config)
{
    return cJSON_CreateStringArray((const char *const *)config->statsd_listen,
                                   (int)config->statsd_listen_count);
}

static int take_statsd_max_series(const cJSON *value, struct config *config)
{
    return take_whole(value, CONFIG_STATSD_SERIES_MAX, &config->statsd_max_series);
}

static cJSON *show_statsd_max_series(const struct config *config)
{
    return cJSON_CreateNumber((double)config->statsd_max_series);
}

/* What collectors choose from; it is compiled at the start, for workers ask it too. */
#define SELECT(path_, choice_)                                                                     \
    {                                                                                              \
        .path = (path_), .type = KEY_PATTERNS,                                                     \
        .allowed = "an object with include, exclude or both, each a regular expression, such as "  \
                   "{\"exclude\": \"^veth\"}",                                                     \
        .which = (choice_), .take_which = config_take_select, .show_which = config_show_select,    \
        .name = config_select_name                                                                 \
    }

static const struct config_key keys[] = {
    {.path = "auth",
     .type = KEY_TEXT,
     .allowed = "\"none\", so that everyone who reaches an address can read everything",
     .take = take_auth,
     .show = show_auth},
    {.path = "collectors",
     .type = KEY_SWITCHES,
     .live = true,
     .allowed = "an object with true or false for collectors, such as {\"netclass\": false}",
     .take = take_collector,
     .show = show_collectors,
     .name = collector_name},
    {.path = "history.directory",
     .type = KEY_TEXT,
     .allowed = "the path of a directory, or \"none\", so that the history is in memory alone",
     .take = config_take_data,
     .show = config_show_data},
    {.path = "history.minutes_bytes",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1000000 to 1000000000000",
     .take = config_take_minutes,
     .show = config_show_minutes},
    {.path = "history.processes_bytes",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1000000 to 1000000000000",
     .take = config_take_processes_bytes,
     .show = config_show_processes_bytes},
    {.path = "history.seconds_bytes",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1000000 to 1000000000000",
     .take = config_take_seconds,
     .show = config_show_seconds},
    {.path = "http.hosts",
     .type = KEY_TEXTS,
     .live = true,
     .allowed = "a list of up to 64 host names, such as [\"tacho.example\"]",
     .take = take_host,
     .show = show_hosts},
    {.path = "http.max_connections",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1 to 16384",
     .take = take_max_connections,
     .show = show_max_connections},
    {.path = "http.max_connections_per_address",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1 to 16384",
     .take = take_max_per_address,
     .show = show_max_per_address},
    {.path = "http.threads",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1 to 8",
     .take = take_threads,
     .show = show_threads},
    {.path = "interval",
     .type = KEY_TEXT,
     .allowed = CONFIG_INTERVAL_ALLOWED,
     .take = take_interval,
     .show = show_interval},
    {.path = "listen",
     .type = KEY_TEXTS,
     .at_least = 1,
     .allowed = "a list of 1 to 16 of ADDR:PORT with a numeric address, such as "
                "\"127.0.0.1:8224\" or \"[::1]:8224\", and unix:PATH with up to 107 bytes",
     .take = take_listen,
     .show = show_listen},
    {.path = "log_level",
     .type = KEY_TEXT,
     .live = true,
     .allowed = "\"error\", \"warning\", \"info\" or \"debug\"",
     .take = take_log_level,
     .show = show_log_level},
    {.path = "processes.arguments",
     .type = KEY_SWITCH,
     .live = true,
     .allowed = "true or false",
     .take = config_take_arguments,
     .show = config_show_arguments},
    {.path = "scrape",
     .type = KEY_OBJECTS,
     .live = true,
     .allowed =
         "a list of up to 64 objects, such as [{\"url\": \"http://127.0.0.1:9100/metrics\"}]",
     .take = config_scrape_take,
     .show = config_scrape_show,
     .members = &config_scrape_keys,
     .end = config_scrape_end},
    SELECT("select.arp_devices", CHOICE_ARP_DEVICE),
    SELECT("select.cpu_bugs", CHOICE_CPU_BUG),
    SELECT("select.cpu_flags", CHOICE_CPU_FLAG),
    SELECT("select.disk_devices", CHOICE_DISK_DEVICE),
    SELECT("select.filesystem_types", CHOICE_FILESYSTEM_TYPE),
    SELECT("select.hwmon_chips", CHOICE_HWMON_CHIP),
    SELECT("select.mounts", CHOICE_FILESYSTEM_MOUNT),
    SELECT("select.network_class_devices", CHOICE_NETCLASS_DEVICE),
    SELECT("select.network_devices", CHOICE_NETDEV_DEVICE),
    SELECT("select.power_supplies", CHOICE_POWER_SUPPLY),
    {.path = "statsd.listen",
     .type = KEY_TEXTS,
     .allowed = "a list of up to 8 of udp:ADDR:PORT with a numeric address, such as "
                "\"udp:127.0.0.1:8125\", and unix:PATH with up to 107 bytes",
     .take = take_statsd_listen,
     .show = show_statsd_listen},
    {.path = "statsd.max_series",
     .type = KEY_NUMBER,
     .allowed = "a whole number from 1 to 6000",
     .take = take_statsd_max_series,
     .show = show_statsd_max_series},
    {.path = "textfile.directory",
     .type = KEY_TEXT,
     .allowed = "the path of a directory with files *.prom",
     .take = config_take_textfiles,
     .show = config_show_textfiles},
};

const struct config_key_table config_keys = {keys, sizeof keys / sizeof *keys};

int config_key_take(const struct config_key *key, const cJSON *value, struct config *config)
{
    return key->take_which ? key->take_which(value, config, key->which) : key->take(value, config);
}

cJSON *config_key_show(const struct config_key *key, const struct config *config)
{
    return key->show_which ? key->show_which(config, key->which) : key->show(config);
}

/* What follows the prefix in the key's path; NULL where that begins differently. */
static const char *behind(const struct config_key *key, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(key->path, prefix, length) == 0 ? key->path + length : NULL;
}

const struct config_key *config_key_find(const struct config_key_table *table, const char *prefix,
                                         const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < table->count; i++) {
        const char *rest = behind(&table->keys[i], prefix);

        if (rest && strcspn(rest, ".") == length && memcmp(rest, name, length) == 0)
            return &table->keys[i];
    }
    return NULL;
}

/* One more name behind those that there are. */
static void list_name(char *out, size_t size, const char *name, size_t length)
{
    size_t used = strlen(out);

    snprintf(out + used, size - used, "%s%.*s", used > 0 ? ", " : "", (int)length, name);
}

void config_key_list(const struct config_key_table *table, const char *prefix, char *out,
                     size_t size)
{
    const char *last = "";

    *out = '\0';
    for (size_t i = 0; i < table->count; i++) {
        const char *rest = behind(&table->keys[i], prefix);
        size_t length = rest ? strcspn(rest, ".") : 0;

        /* Those of one object stand beside each other. */
        if (!rest || (strcspn(last, ".") == length && memcmp(last, rest, length) == 0))
            continue;
        list_name(out, size, rest, length);
        last = rest;
    }
}

bool config_key_has_switch(const struct config_key *key, const char *name)
{
    const char *known;

    for (size_t i = 0; (known = key->name(i)) != NULL; i++) {
        if (strcmp(known, name) == 0)
            return true;
    }
    return false;
}

void config_key_list_switches(const struct config_key *key, char *out, size_t size)
{
    const char *name;

    *out = '\0';
    for (size_t i = 0; (name = key->name(i)) != NULL; i++)
        list_name(out, size, name, strlen(name));
}
