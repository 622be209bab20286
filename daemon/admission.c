#include "daemon/admission.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/clock.h"

#define NONE             UINT32_MAX
#define KEY_WORDS        5 /* an IPv6 address and its scope */
#define MESSAGE_EVERY_NS (60 * NS_PER_SECOND)

static const struct metric connections = {
    .name = "tacho_http_connections",
    .unit = "",
    .help = "Connections of clients to the HTTP loops, of all addresses and sockets.",
    .kind = METRIC_GAUGE,
};
static const struct metric refused_connections = {
    .name = "tacho_http_refused_connections_total",
    .unit = "",
    .help = "Connections that were answered 503 and closed, by what there was too little of: "
            "http.max_connections, http.max_connections_per_address or descriptors.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

/* A client that has connections, or the next of those entries that are free. */
struct entry {
    uint32_t key[KEY_WORDS];
    uint32_t connections;
    uint32_t next;
};

struct admission {
    struct admission_options options;
    pthread_mutex_t lock;
    struct entry *entries; /* max_connections, as each in use has a connection */
    uint32_t free;
    uint32_t *buckets; /* the first entry of each, or NONE; 1 << bucket_bits */
    unsigned bucket_bits;
    uint64_t factors[KEY_WORDS];
    _Atomic size_t connections;
    _Atomic uint64_t refused[ADMISSION_VERDICTS];
    _Atomic int64_t log_ns; /* CLOCK_MONOTONIC before which nothing more is logged */
};

static void make_entries(struct admission *admission)
{
    uint32_t count = (uint32_t)admission->options.max_connections;

    for (uint32_t i = 0; i < count; i++)
        admission->entries[i].next = i + 1 < count ? i + 1 : NONE;
    memset(admission->buckets, 0xff, sizeof(uint32_t) << admission->bucket_bits);
}

int admission_new(const struct admission_options *options, struct admission **out)
{
    struct admission *admission = calloc(1, sizeof *admission);

    assert(options->max_connections > 0 && options->max_connections < NONE &&
           options->max_per_address > 0);
    if (!admission)
        return -ENOMEM;
    admission->options = *options;
    while ((size_t)1 << admission->bucket_bits < options->max_connections)
        admission->bucket_bits++;
    admission->entries = calloc(options->max_connections, sizeof *admission->entries);
    admission->buckets = calloc((size_t)1 << admission->bucket_bits, sizeof *admission->buckets);
    pthread_mutex_init(&admission->lock, NULL);
    if (!admission->entries || !admission->buckets) {
        admission_free(admission);
        return -ENOMEM;
    }
    if (getrandom(admission->factors, sizeof admission->factors, 0) != sizeof admission->factors) {
        admission_free(admission);
        return -EIO;
    }
    make_entries(admission);
    *out = admission;
    return 0;
}

void admission_free(struct admission *admission)
{
    if (!admission)
        return;
    pthread_mutex_destroy(&admission->lock);
    free(admission->buckets);
    free(admission->entries);
    free(admission);
}

/* False for what is no client of the network. */
static bool make_key(const struct sockaddr *address, uint32_t key[KEY_WORDS])
{
    struct sockaddr_in6 in6 = {0};

    memset(key, 0, KEY_WORDS * sizeof *key);
    if (address->sa_family == AF_INET) {
        key[2] = htonl(0xffff); /* as IPv6 writes it; no /64 has these bits */
        key[3] = ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&in6, address, sizeof in6);
    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) || IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
        memcpy(key, &in6.sin6_addr, sizeof in6.sin6_addr);
    else
        memcpy(key, &in6.sin6_addr, sizeof in6.sin6_addr / 2);
    if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
        key[4] = in6.sin6_scope_id;
    return true;
}

/*
 * Vector multiply-shift: with factors that nobody knows two keys meet by chance alone, so that no
 * choice of addresses makes one bucket long.
 */
static uint32_t *bucket_of(struct admission *admission, const uint32_t key[KEY_WORDS])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < KEY_WORDS; i++)
        sum += admission->factors[i] * key[i];
    /* Two shifts, as of one bucket there are 64 bits to be shifted out. */
    return &admission->buckets[sum >> 1 >> (63 - admission->bucket_bits)];
}

/* Of a client that is new takes a free entry, which there is while there is room for it. */
static uint32_t find_or_add(struct admission *admission, const uint32_t key[KEY_WORDS])
{
    uint32_t *bucket = bucket_of(admission, key);
    uint32_t found = *bucket;

    while (found != NONE &&
           memcmp(admission->entries[found].key, key, sizeof(uint32_t[KEY_WORDS])) != 0)
        found = admission->entries[found].next;
    if (found != NONE)
        return found;
    found = admission->free;
    assert(found != NONE);
    admission->free = admission->entries[found].next;
    memcpy(admission->entries[found].key, key, sizeof admission->entries[found].key);
    admission->entries[found].next = *bucket;
    *bucket = found;
    return found;
}

static void remove_entry(struct admission *admission, uint32_t index)
{
    struct entry *entry = &admission->entries[index];
    uint32_t *link = bucket_of(admission, entry->key);

    while (*link != index)
        link = &admission->entries[*link].next;
    *link = entry->next;
    entry->next = admission->free;
    admission->free = index;
}

static enum admission_verdict enter(struct admission *admission, const struct sockaddr *address,
                                    uint32_t *out)
{
    uint32_t key[KEY_WORDS], ticket = NONE;

    if (admission->connections >= admission->options.max_connections)
        return REFUSED_MAX_CONNECTIONS;
    if (make_key(address, key)) {
        ticket = find_or_add(admission, key);
        /* Who is refused has others, so the entry is not a new one. */
        if (admission->entries[ticket].connections >= admission->options.max_per_address)
            return REFUSED_PER_ADDRESS;
        admission->entries[ticket].connections++;
    }
    admission->connections++;
    *out = ticket;
    return ADMITTED;
}

enum admission_verdict admission_enter(struct admission *admission, const struct sockaddr *address,
                                       uint32_t *out)
{
    enum admission_verdict verdict;

    pthread_mutex_lock(&admission->lock);
    verdict = enter(admission, address, out);
    if (verdict != ADMITTED)
        admission->refused[verdict]++;
    pthread_mutex_unlock(&admission->lock);
    return verdict;
}

void admission_leave(struct admission *admission, uint32_t ticket)
{
    pthread_mutex_lock(&admission->lock);
    if (ticket != NONE && --admission->entries[ticket].connections == 0)
        remove_entry(admission, ticket);
    admission->connections--;
    pthread_mutex_unlock(&admission->lock);
}

void admission_count_shortage(struct admission *admission)
{
    admission->refused[REFUSED_DESCRIPTORS]++;
}

bool admission_may_log(struct admission *admission)
{
    int64_t now_ns = clock_mono_ns(), due_ns = admission->log_ns;

    return now_ns >= due_ns &&
           atomic_compare_exchange_strong(&admission->log_ns, &due_ns, now_ns + MESSAGE_EVERY_NS);
}

size_t admission_connections(const struct admission *admission)
{
    return admission->connections;
}

uint64_t admission_refused(const struct admission *admission, enum admission_verdict why)
{
    return admission->refused[why];
}

static uint64_t read_connections(void *arg)
{
    return admission_connections(arg);
}

static uint64_t read_refused(void *arg)
{
    return *(const _Atomic uint64_t *)arg;
}

void admission_show(struct admission *admission, struct self *self)
{
    static const struct label reasons[ADMISSION_VERDICTS] = {
        [REFUSED_MAX_CONNECTIONS] = {"reason", "max_connections"},
        [REFUSED_PER_ADDRESS] = {"reason", "per_address"},
        [REFUSED_DESCRIPTORS] = {"reason", "descriptors"},
    };

    self_add(self, &connections, NULL, read_connections, admission);
    for (size_t i = ADMITTED + 1; i < ADMISSION_VERDICTS; i++)
        self_add(self, &refused_connections, &reasons[i], read_refused, &admission->refused[i]);
}
