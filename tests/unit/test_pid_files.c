#include "collectors/system/pid_files.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define STATM "765 447 418 5 0 123 0\n"
#define STAT                                                                                       \
    "12 (a) S 1 (b\n) R 7 2 3 4 -1 4194560 100 30 5 6 70 8 13 14 20 0 3 0 59021 5677056 295 "      \
    "18446744073709551615 1 1\n"
#define IO                                                                                         \
    "rchar: 4\nwchar: 5\nsyscr: 6\nsyscw: 7\nread_bytes: 8192\nwrite_bytes: 4096\n"                \
    "cancelled_write_bytes: 12288\n"
#define STATUS                                                                                     \
    "Name:\ta\\nUid:\t7\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t12\nPid:\t12\n"                \
    "Uid:\t1000\t33\t0\t0\nGid:\t1000\t33\t0\t0\n"

START_TEST(a_stat)
{
    struct pid_stat stat;

    ck_assert_int_eq(pid_stat_parse(STAT, strlen(STAT), &stat), 0);
    ck_assert_str_eq(stat.name, "a) S 1 (b\n");
    ck_assert_int_eq(stat.state, 'R');
    ck_assert_uint_eq(stat.parent_pid, 7);
    ck_assert_uint_eq(stat.flags, 4194560);
    ck_assert_uint_eq(stat.faults, 105);
    ck_assert_uint_eq(stat.children_faults, 36);
    ck_assert_uint_eq(stat.cpu_ticks, 78);
    ck_assert_uint_eq(stat.threads, 3);
    ck_assert_uint_eq(stat.start_ticks, 59021);
    ck_assert_uint_eq(stat.resident_pages, 295);
}
END_TEST

static void expect_name(const char *name, const char *wanted)
{
    static const char rest[] = ") S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 -19\n";
    char text[256] = "3 (";
    struct pid_stat stat;

    strcat(strcat(text, name), rest);
    ck_assert_int_eq(pid_stat_parse(text, strlen(text), &stat), 0);
    ck_assert_str_eq(stat.name, wanted);
    ck_assert_uint_eq(stat.resident_pages, 0);
}

START_TEST(names)
{
    expect_name("", "");
    expect_name(")", ")");
    expect_name("(", "(");
    expect_name(") R 2 3 (", ") R 2 3 (");
    expect_name("\xff\xfe\x80", "\xff\xfe\x80");
    expect_name("<img src=x on", "<img src=x on");
    expect_name("123456789012345", "123456789012345");
    expect_name("kworker/u8:0-ext4-rsv-conversion", "kworker/u8:0-ex");
}
END_TEST

START_TEST(bad_stats)
{
    static const char *const bad[] = {
        "",
        "12 (sh",
        "12 (sh)",
        "12 (sh) R",
        "(sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 19\n",
        "12 sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 19\n",
        "12 (sh) RR 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 19\n",
        "12 (sh) R -1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 19\n",
        "12 (sh) R 1 2 3 4 5 4294967296 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 19\n",
        "12 (sh) R 1 2 3 4 5 6 7 8 9 10 18446744073709551615 1 13 14 20 0 1 0 59021 18 19\n",
        "12 (sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0",
        "12 (sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 59021 18 19",
        "12 (sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 -1 18 19\n",
        "12 (sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0 9300000000000000000 18 19\n",
        "12 (sh) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1\n0 59021 18 19\n",
        STAT ")\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct pid_stat stat = {.threads = 77};

        ck_assert_msg(pid_stat_parse(bad[index], strlen(bad[index]), &stat) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(stat.threads, 77);
    }
}
END_TEST

START_TEST(a_statm)
{
    static const char *const bad[] = {
        "",
        "\n",
        "765\n",
        "765 447 \n",
        "765 447 x",
        "765 447 418",
        "765 447 418\n",
        "765 447 418 5 0 123 0",
        "x 447 418 5 0 123 0\n",
        "-765 447 418\n",
        STATM STATM,
        "18446744073709551616 447 418 5 0 123 0\n",
    };
    struct pid_statm memory;

    ck_assert_int_eq(pid_statm_parse(STATM, strlen(STATM), &memory), 0);
    ck_assert_uint_eq(memory.virtual_pages, 765);
    ck_assert_uint_eq(memory.resident_pages, 447);
    ck_assert_uint_eq(memory.shared_pages, 418);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        memory = (struct pid_statm){.resident_pages = 77};
        ck_assert_msg(pid_statm_parse(bad[index], strlen(bad[index]), &memory) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(memory.resident_pages, 77);
    }
}
END_TEST

START_TEST(an_io)
{
    static const char *const bad[] = {
        "",
        "rchar: 4\nwchar: 5\nsyscr: 6\nsyscw: 7\n",
        "read_bytes: 1\nwrite_bytes: 2\n",
        "read_bytes: 1\nwrite_bytes: 2\ncancelled_write_bytes: 3",
        "read_bytes: -1\nwrite_bytes: 2\ncancelled_write_bytes: 3\n",
        "read_bytes: 1 1\nwrite_bytes: 2\ncancelled_write_bytes: 3\n",
        "read_bytes:\nwrite_bytes: 2\ncancelled_write_bytes: 3\n",
    };
    struct pid_io io;

    ck_assert_int_eq(pid_io_parse(IO, strlen(IO), &io), 0);
    ck_assert_uint_eq(io.read_bytes, 8192);
    ck_assert_uint_eq(io.write_bytes, 4096);
    ck_assert_uint_eq(io.cancelled_bytes, 12288);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        io = (struct pid_io){.read_bytes = 77};
        ck_assert_msg(pid_io_parse(bad[index], strlen(bad[index]), &io) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(io.read_bytes, 77);
    }
}
END_TEST

START_TEST(a_uid)
{
    static const char *const bad[] = {
        "",
        "Name:\tsh\n",
        "Uid:\t1\n",
        "Uid:\t1\t-2\t3\t4\n",
        "Uid:\t1\t4294967296\t3\t4\n",
        "Uid:\t1\t2\t3\t4",
    };
    uint32_t uid;

    ck_assert_int_eq(pid_uid_parse(STATUS, strlen(STATUS), &uid), 0);
    ck_assert_uint_eq(uid, 33);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        uid = 77;
        ck_assert_msg(pid_uid_parse(bad[index], strlen(bad[index]), &uid) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(uid, 77);
    }
}
END_TEST

static void expect_command(const char *bytes, size_t length, const char *wanted)
{
    char text[PROCESS_COMMAND_MAX * 2];

    memcpy(text, bytes, length);
    length = pid_command_clean(text, length);
    ck_assert_uint_eq(length, strlen(wanted));
    ck_assert_mem_eq(text, wanted, length);
}

START_TEST(commands)
{
    char longest[PROCESS_COMMAND_MAX + 2];

    expect_command("", 0, "");
    expect_command("\0\0 \0", 4, "");
    expect_command("sh\0-c\0a  b\0", 11, "sh -c a  b");
    expect_command("postgres: writer   \0\0\0", 22, "postgres: writer");
    expect_command("a\0\0b\n\xff", 6, "a  b\n\xff");
    memset(longest, 'x', sizeof longest);
    ck_assert_uint_eq(pid_command_clean(longest, sizeof longest), PROCESS_COMMAND_MAX);
}
END_TEST

/* What is cut is not understood, or was cut behind what is wanted of it. */
static void expect_justified(const char *text, size_t length)
{
    struct pid_stat stat;
    struct pid_statm memory;
    struct pid_io io;
    uint32_t uid;

    if (pid_stat_parse(text, length, &stat) == 0)
        ck_assert_uint_eq(stat.resident_pages, 295);
    ck_assert(pid_statm_parse(text, length, &memory) < 0 || length == strlen(STATM));
    ck_assert(pid_io_parse(text, length, &io) < 0 || length == strlen(IO));
    ck_assert(pid_uid_parse(text, length, &uid) < 0 || uid == 33);
}

START_TEST(every_prefix)
{
    each_prefix(STAT, expect_justified);
    each_prefix(STATM, expect_justified);
    each_prefix(IO, expect_justified);
    each_prefix(STATUS, expect_justified);
}
END_TEST

START_TEST(those_of_this_process)
{
    static const char *const paths[] = {"/proc/self/stat", "/proc/self/statm", "/proc/self/io",
                                        "/proc/self/status"};
    char *texts[4];
    struct pid_statm memory;
    struct pid_stat stat;
    struct pid_io io;
    uint32_t uid;

    for (size_t index = 0; index < 4; index++)
        texts[index] = file_text(paths[index]);
    ck_assert_int_eq(pid_stat_parse(texts[0], strlen(texts[0]), &stat), 0);
    ck_assert_str_eq(stat.name, "test_pid_files");
    ck_assert_int_eq(stat.state, 'R');
    ck_assert_int_eq(pid_statm_parse(texts[1], strlen(texts[1]), &memory), 0);
    ck_assert_uint_gt(memory.resident_pages, memory.shared_pages);
    ck_assert_int_eq(pid_io_parse(texts[2], strlen(texts[2]), &io), 0);
    ck_assert_int_eq(pid_uid_parse(texts[3], strlen(texts[3]), &uid), 0);
    for (size_t index = 0; index < 4; index++)
        free(texts[index]);
}
END_TEST

int main(void)
{
    return RUN_TESTS("pid_files", a_stat, names, bad_stats, a_statm, an_io, a_uid, commands,
                     every_prefix, those_of_this_process);
}
