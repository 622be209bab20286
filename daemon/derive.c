#include "daemon/derive.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/formula.h"

/* One derived series. */
struct output {
    size_t formula; /* index into formulas */
    uint32_t slot;
    const struct series *first; /* has its interval, and a value when this one has one */
    struct formula_arguments arguments;
};

struct derive {
    struct catalog *catalog; /* keeps the inputs alive */
    struct inputs inputs;
    struct output *outputs;
    size_t output_count, output_capacity;
};

int derive_new(struct derive **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? 0 : -ENOMEM;
}

static void forget_inputs(struct derive *derive)
{
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        free(derive->inputs.lists[i].series);
        derive->inputs.lists[i] = (struct series_list){0};
    }
    catalog_put(derive->catalog);
    derive->catalog = NULL;
}

void derive_free(struct derive *derive)
{
    if (!derive)
        return;
    forget_inputs(derive);
    free(derive->outputs);
    free(derive);
}

static int add_input(struct series_list *list, const struct series *series)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        const struct series **larger = reallocarray(list->series, capacity, sizeof *larger);

        if (!larger)
            return -ENOMEM;
        list->series = larger;
        list->capacity = capacity;
    }
    list->series[list->count++] = series;
    return 0;
}

static bool is_input(enum input input, const struct series *series)
{
    const struct input_key *key = &formula_inputs[input];

    return strcmp(series->name, key->name) == 0 &&
           (!key->mode || strcmp(series_label(series, "mode"), key->mode) == 0);
}

static int find_inputs(struct derive *derive)
{
    int result = 0;

    for (size_t i = 0; i < derive->catalog->count && result == 0; i++) {
        const struct series *series = derive->catalog->series[i];

        /* What applications call their metrics is theirs to choose. */
        if (series->flags & (SERIES_DERIVED | SERIES_APPLICATION))
            continue;
        for (enum input input = 0; input < INPUT_COUNT && result == 0; input++) {
            if (is_input(input, series))
                result = add_input(&derive->inputs.lists[input], series);
        }
    }
    return result;
}

static bool same_labels(const struct series *a, const struct series *b)
{
    if (a->label_count != b->label_count)
        return false;
    for (size_t i = 0; i < a->label_count; i++) {
        if (strcmp(a->labels[i].key, b->labels[i].key) != 0 ||
            strcmp(a->labels[i].value, b->labels[i].value) != 0)
            return false;
    }
    return true;
}

/*
 * The series of another input with the labels of this one; NULL if there is none. Both lists are
 * mostly in one order, so that it is looked for first where this one stands in its own.
 */
static const struct series *find_like(const struct series_list *list, const struct series *like,
                                      size_t expected)
{
    for (size_t step = 0; step < list->count; step++) {
        const struct series *series = list->series[(expected + step) % list->count];

        if (same_labels(series, like))
            return series;
    }
    return NULL;
}

static int add_output(struct derive *derive, struct sink *sink, struct output output,
                      const struct label *labels, size_t label_count)
{
    uint32_t tick_ms = sink->interval_ms;

    if (derive->output_count == derive->output_capacity) {
        size_t capacity = derive->output_capacity ? derive->output_capacity * 2 : 32;
        struct output *larger = reallocarray(derive->outputs, capacity, sizeof *larger);

        if (!larger)
            return -ENOMEM;
        derive->outputs = larger;
        derive->output_capacity = capacity;
    }
    /* Beyond the limit on series the slot stands for nothing; the refusal is counted. */
    sink->interval_ms = output.first->interval_ms;
    (void)!sink_declare(sink, &formulas[output.formula].metric, labels, label_count, SERIES_DERIVED,
                        &output.slot);
    sink->interval_ms = tick_ms;
    derive->outputs[derive->output_count++] = output;
    return 0;
}

static int add_for_series(struct derive *derive, struct sink *sink, size_t index, size_t position)
{
    const struct formula *formula = &formulas[index];
    const struct series *first = derive->inputs.lists[formula->first].series[position];
    struct output output = {.formula = index, .first = first};
    struct label labels[SERIES_LABELS_MAX];
    size_t count = first->label_count;

    if ((first->flags & formula->flags) != formula->flags || count == SERIES_LABELS_MAX)
        return 0;
    for (size_t i = 0; i < FORMULA_MAX_ARGUMENTS; i++) {
        if (formula->arguments[i] != INPUT_COUNT)
            output.arguments.series[i] =
                find_like(&derive->inputs.lists[formula->arguments[i]], first, position);
    }
    for (size_t i = 0; i < count; i++)
        labels[i] = first->labels[i];
    if (formula->label.key)
        labels[count++] = formula->label;
    return add_output(derive, sink, output, labels, count);
}

static int add_formula(struct derive *derive, struct sink *sink, size_t index)
{
    const struct formula *formula = &formulas[index];
    const struct series_list *list = &derive->inputs.lists[formula->first];
    int result = 0;

    if (list->count == 0)
        return 0;
    switch (formula->per) {
    case PER_MACHINE:
        return add_output(derive, sink, (struct output){.formula = index, .first = list->series[0]},
                          NULL, 0);
    case PER_CPU_MODE:
        for (size_t mode = 0; mode < FORMULA_CPU_MODES && result == 0; mode++)
            result = add_output(
                derive, sink,
                (struct output){.formula = index, .first = list->series[0], .arguments.mode = mode},
                &(struct label){"mode", formula_cpu_modes[mode]}, 1);
        break;
    case PER_SERIES:
        for (size_t i = 0; i < list->count && result == 0; i++)
            result = add_for_series(derive, sink, index, i);
        break;
    }
    return result;
}

int derive_bind(struct derive *derive, struct catalog *catalog, struct sink *sink)
{
    int result = 0;

    /*
     * All outputs are released and those that still have their inputs declared again, which takes
     * the release back: what remains released is what went away.
     */
    for (size_t i = 0; i < derive->output_count; i++)
        sink_release(sink, derive->outputs[i].slot);
    derive->output_count = 0;
    forget_inputs(derive);
    derive->catalog = catalog_hold(catalog);
    result = find_inputs(derive);
    for (size_t i = 0; i < formula_count && result == 0; i++)
        result = add_formula(derive, sink, i);
    return result;
}

/*
 * A series of a longer interval has a value only in the ticks in which its input has one; between
 * them it is absent, as the input is.
 */
static bool is_due(const struct output *output, const struct present *present)
{
    return output->first->interval_ms <= present->interval_ms ||
           present_of(present, output->first)->mono_ns == present->tick.mono_ns;
}

void derive_compute(struct derive *derive, const struct present *present, struct sink *sink)
{
    formula_prepare(&derive->inputs, present);
    for (size_t i = 0; i < derive->output_count; i++) {
        const struct output *output = &derive->outputs[i];
        double value;

        if (!is_due(output, present))
            continue;
        value = formulas[output->formula].compute(&derive->inputs, present, &output->arguments);
        if (!isnan(value))
            sink_set(sink, output->slot, value);
    }
}
