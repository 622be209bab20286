#include "collectors/application/statsd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define SEEN_BYTES 4096

/* What was said of a packet, as text: "NAME TYPE VALUE @RATE #TAGS;" or "!FAULT;". */
struct seen {
    char text[SEEN_BYTES];
    size_t used;
};

static void on_value(void *arg, const struct statsd_metric *metric,
                     const struct statsd_value *value)
{
    static const char *const types[] = {"counter", "gauge", "timer", "histogram", "set"};
    struct seen *seen = arg;
    char text[64];

    ck_assert(metric->name.length > 0 && metric->name.length <= STATSD_NAME_MAX);
    ck_assert(metric->rate > 0 && metric->rate <= 1);
    if (metric->type == STATSD_SET)
        snprintf(text, sizeof text, "%.*s", (int)value->text.length, value->text.at);
    else
        snprintf(text, sizeof text, "%s%.10g", value->is_difference ? "by " : "", value->number);
    seen->used +=
        (size_t)snprintf(seen->text + seen->used, SEEN_BYTES - seen->used, "%.*s %s %s @%g #%.*s;",
                         (int)metric->name.length, metric->name.at, types[metric->type], text,
                         metric->rate, (int)metric->tags.length, metric->tags.at);
    ck_assert_uint_lt(seen->used, SEEN_BYTES);
}

static void on_wrong(void *arg, enum statsd_fault fault)
{
    static const char *const faults[] = {"fine", "malformed", "too long", "impossible"};
    struct seen *seen = arg;

    seen->used +=
        (size_t)snprintf(seen->text + seen->used, SEEN_BYTES - seen->used, "!%s;", faults[fault]);
    ck_assert_uint_lt(seen->used, SEEN_BYTES);
}

static const struct statsd_visitor visitor = {.value = on_value, .wrong = on_wrong};

static void expect(const char *packet, const char *wanted)
{
    const size_t size = strlen(packet);
    char *copy = malloc(size + 1);
    struct seen seen = {.used = 0};

    /* Memory of exactly its size: the sanitizer sees a step over the end. */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, packet, size);
    copy = realloc(copy, size > 0 ? size : 1);
    ck_assert_ptr_nonnull(copy);
    statsd_parse(copy, size, &visitor, &seen);
    ck_assert_msg(strcmp(seen.text, wanted) == 0, "%s\n is %s\nnot %s", packet, seen.text, wanted);
    free(copy);
}

START_TEST(each_type)
{
    expect("hits:1|c", "hits counter 1 @1 #;");
    expect("load:0.39|g", "load gauge 0.39 @1 #;");
    expect("took:320|ms", "took timer 0.32 @1 #;");
    expect("bytes:320|h", "bytes histogram 320 @1 #;");
    expect("bytes:320|d", "bytes histogram 320 @1 #;");
    expect("users:alice|s", "users set alice @1 #;");
}
END_TEST

START_TEST(signs_change_gauges)
{
    expect("g:+4|g", "g gauge by 4 @1 #;");
    expect("g:-4.5|g", "g gauge by -4.5 @1 #;");
    expect("g:4|g", "g gauge 4 @1 #;");
    expect("c:+4|c", "c counter 4 @1 #;");
}
END_TEST

START_TEST(rates_and_tags_in_any_order)
{
    expect("hits:1|c|@0.1", "hits counter 1 @0.1 #;");
    expect("hits:1|c|@0.1|#route:/a,env:prod", "hits counter 1 @0.1 #route:/a,env:prod;");
    expect("hits:1|c|#env:prod|@0.5", "hits counter 1 @0.5 #env:prod;");
    expect("hits:1|c|#", "hits counter 1 @1 #;");
}
END_TEST

START_TEST(what_is_to_come_is_passed_over)
{
    expect("hits:1|c|#a:b|c:ci-1f|T1656581400|e:it-false", "hits counter 1 @1 #a:b;");
    expect("hits:1|c|card:low", "hits counter 1 @1 #;");
}
END_TEST

START_TEST(several_in_a_packet)
{
    expect("a:1|c\nb:2|g\n", "a counter 1 @1 #;b gauge 2 @1 #;");
    expect("a:1|c\r\n\nb:2|g\r\n", "a counter 1 @1 #;b gauge 2 @1 #;");
    expect("a:1|c\nnonsense\nb:2|g", "a counter 1 @1 #;!malformed;b gauge 2 @1 #;");
    expect("", "");
    expect("\n\n", "");
}
END_TEST

START_TEST(several_values_in_a_line)
{
    expect("t:1:2:3|d|@0.5", "t histogram 1 @0.5 #;t histogram 2 @0.5 #;t histogram 3 @0.5 #;");
    expect("t:1:x:3|h", "t histogram 1 @1 #;!malformed;t histogram 3 @1 #;");
    expect("t:1:|h", "t histogram 1 @1 #;!malformed;");
    /* A member of a set is any text. */
    expect("s:a:b|s", "s set a:b @1 #;");
}
END_TEST

START_TEST(events_and_service_checks_are_passed_over)
{
    expect("_e{5,4}:title|text|p:low|#a:b\nhits:1|c", "hits counter 1 @1 #;");
    expect("_sc|Redis connection|2|#env:dev|m:timed out", "");
    expect("_e:1|c", "_e counter 1 @1 #;");
    expect("_s:1|c", "_s counter 1 @1 #;");
    expect("_", "!malformed;");
}
END_TEST

START_TEST(malformed)
{
    static const char *const bad[] = {
        "a",         "a:1",        ":1|c",       "a:|c",    "a:1|",      "a:1|x",
        "a:1|mss",   "a:1|c|",     "a:1|c||#a",  "a:1|c|@", "a:1|c|@0",  "a:1|c|@1.5",
        "a:1|c|@-1", "a:1|c|@nan", "a:1|c|@inf", "a|b:1|c", "a:1 |c",    "a:1,5|c",
        "a:0x10|c",  "a:--1|g",    "a:+|g",      "a:1|c|7", "a:1| c",    "|",
        "a:1|c|@x",  "a:1e|g",     ":",          ":|",      "a:1|c|@1|", "a:|s",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(bad[i], "!malformed;");
}
END_TEST

START_TEST(impossible)
{
    static const char *const bad[] = {"a:nan|g", "a:inf|g",  "a:-inf|g", "a:NaN|ms", "a:-1|ms",
                                      "a:-1|c",  "a:-0.5|h", "a:-1|d",   "a:Inf|c"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(bad[i], "!impossible;");
    expect("a:1e999|g", "!malformed;");
}
END_TEST

/* What is said of a line of so many bytes whose name has so many. */
static struct seen parse_long(size_t length, size_t name_length)
{
    struct seen seen = {.used = 0};
    char *line = malloc(length);

    ck_assert_ptr_nonnull(line);
    memset(line, 'x', length);
    memcpy(line + name_length, ":1|c|x", 6);
    statsd_parse(line, length, &visitor, &seen);
    free(line);
    return seen;
}

START_TEST(too_long)
{
    struct seen seen = parse_long(STATSD_LINE_MAX, STATSD_NAME_MAX);

    ck_assert_ptr_nonnull(strstr(seen.text, "xx counter 1 @1 #;"));
    seen = parse_long(STATSD_LINE_MAX, STATSD_NAME_MAX + 1);
    ck_assert_str_eq(seen.text, "!too long;");
    seen = parse_long(STATSD_LINE_MAX + 1, STATSD_NAME_MAX);
    ck_assert_str_eq(seen.text, "!too long;");
}
END_TEST

static void parse_prefix(const char *text, size_t length)
{
    struct seen seen = {.used = 0};

    statsd_parse(text, length, &visitor, &seen);
}

START_TEST(every_prefix)
{
    each_prefix("hits:1:2|c|@0.1|#route:/a,env:prod|c:x\n_e{1,1}:a|b\n_sc|a|1\ng:-1|g\n",
                parse_prefix);
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd", each_type, signs_change_gauges, rates_and_tags_in_any_order,
                     what_is_to_come_is_passed_over, several_in_a_packet, several_values_in_a_line,
                     events_and_service_checks_are_passed_over, malformed, impossible, too_long,
                     every_prefix);
}
