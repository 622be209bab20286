#include "daemon/scrape_text.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    struct scrape_text *text = arg;

    scrape_cache_take(text->cache, &text->exposition, sample);
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    struct scrape_text *text = arg;

    drops_add(text->drops, fault == EXPOSITION_MALFORMED ? DROP_MALFORMED : DROP_TOO_LONG, 1);
    if (text->wrong_lines++ == 0)
        text->wrong_line = line;
}

static const struct exposition_visitor visitor = {.sample = on_sample, .wrong = on_wrong};

void scrape_text_init(struct scrape_text *text, struct scrape_cache *cache, struct drops *drops)
{
    text->cache = cache;
    text->drops = drops;
    text->begun = false;
}

void scrape_text_finish(struct scrape_text *text)
{
    if (text->begun)
        exposition_finish(&text->exposition);
    text->begun = false;
}

void scrape_text_begin(struct scrape_text *text, const char *content_type)
{
    static const char openmetrics[] = "application/openmetrics-text";
    bool is_openmetrics = strncasecmp(content_type, openmetrics, sizeof openmetrics - 1) == 0;

    exposition_init(&text->exposition, is_openmetrics ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT,
                    &visitor, text);
    text->begun = true;
    text->wrong_lines = 0;
}

void scrape_text_feed(struct scrape_text *text, const char *bytes, size_t size)
{
    exposition_feed(&text->exposition, bytes, size);
}

int scrape_text_end(struct scrape_text *text, char error[SCRAPE_TEXT_ERROR_BYTES])
{
    if (exposition_end(&text->exposition) < 0) {
        snprintf(error, SCRAPE_TEXT_ERROR_BYTES, "it is cut: OpenMetrics ends with # EOF");
        return -EBADMSG;
    }
    if (text->wrong_lines > 0 && scrape_cache_samples(text->cache) == 0) {
        snprintf(error, SCRAPE_TEXT_ERROR_BYTES, "it has no metrics: line %zu is none",
                 text->wrong_line);
        return -EBADMSG;
    }
    return 0;
}
