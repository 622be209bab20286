#include "daemon/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "tests/unit/manager.h"

START_TEST(without_a_manager_nothing_happens)
{
    ck_assert_int_eq(service_ready("serving"), 0);
    service_reloading();
    ck_assert_int_eq(service_alive(), 0);
    service_stopping();
    ck_assert_int_eq(service_watchdog_ns(), 0);
    ck_assert_int_eq(service_sockets(), 0);
}
END_TEST

static struct clock_reading at_12_345_678_ns(void *arg)
{
    (void)arg;
    return (struct clock_reading){.mono_ns = 12345678};
}

/* sd_notify(3) */
START_TEST(it_tells_its_states)
{
    struct manager manager;

    manager_make(&manager, 0);
    ck_assert_int_eq(service_ready("serving http://127.0.0.1:8224/"), 0);
    ck_assert_str_eq(manager_hear(&manager), "READY=1\nSTATUS=serving http://127.0.0.1:8224/");
    clock_replace(at_12_345_678_ns, NULL);
    service_reloading();
    clock_replace(NULL, NULL);
    ck_assert_str_eq(manager_hear(&manager),
                     "RELOADING=1\nMONOTONIC_USEC=12345\nSTATUS=reading the configuration");
    ck_assert_int_eq(service_alive(), 0);
    ck_assert_str_eq(manager_hear(&manager), "WATCHDOG=1");
    service_stopping();
    ck_assert_str_eq(manager_hear(&manager), "STOPPING=1\nSTATUS=stopping");
    ck_assert_str_eq(manager_hear(&manager), "");
    manager_remove(&manager);
}
END_TEST

START_TEST(a_manager_that_is_gone_is_not_waited_for)
{
    struct manager manager;

    manager_make(&manager, 0);
    folder_unlink(&manager.folder, "notify");
    ck_assert_int_eq(service_ready("serving"), -ENOENT);
    folder_write(&manager.folder, "notify", "");
    manager_remove(&manager);
}
END_TEST

/* Its queue has room for /proc/sys/net/unix/max_dgram_qlen messages. */
START_TEST(a_manager_that_does_not_listen_is_not_waited_for)
{
    struct manager manager;
    int told = 0;

    manager_make(&manager, 0);
    while (told < 100000 && service_alive() == 0)
        told++;
    ck_assert_int_gt(told, 0);
    ck_assert_int_eq(service_ready("serving"), -EAGAIN);
    ck_assert_str_eq(manager_hear(&manager), "WATCHDOG=1");
    ck_assert_int_eq(service_ready("serving"), 0);
    manager_remove(&manager);
}
END_TEST

START_TEST(the_watchdog_is_this_process_own)
{
    struct manager manager;

    manager_make(&manager, 1500000);
    ck_assert_int_eq(service_watchdog_ns(), 1500 * NS_PER_MS);
    setenv("WATCHDOG_PID", "1", 1); /* inherited from a service */
    ck_assert_int_eq(service_watchdog_ns(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "18446744073709551614", 1);
    ck_assert_int_eq(service_watchdog_ns(), 0);
    setenv("WATCHDOG_USEC", "soon", 1);
    ck_assert_int_eq(service_watchdog_ns(), 0);
    manager_remove(&manager);
}
END_TEST

START_TEST(sockets_of_another_process_are_not_taken)
{
    char own[16];

    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", "1", 1);
    ck_assert_int_eq(service_sockets(), 0);
    snprintf(own, sizeof own, "%d", getpid());
    setenv("LISTEN_PID", own, 1);
    setenv("LISTEN_FDS", "many", 1);
    ck_assert_int_lt(service_sockets(), 0);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
}
END_TEST

int main(void)
{
    return RUN_TESTS("service", without_a_manager_nothing_happens, it_tells_its_states,
                     a_manager_that_is_gone_is_not_waited_for,
                     a_manager_that_does_not_listen_is_not_waited_for,
                     the_watchdog_is_this_process_own, sockets_of_another_process_are_not_taken);
}
