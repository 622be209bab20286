/* The helpers of collector.h for series that are declared when they first have a value. */
#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static const struct metric things = {
    .name = "things", .unit = "", .help = "Things.", .kind = METRIC_GAUGE};

START_TEST(declared_once_and_set_at_each_tick)
{
    struct fake_sink fake;
    struct sink_series series = {0};

    fake_sink_init(&fake);
    for (int i = 0; i < 3; i++) {
        fake_sink_begin(&fake);
        sink_put(&fake.sink, &series, &things, NULL, 0, 0, i);
        ck_assert_double_eq(fake_sink_value(&fake, "things"), i);
    }
    ck_assert_uint_eq(fake.declares, 1);
    fake_sink_finish(&fake);
}
END_TEST

START_TEST(a_refused_one_is_declared_again_when_there_is_room)
{
    struct fake_sink fake;
    struct sink_series series = {0};

    fake_sink_init(&fake);
    fake.limit = 0;
    for (int i = 0; i < 3; i++)
        sink_put(&fake.sink, &series, &things, NULL, 0, 0, i);
    ck_assert_uint_eq(fake.declares, 1); /* asked once, not at each tick */
    fake.sink.room++;                    /* something was retired, but it was not enough */
    for (int i = 0; i < 3; i++)
        sink_put(&fake.sink, &series, &things, NULL, 0, 0, i);
    ck_assert_uint_eq(fake.declares, 2);
    fake.limit = 1;
    fake.sink.room++;
    sink_put(&fake.sink, &series, &things, NULL, 0, 0, 7);
    ck_assert_double_eq(fake_sink_value(&fake, "things"), 7);
    fake_sink_finish(&fake);
}
END_TEST

START_TEST(dropped_once_and_declared_anew)
{
    struct fake_sink fake;
    struct sink_series series = {0};

    fake_sink_init(&fake);
    sink_drop(&fake.sink, &series); /* never had a value */
    sink_put(&fake.sink, &series, &things, NULL, 0, 0, 1);
    sink_drop(&fake.sink, &series);
    sink_drop(&fake.sink, &series);
    ck_assert_uint_eq(fake.releases, 1);
    ck_assert_ptr_null(fake_sink_find(&fake, "things"));
    sink_put(&fake.sink, &series, &things, NULL, 0, 0, 2);
    ck_assert_double_eq(fake_sink_value(&fake, "things"), 2);
    fake_sink_finish(&fake);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sink", declared_once_and_set_at_each_tick,
                     a_refused_one_is_declared_again_when_there_is_room,
                     dropped_once_and_declared_anew);
}
