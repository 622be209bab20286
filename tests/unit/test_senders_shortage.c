#include <limits.h>

#include "tests/unit/senders_fixture.h"

/* Where there are too many, or where the kernel does not tell. */

/* As where others come and go while the kernel shows them: sockets are not all there. */
START_TEST(what_cannot_be_read_is_not_gone)
{
    static char large[PROCFS_FILE_MAX + 4096];
    uint32_t sender;

    make();
    folder_write(&folder, "net/udp", ONE_PORT);
    sender = at("127.0.0.1", 8080, 0)->sender;
    ck_assert_int_eq(judge(sender, 1), 'l');
    memset(large, 'x', sizeof large - 1);
    folder_write(&folder, "net/udp", large);
    ck_assert_int_eq(judge(sender, 100000), 'l');
    /* Reading so much takes its time, and is not done again at once. */
    ck_assert_int_gt(senders.look_ms, 100000);
    ck_assert_uint_eq(at("127.0.0.1", 8081, 100000)->sender, sender + 1);
    ck_assert_int_eq(judge(sender + 1, 100001), 'l');
    folder_write(&folder, "net/udp", HEADING);
    ck_assert_int_eq(judge_if_due(sender, 100002), 'l');
    ck_assert(!senders.doubts);
    ck_assert_int_eq(judge_missing(sender, 100003), '-');
    finish();
}
END_TEST

/* A stat that is a folder is there and cannot be read, as none can where no descriptor is left. */
START_TEST(a_process_that_cannot_be_read_stays)
{
    uint32_t sender;
    char path[PATH_MAX];

    make();
    write_process("S", 5);
    sender = senders_process(&senders, 77, 0)->sender;
    ck_assert_int_eq(judge(sender, 1), 'l');
    folder_unlink(&folder, "77/stat");
    folder_write(&folder, "77/stat/x", "");
    ck_assert_int_eq(judge(sender, 2), 'l');
    folder_unlink(&folder, "77/stat/x");
    snprintf(path, sizeof path, "%s/77/stat", folder.path);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(judge(sender, 3), '-');
    finish();
}
END_TEST

START_TEST(an_origin_that_cannot_be_read_is_no_other)
{
    make();
    write_process("S", 5);
    folder_write(&folder, "77/comm", "node\n");
    folder_write(&folder, "77/cgroup/x", "");
    ck_assert_uint_eq(senders_process(&senders, 77, 0)->sender, STATSD_NO_SENDER);
    ck_assert_ptr_null(senders_process(&senders, 77, 0)->origin.key);
    finish();
}
END_TEST

START_TEST(processes_have_room_and_an_origin_without)
{
    const struct statsd_source *source;
    char name[32];

    make();
    for (uint16_t i = 0; i < SENDERS_KIND_MAX + 9; i++)
        at("127.0.0.1", (uint16_t)(1000 + i), 0);
    write_process("S", 5);
    folder_write(&folder, "77/comm", "node\n");
    ck_assert_uint_ne(senders_process(&senders, 77, 0)->sender, STATSD_NO_SENDER);
    for (int pid = 1000; pid < 1000 + SENDERS_KIND_MAX; pid++) {
        snprintf(name, sizeof name, "%d/stat", pid);
        folder_write(&folder, name, "1 (x) S 1 1 1 0 -1 0 1 0 0 0 3 4 0 0 20 0 1 0 5 1 2 3\n");
        snprintf(name, sizeof name, "%d/comm", pid);
        folder_write(&folder, name, "job\n");
        source = senders_process(&senders, pid, 0);
    }
    ck_assert_uint_eq(source->sender, STATSD_NO_SENDER);
    ck_assert_str_eq(source->origin.key, "command");
    ck_assert_str_eq(source->origin.value, "job");
    ck_assert_uint_ne(source->origin_hash, 0);
    ck_assert_ptr_eq(senders_process(&senders, 1000 + SENDERS_KIND_MAX - 1, 1), source);
    finish();
}
END_TEST

START_TEST(the_longest_name_of_a_unit)
{
    char text[512];

    make();
    write_process("S", 5);
    snprintf(text, sizeof text, "0::/system.slice/%0247d.service\n", 0);
    folder_write(&folder, "77/cgroup", text);
    ck_assert_uint_eq(strlen(senders_process(&senders, 77, 0)->origin.value), 255);
    finish();
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
    make();
    for (uint16_t i = 0; i < SENDERS_KIND_MAX; i++)
        ck_assert_uint_eq(at("127.0.0.1", (uint16_t)(1000 + i), 0)->sender, i);
    ck_assert_uint_eq(at("127.0.0.1", 999, 0)->sender, STATSD_NO_SENDER);
    ck_assert_uint_eq(at("127.0.0.1", 1007, 0)->sender, 7);
    finish();
}
END_TEST

int main(void)
{
    return RUN_TESTS("senders_shortage", what_cannot_be_read_is_not_gone,
                     a_process_that_cannot_be_read_stays, an_origin_that_cannot_be_read_is_no_other,
                     processes_have_room_and_an_origin_without, the_longest_name_of_a_unit,
                     more_than_there_is_room_for);
}
