#include "daemon/statsd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ingest.h"
#include "daemon/log.h"
#include "daemon/statsd_rows.h"

struct statsd {
    struct datagrams sockets[CONFIG_STATSD_LISTEN_MAX];
    size_t socket_count;
    struct drops drops;
    struct sender_board board;
    struct statsd_table *table;
    struct statsd_rows *rows;
    struct ingest *ingest;
};

void statsd_stop(struct statsd *statsd)
{
    if (!statsd)
        return;
    ingest_stop(statsd->ingest);
    while (statsd->socket_count > 0)
        datagrams_close(&statsd->sockets[--statsd->socket_count]);
    statsd_rows_free(statsd->rows);
    statsd_table_free(statsd->table);
    sender_board_finish(&statsd->board);
    free(statsd);
}

static int open_sockets(struct statsd *statsd, const struct config *config)
{
    char error[DATAGRAMS_ERROR_BYTES];

    for (size_t i = 0; i < config->statsd_listen_count; i++) {
        int result = datagrams_open(config->statsd_listen[i], config->auth_none,
                                    &statsd->sockets[statsd->socket_count], error);

        if (result < 0) {
            log_error("%s", error);
            return result;
        }
        statsd->socket_count++;
    }
    return 0;
}

static int make_parts(struct statsd *statsd, const struct config *config,
                      struct series_quota *quota, struct bucket_board *buckets)
{
    struct ingest_options ingest = {.sockets = statsd->sockets,
                                    .socket_count = statsd->socket_count,
                                    .drops = &statsd->drops,
                                    .board = &statsd->board,
                                    .interval_ms = (uint32_t)config->interval_ms};
    int result =
        statsd_table_new((uint32_t)config->statsd_max_series, &statsd->drops, &statsd->table);

    if (result == 0)
        result = statsd_rows_new(statsd->table, &statsd->drops, quota, buckets, &statsd->rows);
    ingest.table = statsd->table;
    if (result == 0)
        result = ingest_start(&ingest, &statsd->ingest);
    if (result < 0)
        log_error("cannot start StatsD: %s", strerror(-result));
    return result;
}

static void tell(const struct statsd *statsd)
{
    for (size_t i = 0; i < statsd->socket_count; i++) {
        const struct datagrams *socket = &statsd->sockets[i];

        log_info("StatsD on %s", socket->spec);
        if (socket->is_open)
            log_warning("everyone who reaches %s can add metrics, as \"auth\" is \"none\"",
                        socket->spec);
    }
}

int statsd_start(const struct config *config, struct sampler *sampler, struct series_quota *quota,
                 struct bucket_board *buckets, struct statsd **out)
{
    struct statsd *statsd;
    int result;

    *out = NULL;
    if (config->statsd_listen_count == 0)
        return 0;
    statsd = calloc(1, sizeof *statsd);
    if (!statsd) {
        log_error("cannot start StatsD: %s", strerror(ENOMEM));
        return -ENOMEM;
    }
    statsd->drops.source = "statsd";
    sender_board_init(&statsd->board);
    result = open_sockets(statsd, config);
    if (result == 0)
        result = make_parts(statsd, config, quota, buckets);
    if (result < 0) {
        statsd_stop(statsd);
        return result;
    }
    sampler_add_source(sampler,
                       &(struct sampler_source){.sample = statsd_rows_sample, .arg = statsd->rows});
    self_add_loop(sampler_self(sampler), ingest_loop(statsd->ingest));
    tell(statsd);
    *out = statsd;
    return 0;
}

const char *statsd_listen(const struct statsd *statsd, size_t index)
{
    return index < statsd->socket_count ? statsd->sockets[index].spec : NULL;
}

struct sender_board *statsd_senders(struct statsd *statsd)
{
    return &statsd->board;
}
