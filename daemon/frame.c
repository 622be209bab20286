#include "daemon/frame.h"

#include <stdlib.h>

#include "collectors/number.h"
#include "daemon/encode_json.h"

struct frame *frame_new(uint64_t tick_seq, const char *data, size_t size)
{
    struct frame *frame = malloc(sizeof *frame + size);

    if (!frame)
        return NULL;
    *frame = (struct frame){.references = 1, .tick_seq = tick_seq, .size = size};
    memcpy(frame->data, data, size);
    return frame;
}

struct frame *frame_hold(struct frame *frame)
{
    frame->references++;
    return frame;
}

void frame_put(struct frame *frame)
{
    if (frame && --frame->references == 0)
        free(frame);
}

static struct frame *finish(struct buffer *buffer, uint64_t tick_seq)
{
    struct frame *frame = NULL;

    buffer_append(buffer, "\n\n", 2);
    if (!buffer->failed)
        frame = frame_new(tick_seq, buffer->data, buffer->size);
    buffer_finish(buffer);
    return frame;
}

static void encode_stream_series(struct json *json, const struct series *series)
{
    json_begin_object(json);
    json_series(json, series);
    json_key(json, "unit");
    json_string(json, series->unit);
    json_key(json, "interval_ms");
    json_u64(json, series->interval_ms);
    json_end_object(json);
}

static void encode_series_list(struct json *json, const struct series *const *series, size_t count)
{
    json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        encode_stream_series(json, series[i]);
    json_end_array(json);
}

struct frame *frame_hello(const struct frame_context *context, uint64_t seq,
                          const struct series *const *series, size_t count)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    buffer_append_text(&buffer, "retry: 2000\nevent: hello\ndata: ");
    json_begin_object(&json);
    json_key(&json, "version");
    json_string(&json, TACHO_VERSION);
    json_key(&json, "epoch");
    json_string(&json, context->epoch);
    json_key(&json, "seq");
    json_u64(&json, seq);
    json_key(&json, "interval_ms");
    json_u64(&json, context->interval_ms);
    json_key(&json, "series");
    encode_series_list(&json, series, count);
    json_end_object(&json);
    return finish(&buffer, 0);
}

static void encode_values(struct json *json, const struct series *const *series,
                          const uint64_t *words, const bool *changed, size_t count)
{
    json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        bool rounded = series[i]->cumulative || (series[i]->flags & SERIES_DERIVED);

        if (changed && !changed[i])
            continue;
        json_begin_array(json);
        json_u64(json, series[i]->id);
        json_word(json, words[i], rounded ? JSON_DIGITS_6 : JSON_DIGITS_ALL);
        json_end_array(json);
    }
    json_end_array(json);
}

struct frame *frame_tick(const struct frame_context *context, const struct tick *tick,
                         const struct series *const *series, const uint64_t *words,
                         const bool *changed, size_t count)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};
    char seq[NUMBER_MAX];

    buffer_append_text(&buffer, "event: tick\nid: ");
    buffer_append_text(&buffer, context->epoch);
    buffer_append_char(&buffer, '-');
    buffer_append(&buffer, seq, number_format_u64(tick->seq, seq));
    buffer_append_text(&buffer, "\ndata: ");
    json_begin_object(&json);
    json_key(&json, "seq");
    json_u64(&json, tick->seq);
    json_key(&json, "time_ms");
    json_i64(&json, tick->time_ms);
    json_flags(&json, tick->flags);
    json_key(&json, "v");
    encode_values(&json, series, words, changed, count);
    json_end_object(&json);
    return finish(&buffer, tick->seq);
}

struct frame *frame_series(const struct series *const *added, size_t added_count,
                           const uint32_t *gone, size_t gone_count)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    buffer_append_text(&buffer, "event: series\ndata: ");
    json_begin_object(&json);
    json_key(&json, "add");
    encode_series_list(&json, added, added_count);
    json_key(&json, "gone");
    json_begin_array(&json);
    for (size_t i = 0; i < gone_count; i++)
        json_u64(&json, gone[i]);
    json_end_array(&json);
    json_end_object(&json);
    return finish(&buffer, 0);
}

struct frame *frame_gap(uint64_t from, uint64_t to, const char *why)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    buffer_append_text(&buffer, "event: gap\ndata: ");
    json_begin_object(&json);
    json_key(&json, "from");
    json_u64(&json, from);
    json_key(&json, "to");
    json_u64(&json, to);
    json_key(&json, "why");
    json_string(&json, why);
    json_end_object(&json);
    return finish(&buffer, 0);
}

struct frame *frame_ping(uint64_t seq, int64_t time_ms)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    buffer_append_text(&buffer, "event: ping\ndata: ");
    json_begin_object(&json);
    json_key(&json, "seq");
    json_u64(&json, seq);
    json_key(&json, "time_ms");
    json_i64(&json, time_ms);
    json_end_object(&json);
    return finish(&buffer, 0);
}
