/*
 * What it costs to read what an application says: two megabytes of lines as node_exporter, Go's
 * and Node.js's clients write them, with values of all forms, read as whoever scrapes does: each
 * sample is found by its text where it was the time before. Also what new series cost. Medians, as
 * one JSON object. exposition [FILE]: the text is written there too.
 */
#include <err.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/application/exposition.h"
#include "daemon/clock.h"

#define TEXT_BYTES ((size_t)2 << 20)
#define PIECE      ((size_t)16 << 10) /* as curl gives them */
#define ROUNDS     301

/* --- the text --- */

enum form {
    FORM_COUNT,    /* 1027 */
    FORM_DECIMAL,  /* 86543.21 */
    FORM_LONG,     /* 0.30000000000000004, as sums are */
    FORM_EXPONENT, /* 1.764521374e+09, as Go writes large numbers */
    FORM_SMALL,    /* 4.1582e-05 */
};

struct family {
    const char *name, *type, *help;
    const char *ending; /* of the sample's name */
    const char *labels; /* %d is the series' number */
    unsigned series;
    enum form form;
};

static const struct family families[] = {
    {"node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.", "",
     "{cpu=\"%d\",mode=\"idle\"}", 32, FORM_DECIMAL},
    {"node_disk_reads_completed_total", "counter",
     "The total number of reads completed successfully.", "", "{device=\"nvme%dn1\"}", 6,
     FORM_COUNT},
    {"node_disk_read_bytes_total", "counter", "The total number of bytes read successfully.", "",
     "{device=\"nvme%dn1\"}", 6, FORM_EXPONENT},
    {"node_network_receive_bytes_total", "counter", "Network device statistic receive_bytes.", "",
     "{device=\"veth%d\"}", 12, FORM_EXPONENT},
    {"node_filesystem_avail_bytes", "gauge", "Filesystem space available to non-root users.", "",
     "{device=\"/dev/mapper/vg-%d\",fstype=\"ext4\",mountpoint=\"/srv/data\"}", 5, FORM_EXPONENT},
    {"node_memory_Active_bytes", "gauge", "Memory information field Active_bytes.", "", "", 1,
     FORM_EXPONENT},
    {"node_load1", "gauge", "1m load average.", "", "", 1, FORM_DECIMAL},
    {"go_gc_duration_seconds", "summary",
     "A summary of the pause duration of garbage collection cycles.", "", "{quantile=\"0.%d\"}", 5,
     FORM_SMALL},
    {"nodejs_eventloop_lag_p99_seconds", "gauge", "The 99th percentile of the event loop delays.",
     "", "", 1, FORM_LONG},
    {"nodejs_heap_space_size_used_bytes", "gauge", "Process heap space size used from Node.js.", "",
     "{space=\"space%d\"}", 8, FORM_COUNT},
    {"http_request_duration_seconds", "histogram", "Duration of HTTP requests in seconds.",
     "_bucket", "{le=\"0.0%d\",method=\"GET\",route=\"/api/v1/users/:id\",status_code=\"200\"}", 40,
     FORM_COUNT},
    {"http_request_duration_seconds", NULL, NULL, "_sum",
     "{method=\"GET\",route=\"/api/v1/users/%d\",status_code=\"200\"}", 4, FORM_LONG},
    {"http_request_duration_seconds", NULL, NULL, "_count",
     "{method=\"GET\",route=\"/api/v1/users/%d\",status_code=\"200\"}", 4, FORM_COUNT},
};

#define FAMILIES (sizeof families / sizeof families[0])

static char text[TEXT_BYTES + 512];
static size_t text_length;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_length +=
        (size_t)vsnprintf(text + text_length, sizeof text - text_length, format, arguments);
    va_end(arguments);
}

/* From 0 to 1, the same in every run. */
static double draw(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005 + 1442695040888963407;
    return (double)(state >> 11) / 0x1p53;
}

static void put_value(enum form form)
{
    switch (form) {
    case FORM_COUNT:
        put(" %.0f\n", floor(pow(10, draw() * 9)));
        break;
    case FORM_DECIMAL:
        put(" %.2f\n", draw() * 100000);
        break;
    case FORM_LONG:
        put(" %.17g\n", draw() * 1000);
        break;
    case FORM_EXPONENT:
        put(" %.*e\n", 5 + (int)(draw() * 8), pow(10, 6 + draw() * 6));
        break;
    case FORM_SMALL:
        put(" %.4e\n", draw() * 1e-4);
        break;
    }
}

static void put_series(const struct family *family, unsigned block, unsigned number)
{
    const char *digits = strstr(family->labels, "%d");

    put("svc%u_%s%s", block, family->name, family->ending);
    if (digits != NULL)
        put("%.*s%u%s", (int)(digits - family->labels), family->labels, number, digits + 2);
    put_value(family->form);
}

/* As many whole lines as there is room for. */
static void make_text(void)
{
    for (unsigned block = 0; text_length < TEXT_BYTES; block++) {
        for (size_t index = 0; index < FAMILIES; index++) {
            const struct family *family = &families[index];

            if (family->help != NULL)
                put("# HELP svc%u_%s %s\n# TYPE svc%u_%s %s\n", block, family->name, family->help,
                    block, family->name, family->type);
            for (unsigned number = 0; number < family->series; number++) {
                if (text_length >= TEXT_BYTES)
                    return;
                put_series(family, block, number);
            }
        }
    }
}

static void write_text(const char *path)
{
    FILE *file = fopen(path, "w");

    if (!file || fwrite(text, 1, text_length, file) != text_length || fclose(file) != 0)
        err(1, "%s", path);
}

/* --- reading it --- */

/* What a scraper knows of a series. */
struct entry {
    char *text;
    size_t length;
    double value;
};

struct reader {
    struct exposition exposition;
    struct exposition_series series;
    struct entry *entries;
    size_t count, capacity;
    size_t next;
    size_t labels; /* of those that were new */
};

static void add_entry(struct reader *reader, const struct exposition_sample *sample)
{
    struct entry *entry;

    if (exposition_describe(&reader->exposition, sample, &reader->series) < 0)
        errx(1, "%.*s: not described", (int)sample->series.length, sample->series.at);
    reader->labels += reader->series.label_count;
    if (reader->count == reader->capacity) {
        reader->capacity = 2 * reader->capacity + 1024;
        reader->entries = reallocarray(reader->entries, reader->capacity, sizeof *entry);
        if (!reader->entries)
            err(1, "entries");
    }
    entry = &reader->entries[reader->count++];
    entry->length = sample->series.length;
    entry->text = strndup(sample->series.at, entry->length);
    if (!entry->text)
        err(1, "entry");
}

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    struct reader *reader = arg;
    struct entry *entry;

    if (reader->next == reader->count)
        add_entry(reader, sample);
    entry = &reader->entries[reader->next++];
    if (entry->length != sample->series.length ||
        memcmp(entry->text, sample->series.at, entry->length) != 0)
        errx(1, "%.*s: not where it was", (int)sample->series.length, sample->series.at);
    entry->value = sample->value;
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    (void)arg;
    errx(1, "line %zu: fault %d", line, (int)fault);
}

static const struct exposition_visitor visitor = {on_sample, on_wrong};

static int64_t read_once(struct reader *reader)
{
    int64_t start_ns = clock_thread_ns();

    reader->next = 0;
    exposition_init(&reader->exposition, EXPOSITION_TEXT, &visitor, reader);
    for (size_t at = 0; at < text_length; at += PIECE)
        exposition_feed(&reader->exposition, text + at,
                        text_length - at < PIECE ? text_length - at : PIECE);
    if (exposition_end(&reader->exposition) < 0 || reader->next != reader->count)
        errx(1, "the text is not what it was");
    exposition_finish(&reader->exposition);
    return clock_thread_ns() - start_ns;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    static int64_t times_ns[ROUNDS];
    struct reader reader = {.count = 0};
    int64_t first_ns;

    make_text();
    if (argc > 1)
        write_text(argv[1]);
    first_ns = read_once(&reader);
    for (size_t index = 0; index < ROUNDS; index++)
        times_ns[index] = read_once(&reader);
    qsort(times_ns, ROUNDS, sizeof *times_ns, compare);
    printf("{\"bytes\":%zu,\"samples\":%zu,\"labels\":%zu,\"ns\":%lld,\"first_ns\":%lld}\n",
           text_length, reader.count, reader.labels, (long long)times_ns[ROUNDS / 2],
           (long long)first_ns);
    for (size_t index = 0; index < reader.count; index++)
        free(reader.entries[index].text);
    free(reader.entries);
    exposition_series_finish(&reader.series);
    return 0;
}
