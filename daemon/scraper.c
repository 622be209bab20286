#include "daemon/scraper.h"

#include <errno.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/scrape_target.h"

/* So many are asked in one turn of the loop; others follow in the next. */
#define STARTS_A_TURN 8

struct scraper {
    struct scraper_options options;
    struct scrape_common common;
    struct scrape_target *targets[SCRAPE_TARGETS_MAX];
    size_t count;
    struct scrape_target *ended; /* a list: their series end with the next tick */
    ev_timer turn;
    size_t next; /* where the next turn goes on, so that nobody always is the last */
    struct scrape_board board;
};

int scraper_new(const struct scraper_options *options, struct scraper **out)
{
    struct scraper *scraper = calloc(1, sizeof *scraper);

    if (!scraper)
        return -ENOMEM;
    scraper->options = *options;
    scraper->common = (struct scrape_common){.tasks = options->tasks,
                                             .quota = options->quota,
                                             .drops = {.source = "scrape"},
                                             .tick_ns = options->interval_ns};
    scrape_board_init(&scraper->board);
    *out = scraper;
    return 0;
}

void scraper_free(struct scraper *scraper)
{
    struct scrape_target *target;

    if (!scraper)
        return;
    while (scraper->count > 0)
        scrape_target_free(scraper->targets[--scraper->count]);
    while ((target = scrape_target_pop(&scraper->ended)) != NULL)
        scrape_target_free(target);
    if (scraper->common.fetcher)
        ev_timer_stop(scraper->options.loop->ev, &scraper->turn);
    fetcher_free(scraper->common.fetcher);
    scrape_slots_finish(&scraper->common.slots);
    scrape_board_finish(&scraper->board);
    free(scraper);
}

/* --- who is asked, and when --- */

static bool has_due(const struct scraper *scraper)
{
    for (size_t i = 0; i < scraper->count; i++) {
        if (scrape_target_is_due(scraper->targets[i]))
            return true;
    }
    return false;
}

static void take_turn(struct scraper *scraper)
{
    ev_timer_set(&scraper->turn, 0.0, 0.0);
    ev_timer_start(scraper->options.loop->ev, &scraper->turn);
}

/* Right after the tick, a few at a time: each is a connection, or a request on one. */
static void on_turn(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct scraper *scraper = timer->data;
    struct loop_run run = loop_begin(scraper->options.loop, scraper->options.callback);
    int started = 0;

    (void)ev;
    (void)events;
    for (size_t i = 0; i < scraper->count && started < STARTS_A_TURN; i++) {
        struct scrape_target *target = scraper->targets[scraper->next++ % scraper->count];

        if (!scrape_target_is_due(target))
            continue;
        scrape_target_start(target);
        started++;
    }
    if (has_due(scraper))
        take_turn(scraper);
    loop_end(&run);
}

static void end_targets(struct scraper *scraper, struct sink *sink)
{
    struct scrape_target *target;

    while ((target = scrape_target_pop(&scraper->ended)) != NULL) {
        scrape_target_end(target, sink);
        scrape_target_free(target);
    }
}

static void show(struct scraper *scraper)
{
    const struct scrape_status *statuses[SCRAPE_TARGETS_MAX];

    for (size_t i = 0; i < scraper->count; i++)
        statuses[i] = scrape_target_status(scraper->targets[i]);
    (void)scrape_board_write(&scraper->board, statuses, scraper->count);
}

void scraper_sample(void *arg, struct sink *sink)
{
    struct scraper *scraper = arg;

    if (!scraper->common.fetcher)
        return; /* there never was a target */
    end_targets(scraper, sink);
    for (size_t i = 0; i < scraper->count; i++)
        scrape_target_claim(scraper->targets[i], sink);
    for (size_t i = 0; i < scraper->count; i++)
        scrape_target_sample(scraper->targets[i], sink);
    drops_sample(&scraper->common.drops, sink);
    show(scraper);
    if (has_due(scraper) && !ev_is_active(&scraper->turn))
        take_turn(scraper);
}

/* --- who there is --- */

static int start_fetcher(struct scraper *scraper)
{
    if (scraper->common.fetcher)
        return 0;
    ev_init(&scraper->turn, on_turn);
    scraper->turn.data = scraper;
    return fetcher_new(scraper->options.loop, scraper->options.callback, &scraper->common.fetcher);
}

/* The one that is as the configuration says, taken from the former ones. */
static struct scrape_target *take_former(struct scrape_target **former, size_t count,
                                         const struct scrape_config *config)
{
    for (size_t i = 0; i < count; i++) {
        struct scrape_target *target = former[i];

        if (!target || !scrape_config_equals(scrape_target_config(target), config))
            continue;
        former[i] = NULL;
        scrape_target_replace_config(target, config);
        return target;
    }
    return NULL;
}

static void add(struct scraper *scraper, struct scrape_target *target,
                const struct scrape_config *config)
{
    int result = target ? 0 : start_fetcher(scraper);

    if (!target && result == 0)
        result = scrape_target_new(&scraper->common, config, &target);
    if (result == 0)
        scraper->targets[scraper->count++] = target;
    else
        log_error("scrape of %s, instance %s: it cannot be a target: %s", config->job,
                  config->instance, strerror(-result));
}

void scraper_set_targets(struct scraper *scraper, const struct scrape_config *targets, size_t count)
{
    struct scrape_target *former[SCRAPE_TARGETS_MAX];
    const size_t former_count = scraper->count;

    memcpy(former, scraper->targets, sizeof former);
    scraper->count = 0;
    for (size_t i = 0; i < count; i++)
        add(scraper, take_former(former, former_count, &targets[i]), &targets[i]);
    for (size_t i = 0; i < former_count; i++) {
        if (!former[i])
            continue;
        scrape_target_stop(former[i]);
        scrape_target_push(&scraper->ended, former[i]);
    }
}

struct scrape_board *scraper_board(struct scraper *scraper)
{
    return &scraper->board;
}
