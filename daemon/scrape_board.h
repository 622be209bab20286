/*
 * How the scrape targets are, for whoever shows it. The main loop writes and never waits: what it
 * cannot write because somebody reads is written at the next tick.
 */
#ifndef TACHO_DAEMON_SCRAPE_BOARD_H
#define TACHO_DAEMON_SCRAPE_BOARD_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/fetch.h"
#include "daemon/scrape_config.h"

enum scrape_state {
    SCRAPE_WAITING, /* not asked yet */
    SCRAPE_UP,
    SCRAPE_DOWN,
};

struct scrape_status {
    char job[SCRAPE_NAME_MAX + 1];
    char instance[SCRAPE_INSTANCE_MAX + 1];
    enum scrape_state state;
    char error[FETCH_ERROR_BYTES]; /* ""; of one that is up: what of its answer was not taken */
    int64_t since_ms;              /* Unix milliseconds, of the state */
    uint64_t samples;              /* of the last scrape, whole or not, and how long it took */
    int64_t duration_ms;
};

struct scrape_board {
    pthread_mutex_t lock;
    size_t count;
    struct scrape_status targets[SCRAPE_TARGETS_MAX];
};

void scrape_board_init(struct scrape_board *board);
void scrape_board_finish(struct scrape_board *board);

/* Main loop only; count is at most SCRAPE_TARGETS_MAX. False if somebody reads just now. */
bool scrape_board_write(struct scrape_board *board, const struct scrape_status *const *targets,
                        size_t count);

/* A copy, to be freed, of so many, which may be none; NULL and none without memory. Any thread. */
struct scrape_status *scrape_board_read(struct scrape_board *board, size_t *count);

/* "waiting", "up" or "down". */
const char *scrape_state_name(enum scrape_state state);

#endif
