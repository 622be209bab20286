#include "daemon/process_values.h"

#include <math.h>

#include "daemon/bytes.h"

/*
 * Rates come from counters: of ticks of 10 ms, and mostly of pages. In 1/10000 of a core, and in
 * bytes a second, one of these over a ms is so much.
 */
#define CORES_STEP 100000
#define IO_STEP    4096000
#define PAGE       4096

enum { SEQ, TIME, SPAN, VISIBLE, UNREAD, HIDES, IO_HIDDEN, THREADS, TOTAL_THREADS, STATES };

_Static_assert(STATES == SUMMARY_NUMBERS - PROCESS_STATE_COUNT && TIME < SUMMARY_STEADY_0,
               "the numbers of a summary");

static unsigned context_of(uint64_t value)
{
    const unsigned length = value > 0 ? 64 - (unsigned)__builtin_clzll(value) : 0;

    return length < VALUE_CONTEXTS ? length : VALUE_CONTEXTS - 1;
}

/* Moves an average a quarter of the way. */
static uint64_t follow(uint64_t average, uint64_t value)
{
    const uint64_t now = (value < IO_MAX ? value : IO_MAX) * 16;

    return now > average ? average + (now - average + 3) / 4 : average - (average - now + 3) / 4;
}

/* A number that goes up and down: as such, or as how far it is from its average. */
static uint64_t code_noisy(struct bit_coder *coder, struct rate_models *models,
                           struct rate_past *past, uint64_t value)
{
    const uint64_t average = past->average / 16;
    uint64_t distance;

    if (past->spread * 4 < past->average)
        value =
            average + zigzag_back(code_number(coder, &models->difference[context_of(past->spread)],
                                              zigzag(value - average)));
    else
        value = code_number(coder, &models->direct[context_of(past->average)], value);
    distance = value > average ? value - average : average - value;
    past->average = follow(past->average, value);
    past->spread = follow(past->spread, distance);
    return value;
}

/* As steps of the counter, and what the rate is off from these. */
static uint64_t code_rate(struct bit_coder *coder, struct rate_models *models,
                          struct rate_past *past, uint64_t step, uint64_t span_ms, uint64_t value)
{
    const uint64_t span = span_ms > 0 ? span_ms : 1000;
    uint64_t steps, whole;

    past->is_unknown =
        code_bit(coder, &models->is_unknown[past->is_unknown], value == VALUE_UNKNOWN);
    if (past->is_unknown)
        return VALUE_UNKNOWN;
    steps = code_noisy(coder, models, past, (value * span + step / 2) / step);
    whole = (steps * step + span / 2) / span;
    return whole +
           zigzag_back(code_number(coder, &models->rest[context_of(steps)], zigzag(value - whole)));
}

/* A number that mostly stays, and else moves, perhaps by pages. */
static uint64_t code_size(struct bit_coder *coder, struct size_models *models,
                          struct size_past *past, uint64_t last, uint64_t value)
{
    const int64_t moved = (int64_t)(value - last);
    const bool is_changed = code_bit(coder, &models->is_changed[past->changes & 7], value != last);
    uint64_t difference;
    bool is_whole;

    past->changes = (uint8_t)(past->changes << 1 | is_changed);
    if (!is_changed)
        return last;
    is_whole = code_bit(coder, &models->is_whole, moved % PAGE == 0);
    difference = zigzag((uint64_t)(is_whole ? moved / PAGE : moved));
    difference = code_number(coder, &models->difference[past->length], difference);
    past->length = (uint8_t)context_of(difference);
    return last + zigzag_back(difference) * (is_whole ? PAGE : 1);
}

static uint64_t integer_of(double value, double scale, uint64_t most)
{
    if (isnan(value))
        return VALUE_UNKNOWN;
    if (!(value > 0))
        return 0;
    value = value * scale + 0.5;
    return value < (double)most ? (uint64_t)value : most;
}

static double double_of(uint64_t integer, double scale)
{
    return integer == VALUE_UNKNOWN ? NAN : (double)integer / scale;
}

void values_of(const struct process_entry *entry, struct process_values *out)
{
    *out = (struct process_values){
        .rss = entry->rss_bytes,
        .shared = entry->shared_bytes,
        .threads = entry->threads,
        .cpu = integer_of(entry->cpu_cores, CORES_PER_UNIT, CORES_MAX),
        .read = integer_of(entry->read_bytes_per_second, 1, IO_MAX),
        .write = integer_of(entry->write_bytes_per_second, 1, IO_MAX),
        .state = (uint32_t)process_state_index(entry->state),
    };
}

void values_put(const struct process_values *values, struct process_entry *entry)
{
    entry->rss_bytes = values->rss;
    entry->shared_bytes = values->shared;
    entry->threads = (uint32_t)values->threads;
    entry->cpu_cores = double_of(values->cpu, CORES_PER_UNIT);
    entry->read_bytes_per_second = double_of(values->read, 1);
    entry->write_bytes_per_second = double_of(values->write, 1);
    entry->state = PROCESS_STATES[values->state];
}

static bool is_rate(uint64_t value, uint64_t most)
{
    return value <= most || value == VALUE_UNKNOWN;
}

/* Who works is more likely to be running. */
static unsigned activity(uint64_t cpu)
{
    if (cpu == VALUE_UNKNOWN || cpu == 0)
        return 0;
    return cpu < CORES_PER_UNIT / 20 ? 1 : cpu < CORES_PER_UNIT / 2 ? 2 : 3;
}

bool code_values(struct bit_coder *coder, struct values_models *models, struct values_past *past,
                 const struct process_values *last, uint64_t span_ms, struct process_values *values)
{
    struct process_values coded;

    coded.cpu = code_rate(coder, &models->cpu, &past->cpu, CORES_STEP, span_ms, values->cpu);
    coded.read = code_rate(coder, &models->read, &past->read, IO_STEP, span_ms, values->read);
    coded.write = code_rate(coder, &models->write, &past->write, IO_STEP, span_ms, values->write);
    coded.rss = code_size(coder, &models->rss, &past->rss, last->rss, values->rss);
    coded.shared = code_size(coder, &models->shared, &past->shared, last->shared, values->shared);
    coded.threads =
        code_size(coder, &models->threads, &past->threads, last->threads, values->threads);
    coded.state =
        code_symbol(coder, models->state[last->state][activity(coded.cpu)], 4, values->state);
    if (!is_rate(coded.cpu, CORES_MAX) || !is_rate(coded.read, IO_MAX) ||
        !is_rate(coded.write, IO_MAX) || coded.threads > UINT32_MAX ||
        coded.state >= PROCESS_STATE_COUNT)
        return false;
    *values = coded;
    return true;
}

void summary_of(const struct process_list *list, struct process_summary *out)
{
    *out = (struct process_summary){
        .numbers = {[SEQ] = list->seq,
                    [TIME] = list->time_ms < 0 ? 0 : (uint64_t)list->time_ms,
                    [SPAN] = list->span_ms < 0          ? 0
                             : list->span_ms > SPAN_MAX ? SPAN_MAX
                                                        : (uint64_t)list->span_ms,
                    [VISIBLE] = list->visible,
                    [UNREAD] = list->unread,
                    [HIDES] = list->hides,
                    [IO_HIDDEN] = list->io_hidden,
                    [THREADS] = list->threads,
                    [TOTAL_THREADS] = list->total_threads},
        .busy = integer_of(list->busy_cores, CORES_PER_UNIT, CORES_MAX),
        .unattributed = integer_of(list->unattributed_cores, CORES_PER_UNIT, CORES_MAX),
    };
    for (size_t i = 0; i < PROCESS_STATE_COUNT; i++)
        out->numbers[STATES + i] = list->by_state[i];
}

void summary_put(const struct process_summary *summary, struct process_list *list)
{
    list->seq = summary->numbers[SEQ];
    list->time_ms = summary_time_ms(summary);
    list->span_ms = summary_span_ms(summary);
    list->visible = (uint32_t)summary->numbers[VISIBLE];
    list->unread = (uint32_t)summary->numbers[UNREAD];
    list->hides = summary->numbers[HIDES] != 0;
    list->io_hidden = (uint32_t)summary->numbers[IO_HIDDEN];
    list->threads = (uint32_t)summary->numbers[THREADS];
    list->total_threads = (uint32_t)summary->numbers[TOTAL_THREADS];
    for (size_t i = 0; i < PROCESS_STATE_COUNT; i++)
        list->by_state[i] = (uint32_t)summary->numbers[STATES + i];
    list->busy_cores = double_of(summary->busy, CORES_PER_UNIT);
    list->unattributed_cores = double_of(summary->unattributed, CORES_PER_UNIT);
}

int64_t summary_time_ms(const struct process_summary *summary)
{
    return (int64_t)summary->numbers[TIME];
}

int64_t summary_span_ms(const struct process_summary *summary)
{
    return (int64_t)summary->numbers[SPAN];
}

static bool is_possible(const struct process_summary *summary)
{
    for (size_t i = VISIBLE; i < SUMMARY_NUMBERS; i++) {
        if (summary->numbers[i] > UINT32_MAX)
            return false;
    }
    return summary->numbers[TIME] <= INT64_MAX && summary->numbers[SPAN] <= SPAN_MAX &&
           summary->numbers[HIDES] <= 1 && is_rate(summary->busy, CORES_MAX) &&
           is_rate(summary->unattributed, CORES_MAX);
}

bool code_summary(struct bit_coder *coder, struct summary_models *models, struct summary_past *past,
                  struct process_summary *summary)
{
    struct process_summary coded;
    uint64_t span;

    for (size_t i = 0; i < SUMMARY_NUMBERS; i++) {
        uint64_t expected = past->last.numbers[i];

        if (i < SUMMARY_STEADY_0)
            expected += past->steps[i];
        coded.numbers[i] =
            expected + zigzag_back(code_number(coder, &models->numbers[i],
                                               zigzag(summary->numbers[i] - expected)));
        if (i < SUMMARY_STEADY_0)
            past->steps[i] = coded.numbers[i] - past->last.numbers[i];
    }
    span = coded.numbers[SPAN];
    coded.busy = code_rate(coder, &models->busy, &past->busy, CORES_STEP, span, summary->busy);
    coded.unattributed = code_rate(coder, &models->unattributed, &past->unattributed, CORES_STEP,
                                   span, summary->unattributed);
    past->last = coded;
    if (!is_possible(&coded))
        return false;
    *summary = coded;
    return true;
}
