#include "collectors/system/netstat.h"

#include <errno.h>

#include "collectors/optional_file.h"
#include "tests/unit/machine.h"

#define NETSTAT                                                                                    \
    "TcpExt: SyncookiesSent TW ListenDrops\n"                                                      \
    "TcpExt: 1 2 3\n"                                                                              \
    "IpExt: InNoRoutes InOctets\n"                                                                 \
    "IpExt: 4 6286396970\n"
#define SNMP                                                                                       \
    "Ip: Forwarding DefaultTTL\n"                                                                  \
    "Ip: 2 64\n"                                                                                   \
    "Tcp: RtoMin MaxConn CurrEstab InErrs\n"                                                       \
    "Tcp: 200 -1 7 8\n"
#define SNMP6                                                                                      \
    "Ip6InReceives                   \t9\n"                                                        \
    "Ip6InOctets                     \t10\n"                                                       \
    "Udp6InErrors                    \t11\n"

static void prepare(struct machine *machine)
{
    machine_make(machine, &netstat_collector);
    folder_write(&machine->folder, "proc/net/netstat", NETSTAT);
    folder_write(&machine->folder, "proc/net/snmp", SNMP);
}

static void start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static void next(struct machine *machine, const char *path, const char *text)
{
    folder_write(&machine->folder, path, text);
    machine_expect_tick(machine);
}

static bool is_shown(const struct statistics_form *form, const char *group, const char *name)
{
    struct field_key key;

    return form->pick((struct span){group, strlen(group)}, (struct span){name, strlen(name)}, &key);
}

START_TEST(pattern_is_node_exporters)
{
    ck_assert(is_shown(&netstat_form, "Ip", "Forwarding"));
    ck_assert(is_shown(&netstat_form, "IpExt", "OutOctets"));
    ck_assert(is_shown(&netstat_form, "TcpExt", "ListenOverflows"));
    ck_assert(is_shown(&netstat_form, "TcpExt", "Listen"));
    ck_assert(is_shown(&netstat_form, "TcpExt", "SyncookiesRecv"));
    ck_assert(is_shown(&netstat_form, "TcpExt", "TCPOFOQueue"));
    ck_assert(is_shown(&netstat_form, "TcpExt", "TCPRcvQDrop"));
    ck_assert(is_shown(&netstat_form, "Tcp", "InErrs"));
    ck_assert(is_shown(&netstat_form, "Other", "InErrors"));
    ck_assert(!is_shown(&netstat_form, "Ip", "Forwarding2"));
    ck_assert(!is_shown(&netstat_form, "Ip", "Forward"));
    ck_assert(!is_shown(&netstat_form, "Ip", "InOctets"));
    ck_assert(!is_shown(&netstat_form, "Tcp", "ListenDrops"));
    ck_assert(!is_shown(&netstat_form, "TcpExt", "TCPTimeouts2"));
    ck_assert(!is_shown(&netstat_form, "UdpLite", "InDatagrams"));
    ck_assert(!is_shown(&netstat_form, "", "InErrors"));
    ck_assert(!is_shown(&netstat_form, "TcpExt", "Listen-1"));
    ck_assert(is_shown(&netstat_form6, "", "Icmp6InMsgs"));
    ck_assert(is_shown(&netstat_form6, "", "UdpLite6InErrors"));
    ck_assert(!is_shown(&netstat_form6, "", "Icmp6OutType143"));
    ck_assert(!is_shown(&netstat_form6, "", "InErrors"));
    ck_assert(!is_shown(&netstat_form6, "", "Udp6"));
}
END_TEST

START_TEST(values_are_the_statistics)
{
    const struct fake_series *series;
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "proc/net/snmp6", SNMP6);
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_TcpExt_SyncookiesSent"), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_TcpExt_ListenDrops"), 3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_IpExt_InOctets"), 6286396970);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Ip_Forwarding"), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Tcp_CurrEstab"), 7);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Tcp_InErrs"), 8);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Ip6_InOctets"), 10);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Udp6_InErrors"), 11);

    series = fake_sink_find(&machine.sink, "node_netstat_IpExt_InOctets");
    ck_assert_str_eq(series->help, "Statistic IpExtInOctets.");
    ck_assert_str_eq(series->unit, "bytes");
    ck_assert_int_eq(series->kind, METRIC_UNTYPED);
    ck_assert(series->cumulative);
    ck_assert_double_eq(series->wraps_at, 0);
    ck_assert(fake_sink_find(&machine.sink, "node_netstat_Tcp_InErrs")->cumulative);
    ck_assert(!fake_sink_find(&machine.sink, "node_netstat_Tcp_CurrEstab")->cumulative);
    ck_assert(!fake_sink_find(&machine.sink, "node_netstat_Ip_Forwarding")->cumulative);
    machine_remove(&machine);
}
END_TEST

START_TEST(ipv6_comes_and_goes)
{
    struct machine machine;

    prepare(&machine);
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    folder_write(&machine.folder, "proc/net/snmp6", SNMP6);
    for (int tick = 0; tick < OPTIONAL_FILE_RETRY_READS; tick++)
        machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    folder_unlink(&machine.folder, "proc/net/snmp6");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 6);
    machine_remove(&machine);
}
END_TEST

START_TEST(columns_come_and_move)
{
    struct machine machine;

    prepare(&machine);
    start(&machine);
    next(&machine, "proc/net/netstat",
         "IpExt: OutOctets InOctets\nIpExt: 1 2\nTcpExt: ListenDrops TW SyncookiesSent\n"
         "TcpExt: 3 4 5\n");
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_IpExt_OutOctets"), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_IpExt_InOctets"), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_TcpExt_ListenDrops"), 3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_TcpExt_SyncookiesSent"), 5);
    ck_assert_uint_eq(machine.sink.declares, 6 + 1);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_first_process_has_the_network)
{
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "proc/1/net/snmp", "Tcp: InErrs\nTcp: 99\n");
    folder_write(&machine.folder, "proc/1/net/netstat", NETSTAT);
    start(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Tcp_InErrs"), 99);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &netstat_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, "proc/net/netstat", NETSTAT);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);

    prepare(&machine);
    folder_write(&machine.folder, "proc/net/snmp6", SNMP6);
    start(&machine);
    folder_write(&machine.folder, "proc/net/snmp",
                 "Tcp: InErrs OutSegs\nTcp: 1\nIp: Forwarding\nIp: 1\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 1 + 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_Ip_Forwarding"), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_netstat_TcpExt_ListenDrops"), 3);
    folder_write(&machine.folder, "proc/net/snmp", "Tcp: InErrs\nUdp: 1\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 2);
    folder_write(&machine.folder, "proc/net/snmp", SNMP);
    folder_write(&machine.folder, "proc/net/snmp6", "Udp6InErrors what?\nIp6InOctets 1\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 3 + 1);
    folder_unlink(&machine.folder, "proc/net/netstat");
    machine_expect_part(&machine, -ENOENT);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 1);
    folder_write(&machine.folder, "proc/net/snmp", "");
    folder_write(&machine.folder, "proc/net/snmp6", "");
    machine_expect_error(&machine, -ENOENT);
    folder_write(&machine.folder, "proc/net/snmp", SNMP);
    folder_write(&machine.folder, "proc/net/snmp6", SNMP6);
    next(&machine, "proc/net/netstat", NETSTAT);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 8);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&netstat_collector, 41);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netstat", pattern_is_node_exporters, values_are_the_statistics,
                     ipv6_comes_and_goes, columns_come_and_move, the_first_process_has_the_network,
                     errors_cost_what_is_bad_and_pass, fixture_machine);
}
