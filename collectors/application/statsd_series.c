#include "collectors/application/statsd.h"

#include <errno.h>
#include <stdlib.h>

#define EXPORTED        "exported_"
#define EXPORTED_LENGTH (sizeof EXPORTED - 1)

/* A label while the key is made: where its key and its value stand in the text. */
struct tag {
    const char *key;
    size_t key_length;
    struct span value;
};

/* Text that grows in memory which has room for it: STATSD_KEY_BYTES says why. */
struct writer {
    char *at;
};

static bool is_name_char(char c, bool colon)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
           (colon && c == ':');
}

static bool continues_utf8(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* A character of several bytes becomes one '_'. */
static void write_mapped(struct writer *writer, struct span name, bool colon)
{
    if (name.length > 0 && char_is_digit(name.at[0]))
        *writer->at++ = '_';
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.at[i];

        if (i > 0 && continues_utf8(c) && (unsigned char)name.at[i - 1] >= 0x80)
            continue;
        *writer->at++ = is_name_char(c, colon) ? c : '_';
    }
}

static void write_bytes(struct writer *writer, const char *bytes, size_t length)
{
    memcpy(writer->at, bytes, length);
    writer->at += length;
}

/* Labels end at a NUL. */
static void write_value(struct writer *writer, struct span value)
{
    for (size_t i = 0; i < value.length; i++)
        *writer->at++ = value.at[i] != '\0' ? value.at[i] : '_';
    *writer->at++ = '\0';
}

/* "key:value"; false if there is no value, or nothing that has it. */
static bool split(struct span text, struct span *key, struct span *value)
{
    const char *colon = memchr(text.at, ':', text.length);

    if (!colon || colon == text.at || colon + 1 == text.at + text.length)
        return false;
    *key = (struct span){text.at, (size_t)(colon - text.at)};
    *value = (struct span){colon + 1, text.length - key->length - 1};
    return true;
}

static int compare_keys(const struct tag *one, const struct tag *other)
{
    const size_t shorter =
        one->key_length < other->key_length ? one->key_length : other->key_length;
    const int order = memcmp(one->key, other->key, shorter);

    return order != 0
               ? order
               : (one->key_length > other->key_length) - (one->key_length < other->key_length);
}

/* Into its place by key, or over the one that is there. Gives how many there are. */
static size_t insert(struct tag *tags, size_t count, const struct tag *tag)
{
    size_t at = count;

    while (at > 0 && compare_keys(&tags[at - 1], tag) > 0)
        at--;
    if (at > 0 && compare_keys(&tags[at - 1], tag) == 0) {
        tags[at - 1] = *tag;
        return count;
    }
    memmove(tags + at + 1, tags + at, (count - at) * sizeof *tags);
    tags[at] = *tag;
    return count + 1;
}

/* What we say ourselves of some series nobody says of any, or it would be taken for ours. */
static bool is_taken(struct span key)
{
    return span_equals(key, "quantile") || span_equals(key, "unit") || span_equals(key, "command");
}

/* The tag's key goes into the scratch text, where it stays. False if it is reserved. */
static bool map_tag(struct writer *scratch, struct span key, struct span value, struct tag *out)
{
    char *start = scratch->at;
    size_t length;

    write_mapped(scratch, key, false);
    length = (size_t)(scratch->at - start);
    if (length >= 2 && memcmp(start, "__", 2) == 0)
        return false;
    if (is_taken((struct span){start, length})) {
        memmove(start + EXPORTED_LENGTH, start, (size_t)(scratch->at - start));
        memcpy(start, EXPORTED, EXPORTED_LENGTH);
        scratch->at += EXPORTED_LENGTH;
    }
    *out = (struct tag){start, (size_t)(scratch->at - start), value};
    return true;
}

/* -E2BIG or how many there are. */
static int collect_tags(struct span text, struct writer *scratch, struct tag *tags)
{
    struct scanner rest = scanner_over(text.at, text.length);
    size_t count = 0, seen = 0;

    struct span one;

    while (scan_part(&rest, ',', &one)) {
        struct span key, value;
        struct tag tag;

        if (++seen > STATSD_TAGS_MAX)
            return -E2BIG;
        if (!split(one, &key, &value))
            continue;
        if (key.length > STATSD_NAME_MAX || value.length > STATSD_VALUE_MAX)
            return -E2BIG;
        if (map_tag(scratch, key, value, &tag))
            count = insert(tags, count, &tag);
    }
    return (int)count;
}

int statsd_describe(const struct statsd_metric *metric, const struct label *origin,
                    struct statsd_key *out)
{
    struct tag tags[STATSD_LABELS_MAX + 1];
    char keys[STATSD_KEY_BYTES];
    struct writer scratch = {keys}, writer = {out->text};
    const int collected = collect_tags(metric->tags, &scratch, tags);
    size_t count;

    if (collected < 0)
        return collected;
    count = (size_t)collected;
    if (origin) {
        const struct tag tag = {
            origin->key, strlen(origin->key), {origin->value, strlen(origin->value)}};

        if (tag.key_length + tag.value.length > STATSD_VALUE_MAX)
            return -E2BIG;
        count = insert(tags, count, &tag);
    }
    write_mapped(&writer, metric->name, true);
    *writer.at++ = '\0';
    for (size_t i = 0; i < count; i++) {
        write_bytes(&writer, tags[i].key, tags[i].key_length);
        *writer.at++ = '\0';
        write_value(&writer, tags[i].value);
    }
    out->label_count = count;
    out->size = (size_t)(writer.at - out->text);
    return 0;
}

const char *statsd_key_labels(const char *text, size_t label_count, struct label *out)
{
    const char *at = text + strlen(text) + 1;

    for (size_t i = 0; i < label_count; i++) {
        out[i].key = at;
        at += strlen(at) + 1;
        out[i].value = at;
        at += strlen(at) + 1;
    }
    return text;
}
