/*
 * The kernel's own interfaces, in namespaces that this program makes for itself; skipped where it
 * may not.
 */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#include "collectors/system/netclass.h"
#include "collectors/system/netdev.h"
#include "tests/unit/net_machine.h"

static const struct collector_roots roots = {.procfs = "/proc", .sysfs = "/sys", .rootfs = "/"};

static void run(const char *command)
{
    if (system(command) != 0)
        errx(EXIT_FAILURE, "failed: %s", command);
}

static void start(struct machine *machine, const struct collector *collector)
{
    machine_make(machine, collector);
    ck_assert_int_eq(collector->open(&roots, &machine->state), 0);
}

static const struct fake_series *received(const struct machine *machine, const char *device)
{
    return fake_sink_find(&machine->sink, net_series("receive_bytes_total", device));
}

/* Others may be there: what the kernel puts into each new namespace. */
static bool is_shown(const struct machine *machine, const char *device)
{
    return received(machine, device) != NULL &&
           !fake_sink_is_absent(&machine->sink, net_series("receive_bytes_total", device));
}

START_TEST(a_veth_pair_comes_is_renamed_and_goes)
{
    struct machine machine;

    start(&machine, &netdev_collector);
    machine_expect_tick(&machine);
    ck_assert(is_shown(&machine, "lo"));
    run("ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up");
    machine_expect_tick(&machine);
    machine_expect_tick(&machine);
    ck_assert(is_shown(&machine, "v0"));
    ck_assert(is_shown(&machine, "v1"));
    ck_assert_uint_eq(received(&machine, "lo")->flags, 0);
    ck_assert_uint_eq(received(&machine, "v0")->flags, 0);
    ck_assert_uint_eq(received(&machine, "v1")->flags, 0);
    /* The driver says 10 Gbit/s. */
    ck_assert_double_eq(received(&machine, "v0")->rate_max, 1.25e9);

    run("ip link set v0 down && ip link set v0 name w0");
    machine_expect_tick(&machine);
    ck_assert_ptr_null(received(&machine, "v0"));
    ck_assert(is_shown(&machine, "w0"));
    ck_assert(is_shown(&machine, "v1"));

    /* Both again within a tick: other interfaces, of which v1 has its name from before. */
    run("ip link del w0 && ip link add w0 type veth peer name v1");
    machine_expect_tick(&machine);
    ck_assert_ptr_nonnull(received(&machine, "w0"));
    ck_assert_ptr_nonnull(received(&machine, "v1"));
    run("ip link del w0");
    machine_expect_tick(&machine);
    ck_assert_ptr_null(received(&machine, "w0"));
    ck_assert_ptr_null(received(&machine, "v1"));
    ck_assert(is_shown(&machine, "lo"));
    machine_remove(&machine);
}
END_TEST

/* The kernel tells of a link's state when it comes to it: within a second (link_watch.c). */
static void await_state(const char *device, const char *wanted)
{
    char path[128], text[32] = "";

    snprintf(path, sizeof path, "/sys/class/net/%s/operstate", device);
    for (int i = 0; i < 500 && strncmp(text, wanted, strlen(wanted)) != 0; i++) {
        FILE *file = fopen(path, "r");

        ck_assert_ptr_nonnull(file);
        ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
        fclose(file);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    ck_assert_msg(strncmp(text, wanted, strlen(wanted)) == 0, "%s is %s", device, text);
}

START_TEST(a_veth_pair_has_attributes)
{
    struct machine machine;

    start(&machine, &netclass_collector);
    run("ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up");
    await_state("v0", "up");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert_double_eq(net_value(&machine, "up", "v0"), 1);
    ck_assert_double_eq(net_value(&machine, "speed_bytes", "v0"), 1.25e9);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "v0"), 1500);
    ck_assert_double_eq(net_value(&machine, "iface_link", "v0"),
                        net_value(&machine, "iface_id", "v1"));
    run("ip link set v0 down");
    await_state("v0", "down");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert_double_eq(net_value(&machine, "up", "v0"), 0);
    /* EINVAL for both, of a link that is down. */
    ck_assert(fake_sink_is_absent(&machine.sink, net_series("carrier", "v0")));
    ck_assert(fake_sink_is_absent(&machine.sink, net_series("speed_bytes", "v0")));
    run("ip link del v0");
    machine_remove(&machine);
}
END_TEST

START_TEST(a_name_with_a_control_character)
{
    struct machine machine;

    run("ip link add v0 type veth peer name v1 && ip link set v1 name \"$(printf 'v\\001')\"");
    start(&machine, &netdev_collector);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert(is_shown(&machine, "lo"));
    ck_assert(is_shown(&machine, "v0"));
    machine_remove(&machine);
    start(&machine, &netclass_collector);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "v0"), 1500);
    run("ip link del v0");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    if (system("ip -V >/dev/null 2>&1") != 0) {
        puts("skipped: there is no ip");
        return EXIT_SUCCESS;
    }
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
        puts("skipped: no namespaces of its own");
        return EXIT_SUCCESS;
    }
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("sysfs", "/sys", "sysfs", 0, NULL) < 0) {
        puts("skipped: no sysfs of its own");
        return EXIT_SUCCESS;
    }
    if (system("ip link add v0 type veth peer name v1 2>&1 && ip link del v0 2>&1") != 0) {
        puts("skipped: the kernel makes no veth pairs");
        return EXIT_SUCCESS;
    }
    return RUN_TESTS("netdev_live", a_veth_pair_comes_is_renamed_and_goes,
                     a_veth_pair_has_attributes, a_name_with_a_control_character);
}
