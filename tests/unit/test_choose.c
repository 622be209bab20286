#include "daemon/choose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

static struct chooser *make(const char *include, const char *exclude)
{
    struct choose_patterns patterns[CHOICE_COUNT] = {
        [CHOICE_DISK_DEVICE] = {include ? strdup(include) : NULL,
                                exclude ? strdup(exclude) : NULL}};
    struct chooser *chooser = NULL;

    ck_assert_int_eq(choose_new(patterns, &chooser), 0);
    free(patterns[CHOICE_DISK_DEVICE].include);
    free(patterns[CHOICE_DISK_DEVICE].exclude);
    return chooser;
}

static void expect(const char *include, const char *exclude, const char *name,
                   enum choice_answer wanted)
{
    struct chooser *chooser = make(include, exclude);

    ck_assert_msg(chooser->ask(chooser, CHOICE_DISK_DEVICE, name) == wanted, "%s, %s: %s",
                  include ? include : "", exclude ? exclude : "", name);
    ck_assert_int_eq(chooser->ask(chooser, CHOICE_NETDEV_DEVICE, name), CHOICE_UNSAID);
    choose_free(chooser);
}

START_TEST(what_is_included_and_not_excluded_is_read)
{
    expect(NULL, NULL, "sda", CHOICE_UNSAID);
    expect("^sd", NULL, "sda", CHOICE_READ);
    expect("^sd", NULL, "vda", CHOICE_LEFT);
    expect(NULL, "^sd", "sda", CHOICE_LEFT);
    expect(NULL, "^sd", "vda", CHOICE_READ);
    expect("^sd", "b$", "sda", CHOICE_READ);
    expect("^sd", "b$", "sdb", CHOICE_LEFT);
    expect("^sd", "b$", "vda", CHOICE_LEFT);
}
END_TEST

START_TEST(a_pattern_is_looked_for_anywhere)
{
    expect("d", NULL, "sda", CHOICE_READ);
    expect("d", NULL, "sr0", CHOICE_LEFT);
    expect("", NULL, "", CHOICE_READ);
    expect("(a)(b)|(c)", NULL, "xab", CHOICE_READ);
    /* As Go has it: the end is the end, a point is a whole character and no newline. */
    expect("a$", NULL, "a\n", CHOICE_LEFT);
    expect("^a.b$", NULL, "a\nb", CHOICE_LEFT);
    expect("^a.b$", NULL,
           "a\xc3\xa4"
           "b",
           CHOICE_READ);
    expect("^a.b$", NULL,
           "a\xff"
           "b",
           CHOICE_READ);
    expect("^a\xef\xbf\xbd"
           "b$",
           NULL,
           "a\xff"
           "b",
           CHOICE_READ);
}
END_TEST

START_TEST(choices_do_not_mix)
{
    struct choose_patterns patterns[CHOICE_COUNT] = {{0}};
    struct collector_roots roots = {0};
    struct chooser *chooser;
    char pattern[] = "^a$";

    patterns[CHOICE_ARP_DEVICE].include = pattern;
    patterns[CHOICE_POWER_SUPPLY].exclude = pattern;
    ck_assert(choice_takes(&roots, CHOICE_ARP_DEVICE, "b", true));
    ck_assert(!choice_is_said(&roots, CHOICE_ARP_DEVICE));
    ck_assert_int_eq(choose_new(patterns, &chooser), 0);
    roots.chooser = chooser;
    for (unsigned choice = 0; choice < CHOICE_COUNT; choice++) {
        bool said = choice == CHOICE_ARP_DEVICE || choice == CHOICE_POWER_SUPPLY;

        ck_assert(choice_is_said(&roots, choice) == said);
        ck_assert(choice_takes(&roots, choice, "a", true) == (choice != CHOICE_POWER_SUPPLY));
        ck_assert(choice_takes(&roots, choice, "b", false) == (choice == CHOICE_POWER_SUPPLY));
    }
    choose_free(chooser);
    choose_free(NULL);
}
END_TEST

START_TEST(what_costs_too_much_does_not_match)
{
    char name[2000];

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    expect("^(a+)+$", NULL, name, CHOICE_READ);
    name[sizeof name - 2] = 'b';
    expect("^(a|aa)+$", NULL, name, CHOICE_LEFT);
    expect(NULL, "^(a|aa)+$", name, CHOICE_READ);
}
END_TEST

START_TEST(what_is_no_pattern_is_refused)
{
    char error[CHOOSE_ERROR_BYTES], text[5000], good[] = "a", bad[] = "(";
    struct choose_patterns patterns[CHOICE_COUNT] = {{0}, [CHOICE_CPU_BUG] = {good, bad}};
    struct chooser *chooser = NULL;

    ck_assert_int_eq(choose_check("a", error), 0);
    ck_assert_int_eq(choose_check("a(b", error), -EINVAL);
    ck_assert_str_eq(error, "at byte 3 of it: missing closing parenthesis");
    ck_assert_int_eq(choose_check("\\C", error), -EINVAL);
    ck_assert_int_eq(choose_check("\xff", error), -EINVAL);
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(choose_check(text, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "longer than the limit"));
    memset(text, '(', 200);
    memset(text + 200, ')', 200);
    text[400] = '\0';
    ck_assert_int_eq(choose_check(text, error), -EINVAL);
    ck_assert_int_eq(choose_new(patterns, &chooser), -EINVAL);
    ck_assert_ptr_null(chooser);
}
END_TEST

int main(void)
{
    return RUN_TESTS("choose", what_is_included_and_not_excluded_is_read,
                     a_pattern_is_looked_for_anywhere, choices_do_not_mix,
                     what_costs_too_much_does_not_match, what_is_no_pattern_is_refused);
}
