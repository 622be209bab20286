/* Accepting where the process has no descriptor left. */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "tests/unit/door.h"
#include "tests/unit/support.h"

/* Descriptors up to the limit are in use. */
struct hoard {
    struct rlimit former;
    int fds[256];
    size_t count;
};

static void hoard_fill(struct hoard *hoard)
{
    int fd;

    while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
        ck_assert_uint_lt(hoard->count, sizeof hoard->fds / sizeof *hoard->fds);
        hoard->fds[hoard->count++] = fd;
    }
}

static void hoard_make(struct hoard *hoard)
{
    struct rlimit lower;

    *hoard = (struct hoard){.count = 0};
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &hoard->former), 0);
    lower = hoard->former;
    lower.rlim_cur = 128;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lower), 0);
    hoard_fill(hoard);
}

static void hoard_give_up(struct hoard *hoard)
{
    while (hoard->count > 0)
        close(hoard->fds[--hoard->count]);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &hoard->former), 0);
}

START_TEST(the_reserve_answers)
{
    struct hoard hoard;
    struct door door;
    char answer[1024];
    int fds[4];

    door_open(&door, "127.0.0.1:0", 10, 10);
    for (size_t i = 0; i < 3; i++)
        fds[i] = door_connect(&door);
    hoard_make(&hoard);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 0);
    ck_assert_uint_eq(admission_refused(door.admission, REFUSED_DESCRIPTORS), 3);
    ck_assert_uint_eq(admission_connections(door.admission), 0);
    ck_assert_int_ge(door.listener.reserve, 0);
    for (size_t i = 0; i < 3; i++) {
        door_read(fds[i], answer, sizeof answer);
        ck_assert_int_eq(strncmp(answer, "HTTP/1.1 503 ", 13), 0);
        ck_assert_ptr_nonnull(strstr(answer, "no file descriptor"));
        close(fds[i]);
    }
    hoard_give_up(&hoard);
    /* It never rested. */
    fds[3] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 1);
    close(fds[3]);
    door_close(&door);
}
END_TEST

/* One whose reserve is gone too waits, and takes what came when there are some again. */
START_TEST(without_the_reserve_it_rests)
{
    struct hoard hoard;
    struct door door;
    int64_t began_ns;
    uint64_t turns;
    int fd;

    door_open(&door, "127.0.0.1:0", 10, 10);
    fd = door_connect(&door);
    close(door.listener.reserve);
    door.listener.reserve = -1;
    hoard_make(&hoard);
    ev_run(door.ev, EVRUN_NOWAIT);
    turns = door.turns;
    for (int i = 0; i < 10; i++)
        ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.turns, turns);
    ck_assert_uint_eq(door.accepted, 0);
    hoard_give_up(&hoard);
    began_ns = clock_mono_ns();
    while (door.accepted == 0 && clock_mono_ns() - began_ns < 5 * NS_PER_SECOND)
        ev_run(door.ev, EVRUN_ONCE);
    ck_assert_uint_eq(door.accepted, 1);
    ck_assert_int_ge(clock_mono_ns() - began_ns, 100 * NS_PER_MS);
    close(fd);
    door_close(&door);
}
END_TEST

/* Those that were refused and linger have descriptors that others can have. */
START_TEST(those_that_linger_give_way)
{
    struct hoard hoard;
    struct door door;
    int fds[3];

    door_open(&door, "127.0.0.1:0", 1, 10);
    for (size_t i = 0; i < 2; i++)
        fds[i] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.listener.refusals.count, 1);
    fds[2] = door_connect(&door);
    hoard_make(&hoard);
    ev_run(door.ev, EVRUN_NOWAIT);
    /* By the limit, which can only be said to who was accepted. */
    ck_assert_uint_eq(admission_refused(door.admission, REFUSED_MAX_CONNECTIONS), 2);
    ck_assert_uint_eq(admission_refused(door.admission, REFUSED_DESCRIPTORS), 0);
    hoard_give_up(&hoard);
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
    door_close(&door);
}
END_TEST

int main(void)
{
    return RUN_TESTS("listener_shortage", the_reserve_answers, without_the_reserve_it_rests,
                     those_that_linger_give_way);
}
