#include "collectors/system/mdstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define HEAD "Personalities : [raid1] [raid6]\n"
#define WHOLE                                                                                      \
    "md3 : active raid6 sda1[8] sdb1[9] sdd1[10](S) sdc1[2](F)\n"                                  \
    "      58534 blocks super 1.2 level 6, 64k chunk, algorithm 2 [8/7] [UUUUUUU_]\n"              \
    "      bitmap: 0/30 pages [0KB], 65536KB chunk\n\n"
#define BUSY(what)                                                                                 \
    "md0 : active raid1 sda1[0] sdb1[1]\n      100 blocks [2/2] [UU]\n      " what "\n\n"
#define TAIL "unused devices: <none>\n"

#define TAKEN_MAX 4

struct taken {
    struct mdstat_array arrays[TAKEN_MAX];
    size_t count;
};

static void take(void *context, const struct mdstat_array *array)
{
    struct taken *taken = context;

    if (taken->count < TAKEN_MAX)
        taken->arrays[taken->count] = *array;
    taken->count++;
}

static int parse(const char *text, struct taken *taken)
{
    taken->count = 0;
    return mdstat_parse(text, strlen(text), take, taken);
}

START_TEST(a_whole_array)
{
    struct taken taken;
    const struct mdstat_array *array = taken.arrays;

    ck_assert_int_eq(parse(HEAD "\n" WHOLE TAIL, &taken), 0);
    ck_assert_uint_eq(taken.count, 1);
    ck_assert(span_equals(array->name, "md3"));
    ck_assert_int_eq(array->state, MDSTAT_ACTIVE);
    ck_assert_uint_eq(array->active, 7);
    ck_assert_uint_eq(array->required, 8);
    ck_assert_uint_eq(array->failed, 1);
    ck_assert_uint_eq(array->spare, 1);
    ck_assert_uint_eq(array->blocks, 58534);
    ck_assert_uint_eq(array->synced, 58534);
}
END_TEST

START_TEST(what_it_does)
{
    static const struct {
        const char *text;
        enum mdstat_state state;
        uint64_t synced;
    } cases[] = {
        {BUSY("[=>...]  recovery =  8.5% (16/100) finish=17.0min speed=259783K/sec"),
         MDSTAT_RECOVERING, 16},
        {BUSY("[=>...]  resync = 10.5% (17/100) finish=1.0min speed=1K/sec"), MDSTAT_RESYNC, 17},
        {BUSY("[=>...]  check =  5.7% (18/100) finish=0.2min speed=1K/sec"), MDSTAT_CHECK, 18},
        {BUSY("\tresync=DELAYED"), MDSTAT_RESYNC, 0},
        {BUSY("\tresync=PENDING"), MDSTAT_RESYNC, 0},
        {BUSY("bitmap: 0/1 pages\n      [>]  recovery = 1% (19/100) finish"), MDSTAT_RECOVERING,
         19},
        {BUSY("[=>...]  reshape =  5.7% (18/100) finish=0.2min"), MDSTAT_ACTIVE, 100},
        {BUSY("bitmap: 0/30 pages [0KB], 65536KB chunk"), MDSTAT_ACTIVE, 100},
    };

    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct taken taken;

        ck_assert_msg(parse(cases[index].text, &taken) == 0, "%s", cases[index].text);
        ck_assert_uint_eq(taken.count, 1);
        ck_assert_msg(taken.arrays[0].state == cases[index].state, "%s", cases[index].text);
        ck_assert_uint_eq(taken.arrays[0].synced, cases[index].synced);
    }
}
END_TEST

START_TEST(arrays_without_redundance)
{
    struct taken taken;

    ck_assert_int_eq(parse("md0 : active (read-only) raid0 sda[0] sdb[1]\n   30 blocks 64k chunks\n"
                           "md1 : active linear sdc[0]\n   31 blocks 0k rounding\n"
                           "md2 : inactive sdd[0](S)\n   32 blocks super external:imsm\n"
                           "md4 : inactive\n",
                           &taken),
                     0);
    ck_assert_uint_eq(taken.count, 4);
    ck_assert_uint_eq(taken.arrays[0].active, 2);
    ck_assert_uint_eq(taken.arrays[0].required, 2);
    ck_assert_uint_eq(taken.arrays[1].active, 1);
    ck_assert_int_eq(taken.arrays[2].state, MDSTAT_INACTIVE);
    ck_assert_uint_eq(taken.arrays[2].active, 0);
    ck_assert_uint_eq(taken.arrays[2].spare, 1);
    ck_assert_uint_eq(taken.arrays[2].blocks, 32);
    ck_assert_uint_eq(taken.arrays[3].blocks, 0);
}
END_TEST

START_TEST(no_arrays_is_an_answer)
{
    struct taken taken;

    ck_assert_int_eq(parse("", &taken), 0);
    ck_assert_int_eq(parse(HEAD TAIL, &taken), 0);
    ck_assert_uint_eq(taken.count, 0);
}
END_TEST

START_TEST(what_is_not_understood_costs_one_array)
{
    static const char *const bad[] = {
        "md0\n",
        "md0 : \n",
        "md0 : odd raid1 sda1[0]\n      100 blocks [1/1] [U]\n",
        "md0 : active raid1 sda1[0]\n",
        "md0 : active raid1 sda1[0]\n      x blocks [1/1] [U]\n",
        "md0 : active raid1 sda1[0]\n      100 blocks\n",
        "md0 : active raid1 sda1[0]\n      100 blocks [1] [1/x] [/1]\n",
        "md0 : active raid1 sda1[0]\n      18446744073709551616 blocks [1/1] [U]\n",
        BUSY("[=>...]  recovery =  8.5%"),
        BUSY("[=>...]  recovery =  8.5% (x/100)"),
    };
    char text[1024];

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct taken taken;

        snprintf(text, sizeof text, HEAD "%s" WHOLE TAIL, bad[index]);
        ck_assert_msg(parse(text, &taken) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(taken.count, 1);
        ck_assert(span_equals(taken.arrays[0].name, "md3"));
    }
}
END_TEST

START_TEST(too_many_arrays)
{
    static const char one[] = "m : inactive\n";
    char *text = malloc(sizeof one * (MDSTAT_ARRAYS_MAX + 1));
    char *end = text;
    struct taken taken;

    ck_assert_ptr_nonnull(text);
    for (size_t index = 0; index < MDSTAT_ARRAYS_MAX; index++)
        end = stpcpy(end, one);
    ck_assert_int_eq(parse(text, &taken), 0);
    stpcpy(end, one);
    ck_assert_int_eq(parse(text, &taken), -E2BIG);
    ck_assert_uint_eq(taken.count, MDSTAT_ARRAYS_MAX);
    free(text);
}
END_TEST

/* Cut anywhere, it is an array with what stands before the cut, or none. */
static void expect_justified(const char *text, size_t length)
{
    struct taken taken = {.count = 0};

    (void)!mdstat_parse(text, length, take, &taken);
    ck_assert_uint_le(taken.count, 1);
    if (taken.count == 1) {
        ck_assert_uint_ge(length, strlen(HEAD WHOLE) - strlen("] [UUUUUUU_]\n") -
                                      strlen("      bitmap: 0/30 pages [0KB], 65536KB chunk\n\n"));
        ck_assert_uint_eq(taken.arrays[0].blocks, 58534);
    }
}

START_TEST(every_prefix)
{
    each_prefix(HEAD WHOLE TAIL, expect_justified);
}
END_TEST

int main(void)
{
    return RUN_TESTS("mdstat", a_whole_array, what_it_does, arrays_without_redundance,
                     no_arrays_is_an_answer, what_is_not_understood_costs_one_array,
                     too_many_arrays, every_prefix);
}
