#include "collectors/system/uname.h"

#include <stdio.h>

#include "tests/unit/machine.h"

static const struct utsname made_up = {
    .domainname = "(none)",
    .machine = "x86_64",
    .nodename = "one",
    .release = "6.1.0-27-amd64",
    .sysname = "Linux",
    .version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.115-1 (2024-11-01)",
};

static const struct fake_series *find(const struct fake_sink *fake, const struct utsname *names)
{
    char name[512];

    snprintf(name, sizeof name,
             "node_uname_info{domainname=\"%s\",machine=\"%s\",nodename=\"%s\",release=\"%s\","
             "sysname=\"%s\",version=\"%s\"}",
             names->domainname, names->machine, names->nodename, names->release, names->sysname,
             names->version);
    return fake_sink_find(fake, name);
}

START_TEST(this_machine)
{
    struct machine machine;
    struct utsname names;
    const struct fake_series *series;

    machine_make(&machine, &uname_collector);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    machine_expect_tick(&machine);
    ck_assert_int_eq(uname(&names), 0);
    series = find(&machine.sink, &names);
    ck_assert_ptr_nonnull(series);
    ck_assert_double_eq(fake_sink_value(&machine.sink, series->name), 1);
    ck_assert_int_eq(series->kind, METRIC_GAUGE);
    ck_assert_str_eq(series->help,
                     "Labeled system information as provided by the uname system call.");
    ck_assert_uint_eq(machine.sink.declares, 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_name_is_another_series)
{
    static const char *const fields[] = {"domainname", "machine", "nodename",
                                         "release",    "sysname", "version"};

    for (size_t field = 0; field < sizeof fields / sizeof fields[0]; field++) {
        struct uname_series series = {0};
        struct utsname names = made_up;
        char *const places[] = {names.domainname, names.machine, names.nodename,
                                names.release,    names.sysname, names.version};
        struct fake_sink sink;

        fake_sink_init(&sink);
        uname_write(&series, &names, &sink.sink);
        ck_assert_uint_eq(fake_sink_values(&sink), 1);
        fake_sink_begin(&sink);
        places[field][0] = 'X';
        uname_write(&series, &names, &sink.sink);
        ck_assert_msg(sink.releases == 1, "%s", fields[field]);
        ck_assert_ptr_null(find(&sink, &made_up));
        ck_assert_ptr_nonnull(find(&sink, &names));
        ck_assert_uint_eq(fake_sink_values(&sink), 1);
        fake_sink_finish(&sink);
    }
}
END_TEST

START_TEST(what_is_behind_a_name_is_not_of_it)
{
    struct uname_series series = {0};
    struct utsname names = made_up;
    struct fake_sink sink;

    fake_sink_init(&sink);
    uname_write(&series, &names, &sink.sink);
    names.nodename[10] = 'X';
    uname_write(&series, &names, &sink.sink);
    ck_assert_uint_eq(sink.releases, 0);
    ck_assert_uint_eq(sink.declares, 1);
    fake_sink_finish(&sink);
}
END_TEST

int main(void)
{
    return RUN_TESTS("uname", this_machine, another_name_is_another_series,
                     what_is_behind_a_name_is_not_of_it);
}
