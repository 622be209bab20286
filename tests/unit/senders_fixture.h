/* Senders over a folder that stands for procfs, for the tests of them. */
#ifndef TACHO_TESTS_UNIT_SENDERS_FIXTURE_H
#define TACHO_TESTS_UNIT_SENDERS_FIXTURE_H

#include <arpa/inet.h>
#include <stdio.h>

#include "daemon/senders.h"
#include "tests/unit/support.h"

#define HEADING  "  sl  local_address rem_address   st tx_queue rx_queue\n"
#define ONE_PORT HEADING "  1: 0100007F:1F90 00000000:0000 07\n"

static struct folder folder;
static struct drops drops;
static struct statsd_table *table;
static struct senders senders;
static struct senders_judgement judgement;
static int64_t ahead_ms = 1000000; /* of wall time */

static inline void make(void)
{
    const char *text;
    size_t length;

    folder_make(&folder);
    folder_write(&folder, "net/udp", HEADING);
    folder_write(&folder, "net/udp6", HEADING);
    ck_assert_int_eq(statsd_table_new(10, &drops, &table), 0);
    ck_assert_int_eq(senders_init(&senders, folder.path, table), 0);
    /* From now on the files are opened anew each time. */
    ck_assert_int_eq(procfs_read(&senders.udp, &text, &length), 0);
    ck_assert_int_eq(procfs_read(&senders.udp6, &text, &length), 0);
}

static inline void finish(void)
{
    senders_finish(&senders);
    statsd_table_free(table);
    folder_remove(&folder);
}

static inline const struct statsd_source *at(const char *address, uint16_t port, int64_t now_ms)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
        return senders_at(&senders, (const struct sockaddr *)&four, now_ms);
    ck_assert_int_eq(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
    return senders_at(&senders, (const struct sockaddr *)&six, now_ms);
}

/* "l", "u" or "-": living, unknown or neither, as of the last look where it is not time for one. */
static inline char judge_if_due(uint32_t sender, int64_t now_ms)
{
    const struct clock_reading now = {.mono_ns = now_ms * NS_PER_MS,
                                      .real_ns = (now_ms + ahead_ms) * NS_PER_MS};
    const uint64_t bit = UINT64_C(1) << sender % 64;

    senders_judge(&senders, &now, &judgement);
    if (judgement.living.words[sender / 64] & bit)
        return 'l';
    return judgement.unknown.words[sender / 64] & bit ? 'u' : '-';
}

/* The same of a look now, however long the one before took on this machine. */
static inline char judge(uint32_t sender, int64_t now_ms)
{
    senders.look_ms = 0;
    return judge_if_due(sender, now_ms);
}

/* The last of so many looks that a socket which is gone takes; it lives at the others. */
static inline char judge_missing(uint32_t sender, int64_t now_ms)
{
    for (int i = 1; i < SENDERS_MISSES; i++) {
        ck_assert_int_eq(judge(sender, now_ms), 'l');
        ck_assert(senders.doubts);
    }
    return judge(sender, now_ms);
}

static inline void write_process(const char *state, int start)
{
    char text[256];

    snprintf(text, sizeof text,
             "77 (node) %s 1 77 77 0 -1 4194304 127 0 0 0 3 4 0 0 20 0 1 0 %d 1 2 3\n", state,
             start);
    folder_write(&folder, "77/stat", text);
}

#endif
