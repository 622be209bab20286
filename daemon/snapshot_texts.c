#include "daemon/snapshot_texts.h"

#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/encode_json.h"

#define KEPT_NS (60 * NS_PER_SECOND)

static void append(struct buffer *text, const struct series *series)
{
    const size_t before = text->size;
    struct json json = {.out = text};

    json_series(&json, series);
    json_key(&json, "value");
    if (text->size > SNAPSHOT_TEXTS_MAX)
        text->size = before;
}

bool snapshot_texts_make(struct snapshot_texts *texts, const struct catalog *catalog,
                         int64_t now_ns)
{
    if (!texts->ends || texts->version != catalog->version) {
        snapshot_texts_finish(texts);
        texts->ends = calloc(catalog->count + 1, sizeof *texts->ends);
        if (!texts->ends)
            return false;
        texts->version = catalog->version;
        for (size_t i = 0; i < catalog->count; i++) {
            append(&texts->text, catalog->series[i]);
            texts->ends[i] = (uint32_t)texts->text.size;
        }
        if (texts->text.failed) {
            snapshot_texts_finish(texts);
            return false;
        }
    }
    texts->asked_ns = now_ns;
    return true;
}

void snapshot_texts_sweep(struct snapshot_texts *texts, int64_t now_ns)
{
    if (texts->ends && now_ns - texts->asked_ns > KEPT_NS)
        snapshot_texts_finish(texts);
}

void snapshot_texts_finish(struct snapshot_texts *texts)
{
    buffer_finish(&texts->text);
    free(texts->ends);
    *texts = (struct snapshot_texts){0};
}
