#include "daemon/scrape_target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/hash.h"
#include "daemon/log.h"
#include "daemon/scrape_prepare.h"
#include "daemon/scrape_text.h"
#include "daemon/tick.h"

#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)

/* What Prometheus 2.42 says, so that targets answer as they answer it. */
static const char accept[] =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

struct scrape_target {
    struct scrape_common *common;
    const struct scrape_config *config;
    struct scrape_prepare *prepare;
    struct fetch *fetch;
    struct scrape_cache *cache;
    size_t label_count;
    uint32_t interval_ms; /* no shorter than the ticks' */
    int64_t offset_ns;    /* of its slots, so that not all targets have the same tick */
    int64_t slot;         /* that it was asked for last; 0: never */
    bool due;
    int64_t began_ns; /* CLOCK_MONOTONIC of the question */
    struct scrape_text text;
    bool over; /* there is an outcome that was not written */
    bool good;
    double seconds; /* that it took */
    struct sink_series up, duration, samples;
    struct scrape_status status;
    int64_t silent_until_ns;
    bool warned; /* since it was told to be up, or from the start */
    struct scrape_target *next;
};

static const struct metric up_metric = {
    .name = "up",
    .unit = "",
    .help = "1 if the target was scraped, 0 if that failed.",
    .kind = METRIC_GAUGE,
};
static const struct metric duration_metric = {
    .name = "scrape_duration_seconds",
    .unit = "seconds",
    .help = "How long the scrape took.",
    .kind = METRIC_GAUGE,
};
static const struct metric samples_metric = {
    .name = "scrape_samples_scraped",
    .unit = "",
    .help = "Samples that the target exposed.",
    .kind = METRIC_GAUGE,
};

/* --- what it says --- */

static void on_head(void *arg, const char *content_type)
{
    scrape_text_begin(&((struct scrape_target *)arg)->text, content_type);
}

static void on_body(void *arg, const char *bytes, size_t size)
{
    scrape_text_feed(&((struct scrape_target *)arg)->text, bytes, size);
}

/* --- what came of it --- */

/* Once in a while; and that it is up again, if it was told that it was not. */
static void tell(struct scrape_target *target, const char *error)
{
    const struct scrape_status *status = &target->status;
    int64_t now_ns = clock_mono_ns();

    if (!error && target->warned)
        log_info("scrape of %s, instance %s: up again", status->job, status->instance);
    if (!error)
        target->warned = false;
    if (!error || now_ns < target->silent_until_ns)
        return;
    target->warned = true;
    target->silent_until_ns = now_ns + MESSAGE_EVERY_NS;
    log_warning("scrape of %s, instance %s: %s; trying again every %g s", status->job,
                status->instance, error, target->interval_ms / 1000.0);
}

/* The outcome, which the next tick writes; NULL: all is good. */
static void conclude(struct scrape_target *target, const char *error)
{
    enum scrape_state state = error ? SCRAPE_DOWN : SCRAPE_UP;
    struct scrape_status *status = &target->status;

    tell(target, error);
    if (status->state != state)
        status->since_ms = clock_now().real_ns / NS_PER_MS;
    status->state = state;
    snprintf(status->error, sizeof status->error, "%s", error ? error : "");
    status->samples = error ? 0 : scrape_cache_samples(target->cache);
    status->duration_ms = (int64_t)(target->seconds * 1000);
    target->over = true;
    target->good = !error;
}

static void on_done(void *arg, const char *error)
{
    struct scrape_target *target = arg;
    char wrong[SCRAPE_TEXT_ERROR_BYTES];

    target->seconds = (double)(clock_mono_ns() - target->began_ns) / (double)NS_PER_SECOND;
    if (!error && scrape_text_end(&target->text, wrong) < 0)
        error = wrong;
    scrape_text_finish(&target->text);
    conclude(target, error);
}

static const struct fetch_visitor fetch_visitor = {
    .head = on_head, .body = on_body, .done = on_done};

/* --- the tick --- */

static void claim(struct scrape_target *target, struct sink *sink, struct sink_series *series,
                  const struct metric *metric)
{
    (void)scrape_slots_take(&target->common->slots, sink, series, metric,
                            scrape_cache_labels(target->cache), target->label_count);
}

static void put(struct scrape_target *target, struct sink *sink, const struct sink_series *series,
                double value)
{
    if (scrape_slots_has(&target->common->slots, series))
        sink_set(sink, series->slot, value);
}

void scrape_target_claim(struct scrape_target *target, struct sink *sink)
{
    const uint32_t tick_ms = sink->interval_ms;

    sink->interval_ms = target->interval_ms;
    claim(target, sink, &target->up, &up_metric);
    claim(target, sink, &target->duration, &duration_metric);
    claim(target, sink, &target->samples, &samples_metric);
    sink->interval_ms = tick_ms;
}

/* What of a good answer was not taken. */
static void tell_dropped(struct scrape_target *target)
{
    const struct scrape_refusals *refused = scrape_cache_refused(target->cache);
    struct scrape_status *status = &target->status;

    if (refused->beyond > 0)
        snprintf(status->error, sizeof status->error,
                 "%zu series were dropped: at most %zu are taken, and %zu of all applications",
                 refused->beyond, target->config->max_series, target->common->quota->max);
    else if (refused->too_long > 0)
        snprintf(status->error, sizeof status->error,
                 "%zu series were dropped: their names and labels are too long, or too many",
                 refused->too_long);
    else if (refused->no_slot > 0)
        snprintf(status->error, sizeof status->error,
                 "%zu series were dropped: they are there already, or there is no room",
                 refused->no_slot);
    else if (target->text.wrong_lines > 0)
        snprintf(status->error, sizeof status->error,
                 "%zu lines were not understood, the first is line %zu", target->text.wrong_lines,
                 target->text.wrong_line);
}

static void write_outcome(struct scrape_target *target, struct sink *sink)
{
    const uint32_t tick_ms = sink->interval_ms;

    target->over = false;
    sink->interval_ms = target->interval_ms;
    put(target, sink, &target->up, target->good);
    put(target, sink, &target->duration, target->seconds);
    put(target, sink, &target->samples, (double)target->status.samples);
    if (target->good) {
        scrape_cache_write(target->cache, sink);
        tell_dropped(target);
    } else {
        scrape_cache_drop(target->cache, sink);
    }
    sink->interval_ms = tick_ms;
}

/* A new target is due at once. */
static bool is_new_slot(const struct scrape_target *target, const struct sink *sink, int64_t *slot)
{
    const struct clock_reading now = {.real_ns = sink->real_ns, .mono_ns = sink->mono_ns};

    *slot = (tick_slot_ns(&now, target->common->tick_ns) - target->offset_ns) /
            (target->interval_ms * NS_PER_MS);
    return *slot != target->slot;
}

/*
 * One that is under way when it is to be asked anew has failed, if its time is all but up: a
 * timeout as long as the interval ends just behind the tick, and would cost every second question.
 */
static bool is_busy(struct scrape_target *target, const struct sink *sink)
{
    const int64_t timeout_ms = target->config->timeout_ms;
    char error[64];

    if (!fetch_is_under_way(target->fetch))
        return false;
    if (sink->mono_ns - target->began_ns < timeout_ms * NS_PER_MS / 10 * 9)
        return true;
    fetch_stop(target->fetch);
    snprintf(error, sizeof error, "no whole answer within %" PRId64 " ms", timeout_ms);
    on_done(target, error);
    return false;
}

/* What cannot be asked has failed; what is not known yet is waited for. */
static void judge(struct scrape_target *target, const struct sink *sink)
{
    const char *error;
    bool ready = scrape_prepare_tend(target->prepare, sink->mono_ns, &error);
    int64_t slot;

    if (!is_new_slot(target, sink, &slot) || is_busy(target, sink) || (!ready && !error))
        return;
    target->slot = slot;
    target->due = ready;
    if (ready)
        return;
    scrape_cache_begin(target->cache);
    target->seconds = 0;
    conclude(target, error);
}

void scrape_target_sample(struct scrape_target *target, struct sink *sink)
{
    if (target->over)
        write_outcome(target, sink);
    judge(target, sink);
    if (target->over)
        write_outcome(target, sink);
}

void scrape_target_end(struct scrape_target *target, struct sink *sink)
{
    struct scrape_slots *slots = &target->common->slots;

    scrape_slots_drop(slots, sink, &target->up);
    scrape_slots_drop(slots, sink, &target->duration);
    scrape_slots_drop(slots, sink, &target->samples);
    scrape_cache_drop(target->cache, sink);
}

bool scrape_target_is_due(const struct scrape_target *target)
{
    return target->due;
}

void scrape_target_start(struct scrape_target *target)
{
    int result;

    target->due = false;
    target->began_ns = clock_mono_ns();
    scrape_cache_begin(target->cache);
    result = fetch_start(target->fetch, scrape_prepare_addresses(target->prepare),
                         scrape_prepare_token(target->prepare));
    if (result < 0) {
        target->seconds = 0;
        conclude(target, strerrordesc_np(-result));
    }
}

/* --- start and end --- */

static int make_cache(struct scrape_target *target)
{
    const struct scrape_config *config = target->config;
    struct label labels[SCRAPE_LABELS_MAX + 2];
    struct scrape_cache_options options = {.labels = labels,
                                           .max_series = config->max_series,
                                           .quota = target->common->quota,
                                           .drops = &target->common->drops,
                                           .slots = &target->common->slots};

    labels[0] = (struct label){"job", config->job};
    labels[1] = (struct label){"instance", config->instance};
    memcpy(labels + 2, config->labels, config->label_count * sizeof *labels);
    options.label_count = target->label_count = config->label_count + 2;
    return scrape_cache_new(&options, &target->cache);
}

static int make_fetch(struct scrape_target *target)
{
    const struct scrape_config *config = target->config;
    AUTO_FREE char *local = NULL;
    struct fetch_options options = {.url = config->url,
                                    .unix_path = config->unix_path,
                                    .accept = accept,
                                    .timeout_ms = config->timeout_ms,
                                    .max_bytes = config->max_bytes,
                                    .visitor = &fetch_visitor,
                                    .arg = target};

    if (config->unix_path) {
        if (asprintf(&local, "http://localhost%s", config->path) < 0) {
            local = NULL;
            return -ENOMEM;
        }
        options.url = local;
    }
    return fetch_new(target->common->fetcher, &options, &target->fetch);
}

/* Targets of an interval that is longer than a tick are spread over its ticks, by their names. */
static int64_t choose_offset(const struct scrape_target *target)
{
    const int64_t ticks = target->interval_ms * NS_PER_MS / target->common->tick_ns;
    const char *instance = target->config->instance;
    const uint64_t hash = hash_bytes(0, instance, strlen(instance));

    return ticks > 1 ? (int64_t)(hash % (uint64_t)ticks) * target->common->tick_ns : 0;
}

int scrape_target_new(struct scrape_common *common, const struct scrape_config *config,
                      struct scrape_target **out)
{
    struct scrape_target *target = calloc(1, sizeof *target);
    const int64_t tick_ms = common->tick_ns / NS_PER_MS;
    int result;

    if (!target)
        return -ENOMEM;
    target->common = common;
    target->config = config;
    target->interval_ms = (uint32_t)(config->interval_ms > tick_ms ? config->interval_ms : tick_ms);
    target->offset_ns = choose_offset(target);
    snprintf(target->status.job, sizeof target->status.job, "%s", config->job);
    snprintf(target->status.instance, sizeof target->status.instance, "%s", config->instance);
    target->status.since_ms = clock_now().real_ns / NS_PER_MS;
    result = make_cache(target);
    scrape_text_init(&target->text, target->cache, &common->drops);
    if (result == 0)
        result = make_fetch(target);
    if (result == 0)
        result = scrape_prepare_new(config, common->tasks, &target->prepare);
    if (result < 0) {
        scrape_target_free(target);
        return result;
    }
    *out = target;
    return 0;
}

void scrape_target_stop(struct scrape_target *target)
{
    fetch_free(target->fetch);
    scrape_text_finish(&target->text);
    scrape_prepare_free(target->prepare);
    target->fetch = NULL;
    target->prepare = NULL;
    target->config = NULL;
}

void scrape_target_free(struct scrape_target *target)
{
    scrape_target_stop(target);
    scrape_cache_free(target->cache);
    free(target);
}

void scrape_target_push(struct scrape_target **list, struct scrape_target *target)
{
    target->next = *list;
    *list = target;
}

struct scrape_target *scrape_target_pop(struct scrape_target **list)
{
    struct scrape_target *target = *list;

    if (target)
        *list = target->next;
    return target;
}

const struct scrape_config *scrape_target_config(const struct scrape_target *target)
{
    return target->config;
}

void scrape_target_replace_config(struct scrape_target *target, const struct scrape_config *config)
{
    target->config = config;
}

const struct scrape_status *scrape_target_status(const struct scrape_target *target)
{
    return &target->status;
}
