#include "tests/unit/model.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LABELS_MAX 8

/* "cpu=0,mode=user" cut into labels that live in text. */
struct labels {
    char text[256];
    struct label items[LABELS_MAX];
    size_t count;
};

static void cut_labels(const char *text, struct labels *out)
{
    char *at = out->text;

    ck_assert_uint_lt(strlen(text), sizeof out->text);
    strcpy(out->text, text);
    out->count = 0;
    while (*at != '\0') {
        char *key = strsep(&at, "=");

        ck_assert_uint_lt(out->count, LABELS_MAX);
        ck_assert_ptr_nonnull(at);
        out->items[out->count++] = (struct label){key, strsep(&at, ",")};
        if (at == NULL)
            break;
    }
}

static int on_declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                      size_t label_count, unsigned flags, uint32_t *slot)
{
    struct model *model = (struct model *)sink;
    int result =
        series_table_declare(model->table, metric, labels, label_count, flags, sink->interval_ms,
                             metric->sparse ? SAMPLE_HISTOGRAM : SAMPLE_NUMBER, slot);

    if (result == 0)
        history_extend(model->history, *slot + 1);
    return result;
}

static void on_release(struct sink *sink, uint32_t slot)
{
    struct model *model = (struct model *)sink;

    series_table_release(model->table, slot, model->tick.seq);
}

static void on_set_histogram(struct sink *sink, uint32_t slot, const struct histogram_pair *pairs,
                             size_t count)
{
    struct model *model = (struct model *)sink;

    ck_assert_uint_eq(history_set_histogram(model->history, slot, pairs, count), 0);
}

static const struct sink_ops ops = {
    .declare = on_declare, .release = on_release, .set_histogram = on_set_histogram};

void model_make(struct model *model, uint32_t max_series)
{
    *model = (struct model){
        .sink = {.ops = &ops, .capacity = max_series, .interval_ms = MODEL_INTERVAL_MS},
        .tick = {.time_ms = INT64_C(1700000000000), .mono_ns = 1000 * NS_PER_SECOND},
        .max_series = max_series};
    if (series_table_new(max_series, &model->table) < 0 ||
        history_new(max_series, &model->history) < 0)
        errx(EXIT_FAILURE, "model");
}

void model_remove(struct model *model)
{
    series_table_free(model->table);
    history_free(model->history);
}

uint32_t model_declare(struct model *model, const char *name, const char *labels, unsigned flags,
                       uint32_t interval_ms)
{
    const char *total = strstr(name, "_total");
    bool cumulative = total != NULL && total[strlen("_total")] == '\0';
    const struct metric metric = {.name = name,
                                  .unit = "unit",
                                  .help = "Help.",
                                  .kind = cumulative ? METRIC_COUNTER : METRIC_GAUGE,
                                  .cumulative = cumulative};
    struct labels cut;
    uint32_t slot;

    cut_labels(labels, &cut);
    ck_assert_int_eq(series_table_declare(model->table, &metric, cut.items, cut.count, flags,
                                          interval_ms, SAMPLE_NUMBER, &slot),
                     0);
    return slot;
}

uint32_t model_declare_histogram(struct model *model, const char *name, const char *labels)
{
    const struct metric metric = {
        .name = name, .unit = "seconds", .help = "Help.", .kind = METRIC_HISTOGRAM, .sparse = true};
    struct labels cut;
    uint32_t slot;

    cut_labels(labels, &cut);
    ck_assert_int_eq(series_table_declare(model->table, &metric, cut.items, cut.count, 0,
                                          MODEL_INTERVAL_MS, SAMPLE_HISTOGRAM, &slot),
                     0);
    return slot;
}

void model_begin(struct model *model, int64_t after_ms, uint32_t flags)
{
    model->tick.time_ms += after_ms;
    model->tick.mono_ns += after_ms * NS_PER_MS;
    model->tick.flags = flags;
    model->tick.seq = history_begin(model->history);
    model->sink.words = history_words(model->history);
}

void model_set(struct model *model, uint32_t slot, double value)
{
    history_extend(model->history, slot + 1);
    sink_set(&model->sink, slot, value);
}

void model_put(struct model *model, const char *name, const char *labels, double value)
{
    model_set(model, model_declare(model, name, labels, 0, MODEL_INTERVAL_MS), value);
}

void model_end(struct model *model)
{
    struct catalog *catalog;

    ck_assert_int_ge(series_table_publish(model->table), 0);
    catalog = catalog_get(model->table);
    model->tick.catalog_version = catalog->version;
    history_extend(model->history, catalog->slot_count);
    catalog_put(catalog);
    history_commit(model->history, &model->tick);
    ck_assert(history_publish(model->history, model->tick.seq));
}

const struct series *find_series(const struct catalog *catalog, const char *name,
                                 const char *labels)
{
    struct labels cut;

    cut_labels(labels, &cut);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct series *series = catalog->series[i];
        size_t same = 0;

        for (size_t k = 0; k < cut.count; k++)
            same += strcmp(series_label(series, cut.items[k].key), cut.items[k].value) == 0;
        if (strcmp(series->name, name) == 0 && series->label_count == cut.count &&
            same == cut.count)
            return series;
    }
    return NULL;
}

const struct series *model_find(struct model *model, const char *name, const char *labels)
{
    struct catalog *catalog = catalog_get(model->table);
    const struct series *series = find_series(catalog, name, labels);

    catalog_put(catalog);
    return series;
}

struct query make_query(const char *const *names_and_values)
{
    struct query query = {.count = 0};

    for (; *names_and_values != NULL; names_and_values += 2)
        add_parameter(&query, names_and_values[0], names_and_values[1],
                      strlen(names_and_values[1]));
    return query;
}

void add_parameter(struct query *query, const char *name, const char *value, size_t length)
{
    ck_assert_int_eq(query_add(query, name, value, length), 0);
}

cJSON *parse_json(const char *text, size_t length)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, length, &end, 0);

    ck_assert_msg(json != NULL, "not JSON: %.*s", (int)length, text);
    for (; end < text + length; end++)
        ck_assert_int_eq(*end, '\n');
    return json;
}

void capture_begin(struct capture *capture, int fd)
{
    fflush(NULL);
    capture->fd = fd;
    capture->former = dup(fd);
    capture->file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (capture->former < 0 || capture->file < 0 || dup2(capture->file, fd) < 0)
        err(EXIT_FAILURE, "capture");
}

char *capture_end(struct capture *capture)
{
    off_t size;
    char *text;

    fflush(NULL);
    size = lseek(capture->file, 0, SEEK_END);
    text = calloc(1, (size_t)size + 1);
    if (text == NULL || pread(capture->file, text, (size_t)size, 0) != size ||
        dup2(capture->former, capture->fd) < 0)
        err(EXIT_FAILURE, "capture");
    close(capture->former);
    close(capture->file);
    return text;
}
