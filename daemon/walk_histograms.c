#include "daemon/walk_histograms.h"

#include <errno.h>
#include <stdlib.h>

/* A histogram that is being added up, in a bucket of time. */
struct walk_sum {
    struct histogram histogram;
    size_t bucket;
};

int walk_histograms_init(struct walk_histograms *histograms, const struct walk_query *query,
                         struct walk *walk)
{
    *histograms = (struct walk_histograms){.query = query, .walk = walk};
    walk->histograms = calloc(query->series_count + 1, sizeof *walk->histograms);
    if (!walk->histograms)
        return -ENOMEM;
    walk->quantile_count = query->quantile_count;
    for (size_t i = 0; i < query->series_count; i++) {
        bool is_one = query->series[i]->type == SAMPLE_HISTOGRAM;

        walk->histograms[i] = is_one ? walk->histogram_count++ : WALK_NUMBER;
    }
    if (walk->histogram_count == 0)
        return 0;
    histograms->summarizes = query->quantile_count == 0;
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        histograms->summarizes = histograms->summarizes || query->wanted[i];
    histogram_scale_init(&histograms->scale);
    histograms->pairs = calloc(HISTORY_TAIL_PAIRS, sizeof *histograms->pairs);
    histograms->counts = calloc(walk->histogram_count, sizeof *histograms->counts);
    if (!histograms->pairs || !histograms->counts)
        return -ENOMEM;
    if (query->quantile_count == 0)
        return 0;
    histograms->sums = calloc(walk->histogram_count, sizeof *histograms->sums);
    return histograms->sums ? 0 : -ENOMEM;
}

void walk_histograms_finish(struct walk_histograms *histograms)
{
    for (size_t i = 0; histograms->sums && i < histograms->walk->histogram_count; i++)
        histogram_finish(&histograms->sums[i].histogram);
    free(histograms->sums);
    free(histograms->pairs);
    free(histograms->counts);
    *histograms = (struct walk_histograms){0};
}

static void summarize(struct walk_histograms *histograms, struct summary *summary,
                      const struct histogram_pair *pairs, size_t count)
{
    struct summary added = SUMMARY_EMPTY;

    for (size_t i = 0; i < count; i++) {
        const double value = histogram_scale_value(&histograms->scale, pairs[i].bucket);
        const double number = pairs[i].increment;

        if (pairs[i].increment > 0)
            summary_add(&added, value, value * number, number);
    }
    added.last = summary_word(&added, false, AGGREGATE_AVG);
    summary_merge(summary, &added);
}

static void write_words(struct walk_histograms *histograms, size_t place)
{
    const struct walk *walk = histograms->walk;
    struct walk_sum *sum = &histograms->sums[place];
    uint64_t *words;

    if (sum->histogram.total == 0)
        return;
    words = walk->quantiles + (sum->bucket * walk->histogram_count + place) * walk->quantile_count;
    for (size_t i = 0; i < walk->quantile_count; i++)
        words[i] =
            sample_word(histogram_quantile(&sum->histogram, histograms->query->quantiles[i]));
    histogram_clear(&sum->histogram);
}

static int add(struct walk_histograms *histograms, size_t series, size_t bucket,
               const struct histogram_pair *pairs, size_t count)
{
    const struct walk *walk = histograms->walk;
    const size_t place = walk->histograms[series];
    struct summary *summary = &walk->summaries[bucket * walk->series_count + series];
    struct walk_sum *sum;
    size_t former_width;
    uint64_t former_total;

    if (histograms->summarizes)
        summarize(histograms, summary, pairs, count);
    if (!histograms->sums)
        return 0;
    sum = &histograms->sums[place];
    if (sum->bucket != bucket)
        write_words(histograms, place);
    sum->bucket = bucket;
    former_width = sum->histogram.width;
    former_total = sum->histogram.total;
    if (histogram_add(&sum->histogram, pairs, count) < 0)
        return -ENOMEM;
    if (!histograms->summarizes)
        summary->weight += (double)(sum->histogram.total - former_total);
    histograms->width += sum->histogram.width - former_width;
    return histograms->width <= histograms->query->width_max ? 0 : -EFBIG;
}

int walk_histograms_read(struct walk_histograms *histograms, const struct segment *segment,
                         size_t index, size_t series, const size_t *buckets)
{
    const _Atomic bool *cancelled = histograms->query->cancelled;
    AUTO_FREE struct histogram_pair *pairs = NULL;
    uint32_t counts[SEGMENT_POINTS_MAX];
    const struct histogram_pair *at;
    int result;

    if (cancelled && atomic_load(cancelled))
        return -ECANCELED;
    result = segment_read_histogram(segment, index, counts, &pairs);
    at = pairs;
    for (size_t i = 0; i < segment->point_count && result == 0; i++) {
        if (counts[i] == SEGMENT_NO_PAIRS)
            continue;
        if (buckets[i] != WALK_NO_BUCKET && counts[i] > 0)
            result = add(histograms, series, buckets[i], at, counts[i]);
        at += counts[i];
    }
    return result;
}

void walk_histograms_copy(struct walk_histograms *histograms, const struct history *history,
                          uint64_t seq)
{
    const struct walk_query *query = histograms->query;
    uint32_t *counts = histograms->counts;
    size_t used = 0;

    for (size_t i = 0; i < query->series_count && counts; i++) {
        const size_t room = HISTORY_TAIL_PAIRS - used;
        int count;

        if (histograms->walk->histograms[i] == WALK_NUMBER)
            continue;
        count =
            history_read_histogram(history, query->series[i], seq, histograms->pairs + used, room);
        /* More than the tail has, all in all, is of a row that is being overwritten. */
        *counts = count < 0 || (size_t)count > room ? 0 : (uint32_t)count;
        used += *counts++;
    }
}

int walk_histograms_add_copied(struct walk_histograms *histograms, size_t bucket)
{
    const struct histogram_pair *at = histograms->pairs;
    const uint32_t *count = histograms->counts;
    int result = 0;

    for (size_t i = 0; i < histograms->query->series_count && count && result == 0; i++) {
        if (histograms->walk->histograms[i] == WALK_NUMBER)
            continue;
        result = add(histograms, i, bucket, at, *count);
        at += *count++;
    }
    return result;
}

void walk_histograms_end(struct walk_histograms *histograms)
{
    for (size_t i = 0; histograms->sums && i < histograms->walk->histogram_count; i++)
        write_words(histograms, i);
}
