#include "tests/bench/event_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

#define HEAD                                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TICK1                                                                                      \
    "event: tick\nid: 0123456789abcdef-41\ndata: {\"seq\":41,\"time_ms\":1795545783000}\n\n"
#define TICK2                                                                                      \
    "event: tick\nid: 0123456789abcdef-42\ndata: {\"seq\":42,\"time_ms\":1795545784001}\n\n"
#define PING "event: ping\ndata: {\"seq\":41,\"time_ms\":1795545783500}\n\n"

struct seen {
    struct tick_event ticks[4];
    size_t count;
};

static void on_tick(void *arg, const struct tick_event *event)
{
    struct seen *seen = arg;

    ck_assert_uint_lt(seen->count, 4);
    seen->ticks[seen->count++] = *event;
}

static int feed(struct event_reader *reader, const char *bytes, size_t length, struct seen *seen)
{
    return event_reader_feed(reader, bytes, length, on_tick, seen);
}

/* Two ticks with a ping between; chunks end within lines. */
static size_t make_answer(char *out, size_t room)
{
    static const char body[] = TICK1 PING TICK2;
    int length = snprintf(out, room, "%s7\r\n%.7s\r\n%zX\r\n%.*s\r\n%zx\r\n%s\r\n", HEAD, body,
                          strlen(TICK1), (int)strlen(TICK1), body + 7,
                          strlen(body) - 7 - strlen(TICK1), body + 7 + strlen(TICK1));

    ck_assert_int_lt(length, (int)room);
    return (size_t)length;
}

static void expect_both(const struct seen *seen)
{
    ck_assert_uint_eq(seen->count, 2);
    ck_assert_uint_eq(seen->ticks[0].seq, 41);
    ck_assert_int_eq(seen->ticks[0].time_ms, 1795545783000);
    ck_assert_uint_eq(seen->ticks[0].bytes, strlen(TICK1));
    ck_assert_uint_eq(seen->ticks[1].seq, 42);
    ck_assert_int_eq(seen->ticks[1].time_ms, 1795545784001);
    ck_assert_uint_eq(seen->ticks[1].bytes, strlen(TICK2));
}

START_TEST(ticks_are_found_wherever_the_bytes_are_cut)
{
    char answer[2048];
    size_t length = make_answer(answer, sizeof answer);

    for (size_t cut = 0; cut <= length; cut++) {
        struct event_reader reader = {0};
        struct seen seen = {0};

        ck_assert_int_eq(feed(&reader, answer, cut, &seen), 0);
        ck_assert_int_eq(feed(&reader, answer + cut, length - cut, &seen), 0);
        expect_both(&seen);
    }
}
END_TEST

START_TEST(ticks_are_found_byte_by_byte)
{
    char answer[2048];
    size_t length = make_answer(answer, sizeof answer);
    struct event_reader reader = {0};
    struct seen seen = {0};

    for (size_t i = 0; i < length; i++)
        ck_assert_int_eq(feed(&reader, answer + i, 1, &seen), 0);
    expect_both(&seen);
}
END_TEST

START_TEST(a_tick_that_has_not_ended_is_none)
{
    static const char answer[] = HEAD "10\r\nevent: tick\nid: \r\n";
    struct event_reader reader = {0};
    struct seen seen = {0};

    ck_assert_int_eq(feed(&reader, answer, strlen(answer), &seen), 0);
    ck_assert_uint_eq(seen.count, 0);
}
END_TEST

static const struct {
    const char *answer;
    int result;
} wrong[] = {
    {"HTTP/1.1 503 Service Unavailable\r\n", -EBADMSG},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", -EBADMSG},
    {HEAD "x\r\n", -EBADMSG},
    {HEAD "\r\n", -EBADMSG},
    {HEAD "123456789\r\n", -EBADMSG},
    {HEAD "1\r\n\nx\r\n", -EBADMSG},
    {HEAD "0\r\n\r\n", -EPIPE},
};

START_TEST(what_is_no_stream_is_said)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct event_reader reader = {0};
        struct seen seen = {0};

        ck_assert_int_eq(feed(&reader, wrong[i].answer, strlen(wrong[i].answer), &seen),
                         wrong[i].result);
        ck_assert_uint_eq(seen.count, 0);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("event_reader", ticks_are_found_wherever_the_bytes_are_cut,
                     ticks_are_found_byte_by_byte, a_tick_that_has_not_ended_is_none,
                     what_is_no_stream_is_said);
}
