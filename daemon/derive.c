#include "daemon/derive.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/formula.h"

/* One derived series. */
struct output {
    size_t formula; /* index into formulas */
    uint32_t slot;
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

static int find_input(struct derive *derive, enum input input)
{
    struct series_list *list = &derive->inputs.lists[input];
    size_t capacity = 0;

    for (size_t i = 0; i < derive->catalog->count; i++) {
        const struct series *series = derive->catalog->series[i];

        if (strcmp(series->name, formula_inputs[input].name) != 0 ||
            (formula_inputs[input].mode &&
             strcmp(series_label(series, "mode"), formula_inputs[input].mode) != 0))
            continue;
        if (list->count == capacity) {
            const struct series **larger;

            capacity = capacity ? capacity * 2 : 4;
            larger = reallocarray(list->series, capacity, sizeof *larger);
            if (!larger)
                return -ENOMEM;
            list->series = larger;
        }
        list->series[list->count++] = series;
    }
    return 0;
}

static const struct series *find_device(const struct derive *derive, enum input input,
                                        const char *device)
{
    if (input == INPUT_COUNT)
        return NULL;
    for (size_t i = 0; i < derive->inputs.lists[input].count; i++) {
        const struct series *series = derive->inputs.lists[input].series[i];

        if (strcmp(series_label(series, "device"), device) == 0)
            return series;
    }
    return NULL;
}

static int add_output(struct derive *derive, struct sink *sink, struct output output,
                      const struct label *labels, size_t label_count)
{
    if (derive->output_count == derive->output_capacity) {
        size_t capacity = derive->output_capacity ? derive->output_capacity * 2 : 32;
        struct output *larger = reallocarray(derive->outputs, capacity, sizeof *larger);

        if (!larger)
            return -ENOMEM;
        derive->outputs = larger;
        derive->output_capacity = capacity;
    }
    /* Beyond the limit on series the slot stands for nothing; the refusal is counted. */
    (void)!sink_declare(sink, &formulas[output.formula].metric, labels, label_count, SERIES_DERIVED,
                        &output.slot);
    derive->outputs[derive->output_count++] = output;
    return 0;
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
        return add_output(derive, sink, (struct output){.formula = index}, NULL, 0);
    case PER_CPU_MODE:
        for (size_t mode = 0; mode < FORMULA_CPU_MODES && result == 0; mode++)
            result =
                add_output(derive, sink, (struct output){.formula = index, .arguments.mode = mode},
                           &(struct label){"mode", formula_cpu_modes[mode]}, 1);
        break;
    case PER_DEVICE:
        for (size_t i = 0; i < list->count && result == 0; i++) {
            const char *device = series_label(list->series[i], "device");
            const struct label labels[] = {{"device", device}, {"op", formula->op}};
            struct output output = {.formula = index};

            for (size_t k = 0; k < FORMULA_MAX_ARGUMENTS; k++)
                output.arguments.series[k] = find_device(derive, formula->arguments[k], device);
            result = add_output(derive, sink, output, labels, formula->op ? 2 : 1);
        }
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
    for (enum input input = 0; input < INPUT_COUNT && result == 0; input++)
        result = find_input(derive, input);
    for (size_t i = 0; i < formula_count && result == 0; i++)
        result = add_formula(derive, sink, i);
    return result;
}

void derive_compute(struct derive *derive, const struct present *present, struct sink *sink)
{
    formula_prepare(&derive->inputs, present);
    for (size_t i = 0; i < derive->output_count; i++) {
        const struct output *output = &derive->outputs[i];
        double value =
            formulas[output->formula].compute(&derive->inputs, present, &output->arguments);

        if (!isnan(value))
            sink_set(sink, output->slot, value);
    }
}
