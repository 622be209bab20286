#include "daemon/series_record.h"

#include <errno.h>
#include <string.h>

#define RECORD_SERIES 1

/* Then the texts, each with its NUL: name, unit, help, each label's key and value; then NULs. */
struct series_record {
    struct record_head head;
    uint32_t id;
    uint32_t stored_id;
    uint8_t kind;
    uint8_t type;
    uint8_t cumulative;
    uint8_t label_count;
    uint32_t flags;
    uint32_t interval_ms;
    uint32_t texts_size; /* with their NULs, without those that fill up */
    double wraps_at;
    double rate_max;
};

_Static_assert(sizeof(struct series_record) == 56, "no padding in what is stored");
_Static_assert(sizeof(struct series_record) + SERIES_TEXTS_MAX <= RECORD_BODY_MAX,
               "any series is a record");

static size_t filled_up(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static size_t texts_size(const struct series *series)
{
    size_t size = strlen(series->name) + strlen(series->unit) + strlen(series->help) + 3;

    for (size_t i = 0; i < series->label_count; i++)
        size += strlen(series->labels[i].key) + strlen(series->labels[i].value) + 2;
    return size;
}

static char *put_text(char *at, const char *text)
{
    size_t size = strlen(text) + 1;

    memcpy(at, text, size);
    return at + size;
}

static void put_texts(char *at, const struct series *series)
{
    at = put_text(at, series->name);
    at = put_text(at, series->unit);
    at = put_text(at, series->help);
    for (size_t i = 0; i < series->label_count; i++) {
        at = put_text(at, series->labels[i].key);
        at = put_text(at, series->labels[i].value);
    }
}

int series_record_encode(const struct series *series, struct buffer *out)
{
    struct series_record record = {.head.kind = RECORD_SERIES,
                                   .id = series->id,
                                   .stored_id = series->stored_id,
                                   .kind = (uint8_t)series->kind,
                                   .type = (uint8_t)series->type,
                                   .cumulative = series->cumulative,
                                   .label_count = (uint8_t)series->label_count,
                                   .flags = series->flags,
                                   .interval_ms = series->interval_ms,
                                   .wraps_at = series->wraps_at,
                                   .rate_max = series->rate_max};
    size_t texts = texts_size(series);
    size_t size = sizeof record + filled_up(texts);
    struct iovec part;
    char *at;

    if (series->label_count > SERIES_LABELS_MAX || texts > SERIES_TEXTS_MAX)
        return -E2BIG;
    record.texts_size = (uint32_t)texts;
    at = buffer_reserve(out, size);
    if (!at)
        return 0;
    memset(at, 0, size);
    memcpy(at, &record, sizeof record);
    put_texts(at + sizeof record, series);
    part = record_part(at, size);
    record_seal(&part, 1);
    out->size += size;
    return 0;
}

/* The next text of those up to end, or NULL if there is no whole one. */
static const char *take_text(const char **at, const char *end)
{
    const char *text = *at;
    const char *nul = memchr(text, '\0', (size_t)(end - text));

    if (nul)
        *at = nul + 1;
    return nul ? text : NULL;
}

static bool take_texts(const char *at, const char *end, struct stored_series *out)
{
    struct series *series = &out->series;

    series->name = take_text(&at, end);
    series->unit = take_text(&at, end);
    series->help = take_text(&at, end);
    if (!series->name || !series->unit || !series->help)
        return false;
    for (size_t i = 0; i < series->label_count; i++) {
        struct label *label = &out->labels[i];

        label->key = take_text(&at, end);
        label->value = take_text(&at, end);
        if (!label->key || !label->value || (i > 0 && strcmp(label[-1].key, label->key) >= 0))
            return false;
    }
    return at == end;
}

static bool is_filled_up(const char *at, const char *end)
{
    while (at < end && *at == '\0')
        at++;
    return at == end;
}

int series_record_parse(const struct record *record, struct stored_series *out)
{
    const size_t fixed = sizeof(struct series_record) - sizeof(struct record_head);
    const char *texts = (const char *)record->body + fixed;
    struct series_record stored;

    if (record->kind != RECORD_SERIES || record->body_size < fixed)
        return -EBADMSG;
    memcpy((uint8_t *)&stored + sizeof stored.head, record->body, fixed);
    if (stored.texts_size > SERIES_TEXTS_MAX || stored.label_count > SERIES_LABELS_MAX ||
        stored.kind > METRIC_UNTYPED || stored.type > SAMPLE_HISTOGRAM || stored.cumulative > 1 ||
        record->body_size != fixed + filled_up(stored.texts_size) ||
        !is_filled_up(texts + stored.texts_size, texts + filled_up(stored.texts_size)))
        return -EBADMSG;
    out->series = (struct series){.id = stored.id,
                                  .stored_id = stored.stored_id,
                                  .slot = SERIES_NO_SLOT,
                                  .kind = stored.kind,
                                  .type = stored.type,
                                  .cumulative = stored.cumulative,
                                  .flags = stored.flags,
                                  .interval_ms = stored.interval_ms,
                                  .wraps_at = stored.wraps_at,
                                  .rate_max = stored.rate_max,
                                  .label_count = stored.label_count,
                                  .labels = out->labels};
    return take_texts(texts, texts + stored.texts_size, out) ? 0 : -EBADMSG;
}
