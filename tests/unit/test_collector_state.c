#include "daemon/collector_state.h"

#include <errno.h>
#include <pthread.h>

#include "tests/unit/support.h"

#define ROUNDS 200000

static void expect(const struct collector_state *state, enum collector_condition condition,
                   int error, int64_t since_ms)
{
    struct collector_status status;

    ck_assert(collector_state_read(state, &status));
    ck_assert_int_eq(status.condition, condition);
    ck_assert_int_eq(status.error, error);
    ck_assert_int_eq(status.since_ms, since_ms);
}

START_TEST(a_result_tells_the_condition)
{
    static const struct {
        int result;
        enum collector_condition condition;
        int error;
    } cases[] = {
        {0, COLLECTOR_RUNNING, 0},
        {1, COLLECTOR_RUNNING, 0}, /* COLLECTOR_AGAIN */
        {-ENOENT, COLLECTOR_ABSENT, 0},
        {-EOPNOTSUPP, COLLECTOR_ABSENT, 0},
        {-ENODEV, COLLECTOR_ABSENT, 0},
        {-EACCES, COLLECTOR_DENIED, EACCES},
        {-EPERM, COLLECTOR_DENIED, EPERM},
        {-EIO, COLLECTOR_FAILING, EIO},
        {-EBADMSG, COLLECTOR_FAILING, EBADMSG},
        {-4095, COLLECTOR_FAILING, 4095}, /* the largest there is */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct collector_state state = {0};

        collector_state_set_result(&state, cases[i].result, 1795538235000);
        expect(&state, cases[i].condition, cases[i].error, 1795538235000);
        ck_assert(collector_result_is_absence(cases[i].result) ==
                  (cases[i].condition == COLLECTOR_ABSENT));
    }
}
END_TEST

START_TEST(it_is_so_since_the_condition_changed)
{
    struct collector_state state = {.name = "x"};
    struct collector_status status;

    ck_assert(!collector_state_read(&state, &status));
    collector_state_set_result(&state, 0, 1000);
    collector_state_set_result(&state, 0, 2000);
    expect(&state, COLLECTOR_RUNNING, 0, 1000);
    collector_state_set_result(&state, -EIO, 3000);
    collector_state_set_result(&state, -EBADMSG, 4000);
    expect(&state, COLLECTOR_FAILING, EBADMSG, 3000);
    collector_state_set(&state, COLLECTOR_OFF, 0, 5000);
    expect(&state, COLLECTOR_OFF, 0, 5000);
    collector_state_set_result(&state, 0, 6000);
    expect(&state, COLLECTOR_RUNNING, 0, 6000);
    /* A clock that stands at 1970 is a time too. */
    collector_state_set_result(&state, -EIO, 0);
    expect(&state, COLLECTOR_FAILING, EIO, 0);
}
END_TEST

START_TEST(each_condition_has_a_name)
{
    static const char *const names[] = {"running", "off", "absent", "denied", "failing"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(collector_condition_name((enum collector_condition)i), names[i]);
}
END_TEST

/* --- two threads: what is read was said at one time --- */

static void *say(void *arg)
{
    struct collector_state *state = arg;

    for (int64_t i = 1; i <= ROUNDS; i++) {
        collector_state_set(state, COLLECTOR_FAILING, 1, 2 * i);
        collector_state_set(state, COLLECTOR_OFF, 0, 2 * i + 1);
    }
    return NULL;
}

START_TEST(what_is_read_belongs_together)
{
    struct collector_state state = {0};
    struct collector_status status;
    pthread_t writer;
    int64_t last_ms = 0;
    bool good = true;

    ck_assert_int_eq(pthread_create(&writer, NULL, say, &state), 0);
    while (good && last_ms < 2 * ROUNDS + 1) {
        if (!collector_state_read(&state, &status))
            continue;
        good = status.since_ms >= last_ms && status.error == (status.since_ms % 2 == 0) &&
               status.condition == (status.error ? COLLECTOR_FAILING : COLLECTOR_OFF);
        last_ms = status.since_ms;
    }
    pthread_join(writer, NULL);
    ck_assert_msg(good, "%d %d %lld", (int)status.condition, status.error,
                  (long long)status.since_ms);
}
END_TEST

int main(void)
{
    return RUN_TESTS("collector_state", a_result_tells_the_condition,
                     it_is_so_since_the_condition_changed, each_condition_has_a_name,
                     what_is_read_belongs_together);
}
