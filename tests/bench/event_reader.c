#include "tests/bench/event_reader.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "collectors/parse.h"

/* Takes bytes up to the next newline, and that; true if there was one. */
static bool take_line(struct event_line *line, struct scanner *from)
{
    size_t length = (size_t)(from->end - from->at), kept;
    const char *stop = memchr(from->at, '\n', length);

    if (stop)
        length = (size_t)(stop - from->at);
    kept = sizeof line->text - line->length;
    if (kept > length)
        kept = length;
    memcpy(line->text + line->length, from->at, kept);
    line->length += kept;
    from->at += length + (stop != NULL);
    return stop != NULL;
}

/* Takes the line as text for a scan; the next one begins. */
static struct scanner end_line(struct event_line *line)
{
    size_t length = line->length;

    line->length = 0;
    if (length > 0 && line->text[length - 1] == '\r')
        length--;
    return scanner_over(line->text, length);
}

/* Whether the line is this header, whatever the size of its letters. */
static bool is_header(struct scanner line, const char *wanted)
{
    size_t length = strlen(wanted);

    return (size_t)(line.end - line.at) >= length && strncasecmp(line.at, wanted, length) == 0;
}

/* The empty line behind them: what follows is known. */
static int end_headers(struct event_reader *reader)
{
    if ((!reader->is_chunked && reader->has_length) || (reader->is_packed && !reader->unpacker))
        return -EBADMSG;
    reader->state = reader->is_chunked ? READ_SIZE : READ_DATA;
    reader->left = UINT64_MAX;
    return 0;
}

static int read_header(struct event_reader *reader)
{
    struct scanner line = end_line(&reader->wire);

    if (scan_is_done(&line))
        return end_headers(reader);
    if (is_header(line, "transfer-encoding: chunked"))
        reader->is_chunked = true;
    else if (is_header(line, "content-encoding: gzip"))
        reader->is_packed = true;
    else if (is_header(line, "content-length:"))
        reader->has_length = true;
    return 0;
}

static int read_size(struct event_reader *reader)
{
    static const char digits[] = "0123456789abcdef";
    struct scanner line = end_line(&reader->wire);

    if (scan_is_done(&line) || line.end - line.at > 8)
        return -EBADMSG;
    reader->left = 0;
    for (; line.at < line.end; line.at++) {
        const char *digit = memchr(digits, *line.at | ('a' ^ 'A'), sizeof digits - 1);

        if (!digit)
            return -EBADMSG;
        reader->left = 16 * reader->left + (uint64_t)(digit - digits);
    }
    reader->state = READ_DATA;
    return reader->left > 0 ? 0 : -EPIPE;
}

/* A line of the HTTP around the events. */
static int read_wire(struct event_reader *reader)
{
    struct scanner line;

    switch (reader->state) {
    case READ_STATUS:
        line = end_line(&reader->wire);
        reader->state = READ_HEADER;
        return scan_literal(&line, "HTTP/1.1 200 ") ? 0 : -EBADMSG;
    case READ_HEADER:
        return read_header(reader);
    case READ_SIZE:
        return read_size(reader);
    case READ_DATA:
    case READ_DATA_END:
        break;
    }
    line = end_line(&reader->wire);
    reader->state = READ_SIZE;
    return scan_is_done(&line) ? 0 : -EBADMSG;
}

/* id: EPOCH-SEQ */
static void read_id(struct event_reader *reader, struct scanner line)
{
    const char *dash = memrchr(line.at, '-', (size_t)(line.end - line.at));

    if (!dash)
        return;
    line.at = dash + 1;
    if (!scan_u64(&line, &reader->event.seq))
        reader->event.seq = 0;
}

/* The number behind a key, if it is within the line's front. */
static bool read_number(struct scanner line, const char *key, uint64_t *out)
{
    const char *at = memmem(line.at, (size_t)(line.end - line.at), key, strlen(key));

    if (!at)
        return false;
    line.at = at + strlen(key);
    return scan_u64(&line, out);
}

/* data: {"seq":SEQ,"time_ms":TIME,… */
static void read_data(struct event_reader *reader, struct scanner line)
{
    uint64_t time_ms;

    if (reader->event.seq == 0)
        (void)!read_number(line, "\"seq\":", &reader->event.seq);
    if (read_number(line, "\"time_ms\":", &time_ms))
        reader->event.time_ms = (int64_t)time_ms;
}

/* Who is told of the ticks. */
struct audience {
    struct event_reader *reader;
    void (*on_tick)(void *arg, const struct tick_event *event);
    void *arg;
};

/* A line of the events. */
static void read_event_line(const struct audience *audience)
{
    struct event_reader *reader = audience->reader;
    struct scanner line = end_line(&reader->line);

    if (scan_is_done(&line)) {
        if (reader->is_tick)
            audience->on_tick(audience->arg, &reader->event);
        reader->is_tick = false;
        reader->event = (struct tick_event){0};
    } else if (scan_literal(&line, "event: tick")) {
        reader->is_tick = scan_is_done(&line);
    } else if (scan_literal(&line, "id: ")) {
        read_id(reader, line);
    } else if (scan_literal(&line, "data: ")) {
        read_data(reader, line);
    }
}

static void read_text(void *arg, const char *text, size_t length, size_t packed)
{
    const struct audience *audience = arg;
    struct scanner rest = scanner_over(text, length);

    while (!scan_is_done(&rest)) {
        const char *start = rest.at;
        bool is_whole = take_line(&audience->reader->line, &rest);

        audience->reader->event.bytes += (size_t)(rest.at - start);
        audience->reader->event.packed = packed;
        if (is_whole)
            read_event_line(audience);
    }
}

static int read_data_bytes(struct audience *audience, const char *bytes, size_t length)
{
    struct event_reader *reader = audience->reader;

    if (reader->is_chunked)
        reader->left -= length;
    if (reader->left == 0)
        reader->state = READ_DATA_END;
    if (reader->is_packed)
        return unpacker_feed(reader->unpacker, &reader->packed, bytes, length, read_text, audience);
    read_text(audience, bytes, length, 0);
    return 0;
}

int event_reader_feed(struct event_reader *reader, const char *bytes, size_t length,
                      void (*on_tick)(void *arg, const struct tick_event *event), void *arg)
{
    struct audience audience = {.reader = reader, .on_tick = on_tick, .arg = arg};
    struct scanner rest = scanner_over(bytes, length);
    int result = 0;

    while (result == 0 && !scan_is_done(&rest)) {
        if (reader->state == READ_DATA) {
            size_t part = (size_t)(rest.end - rest.at);

            if (part > reader->left)
                part = (size_t)reader->left;
            result = read_data_bytes(&audience, rest.at, part);
            rest.at += part;
        } else if (take_line(&reader->wire, &rest)) {
            result = read_wire(reader);
        }
    }
    return result;
}

void event_reader_finish(struct event_reader *reader)
{
    packed_finish(&reader->packed);
}
