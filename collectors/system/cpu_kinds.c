#include "collectors/system/cpu_kinds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Its name is the type. */
struct kind {
    struct roster_key key;
    char *rest; /* as it stood in the file, without NUL */
    size_t rest_length;
    char *info; /* with the devices behind it: one piece of memory */
    const char *devices;
    struct sink_series *series; /* one for each CPU, series_count of them */
    size_t series_count;
    const uint64_t *counts; /* of this tick, as many */
};

static void free_kind(struct kind *kind)
{
    free(kind->rest);
    free(kind->info);
    free(kind->series);
    kind->rest = NULL;
    kind->info = NULL;
    kind->series = NULL;
    kind->series_count = 0;
}

void cpu_kinds_init(struct cpu_kinds *kinds, const struct cpu_kinds_form *form)
{
    *kinds = (struct cpu_kinds){.form = form};
    roster_init(&kinds->kinds, sizeof(struct kind));
}

void cpu_kinds_finish(struct cpu_kinds *kinds)
{
    struct kind *items = kinds->kinds.items;

    for (size_t index = 0; index < kinds->kinds.count; index++)
        free_kind(&items[index]);
    roster_finish(&kinds->kinds);
    free(kinds->cpus);
    free(kinds->labels);
    *kinds = (struct cpu_kinds){0};
}

/* Moves a kind's series to the places that their CPUs have in the new list. */
static void move_series(const struct cpu_kinds *kinds, const struct cpu_counts *counts,
                        struct kind *kind, struct sink_series *to, struct sink *sink)
{
    size_t place = 0;

    for (size_t index = 0; index < kind->series_count; index++) {
        while (place < counts->cpu_count && counts->cpus[place] < kinds->cpus[index])
            place++;
        if (place < counts->cpu_count && counts->cpus[place] == kinds->cpus[index])
            to[place] = kind->series[index];
        else
            sink_drop(sink, &kind->series[index]);
    }
    free(kind->series);
    kind->series = to;
    kind->series_count = counts->cpu_count;
}

static bool has_cpus(const struct cpu_kinds *kinds, const struct cpu_counts *counts)
{
    return kinds->cpu_count == counts->cpu_count &&
           memcmp(kinds->cpus, counts->cpus, counts->cpu_count * sizeof *counts->cpus) == 0;
}

static struct sink_series *new_series(size_t count)
{
    return calloc(count, sizeof(struct sink_series));
}

/* All kinds' new series before any is moved, so that without memory everything is as it was. */
static int move_kinds(struct cpu_kinds *kinds, const struct cpu_counts *counts, struct sink *sink)
{
    struct kind *items = kinds->kinds.items;
    size_t count = kinds->kinds.count;
    struct sink_series **made = calloc(count + 1, sizeof *made);
    size_t enough = 0;

    if (made == NULL)
        return -ENOMEM;
    while (enough < count && (made[enough] = new_series(counts->cpu_count)) != NULL)
        enough++;
    for (size_t index = 0; index < enough; index++) {
        if (enough == count)
            move_series(kinds, counts, &items[index], made[index], sink);
        else
            free(made[index]);
    }
    free(made);
    return enough == count ? 0 : -ENOMEM;
}

static int take_cpus(struct cpu_kinds *kinds, const struct cpu_counts *counts, struct sink *sink)
{
    uint32_t *cpus = calloc(counts->cpu_count, sizeof *cpus);
    char(*labels)[CPU_LABEL_BYTES] = calloc(counts->cpu_count, sizeof *labels);

    if (cpus == NULL || labels == NULL || move_kinds(kinds, counts, sink) < 0) {
        free(cpus);
        free(labels);
        return -ENOMEM;
    }
    memcpy(cpus, counts->cpus, counts->cpu_count * sizeof *cpus);
    for (size_t index = 0; index < counts->cpu_count; index++)
        snprintf(labels[index], sizeof labels[index], "%u", cpus[index]);
    free(kinds->cpus);
    free(kinds->labels);
    kinds->cpus = cpus;
    kinds->labels = labels;
    kinds->cpu_count = counts->cpu_count;
    return 0;
}

static bool is_number(const char *name)
{
    return name[strspn(name, "0123456789")] == '\0';
}

/* Copies a word and takes the blanks behind it. Returns where the copy ends. */
static char *copy_word(struct scanner *scanner, char *to)
{
    struct span word = {scanner->at, 0};

    (void)scan_word(scanner, &word);
    scan_blanks(scanner);
    memcpy(to, word.at, word.length);
    return to + word.length;
}

/* Words with one space between two of them, and NUL behind. Returns what is behind that. */
static char *copy_words(struct scanner *scanner, char *to)
{
    while (!scan_is_done(scanner)) {
        to = copy_word(scanner, to);
        if (!scan_is_done(scanner))
            *to++ = ' ';
    }
    *to++ = '\0';
    return to;
}

/* Of the line's rest, which is not empty. */
static int describe(struct kind *kind, struct span rest)
{
    struct scanner scanner = scanner_over(rest.at, rest.length);
    char *copy = malloc(rest.length);
    /* Both with NUL, and no blanks that the rest has not. */
    char *info = malloc(rest.length + 2);
    char *end = info;

    if (copy == NULL || info == NULL) {
        free(copy);
        free(info);
        return -ENOMEM;
    }
    memcpy(copy, rest.at, rest.length);
    if (is_number(kind->key.name)) {
        end = copy_word(&scanner, end);
        *end++ = '\0';
    } else {
        end = copy_words(&scanner, end);
    }
    copy_words(&scanner, end);
    free(kind->rest);
    free(kind->info);
    kind->rest = copy;
    kind->rest_length = rest.length;
    kind->info = info;
    kind->devices = end;
    return 0;
}

static bool has_rest(const struct kind *kind, struct span rest)
{
    return kind->rest != NULL && kind->rest_length == rest.length &&
           memcmp(kind->rest, rest.at, rest.length) == 0;
}

static void drop_series(struct kind *kind, struct sink *sink)
{
    for (size_t index = 0; index < kind->series_count; index++)
        sink_drop(sink, &kind->series[index]);
}

static void on_gone(void *item, struct sink *sink)
{
    struct kind *kind = item;

    drop_series(kind, sink);
    free_kind(kind);
}

static int take_row(struct cpu_kinds *kinds, const struct cpu_counts *counts,
                    const struct cpu_counts_row *row, struct sink *sink)
{
    struct kind *kind;

    if (kinds->form->detailed && row->rest.length == 0)
        return 0;
    kind = roster_take(&kinds->kinds, row->kind);
    if (kind == NULL)
        return -ENOMEM;
    if (kind->series == NULL) {
        kind->series = new_series(counts->cpu_count);
        if (kind->series == NULL)
            return -ENOMEM;
        kind->series_count = counts->cpu_count;
    }
    kind->counts = &counts->counts[row->first];
    if (!kinds->form->detailed || has_rest(kind, row->rest))
        return 0;
    /* Another device has the line now. */
    drop_series(kind, sink);
    return describe(kind, row->rest);
}

static void write_kind(const struct cpu_kinds *kinds, struct kind *kind, struct sink *sink)
{
    size_t label_count = kinds->form->detailed ? 4 : 2;

    for (size_t index = 0; index < kind->series_count; index++) {
        struct sink_series *series = &kind->series[index];

        if (sink_lacks(sink, series)) {
            struct label labels[] = {{"cpu", kinds->labels[index]},
                                     {"type", kind->key.name},
                                     {"info", kind->info},
                                     {"devices", kind->devices}};

            sink_want(sink, series, &kinds->form->metric, labels, label_count, 0);
        }
        sink_set(sink, series->slot, (double)kind->counts[index]);
    }
}

int cpu_kinds_write(struct cpu_kinds *kinds, const struct cpu_counts *counts, struct sink *sink)
{
    struct kind *items;
    int result = has_cpus(kinds, counts) ? 0 : take_cpus(kinds, counts, sink);

    roster_begin(&kinds->kinds);
    for (size_t index = 0; result == 0 && index < counts->row_count; index++)
        result = take_row(kinds, counts, &counts->rows[index], sink);
    if (result < 0)
        return result;
    roster_sweep(&kinds->kinds, on_gone, sink);
    items = kinds->kinds.items;
    for (size_t index = 0; index < kinds->kinds.count; index++)
        write_kind(kinds, &items[index], sink);
    return 0;
}

int cpu_kinds_sample(struct cpu_kinds *kinds, struct procfs_file *file, struct cpu_counts *counts,
                     struct sink *sink)
{
    const char *text;
    size_t length;
    int written;
    int result = procfs_read(file, &text, &length);

    if (result < 0)
        return result;
    result = cpu_counts_parse(text, length, counts);
    if (result < 0 && counts->row_count == 0)
        return result;
    written = cpu_kinds_write(kinds, counts, sink);
    return written < 0 ? written : result;
}
