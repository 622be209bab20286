/* What one reading found is bounded, and kept as it was given. */
#include "collectors/findings.h"

#include <errno.h>

#include "tests/unit/support.h"

static const struct metric value = {
    .name = "node_toy_value", .unit = "", .help = "A number.", .kind = METRIC_GAUGE};

START_TEST(they_are_bounded)
{
    struct findings findings = {0};
    char text[4096];
    struct label label = {"text", text};

    for (int i = 0; i <= FINDINGS_MAX; i++)
        findings_add(&findings, &value, NULL, 0, i);
    ck_assert_uint_eq(findings.count, FINDINGS_MAX);
    ck_assert_int_eq(findings.trouble, -E2BIG);

    findings_clear(&findings);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 1200; i++)
        findings_add(&findings, &value, &label, 1, i);
    ck_assert_uint_lt(findings.count, 1200);
    ck_assert_uint_le(findings.length, FINDINGS_BYTES_MAX);
    ck_assert_int_eq(findings.trouble, -E2BIG);
    findings_finish(&findings);
}
END_TEST

START_TEST(labels_may_have_any_bytes)
{
    struct findings findings = {0};
    struct label label = {"text", "a\nb\x7f\xc3\xa4"}, out[FINDINGS_LABELS_MAX];

    findings_add(&findings, &value, &label, 1, 1);
    findings_labels(&findings, &findings.items[0], out);
    ck_assert_str_eq(out[0].key, "text");
    ck_assert_str_eq(out[0].value, label.value);
    findings_finish(&findings);
}
END_TEST

int main(void)
{
    return RUN_TESTS("findings", they_are_bounded, labels_may_have_any_bytes);
}
