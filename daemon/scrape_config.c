#include "daemon/scrape_config.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static int set_text(char **out, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return -ENOMEM;
    free(*out);
    *out = copy;
    return 0;
}

static bool is_bounded(const char *text, size_t max)
{
    size_t length = strnlen(text, max + 1);

    return length > 0 && length <= max;
}

/* --- URLs --- */

static void free_part(char **part)
{
    curl_free(*part);
}

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

#define AUTO_PART __attribute__((cleanup(free_part)))
#define AUTO_URL  __attribute__((cleanup(free_url)))

/* A part that has to be there, or another error than that it is not. */
static int get_part(CURLU *url, CURLUPart part, char **out)
{
    switch (curl_url_get(url, part, out, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0)) {
    case CURLUE_OK:
        return 0;
    case CURLUE_OUT_OF_MEMORY:
        return -ENOMEM;
    default:
        return -EINVAL;
    }
}

/* Secrets belong into a file, since URLs are shown; a fragment is not sent. */
static bool has_part(CURLU *url, CURLUPart part)
{
    AUTO_PART char *text = NULL;

    return curl_url_get(url, part, &text, 0) == CURLUE_OK;
}

/* "/" is what a URL without a path has. */
static int complete_path(CURLU *url)
{
    AUTO_PART char *path = NULL;
    int result = get_part(url, CURLUPART_PATH, &path);

    if (result < 0 || strcmp(path, "/") != 0 || has_part(url, CURLUPART_QUERY))
        return result;
    return curl_url_set(url, CURLUPART_PATH, "/metrics", 0) == CURLUE_OK ? 0 : -ENOMEM;
}

static int parse_url(CURLU *url, const char *text)
{
    AUTO_PART char *scheme = NULL;
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, 0);
    int result;

    if (code != CURLUE_OK)
        return code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
    result = get_part(url, CURLUPART_SCHEME, &scheme);
    if (result < 0)
        return result;
    if ((strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) ||
        has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD) ||
        has_part(url, CURLUPART_FRAGMENT) || has_part(url, CURLUPART_ZONEID))
        return -EINVAL;
    return complete_path(url);
}

static bool is_address(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* The host without the brackets of an IPv6 address. */
static int set_host(struct scrape_config *config, char *host)
{
    size_t length = strlen(host);

    if (host[0] == '[' && length > 2) {
        host[length - 1] = '\0';
        host++;
    }
    config->numeric = is_address(host);
    return set_text(&config->host, host);
}

int scrape_config_set_url(struct scrape_config *config, const char *text)
{
    AUTO_URL CURLU *url = curl_url();
    AUTO_PART char *whole = NULL, *host = NULL, *port = NULL;
    char instance[SCRAPE_INSTANCE_MAX + 1];
    int result;

    if (!url)
        return -ENOMEM;
    if (!is_bounded(text, SCRAPE_TEXT_MAX))
        return -EINVAL;
    result = parse_url(url, text);
    if (result == 0)
        result = get_part(url, CURLUPART_URL, &whole);
    if (result == 0)
        result = get_part(url, CURLUPART_HOST, &host);
    if (result == 0)
        result = get_part(url, CURLUPART_PORT, &port);
    if (result < 0)
        return result;
    config->port = (uint16_t)strtoul(port, NULL, 10);
    if (strlen(host) > SCRAPE_HOST_MAX || config->port == 0)
        return -EINVAL;
    snprintf(instance, sizeof instance, "%s:%s", host, port);
    result = set_text(&config->url, whole);
    if (result == 0)
        result = set_text(&config->instance, instance);
    return result == 0 ? set_host(config, host) : result;
}

int scrape_config_set_unix(struct scrape_config *config, const char *path)
{
    int result;

    if (path[0] != '/' || !is_bounded(path, sizeof(((struct sockaddr_un *)0)->sun_path) - 1) ||
        path[strlen(path) - 1] == '/')
        return -EINVAL;
    result = set_text(&config->unix_path, path);
    return result == 0 ? set_text(&config->instance, path) : result;
}

/* Judged as libcurl will see it, behind a host: as a reference to resolve it is taken lightly. */
int scrape_config_set_path(struct scrape_config *config, const char *path)
{
    AUTO_URL CURLU *url = curl_url();
    AUTO_FREE char *whole = NULL;
    CURLUcode code;

    if (!url)
        return -ENOMEM;
    if (path[0] != '/' || !is_bounded(path, SCRAPE_TEXT_MAX) || strchr(path, '#'))
        return -EINVAL;
    if (asprintf(&whole, "http://localhost%s", path) < 0) {
        whole = NULL;
        return -ENOMEM;
    }
    code = curl_url_set(url, CURLUPART_URL, whole, 0);
    if (code != CURLUE_OK)
        return code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
    return set_text(&config->path, path);
}

/* --- the rest --- */

int scrape_config_set_job(struct scrape_config *config, const char *job)
{
    return is_bounded(job, SCRAPE_NAME_MAX) ? set_text(&config->job, job) : -EINVAL;
}

int scrape_config_set_token_file(struct scrape_config *config, const char *path)
{
    return path[0] == '/' && is_bounded(path, SCRAPE_TEXT_MAX) ? set_text(&config->token_file, path)
                                                               : -EINVAL;
}

/* Prometheus's names of labels; those with two underscores in front are its own. */
static bool is_label_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    return is_bounded(name, SCRAPE_NAME_MAX) && strchr(letters, name[0]) &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] ==
               '\0' &&
           strncmp(name, "__", 2) != 0;
}

int scrape_config_add_label(struct scrape_config *config, const char *key, const char *value)
{
    size_t key_size = strlen(key) + 1, value_size = strlen(value) + 1;
    char *text;

    if (config->label_count == SCRAPE_LABELS_MAX)
        return -E2BIG;
    if (!is_label_name(key) || strcmp(key, "job") == 0 || strcmp(key, "instance") == 0 ||
        !is_bounded(value, SCRAPE_TEXT_MAX))
        return -EINVAL;
    text = malloc(key_size + value_size);
    if (!text)
        return -ENOMEM;
    memcpy(text, key, key_size);
    memcpy(text + key_size, value, value_size);
    config->label_texts[config->label_count] = text;
    config->labels[config->label_count++] = (struct label){.key = text, .value = text + key_size};
    return 0;
}

const char *scrape_config_lacks(const struct scrape_config *config)
{
    if (!config->url == !config->unix_path)
        return "an object with either url or unix";
    if (config->url && config->path)
        return "an object with path only where there is unix, as a URL has its own";
    return NULL;
}

int scrape_config_complete(struct scrape_config *config, int64_t tick_ms)
{
    const char *base = config->unix_path ? strrchr(config->unix_path, '/') + 1 : config->host;
    int result = 0;

    if (config->interval_ms == 0)
        config->interval_ms = tick_ms > 1000 ? tick_ms : 1000;
    if (config->timeout_ms == 0)
        config->timeout_ms = config->interval_ms < SCRAPE_TIMEOUT_DEFAULT_MS
                                 ? config->interval_ms
                                 : SCRAPE_TIMEOUT_DEFAULT_MS;
    if (config->unix_path && !config->path)
        result = set_text(&config->path, "/metrics");
    if (result == 0 && !config->job)
        result = set_text(&config->job, base);
    if (result < 0)
        return result;
    return config->timeout_ms > config->interval_ms ? -EINVAL : 0;
}

static bool same_text(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static bool same_labels(const struct scrape_config *one, const struct scrape_config *other)
{
    if (one->label_count != other->label_count)
        return false;
    for (size_t i = 0; i < one->label_count; i++) {
        size_t j = 0;

        while (j < other->label_count && strcmp(one->labels[i].key, other->labels[j].key) != 0)
            j++;
        if (j == other->label_count || strcmp(one->labels[i].value, other->labels[j].value) != 0)
            return false;
    }
    return true;
}

bool scrape_config_collides(const struct scrape_config *one, const struct scrape_config *other)
{
    return same_text(one->job, other->job) && same_text(one->instance, other->instance) &&
           same_labels(one, other);
}

bool scrape_config_equals(const struct scrape_config *one, const struct scrape_config *other)
{
    return scrape_config_collides(one, other) && same_text(one->url, other->url) &&
           same_text(one->unix_path, other->unix_path) && same_text(one->path, other->path) &&
           same_text(one->token_file, other->token_file) &&
           one->interval_ms == other->interval_ms && one->timeout_ms == other->timeout_ms &&
           one->max_bytes == other->max_bytes && one->max_series == other->max_series;
}

void scrape_config_finish(struct scrape_config *config)
{
    free(config->url);
    free(config->host);
    free(config->unix_path);
    free(config->path);
    free(config->job);
    free(config->instance);
    free(config->token_file);
    for (size_t i = 0; i < config->label_count; i++)
        free(config->label_texts[i]);
    *config = (struct scrape_config){0};
}
