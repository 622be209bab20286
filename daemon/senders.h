/*
 * Who sends datagrams, as far as the kernel tells whether they still live: processes on unix
 * sockets, and UDP sockets of this machine. Anyone else, and whoever comes when all places of its
 * kind are taken, is not known; of a process the origin is, all the same. The ingest thread's.
 */
#ifndef TACHO_DAEMON_SENDERS_H
#define TACHO_DAEMON_SENDERS_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

#include "collectors/application/sender.h"
#include "collectors/procfs.h"
#include "daemon/clock.h"
#include "daemon/sender_board.h"
#include "daemon/statsd_table.h"

/* A sender of which nothing came for so long is taken for gone. */
#define SENDERS_SILENT_MS 600000
/* What still waits in a socket when its sender goes is its own for so long. */
#define SENDERS_GONE_MS 5000

/* Half of the places are for processes and half for sockets: neither takes the other's. */
#define SENDERS_KIND_MAX (STATSD_SENDERS_MAX / 2)
/* Processes without a place whose origin is known at a time. */
#define SENDERS_SPARE 64

/* A socket that lived is gone when it is missing at so many looks in a row. */
#define SENDERS_MISSES 3

enum sender_state {
    SENDER_NONE,
    SENDER_NEW,    /* was not looked at yet */
    SENDER_LIVING, /* was there when it was looked at */
    SENDER_GONE,
};

struct sender {
    enum sender_state state;
    uint32_t misses; /* looks in a row at which it was missing */
    uint64_t start;  /* of the process */
    int64_t last_ms; /* when something came, or when it was found gone, of CLOCK_MONOTONIC */
    struct statsd_source source;
    struct sender_status status; /* its times are set when it is looked at */
};

struct senders {
    const char *procfs;
    const struct statsd_table *table; /* for hashes */
    struct procfs_file udp, udp6;
    uint64_t keys[STATSD_SENDERS_MAX]; /* of who each is; 0: nobody */
    struct sender list[STATSD_SENDERS_MAX];
    uint32_t count; /* above each that is there */
    uint32_t last;  /* who sent the packet before */
    struct sender spare[SENDERS_SPARE];
    uint32_t next_spare;
    bool doubts;       /* one was missing at the last look: look again soon */
    int64_t look_ms;   /* sockets are not looked at before that */
    int64_t judged_ms; /* when they were looked at last, of CLOCK_MONOTONIC */
};

/* What there is to tell of them all: see statsd_table_sweep(). */
struct senders_judgement {
    struct statsd_sender_set living, unknown;
};

/* procfs and the table outlive it. 0 or -ENOMEM with nothing to finish. */
int senders_init(struct senders *senders, const char *procfs,
                 const struct statsd_table *table) MUST_CHECK;
void senders_finish(struct senders *senders);

/*
 * Who is at this address of a UDP socket, and who has this process id (0: the kernel does not say).
 * Good until the next call of senders_judge(), or SENDERS_SPARE more of these. now_ms: of
 * CLOCK_MONOTONIC.
 */
const struct statsd_source *senders_at(struct senders *senders, const struct sockaddr *address,
                                       int64_t now_ms);
const struct statsd_source *senders_process(struct senders *senders, pid_t pid, int64_t now_ms);

/*
 * Looks whether they live; of whom that cannot be told now stays what it was. A UDP socket that was
 * never seen, since it was closed at once, makes its sender one that is not known: it does not tell
 * whether its program lives.
 */
void senders_judge(struct senders *senders, const struct clock_reading *now,
                   struct senders_judgement *out);

/*
 * What there is to show of those that lived when they were looked at last; gives how many. Good
 * until the next call of senders_judge().
 */
size_t senders_living(const struct senders *senders,
                      const struct sender_status *out[STATSD_SENDERS_MAX]);

#endif
