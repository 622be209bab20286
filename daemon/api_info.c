#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api.h"
#include "daemon/clock.h"

/* cJSON passes bytes on as they are: what is not UTF-8 would make the document invalid. */
static cJSON *make_text(const char *text)
{
    struct buffer clean = {0};
    cJSON *made;

    utf8_append_clean(&clean, text);
    buffer_append_char(&clean, '\0');
    made = cJSON_CreateString(clean.failed ? "" : clean.data);
    buffer_finish(&clean);
    return made;
}

static void add_text(cJSON *object, const char *key, const char *text)
{
    cJSON_AddItemToObject(object, key, make_text(text));
}

static void add_host(cJSON *document, const struct facts *facts)
{
    cJSON *host = cJSON_AddObjectToObject(document, "host");
    cJSON *files;

    add_text(host, "name", facts->host);
    add_text(host, "os", facts->os);
    add_text(host, "kernel", facts->kernel);
    cJSON_AddNumberToObject(host, "cpus", (double)facts->cpus);
    cJSON_AddNumberToObject(host, "memory_bytes", (double)facts->memory_bytes);
    files = cJSON_AddArrayToObject(host, "container_view");
    for (size_t i = 0; i < facts->container_view.count; i++)
        cJSON_AddItemToArray(files, make_text(facts->container_view.files[i]));
}

/* When the head begins; the newest tick can vanish between two calls only if the loop slept. */
static int64_t head_first_ms(struct history *history, const struct tick *last)
{
    struct tick first = {0};
    uint64_t seq = history_first(history);

    while (seq < last->seq && history_read_tick(history, seq, &first) < 0)
        seq++;
    return first.seq == 0 ? last->time_ms : first.time_ms;
}

static void add_time(cJSON *document, const char *key, const struct tick *last, int64_t time_ms)
{
    if (last->seq == 0)
        cJSON_AddNullToObject(document, key);
    else
        cJSON_AddNumberToObject(document, key, (double)time_ms);
}

static void add_part(cJSON *parts, const char *name, uint64_t budget_bytes, uint64_t used_bytes,
                     int64_t span_ms)
{
    cJSON *part = cJSON_AddObjectToObject(parts, name);

    cJSON_AddNumberToObject(part, "budget_bytes", (double)budget_bytes);
    cJSON_AddNumberToObject(part, "used_bytes", (double)used_bytes);
    cJSON_AddNumberToObject(part, "span_ms", (double)(span_ms > 0 ? span_ms : 0));
}

/* How far back the parts reach. */
struct reach {
    struct archive_counts seconds, minutes;
    uint64_t first_seq;
    int64_t first_ms;  /* where ticks begin */
    int64_t oldest_ms; /* where anything does */
};

static struct reach find_reach(const struct http_options *options, const struct tick *last)
{
    struct reach reach = {.seconds = archive_count(options->archive, ARCHIVE_SECONDS),
                          .minutes = archive_count(options->archive, ARCHIVE_MINUTES)};

    reach.first_seq = reach.seconds.first_seq;
    reach.first_ms = reach.seconds.first_ms;
    if (reach.first_seq == 0) {
        reach.first_seq = history_first(options->history);
        reach.first_ms = head_first_ms(options->history, last);
    }
    reach.oldest_ms = reach.first_ms;
    /* A minute begins before its first tick. */
    if (reach.minutes.first_seq != 0 && reach.minutes.first_seq < reach.first_seq)
        reach.oldest_ms = reach.minutes.first_ms;
    return reach;
}

static void add_history(cJSON *document, const struct http_options *options,
                        const struct reach *reach, const struct tick *last)
{
    const struct archive_counts *seconds = &reach->seconds, *minutes = &reach->minutes;
    const struct process_past_counts lists = process_past_count(processes_past(options->processes));
    cJSON *parts = cJSON_AddObjectToObject(document, "history");

    add_part(parts, "seconds", seconds->budget_bytes, seconds->used_bytes,
             last->time_ms - reach->first_ms);
    add_part(parts, "minutes", minutes->budget_bytes, minutes->used_bytes,
             last->time_ms - reach->oldest_ms);
    add_part(parts, "processes", lists.budget_bytes, lists.used_bytes,
             lists.last_ms - lists.first_ms);
}

static void add_collector(cJSON *list, const struct collector_state *state)
{
    const int64_t cost_us =
        atomic_load_explicit(&state->cost_ns, memory_order_relaxed) / 1000; /* whole ones */
    struct collector_status status;
    cJSON *collector;

    if (!collector_state_read(state, &status))
        return; /* there was no tick yet */
    collector = cJSON_CreateObject();
    cJSON_AddStringToObject(collector, "name", state->name);
    cJSON_AddStringToObject(collector, "state", collector_condition_name(status.condition));
    if (status.error != 0)
        cJSON_AddStringToObject(collector, "error", strerror(status.error));
    cJSON_AddNumberToObject(collector, "since_ms", (double)status.since_ms);
    cJSON_AddNumberToObject(collector, "interval_ms", state->interval_ms);
    if (status.condition != COLLECTOR_OFF)
        cJSON_AddNumberToObject(collector, "cost_us", (double)cost_us);
    cJSON_AddItemToArray(list, collector);
}

static void add_target(cJSON *list, const struct scrape_status *status)
{
    cJSON *target = cJSON_CreateObject();

    add_text(target, "job", status->job);
    add_text(target, "instance", status->instance);
    cJSON_AddStringToObject(target, "state", scrape_state_name(status->state));
    if (status->error[0])
        add_text(target, "error", status->error);
    cJSON_AddNumberToObject(target, "since_ms", (double)status->since_ms);
    if (status->state != SCRAPE_WAITING) {
        cJSON_AddNumberToObject(target, "samples", (double)status->samples);
        cJSON_AddNumberToObject(target, "duration_ms", (double)status->duration_ms);
    }
    cJSON_AddItemToArray(list, target);
}

static void add_targets(cJSON *document, struct scrape_board *board)
{
    cJSON *list = cJSON_AddArrayToObject(document, "scrape");
    AUTO_FREE struct scrape_status *statuses = NULL;
    size_t count;

    statuses = scrape_board_read(board, &count);
    for (size_t i = 0; i < count; i++)
        add_target(list, &statuses[i]);
}

static void add_sender(cJSON *list, const struct sender_status *status)
{
    cJSON *sender = cJSON_CreateObject();

    if (status->key)
        add_text(sender, status->key, status->origin);
    if (status->pid != 0)
        cJSON_AddNumberToObject(sender, "pid", status->pid);
    else
        cJSON_AddNumberToObject(sender, "port", status->port);
    cJSON_AddNumberToObject(sender, "since_ms", (double)status->since_ms);
    cJSON_AddNumberToObject(sender, "last_ms", (double)status->last_ms);
    cJSON_AddItemToArray(list, sender);
}

/* NULL: it is off. */
static void add_statsd(cJSON *document, struct statsd *statsd)
{
    cJSON *part = cJSON_AddObjectToObject(document, "statsd");
    cJSON *listen = cJSON_AddArrayToObject(part, "listen");
    cJSON *list = cJSON_AddArrayToObject(part, "senders");
    AUTO_FREE struct sender_status *senders = NULL;
    size_t count = 0;

    if (!statsd)
        return;
    for (size_t i = 0; statsd_listen(statsd, i); i++)
        cJSON_AddItemToArray(listen, make_text(statsd_listen(statsd, i)));
    senders = sender_board_read(statsd_senders(statsd), &count);
    for (size_t i = 0; i < count; i++)
        add_sender(list, &senders[i]);
}

static int64_t boot_time_ms(void)
{
    struct clock_reading now = clock_now();

    return (now.real_ns - now.boot_ns) / NS_PER_MS;
}

static char *encode(const struct http_loop *loop)
{
    const struct follower *follower = &loop->follower;
    const struct tick *last = &follower->present.tick;
    const struct reach reach = find_reach(loop->options, last);
    cJSON *document = cJSON_CreateObject();
    cJSON *list;
    char *text;

    cJSON_AddStringToObject(document, "version", TACHO_VERSION);
    cJSON_AddStringToObject(document, "epoch", history_epoch(follower->history));
    cJSON_AddNumberToObject(document, "seq", (double)last->seq);
    cJSON_AddNumberToObject(document, "interval_ms", loop->options->interval_ms);
    add_time(document, "first_time_ms", last, reach.oldest_ms);
    add_time(document, "last_time_ms", last, last->time_ms);
    cJSON_AddNumberToObject(document, "boot_time_ms", (double)boot_time_ms());
    add_host(document, loop->options->facts);
    cJSON_AddNumberToObject(document, "series", (double)follower->catalog->count);
    add_history(document, loop->options, &reach, last);
    list = cJSON_AddArrayToObject(document, "collectors");
    for (size_t i = 0; i < loop->options->collector_count; i++)
        add_collector(list, &loop->options->collectors[i]);
    add_targets(document, loop->options->scrapes);
    add_statsd(document, loop->options->statsd);
    text = cJSON_PrintUnformatted(document);
    cJSON_Delete(document);
    return text;
}

enum MHD_Result api_info(struct request *request, bool head)
{
    static const char *const allowed[] = {NULL};
    struct buffer body = {0};
    struct problem problem;
    char *text;

    (void)head;
    if (query_check(request->query, allowed, &problem) < 0)
        return respond_problem(request, &problem);
    text = encode(request->loop);
    if (text)
        buffer_append_text(&body, text);
    body.failed |= !text;
    buffer_append_char(&body, '\n');
    free(text);
    return respond_json(request, &body);
}
