#include "daemon/senders.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "daemon/address.h"

#define PROCESS_BIT (UINT64_C(1) << 63)
#define IPV6_BIT    (UINT64_C(1) << 62)

/* So many times as long as looking took the next look is put off. */
#define REST 50

static const struct statsd_source nobody = {.sender = STATSD_NO_SENDER};

int senders_init(struct senders *senders, const char *procfs, const struct statsd_table *table)
{
    *senders = (struct senders){.procfs = procfs, .table = table};
    if (procfs_open_net(&senders->udp, procfs, "udp") == -ENOMEM ||
        procfs_open_net(&senders->udp6, procfs, "udp6") == -ENOMEM) {
        senders_finish(senders);
        return -ENOMEM;
    }
    return 0;
}

void senders_finish(struct senders *senders)
{
    procfs_close(&senders->udp);
    procfs_close(&senders->udp6);
}

/* Its place, or above all: it is not there. */
static uint32_t find(const struct senders *senders, uint64_t key)
{
    if (senders->keys[senders->last] == key)
        return senders->last;
    for (uint32_t i = 0; i < senders->count; i++) {
        if (senders->keys[i] == key)
            return i;
    }
    return STATSD_SENDERS_MAX;
}

static void hear(struct senders *senders, uint32_t place, int64_t now_ms)
{
    senders->last = place;
    if (senders->list[place].state != SENDER_GONE)
        senders->list[place].last_ms = now_ms;
}

/* How many are there that are processes, or sockets, as the one of this key. */
static uint32_t count_kind(const struct senders *senders, uint64_t key)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < senders->count; i++)
        count += senders->keys[i] != 0 && ((senders->keys[i] ^ key) & PROCESS_BIT) == 0;
    return count;
}

/* NULL: there is no room. */
static struct sender *add(struct senders *senders, uint64_t key, int64_t now_ms)
{
    uint32_t place = 0;

    while (place < senders->count && senders->keys[place] != 0)
        place++;
    if (place == STATSD_SENDERS_MAX || count_kind(senders, key) >= SENDERS_KIND_MAX)
        return NULL;
    if (place == senders->count)
        senders->count++;
    senders->keys[place] = key;
    senders->last = place;
    senders->list[place] =
        (struct sender){.state = SENDER_NEW, .last_ms = now_ms, .source.sender = place};
    return &senders->list[place];
}

/* One that was just added, or a spare one. */
static void forget(struct senders *senders, struct sender *sender)
{
    if (sender->source.sender != STATSD_NO_SENDER)
        senders->keys[sender->source.sender] = 0;
    *sender = (struct sender){.state = SENDER_NONE};
}

/* --- UDP --- */

/* 0: not this machine's loopback. */
static uint64_t socket_key(const struct sockaddr *address, uint16_t *port)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
    const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;

    if (!address_is_loopback(address))
        return 0;
    if (address->sa_family == AF_INET) {
        *port = ntohs(four->sin_port);
        return (uint64_t)ntohl(four->sin_addr.s_addr) << 16 | *port;
    }
    *port = ntohs(six->sin6_port);
    return IPV6_BIT | *port;
}

const struct statsd_source *senders_at(struct senders *senders, const struct sockaddr *address,
                                       int64_t now_ms)
{
    uint16_t port = 0;
    const uint64_t key = socket_key(address, &port);
    const uint32_t place = key != 0 ? find(senders, key) : STATSD_SENDERS_MAX;
    struct sender *sender;

    if (key == 0 || port == 0)
        return &nobody;
    if (place < STATSD_SENDERS_MAX) {
        hear(senders, place, now_ms);
        return &senders->list[place].source;
    }
    sender = add(senders, key, now_ms);
    if (!sender)
        return &nobody;
    sender->status.port = port;
    return &sender->source;
}

/* --- processes --- */

/* A small file of a process; gives how many bytes, or -errno. */
static ssize_t read_process(const struct senders *senders, pid_t pid, const char *name, char *out,
                            size_t size)
{
    AUTO_CLOSE int fd = -1;
    char path[PATH_MAX];
    ssize_t length;

    snprintf(path, sizeof path, "%s/%d/%s", senders->procfs, (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    length = read(fd, out, size);
    return length < 0 ? -errno : length;
}

/* 0, -ENOENT or -ESRCH: it has gone, or is not shown; or another -errno: that cannot be told. */
static int read_start(const struct senders *senders, pid_t pid, uint64_t *out)
{
    char text[2048];
    const ssize_t length = read_process(senders, pid, "stat", text, sizeof text);

    return length < 0 ? (int)length : sender_parse_stat(text, (size_t)length, out);
}

static void set_origin(struct senders *senders, struct sender *sender, const char *key,
                       const char *value, size_t length)
{
    char *origin = sender->status.origin;

    snprintf(origin, sizeof sender->status.origin, "%.*s", (int)length, value);
    if (origin[0] == '\0')
        return;
    sender->status.key = key;
    sender->source.origin = (struct label){key, origin};
    sender->source.origin_hash = statsd_table_origin(senders->table, &sender->source.origin);
}

static bool means_gone(int error)
{
    return error == -ENOENT || error == -ESRCH;
}

/* Its unit, else its command. 0, or -errno: it could not be read, and may be another time. */
static int read_origin(struct senders *senders, struct sender *sender)
{
    const pid_t pid = sender->status.pid;
    char text[8192];
    ssize_t length = read_process(senders, pid, "cgroup", text, sizeof text);
    struct span unit;

    if (length > 0 && sender_parse_unit(text, (size_t)length, &unit)) {
        set_origin(senders, sender, "unit", unit.at, unit.length);
        return 0;
    }
    if (length < 0 && !means_gone((int)length))
        return (int)length;
    length = read_process(senders, pid, "comm", text, sizeof text);
    if (length < 0 && !means_gone((int)length))
        return (int)length;
    if (length > 1)
        set_origin(senders, sender, "command", text, (size_t)length - (text[length - 1] == '\n'));
    return 0;
}

/* One that has no place is remembered until senders are looked at, for what is read of it. */
static struct sender *find_spare(struct senders *senders, pid_t pid)
{
    for (uint32_t i = 0; i < SENDERS_SPARE; i++) {
        if (senders->spare[i].status.pid == pid)
            return &senders->spare[i];
    }
    return NULL;
}

static struct sender *add_spare(struct senders *senders)
{
    struct sender *sender = &senders->spare[senders->next_spare++ % SENDERS_SPARE];

    *sender = (struct sender){.source.sender = STATSD_NO_SENDER};
    return sender;
}

const struct statsd_source *senders_process(struct senders *senders, pid_t pid, int64_t now_ms)
{
    const uint64_t key = PROCESS_BIT | (uint64_t)pid;
    const uint32_t place = find(senders, key);
    struct sender *sender;
    uint64_t start;

    if (pid <= 0)
        return &nobody;
    if (place < STATSD_SENDERS_MAX) {
        hear(senders, place, now_ms);
        return &senders->list[place].source;
    }
    sender = find_spare(senders, pid);
    if (sender)
        return &sender->source;
    if (read_start(senders, pid, &start) < 0)
        return &nobody;
    sender = add(senders, key, now_ms);
    if (!sender)
        sender = add_spare(senders);
    sender->status.pid = pid;
    sender->start = start;
    if (read_origin(senders, sender) < 0) {
        forget(senders, sender);
        return &nobody;
    }
    return &sender->source;
}

/* --- whether they live --- */

/* What a look tells of one. */
enum sight { SIGHT_LIVES, SIGHT_GONE, SIGHT_NONE };

/* The UDP sockets of this machine. */
struct look {
    struct sender_ports ports;
    bool is_whole; /* all were read */
};

/* False if it could not be read. A kernel without IPv6 has no such file. */
static bool add_ports(struct procfs_file *file, struct sender_ports *ports)
{
    const char *text;
    size_t length;
    const int result = procfs_read(file, &text, &length);

    if (result == 0)
        sender_parse_ports(text, length, ports);
    return result == 0 || result == -ENOENT;
}

static bool has_sockets(const struct senders *senders)
{
    for (uint32_t i = 0; i < senders->count; i++) {
        if (senders->keys[i] != 0 && senders->list[i].status.pid == 0)
            return true;
    }
    return false;
}

/* With very many sockets a look takes long, and then there are few of them. */
static void look_at_sockets(struct senders *senders, int64_t now_ms, struct look *look)
{
    const int64_t begin_ns = clock_mono_ns();

    if (!has_sockets(senders) || now_ms < senders->look_ms)
        return;
    look->is_whole = add_ports(&senders->udp, &look->ports);
    look->is_whole = add_ports(&senders->udp6, &look->ports) && look->is_whole;
    senders->look_ms = now_ms + (clock_mono_ns() - begin_ns) / NS_PER_MS * REST;
}

static enum sight sight_of(const struct senders *senders, const struct sender *sender,
                           const struct look *look)
{
    const struct sender_status *status = &sender->status;
    uint64_t start;
    int result;

    if (status->pid == 0) {
        if (sender_has_port(&look->ports, status->port))
            return SIGHT_LIVES;
        return look->is_whole ? SIGHT_GONE : SIGHT_NONE;
    }
    result = read_start(senders, status->pid, &start);
    if (result == 0)
        return start == sender->start ? SIGHT_LIVES : SIGHT_GONE;
    return means_gone(result) ? SIGHT_GONE : SIGHT_NONE;
}

/*
 * The kernel shows its sockets a page at a time, and where others come and go meanwhile it passes
 * over some that are there: one has to be missing some times in a row.
 */
static enum sight doubt(struct senders *senders, struct sender *sender, enum sight sight)
{
    if (sight == SIGHT_LIVES)
        sender->misses = 0;
    if (sight != SIGHT_GONE || sender->state != SENDER_LIVING || sender->status.pid != 0 ||
        ++sender->misses >= SENDERS_MISSES)
        return sight;
    senders->doubts = true;
    return SIGHT_NONE;
}

/* A port may have become another's meanwhile, which a process does not. */
static enum sender_state next_state(const struct sender *sender, enum sight sight, int64_t now_ms)
{
    const int64_t silent_ms = now_ms - sender->last_ms;

    switch (sender->state) {
    case SENDER_NEW:
        if (sight == SIGHT_NONE && silent_ms < SENDERS_SILENT_MS)
            return SENDER_NEW;
        return sight == SIGHT_LIVES ? SENDER_LIVING : SENDER_NONE;
    case SENDER_LIVING:
        if (silent_ms >= SENDERS_SILENT_MS)
            return SENDER_NONE;
        return sight == SIGHT_GONE ? SENDER_GONE : SENDER_LIVING;
    default:
        if (sight == SIGHT_LIVES && sender->status.pid == 0)
            return SENDER_LIVING;
        return silent_ms >= SENDERS_GONE_MS ? SENDER_NONE : SENDER_GONE;
    }
}

static void put(struct statsd_sender_set *set, uint32_t place)
{
    set->words[place / 64] |= UINT64_C(1) << place % 64;
}

/*
 * Wall time of what came since senders were looked at before. At each look, since the other clock
 * stands still while the machine sleeps.
 */
static void set_times(struct sender *sender, int64_t judged_ms, const struct clock_reading *now)
{
    struct sender_status *status = &sender->status;

    if (sender->state == SENDER_GONE || sender->last_ms < judged_ms)
        return;
    status->last_ms = sender->last_ms + (now->real_ns - now->mono_ns) / NS_PER_MS;
    if (status->since_ms == 0)
        status->since_ms = status->last_ms;
}

void senders_judge(struct senders *senders, const struct clock_reading *now,
                   struct senders_judgement *out)
{
    const int64_t now_ms = now->mono_ns / NS_PER_MS;
    struct look look = {.is_whole = false};

    *out = (struct senders_judgement){0};
    senders->doubts = false;
    memset(senders->spare, 0, sizeof senders->spare);
    look_at_sockets(senders, now_ms, &look);
    for (uint32_t i = 0; i < senders->count; i++) {
        struct sender *sender = &senders->list[i];
        enum sender_state former = sender->state;
        enum sight sight;

        if (former == SENDER_NONE)
            continue;
        set_times(sender, senders->judged_ms, now);
        sight = doubt(senders, sender, sight_of(senders, sender, &look));
        sender->state = next_state(sender, sight, now_ms);
        if (sender->state == SENDER_LIVING || sender->state == SENDER_NEW)
            put(&out->living, i);
        if (sender->state == SENDER_GONE && former != SENDER_GONE)
            sender->last_ms = now_ms;
        if (sender->state == SENDER_NONE && former == SENDER_NEW)
            put(&out->unknown, i);
        if (sender->state == SENDER_NONE)
            senders->keys[i] = 0;
    }
    while (senders->count > 0 && senders->keys[senders->count - 1] == 0)
        senders->count--;
    senders->judged_ms = now_ms;
}

size_t senders_living(const struct senders *senders,
                      const struct sender_status *out[STATSD_SENDERS_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < senders->count; i++) {
        if (senders->list[i].state == SENDER_LIVING)
            out[count++] = &senders->list[i].status;
    }
    return count;
}
