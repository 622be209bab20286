#include "collectors/application/sender.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/support.h"

static const char stat[] =
    "19737 (odd ) name) S 1 19737 19737 0 -1 4194304 127 0 0 0 3 4 0 0 20 0 1 0 5401 1 2 3\n";

START_TEST(a_process_and_its_start)
{
    static const char *const bad[] = {"", "19737", "19737 (odd", "19737 (odd)", "19737 (odd) S 1"};
    uint64_t start;

    ck_assert_int_eq(sender_parse_stat(stat, strlen(stat), &start), 0);
    ck_assert_uint_eq(start, 5401);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        start = 7;
        ck_assert_int_eq(sender_parse_stat(bad[i], strlen(bad[i]), &start), -EBADMSG);
        ck_assert_uint_eq(start, 7);
    }
}
END_TEST

START_TEST(one_that_ended_is_gone)
{
    char text[sizeof stat];
    uint64_t start = 7;

    for (const char *state = "ZXx"; *state; state++) {
        memcpy(text, stat, sizeof stat);
        strstr(text, ") S ")[2] = *state;
        ck_assert_int_eq(sender_parse_stat(text, strlen(text), &start), -ESRCH);
        ck_assert_uint_eq(start, 7);
    }
}
END_TEST

static void parse_stat(const char *text, size_t length)
{
    uint64_t start = 7;

    if (sender_parse_stat(text, length, &start) == 0)
        ck_assert_uint_ne(start, 7);
}

START_TEST(every_prefix)
{
    each_prefix(stat, parse_stat);
}
END_TEST

static void expect_unit(const char *text, const char *wanted)
{
    struct span unit = {"", 0};

    ck_assert_msg(sender_parse_unit(text, strlen(text), &unit) == (wanted != NULL), "%s", text);
    ck_assert_msg(!wanted || span_equals(unit, wanted), "%s: %.*s", text, (int)unit.length,
                  unit.at);
}

START_TEST(units)
{
    expect_unit("0::/system.slice/shop.service\n", "shop.service");
    expect_unit("0::/system.slice/shop.service/worker\n", "shop.service");
    expect_unit("0::/system.slice/system-shop.slice/shop@eu.service", "shop@eu.service");
    expect_unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service\n",
                "shop.service");
    expect_unit("12:cpu,cpuacct:/x.service\n1:name=systemd:/system.slice/shop.service\n",
                "shop.service");
    /* Scopes are named anew each time. */
    expect_unit("0::/user.slice/user-1000.slice/session-3.scope\n", NULL);
    expect_unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-1234.scope\n",
                NULL);
    expect_unit("0::/system.slice/docker-1f.scope\n", NULL);
    expect_unit("12:cpu:/x.service\n", NULL);
    expect_unit("0::/\n", NULL);
    expect_unit("0::/.service\n", NULL);
    expect_unit("nonsense\n\n:\n", NULL);
    expect_unit("", NULL);
}
END_TEST

START_TEST(ports_in_use)
{
    static const char text[] =
        "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
        "  315: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0\n"
        " 1315: 00000000:FFFF 00000000:0000 07 00000000:00000000 00:00000000 00000000     0\n"
        "   12: 00000000000000000000000001000000:0035 000:0 07\n"
        "   13: 00000000:xyzw\n"
        "   14: 0001\n"
        "15 0100007F:0001 00000000:0000\n"
        "\n"
        "  316: 0100007F:1FBE";
    struct sender_ports ports = {{0}};
    size_t count = 0;

    sender_parse_ports(text, strlen(text), &ports);
    ck_assert(sender_has_port(&ports, 0x1fbd) && sender_has_port(&ports, 0xffff));
    ck_assert(sender_has_port(&ports, 0x35) && sender_has_port(&ports, 0x1fbe));
    for (uint32_t port = 0; port < 65536; port++)
        count += sender_has_port(&ports, (uint16_t)port);
    ck_assert_uint_eq(count, 4);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sender", a_process_and_its_start, one_that_ended_is_gone, every_prefix, units,
                     ports_in_use);
}
