#include "tests/unit/scrape_bench.h"

#include <string.h>

#include "tests/unit/support.h"

static const struct label labels[] = {{"job", "app"}, {"instance", "a:1"}, {"env", "test"}};

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    struct scrape_bench *bench = arg;

    scrape_cache_take(bench->cache, &bench->exposition, sample);
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    (void)arg;
    ck_abort_msg("line %zu: %d", line, (int)fault);
}

const struct exposition_visitor scrape_bench_visitor = {.sample = on_sample, .wrong = on_wrong};

struct scrape_cache *scrape_bench_cache(struct scrape_bench *bench, size_t label_count,
                                        size_t max_series)
{
    const struct scrape_cache_options options = {.labels = labels,
                                                 .label_count = label_count,
                                                 .max_series = max_series,
                                                 .quota = &bench->quota,
                                                 .drops = &bench->drops,
                                                 .slots = &bench->slots};
    struct scrape_cache *cache;

    ck_assert_int_eq(scrape_cache_new(&options, &cache), 0);
    return cache;
}

void scrape_bench_begin(struct scrape_bench *bench, size_t max_series)
{
    *bench = (struct scrape_bench){.quota = {.max = 1000}, .drops = {.source = "scrape"}};
    fake_sink_init(&bench->fake);
    bench->cache = scrape_bench_cache(bench, 3, max_series);
}

void scrape_bench_finish(struct scrape_bench *bench)
{
    scrape_cache_free(bench->cache);
    ck_assert_uint_eq(bench->quota.used, 0);
    scrape_slots_finish(&bench->slots);
    fake_sink_finish(&bench->fake);
}

void scrape_bench_feed(struct scrape_bench *bench, const char *text)
{
    scrape_cache_begin(bench->cache);
    exposition_init(&bench->exposition, EXPOSITION_TEXT, &scrape_bench_visitor, bench);
    exposition_feed(&bench->exposition, text, strlen(text));
    ck_assert_int_eq(exposition_end(&bench->exposition), 0);
    exposition_finish(&bench->exposition);
}

/* A whole scrape and the tick after it. */
void scrape_bench_scrape(struct scrape_bench *bench, const char *text)
{
    scrape_bench_feed(bench, text);
    fake_sink_begin(&bench->fake);
    scrape_cache_write(bench->cache, &bench->fake.sink);
}

void scrape_bench_expect(struct scrape_bench *bench, const char *name, double value)
{
    ck_assert_double_eq(fake_sink_value(&bench->fake, name), value);
}
