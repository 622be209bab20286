#include "daemon/self.h"

#include <assert.h>

#include "daemon/clock.h"

static const struct metric loop_delay = {
    .name = "tacho_loop_delay_seconds",
    .unit = "seconds",
    .help = "Longest time since the tick before that something due on this loop may have waited: "
            "between "
            "the return of a poll and the next poll, or from when a tick or a wake-up was due.",
    .kind = METRIC_GAUGE,
};
static const struct metric loop_seconds = {
    .name = "tacho_loop_seconds_total",
    .unit = "seconds",
    .help = "Time that this loop spent in each phase; idle is waiting in its poll.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric loop_callback = {
    .name = "tacho_loop_callback_seconds",
    .unit = "seconds",
    .help = "Longest run of this callback since the tick before; 0 if it did not run.",
    .kind = METRIC_GAUGE,
};
static const struct metric loop_iteration = {
    .name = "tacho_loop_iterations_total",
    .unit = "",
    .help = "How often this loop polled.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric tick_lateness = {
    .name = "tacho_tick_lateness_seconds",
    .unit = "seconds",
    .help = "How long after its slot of the interval's grid this tick was read.",
    .kind = METRIC_GAUGE,
};
static const struct metric tick_cost = {
    .name = "tacho_tick_duration_seconds",
    .unit = "seconds",
    .help = "How long making the tick before took: reading, parsing, deriving.",
    .kind = METRIC_GAUGE,
};

void self_init(struct self *self)
{
    *self = (struct self){0};
}

void self_add_loop(struct self *self, struct loop *loop)
{
    assert(self->loop_count < SELF_LOOPS_MAX);
    self->loops[self->loop_count++] = (struct self_loop){.loop = loop};
}

void self_add(struct self *self, const struct metric *metric, const struct label *label,
              uint64_t (*read)(void *arg), void *arg)
{
    assert(self->counter_count < sizeof self->counters / sizeof *self->counters);
    self->counters[self->counter_count++] =
        (struct self_counter){.metric = metric, .label = label, .read = read, .arg = arg};
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_SECOND;
}

static void sample_loop(struct self_loop *entry, struct sink *sink)
{
    const struct label label = {"loop", entry->loop->name};

    sink_put(sink, &entry->delay, &loop_delay, &label, 1, SERIES_OWN,
             seconds(loop_take_delay_ns(entry->loop)));
    sink_put(sink, &entry->iterations, &loop_iteration, &label, 1, SERIES_OWN,
             (double)loop_iterations(entry->loop));
    for (enum loop_phase phase = 0; phase < LOOP_PHASES; phase++) {
        const struct label labels[] = {label, {"phase", loop_phase_name(phase)}};
        uint64_t ns = loop_phase_ns(entry->loop, phase);

        /* No loop has all phases. */
        if (ns > 0 || entry->phases[phase].declared)
            sink_put(sink, &entry->phases[phase], &loop_seconds, labels, 2, SERIES_OWN,
                     seconds(ns));
    }
    for (size_t i = 0; i < entry->loop->callback_count; i++) {
        const struct label labels[] = {label, {"callback", entry->loop->callback_names[i]}};

        sink_put(sink, &entry->callbacks[i], &loop_callback, labels, 2, SERIES_OWN,
                 seconds(loop_take_callback_ns(entry->loop, i)));
    }
}

void self_sample(struct self *self, struct sink *sink, int64_t lateness_ns, int64_t cost_ns)
{
    sink_put(sink, &self->lateness, &tick_lateness, NULL, 0, SERIES_OWN,
             seconds((uint64_t)lateness_ns));
    sink_put(sink, &self->cost, &tick_cost, NULL, 0, SERIES_OWN, seconds((uint64_t)cost_ns));
    for (size_t i = 0; i < self->loop_count; i++)
        sample_loop(&self->loops[i], sink);
    for (size_t i = 0; i < self->counter_count; i++) {
        struct self_counter *counter = &self->counters[i];

        sink_put(sink, &counter->series, counter->metric, counter->label, counter->label ? 1 : 0,
                 SERIES_OWN, (double)counter->read(counter->arg));
    }
}
