#include "daemon/collector_run.h"

#include <errno.h>

#include "daemon/clock.h"
#include "daemon/log.h"

#define RETRY_OPEN_NS    (COLLECTOR_RUN_RETRY_S * NS_PER_SECOND)
#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)

void collector_run_init(struct collector_run *run, const struct collector *collector,
                        uint32_t tick_ms, struct collector_state *shown)
{
    *run = (struct collector_run){
        .collector = collector,
        .shown = shown,
        .interval_ms = collector->interval_ms > tick_ms ? collector->interval_ms : tick_ms,
        .each_tick = collector->interval_ms <= tick_ms,
    };
    shown->name = collector->name;
    shown->interval_ms = run->interval_ms;
}

void collector_run_finish(struct collector_run *run)
{
    if (run->state)
        run->collector->close(run->state);
    run->state = NULL;
}

static void tell_failure(struct collector_run *run, int error, int64_t now_ns)
{
    if (now_ns < run->silent_until_ns)
        return;
    run->silent_until_ns = now_ns + MESSAGE_EVERY_NS;
    log_warning("collector %s: %s; what it could not read is absent, trying again every %g s",
                run->collector->name, strerror(-error), run->interval_ms / 1000.0);
}

static void note_absence(struct collector_run *run, int64_t now_ns)
{
    run->open_again_ns = now_ns + RETRY_OPEN_NS;
    run->absent_new |= !run->absent_told;
    run->absent_told = true;
}

static void open_collector(struct collector_run *run, const struct collector_roots *roots,
                           const struct sink *sink)
{
    int result;

    if (sink->mono_ns < run->open_again_ns)
        return;
    result = run->collector->open(roots, &run->state);
    if (result == 0)
        return;
    run->state = NULL;
    collector_state_set_result(run->shown, result, sink->real_ns / NS_PER_MS);
    if (collector_result_is_absence(result))
        note_absence(run, sink->mono_ns);
    else
        tell_failure(run, result, sink->mono_ns);
}

/*
 * What has only begun is no success: where each round ends in trouble, that lasts from one to the
 * next.
 */
static void set_result(struct collector_run *run, int result, const struct sink *sink)
{
    if (result == COLLECTOR_AGAIN && sink->mono_ns < run->trouble_until_ns)
        return;
    if (result < 0)
        run->trouble_until_ns = sink->mono_ns + 2 * run->interval_ms * NS_PER_MS;
    collector_state_set_result(run->shown, result, sink->real_ns / NS_PER_MS);
}

static void sample(struct collector_run *run, struct sink *sink)
{
    int result = run->collector->sample(run->state, sink);

    set_result(run, result, sink);
    run->again = result == COLLECTOR_AGAIN;
    if (result == -EOPNOTSUPP) {
        collector_run_finish(run);
        note_absence(run, sink->mono_ns);
    } else if (result < 0) {
        tell_failure(run, result, sink->mono_ns);
    } else {
        run->absent_told = false;
    }
}

/*
 * A collector of a longer interval is due in the first tick of each slot of its own grid. It may
 * want the ticks after that too, until all its answers are there.
 */
static bool is_due(struct collector_run *run, int64_t slot_ns)
{
    int64_t slot = slot_ns / (run->interval_ms * NS_PER_MS);
    bool due = run->again || slot != run->former_slot;

    run->former_slot = slot;
    return due;
}

void collector_run_tick(struct collector_run *run, const struct collector_roots *roots,
                        struct sink *sink, int64_t slot_ns)
{
    uint32_t tick_ms = sink->interval_ms;
    int64_t begun_ns;

    if (run->off || (!run->each_tick && !is_due(run, slot_ns)))
        return;
    begun_ns = clock_mono_ns();
    sink->interval_ms = run->interval_ms;
    if (!run->state)
        open_collector(run, roots, sink);
    if (run->state)
        sample(run, sink);
    sink->interval_ms = tick_ms;
    run->took_ns = clock_mono_ns() - begun_ns;
    collector_state_add_cost(run->shown, run->took_ns);
}

bool collector_run_switch(struct collector_run *run, bool on)
{
    if (run->off == !on)
        return false;
    run->off = !on;
    if (on) {
        run->former_slot = 0;
        run->open_again_ns = 0;
        run->trouble_until_ns = 0;
        return true;
    }
    collector_run_finish(run);
    run->again = false;
    run->absent_told = false;
    collector_state_set(run->shown, COLLECTOR_OFF, 0, clock_now().real_ns / NS_PER_MS);
    return true;
}
