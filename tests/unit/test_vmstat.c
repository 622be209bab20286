#include "collectors/system/vmstat.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define GOOD                                                                                       \
    "nr_free_pages 12\n"                                                                           \
    "pgpgin 7344136\n"                                                                             \
    "pgpgout 18446744073709551615\n"                                                               \
    "pswpin 1476\n"                                                                                \
    "pgalloc_dma 1\n"                                                                              \
    "pgfault 2320168809\n"                                                                         \
    "pgmajfault 507162\n"                                                                          \
    "thp_fault_alloc 3\n"                                                                          \
    "oom_kill 0\n"

static void next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/vmstat", text);
    machine_expect_tick(machine);
}

static void start(struct machine *machine, const char *text)
{
    machine_make(machine, &vmstat_collector);
    folder_write(&machine->folder, "proc/vmstat", text);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

START_TEST(pattern_is_node_exporters)
{
    static const char *const shown[] = {"oom_kill", "oom_kill_x", "pgpgin",    "pgpg",    "pswpout",
                                        "pgfault",  "pgmajfault", "pgxfaulty", "pg_fault"};
    static const char *const left_out[] = {
        "oom_kil",         "xoom_kill", "pgalloc", "pgscan_kswapd", "pfault", "fault",
        "thp_fault_alloc", "psw",       "pg",      "pgfaul"};
    struct field_key key;

    for (size_t index = 0; index < sizeof shown / sizeof shown[0]; index++) {
        struct span name = {shown[index], strlen(shown[index])};

        ck_assert_msg(vmstat_form.pick((struct span){name.at, 0}, name, &key), "%s", name.at);
        ck_assert_str_eq(key.text, name.at);
    }
    for (size_t index = 0; index < sizeof left_out / sizeof left_out[0]; index++) {
        struct span name = {left_out[index], strlen(left_out[index])};

        ck_assert_msg(!vmstat_form.pick((struct span){name.at, 0}, name, &key), "%s", name.at);
    }
}
END_TEST

START_TEST(values_are_the_fields)
{
    const struct fake_series *series;
    struct machine machine;

    start(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_pgpgin"), 7344136);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_pgpgout"), 0x1p64);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_pswpin"), 1476);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_pgfault"), 2320168809);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_pgmajfault"), 507162);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_oom_kill"), 0);
    series = fake_sink_find(&machine.sink, "node_vmstat_pgfault");
    ck_assert_str_eq(series->help, "/proc/vmstat information field pgfault.");
    ck_assert_int_eq(series->kind, METRIC_UNTYPED);
    ck_assert(series->cumulative);
    machine_remove(&machine);
}
END_TEST

START_TEST(fields_come_and_go)
{
    struct machine machine;

    start(&machine, GOOD);
    next(&machine, "pgfault 1\noom_kill 2\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_pgfault"), 1);
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_uint_eq(machine.sink.declares, 6 + 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &vmstat_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);

    start(&machine, GOOD);
    folder_write(&machine.folder, "proc/vmstat", "pgfault 1\npgmajfault\noom_kill 2\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_vmstat_oom_kill"), 2);
    next(&machine, GOOD);
    folder_write(&machine.folder, "proc/vmstat", "");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/vmstat");
    machine_expect_error(&machine, -ENOENT);
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_uint_eq(machine.sink.declares, 6 + 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&vmstat_collector, 7);
}
END_TEST

int main(void)
{
    return RUN_TESTS("vmstat", pattern_is_node_exporters, values_are_the_fields, fields_come_and_go,
                     errors_cost_what_is_bad_and_pass, fixture_machine);
}
