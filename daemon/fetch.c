#include "daemon/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/fetch_own.h"

/* One that is older is made anew, since its peer's name may be another's by now. */
#define CONNECTION_LIFE_SECONDS 300L
/* What one call costs beside its bytes: chunks of a byte each are not free either. */
#define CALL_BYTES 256

/* --- one fetch's end --- */

void fetch_stop(struct fetch *fetch)
{
    fetcher_unlist(fetch->fetcher, fetch);
    if (fetch->under_way && !fetch->received)
        curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
    fetch->under_way = false;
}

/* What libcurl says, where the body did not say it before. */
static void tell(struct fetch *fetch, char error[FETCH_ERROR_BYTES])
{
    const char *text = fetch->curl_error[0] ? fetch->curl_error : curl_easy_strerror(fetch->code);

    if (fetch->code == CURLE_OPERATION_TIMEDOUT)
        snprintf(error, FETCH_ERROR_BYTES, "no whole answer within %" PRId64 " ms",
                 fetch->timeout_ms);
    else if (fetch->code == CURLE_FILESIZE_EXCEEDED)
        fetch_body_refuse_size(&fetch->body, error);
    else
        snprintf(error, FETCH_ERROR_BYTES, "%s", text);
}

static void conclude(struct fetch *fetch)
{
    char error[FETCH_ERROR_BYTES] = "";

    fetch_stop(fetch);
    if (fetch->code == CURLE_OK)
        fetch_body_end(&fetch->body, fetch->easy);
    if (fetch->body.error[0])
        memcpy(error, fetch->body.error, sizeof error);
    else if (fetch->code != CURLE_OK)
        tell(fetch, error);
    fetch->body.visitor->done(fetch->body.arg, error[0] ? error : NULL);
}

void fetch_receive(struct fetch *fetch, CURLcode code)
{
    fetch->received = true;
    fetch->code = code;
    if (code != CURLE_OK || !fetch_body_holds(&fetch->body))
        conclude(fetch);
}

/* Of what is packed, either side may be the longer one: empty members unpack to nothing. */
static void charge(struct fetch *fetch, size_t taken, uint64_t bytes_before)
{
    const size_t made = (size_t)(fetch->body.bytes - bytes_before);

    fetcher_use(fetch->fetcher, (taken > made ? taken : made) + CALL_BYTES);
}

void fetch_go_on(struct fetch *fetch)
{
    const uint64_t before = fetch->body.bytes;
    const size_t held_before = fetch->body.held_at;
    int result = 0;

    if (fetch_body_holds(&fetch->body)) {
        result = fetch_body_go_on(&fetch->body);
        charge(fetch, fetch->body.held_at - held_before, before);
    }
    if (result == 0 && fetch_body_holds(&fetch->body))
        fetcher_list(fetch->fetcher, fetch);
    else if (result < 0 || fetch->received)
        conclude(fetch);
    else
        curl_easy_pause(fetch->easy, CURLPAUSE_CONT);
}

/* --- libcurl's callbacks --- */

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct fetch *fetch = arg;

    (void)data;
    fetch->header_bytes += size * count;
    fetch->header_lines++;
    if (fetch->header_bytes <= FETCH_HEADER_BYTES && fetch->header_lines <= FETCH_HEADER_LINES)
        return size * count;
    snprintf(fetch->body.error, FETCH_ERROR_BYTES, "more than %d bytes or %d lines of headers",
             FETCH_HEADER_BYTES, FETCH_HEADER_LINES);
    return 0;
}

/* What has to wait is kept by libcurl, which reads no more meanwhile. */
static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct fetch *fetch = arg;
    const uint64_t before = fetch->body.bytes;

    if (fetch_body_holds(&fetch->body) || !fetcher_has_room(fetch->fetcher)) {
        fetcher_list(fetch->fetcher, fetch);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (fetch_body_take(&fetch->body, fetch->easy, data, size * count) < 0)
        return 0;
    charge(fetch, size * count, before);
    if (fetch_body_holds(&fetch->body))
        fetcher_list(fetch->fetcher, fetch);
    return size * count;
}

/* --- fetches --- */

/*
 * Certificates are looked up one by one where they have a folder: to read the file of all of them
 * takes 50 ms, and libcurl keeps what it read only where there is no such folder.
 */
static bool set_certificates(CURL *easy)
{
    const char *folder = curl_version_info(CURLVERSION_NOW)->capath;

    return !folder || (curl_easy_setopt(easy, CURLOPT_CAPATH, folder) == CURLE_OK &&
                       curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK);
}

static bool set_options(struct fetch *fetch, const struct fetch_options *options)
{
    CURL *easy = fetch->easy;
    bool good = true;

#define SET(option, value) good = curl_easy_setopt(easy, option, value) == CURLE_OK && good
    SET(CURLOPT_URL, options->url);
    SET(CURLOPT_UNIX_SOCKET_PATH, options->unix_path);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_USERAGENT, "tachod/" TACHO_VERSION);
    SET(CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)options->timeout_ms);
    SET(CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFE_SECONDS);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)options->max_bytes);
    SET(CURLOPT_BUFFERSIZE, (long)FETCH_PIECE_BYTES);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, fetch);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, fetch);
    SET(CURLOPT_ERRORBUFFER, fetch->curl_error);
    SET(CURLOPT_PRIVATE, fetch);
#undef SET
    return good && set_certificates(easy);
}

int fetch_new(struct fetcher *fetcher, const struct fetch_options *options, struct fetch **out)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);

    if (!fetch)
        return -ENOMEM;
    fetch->fetcher = fetcher;
    fetch->timeout_ms = options->timeout_ms;
    fetch->accept = strdup(options->accept);
    fetch->easy = curl_easy_init();
    fetch_body_init(&fetch->body, options);
    if (!fetch->accept || !fetch->easy || !set_options(fetch, options)) {
        int result = fetch->accept && fetch->easy ? -EINVAL : -ENOMEM;

        fetch_free(fetch);
        return result;
    }
    *out = fetch;
    return 0;
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch)
        return;
    fetch_stop(fetch);
    curl_easy_cleanup(fetch->easy);
    curl_slist_free_all(fetch->headers);
    curl_slist_free_all(fetch->addresses);
    fetch_body_finish(&fetch->body);
    free(fetch->accept);
    free(fetch);
}

/* On failure the list is as it was. */
static bool add_header(struct fetch *fetch, const char *name, const char *value)
{
    AUTO_FREE char *line = NULL;
    struct curl_slist *list;

    if (asprintf(&line, "%s: %s", name, value) < 0) {
        line = NULL;
        return false;
    }
    list = curl_slist_append(fetch->headers, line);
    if (list)
        fetch->headers = list;
    return list != NULL;
}

/* What was sent before may have had another token. */
static bool set_headers(struct fetch *fetch, const char *token)
{
    AUTO_FREE char *bearer = NULL;
    char seconds[32];

    curl_slist_free_all(fetch->headers);
    fetch->headers = NULL;
    snprintf(seconds, sizeof seconds, "%g", (double)fetch->timeout_ms / 1000);
    if (token && asprintf(&bearer, "Bearer %s", token) < 0) {
        bearer = NULL;
        return false;
    }
    return add_header(fetch, "Accept", fetch->accept) &&
           add_header(fetch, "Accept-Encoding", "gzip") &&
           add_header(fetch, "X-Prometheus-Scrape-Timeout-Seconds", seconds) &&
           (!bearer || add_header(fetch, "Authorization", bearer)) &&
           curl_easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers) == CURLE_OK;
}

static bool set_addresses(struct fetch *fetch, const char *addresses)
{
    curl_slist_free_all(fetch->addresses);
    fetch->addresses = addresses ? curl_slist_append(NULL, addresses) : NULL;
    return (!addresses || fetch->addresses) &&
           curl_easy_setopt(fetch->easy, CURLOPT_RESOLVE, fetch->addresses) == CURLE_OK;
}

int fetch_start(struct fetch *fetch, const char *addresses, const char *token)
{
    if (!set_headers(fetch, token) || !set_addresses(fetch, addresses))
        return -ENOMEM;
    fetch_body_begin(&fetch->body);
    fetch->header_bytes = fetch->header_lines = 0;
    fetch->curl_error[0] = '\0';
    fetch->received = false;
    fetch->code = CURLE_OK;
    if (curl_multi_add_handle(fetch->fetcher->multi, fetch->easy) != CURLM_OK)
        return -ENOMEM;
    fetch->under_way = true;
    return 0;
}

bool fetch_is_under_way(const struct fetch *fetch)
{
    return fetch->under_way;
}
