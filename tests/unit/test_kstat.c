#include "collectors/system/kstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define HEAD "7 1 0x01 13 624 8012538347 351689526932992\nname   type data\n"
#define ROWS "hits  4    10\nbelow 3    -5\nset   7    a  b \n"
#define IO                                                                                         \
    "12 3 0x00 1 80 79205351707403 395818011156865\n"                                              \
    "nread    nwritten reads    \n"                                                                \
    "1884160  3206144  22       \n"

/* What was taken, as "name=text;" and, of numbers, "name=text:number;". */
struct taken {
    char text[256];
    size_t count;
};

static void take(void *context, const struct kstat_value *value)
{
    struct taken *taken = context;
    size_t length = strlen(taken->text);

    if (taken->count++ < 8) {
        length += (size_t)snprintf(taken->text + length, sizeof taken->text - length, "%.*s=%.*s",
                                   (int)value->name.length, value->name.at, (int)value->text.length,
                                   value->text.at);
        if (value->is_number)
            length += (size_t)snprintf(taken->text + length, sizeof taken->text - length, ":%.0f",
                                       value->number);
        snprintf(taken->text + length, sizeof taken->text - length, ";");
    }
}

START_TEST(values_by_line)
{
    struct taken taken = {.count = 0};

    ck_assert_int_eq(kstat_parse(HEAD ROWS, strlen(HEAD ROWS), take, &taken), 0);
    ck_assert_str_eq(taken.text, "hits=10:10;below=-5:-5;set=a  b;");
}
END_TEST

START_TEST(no_values_is_an_answer)
{
    struct taken taken = {.count = 0};

    ck_assert_int_eq(kstat_parse(HEAD, strlen(HEAD), take, &taken), 0);
    ck_assert_uint_eq(taken.count, 0);
}
END_TEST

START_TEST(bad_headings)
{
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "7 1 0x01\n",
        "name type data\nhits 4 1\n",
        "7 1\nname type\nhits 4 1\n",
        "7 1\nname type data more\nhits 4 1\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct taken taken = {.count = 0};

        ck_assert_msg(kstat_parse(bad[index], strlen(bad[index]), take, &taken) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(taken.count, 0);
    }
}
END_TEST

START_TEST(a_bad_line_costs_itself)
{
    static const char *const bad[] = {
        "hits\n",      "hits 4\n",     "hits x 1\n", "hits 4 x\n",
        "hits 4 -1\n", "hits 4 1 2\n", "\n",         "hits 4 18446744073709551616\n",
    };
    char text[256];

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct taken taken = {.count = 0};

        snprintf(text, sizeof text, HEAD "%slast 4 7\n", bad[index]);
        ck_assert_msg(kstat_parse(text, strlen(text), take, &taken) == -EBADMSG, "%s", bad[index]);
        ck_assert_str_eq(taken.text, "last=7:7;");
    }
}
END_TEST

START_TEST(names_above_numbers)
{
    struct taken taken = {.count = 0};

    ck_assert_int_eq(kstat_parse_io(IO, strlen(IO), take, &taken), 0);
    ck_assert_str_eq(taken.text, "nread=1884160:1884160;nwritten=3206144:3206144;reads=22:22;");
}
END_TEST

START_TEST(bad_pairs)
{
    static const char *const bad[] = {
        "",
        "\n\n\n",
        "1\nnread\n",
        "1\nnread\n\n",
        "1\nnread reads\n5\n",
        "1\nnread\n5 6\n",
        "1\nnread reads\n5 x\n",
        "1\nnread reads\n5 -6\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct taken taken = {.count = 0};

        ck_assert_msg(kstat_parse_io(bad[index], strlen(bad[index]), take, &taken) == -EBADMSG,
                      "%s", bad[index]);
        ck_assert_uint_eq(taken.count, 0);
    }
}
END_TEST

START_TEST(too_many_values)
{
    char *text = malloc(sizeof HEAD + (KSTAT_VALUES_MAX + 1) * strlen("x 4 1\n"));
    char *end = text;
    struct taken taken = {.count = 0};

    ck_assert_ptr_nonnull(text);
    end = stpcpy(end, HEAD);
    for (size_t row = 0; row < KSTAT_VALUES_MAX; row++)
        end = stpcpy(end, "x 4 1\n");
    ck_assert_int_eq(kstat_parse(text, (size_t)(end - text), take, &taken), 0);
    end = stpcpy(end, "x 4 1\n");
    taken.count = 0;
    ck_assert_int_eq(kstat_parse(text, (size_t)(end - text), take, &taken), -E2BIG);
    ck_assert_uint_eq(taken.count, KSTAT_VALUES_MAX);
    free(text);
}
END_TEST

/* Cut anywhere, a number has fewer digits. */
static void expect_fewer(const char *text, size_t length)
{
    struct taken taken = {.count = 0};

    (void)!kstat_parse(text, length, take, &taken);
    ck_assert_uint_le(taken.count, 3);
    ck_assert(taken.count < 3 || length >= strlen(HEAD ROWS) - strlen("    a  b \n"));
}

static void expect_pairs(const char *text, size_t length)
{
    struct taken taken = {.count = 0};
    int result = kstat_parse_io(text, length, take, &taken);

    ck_assert_uint_eq(taken.count, result == 0 ? 3 : 0);
}

START_TEST(every_prefix)
{
    each_prefix(HEAD ROWS, expect_fewer);
    each_prefix(IO, expect_pairs);
}
END_TEST

int main(void)
{
    return RUN_TESTS("kstat", values_by_line, no_values_is_an_answer, bad_headings,
                     a_bad_line_costs_itself, names_above_numbers, bad_pairs, too_many_values,
                     every_prefix);
}
