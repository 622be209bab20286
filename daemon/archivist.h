/*
 * The archive's thread: writes segments to their files, syncs the row files every
 * ARCHIVIST_SYNC_MS, removes what is not needed any more. It may wait for a disk as long as that
 * takes.
 */
#ifndef TACHO_DAEMON_ARCHIVIST_H
#define TACHO_DAEMON_ARCHIVIST_H

#include "daemon/recorder.h"

/* What a power cut may cost. */
#define ARCHIVIST_SYNC_MS 10000

struct archivist;

/* Both outlive it. 0 or -errno. */
int archivist_start(struct archive *archive, struct recorder *recorder,
                    struct archivist **out) MUST_CHECK;

/*
 * Writes what is not written, once, and ends the thread. False if that does not return: the thread
 * and what it uses are left behind. NULL is a no-op.
 */
bool archivist_stop(struct archivist *archivist);

/* After it was stopped, and when nobody wakes it any more. NULL is a no-op. */
void archivist_free(struct archivist *archivist);

/* There is something new in the archive. Any thread. */
void archivist_wake(struct archivist *archivist);

/* Rounds in which something could not be written or synced. Any thread. */
uint64_t archivist_failures(const struct archivist *archivist);

#endif
