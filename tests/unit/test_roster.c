#include "collectors/roster.h"

#include <stdio.h>

#include "tests/unit/support.h"

struct item {
    struct roster_key key;
    int value;
};

/* on_gone's witness: the names that went, in order. */
struct gone {
    char names[64];
    size_t count;
};

static void on_gone(void *opaque, struct sink *sink)
{
    struct gone *gone = (struct gone *)(void *)sink;
    struct item *item = opaque;

    ck_assert_uint_lt(gone->count, sizeof gone->names - 1);
    gone->names[gone->count++] = item->key.name[0];
}

static void on_counted(void *opaque, struct sink *sink)
{
    struct item *item = opaque;

    ck_assert_int_eq(item->key.name[0], 'v');
    ((struct gone *)(void *)sink)->count++;
}

/* A tick in which these one-letter names are listed, each item getting its letter as value. */
static void tick(struct roster *roster, const char *names, struct gone *gone)
{
    *gone = (struct gone){0};
    roster_begin(roster);
    for (; *names != '\0'; names++) {
        struct item *item = roster_take(roster, (struct span){names, 1});

        ck_assert(item->value == 0 || item->value == *names);
        item->value = *names;
    }
    roster_sweep(roster, on_gone, (struct sink *)(void *)gone);
}

static void expect_items(const struct roster *roster, const char *names)
{
    const struct item *items = roster->items;

    ck_assert_uint_eq(roster->count, strlen(names));
    for (size_t index = 0; index < roster->count; index++) {
        ck_assert_int_eq(items[index].key.name[0], names[index]);
        ck_assert_int_eq(items[index].value, names[index]);
    }
}

START_TEST(items_keep_their_state_and_follow_the_files_order)
{
    static const char *const ticks[][2] = {
        {"abcd", ""}, {"abcd", ""},           {"abxcd", ""},         {"bxd", "ac"},
        {"dxb", ""},  {"axdb", ""},           {"", "axdb"},          {"ab", ""},
        {"abab", ""}, {"bcdefghijklmn", "a"}, {"n", "bcdefghijklm"},
    };
    struct roster roster;
    struct gone gone;

    roster_init(&roster, sizeof(struct item));
    for (size_t index = 0; index < sizeof ticks / sizeof ticks[0]; index++) {
        tick(&roster, ticks[index][0], &gone);
        ck_assert_str_eq(gone.names, ticks[index][1]);
        /* A name that is listed twice is one item. */
        expect_items(&roster, strcmp(ticks[index][0], "abab") == 0 ? "ab" : ticks[index][0]);
    }
    roster_finish(&roster);
}
END_TEST

START_TEST(a_returning_name_is_a_new_item)
{
    struct roster roster;
    struct gone gone;
    struct item *item;

    roster_init(&roster, sizeof(struct item));
    tick(&roster, "ab", &gone);
    tick(&roster, "a", &gone);
    roster_begin(&roster);
    item = roster_take(&roster, (struct span){"b", 1});
    ck_assert_int_eq(item->value, 0);
    ck_assert_str_eq(item->key.name, "b");
    roster_finish(&roster);
}
END_TEST

/* Forwards, then backwards, then every other one and new ones between. */
START_TEST(thousands_of_names)
{
    enum { NAMES = 8192 };
    struct roster roster;
    struct gone gone = {0};

    roster_init(&roster, sizeof(struct item));
    for (int round = 0; round < 4; round++) {
        roster_begin(&roster);
        for (int index = 0; index < NAMES; index++) {
            int number = round == 0 ? index + 1 : NAMES - index;
            bool is_new = round == 0 || (round == 2 && number % 2 == 0);
            char name[32];
            int length = snprintf(name, sizeof name, "%s%d",
                                  round >= 2 && number % 2 == 0 ? "w" : "v", number);
            struct item *item = roster_take(&roster, (struct span){name, (size_t)length});

            ck_assert_int_eq(item->value, is_new ? 0 : number);
            ck_assert_str_eq(item->key.name, name);
            item->value = number;
        }
        gone.count = 0;
        roster_sweep(&roster, on_counted, (struct sink *)(void *)&gone);
        ck_assert_uint_eq(gone.count, round == 2 ? NAMES / 2 : 0);
        ck_assert_uint_eq(roster.count, NAMES);
    }
    roster_finish(&roster);
}
END_TEST

START_TEST(names_are_bounded)
{
    char name[ROSTER_NAME_MAX + 1];

    memset(name, 'x', sizeof name);
    ck_assert(roster_accepts((struct span){name, ROSTER_NAME_MAX}));
    ck_assert(!roster_accepts((struct span){name, ROSTER_NAME_MAX + 1}));
    ck_assert(!roster_accepts((struct span){name, 0}));
    name[1] = '\0';
    ck_assert(!roster_accepts((struct span){name, 3}));
    name[1] = '\n';
    ck_assert(!roster_accepts((struct span){name, 3}));
}
END_TEST

int main(void)
{
    return RUN_TESTS("roster", items_keep_their_state_and_follow_the_files_order,
                     a_returning_name_is_a_new_item, thousands_of_names, names_are_bounded);
}
