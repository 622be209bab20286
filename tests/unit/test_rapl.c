#include "collectors/system/rapl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/system/rapl_zone.h"
#include "tests/unit/denied_open.h"
#include "tests/unit/survey_machine.h"

static void put(const struct machine *machine, const char *zone, const char *file, const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "sys/class/powercap/%s/%s", zone, file);
    folder_write(&machine->folder, path, text);
}

static void put_zone(const struct machine *machine, const char *zone, const char *name,
                     const char *energy)
{
    put(machine, zone, "name", name);
    put(machine, zone, "energy_uj", energy);
    put(machine, zone, "max_energy_range_uj", "262143328850\n");
}

static const struct fake_series *find(const struct machine *machine, const char *metric,
                                      const char *index, const char *zone)
{
    char name[512];

    snprintf(name, sizeof name,
             "node_rapl_%s_joules_total{index=\"%s\",path=\"%s/sys/class/powercap/%s\"}", metric,
             index, machine->folder.path, zone);
    return fake_sink_find(&machine->sink, name);
}

static double joules(const struct machine *machine, const char *metric, const char *index,
                     const char *zone)
{
    const struct fake_series *series = find(machine, metric, index, zone);

    ck_assert_msg(series != NULL, "no %s %s of %s", metric, index, zone);
    return fake_sink_value(&machine->sink, series->name);
}

static bool parse(const char *text, struct rapl_zone *zone)
{
    return rapl_parse_name((struct span){text, strlen(text)}, zone);
}

START_TEST(names_of_zones)
{
    static const struct {
        const char *text, *name;
        unsigned index;
        bool has_index;
    } wanted[] = {
        {"package-0", "package", 0, true}, {"package-12", "package", 12, true},
        {"core", "core", 0, false},        {"package-0-die-1", "package-0-die-1", 0, false},
        {"psys-", "psys-", 0, false},      {"-1", "-1", 0, false},
        {"dram-x", "dram-x", 0, false},    {"x-4294967296", "x-4294967296", 0, false},
    };

    for (size_t index = 0; index < sizeof wanted / sizeof wanted[0]; index++) {
        struct rapl_zone zone;

        ck_assert(parse(wanted[index].text, &zone));
        ck_assert_str_eq(zone.name, wanted[index].name);
        ck_assert_uint_eq(zone.index, wanted[index].index);
        ck_assert(zone.has_index == wanted[index].has_index);
    }
}
END_TEST

START_TEST(names_that_are_none)
{
    struct rapl_zone zone = {.index = 77};
    char longest[RAPL_NAME_MAX + 2];

    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert(!parse("", &zone));
    ck_assert(!parse(longest, &zone));
    ck_assert_uint_eq(zone.index, 77);
    longest[RAPL_NAME_MAX] = '\0';
    ck_assert(parse(longest, &zone));
    ck_assert_str_eq(zone.name, longest);
}
END_TEST

START_TEST(zones)
{
    struct machine machine;

    machine_make(&machine, &rapl_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    put(&machine, "intel-rapl", "enabled", "1\n");
    put_zone(&machine, "intel-rapl:0", "package-0\n", "240422366267\n");
    put_zone(&machine, "intel-rapl:0:0", "core\n", "1500000\n");
    put_zone(&machine, "intel-rapl:0:1", "dram\n", "1\n");
    put_zone(&machine, "intel-rapl:1", "package-1\n", "2000000\n");
    put_zone(&machine, "intel-rapl:1:0", "core\n", "3000000\n");
    put_zone(&machine, "intel-rapl:2", "package-0-die-1\n", "4000000\n");
    put(&machine, "dtpm", "name", "dtpm\n"); /* which counts no energy */
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_double_eq(joules(&machine, "package", "0", "intel-rapl:0"), 240422.366267);
    ck_assert_double_eq(joules(&machine, "core", "0", "intel-rapl:0:0"), 1.5);
    ck_assert_double_eq(joules(&machine, "dram", "0", "intel-rapl:0:1"), 1e-6);
    ck_assert_double_eq(joules(&machine, "package", "1", "intel-rapl:1"), 2);
    ck_assert_double_eq(joules(&machine, "core", "1", "intel-rapl:1:0"), 3);
    ck_assert_double_eq(joules(&machine, "package_0_die_1", "0", "intel-rapl:2"), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(counters_go_round_where_the_zone_says)
{
    struct machine machine;
    const struct fake_series *series;

    machine_make(&machine, &rapl_collector);
    put_zone(&machine, "intel-rapl:0", "package-0\n", "1\n");
    put(&machine, "intel-rapl:1", "name", "package-1\n");
    put(&machine, "intel-rapl:1", "energy_uj", "1\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    series = find(&machine, "package", "0", "intel-rapl:0");
    ck_assert_ptr_nonnull(series);
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert(series->cumulative);
    ck_assert_double_eq(series->wraps_at, 262143.328850);
    /* A hundred seconds of a big machine, and not the whole range between two readings. */
    ck_assert_double_ge(series->rate_max, 1000);
    ck_assert_double_lt(series->rate_max * 2, series->wraps_at / 2);
    series = find(&machine, "package", "1", "intel-rapl:1");
    ck_assert_ptr_nonnull(series);
    ck_assert_double_eq(series->wraps_at, 0);
    machine_remove(&machine);
}
END_TEST

/* As to everybody but root. */
START_TEST(what_may_not_be_read_is_told)
{
    struct machine machine;

    machine_make(&machine, &rapl_collector);
    put_zone(&machine, "intel-rapl:0", "package-0\n", "1000000\n");
    put_zone(&machine, "intel-rapl:0:0", "core\n", "2000000\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    open_deny("rapl:0/energy_uj", EACCES);
    survey_expect_round(&machine, -EACCES);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(joules(&machine, "core", "0", "intel-rapl:0:0"), 2);
    open_deny(NULL, 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(texts_that_are_not_understood)
{
    static const char *const texts[] = {"", "1000000 uJ\n", "99999999999999999999\n"};
    struct machine machine;

    machine_make(&machine, &rapl_collector);
    put_zone(&machine, "intel-rapl:0", "package-0\n", "1000000\n");
    put_zone(&machine, "intel-rapl:0:0", "core\n", "2000000\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        put(&machine, "intel-rapl:0", "energy_uj", texts[index]);
        survey_expect_round(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    }
    machine_remove(&machine);
}
END_TEST

/* The same zones at the path that node_exporter had. */
START_TEST(fixture_machine)
{
    const char *root = fixtures_folder();
    static const char former[] = "collector/fixtures/sys";
    char path[PATH_MAX], sysfs[PATH_MAX];
    struct collector_roots roots = {.procfs = "/proc", .sysfs = sysfs, .rootfs = "/"};
    struct machine machine;
    char *exposition, *expected;
    size_t room;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/e2e-output.txt", root);
    snprintf(sysfs, sizeof sysfs, "%s/sys", root);
    exposition = file_text(path);
    room = strlen(exposition) + 64 * strlen(sysfs) + 1;
    expected = calloc(room, 1);
    ck_assert_ptr_nonnull(expected);
    for (char *at = exposition, *found; at != NULL; at = found) {
        found = strstr(at, former);
        if (found != NULL)
            *found = '\0';
        ck_assert_uint_lt(strlen(expected) + strlen(at) + strlen(sysfs), room);
        strcat(expected, at);
        if (found != NULL) {
            strcat(expected, sysfs);
            found += strlen(former);
        }
    }
    machine_make(&machine, &rapl_collector);
    ck_assert_int_eq(rapl_collector.open(&roots, &machine.state), 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    fake_sink_compare(&machine.sink, expected);
    machine_remove(&machine);
    free(exposition);
    free(expected);
}
END_TEST

int main(void)
{
    return RUN_TESTS("rapl", names_of_zones, names_that_are_none, zones,
                     counters_go_round_where_the_zone_says, what_may_not_be_read_is_told,
                     texts_that_are_not_understood, fixture_machine);
}
