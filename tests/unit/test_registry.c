#include "collectors/registry.h"

#include "tests/unit/support.h"

START_TEST(names_are_in_order)
{
    for (size_t index = 1; index < collector_registry_count; index++) {
        ck_assert_str_lt(collector_registry[index - 1]->name, collector_registry[index]->name);
    }
}
END_TEST

START_TEST(each_is_whole_and_found)
{
    ck_assert_uint_gt(collector_registry_count, 0);
    for (size_t index = 0; index < collector_registry_count; index++) {
        const struct collector *collector = collector_registry[index];

        ck_assert_ptr_eq(registry_find(collector->name), collector);
        ck_assert(collector->open != NULL);
        ck_assert(collector->sample != NULL);
        ck_assert(collector->close != NULL);
        collector->close(NULL);
    }
}
END_TEST

START_TEST(others_are_not_found)
{
    ck_assert_ptr_null(registry_find(""));
    ck_assert_ptr_null(registry_find("CPU"));
    ck_assert_ptr_null(registry_find("zzz"));
}
END_TEST

int main(void)
{
    return RUN_TESTS("registry", names_are_in_order, each_is_whole_and_found, others_are_not_found);
}
