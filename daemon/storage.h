/*
 * Where the history is kept beyond the head: the archive, and with a data directory its files, the
 * threads that write them and what a start finds there. Main loop, but where another is named.
 */
#ifndef TACHO_DAEMON_STORAGE_H
#define TACHO_DAEMON_STORAGE_H

#include "daemon/config.h"
#include "daemon/process_past.h"
#include "daemon/recover.h"
#include "daemon/sealer.h"
#include "daemon/self.h"

/* Budgets where the configuration says none; a tenth of them where the disk has little room. */
#define STORAGE_SECONDS_BYTES    UINT64_C(48000000)
#define STORAGE_MINUTES_BYTES    UINT64_C(32000000)
#define STORAGE_PROCESSES_BYTES  UINT64_C(16000000)
#define STORAGE_SMALL_DISK_BYTES UINT64_C(1000000000)

struct storage {
    struct data_folder folder;
    bool has_folder;
    uint64_t share; /* of the default budgets, a whole or a tenth: they are divided by it */
    struct archive *archive;
    struct process_past *processes;
    struct history *history;
    struct recovery recovery;
    bool has_log;              /* the recovery's, which is to be closed */
    struct recorder *recorder; /* NULL without a folder */
    struct archivist *archivist;
    struct sealer *sealer;
    uint32_t first_flags; /* of the first tick: how it follows on what was recovered */
};

/*
 * Opens the archive and the past of the processes and goes on with what the data directory has. A
 * directory that cannot be used is told, and the history is in memory. -EBUSY: another daemon has
 * it, which was told; -errno.
 */
int storage_open(struct storage *storage, const struct config *config, struct history *history,
                 struct series_table *table) MUST_CHECK;

/* Starts what writes. On failure storage_stop() is still to be called. 0 or -errno. */
int storage_start(struct storage *storage, const struct sealer_options *options) MUST_CHECK;

/* Shows what went wrong, as counters. */
void storage_show(struct storage *storage, struct self *self);

/* A tick was committed. */
void storage_tick(struct storage *storage, uint64_t seq);

/* ring.h's store, and its argument; no function where nothing is to be stored. */
void (*storage_store(const struct storage *storage))(void *arg, uint64_t seq);

/*
 * After the ring has stopped. False if a thread is in a call that does not return: it, and what it
 * uses, are left behind.
 */
bool storage_stop(struct storage *storage);
void storage_finish(struct storage *storage);

#endif
