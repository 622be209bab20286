#include "daemon/collector_report.h"

#include <errno.h>

#include "daemon/clock.h"

static const struct metric scrape_success = {
    .name = "node_scrape_collector_success",
    .unit = "",
    .help = "node_exporter: Whether a collector succeeded.",
    .kind = METRIC_GAUGE,
};
static const struct metric scrape_duration = {
    .name = "node_scrape_collector_duration_seconds",
    .unit = "seconds",
    .help = "node_exporter: Duration of a collector scrape.",
    .kind = METRIC_GAUGE,
};

/* What the collectors of one name come to. */
struct outcome {
    bool is_told;
    bool runs; /* some of them */
    bool fails;
    int64_t duration_ns;
};

static const char *name_of(const struct collector *collector)
{
    return collector->exporter_name ? collector->exporter_name : collector->name;
}

/* The entry of a collector: that of one before it which has the same name, or a new one. */
static size_t find_entry(struct collector_report *report, const struct collector_run *runs,
                         size_t index)
{
    const char *name = name_of(runs[index].collector);

    for (size_t i = 0; i < index; i++) {
        if (strcmp(name_of(runs[i].collector), name) == 0)
            return report->entry_of[i];
    }
    report->entries[report->entry_count].name = name;
    return report->entry_count++;
}

int collector_report_init(struct collector_report *report, const struct collector_run *runs,
                          size_t run_count)
{
    *report = (struct collector_report){.run_count = run_count};
    report->entries = calloc(run_count + 1, sizeof *report->entries);
    report->entry_of = calloc(run_count + 1, sizeof *report->entry_of);
    if (!report->entries || !report->entry_of)
        return -ENOMEM;
    for (size_t i = 0; i < run_count; i++)
        report->entry_of[i] = find_entry(report, runs, i);
    return 0;
}

void collector_report_finish(struct collector_report *report)
{
    free(report->entries);
    free(report->entry_of);
    *report = (struct collector_report){0};
}

static struct outcome judge(const struct collector_report *report, const struct collector_run *runs,
                            size_t entry)
{
    struct outcome outcome = {.is_told = false};

    for (size_t i = 0; i < report->run_count; i++) {
        struct collector_status status;

        if (report->entry_of[i] != entry || runs[i].off ||
            !collector_state_read(runs[i].shown, &status))
            continue;
        outcome.is_told = true;
        outcome.runs |= status.condition == COLLECTOR_RUNNING;
        outcome.fails |=
            status.condition != COLLECTOR_RUNNING && status.condition != COLLECTOR_ABSENT;
        outcome.duration_ns += runs[i].took_ns;
    }
    return outcome;
}

static void tell(struct collector_report_entry *entry, const struct outcome *outcome,
                 struct sink *sink)
{
    const struct label label = {"collector", entry->name};

    if (!outcome->is_told) {
        sink_drop(sink, &entry->success);
        sink_drop(sink, &entry->duration);
        return;
    }
    sink_put(sink, &entry->success, &scrape_success, &label, 1, SERIES_OWN,
             outcome->runs && !outcome->fails);
    sink_put(sink, &entry->duration, &scrape_duration, &label, 1, SERIES_OWN,
             (double)outcome->duration_ns / (double)NS_PER_SECOND);
}

void collector_report_sample(struct collector_report *report, const struct collector_run *runs,
                             struct sink *sink, int64_t slot_ns)
{
    const uint32_t tick_ms = sink->interval_ms;
    const uint32_t interval_ms = tick_ms > COLLECTOR_REPORT_MS ? tick_ms : COLLECTOR_REPORT_MS;
    const int64_t slot = slot_ns / (interval_ms * NS_PER_MS);

    if (slot == report->former_slot)
        return;
    report->former_slot = slot;
    sink->interval_ms = interval_ms;
    for (size_t i = 0; i < report->entry_count; i++) {
        const struct outcome outcome = judge(report, runs, i);

        tell(&report->entries[i], &outcome, sink);
    }
    sink->interval_ms = tick_ms;
}
