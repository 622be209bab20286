#include "daemon/api.h"
#include "daemon/clock.h"

/* No tick for so many intervals: the sampler hangs. */
#define HEALTHY_INTERVALS 3

static enum MHD_Result answer(struct request *request, bool good)
{
    static const char *const allowed[] = {NULL};
    struct problem problem;

    if (query_check(request->query, allowed, &problem) < 0)
        return respond_problem(request, &problem);
    return respond_empty(request, good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE);
}

enum MHD_Result api_healthz(struct request *request, bool head)
{
    const struct http_loop *loop = request->loop;
    const struct tick *tick = &loop->follower.present.tick;
    int64_t age_ns = clock_mono_ns() - tick->mono_ns;

    (void)head;
    return answer(request, tick->seq > 0 && age_ns < (int64_t)loop->options->interval_ms *
                                                         NS_PER_MS * HEALTHY_INTERVALS);
}

enum MHD_Result api_readyz(struct request *request, bool head)
{
    (void)head;
    return answer(request, request->loop->follower.present.tick.seq > 1);
}
