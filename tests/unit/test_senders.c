#include "daemon/senders.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "tests/unit/support.h"

#define HEADING "  sl  local_address rem_address   st tx_queue rx_queue\n"

static struct folder folder;
static struct drops drops;
static struct statsd_table *table;
static struct senders senders;
static struct senders_judgement judgement;
static int64_t ahead_ms = 1000000; /* of wall time */

static void make(void)
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

static void finish(void)
{
    senders_finish(&senders);
    statsd_table_free(table);
    folder_remove(&folder);
}

static const struct statsd_source *at(const char *address, uint16_t port, int64_t now_ms)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
        return senders_at(&senders, (const struct sockaddr *)&four, now_ms);
    ck_assert_int_eq(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
    return senders_at(&senders, (const struct sockaddr *)&six, now_ms);
}

/* "l", "u" or "-": living, unknown or neither. */
static char judge(uint32_t sender, int64_t now_ms)
{
    const struct clock_reading now = {.mono_ns = now_ms * NS_PER_MS,
                                      .real_ns = (now_ms + ahead_ms) * NS_PER_MS};
    const uint64_t bit = UINT64_C(1) << sender % 64;

    senders_judge(&senders, &now, &judgement);
    if (judgement.living.words[sender / 64] & bit)
        return 'l';
    return judgement.unknown.words[sender / 64] & bit ? 'u' : '-';
}

START_TEST(a_socket_lives_while_its_port_is_there)
{
    uint32_t sender;

    make();
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    sender = at("127.0.0.1", 8080, 0)->sender;
    ck_assert_uint_ne(sender, STATSD_NO_SENDER);
    ck_assert_int_eq(judge(sender, 1), 'l');
    ck_assert_uint_eq(at("127.0.0.1", 8080, 2)->sender, sender);
    ck_assert_uint_ne(at("127.0.0.2", 8080, 2)->sender, sender);
    ck_assert_uint_ne(at("::1", 8080, 2)->sender, sender);
    folder_write(&folder, "net/udp", HEADING);
    ck_assert_int_eq(judge(sender, 3), '-');
    /* What still waited is its own, and does not bring it back. */
    ck_assert_uint_eq(at("127.0.0.1", 8080, 4)->sender, sender);
    ck_assert_int_eq(judge(sender, 5), '-');
    ck_assert_int_eq(judge(sender, 5 + SENDERS_GONE_MS), '-');
    ck_assert_uint_eq(senders.count, 0);
    finish();
}
END_TEST

START_TEST(an_ipv6_socket_has_a_table_of_its_own)
{
    uint32_t sender;

    make();
    folder_write(&folder, "net/udp6",
                 HEADING "  1: 00000000000000000000000001000000:1F90 0:0 07\n");
    sender = at("::1", 8080, 0)->sender;
    ck_assert_int_eq(judge(sender, 1), 'l');
    ck_assert_uint_eq(at("::ffff:127.0.0.1", 9, 0)->sender, at("127.0.0.1", 9, 0)->sender);
    finish();
}
END_TEST

START_TEST(one_that_was_never_there_is_not_known)
{
    uint32_t sender;

    make();
    sender = at("127.0.0.1", 8080, 0)->sender;
    ck_assert_int_eq(judge(sender, 1), 'u');
    ck_assert_int_eq(judge(sender, 2), '-');
    ck_assert_uint_eq(at("192.0.2.7", 8080, 0)->sender, STATSD_NO_SENDER);
    ck_assert_uint_eq(at("2001:db8::1", 8080, 0)->sender, STATSD_NO_SENDER);
    ck_assert_uint_eq(senders.count, 0);
    finish();
}
END_TEST

START_TEST(another_may_get_the_port)
{
    uint32_t sender;

    make();
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    sender = at("127.0.0.1", 8080, 0)->sender;
    judge(sender, 1);
    folder_write(&folder, "net/udp", HEADING);
    ck_assert_int_eq(judge(sender, 2), '-');
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    ck_assert_int_eq(judge(sender, 3), 'l');
    finish();
}
END_TEST

START_TEST(the_silent_are_forgotten)
{
    uint32_t sender;

    make();
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    sender = at("127.0.0.1", 8080, 0)->sender;
    ck_assert_int_eq(judge(sender, SENDERS_SILENT_MS - 1), 'l');
    ck_assert_int_eq(judge(sender, SENDERS_SILENT_MS), '-');
    ck_assert_uint_eq(senders.count, 0);
    finish();
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
    make();
    for (uint16_t i = 0; i < STATSD_SENDERS_MAX; i++)
        ck_assert_uint_eq(at("127.0.0.1", (uint16_t)(1000 + i), 0)->sender, i);
    ck_assert_uint_eq(at("127.0.0.1", 999, 0)->sender, STATSD_NO_SENDER);
    ck_assert_uint_eq(at("127.0.0.1", 1007, 0)->sender, 7);
    finish();
}
END_TEST

/* --- processes --- */

static void write_process(const char *state, int start)
{
    char text[256];

    snprintf(text, sizeof text,
             "77 (node) %s 1 77 77 0 -1 4194304 127 0 0 0 3 4 0 0 20 0 1 0 %d 1 2 3\n", state,
             start);
    folder_write(&folder, "77/stat", text);
}

START_TEST(a_process_has_its_unit_or_command)
{
    const struct statsd_source *source;

    make();
    write_process("S", 5);
    folder_write(&folder, "77/comm", "node\n");
    folder_write(&folder, "77/cgroup", "0::/system.slice/shop.service\n");
    source = senders_process(&senders, 77, 0);
    ck_assert_str_eq(source->origin.key, "unit");
    ck_assert_str_eq(source->origin.value, "shop.service");
    ck_assert_uint_ne(source->origin_hash, 0);
    ck_assert_ptr_eq(senders_process(&senders, 77, 1), source);
    finish();
    make();
    write_process("S", 5);
    folder_write(&folder, "77/comm", "node\n");
    folder_write(&folder, "77/cgroup", "0::/user.slice/session-1.scope\n");
    source = senders_process(&senders, 77, 0);
    ck_assert_str_eq(source->origin.key, "command");
    ck_assert_str_eq(source->origin.value, "node");
    finish();
}
END_TEST

START_TEST(a_process_lives_while_it_is_the_same)
{
    uint32_t sender;

    make();
    write_process("S", 5);
    sender = senders_process(&senders, 77, 0)->sender;
    ck_assert_int_eq(judge(sender, 1), 'l');
    write_process("S", 6);
    ck_assert_int_eq(judge(sender, 2), '-');
    finish();
    make();
    write_process("S", 5);
    sender = senders_process(&senders, 77, 0)->sender;
    ck_assert_int_eq(judge(sender, 1), 'l');
    write_process("Z", 5);
    ck_assert_int_eq(judge(sender, 2), '-');
    finish();
}
END_TEST

START_TEST(a_process_that_is_not_shown)
{
    make();
    ck_assert_uint_eq(senders_process(&senders, 77, 0)->sender, STATSD_NO_SENDER);
    ck_assert_ptr_null(senders_process(&senders, 77, 0)->origin.key);
    ck_assert_uint_eq(senders_process(&senders, 0, 0)->sender, STATSD_NO_SENDER);
    ck_assert_uint_eq(senders.count, 0);
    finish();
}
END_TEST

/* --- what is shown --- */

START_TEST(who_lives_is_shown)
{
    const struct sender_status *shown[STATSD_SENDERS_MAX];

    make();
    write_process("S", 5);
    folder_write(&folder, "77/comm", "node\n");
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    senders_process(&senders, 77, 10);
    at("127.0.0.1", 8080, 11);
    at("127.0.0.1", 8081, 11);
    ck_assert_uint_eq(senders_living(&senders, shown), 0);
    judge(0, 12);
    ck_assert_uint_eq(senders_living(&senders, shown), 2);
    ck_assert_int_eq(shown[0]->pid, 77);
    ck_assert_uint_eq(shown[0]->port, 0);
    ck_assert_str_eq(shown[0]->key, "command");
    ck_assert_str_eq(shown[0]->origin, "node");
    ck_assert_int_eq(shown[1]->pid, 0);
    ck_assert_uint_eq(shown[1]->port, 8080);
    ck_assert_ptr_null(shown[1]->key);
    write_process("Z", 5);
    judge(0, 13);
    ck_assert_uint_eq(senders_living(&senders, shown), 1);
    ck_assert_uint_eq(shown[0]->port, 8080);
    finish();
}
END_TEST

/* While the machine sleeps the other clock stands still. */
START_TEST(times_are_those_of_the_wall)
{
    const struct sender_status *shown[STATSD_SENDERS_MAX];

    make();
    ahead_ms = 1000;
    write_process("S", 5);
    senders_process(&senders, 77, 10);
    judge(0, 12);
    ck_assert_uint_eq(senders_living(&senders, shown), 1);
    ck_assert_int_eq(shown[0]->since_ms, 1010);
    ck_assert_int_eq(shown[0]->last_ms, 1010);
    ahead_ms = 50000;
    judge(0, 14);
    ck_assert_int_eq(shown[0]->last_ms, 1010);
    senders_process(&senders, 77, 15);
    judge(0, 18);
    ck_assert_int_eq(shown[0]->since_ms, 1010);
    ck_assert_int_eq(shown[0]->last_ms, 50015);
    finish();
}
END_TEST

/* That its port came back says nothing of when it sent. */
START_TEST(a_port_that_comes_back_was_not_heard)
{
    const struct sender_status *shown[STATSD_SENDERS_MAX];

    make();
    ahead_ms = 1000;
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    at("127.0.0.1", 8080, 10);
    judge(0, 12);
    folder_write(&folder, "net/udp", HEADING);
    judge(0, 14);
    ck_assert_uint_eq(senders_living(&senders, shown), 0);
    folder_write(&folder, "net/udp", HEADING "  1: 0100007F:1F90 00000000:0000 07\n");
    judge(0, 16);
    judge(0, 18);
    ck_assert_uint_eq(senders_living(&senders, shown), 1);
    ck_assert_int_eq(shown[0]->last_ms, 1010);
    at("127.0.0.1", 8080, 19);
    judge(0, 20);
    ck_assert_int_eq(shown[0]->last_ms, 1019);
    finish();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "senders", a_socket_lives_while_its_port_is_there, an_ipv6_socket_has_a_table_of_its_own,
        one_that_was_never_there_is_not_known, another_may_get_the_port, the_silent_are_forgotten,
        more_than_there_is_room_for, a_process_has_its_unit_or_command,
        a_process_lives_while_it_is_the_same, a_process_that_is_not_shown, who_lives_is_shown,
        times_are_those_of_the_wall, a_port_that_comes_back_was_not_heard);
}
