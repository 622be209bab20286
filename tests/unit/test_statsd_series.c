#include "collectors/application/statsd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

static struct span span(const char *text)
{
    return (struct span){text, strlen(text)};
}

static int describe(const char *name, const char *tags, const struct label *origin,
                    struct statsd_key *out)
{
    const struct statsd_metric metric = {.name = span(name), .tags = span(tags), .rate = 1};

    return statsd_describe(&metric, origin, out);
}

/* As an exposition has it. */
static void expect(const char *name, const char *tags, const struct label *origin,
                   const char *wanted)
{
    struct statsd_key key;
    struct label labels[STATSD_LABELS_MAX];
    char text[4096];
    size_t used;

    ck_assert_int_eq(describe(name, tags, origin, &key), 0);
    ck_assert_uint_le(key.label_count, STATSD_LABELS_MAX);
    used = (size_t)snprintf(text, sizeof text, "%s",
                            statsd_key_labels(key.text, key.label_count, labels));
    for (size_t i = 0; i < key.label_count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%c%s=\"%s\"", i ? ',' : '{',
                                 labels[i].key, labels[i].value);
    ck_assert_msg(strcmp(text, wanted) == 0, "%s is not %s", text, wanted);
    if (key.label_count > 0)
        ck_assert_ptr_eq(labels[key.label_count - 1].value +
                             strlen(labels[key.label_count - 1].value) + 1,
                         key.text + key.size);
}

START_TEST(names_are_mapped)
{
    expect("api.requests-total", "", NULL, "api_requests_total");
    expect("a:b_C9", "", NULL, "a:b_C9");
    expect("5xx", "", NULL, "_5xx");
    expect("caf\xc3\xa9.\xe2\x82\xac", "", NULL, "caf___");
    expect("\xff", "", NULL, "_");
}
END_TEST

START_TEST(tags_are_labels_by_key)
{
    expect("a", "route:/b:c,env:prod", NULL, "a{env=\"prod\",route=\"/b:c\"");
    expect("a", "env:prod,route:/b:c", NULL, "a{env=\"prod\",route=\"/b:c\"");
    expect("a", "a-b:1,9:x", NULL, "a{_9=\"x\",a_b=\"1\"");
    expect("a", "a:b:1", NULL, "a{a=\"b:1\"");
    expect("a", "ab:1,a:2,abc:3", NULL, "a{a=\"2\",ab=\"1\",abc=\"3\"");
}
END_TEST

START_TEST(the_last_of_two_counts)
{
    expect("a", "b:1,c:2,b:3", NULL, "a{b=\"3\",c=\"2\"");
    expect("a", "b.c:1,b_c:2", NULL, "a{b_c=\"2\"");
}
END_TEST

START_TEST(tags_that_are_no_labels)
{
    expect("a", "production,:x,b:,,c:1,", NULL, "a{c=\"1\"");
    expect("a", "__name__:x,__scope__:y,_z:1", NULL, "a{_z=\"1\"");
    expect("a", "._name__:x,_.scope__:y,\xc3\xa9_z:1,.z:1", NULL, "a{_z=\"1\"");
}
END_TEST

START_TEST(what_is_said_otherwise_is_exported)
{
    const struct label origin = {"unit", "shop.service"};

    expect("a", "quantile:0.5", NULL, "a{exported_quantile=\"0.5\"");
    expect("a", "unit:x,z:1", &origin, "a{exported_unit=\"x\",unit=\"shop.service\",z=\"1\"");
    /* Who has no origin does not get that of another. */
    expect("a", "unit:x,command:y", NULL, "a{exported_command=\"y\",exported_unit=\"x\"");
    expect("a", "command:x", &origin, "a{exported_command=\"x\",unit=\"shop.service\"");
}
END_TEST

START_TEST(a_nul_ends_no_value)
{
    const struct statsd_metric metric = {.name = {"a\0b", 3}, .tags = {"c\0:x\0y", 6}, .rate = 1};
    struct statsd_key key;
    struct label label;

    ck_assert_int_eq(statsd_describe(&metric, NULL, &key), 0);
    ck_assert_uint_eq(key.label_count, 1);
    ck_assert_str_eq(statsd_key_labels(key.text, 1, &label), "a_b");
    ck_assert_str_eq(label.key, "c_");
    ck_assert_str_eq(label.value, "x_y");
}
END_TEST

/* So many tags, each with a value of so many bytes. */
static int describe_many(size_t count, size_t bytes)
{
    char tags[STATSD_LINE_MAX] = "";
    struct statsd_key key;
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(tags + used, sizeof tags - used, "%sk%zu:%0*d", i ? "," : "", i,
                                 (int)bytes, 0);
    return describe("a", tags, NULL, &key);
}

START_TEST(limits)
{
    char key[STATSD_NAME_MAX + 4];

    ck_assert_int_eq(describe_many(STATSD_TAGS_MAX, 1), 0);
    ck_assert_int_eq(describe_many(STATSD_TAGS_MAX + 1, 1), -E2BIG);
    ck_assert_int_eq(describe_many(1, STATSD_VALUE_MAX), 0);
    ck_assert_int_eq(describe_many(1, STATSD_VALUE_MAX + 1), -E2BIG);
    memset(key, 'k', sizeof key);
    memcpy(key + STATSD_NAME_MAX, ":1", 3);
    expect("a", "b:1", NULL, "a{b=\"1\"");
    ck_assert_int_eq(describe("a", key, NULL, &(struct statsd_key){0}), 0);
    memcpy(key + STATSD_NAME_MAX, "k:1", 4);
    ck_assert_int_eq(describe("a", key, NULL, &(struct statsd_key){0}), -E2BIG);
}
END_TEST

START_TEST(the_longest_line_fits)
{
    static char tags[STATSD_LINE_MAX];
    struct label origin = {"command", NULL};
    char value[STATSD_VALUE_MAX];
    struct statsd_key key;
    size_t used = 0;

    /* Of each key one byte more is written, and of the origin's what the line does not have. */
    memset(value, 'v', sizeof value);
    value[STATSD_VALUE_MAX - 8] = '\0';
    origin.value = value;
    for (size_t i = 0; i < STATSD_TAGS_MAX; i++)
        used += (size_t)snprintf(tags + used, sizeof tags - used, "%s%zu:%0*d", i ? "," : "", i,
                                 260, 0);
    ck_assert_uint_lt(used, sizeof tags - 1);
    ck_assert_int_eq(describe("9", tags, &origin, &key), 0);
    ck_assert_uint_eq(key.label_count, STATSD_LABELS_MAX);
    ck_assert_uint_le(key.size, STATSD_KEY_BYTES);
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd_series", names_are_mapped, tags_are_labels_by_key,
                     the_last_of_two_counts, tags_that_are_no_labels,
                     what_is_said_otherwise_is_exported, a_nul_ends_no_value, limits,
                     the_longest_line_fits);
}
