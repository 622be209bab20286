#include "daemon/http.h"

#include <assert.h>
#include <errno.h>

#include "daemon/http_loop.h"

struct http {
    struct http_options options;
    struct admission *admission;
    struct http_loop *loops[HTTP_LOOPS_MAX];
    size_t loop_count;
};

/* Of the threads and of what is measured of them. */
static const char *const loop_names[HTTP_LOOPS_MAX] = {"http",   "http-2", "http-3", "http-4",
                                                       "http-5", "http-6", "http-7", "http-8"};

int http_start(const struct http_options *options, struct http **out)
{
    const struct admission_options limits = {.max_connections = options->max_connections,
                                             .max_per_address = options->max_per_address};
    struct http *http = calloc(1, sizeof *http);
    int result;

    assert(options->threads >= 1 && options->threads <= HTTP_LOOPS_MAX);
    if (!http)
        return -ENOMEM;
    http->options = *options;
    result = admission_new(&limits, &http->admission);
    for (size_t i = 0; i < options->threads && result == 0; i++) {
        result = http_loop_start(&http->options, loop_names[i], http->admission, &http->loops[i]);
        if (result == 0)
            http->loop_count++;
    }
    if (result < 0) {
        http_stop(http);
        return result;
    }
    *out = http;
    return 0;
}

void http_wake(struct http *http)
{
    for (size_t i = 0; i < http->loop_count; i++)
        http_loop_wake(http->loops[i]);
}

bool http_turned(struct http *http)
{
    bool turned = true;

    /* Each is asked, also behind one that did not turn. */
    for (size_t i = 0; i < http->loop_count; i++)
        turned &= http_loop_turned(http->loops[i]);
    return turned;
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    for (size_t i = 0; i < http->loop_count; i++)
        http_loop_ask_to_end(http->loops[i]);
    for (size_t i = 0; i < http->loop_count; i++)
        http_loop_join(http->loops[i]);
    admission_free(http->admission);
    free(http);
}

struct loop *http_measured_loop(struct http *http, size_t index)
{
    return index < http->loop_count ? http_loop_measured(http->loops[index]) : NULL;
}

size_t http_subscribers(const struct http *http)
{
    size_t subscribers = 0;

    for (size_t i = 0; i < http->loop_count; i++)
        subscribers += stream_subscribers(http->loops[i]->stream);
    return subscribers;
}

struct admission *http_admission(struct http *http)
{
    return http->admission;
}
