#include "daemon/admission.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/clock.h"
#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static struct admission *make(size_t max_connections, size_t max_per_address)
{
    const struct admission_options options = {max_connections, max_per_address};
    struct admission *admission;

    ck_assert_int_eq(admission_new(&options, &admission), 0);
    return admission;
}

/* Of a numeric address; "@" is a unix socket. */
static struct sockaddr_storage address_of(const char *text, uint32_t scope)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(1234)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_scope_id = scope};

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        memcpy(&storage, &in, sizeof in);
    else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
        memcpy(&storage, &in6, sizeof in6);
    else
        ck_assert_str_eq(text, "@");
    return storage;
}

static enum admission_verdict enter_scoped(struct admission *admission, const char *text,
                                           uint32_t scope, uint32_t *ticket)
{
    struct sockaddr_storage address = address_of(text, scope);

    return admission_enter(admission, (const struct sockaddr *)&address, ticket);
}

static enum admission_verdict enter(struct admission *admission, const char *text, uint32_t *ticket)
{
    return enter_scoped(admission, text, 0, ticket);
}

START_TEST(no_more_than_the_total)
{
    struct admission *admission = make(3, 100);
    uint32_t tickets[3], ticket;

    ck_assert_int_eq(enter(admission, "127.0.0.1", &tickets[0]), ADMITTED);
    ck_assert_int_eq(enter(admission, "@", &tickets[1]), ADMITTED);
    ck_assert_int_eq(enter(admission, "::1", &tickets[2]), ADMITTED);
    ck_assert_uint_eq(admission_connections(admission), 3);
    ck_assert_int_eq(enter(admission, "10.0.0.1", &ticket), REFUSED_MAX_CONNECTIONS);
    ck_assert_int_eq(enter(admission, "@", &ticket), REFUSED_MAX_CONNECTIONS);
    ck_assert_uint_eq(admission_refused(admission, REFUSED_MAX_CONNECTIONS), 2);
    for (size_t i = 0; i < 3; i++) {
        admission_leave(admission, tickets[i]);
        ck_assert_int_eq(enter(admission, "10.0.0.1", &tickets[i]), ADMITTED);
        ck_assert_int_eq(enter(admission, "10.0.0.1", &ticket), REFUSED_MAX_CONNECTIONS);
    }
    admission_free(admission);
}
END_TEST

START_TEST(no_more_than_so_many_of_one_address)
{
    struct admission *admission = make(100, 2);
    uint32_t tickets[2], ticket, other;

    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(enter(admission, "192.0.2.1", &tickets[i]), ADMITTED);
    ck_assert_int_eq(enter(admission, "192.0.2.1", &ticket), REFUSED_PER_ADDRESS);
    ck_assert_uint_eq(admission_refused(admission, REFUSED_PER_ADDRESS), 1);
    ck_assert_uint_eq(admission_refused(admission, REFUSED_MAX_CONNECTIONS), 0);
    ck_assert_uint_eq(admission_connections(admission), 2);
    ck_assert_int_eq(enter(admission, "192.0.2.2", &other), ADMITTED);
    admission_leave(admission, tickets[1]);
    ck_assert_int_eq(enter(admission, "192.0.2.1", &ticket), ADMITTED);
    ck_assert_int_eq(enter(admission, "192.0.2.1", &ticket), REFUSED_PER_ADDRESS);
    admission_free(admission);
}
END_TEST

START_TEST(unix_sockets_have_no_address)
{
    struct admission *admission = make(50, 1);
    uint32_t ticket;

    for (size_t i = 0; i < 50; i++)
        ck_assert_int_eq(enter(admission, "@", &ticket), ADMITTED);
    ck_assert_int_eq(enter(admission, "@", &ticket), REFUSED_MAX_CONNECTIONS);
    admission_free(admission);
}
END_TEST

/* Whether two addresses are one client. */
static void expect(bool same, const char *one, uint32_t scope, const char *other,
                   uint32_t other_scope)
{
    struct admission *admission = make(10, 1);
    uint32_t ticket;

    ck_assert_int_eq(enter_scoped(admission, one, scope, &ticket), ADMITTED);
    ck_assert_msg(enter_scoped(admission, other, other_scope, &ticket) ==
                      (same ? REFUSED_PER_ADDRESS : ADMITTED),
                  "%s and %s", one, other);
    admission_free(admission);
}

START_TEST(what_one_client_is)
{
    expect(true, "192.0.2.1", 0, "::ffff:192.0.2.1", 0);
    expect(true, "::ffff:192.0.2.1", 0, "192.0.2.1", 0);
    expect(false, "192.0.2.1", 0, "::ffff:192.0.2.2", 0);
    expect(false, "::ffff:192.0.2.1", 0, "::ffff:192.0.2.2", 0);
    expect(false, "0.0.0.0", 0, "::1", 0);
    expect(true, "2001:db8:0:1::1", 0, "2001:db8:0:1:ffff:ffff:ffff:ffff", 0);
    expect(true, "2001:db8:0:1::1", 0, "2001:db8:0:1::2", 7);
    expect(false, "2001:db8:0:1::1", 0, "2001:db8:0:2::1", 0);
    expect(true, "2001:db8::1", 0, "2001:db8:0:0:1::", 0);
}
END_TEST

START_TEST(link_local_addresses_count_whole)
{
    expect(true, "fe80::1", 2, "fe80::1", 2);
    expect(false, "fe80::1", 2, "fe80::2", 2);
    expect(false, "fe80::1", 2, "fe80::1", 3);
    expect(false, "febf::1", 2, "febf::2", 2);
    expect(true, "fec0::1", 0, "fec0::2", 0);
}
END_TEST

/* More clients come and go than there is room for at a time, in another order than they came. */
START_TEST(entries_are_used_again)
{
    enum { ROOM = 37 };
    struct admission *admission = make(ROOM, 1);
    uint32_t tickets[ROOM], ticket;
    unsigned random = 1;
    char text[32];

    for (unsigned i = 0; i < 20000; i++) {
        unsigned place = i < ROOM ? i : (random = random * 1103515245 + 12345) >> 8;

        place %= ROOM;
        snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        if (i >= ROOM) {
            ck_assert_int_eq(enter(admission, text, &ticket), REFUSED_MAX_CONNECTIONS);
            admission_leave(admission, tickets[place]);
        }
        ck_assert_int_eq(enter(admission, text, &tickets[place]), ADMITTED);
    }
    for (size_t i = 0; i < ROOM; i++)
        admission_leave(admission, tickets[i]);
    ck_assert_uint_eq(admission_connections(admission), 0);
    admission_free(admission);
}
END_TEST

static double entered_in_ns(struct admission *admission, unsigned clients)
{
    int64_t began_ns = clock_thread_ns();
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint32_t ticket;

    for (unsigned i = 0; i < clients; i++) {
        address.sin_addr.s_addr = htonl(0x0a000000 + i);
        ck_assert_int_eq(admission_enter(admission, (struct sockaddr *)(void *)&address, &ticket),
                         ADMITTED);
    }
    return (double)(clock_thread_ns() - began_ns) / clients;
}

/* Neighbouring addresses do not meet in one bucket: a list of 16,384 would cost a thousandfold. */
START_TEST(its_cost_does_not_grow_with_the_clients)
{
    struct admission *few = make(64, 1), *many = make(16384, 1);
    double few_ns = entered_in_ns(few, 64), many_ns = entered_in_ns(many, 16384);

    ck_assert_msg(many_ns < 20 * few_ns + 2000, "%.0f ns each of 64, %.0f of 16384", few_ns,
                  many_ns);
    admission_free(few);
    admission_free(many);
}
END_TEST

struct crowd {
    struct admission *admission;
    _Atomic size_t inside, most;
};

static void *come_and_go(void *arg)
{
    struct crowd *crowd = arg;
    char text[32];

    for (unsigned i = 0; i < 5000; i++) {
        uint32_t ticket;

        snprintf(text, sizeof text, "10.0.0.%u", i % 7);
        if (enter(crowd->admission, text, &ticket) == ADMITTED) {
            size_t inside = ++crowd->inside, most = crowd->most;

            while (inside > most && !atomic_compare_exchange_weak(&crowd->most, &most, inside))
                ;
            crowd->inside--;
            admission_leave(crowd->admission, ticket);
        }
    }
    return NULL;
}

START_TEST(loops_share_it)
{
    struct crowd crowd = {.admission = make(3, 2)};
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, &crowd), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_le(crowd.most, 3);
    ck_assert_uint_ge(crowd.most, 1);
    ck_assert_uint_eq(admission_connections(crowd.admission), 0);
    admission_free(crowd.admission);
}
END_TEST

START_TEST(ticks_show_what_it_counts)
{
    struct admission *admission = make(2, 1);
    struct fake_sink sink;
    struct self self;
    uint32_t ticket;

    fake_sink_init(&sink);
    self_init(&self);
    admission_show(admission, &self);
    ck_assert_int_eq(enter(admission, "10.0.0.1", &ticket), ADMITTED);
    ck_assert_int_eq(enter(admission, "10.0.0.1", &ticket), REFUSED_PER_ADDRESS);
    ck_assert_int_eq(enter(admission, "10.0.0.2", &ticket), ADMITTED);
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(enter(admission, "10.0.0.3", &ticket), REFUSED_MAX_CONNECTIONS);
    for (size_t i = 0; i < 3; i++)
        admission_count_shortage(admission);
    self_sample(&self, &sink.sink, 0, 0);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_http_connections"), 2);
#define REFUSED(reason)                                                                            \
    fake_sink_value(&sink, "tacho_http_refused_connections_total{reason=\"" reason "\"}")
    ck_assert_double_eq(REFUSED("per_address"), 1);
    ck_assert_double_eq(REFUSED("max_connections"), 2);
    ck_assert_double_eq(REFUSED("descriptors"), 3);
    fake_sink_finish(&sink);
    admission_free(admission);
}
END_TEST

static struct clock_reading set_clock(void *arg)
{
    return (struct clock_reading){.mono_ns = *(const int64_t *)arg};
}

START_TEST(a_shortage_is_logged_once_a_minute)
{
    struct admission *admission = make(1, 1);
    int64_t now_ns = 5 * NS_PER_SECOND;

    clock_replace(set_clock, &now_ns);
    ck_assert(admission_may_log(admission));
    ck_assert(!admission_may_log(admission));
    now_ns += 59 * NS_PER_SECOND;
    ck_assert(!admission_may_log(admission));
    now_ns += NS_PER_SECOND;
    ck_assert(admission_may_log(admission));
    ck_assert(!admission_may_log(admission));
    clock_replace(NULL, NULL);
    admission_free(admission);
    admission_free(NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("admission", no_more_than_the_total, no_more_than_so_many_of_one_address,
                     unix_sockets_have_no_address, what_one_client_is,
                     link_local_addresses_count_whole, entries_are_used_again,
                     its_cost_does_not_grow_with_the_clients, loops_share_it,
                     ticks_show_what_it_counts, a_shortage_is_logged_once_a_minute);
}
