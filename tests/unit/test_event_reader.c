#include "tests/bench/event_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

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

START_TEST(an_answer_without_chunks_lasts_until_it_is_closed)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n: hi\n\n"
                                 "event: tick\nid: 1795545783:0\n"
                                 "data: {\"seq\":41,\"time_ms\":1795545783000}\n\n";
    struct event_reader reader = {0};
    struct seen seen = {0};

    ck_assert_int_eq(feed(&reader, answer, strlen(answer), &seen), 0);
    ck_assert_uint_eq(seen.count, 1);
    /* Its id is of another form. */
    ck_assert_uint_eq(seen.ticks[0].seq, 41);
    ck_assert_int_eq(seen.ticks[0].time_ms, 1795545783000);
}
END_TEST

#define PACKED_HEAD                                                                                \
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"

/* Adds the texts as one gzip stream in one chunk, each text a block that ends in a sync flush. */
static size_t pack(char *out, size_t room, const char *const *texts, size_t count, bool is_alone)
{
    static const Bytef head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    Bytef packed[1024];
    z_stream stream = {.next_out = packed + sizeof head, .avail_out = sizeof packed - sizeof head};
    int front;
    size_t size;

    memcpy(packed, head, sizeof head);
    ck_assert_int_eq(deflateInit2(&stream, 5, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    for (size_t i = 0; i < count; i++) {
        char text[512];

        stream.avail_in = (uInt)strlen(texts[i]);
        memcpy(text, texts[i], stream.avail_in);
        stream.next_in = (Bytef *)text;
        ck_assert_int_eq(deflate(&stream, is_alone ? Z_FULL_FLUSH : Z_SYNC_FLUSH), Z_OK);
    }
    size = sizeof packed - stream.avail_out;
    deflateEnd(&stream);
    front = snprintf(out, room, "%s%zx\r\n", PACKED_HEAD, size);
    ck_assert_uint_lt((size_t)front + size + 2, room);
    memcpy(out + front, packed, size);
    memcpy(out + front + size, "\r\n", 2);
    return (size_t)front + size + 2;
}

START_TEST(packed_ticks_are_found_wherever_the_bytes_are_cut)
{
    static const char *const texts[] = {TICK1, PING, TICK2};
    char answer[2048];
    size_t length = pack(answer, sizeof answer, texts, 3, true);
    struct unpacker *unpacker;

    ck_assert_int_eq(unpacker_new(&unpacker), 0);
    /* From the second time on it is remembered. */
    for (size_t cut = 0; cut <= length; cut++) {
        struct event_reader reader = {.unpacker = unpacker};
        struct seen seen = {0};

        ck_assert_int_eq(feed(&reader, answer, cut, &seen), 0);
        ck_assert_int_eq(feed(&reader, answer + cut, length - cut, &seen), 0);
        expect_both(&seen);
        ck_assert_uint_gt(seen.ticks[0].packed, 0);
        ck_assert_uint_lt(seen.ticks[0].packed, length);
        event_reader_finish(&reader);
    }
    unpacker_free(unpacker);
}
END_TEST

START_TEST(packed_ticks_are_found_byte_by_byte)
{
    static const char *const texts[] = {TICK1, PING, TICK2};
    char answer[2048];
    size_t length = pack(answer, sizeof answer, texts, 3, true);
    struct unpacker *unpacker;
    struct event_reader reader = {0};
    struct seen seen = {0};

    ck_assert_int_eq(unpacker_new(&unpacker), 0);
    reader.unpacker = unpacker;
    for (size_t i = 0; i < length; i++)
        ck_assert_int_eq(feed(&reader, answer + i, 1, &seen), 0);
    expect_both(&seen);
    event_reader_finish(&reader);
    unpacker_free(unpacker);
}
END_TEST

START_TEST(a_block_that_needs_the_one_before_is_refused)
{
    static const char *const texts[] = {TICK1, TICK2};
    char answer[2048];
    size_t length = pack(answer, sizeof answer, texts, 2, false);
    struct event_reader reader = {0};
    struct unpacker *unpacker;
    struct seen seen = {0};

    ck_assert_int_eq(unpacker_new(&unpacker), 0);
    reader.unpacker = unpacker;
    ck_assert_int_eq(feed(&reader, answer, length, &seen), -EBADMSG);
    ck_assert_uint_eq(seen.count, 1);
    event_reader_finish(&reader);
    unpacker_free(unpacker);
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
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n", -EBADMSG},
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
    return RUN_TESTS(
        "event_reader", ticks_are_found_wherever_the_bytes_are_cut, ticks_are_found_byte_by_byte,
        a_tick_that_has_not_ended_is_none, an_answer_without_chunks_lasts_until_it_is_closed,
        packed_ticks_are_found_wherever_the_bytes_are_cut, packed_ticks_are_found_byte_by_byte,
        a_block_that_needs_the_one_before_is_refused, what_is_no_stream_is_said);
}
