#include "collectors/system/netclass_link.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/fake_runner.h"
#include "tests/unit/support.h"

START_TEST(numbers)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"0", 0},
        {"-1", -1},
        {"1500", 1500},
        {"0x0", 0},
        {"0x1303", 0x1303},
        {"0x7fffffffffffffff", INT64_MAX},
        {"9223372036854775807", INT64_MAX},
    };
    static const char *const bad[] = {
        "",     "-",
        "0x",   "0xg",
        "-0x1", "0X1",
        "1 ",   "1\n",
        " 1",   "0x8000000000000000",
        "1.5",  "9223372036854775808",
    };

    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        int64_t number = 77;

        ck_assert_int_eq(netclass_parse_number(good[index].text, strlen(good[index].text), &number),
                         0);
        ck_assert_int_eq(number, good[index].number);
    }
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        int64_t number = 77;

        ck_assert_msg(netclass_parse_number(bad[index], strlen(bad[index]), &number) == -EBADMSG,
                      "%s", bad[index]);
        ck_assert_int_eq(number, 77);
    }
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    int64_t number;

    if (netclass_parse_number(text, length, &number) == 0)
        ck_assert(length != 2 && number <= 0x13fe);
    else
        ck_assert(length == 0 || length == 2);
}

START_TEST(every_prefix)
{
    each_prefix("0x13fe", expect_justified);
}
END_TEST

/* 256 bytes with the NUL are the kernel's limit. */
START_TEST(texts_that_are_too_long_are_empty)
{
    static const size_t lengths[] = {255, 256, 600};
    struct fake_runner runner;
    struct netclass_call *call;
    struct folder folder;
    char alias[601];

    folder_make(&folder);
    fake_runner_init(&runner);
    call = netclass_call_new(folder.path, "eth0");
    ck_assert_ptr_nonnull(call);
    for (size_t index = 0; index < sizeof lengths / sizeof lengths[0]; index++) {
        memset(alias, 'x', lengths[index]);
        alias[lengths[index]] = '\0';
        folder_write(&folder, "eth0/ifalias", alias);
        task_submit(&runner.runner, &call->task);
        ck_assert_str_eq(call->link.texts.ifalias, lengths[index] < 256 ? alias : "");
        ck_assert_str_eq(call->link.texts.operstate, "");
        ck_assert(!netclass_is_present(&call->link));
        task_reset(&call->task);
    }
    task_abandon(&call->task);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netclass_link", numbers, every_prefix, texts_that_are_too_long_are_empty);
}
