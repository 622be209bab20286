#include "daemon/watchdog.h"

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/service.h"

/* A tick may be half an interval late and half an interval unstored. */
#define PATIENCE_INTERVALS 2
/* In the time that the manager waits. */
#define LOOKS          4
#define LOOKS_IN_DOUBT 16

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

/*
 * Whoever was stopped for a while is due before the tick that was due too is published: what is not
 * well, or was not heard, is soon looked at again.
 */
static void on_due(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct watchdog *watchdog = timer->data;
    bool ticking = ticks_go_on(watchdog);
    bool turning = watchdog->options.loops_turned(watchdog->options.loops_arg);
    bool told = ticking && turning && service_alive() == 0;

    (void)events;
    if (!ticking || !turning)
        log_error("%s: the watchdog is not told that all is well",
                  ticking ? "an HTTP loop does not turn any more" : "no tick comes any more");
    timer->repeat = watchdog->waits_s / (told ? LOOKS : LOOKS_IN_DOUBT);
    ev_timer_again(ev, timer);
}

void watchdog_start(struct watchdog *watchdog, const struct watchdog_options *options)
{
    *watchdog = (struct watchdog){.options = *options,
                                  .waits_s = (double)service_watchdog_ns() / (double)NS_PER_SECOND,
                                  .seq = history_last(options->history),
                                  .seq_ns = clock_mono_ns()};
    ev_init(&watchdog->timer, on_due);
    watchdog->timer.data = watchdog;
    watchdog->timer.repeat = watchdog->waits_s / LOOKS;
    ev_timer_again(options->ev, &watchdog->timer); /* with a repeat of 0 it does not start */
}

void watchdog_stop(struct watchdog *watchdog)
{
    ev_timer_stop(watchdog->options.ev, &watchdog->timer);
}
