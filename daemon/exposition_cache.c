#include "daemon/exposition_cache.h"

#include "daemon/clock.h"

/* Prometheus asks every minute, unless it is told otherwise. */
#define KEPT_NS (90 * NS_PER_SECOND)

static void drop(struct exposition_cache *cache, enum exposition_format format)
{
    exposition_layout_finish(&cache->layouts[format]);
    cache->asked_ns[format] = 0;
}

const struct exposition_layout *exposition_cache_get(struct exposition_cache *cache,
                                                     uint32_t version,
                                                     enum exposition_format format, int64_t now_ns)
{
    struct exposition_layout *layout = &cache->layouts[format];

    if (cache->asked_ns[format] == 0)
        return NULL;
    if (layout->version != version) {
        drop(cache, format);
        return NULL;
    }
    cache->asked_ns[format] = now_ns;
    return layout;
}

void exposition_cache_put(struct exposition_cache *cache, struct exposition_layout *layout,
                          int64_t now_ns)
{
    const enum exposition_format format = layout->format;

    drop(cache, format);
    cache->layouts[format] = *layout;
    cache->asked_ns[format] = now_ns;
    *layout = (struct exposition_layout){0};
}

struct gzip *exposition_cache_gzip(struct exposition_cache *cache, int64_t now_ns)
{
    if (!cache->gzip)
        cache->gzip = gzip_new_fast();
    cache->gzip_asked_ns = now_ns;
    return cache->gzip;
}

void exposition_cache_sweep(struct exposition_cache *cache, int64_t now_ns)
{
    for (int format = EXPOSITION_TEXT; format <= EXPOSITION_OPENMETRICS; format++) {
        if (cache->asked_ns[format] != 0 && now_ns - cache->asked_ns[format] > KEPT_NS)
            drop(cache, (enum exposition_format)format);
    }
    if (cache->gzip && now_ns - cache->gzip_asked_ns > KEPT_NS) {
        gzip_free(cache->gzip);
        cache->gzip = NULL;
    }
}

void exposition_cache_finish(struct exposition_cache *cache)
{
    drop(cache, EXPOSITION_TEXT);
    drop(cache, EXPOSITION_OPENMETRICS);
    gzip_free(cache->gzip);
    cache->gzip = NULL;
}
