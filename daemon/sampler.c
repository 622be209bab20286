#include "daemon/sampler.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/collector_report.h"
#include "daemon/collector_run.h"
#include "daemon/derive.h"
#include "daemon/log.h"
#include "daemon/present.h"

#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)
/* The owner of a slot: 1 more than a collector's place, a source's, or none of them. */
#define NO_OWNER     0
#define FIRST_SOURCE (UINT8_MAX - SAMPLER_SOURCES_MAX)
#define OWNERS_MAX   (FIRST_SOURCE - 1)

/* The sink that collectors get. It is the sampler's first member's address, no more. */
struct sampler_sink {
    struct sink sink;
    struct sampler *sampler;
};

struct sampler {
    struct sampler_sink out;
    struct sampler_options options;
    struct collector_run *runs;     /* one per collector */
    struct collector_state *states; /* and what is told of each */
    uint8_t *owners;                /* by slot: who declared the series */
    uint8_t owner;                  /* who declares now */
    bool taken;                     /* a series was refused since another has its name */
    bool *closed;                   /* by collector: its series are to be released */
    struct collector_report report;
    struct self self;
    struct derive *derive;
    struct present present;
    uint64_t *words;         /* a plain copy of the row being made */
    struct catalog *catalog; /* the newest, held */
    uint32_t bound_version;  /* of the catalog that the derived series were looked up in */
    uint64_t seq;
    uint64_t missed_slots;
    uint64_t dropped_pairs; /* of histograms, which the row had no room for */
    struct sampler_source sources[SAMPLER_SOURCES_MAX];
    size_t source_count;
    uint64_t refused_told; /* how many refusals of series the log has told of */
    int64_t refused_silent_until_ns;
    int64_t cost_ns;
    struct clock_reading former;
    uint32_t first_flags; /* of the first tick; 0 once it was made, or if nothing was before it */
    uint64_t tick_count;
};

static int on_declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                      size_t label_count, unsigned flags, uint32_t *slot)
{
    struct sampler *sampler = ((struct sampler_sink *)sink)->sampler;
    int result = series_table_declare(sampler->options.table, metric, labels, label_count, flags,
                                      sink->interval_ms,
                                      metric->sparse ? SAMPLE_HISTOGRAM : SAMPLE_NUMBER, slot);

    sampler->taken |= result == -EEXIST;
    if (result < 0)
        return result;
    /* What another source writes would end when either lets go of it; files are such sources. */
    if ((sampler->owner >= FIRST_SOURCE || (flags & SERIES_APPLICATION)) &&
        sampler->owners[*slot] != NO_OWNER && sampler->owners[*slot] != sampler->owner) {
        *slot = SINK_NO_SLOT;
        sampler->taken = true;
        return -EEXIST;
    }
    history_extend(sampler->options.history, *slot + 1);
    sampler->owners[*slot] = sampler->owner;
    /* Released and declared anew in one tick: it never went. */
    if (atomic_load_explicit(&sink->words[*slot], memory_order_relaxed) == SAMPLE_GONE)
        atomic_store_explicit(&sink->words[*slot], SAMPLE_ABSENT, memory_order_release);
    return 0;
}

static void on_release(struct sink *sink, uint32_t slot)
{
    struct sampler *sampler = ((struct sampler_sink *)sink)->sampler;

    series_table_release(sampler->options.table, slot, sampler->seq);
    /* It may be what stood in another's way, which asks again then. */
    sink->room += sampler->taken;
    sampler->taken = false;
    if (slot >= sink->capacity)
        return;
    sampler->owners[slot] = NO_OWNER;
    atomic_store_explicit(&sink->words[slot], SAMPLE_GONE, memory_order_release);
}

static void on_set_histogram(struct sink *sink, uint32_t slot, const struct histogram_pair *pairs,
                             size_t count)
{
    struct sampler *sampler = ((struct sampler_sink *)sink)->sampler;

    sampler->dropped_pairs += history_set_histogram(sampler->options.history, slot, pairs, count);
}

static const struct sink_ops sampler_sink_ops = {
    .declare = on_declare, .release = on_release, .set_histogram = on_set_histogram};

static uint64_t read_missed(void *arg)
{
    return ((struct sampler *)arg)->missed_slots;
}

static uint64_t read_refused(void *arg)
{
    return series_table_refused(((struct sampler *)arg)->options.table);
}

static uint64_t read_dropped_pairs(void *arg)
{
    return ((struct sampler *)arg)->dropped_pairs;
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

static const struct metric pairs_dropped = {
    .name = "tacho_buckets_dropped_total",
    .unit = "",
    .help = "Buckets of histograms that a tick had no room for: it has 8,192 in all.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

int sampler_new(const struct sampler_options *options, struct sampler **out)
{
    struct sampler *sampler = calloc(1, sizeof *sampler);
    int result;

    assert(options->collector_count <= OWNERS_MAX);
    if (!sampler)
        return -ENOMEM;
    sampler->options = *options;
    sampler->out =
        (struct sampler_sink){.sink = {.ops = &sampler_sink_ops,
                                       .capacity = options->max_series,
                                       .interval_ms = (uint32_t)(options->interval_ns / NS_PER_MS),
                                       .tasks = options->tasks,
                                       .processes = options->processes},
                              .sampler = sampler};
    sampler->runs = calloc(options->collector_count, sizeof *sampler->runs);
    sampler->states = calloc(options->collector_count, sizeof *sampler->states);
    sampler->closed = calloc(options->collector_count, sizeof *sampler->closed);
    sampler->owners = calloc(options->max_series, sizeof *sampler->owners);
    sampler->words = calloc(options->max_series, sizeof *sampler->words);
    result = derive_new(&sampler->derive);
    if (result == 0)
        result = present_init(&sampler->present, options->max_series,
                              (uint32_t)(options->interval_ns / NS_PER_MS));
    if (result < 0 || !sampler->runs || !sampler->states || !sampler->closed || !sampler->owners ||
        !sampler->words) {
        sampler_free(sampler);
        return -ENOMEM;
    }
    for (size_t i = 0; i < options->collector_count; i++)
        collector_run_init(&sampler->runs[i], options->collectors[i], sampler->out.sink.interval_ms,
                           &sampler->states[i]);
    if (collector_report_init(&sampler->report, sampler->runs, options->collector_count) < 0) {
        sampler_free(sampler);
        return -ENOMEM;
    }
    sampler->catalog = catalog_get(options->table);
    self_init(&sampler->self);
    self_add(&sampler->self, &ticks_missed, NULL, read_missed, sampler);
    self_add(&sampler->self, &series_refused, NULL, read_refused, sampler);
    self_add(&sampler->self, &pairs_dropped, NULL, read_dropped_pairs, sampler);
    *out = sampler;
    return 0;
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    for (size_t i = 0; sampler->runs && i < sampler->options.collector_count; i++)
        collector_run_finish(&sampler->runs[i]);
    collector_report_finish(&sampler->report);
    derive_free(sampler->derive);
    present_finish(&sampler->present);
    catalog_put(sampler->catalog);
    free(sampler->runs);
    free(sampler->states);
    free(sampler->closed);
    free(sampler->owners);
    free(sampler->words);
    free(sampler);
}

void sampler_continue(struct sampler *sampler, uint32_t first_flags)
{
    struct history *history = sampler->options.history;

    catalog_put(sampler->catalog);
    sampler->catalog = catalog_get(sampler->options.table);
    for (uint64_t seq = history_first(history); seq <= history_last(history); seq++) {
        struct tick tick;
        uint32_t slot_count;

        if (history_read_row(history, seq, &tick, sampler->words, &slot_count) < 0)
            continue;
        present_follow(&sampler->present, &tick, sampler->words, slot_count, sampler->catalog);
    }
    sampler->first_flags = first_flags;
}

void sampler_add_source(struct sampler *sampler, const struct sampler_source *source)
{
    assert(sampler->source_count < SAMPLER_SOURCES_MAX);
    sampler->sources[sampler->source_count++] = *source;
}

struct self *sampler_self(struct sampler *sampler)
{
    return &sampler->self;
}

const struct collector_state *sampler_states(const struct sampler *sampler)
{
    return sampler->states;
}

static void tell_refused(struct sampler *sampler, int64_t now_ns)
{
    uint64_t refused = series_table_refused(sampler->options.table);

    if (refused == sampler->refused_told || now_ns < sampler->refused_silent_until_ns)
        return;
    log_warning("the limit of %u series, or of those of applications, is reached: %llu "
                "declarations were refused, and are tried again when others end",
                sampler->options.max_series, (unsigned long long)(refused - sampler->refused_told));
    sampler->refused_told = refused;
    sampler->refused_silent_until_ns = now_ns + MESSAGE_EVERY_NS;
}

/* What a collector that was switched off leaves: what its series stand for is read no more. */
static void release_series(struct sampler *sampler, size_t index)
{
    sampler->closed[index] = false;
    for (uint32_t slot = 0; slot < sampler->options.max_series; slot++) {
        if (sampler->owners[slot] == index + 1)
            sink_release(&sampler->out.sink, slot);
    }
}

/* One line for all that were found not to be on this machine in this tick. */
static void tell_absent(struct sampler *sampler)
{
    char names[900] = "";
    size_t length = 0;

    for (size_t i = 0; i < sampler->options.collector_count; i++) {
        struct collector_run *run = &sampler->runs[i];

        if (!run->absent_new)
            continue;
        run->absent_new = false;
        if (length < sizeof names)
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                       length > 0 ? ", " : "", run->collector->name);
    }
    if (length > 0)
        log_info("not on this machine, and looked for again every %d s: %s", COLLECTOR_RUN_RETRY_S,
                 names);
}

static void run_collectors(struct sampler *sampler, const struct clock_reading *now)
{
    struct sink *sink = &sampler->out.sink;
    int64_t slot_ns = tick_slot_ns(now, sampler->options.interval_ns);

    sink->real_ns = now->real_ns;
    sink->mono_ns = now->mono_ns;
    for (size_t i = 0; i < sampler->options.collector_count; i++) {
        if (sampler->closed[i])
            release_series(sampler, i);
        sampler->owner = (uint8_t)(i + 1);
        collector_run_tick(&sampler->runs[i], &sampler->options.roots, sink, slot_ns);
    }
    sampler->owner = NO_OWNER;
    tell_absent(sampler);
    collector_report_sample(&sampler->report, sampler->runs, sink, slot_ns);
}

static void run_sources(struct sampler *sampler)
{
    struct sink *sink = &sampler->out.sink;
    const uint32_t interval_ms = sink->interval_ms;

    for (size_t i = 0; i < sampler->source_count; i++) {
        sampler->owner = (uint8_t)(FIRST_SOURCE + i);
        sampler->sources[i].sample(sampler->sources[i].arg, sink);
        sink->interval_ms = interval_ms;
    }
    sampler->owner = NO_OWNER;
}

void sampler_switch(struct sampler *sampler, size_t index, bool on)
{
    if (collector_run_switch(&sampler->runs[index], on) && !on)
        sampler->closed[index] = true;
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

    if (sampler->first_flags != 0) {
        const int64_t since_ms = tick.time_ms - sampler->present.tick.time_ms;

        /* For how long nobody was there to miss them is not counted. */
        tick.flags = sampler->first_flags;
        if (sampler->present.tick.seq == 0 || since_ms > interval * 3 / 2 / NS_PER_MS)
            tick.flags |= TICK_GAP_BEFORE;
        sampler->first_flags = 0;
    } else if (sampler->former.mono_ns != 0) {
        tick.flags = tick_judge(&sampler->former, now, interval);
        sampler->missed_slots += tick_missed_slots(&sampler->former, now, interval);
    }
    sampler->former = *now;
    return tick;
}

/* What was there before a restart, and had two of its own intervals to be there again. */
static void release_unclaimed(struct sampler *sampler)
{
    uint64_t passed_ms = sampler->tick_count++ * sampler->out.sink.interval_ms;

    series_table_release_unclaimed(
        sampler->options.table, passed_ms / 2 < UINT32_MAX ? (uint32_t)(passed_ms / 2) : UINT32_MAX,
        sampler->seq);
}

uint64_t sampler_tick(struct sampler *sampler)
{
    struct history *history = sampler->options.history;
    const struct clock_reading now = clock_now();
    struct tick tick;

    sampler->seq = history_begin(history);
    sampler->out.sink.words = history_words(history);
    sampler->out.sink.seq = sampler->seq;
    history_extend(history, sampler->catalog->slot_count);
    /* The row begun took the oldest one's place, so what ended before the next can be retired. */
    if (series_table_collect(sampler->options.table, history_first(history)) > 0)
        sampler->out.sink.room++;
    tick = judge(sampler, &now);

    run_collectors(sampler, &now);
    run_sources(sampler);
    release_unclaimed(sampler);
    self_sample(&sampler->self, &sampler->out.sink,
                tick_lateness_ns(&now, sampler->options.interval_ns), sampler->cost_ns);
    derive_values(sampler, &tick);
    tell_refused(sampler, now.mono_ns);

    tick.catalog_version = sampler->catalog->version;
    history_commit(history, &tick);
    sampler->cost_ns = clock_mono_ns() - now.mono_ns;
    return sampler->seq;
}
