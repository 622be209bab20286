#include "tests/unit/senders_fixture.h"

START_TEST(one_that_is_overlooked_lives)
{
    make();
    for (int i = 0; i < 2 * SENDERS_MISSES; i++) {
        uint32_t sender;

        folder_write(&folder, "net/udp", ONE_PORT);
        sender = at("127.0.0.1", 8080, i)->sender;
        ck_assert_int_eq(judge(sender, i), 'l');
        ck_assert(!senders.doubts);
        folder_write(&folder, "net/udp", HEADING);
        ck_assert_int_eq(judge(sender, i), 'l');
        ck_assert(senders.doubts);
    }
    finish();
}
END_TEST

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
    ck_assert_int_eq(judge_missing(sender, 3), '-');
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
    ck_assert_int_eq(judge_missing(sender, 2), '-');
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

/* --- processes --- */

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
    judge_missing(0, 14);
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
        "senders", one_that_is_overlooked_lives, a_socket_lives_while_its_port_is_there,
        an_ipv6_socket_has_a_table_of_its_own, one_that_was_never_there_is_not_known,
        another_may_get_the_port, the_silent_are_forgotten, a_process_has_its_unit_or_command,
        a_process_lives_while_it_is_the_same, a_process_that_is_not_shown, who_lives_is_shown,
        times_are_those_of_the_wall, a_port_that_comes_back_was_not_heard);
}
