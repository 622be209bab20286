#include "daemon/archivist.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/thread.h"

struct archivist {
    struct archive *archive;
    struct recorder *recorder;
    pthread_t thread;
    sem_t wake;
    _Atomic bool stopping;
    _Atomic uint64_t failures;
    int64_t synced_ns; /* CLOCK_MONOTONIC */
    int told;          /* the error that the log has told of; 0: all is well */
};

static void tell(struct archivist *archivist, const char *path, int result)
{
    if (result < 0)
        atomic_fetch_add(&archivist->failures, 1);
    if (result == archivist->told)
        return;
    if (result < 0)
        log_warning("%s: %s: the history goes on in memory; writing is tried every %d s", path,
                    strerror(-result), ARCHIVIST_SYNC_MS / 1000);
    else
        log_info("%s: the history is written again", path);
    archivist->told = result;
}

static bool is_time_to_sync(const struct archivist *archivist, int64_t now_ns)
{
    return now_ns - archivist->synced_ns >= ARCHIVIST_SYNC_MS * NS_PER_MS ||
           atomic_load(&archivist->stopping);
}

/* Ids are on the disk before segments that use them. */
static void work(struct archivist *archivist)
{
    int64_t now_ns = clock_mono_ns();
    int result = recorder_sync_log(archivist->recorder);

    if (result == 0)
        result = archive_write(archivist->archive);
    recorder_remove(archivist->recorder);
    if (is_time_to_sync(archivist, now_ns)) {
        int synced = recorder_sync_rows(archivist->recorder);

        archivist->synced_ns = now_ns;
        result = result < 0 ? result : synced;
    }
    tell(archivist, archive_path(archivist->archive), result);
}

/* Until it is woken, or it is time to sync. */
static void wait_for_work(struct archivist *archivist)
{
    const int64_t until_ns = archivist->synced_ns + ARCHIVIST_SYNC_MS * NS_PER_MS;
    const struct timespec until = {.tv_sec = until_ns / NS_PER_SECOND,
                                   .tv_nsec = until_ns % NS_PER_SECOND};
    int result;

    do {
        result = sem_clockwait(&archivist->wake, CLOCK_MONOTONIC, &until);
    } while (result < 0 && errno == EINTR);
    while (sem_trywait(&archivist->wake) == 0)
        ;
}

static void *run(void *arg)
{
    struct archivist *archivist = arg;

    while (!atomic_load(&archivist->stopping)) {
        wait_for_work(archivist);
        work(archivist);
    }
    work(archivist); /* what came while it worked */
    return NULL;
}

int archivist_start(struct archive *archive, struct recorder *recorder, struct archivist **out)
{
    struct archivist *archivist = calloc(1, sizeof *archivist);
    int result;

    if (!archivist)
        return -ENOMEM;
    archivist->archive = archive;
    archivist->recorder = recorder;
    archivist->synced_ns = clock_mono_ns();
    sem_init(&archivist->wake, 0, 0);
    result = thread_start(&archivist->thread, "archive", run, archivist);
    if (result < 0) {
        sem_destroy(&archivist->wake);
        free(archivist);
        return result;
    }
    *out = archivist;
    return 0;
}

bool archivist_stop(struct archivist *archivist)
{
    if (!archivist)
        return true;
    atomic_store(&archivist->stopping, true);
    sem_post(&archivist->wake);
    return thread_join(archivist->thread);
}

void archivist_free(struct archivist *archivist)
{
    if (!archivist)
        return;
    sem_destroy(&archivist->wake);
    free(archivist);
}

void archivist_wake(struct archivist *archivist)
{
    if (archivist)
        sem_post(&archivist->wake);
}

uint64_t archivist_failures(const struct archivist *archivist)
{
    return atomic_load(&archivist->failures);
}
