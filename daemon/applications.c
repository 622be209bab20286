#include "daemon/applications.h"

#include <string.h>

#include "daemon/log.h"

int applications_start(struct applications *applications, struct core *core, struct loop *loop,
                       size_t fetch_callback, const struct config *config)
{
    const struct scraper_options options = {.loop = loop,
                                            .callback = fetch_callback,
                                            .tasks = workers_runner(core->workers),
                                            .quota = &core->quota,
                                            .interval_ns = config->interval_ms * NS_PER_MS};
    int result = scraper_new(&options, &applications->scraper);

    if (result < 0) {
        log_error("cannot start: %s", strerror(-result));
        return result;
    }
    result =
        statsd_start(config, core->sampler, &core->quota, core->buckets, &applications->statsd);
    if (result < 0) {
        scraper_free(applications->scraper);
        return result;
    }
    sampler_add_source(core->sampler, &(struct sampler_source){.sample = scraper_sample,
                                                               .arg = applications->scraper});
    return 0;
}

void applications_stop(struct applications *applications)
{
    statsd_stop(applications->statsd);
    scraper_free(applications->scraper);
}

void applications_configure(struct applications *applications, const struct config *config)
{
    scraper_set_targets(applications->scraper, config->scrape, config->scrape_count);
}
