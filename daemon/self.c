#include "daemon/self.h"

#include <assert.h>

#include "daemon/clock.h"

static const struct metric loop_delay = {
    "tacho_loop_delay_seconds", "seconds",
    "Longest time since the tick before that something due on this loop may have waited: between "
    "the return of a poll and the next poll, or from when a tick or a wake-up was due.",
    METRIC_GAUGE, false};
static const struct metric loop_busy = {"tacho_loop_busy_seconds_total", "seconds",
                                        "Time that this loop did not wait in its poll.",
                                        METRIC_COUNTER, true};
static const struct metric loop_iteration = {"tacho_loop_iterations_total", "",
                                             "How often this loop polled.", METRIC_COUNTER, true};
static const struct metric tick_lateness = {
    "tacho_tick_lateness_seconds", "seconds",
    "How long after its slot of the interval's grid this tick was read.", METRIC_GAUGE, false};
static const struct metric tick_cost = {
    "tacho_tick_duration_seconds", "seconds",
    "How long making the tick before took: reading, parsing, deriving.", METRIC_GAUGE, false};

void self_init(struct self *self)
{
    *self = (struct self){0};
}

void self_add_loop(struct self *self, struct loop *loop)
{
    assert(self->loop_count < SELF_LOOPS_MAX);
    self->loops[self->loop_count++] = (struct self_loop){.loop = loop};
}

void self_add(struct self *self, const struct metric *metric, uint64_t (*read)(void *arg),
              void *arg)
{
    assert(self->counter_count < sizeof self->counters / sizeof *self->counters);
    self->counters[self->counter_count++] =
        (struct self_counter){.metric = metric, .read = read, .arg = arg};
}

/* A refusal (the limit on series) leaves the slot standing for nothing, and is counted. */
static void declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                    size_t label_count, uint32_t *slot)
{
    (void)!sink_declare(sink, metric, labels, label_count, 0, slot);
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_SECOND;
}

static void sample_loop(struct self_loop *entry, struct sink *sink)
{
    if (!entry->declared) {
        const struct label label = {"loop", entry->loop->name};

        declare(sink, &loop_delay, &label, 1, &entry->delay);
        declare(sink, &loop_busy, &label, 1, &entry->busy);
        declare(sink, &loop_iteration, &label, 1, &entry->iterations);
        entry->declared = true;
    }
    sink_set(sink, entry->delay, seconds(loop_take_delay_ns(entry->loop)));
    sink_set(sink, entry->busy, seconds(loop_busy_ns(entry->loop)));
    sink_set(sink, entry->iterations, (double)loop_iterations(entry->loop));
}

static void sample_counter(struct self_counter *counter, struct sink *sink)
{
    if (!counter->declared) {
        declare(sink, counter->metric, NULL, 0, &counter->slot);
        counter->declared = true;
    }
    sink_set(sink, counter->slot, (double)counter->read(counter->arg));
}

void self_sample(struct self *self, struct sink *sink, int64_t lateness_ns, int64_t cost_ns)
{
    if (!self->declared) {
        declare(sink, &tick_lateness, NULL, 0, &self->lateness);
        declare(sink, &tick_cost, NULL, 0, &self->cost);
        self->declared = true;
    }
    sink_set(sink, self->lateness, seconds((uint64_t)lateness_ns));
    sink_set(sink, self->cost, seconds((uint64_t)cost_ns));
    for (size_t i = 0; i < self->loop_count; i++)
        sample_loop(&self->loops[i], sink);
    for (size_t i = 0; i < self->counter_count; i++)
        sample_counter(&self->counters[i], sink);
}
