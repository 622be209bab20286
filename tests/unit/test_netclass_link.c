#include "collectors/system/netclass_link.h"

#include <string.h>

#include "tests/unit/fake_runner.h"
#include "tests/unit/support.h"

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
    return RUN_TESTS("netclass_link", texts_that_are_too_long_are_empty);
}
