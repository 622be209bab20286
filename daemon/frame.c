#include "daemon/frame.h"

#include <stdlib.h>

#include "collectors/number.h"
#include "daemon/encode_json.h"
#include "daemon/process_answer.h"

struct frame *frame_new(uint64_t seq, const char *data, size_t size)
{
    struct frame *frame = malloc(sizeof *frame + size);

    if (!frame)
        return NULL;
    *frame = (struct frame){.references = 1, .seq = seq, .size = (uint32_t)size};
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
    if (!frame || --frame->references > 0)
        return;
    free(frame->gzip);
    free(frame);
}

const struct gzip_block *frame_gzip(struct frame *frame, struct gzip *gzip)
{
    if (!frame->gzip)
        frame->gzip = gzip_block_new(gzip, frame->data, frame->size);
    return frame->gzip;
}

/* --- an event around an object, which is its data --- */

/* A tick alone has an id: 0 for all others. */
static void begin(struct json *json, const struct frame_context *context, const char *event,
                  uint64_t id)
{
    char seq[NUMBER_MAX];

    if (context->format == FRAME_SSE) {
        buffer_append_text(json->out, "event: ");
        buffer_append_text(json->out, event);
        if (id != 0) {
            buffer_append_text(json->out, "\nid: ");
            buffer_append_text(json->out, context->epoch);
            buffer_append_char(json->out, '-');
            buffer_append(json->out, seq, number_format_u64(id, seq));
        }
        buffer_append_text(json->out, "\ndata: ");
    }
    json_begin_object(json);
    if (context->format == FRAME_NDJSON) {
        json_key(json, "event");
        json_string(json, event);
        json_key(json, "epoch");
        json_string(json, context->epoch);
    }
}

static struct frame *finish(struct json *json, const struct frame_context *context, uint64_t seq)
{
    struct buffer *buffer = json->out;
    struct frame *frame = NULL;

    json_end_object(json);
    buffer_append_text(buffer, context->format == FRAME_SSE ? "\n\n" : "\n");
    if (!buffer->failed)
        frame = frame_new(seq, buffer->data, buffer->size);
    buffer_finish(buffer);
    return frame;
}

/* --- the kinds of events --- */

static void encode_stream_series(struct json *json, const struct series *series)
{
    json_begin_object(json);
    json_series(json, series);
    json_key(json, "unit");
    json_string(json, series->unit);
    json_key(json, "scope");
    json_string(json, series_scope(series));
    json_key(json, "interval_ms");
    json_u64(json, series->interval_ms);
    json_sparse(json, series);
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

    buffer_append_text(&buffer, "retry: 2000\n");
    begin(&json, context, "hello", 0);
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
    return finish(&json, context, 0);
}

/* Values that were read are exact, what is computed of them has six digits. */
static enum json_digits digits_of(const struct frame_context *context, const struct series *series)
{
    bool computed =
        series->cumulative ? !context->raw : context->averaged || (series->flags & SERIES_DERIVED);

    return computed ? JSON_DIGITS_6 : JSON_DIGITS_ALL;
}

/* As /v1/now has it, but for what was not asked for. */
static void encode_reading(struct json *json, const struct series *series, uint64_t word,
                           bool is_rate, enum json_digits digits)
{
    json_begin_object(json);
    json_series(json, series);
    json_key(json, is_rate ? "rate" : "value");
    json_word(json, word, digits);
    json_end_object(json);
}

struct frame *frame_tick(const struct frame_context *context, const struct tick *tick,
                         const struct series *const *series, const uint64_t *words,
                         const bool *changed, size_t count)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};
    bool is_line = context->format == FRAME_NDJSON;

    begin(&json, context, "tick", tick->seq);
    json_key(&json, "seq");
    json_u64(&json, tick->seq);
    json_key(&json, "time_ms");
    json_i64(&json, tick->time_ms);
    json_flags(&json, tick->flags);
    json_key(&json, is_line ? "series" : "v");
    json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        enum json_digits digits = digits_of(context, series[i]);

        if (is_line)
            encode_reading(&json, series[i], words[i], series[i]->cumulative && !context->raw,
                           digits);
        else if (!changed || changed[i])
            json_pair(&json, series[i]->id, words[i], digits);
    }
    json_end_array(&json);
    return finish(&json, context, tick->seq);
}

struct frame *frame_series(const struct frame_context *context, const struct series *const *added,
                           size_t added_count, const uint32_t *gone, size_t gone_count)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    begin(&json, context, "series", 0);
    json_key(&json, "add");
    encode_series_list(&json, added, added_count);
    json_key(&json, "gone");
    json_begin_array(&json);
    for (size_t i = 0; i < gone_count; i++)
        json_u64(&json, gone[i]);
    json_end_array(&json);
    return finish(&json, context, 0);
}

struct frame *frame_gap(const struct frame_context *context, uint64_t from, uint64_t to,
                        const char *why)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    begin(&json, context, "gap", 0);
    json_key(&json, "from");
    json_u64(&json, from);
    json_key(&json, "to");
    json_u64(&json, to);
    json_key(&json, "why");
    json_string(&json, why);
    return finish(&json, context, to);
}

struct frame *frame_processes(const struct frame_context *context, const struct process_list *list,
                              bool arguments)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    begin(&json, context, "processes", 0);
    process_answer_encode_union(&json, list, context->processes, arguments);
    return finish(&json, context, 0);
}

struct frame *frame_ping(const struct frame_context *context, uint64_t seq, int64_t time_ms)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    begin(&json, context, "ping", 0);
    json_key(&json, "seq");
    json_u64(&json, seq);
    json_key(&json, "time_ms");
    json_i64(&json, time_ms);
    return finish(&json, context, 0);
}
