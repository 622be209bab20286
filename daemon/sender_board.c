#include "daemon/sender_board.h"

#include <stdlib.h>
#include <string.h>

void sender_board_init(struct sender_board *board)
{
    board->count = 0;
    pthread_mutex_init(&board->lock, NULL);
}

void sender_board_finish(struct sender_board *board)
{
    pthread_mutex_destroy(&board->lock);
}

bool sender_board_write(struct sender_board *board, const struct sender_status *const *senders,
                        size_t count)
{
    if (pthread_mutex_trylock(&board->lock) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        board->senders[i] = *senders[i];
    board->count = count;
    pthread_mutex_unlock(&board->lock);
    return true;
}

struct sender_status *sender_board_read(struct sender_board *board, size_t *count)
{
    struct sender_status *copy = calloc(STATSD_SENDERS_MAX, sizeof *copy);

    *count = 0;
    if (!copy)
        return NULL;
    pthread_mutex_lock(&board->lock);
    *count = board->count;
    memcpy(copy, board->senders, board->count * sizeof *copy);
    pthread_mutex_unlock(&board->lock);
    return copy;
}
