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

static int read_header(struct event_reader *reader)
{
    static const char chunked[] = "transfer-encoding: chunked";
    struct scanner line = end_line(&reader->wire);

    if (scan_is_done(&line)) {
        reader->state = READ_SIZE;
        return reader->is_chunked ? 0 : -EBADMSG;
    }
    if ((size_t)(line.end - line.at) == sizeof chunked - 1 &&
        strncasecmp(line.at, chunked, sizeof chunked - 1) == 0)
        reader->is_chunked = true;
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

/* data: {"seq":SEQ,"time_ms":TIME,… */
static void read_data(struct event_reader *reader, struct scanner line)
{
    static const char key[] = "\"time_ms\":";
    const char *at = memmem(line.at, (size_t)(line.end - line.at), key, sizeof key - 1);
    uint64_t time_ms;

    if (!at)
        return;
    line.at = at + sizeof key - 1;
    if (scan_u64(&line, &time_ms))
        reader->event.time_ms = (int64_t)time_ms;
}

/* A line of the events. */
static void read_event_line(struct event_reader *reader,
                            void (*on_tick)(void *arg, const struct tick_event *event), void *arg)
{
    struct scanner line = end_line(&reader->line);

    if (scan_is_done(&line)) {
        if (reader->is_tick)
            on_tick(arg, &reader->event);
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

int event_reader_feed(struct event_reader *reader, const char *bytes, size_t length,
                      void (*on_tick)(void *arg, const struct tick_event *event), void *arg)
{
    struct scanner rest = scanner_over(bytes, length);

    while (!scan_is_done(&rest)) {
        struct scanner data = rest;
        bool is_whole;
        int result;

        if (reader->state != READ_DATA) {
            result = take_line(&reader->wire, &rest) ? read_wire(reader) : 0;
            if (result < 0)
                return result;
            continue;
        }
        if ((uint64_t)(data.end - data.at) > reader->left)
            data.end = data.at + reader->left;
        is_whole = take_line(&reader->line, &data);
        reader->left -= (uint64_t)(data.at - rest.at);
        reader->event.bytes += (size_t)(data.at - rest.at);
        rest.at = data.at;
        if (reader->left == 0)
            reader->state = READ_DATA_END;
        if (is_whole)
            read_event_line(reader, on_tick, arg);
    }
    return 0;
}
