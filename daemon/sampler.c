#include "daemon/sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/derive.h"
#include "daemon/log.h"
#include "daemon/present.h"

#define RETRY_OPEN_NS    (60 * NS_PER_SECOND)
#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)

struct collector_run {
    const struct collector *collector;
    void *state;         /* NULL: not open */
    int64_t former_slot; /* of its interval's grid, in which it was sampled last */
    bool again;          /* it has more to say at the next tick */
    int64_t open_again_ns;
    int64_t silent_until_ns; /* no further message before */
    bool absent_told;
};

/* The sink that collectors get. It is the sampler's first member's address, no more. */
struct sampler_sink {
    struct sink sink;
    struct sampler *sampler;
};

struct sampler {
    struct sampler_sink out;
    struct sampler_options options;
    struct collector_run *runs; /* one per collector */
    struct self self;
    struct derive *derive;
    struct present present;
    uint64_t *words;         /* a plain copy of the row being made */
    struct catalog *catalog; /* the newest, held */
    uint32_t bound_version;  /* of the catalog that the derived series were looked up in */
    uint64_t seq;
    uint64_t missed_slots;
    uint64_t refused_told; /* how many refusals of series the log has told of */
    int64_t refused_silent_until_ns;
    int64_t cost_ns;
    struct clock_reading former;
};

static int on_declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                      size_t label_count, unsigned flags, uint32_t *slot)
{
    struct sampler *sampler = ((struct sampler_sink *)sink)->sampler;
    int result = series_table_declare(sampler->options.table, metric, labels, label_count, flags,
                                      sink->interval_ms, SAMPLE_NUMBER, slot);

    if (result < 0)
        return result;
    history_extend(sampler->options.history, *slot + 1);
    /* Released and declared anew in one tick: it never went. */
    if (atomic_load_explicit(&sink->words[*slot], memory_order_relaxed) == SAMPLE_GONE)
        atomic_store_explicit(&sink->words[*slot], SAMPLE_ABSENT, memory_order_release);
    return 0;
}

static void on_release(struct sink *sink, uint32_t slot)
{
    struct sampler *sampler = ((struct sampler_sink *)sink)->sampler;

    series_table_release(sampler->options.table, slot, sampler->seq);
    if (slot < sink->capacity)
        atomic_store_explicit(&sink->words[slot], SAMPLE_GONE, memory_order_release);
}

static const struct sink_ops sampler_sink_ops = {.declare = on_declare, .release = on_release};

static uint64_t read_missed(void *arg)
{
    return ((struct sampler *)arg)->missed_slots;
}

static uint64_t read_refused(void *arg)
{
    return series_table_refused(((struct sampler *)arg)->options.table);
}

static const struct metric ticks_missed = {
    .name = "tacho_ticks_missed_total",
    .unit = "",
    .help = "Slots of the interval's grid that got no tick.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric series_refused = {
    .name = "tacho_series_refused_total",
    .unit = "",
    .help = "Declarations of series that the limit on live series refused.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

int sampler_new(const struct sampler_options *options, struct sampler **out)
{
    struct sampler *sampler = calloc(1, sizeof *sampler);
    int result;

    if (!sampler)
        return -ENOMEM;
    sampler->options = *options;
    sampler->out =
        (struct sampler_sink){.sink = {.ops = &sampler_sink_ops,
                                       .capacity = options->max_series,
                                       .interval_ms = (uint32_t)(options->interval_ns / NS_PER_MS),
                                       .tasks = options->tasks},
                              .sampler = sampler};
    sampler->runs = calloc(options->collector_count, sizeof *sampler->runs);
    sampler->words = calloc(options->max_series, sizeof *sampler->words);
    result = derive_new(&sampler->derive);
    if (result == 0)
        result = present_init(&sampler->present, options->max_series,
                              (uint32_t)(options->interval_ns / NS_PER_MS));
    if (result < 0 || !sampler->runs || !sampler->words) {
        sampler_free(sampler);
        return -ENOMEM;
    }
    for (size_t i = 0; i < options->collector_count; i++)
        sampler->runs[i].collector = options->collectors[i];
    sampler->catalog = catalog_get(options->table);
    self_init(&sampler->self);
    self_add(&sampler->self, &ticks_missed, read_missed, sampler);
    self_add(&sampler->self, &series_refused, read_refused, sampler);
    *out = sampler;
    return 0;
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    for (size_t i = 0; sampler->runs && i < sampler->options.collector_count; i++) {
        if (sampler->runs[i].state)
            sampler->runs[i].collector->close(sampler->runs[i].state);
    }
    derive_free(sampler->derive);
    present_finish(&sampler->present);
    catalog_put(sampler->catalog);
    free(sampler->runs);
    free(sampler->words);
    free(sampler);
}

struct self *sampler_self(struct sampler *sampler)
{
    return &sampler->self;
}

static uint32_t interval_ms_of(const struct sampler *sampler, const struct collector *collector)
{
    uint32_t tick_ms = (uint32_t)(sampler->options.interval_ns / NS_PER_MS);

    return collector->interval_ms > tick_ms ? collector->interval_ms : tick_ms;
}

static void tell_failure(const struct sampler *sampler, struct collector_run *run, int error,
                         int64_t now_ns)
{
    uint32_t interval_ms = interval_ms_of(sampler, run->collector);

    if (now_ns < run->silent_until_ns)
        return;
    run->silent_until_ns = now_ns + MESSAGE_EVERY_NS;
    log_warning("collector %s: %s; what it could not read is absent, trying again every %g s",
                run->collector->name, strerror(-error), interval_ms / 1000.0);
}

static void tell_refused(struct sampler *sampler, int64_t now_ns)
{
    uint64_t refused = series_table_refused(sampler->options.table);

    if (refused == sampler->refused_told || now_ns < sampler->refused_silent_until_ns)
        return;
    log_warning("the limit of %u series is reached: %llu declarations were refused, and are tried "
                "again when others end",
                sampler->options.max_series, (unsigned long long)(refused - sampler->refused_told));
    sampler->refused_told = refused;
    sampler->refused_silent_until_ns = now_ns + MESSAGE_EVERY_NS;
}

static void tell_absent(struct collector_run *run, int64_t now_ns)
{
    run->open_again_ns = now_ns + RETRY_OPEN_NS;
    if (!run->absent_told)
        log_info("collector %s: not on this machine; looked for again every %d s",
                 run->collector->name, (int)(RETRY_OPEN_NS / NS_PER_SECOND));
    run->absent_told = true;
}

static void open_collector(struct sampler *sampler, struct collector_run *run, int64_t now_ns)
{
    int result;

    if (now_ns < run->open_again_ns)
        return;
    result = run->collector->open(&sampler->options.roots, &run->state);
    if (result == 0)
        return;
    run->state = NULL;
    if (result == -ENOENT || result == -EOPNOTSUPP)
        tell_absent(run, now_ns);
    else
        tell_failure(sampler, run, result, now_ns);
}

/*
 * A collector of a longer interval is due in the first tick of each slot of its own grid. It may
 * want the ticks after that too, until all its answers are there.
 */
static bool is_due(struct collector_run *run, int64_t slot_ns, uint32_t interval_ms)
{
    int64_t slot = slot_ns / (interval_ms * NS_PER_MS);
    bool due = run->again || slot != run->former_slot;

    run->former_slot = slot;
    return due;
}

static void run_collector(struct sampler *sampler, struct collector_run *run, int64_t now_ns)
{
    int result;

    if (!run->state)
        open_collector(sampler, run, now_ns);
    if (!run->state)
        return;
    result = run->collector->sample(run->state, &sampler->out.sink);
    run->again = result == COLLECTOR_AGAIN;
    if (result == -EOPNOTSUPP) {
        run->collector->close(run->state);
        run->state = NULL;
        tell_absent(run, now_ns);
    } else if (result < 0) {
        tell_failure(sampler, run, result, now_ns);
    } else {
        run->absent_told = false;
    }
}

static void run_collectors(struct sampler *sampler, const struct clock_reading *now)
{
    struct sink *sink = &sampler->out.sink;
    uint32_t tick_ms = sink->interval_ms;
    int64_t slot_ns = tick_slot_ns(now, sampler->options.interval_ns);

    sink->real_ns = now->real_ns;
    sink->mono_ns = now->mono_ns;
    for (size_t i = 0; i < sampler->options.collector_count; i++) {
        struct collector_run *run = &sampler->runs[i];

        sink->interval_ms = interval_ms_of(sampler, run->collector);
        if (sink->interval_ms == tick_ms || is_due(run, slot_ns, sink->interval_ms))
            run_collector(sampler, run, now->mono_ns);
    }
    sink->interval_ms = tick_ms;
}

/*
 * Shows readers the series that are new, and keeps the catalog that has them. When memory is
 * short they stay unseen until a later tick succeeds.
 */
static void publish_series(struct sampler *sampler)
{
    if (series_table_publish(sampler->options.table) <= 0)
        return;
    catalog_put(sampler->catalog);
    sampler->catalog = catalog_get(sampler->options.table);
}

static void derive_values(struct sampler *sampler, const struct tick *tick)
{
    _Atomic uint64_t *row = history_words(sampler->options.history);
    bool bound = true;
    uint32_t slot_count;

    publish_series(sampler);
    if (sampler->catalog->version != sampler->bound_version)
        bound = derive_bind(sampler->derive, sampler->catalog, &sampler->out.sink) == 0;
    slot_count = sampler->catalog->slot_count;
    history_extend(sampler->options.history, slot_count);
    for (uint32_t slot = 0; slot < slot_count; slot++)
        sampler->words[slot] = atomic_load_explicit(&row[slot], memory_order_relaxed);
    present_follow(&sampler->present, tick, sampler->words, slot_count, sampler->catalog);
    derive_compute(sampler->derive, &sampler->present, &sampler->out.sink);
    publish_series(sampler);
    if (bound)
        sampler->bound_version = sampler->catalog->version;
}

static struct tick judge(struct sampler *sampler, const struct clock_reading *now)
{
    const int64_t interval = sampler->options.interval_ns;
    struct tick tick = {
        .seq = sampler->seq, .time_ms = now->real_ns / NS_PER_MS, .mono_ns = now->mono_ns};

    if (sampler->former.mono_ns != 0) {
        tick.flags = tick_judge(&sampler->former, now, interval);
        sampler->missed_slots += tick_missed_slots(&sampler->former, now, interval);
    }
    sampler->former = *now;
    return tick;
}

uint64_t sampler_tick(struct sampler *sampler)
{
    struct history *history = sampler->options.history;
    const struct clock_reading now = clock_now();
    struct tick tick;

    sampler->seq = history_begin(history);
    sampler->out.sink.words = history_words(history);
    history_extend(history, sampler->catalog->slot_count);
    /* The row begun took the oldest one's place, so what ended before the next can be retired. */
    if (series_table_collect(sampler->options.table, history_first(history)) > 0)
        sampler->out.sink.room++;
    tick = judge(sampler, &now);

    run_collectors(sampler, &now);
    self_sample(&sampler->self, &sampler->out.sink,
                tick_lateness_ns(&now, sampler->options.interval_ns), sampler->cost_ns);
    derive_values(sampler, &tick);
    tell_refused(sampler, now.mono_ns);

    tick.catalog_version = sampler->catalog->version;
    history_commit(history, &tick);
    sampler->cost_ns = clock_mono_ns() - now.mono_ns;
    return sampler->seq;
}
