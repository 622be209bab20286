#include "collectors/system/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "tests/unit/support.h"

static void expect_name(const struct users *users, uint32_t uid, const char *wanted)
{
    struct process_text *name = users_name(users, uid);

    ck_assert_ptr_nonnull(name);
    ck_assert_str_eq(name->text, wanted);
    process_text_put(name);
}

static void start(struct folder *folder, struct users *users)
{
    folder_make(folder);
    ck_assert_int_eq(users_init(users, folder->path), 0);
}

static void stop(struct folder *folder, struct users *users)
{
    users_finish(users);
    folder_remove(folder);
}

START_TEST(names_and_numbers)
{
    struct folder folder;
    struct users users;

    start(&folder, &users);
    folder_write(&folder, "etc/passwd",
                 "zoe:x:1000:1000::/home/zoe:/bin/sh\n"
                 "root:x:0:0:root:/root:/bin/sh\n"
                 "toor:x:0:0:root:/root:/bin/sh\n"
                 "\n"
                 ":x:7:7::/:/bin/sh\n"
                 "bad:x:x:8::/:/bin/sh\n"
                 "big:x:4294967296:8::/:/bin/sh\n"
                 "cut:x:9\n"
                 "+::::::\n"
                 "odd\xff<b>:x:4294967295:1::/:/bin/sh");
    ck_assert(users_refresh(&users));
    ck_assert(!users_refresh(&users));
    expect_name(&users, 0, "root");
    expect_name(&users, 1000, "zoe");
    expect_name(&users, UINT32_MAX, "odd\xff<b>");
    expect_name(&users, 7, "7");
    expect_name(&users, 8, "8");
    expect_name(&users, 9, "9");
    expect_name(&users, 1001, "1001");
    stop(&folder, &users);
}
END_TEST

START_TEST(the_file_comes_changes_and_goes)
{
    struct folder folder;
    struct users users;

    start(&folder, &users);
    ck_assert(!users_refresh(&users));
    expect_name(&users, 5, "5");
    folder_write(&folder, "etc/passwd", "five:x:5:5::/:/bin/sh\n");
    ck_assert(users_refresh(&users));
    expect_name(&users, 5, "five");
    folder_write(&folder, "etc/passwd", "cinq:x:5:5::/:/bin/sh\nsix:x:6:6::/:\n");
    ck_assert(users_refresh(&users));
    expect_name(&users, 5, "cinq");
    folder_unlink(&folder, "etc/passwd");
    ck_assert(users_refresh(&users));
    expect_name(&users, 5, "5");
    stop(&folder, &users);
}
END_TEST

START_TEST(a_file_that_is_too_large_names_nobody)
{
    char *text = malloc(USERS_FILE_MAX + 64);
    struct folder folder;
    struct users users;
    size_t length = (size_t)snprintf(text, 64, "five:x:5:5::/:/bin/sh\n");

    start(&folder, &users);
    memset(text + length, '\n', USERS_FILE_MAX + 1 - length);
    text[USERS_FILE_MAX + 1] = '\0';
    folder_write(&folder, "etc/passwd", text);
    ck_assert(users_refresh(&users));
    expect_name(&users, 5, "5");
    text[USERS_FILE_MAX] = '\0';
    folder_write(&folder, "etc/passwd", text);
    ck_assert(users_refresh(&users));
    expect_name(&users, 5, "five");
    stop(&folder, &users);
    free(text);
}
END_TEST

START_TEST(without_a_descriptor_names_stay_until_there_is_one)
{
    struct rlimit limit, none;
    struct folder folder;
    struct users users;
    bool refreshed;

    start(&folder, &users);
    folder_write(&folder, "etc/passwd", "five:x:5:5::/:/bin/sh\n");
    ck_assert(users_refresh(&users));
    folder_write(&folder, "etc/passwd", "cinq:x:5:5::/:/bin/sh\nsix:x:6:6::/:\n");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    refreshed = users_refresh(&users);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert(!refreshed);
    expect_name(&users, 5, "five");
    ck_assert(users_refresh(&users));
    expect_name(&users, 5, "cinq");
    stop(&folder, &users);
}
END_TEST

START_TEST(a_folder_in_its_place)
{
    struct folder folder;
    struct users users;

    start(&folder, &users);
    folder_write(&folder, "etc/passwd/x", "five:x:5:5::/:/bin/sh\n");
    ck_assert(!users_refresh(&users));
    expect_name(&users, 5, "5");
    stop(&folder, &users);
    users_finish(&(struct users){0});
}
END_TEST

int main(void)
{
    return RUN_TESTS("users", names_and_numbers, the_file_comes_changes_and_goes,
                     a_file_that_is_too_large_names_nobody,
                     without_a_descriptor_names_stay_until_there_is_one, a_folder_in_its_place);
}
