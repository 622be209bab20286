#include "collectors/statistics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

static size_t picks;

/* Wants what begins with a W. */
static bool pick(struct span group, struct span name, struct field_key *key)
{
    picks++;
    return name.at[0] == 'W' && field_key_make(key, group, name);
}

static const struct statistics_form lines = {.paired = false, .pick = pick};
static const struct statistics_form pairs = {.paired = true, .pick = pick};

static int parse(const char *text, const struct statistics_form *form, struct statistics *all)
{
    return statistics_parse(text, strlen(text), form, all);
}

/* What was read, as "key=value key=value", is the wanted. */
static void expect(const struct statistics *all, const char *wanted)
{
    char text[512] = "";
    size_t used = 0;

    for (size_t index = 0; index < all->count; index++) {
        if (all->items[index].present)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s=%.17g", used > 0 ? " " : "",
                                 all->items[index].key.text, all->items[index].value);
    }
    ck_assert_str_eq(text, wanted);
}

static void expect_read(const char *text, const struct statistics_form *form,
                        struct statistics *all, const char *wanted)
{
    ck_assert_msg(parse(text, form, all) == 0, "%s", text);
    expect(all, wanted);
}

static void expect_part(const char *text, const struct statistics_form *form,
                        struct statistics *all, const char *wanted)
{
    ck_assert_msg(parse(text, form, all) == -EBADMSG, "%s", text);
    expect(all, wanted);
}

START_TEST(good_lines)
{
    struct statistics all = {0};

    expect_read("a 1\nWa 2\nb what?\nWb  \t-3\n", &lines, &all, "Wa=2 Wb=-3");
    expect_read("Wa 18446744073709551615", &lines, &all, "Wa=1.8446744073709552e+19");
    expect_read("a\n", &lines, &all, "");
    statistics_finish(&all);
}
END_TEST

START_TEST(good_pairs)
{
    struct statistics all = {0};

    expect_read("A: Wa b Wc\nA: 1 2 -3\nB: Wa\nB: 4\n", &pairs, &all, "A_Wa=1 A_Wc=-3 B_Wa=4");
    expect_read("A:\nA:\nB: b\nB: 1\n", &pairs, &all, "");
    expect_read("A: a\nA: 1\nB: b Wb\nB: 1 2", &pairs, &all, "B_Wb=2");
    statistics_finish(&all);
}
END_TEST

START_TEST(bad_lines)
{
    static const char *const bad[] = {
        "",     "\n",      "Wa\n", "Wa 1 2\n", "Wa 1.5\n", "Wa -\n", "Wa 18446744073709551616\n",
        "\n\n", " Wa 1\n",
    };
    struct statistics all = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        expect_read("Wa 7\n", &lines, &all, "Wa=7");
        expect_part(bad[index], &lines, &all, "");
    }
    statistics_finish(&all);
}
END_TEST

START_TEST(bad_pairs)
{
    static const char *const bad[] = {
        "",
        "\n",
        "A: Wa\n",
        "A: Wa\n\n",
        "A: Wa\nB: 1\n",
        "A: Wa\nAA: 1\n",
        "A: Wa\nA: 1 2\n",
        "A: Wa Wb\nA: 1\n",
        "A: Wa\nA: x\n",
        "A: Wa\nA: 1 \n",
        "A: a\nA: x\n",
        "A Wa\nA 1\n",
    };
    struct statistics all = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        expect_read("A: Wa\nA: 7\n", &pairs, &all, "A_Wa=7");
        expect_part(bad[index], &pairs, &all, "");
    }
    statistics_finish(&all);
}
END_TEST

START_TEST(a_bad_line_costs_its_values)
{
    struct statistics all = {0};

    expect_part("Wa 1\n\nWb x\nWc 3\n", &lines, &all, "Wa=1 Wc=3");
    expect_read("Wa 1\nWb 2\nWc 3\n", &lines, &all, "Wa=1 Wb=2 Wc=3");
    expect_part("Wa 1\nWb x\nWc 3\n", &lines, &all, "Wa=1 Wc=3");
    statistics_finish(&all);

    expect_part("A: Wa\nA: 1\nB: Wb Wc\nB: 2\nC: Wd\nC: 3\n", &pairs, &all, "A_Wa=1 C_Wd=3");
    expect_part("A: Wa\nA: 1\nB: Wb Wc\nB: 2 x\nC: Wd\nC: 3\n", &pairs, &all, "A_Wa=1 C_Wd=3");
    /* A line too few or too many puts none beside the names of another. */
    expect_part("A: Wa\nB: Wb\nB: 2\nC: Wd\nC: 3\n", &pairs, &all, "B_Wb=2 C_Wd=3");
    expect_part("A: 1\nB: Wb\nB: 2\nC: Wd\nC: 3\n", &pairs, &all, "B_Wb=2 C_Wd=3");
    expect_part("A: Wa\nA: 1\nwhat?\nC: Wd\nC: 3\n", &pairs, &all, "A_Wa=1 C_Wd=3");
    expect_part("A: Wa\nwhat?\nA: 1\nC: Wd\nC: 3\n", &pairs, &all, "C_Wd=3");
    expect_part("A: Wa\nA: 1\nB: Wb\n", &pairs, &all, "A_Wa=1");
    statistics_finish(&all);
}
END_TEST

START_TEST(names_are_judged_once)
{
    struct statistics all = {0};

    picks = 0;
    expect_read("a 1\nWa 2\nb 3\nWb 4\n", &lines, &all, "Wa=2 Wb=4");
    ck_assert_uint_eq(picks, 4);
    expect_read("a 5\nWa 6\nb 7\nWb 8\n", &lines, &all, "Wa=6 Wb=8");
    ck_assert_uint_eq(picks, 4);
    /* What stands before a change is still known. */
    expect_read("a 5\nWa 6\nWc 7\nWb 8\n", &lines, &all, "Wa=6 Wc=7 Wb=8");
    ck_assert_uint_eq(picks, 6);
    statistics_finish(&all);

    picks = 0;
    expect_read("A: a Wa\nA: 1 2\nB: Wb\nB: 3\n", &pairs, &all, "A_Wa=2 B_Wb=3");
    expect_read("A: a Wa\nA: 4 5\nB: Wb\nB: 6\n", &pairs, &all, "A_Wa=5 B_Wb=6");
    ck_assert_uint_eq(picks, 3);
    statistics_finish(&all);
}
END_TEST

/* Whatever was read before, the answer depends on the present text. */
START_TEST(the_file_changes)
{
    static const char *const texts[] = {
        "A: a Wa\nA: 1 2\nB: Wb\nB: 3\n",
        "A: Wa a\nA: 1 2\nB: Wb\nB: 3\n",
        "A: a Wa\nA: 1 2\n",
        "B: a Wa\nB: 1 2\nA: Wb\nA: 3\n",
        "A: a Wa b Wb c Wc\nA: 1 2 3 4 5 6\nB: Wb\nB: 3\n",
        "A:\nA:\nB: Wb\nB: 3\n",
        "A: a Wa\nA: 1 2\nC: Wx\nC: 3\nB: Wb\nB: 3\n",
    };
    static const char *const wanted[] = {
        "A_Wa=2 B_Wb=3",
        "A_Wa=1 B_Wb=3",
        "A_Wa=2",
        "B_Wa=2 A_Wb=3",
        "A_Wa=2 A_Wb=4 A_Wc=6 B_Wb=3",
        "B_Wb=3",
        "A_Wa=2 C_Wx=3 B_Wb=3",
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    struct statistics all = {0};

    for (size_t from = 0; from < COUNT; from++) {
        for (size_t to = 0; to < COUNT; to++) {
            expect_read(texts[from], &pairs, &all, wanted[from]);
            expect_read(texts[to], &pairs, &all, wanted[to]);
            ck_assert_int_eq(parse("A: a\n", &pairs, &all), -EBADMSG);
        }
    }
    statistics_finish(&all);
}
END_TEST

/* A cut number has fewer digits; a cut name is another. */
static void expect_justified(const char *text, size_t length)
{
    struct statistics all = {0};

    ck_assert(statistics_parse(text, length, &pairs, &all) != -E2BIG);
    for (size_t index = 0; index < all.count; index++) {
        bool first = strcmp(all.items[index].key.text, "A_Wa") == 0;

        ck_assert(!all.items[index].present || all.items[index].value == (first ? 12 : 5) ||
                  (!first && all.items[index].value == 56));
    }
    if (statistics_parse(text, length, &lines, &all) == 0)
        ck_assert_uint_le(all.count, 2);
    statistics_finish(&all);
}

START_TEST(every_prefix)
{
    each_prefix("A: Wa b\nA: 12 34\nB: Wc\nB: 56\n", expect_justified);
    each_prefix("a 1\nWa 23\nWb 45\n", expect_justified);
}
END_TEST

START_TEST(too_much)
{
    static const char line[] = "a 1\n", wanted[] = " W";
    size_t size = (STATISTICS_MAX + 1) * 4;
    struct statistics all = {0};
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    for (size_t used = 0; used < size; used += sizeof line - 1)
        memcpy(text + used, line, sizeof line - 1);
    ck_assert_int_eq(statistics_parse(text, size, &lines, &all), -E2BIG);
    ck_assert_uint_eq(all.line_count, STATISTICS_MAX);
    ck_assert_int_eq(statistics_parse(text, size - 4, &lines, &all), 0);

    memcpy(text, "A:", 2);
    for (size_t index = 0; index <= STATISTICS_MAX; index++)
        memcpy(text + 2 + index * 2, wanted, 2);
    memcpy(text + 2 + (STATISTICS_MAX + 1) * 2, "\nA:\n", 4);
    statistics_finish(&all);
    ck_assert_int_eq(statistics_parse(text, 2 + (STATISTICS_MAX + 1) * 2 + 4, &pairs, &all),
                     -E2BIG);
    ck_assert_uint_eq(all.count, 0);
    statistics_finish(&all);
    free(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("statistics", good_lines, good_pairs, bad_lines, bad_pairs,
                     a_bad_line_costs_its_values, names_are_judged_once, the_file_changes,
                     every_prefix, too_much);
}
