#include "tests/unit/chronicle.h"

#include <err.h>
#include <stdlib.h>

static const struct {
    const char *name;
    uint32_t interval_ms;
} kinds[CHRONICLE_SERIES] = {
    [STEADY_GAUGE] = {"steady", MODEL_INTERVAL_MS},
    [ODD_GAUGE] = {"odd", MODEL_INTERVAL_MS},
    [STEADY_TOTAL] = {"steady_total", MODEL_INTERVAL_MS},
    [ODD_TOTAL] = {"odd_total", MODEL_INTERVAL_MS},
    [FRACTION_TOTAL] = {"fraction_total", MODEL_INTERVAL_MS},
    [SLOW_TOTAL] = {"slow_total", 10 * MODEL_INTERVAL_MS},
    [SLOW_GAUGE] = {"slow", 10 * MODEL_INTERVAL_MS},
    [STEADY_TIMER] = {"timer", MODEL_INTERVAL_MS},
    [ODD_TIMER] = {"odd_timer", MODEL_INTERVAL_MS},
};

static bool one_in(struct chronicle *chronicle, uint64_t n)
{
    return chronicle_random(chronicle, n) == 0;
}

void chronicle_make(struct chronicle *chronicle, uint64_t seed, bool eventful, size_t merge_every)
{
    memset(chronicle, 0, sizeof *chronicle);
    chronicle->random = seed * 0x9e3779b97f4a7c15 + 1;
    chronicle->eventful = eventful;
    chronicle->merge_every = merge_every;
    model_make(&chronicle->model, 2 * CHRONICLE_SERIES);
    chronicle->writer = segment_writer_new();
    if (archive_new(NULL, (const uint64_t[]){UINT64_MAX, UINT64_MAX}, &chronicle->archive) < 0 ||
        chronicle->writer == NULL)
        errx(EXIT_FAILURE, "chronicle");
    for (size_t i = 0; i < CHRONICLE_SERIES; i++)
        chronicle->slots[i] =
            i < CHRONICLE_NUMBERS
                ? model_declare(&chronicle->model, kinds[i].name, "", 0, kinds[i].interval_ms)
                : model_declare_histogram(&chronicle->model, kinds[i].name, "");
    ck_assert_int_eq(series_table_publish(chronicle->model.table), 1);
    for (size_t i = 0; i < CHRONICLE_SERIES; i++)
        chronicle->series[i] = model_find(&chronicle->model, kinds[i].name, "");
}

void chronicle_remove(struct chronicle *chronicle)
{
    for (size_t i = 0; i < chronicle->chunk_count; i++)
        buffer_finish(&chronicle->chunks[i]);
    minutes_baselines_finish(&chronicle->baselines);
    segment_writer_free(chronicle->writer);
    archive_free(chronicle->archive);
    model_remove(&chronicle->model);
}

bool chronicle_find(void *chronicle, uint32_t id, struct minutes_rule *out)
{
    const struct chronicle *self = chronicle;

    for (size_t i = 0; i < CHRONICLE_SERIES; i++) {
        const struct series *series = self->series[i];

        if (series->stored_id != id)
            continue;
        *out = (struct minutes_rule){series->cumulative, rate_rule_of(series, MODEL_INTERVAL_MS)};
        return true;
    }
    return false;
}

static void encode_histogram(struct chronicle *chronicle, size_t timer, size_t begin, size_t end)
{
    static struct histogram_pair pairs[SEGMENT_POINTS_MAX * CHRONICLE_MAX_PAIRS];
    uint32_t counts[SEGMENT_POINTS_MAX];
    size_t total = 0;

    for (size_t i = begin; i < end; i++) {
        const struct chronicle_histogram *histogram = &chronicle->histograms[timer][i];

        counts[i - begin] = histogram->count;
        for (size_t k = 0; histogram->count != SEGMENT_NO_PAIRS && k < histogram->count; k++)
            pairs[total++] = histogram->pairs[k];
    }
    ck_assert_int_eq(segment_add_histogram(chronicle->writer,
                                           chronicle->series[CHRONICLE_NUMBERS + timer]->stored_id,
                                           counts, pairs),
                     0);
}

void chronicle_encode(struct chronicle *chronicle, size_t begin, size_t end, struct buffer *out)
{
    int64_t heads[TICK_HEADS][SEGMENT_POINTS_MAX];
    const int64_t *pointers[TICK_HEADS] = {heads[0], heads[1], heads[2], heads[3]};

    for (size_t i = begin; i < end; i++) {
        heads[TICK_HEAD_SEQ][i - begin] = (int64_t)chronicle->ticks[i].seq;
        heads[TICK_HEAD_TIME_MS][i - begin] = chronicle->ticks[i].time_ms;
        heads[TICK_HEAD_MONO_NS][i - begin] = chronicle->ticks[i].mono_ns;
        heads[TICK_HEAD_FLAGS][i - begin] = chronicle->ticks[i].flags;
    }
    segment_begin(chronicle->writer, SEGMENT_TICKS, end - begin, pointers, TICK_HEADS, 1);
    for (size_t s = 0; s < CHRONICLE_NUMBERS; s++) {
        const uint64_t *field = &chronicle->words[s][begin];
        bool some = false;

        for (size_t i = 0; i < end - begin; i++)
            some = some || field[i] != SAMPLE_ABSENT;
        if (some)
            ck_assert_int_eq(
                segment_add(chronicle->writer, chronicle->series[s]->stored_id, &field), 0);
    }
    for (size_t i = 0; i < CHRONICLE_HISTOGRAMS; i++)
        encode_histogram(chronicle, i, begin, end);
    ck_assert_int_eq(segment_end(chronicle->writer, out), 0);
}

void open_segment(const struct buffer *buffer, struct segment *out)
{
    const struct segment_source source = {
        .data = (const uint8_t *)buffer->data, .fd = -1, .size = buffer->size};

    ck_assert_int_eq(segment_open(out, &source), 0);
}

/* What the archive is told of a segment of minutes. */
static void describe_minutes(const struct segment *minutes, struct archive_entry *what)
{
    const int64_t *time_ms = minutes->heads[MINUTE_HEAD_TIME_MS];
    const size_t last = minutes->point_count - 1;

    *what = (struct archive_entry){
        .part = ARCHIVE_MINUTES,
        .first_seq = (uint64_t)minutes->heads[MINUTE_HEAD_FIRST_SEQ][0],
        .last_seq = (uint64_t)minutes->heads[MINUTE_HEAD_LAST_SEQ][last],
        .first_ms = time_ms[0],
        .last_ms = time_ms[0],
    };
    for (size_t i = 1; i <= last; i++) {
        what->first_ms = time_ms[i] < what->first_ms ? time_ms[i] : what->first_ms;
        what->last_ms = time_ms[i] > what->last_ms ? time_ms[i] : what->last_ms;
    }
}

void describe_segment(const struct segment *segment, struct archive_entry *what)
{
    const int64_t *time_ms = segment->heads[TICK_HEAD_TIME_MS];

    if (segment->kind == SEGMENT_MINUTES) {
        describe_minutes(segment, what);
        return;
    }
    *what = (struct archive_entry){
        .part = ARCHIVE_SECONDS,
        .first_seq = (uint64_t)segment->heads[TICK_HEAD_SEQ][0],
        .last_seq = (uint64_t)segment->heads[TICK_HEAD_SEQ][segment->point_count - 1],
        .first_ms = time_ms[0],
        .last_ms = time_ms[0],
    };
    for (size_t i = 1; i < segment->point_count; i++) {
        what->first_ms = time_ms[i] < what->first_ms ? time_ms[i] : what->first_ms;
        what->last_ms = time_ms[i] > what->last_ms ? time_ms[i] : what->last_ms;
    }
}

static void add(struct chronicle *chronicle, struct buffer *buffer)
{
    struct archive_entry what;
    struct segment segment;

    open_segment(buffer, &segment);
    describe_segment(&segment, &what);
    segment_finish(&segment);
    ck_assert_int_eq(archive_add(chronicle->archive, &what, buffer), 0);
}

void chronicle_drop(struct chronicle *chronicle, uint64_t first_seq)
{
    struct archive_list list;
    struct archive_entry what;
    struct buffer buffer = {0};
    size_t count = 0;

    ck_assert_int_eq(archive_list(chronicle->archive, ARCHIVE_SECONDS, &list), 0);
    while (count < list.count && list.entries[count]->first_seq < first_seq)
        count++;
    ck_assert_uint_lt(count, list.count);
    what = *list.entries[count];
    chronicle_encode(chronicle, what.first_seq - 1, what.last_seq, &buffer);
    ck_assert_int_eq(archive_replace(chronicle->archive,
                                     &(struct archive_list){list.entries, count + 1}, &what,
                                     &buffer),
                     0);
    archive_list_finish(&list);
}

static void merge_chunks(struct chronicle *chronicle)
{
    struct segment segments[CHRONICLE_MAX_CHUNKS];
    const struct segment *chunks[CHRONICLE_MAX_CHUNKS];
    struct buffer merged = {0};

    for (size_t i = 0; i < chronicle->chunk_count; i++) {
        open_segment(&chronicle->chunks[i], &segments[i]);
        chunks[i] = &segments[i];
    }
    ck_assert_int_eq(minutes_merge(chunks, chronicle->chunk_count,
                                   &(struct minutes_rules){chronicle_find, chronicle},
                                   chronicle->writer, &merged),
                     0);
    for (size_t i = 0; i < chronicle->chunk_count; i++) {
        segment_finish(&segments[i]);
        buffer_finish(&chronicle->chunks[i]);
    }
    chronicle->chunk_count = 0;
    add(chronicle, &merged);
}

static void seal(struct chronicle *chronicle, size_t begin, size_t end)
{
    struct segment segment;
    struct buffer ticks = {0}, chunk = {0};

    chronicle_encode(chronicle, begin, end, &ticks);
    open_segment(&ticks, &segment);
    ck_assert_int_eq(minutes_make(&segment, &chronicle->baselines,
                                  &(struct minutes_rules){chronicle_find, chronicle},
                                  chronicle->writer, &chunk),
                     0);
    segment_finish(&segment);
    add(chronicle, &ticks);
    if (chronicle->chunk_count == 0)
        chronicle->group++;
    for (size_t i = begin; i < end; i++)
        chronicle->groups[i] = chronicle->group;
    if (chronicle->merge_every == 0) {
        add(chronicle, &chunk);
        return;
    }
    chronicle->chunks[chronicle->chunk_count++] = chunk;
    if (chronicle->chunk_count == chronicle->merge_every)
        merge_chunks(chronicle);
}

/* What happens to the clocks before a tick. */
static void move_clocks(struct chronicle *chronicle, uint32_t *flags)
{
    struct tick *tick = &chronicle->model.tick;
    int64_t jitter_ms = (int64_t)chronicle_random(chronicle, 7) - 3;

    tick->time_ms += jitter_ms;
    tick->mono_ns += jitter_ms * NS_PER_MS + (int64_t)chronicle_random(chronicle, 1000);
    if (!chronicle->eventful || !one_in(chronicle, 60))
        return;
    switch (chronicle_random(chronicle, 8)) {
    case 0: /* ticks were missed */
        tick->time_ms += 7000;
        tick->mono_ns += 7000 * NS_PER_MS;
        *flags |= TICK_GAP_BEFORE;
        break;
    case 1: /* suspended */
        tick->time_ms += (int64_t)chronicle_random(chronicle, 3600 * 1000);
        *flags |= TICK_RESUMED | TICK_GAP_BEFORE;
        break;
    case 2:
        tick->time_ms -= 3600 * 1000;
        *flags |= TICK_CLOCK_STEP;
        break;
    case 3:
        tick->time_ms -= 5000;
        *flags |= TICK_CLOCK_STEP;
        break;
    case 4:
        tick->time_ms += 1800 * 1000;
        *flags |= TICK_CLOCK_STEP;
        break;
    case 5:
        *flags |= TICK_RESTART;
        break;
    case 6:
        tick->mono_ns = 50 * NS_PER_SECOND;
        tick->time_ms += 90 * 1000;
        *flags |= TICK_BOOT;
        break;
    default:
        *flags |= TICK_LATE;
        break;
    }
}

static void add_histogram(struct chronicle *chronicle, size_t timer)
{
    struct chronicle_histogram *histogram = &chronicle->histograms[timer][chronicle->count];
    const uint32_t slot = chronicle->slots[CHRONICLE_NUMBERS + timer];

    chronicle_histogram(chronicle, timer > 0, histogram);
    if (histogram->count != SEGMENT_NO_PAIRS)
        ck_assert_uint_eq(history_set_histogram(chronicle->model.history, slot, histogram->pairs,
                                                histogram->count),
                          0);
    else if (one_in(chronicle, 2))
        atomic_store(&chronicle->model.sink.words[slot], SAMPLE_GONE);
}

static void add_tick(struct chronicle *chronicle)
{
    struct model *model = &chronicle->model;
    uint32_t flags = 0;

    move_clocks(chronicle, &flags);
    model_begin(model, MODEL_INTERVAL_MS, flags);
    history_extend(model->history, CHRONICLE_SERIES);
    for (unsigned i = 0; i < CHRONICLE_NUMBERS; i++) {
        uint64_t word = chronicle_word(chronicle, (enum chronicle_series)i, model->tick.seq);

        chronicle->words[i][chronicle->count] = word;
        atomic_store(&model->sink.words[chronicle->slots[i]], word);
    }
    for (size_t i = 0; i < CHRONICLE_HISTOGRAMS; i++)
        add_histogram(chronicle, i);
    model_end(model);
    chronicle->ticks[chronicle->count++] = model->tick;
}

void chronicle_go_on(struct chronicle *chronicle, size_t ticks, unsigned lose_one_in)
{
    size_t last_sealed = 0;

    for (size_t i = 0; i < ticks; i++) {
        const struct tick *tick = &chronicle->ticks[chronicle->count];

        ck_assert_uint_lt(chronicle->count, CHRONICLE_MAX_TICKS);
        add_tick(chronicle);
        /* A block is full, or a restart has sealed what there was of one. */
        if ((tick->seq + 1) % HISTORY_BLOCK_TICKS != 0 &&
            !(chronicle->eventful && one_in(chronicle, 900)))
            continue;
        if (lose_one_in > 0 && one_in(chronicle, lose_one_in)) {
            for (size_t k = chronicle->sealed; k < chronicle->count; k++)
                chronicle->lost[k] = true;
        } else {
            seal(chronicle, chronicle->sealed, chronicle->count);
        }
        chronicle->sealed = chronicle->count;
    }
    /* What is behind all that is sealed, and still in the head, is not lost. */
    for (size_t i = 0; i < chronicle->count; i++) {
        if (chronicle->groups[i] > 0)
            last_sealed = i;
    }
    for (size_t i = 0; i < chronicle->count; i++) {
        if (i >= last_sealed && chronicle->ticks[i].seq >= history_first(chronicle->model.history))
            chronicle->lost[i] = false;
    }
}
