#include "daemon/applications.h"

int applications_init(struct applications *applications, struct core *core, struct loop *loop,
                      size_t fetch_callback, int64_t interval_ns)
{
    const struct scraper_options options = {.loop = loop,
                                            .callback = fetch_callback,
                                            .tasks = workers_runner(core->workers),
                                            .quota = &core->quota,
                                            .interval_ns = interval_ns};
    struct sampler_source source = {.sample = scraper_sample};
    int result = scraper_new(&options, &applications->scraper);

    if (result < 0)
        return result;
    source.arg = applications->scraper;
    sampler_add_source(core->sampler, &source);
    return 0;
}

void applications_finish(struct applications *applications)
{
    scraper_free(applications->scraper);
    applications->scraper = NULL;
}

void applications_configure(struct applications *applications, const struct config *config)
{
    scraper_set_targets(applications->scraper, config->scrape, config->scrape_count);
}
