#include "collectors/number_file.h"

#include <errno.h>

#include "tests/unit/support.h"

static int parse(const char *text, uint64_t *out)
{
    return number_file_parse(text, strlen(text), out);
}

START_TEST(good_text)
{
    uint64_t number;

    ck_assert_int_eq(parse("4096\n", &number), 0);
    ck_assert_uint_eq(number, 4096);
    ck_assert_int_eq(parse("18446744073709551615", &number), 0);
    ck_assert_uint_eq(number, UINT64_MAX);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",      "\n",    " 7\n",   "-7\n",    "7 \n",
        "7x\n",  "7\n\n", "7\n8\n", "seven\n", "18446744073709551616\n",
        "0x7\n", "7.5\n", "7\t8\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        uint64_t number = 7;

        ck_assert_msg(parse(bad[index], &number) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(number, 7);
    }
}
END_TEST

START_TEST(follows_the_file)
{
    struct procfs_file file;
    struct folder folder;
    uint64_t number = 7;

    folder_make(&folder);
    ck_assert_int_eq(procfs_open(&file, folder.path, "number"), -ENOENT);
    ck_assert_int_eq(number_file_read(&file, &number), -ENOENT);
    ck_assert_uint_eq(number, 7);
    folder_write(&folder, "number", "12\n");
    ck_assert_int_eq(number_file_read(&file, &number), 0);
    ck_assert_uint_eq(number, 12);
    folder_write(&folder, "number", "what?\n");
    ck_assert_int_eq(number_file_read(&file, &number), -EBADMSG);
    ck_assert_uint_eq(number, 12);
    procfs_close(&file);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("number_file", good_text, bad_text, follows_the_file);
}
