#include "daemon/watchdog.h"

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/service.h"

/* A tick may be half an interval late and half an interval unstored. */
#define PATIENCE_INTERVALS 2

static bool ticks_go_on(struct watchdog *watchdog)
{
    uint64_t seq = history_last(watchdog->options.history);
    int64_t now_ns = clock_mono_ns();

    if (seq != watchdog->seq) {
        watchdog->seq = seq;
        watchdog->seq_ns = now_ns;
    }
    return now_ns - watchdog->seq_ns <= PATIENCE_INTERVALS * watchdog->options.interval_ns;
}

static void on_due(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct watchdog *watchdog = timer->data;
    bool ticking = ticks_go_on(watchdog);
    bool turning = watchdog->options.loops_turned(watchdog->options.loops_arg);

    (void)ev;
    (void)events;
    if (ticking && turning)
        service_alive();
    else
        log_error("%s: the watchdog is not told that all is well",
                  ticking ? "an HTTP loop does not turn any more" : "no tick comes any more");
}

void watchdog_start(struct watchdog *watchdog, const struct watchdog_options *options)
{
    int64_t waits_ns = service_watchdog_ns();

    *watchdog = (struct watchdog){
        .options = *options, .seq = history_last(options->history), .seq_ns = clock_mono_ns()};
    ev_init(&watchdog->timer, on_due);
    watchdog->timer.data = watchdog;
    watchdog->timer.repeat = (double)waits_ns / 2 / (double)NS_PER_SECOND;
    ev_timer_again(options->ev, &watchdog->timer); /* with a repeat of 0 it does not start */
}

void watchdog_stop(struct watchdog *watchdog)
{
    ev_timer_stop(watchdog->options.ev, &watchdog->timer);
}
