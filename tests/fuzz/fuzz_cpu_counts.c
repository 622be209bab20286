#include <errno.h>

#include "collectors/roster.h"
#include "collectors/system/cpu_counts.h"
#include "collectors/system/cpu_kinds.h"
#include "tests/fuzz/harness.h"

/* A sink that gives a slot to each, and looks at what it is given. */
static uint32_t live;

static int on_declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                      size_t label_count, unsigned flags, uint32_t *slot)
{
    (void)sink;
    (void)metric;
    (void)flags;
    must(label_count == 4);
    for (size_t index = 0; index < label_count; index++)
        must(strlen(labels[index].value) <= CPU_COUNTS_REST_MAX);
    *slot = live++;
    return 0;
}

static void on_release(struct sink *sink, uint32_t slot)
{
    (void)sink;
    must(slot < live);
}

static const struct sink_ops ops = {.declare = on_declare, .release = on_release};
static const struct cpu_kinds_form form = {.metric = {.name = "n"}, .detailed = true};

static void check(const struct cpu_counts *counts, const char *text, size_t size)
{
    must(counts->cpu_count <= CPU_COUNTS_CPUS_MAX && counts->count <= CPU_COUNTS_MAX);
    must(counts->count == counts->row_count * counts->cpu_count);
    for (size_t index = 1; index < counts->cpu_count; index++)
        must(counts->cpus[index] > counts->cpus[index - 1]);
    for (size_t index = 0; index < counts->row_count; index++) {
        const struct cpu_counts_row *row = &counts->rows[index];

        must(row->kind.at >= text && row->kind.at + row->kind.length <= text + size);
        must(row->rest.at >= text && row->rest.at + row->rest.length <= text + size);
        must(roster_accepts(row->kind) && row->rest.length <= CPU_COUNTS_REST_MAX);
        must(row->first == index * counts->cpu_count);
    }
}

/* Two files in turn, the second from the first newline pair on, so that lines and CPUs change. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *gap = size > 0 ? memmem(text, size, "\n\n", 2) : NULL;
    const char *parts[2] = {text, gap != NULL ? gap + 2 : text};
    struct sink sink = {.ops = &ops};
    struct cpu_counts counts = {0};
    struct cpu_kinds kinds;

    live = 0;
    cpu_kinds_init(&kinds, &form);
    for (size_t index = 0; index < 2; index++) {
        size_t length = (size_t)(text + size - parts[index]);
        int result = cpu_counts_parse(parts[index], length, &counts);

        must(result == 0 || result == -EBADMSG || result == -E2BIG);
        must(counts.cpu_count > 0 || (result == -EBADMSG && counts.row_count == 0));
        check(&counts, parts[index], length);
        if (counts.row_count > 0)
            must(cpu_kinds_write(&kinds, &counts, &sink) == 0);
    }
    cpu_kinds_finish(&kinds);
    cpu_counts_finish(&counts);
    return 0;
}
