#include "daemon/encode_json.h"

#include <math.h>

#include "collectors/number.h"
#include "daemon/sample.h"

static void separate(struct json *json)
{
    if (json->comma)
        buffer_append_char(json->out, ',');
    json->comma = true;
}

static void begin(struct json *json, char bracket)
{
    separate(json);
    buffer_append_char(json->out, bracket);
    json->comma = false;
}

static void end(struct json *json, char bracket)
{
    buffer_append_char(json->out, bracket);
    json->comma = true;
}

void json_begin_object(struct json *json)
{
    begin(json, '{');
}

void json_end_object(struct json *json)
{
    end(json, '}');
}

void json_begin_array(struct json *json)
{
    begin(json, '[');
}

void json_end_array(struct json *json)
{
    end(json, ']');
}

void json_key(struct json *json, const char *key)
{
    separate(json);
    buffer_append_char(json->out, '"');
    buffer_append_text(json->out, key);
    buffer_append(json->out, "\":", 2);
    json->comma = false;
}

void json_members(struct json *json, const char *text, size_t length)
{
    separate(json);
    buffer_append(json->out, text, length);
    json->comma = false;
}

size_t utf8_length(const char *text, size_t length)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t size;
    uint32_t point;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

    if (length == 0)
        return 0;
    if (c[0] < 0x80)
        return 1;
    size = c[0] >= 0xf0 && c[0] < 0xf5 ? 4 : c[0] >= 0xe0 ? 3 : c[0] >= 0xc2 ? 2 : 0;
    if (size == 0 || size > length || c[0] >= 0xf5)
        return 0;
    point = c[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (c[i] & 0x3f);
    }
    if (point < smallest[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    return size;
}

static void append_escaped(struct buffer *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char control[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char plain[] = {'\\', (char)c};

    if (c < 0x20 || c == 0x7f)
        buffer_append(out, control, sizeof control);
    else
        buffer_append(out, plain, sizeof plain);
}

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == 0x7f || c == '"' || c == '\\';
}

/* Bytes of the ASCII at the text's begin that stands for itself, up to its end. */
static size_t plain_length(const char *text, bool escaped)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = 0;

    while (c[length] != '\0' && c[length] < 0x80 && !(escaped && needs_escape(c[length])))
        length++;
    return length;
}

static void append_text(struct buffer *out, const char *text, bool escaped)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t plain = plain_length(text, escaped);
        size_t size = plain ? plain : utf8_length(text, left);

        if (size == 0)
            buffer_append(out, "\xef\xbf\xbd", 3);
        else if (plain == 0 && escaped && needs_escape((unsigned char)*text))
            append_escaped(out, (unsigned char)*text);
        else
            buffer_append(out, text, size);
        size = size ? size : 1;
        text += size;
        left -= size;
    }
}

void utf8_append_clean(struct buffer *out, const char *text)
{
    append_text(out, text, false);
}

void json_string(struct json *json, const char *text)
{
    separate(json);
    buffer_append_char(json->out, '"');
    append_text(json->out, text, true);
    buffer_append_char(json->out, '"');
}

void json_u64(struct json *json, uint64_t value)
{
    char *room;

    separate(json);
    room = buffer_reserve(json->out, NUMBER_MAX);
    if (room)
        json->out->size += number_format_u64(value, room);
}

void json_i64(struct json *json, int64_t value)
{
    char *room;

    separate(json);
    room = buffer_reserve(json->out, NUMBER_MAX);
    if (room)
        json->out->size += number_format_i64(value, room);
}

void json_bool(struct json *json, bool value)
{
    separate(json);
    buffer_append_text(json->out, value ? "true" : "false");
}

/* NUMBER_MAX bytes of room at least. */
static size_t format_word(uint64_t word, enum json_digits digits, char *out)
{
    double value = sample_value(word);

    if (!isfinite(value)) /* the absent pattern is a NaN too */
        return (size_t)(stpcpy(out, "null") - out);
    return digits == JSON_DIGITS_6 ? number_format_digits6(value, out)
                                   : number_format_exact(value, out);
}

void json_word(struct json *json, uint64_t word, enum json_digits digits)
{
    char *room;

    separate(json);
    room = buffer_reserve(json->out, NUMBER_MAX);
    if (room)
        json->out->size += format_word(word, digits, room);
}

/* In one piece: a frame has thousands of them. */
void json_pair(struct json *json, uint64_t id, uint64_t word, enum json_digits digits)
{
    char *room = buffer_reserve(json->out, 2 * NUMBER_MAX + sizeof ",[,]"), *at = room;

    if (!room)
        return;
    if (json->comma)
        *at++ = ',';
    *at++ = '[';
    at += number_format_u64(id, at);
    *at++ = ',';
    at += format_word(word, digits, at);
    *at++ = ']';
    json->out->size += (size_t)(at - room);
    json->comma = true;
}

void json_series(struct json *json, const struct series *series)
{
    json_key(json, "id");
    json_u64(json, series->id);
    json_key(json, "name");
    json_string(json, series->name);
    json_key(json, "labels");
    json_begin_object(json);
    for (size_t i = 0; i < series->label_count; i++) {
        /* Label names of the host are constants, but an application's may be anything. */
        json_string(json, series->labels[i].key);
        buffer_append_char(json->out, ':');
        json->comma = false;
        json_string(json, series->labels[i].value);
    }
    json_end_object(json);
    json_key(json, "kind");
    json_string(json, metric_kind_name(series->kind));
}

void json_sparse(struct json *json, const struct series *series)
{
    if (series->type != SAMPLE_HISTOGRAM)
        return;
    json_key(json, "sparse");
    json_bool(json, true);
}

void json_flags(struct json *json, uint32_t flags)
{
    const char *name;

    json_key(json, "flags");
    json_begin_array(json);
    for (unsigned bit = 0; (name = tick_flag_name(bit)) != NULL; bit++) {
        if (flags & 1u << bit)
            json_string(json, name);
    }
    json_end_array(json);
}

void json_marks(struct json *json, const struct tick *ticks, size_t count)
{
    json_key(json, "marks");
    json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        if (ticks[i].flags == 0)
            continue;
        json_begin_object(json);
        json_key(json, "time_ms");
        json_i64(json, ticks[i].time_ms);
        json_key(json, "seq");
        json_u64(json, ticks[i].seq);
        json_flags(json, ticks[i].flags);
        json_end_object(json);
    }
    json_end_array(json);
}
