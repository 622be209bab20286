#include "daemon/ring.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "daemon/thread.h"

struct ring {
    struct ring_options options;
    pthread_t thread;
    sem_t wake;
    _Atomic uint64_t submitted;
    _Atomic bool stopping;
    pthread_mutex_t telling; /* held while others are told; guards abandoned */
    bool abandoned;
    _Atomic uint64_t unwritten_ticks;
    uint64_t stored; /* ring thread only */
};

static bool publish(struct ring *ring, uint64_t seq)
{
    bool first = history_publish(ring->options.history, seq);

    if (!first)
        return false;
    pthread_mutex_lock(&ring->telling);
    if (!ring->abandoned)
        ring->options.on_published(ring->options.published_arg);
    pthread_mutex_unlock(&ring->telling);
    return true;
}

static void store_submitted(struct ring *ring)
{
    while (ring->stored < atomic_load(&ring->submitted)) {
        uint64_t seq = ++ring->stored;

        if (ring->options.store)
            ring->options.store(ring->options.store_arg, seq);
        publish(ring, seq);
    }
}

static void *run(void *arg)
{
    struct ring *ring = arg;

    while (!atomic_load(&ring->stopping)) {
        while (sem_wait(&ring->wake) < 0 && errno == EINTR)
            ;
        store_submitted(ring);
    }
    store_submitted(ring); /* what was handed over after the last look and before the stop */
    return NULL;
}

int ring_start(const struct ring_options *options, struct ring **out)
{
    struct ring *ring = calloc(1, sizeof *ring);
    int result;

    if (!ring)
        return -ENOMEM;
    ring->options = *options;
    ring->stored = history_last(options->history);
    atomic_init(&ring->submitted, ring->stored);
    sem_init(&ring->wake, 0, 0);
    pthread_mutex_init(&ring->telling, NULL);
    result = thread_start(&ring->thread, "ring", run, ring);
    if (result < 0) {
        sem_destroy(&ring->wake);
        pthread_mutex_destroy(&ring->telling);
        free(ring);
        return result;
    }
    *out = ring;
    return 0;
}

bool ring_stop(struct ring *ring)
{
    if (!ring)
        return true;
    atomic_store(&ring->stopping, true);
    sem_post(&ring->wake);
    if (!thread_join(ring->thread)) {
        pthread_mutex_lock(&ring->telling);
        ring->abandoned = true;
        pthread_mutex_unlock(&ring->telling);
        return false;
    }
    sem_destroy(&ring->wake);
    pthread_mutex_destroy(&ring->telling);
    free(ring);
    return true;
}

void ring_submit(struct ring *ring, uint64_t seq)
{
    atomic_store(&ring->submitted, seq);
    sem_post(&ring->wake);
}

void ring_publish_unwritten(struct ring *ring, uint64_t seq)
{
    if (publish(ring, seq))
        atomic_fetch_add(&ring->unwritten_ticks, 1);
}

uint64_t ring_unwritten_ticks(const struct ring *ring)
{
    return atomic_load(&ring->unwritten_ticks);
}
