#include "daemon/scrape_board.h"

#include <string.h>

void scrape_board_init(struct scrape_board *board)
{
    board->count = 0;
    pthread_mutex_init(&board->lock, NULL);
}

void scrape_board_finish(struct scrape_board *board)
{
    pthread_mutex_destroy(&board->lock);
}

bool scrape_board_write(struct scrape_board *board, const struct scrape_status *const *targets,
                        size_t count)
{
    if (pthread_mutex_trylock(&board->lock) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        board->targets[i] = *targets[i];
    board->count = count;
    pthread_mutex_unlock(&board->lock);
    return true;
}

struct scrape_status *scrape_board_read(struct scrape_board *board, size_t *count)
{
    struct scrape_status *copy = calloc(SCRAPE_TARGETS_MAX, sizeof *copy);

    *count = 0;
    if (!copy)
        return NULL;
    pthread_mutex_lock(&board->lock);
    *count = board->count;
    memcpy(copy, board->targets, board->count * sizeof *copy);
    pthread_mutex_unlock(&board->lock);
    return copy;
}

const char *scrape_state_name(enum scrape_state state)
{
    static const char *const names[] = {"waiting", "up", "down"};

    return names[state];
}
