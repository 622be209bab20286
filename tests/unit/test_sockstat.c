#include "collectors/system/sockstat.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/optional_file.h"
#include "tests/unit/machine.h"

#define IPV4                                                                                       \
    "sockets: used 229\n"                                                                          \
    "TCP: inuse 4 orphan 0 tw 5 alloc 17 mem 3\n"                                                  \
    "UDPLITE: inuse 0\n"                                                                           \
    "FRAG: inuse 0 memory 64\n"
#define IPV6 "TCP6: inuse 17\nFRAG6: inuse 1 memory 128\n"

static int parse(const char *text, struct sockstat_table *table)
{
    return sockstat_parse(text, strlen(text), table);
}

static void start(struct machine *machine)
{
    machine_make(machine, &sockstat_collector);
    folder_write(&machine->folder, "proc/net/sockstat", IPV4);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static double value(const struct machine *machine, const char *key)
{
    char name[128];

    snprintf(name, sizeof name, "node_sockstat_%s", key);
    return fake_sink_value(&machine->sink, name);
}

START_TEST(good_text)
{
    struct sockstat_table table;

    ck_assert_int_eq(parse(IPV4, &table), 0);
    ck_assert_uint_eq(table.count, 9);
    ck_assert_str_eq(table.rows[0].key.text, "sockets_used");
    ck_assert_int_eq(table.rows[0].value, 229);
    ck_assert_str_eq(table.rows[5].key.text, "TCP_mem");
    ck_assert(table.rows[5].in_pages);
    ck_assert_str_eq(table.rows[8].key.text, "FRAG_memory");
    ck_assert(!table.rows[8].in_pages);
    /* Other names are a later kernel's. */
    ck_assert_int_eq(parse("TCP: inuse -1 new 7\nsockets: inuse 3\nNEW:\n", &table), 0);
    ck_assert_uint_eq(table.count, 1);
    ck_assert_int_eq(table.rows[0].value, -1);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "TCP\n",
        "TCP inuse 4\n",
        "TCP: inuse\n",
        "TCP: inuse x\n",
        "TCP: inuse 4 orphan\n",
        "TCP: inuse 4 \n",
        "TCP: inuse 9223372036854775808\n",
        "TCP:inuse 4\n",
        ": inuse 4\n",
        "T P: inuse 4\n",
        "APROTOCOLOFSIXTYTWOCHARACTERSWHICHISMORETHANAMETRICSNAMEMAYEND: inuse 4\n",
    };
    struct sockstat_table table;

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
}
END_TEST

START_TEST(a_bad_line_costs_its_values)
{
    struct sockstat_table table;

    ck_assert_int_eq(parse("TCP: inuse 4\n\nUDP: inuse 4 mem x\nRAW: inuse 5\n", &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 2);
    ck_assert_str_eq(table.rows[0].key.text, "TCP_inuse");
    ck_assert_str_eq(table.rows[1].key.text, "RAW_inuse");
    ck_assert_int_eq(table.rows[1].value, 5);
}
END_TEST

START_TEST(too_many_rows)
{
    struct sockstat_table table;
    char text[(SOCKSTAT_ROWS_MAX + 1) * sizeof "P: mem 1\n"] = "";

    for (int row = 0; row < SOCKSTAT_ROWS_MAX; row++)
        strcat(text, "P: mem 1\n");
    ck_assert_int_eq(parse(text, &table), 0);
    ck_assert_uint_eq(table.count, SOCKSTAT_ROWS_MAX);
    strcat(text, "P: mem 1\n");
    ck_assert_int_eq(parse(text, &table), -E2BIG);
    ck_assert_uint_eq(table.count, SOCKSTAT_ROWS_MAX);
}
END_TEST

/* A cut number has fewer digits. */
static void expect_justified(const char *text, size_t length)
{
    struct sockstat_table table;

    ck_assert(sockstat_parse(text, length, &table) != -E2BIG);
    if (table.count > 0) {
        ck_assert_str_eq(table.rows[0].key.text, "sockets_used");
        ck_assert_int_le(table.rows[0].value, 229);
    }
}

START_TEST(every_prefix)
{
    each_prefix(IPV4, expect_justified);
}
END_TEST

START_TEST(values_are_sockets_or_bytes)
{
    const struct fake_series *series;
    struct machine machine;

    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 9 + 1);
    ck_assert_double_eq(value(&machine, "sockets_used"), 229);
    ck_assert_double_eq(value(&machine, "TCP_inuse"), 4);
    ck_assert_double_eq(value(&machine, "TCP_tw"), 5);
    ck_assert_double_eq(value(&machine, "TCP_mem"), 3);
    ck_assert_double_eq(value(&machine, "TCP_mem_bytes"), 3.0 * (double)sysconf(_SC_PAGESIZE));
    ck_assert_double_eq(value(&machine, "FRAG_memory"), 64);

    series = fake_sink_find(&machine.sink, "node_sockstat_TCP_mem_bytes");
    ck_assert_str_eq(series->help, "Number of TCP sockets in state mem_bytes.");
    ck_assert_str_eq(series->unit, "bytes");
    ck_assert_int_eq(series->kind, METRIC_GAUGE);
    ck_assert(!series->cumulative);
    ck_assert_str_eq(fake_sink_find(&machine.sink, "node_sockstat_TCP_mem")->unit, "");
    ck_assert_str_eq(fake_sink_find(&machine.sink, "node_sockstat_sockets_used")->help,
                     "Number of IPv4 sockets in use.");
    machine_remove(&machine);
}
END_TEST

START_TEST(ipv6_comes_and_goes)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, "proc/net/sockstat6", IPV6);
    for (int tick = 0; tick < OPTIONAL_FILE_RETRY_READS; tick++)
        machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 10 + 3);
    ck_assert_double_eq(value(&machine, "TCP6_inuse"), 17);
    ck_assert_double_eq(value(&machine, "FRAG6_memory"), 128);
    folder_unlink(&machine.folder, "proc/net/sockstat6");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 10);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 10);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &sockstat_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/net/sockstat", IPV4);
    folder_write(&machine.folder, "proc/net/sockstat6", IPV6);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    folder_write(&machine.folder, "proc/net/sockstat6", "what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 10);
    ck_assert_double_eq(value(&machine, "TCP_inuse"), 4);
    folder_write(&machine.folder, "proc/net/sockstat6", IPV6);
    folder_write(&machine.folder, "proc/net/sockstat", "TCP: inuse 4 mem\nUDP: inuse 7\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1 + 3);
    ck_assert_double_eq(value(&machine, "UDP_inuse"), 7);
    ck_assert_double_eq(value(&machine, "TCP6_inuse"), 17);
    folder_unlink(&machine.folder, "proc/net/sockstat");
    machine_expect_part(&machine, -ENOENT);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    folder_unlink(&machine.folder, "proc/net/sockstat6");
    machine_expect_error(&machine, -ENOENT);
    folder_write(&machine.folder, "proc/net/sockstat6", IPV6);
    folder_write(&machine.folder, "proc/net/sockstat", IPV4);
    for (int tick = 0; tick < OPTIONAL_FILE_RETRY_READS; tick++)
        machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 13);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 13);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    /* It had pages of 4 KiB. */
    if (sysconf(_SC_PAGESIZE) == 4096)
        machine_compare_fixture(&sockstat_collector, 20);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sockstat", good_text, bad_text, a_bad_line_costs_its_values, too_many_rows,
                     every_prefix, values_are_sockets_or_bytes, ipv6_comes_and_goes,
                     errors_cost_what_is_bad_and_pass, fixture_machine);
}
