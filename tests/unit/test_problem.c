#include "daemon/problem.h"

#include <errno.h>

#include "tests/unit/model.h"

static void expect_document(const struct problem *problem, const char *wanted)
{
    struct buffer out = {0};

    problem_encode(problem, &out);
    buffer_append_char(&out, '\0');
    ck_assert_str_eq(out.data, wanted);
    buffer_finish(&out);
}

START_TEST(a_problem_is_a_document)
{
    struct problem problem;

    ck_assert_int_eq(problem_set(&problem, 400, "step", "\"%s\" is no %d", "x\"y", 7), -EINVAL);
    expect_document(&problem, "{\"title\":\"Bad Request\",\"status\":400,\"parameter\":\"step\","
                              "\"detail\":\"\\\"x\\\"y\\\" is no 7\"}\n");
    ck_assert_int_eq(problem_set(&problem, 404, NULL, "gone"), -EINVAL);
    expect_document(&problem, "{\"title\":\"Not Found\",\"status\":404,\"detail\":\"gone\"}\n");
}
END_TEST

START_TEST(each_status_has_a_title)
{
    static const unsigned statuses[] = {400, 404, 405, 410, 414, 421, 500, 503};
    struct problem problem;

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct buffer out = {0};
        cJSON *json;
        const char *title;

        (void)!problem_set(&problem, statuses[i], NULL, "x");
        problem_encode(&problem, &out);
        json = parse_json(out.data, out.size);
        title = cJSON_GetStringValue(cJSON_GetObjectItem(json, "title"));
        ck_assert_str_ne(title, "Error");
        cJSON_Delete(json);
        buffer_finish(&out);
    }
}
END_TEST

/* Cut in the middle of a character: what is left of it is replaced. */
START_TEST(a_long_detail_is_cut_and_stays_valid)
{
    char text[2 * PROBLEM_DETAIL_BYTES + 2] = "x";
    struct problem problem;
    struct buffer out = {0};

    for (size_t i = 1; i < sizeof text - 2; i += 2)
        memcpy(text + i, "\xc3\xa9", 3);
    (void)!problem_set(&problem, 400, NULL, "%s!", text);
    ck_assert_uint_eq(strlen(problem.detail), PROBLEM_DETAIL_BYTES - 1);
    (void)!problem_set(&problem, 400, NULL, "%s!", text + 1);
    ck_assert_uint_eq((unsigned char)problem.detail[PROBLEM_DETAIL_BYTES - 2], 0xc3);
    problem_encode(&problem, &out);
    cJSON_Delete(parse_json(out.data, out.size));
    ck_assert_mem_eq(out.data + out.size - 6, "\xef\xbf\xbd\"}\n", 6);
    buffer_finish(&out);
}
END_TEST

int main(void)
{
    return RUN_TESTS("problem", a_problem_is_a_document, each_status_has_a_title,
                     a_long_detail_is_cut_and_stays_valid);
}
