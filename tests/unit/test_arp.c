#include "collectors/system/arp.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/choice.h"
#include "tests/unit/machine.h"

#define HEADING "IP address       HW type     Flags       HW address            Mask     Device\n"
#define LINE(ip, device)                                                                           \
    ip "      0x1         0x2         cc:aa:dd:ee:aa:bb     *        " device "\n"

static int parse(const char *text, struct span *device)
{
    return arp_parse_line(scanner_over(text, strlen(text)), device);
}

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

static double of(const struct machine *machine, const char *device)
{
    char name[128];

    snprintf(name, sizeof name, "node_arp_entries{device=\"%s\"}", device);
    return fake_sink_value(&machine->sink, name);
}

START_TEST(lines)
{
    static const char *const bad[] = {
        "",
        "what?",
        "192.168.1.1 0x1 0x2 *",
        "192.168.1.1 0x1 0x2 cc:aa:dd:ee:aa:bb * eth0 eth1",
        "192.168.1.1 0x1 0x2 cc:aa:dd:ee:aa:bb * eth\1",
        /* More than 63 characters. */
        "10.0.0.1 0x1 0x2 * * anameofmorethansixtythreecharacterswhichnodeviceofthekernelcanhave",
    };
    struct span device = {0};

    ck_assert_int_eq(parse("192.168.1.1 0x1 0x2 cc:aa:dd:ee:aa:bb  * eth0 ", &device), 0);
    ck_assert(span_equals(device, "eth0"));
    ck_assert_int_eq(parse("10.0.0.1  0x1  0x2     *        tun0", &device), 0);
    ck_assert(span_equals(device, "tun0"));
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        ck_assert_msg(parse(bad[index], &device) == -EBADMSG, "%s", bad[index]);
        ck_assert(span_equals(device, "tun0"));
    }
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct span device;

    if (arp_parse_line(scanner_over(text, length), &device) == 0)
        ck_assert(device.at >= text && device.at + device.length <= text + length);
}

START_TEST(every_prefix)
{
    each_prefix(LINE("192.168.1.1", "eth0"), expect_justified);
}
END_TEST

START_TEST(devices_come_and_go)
{
    struct machine machine;

    machine_make(&machine, &arp_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/net/arp",
                 HEADING LINE("10.0.0.1", "eth0") LINE("10.0.1.1", "eth1")
                     LINE("10.0.0.2", "eth0"));
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(of(&machine, "eth0"), 2);
    ck_assert_double_eq(of(&machine, "eth1"), 1);

    folder_write(&machine.folder, "proc/net/arp", HEADING LINE("10.0.0.1", "eth1"));
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 1);
    folder_write(&machine.folder, "proc/net/arp", HEADING); /* nobody is near */
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(bad_text)
{
    struct machine machine;

    machine_make(&machine, &arp_collector);
    folder_write(&machine.folder, "proc/net/arp", HEADING "what?\n" LINE("10.0.0.1", "eth0"));
    ck_assert_int_eq(machine_open(&machine), 0);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_double_eq(of(&machine, "eth0"), 1); /* the other line */
    folder_write(&machine.folder, "proc/net/arp", "");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_error(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

static enum choice_answer leave_nope(const struct chooser *chooser, enum choice choice,
                                     const char *name)
{
    ck_assert_ptr_nonnull(chooser);
    ck_assert_int_eq(choice, CHOICE_ARP_DEVICE);
    return strcmp(name, "nope") == 0 ? CHOICE_LEFT : CHOICE_UNSAID;
}

/* As node_exporter's own run was told. */
static int open_without_nope(const struct collector_roots *given, void **state)
{
    static const struct chooser chooser = {leave_nope};
    struct collector_roots roots = *given;

    roots.chooser = &chooser;
    return arp_collector.open(&roots, state);
}

START_TEST(fixture)
{
    struct collector collector = arp_collector;

    collector.open = open_without_nope;
    machine_compare_fixture(&collector, 2);
}
END_TEST

int main(void)
{
    return RUN_TESTS("arp", lines, every_prefix, devices_come_and_go, bad_text, fixture);
}
