#include <math.h>

#include "collectors/number.h"
#include "daemon/exposition_layout.h"
#include "daemon/sample.h"

/* The histogram whose lines are being written: all of one moment. */
struct sparse {
    uint32_t id; /* 0: it is not there */
    struct bucket_totals totals;
};

struct writer {
    const struct exposition_layout *layout;
    const struct present *present;
    const struct bucket_board *buckets;
    struct sparse sparse;
    char *at; /* there is room for the longest answer */
};

static char *put(char *at, const void *data, size_t size)
{
    memcpy(at, data, size);
    return at + size;
}

static char *put_text(char *at, const char *text)
{
    return put(at, text, strlen(text));
}

static char *put_number(char *at, double value, bool rounded)
{
    if (isnan(value))
        return put_text(at, "NaN");
    if (isinf(value))
        return put_text(at, value > 0 ? "+Inf" : "-Inf");
    return at + (rounded ? number_format_digits6(value, at) : number_format_exact(value, at));
}

static void write_number(struct writer *writer, const struct exposition_line *line, double value)
{
    char *at = put(writer->at, writer->layout->text.data + line->at, line->length);

    at = put_number(at, value, line->kind == LINE_ROUNDED);
    *at++ = '\n';
    writer->at = at;
}

static void write_bucket(struct writer *writer, const struct exposition_line *line,
                         const char *bound, uint64_t count)
{
    char *at = put(writer->at, writer->layout->text.data + line->at, line->length);

    at = put_text(at, bound);
    at = put(at, "\"} ", 3);
    at += number_format_u64(count, at);
    *at++ = '\n';
    writer->at = at;
}

/* The board knows slots alone: of a series that is not there any more it may have another's. */
static void write_buckets(struct writer *writer, const struct exposition_line *line)
{
    struct sparse *sparse = &writer->sparse;

    sparse->id = 0;
    if (writer->present->values[line->slot].id != line->id ||
        !bucket_board_read(writer->buckets, line->slot, &sparse->totals))
        return;
    sparse->id = line->id;
    for (size_t i = 0; i < BUCKET_BOUNDS; i++)
        write_bucket(writer, line, bucket_bound((enum bucket_scale)line->scale, i),
                     sparse->totals.counts[i]);
    write_bucket(writer, line, "+Inf", sparse->totals.count);
}

static void write_line(struct writer *writer, const struct exposition_line *line)
{
    const struct present_value *value = &writer->present->values[line->slot];
    const struct sparse *sparse = &writer->sparse;

    switch ((enum exposition_line_kind)line->kind) {
    case LINE_BUCKETS:
        write_buckets(writer, line);
        break;
    case LINE_SUM:
        if (sparse->id == line->id)
            write_number(writer, line, sparse->totals.sum);
        break;
    case LINE_COUNT:
        if (sparse->id == line->id)
            write_number(writer, line, (double)sparse->totals.count);
        break;
    default:
        if (value->id == line->id && !sample_is_absent(value->word))
            write_number(writer, line, sample_value(value->word));
    }
}

/* Its head stands only before samples. */
static void write_block(struct writer *writer, const struct exposition_block *block,
                        const struct exposition_line *lines, unsigned scopes)
{
    char *const before = writer->at;
    char *after_head;

    writer->at = put(before, writer->layout->text.data + block->at, block->length);
    after_head = writer->at;
    for (uint32_t i = 0; i < block->line_count; i++) {
        if (scopes & (lines[i].is_application ? EXPOSE_APPLICATIONS : EXPOSE_HOST))
            write_line(writer, &lines[i]);
    }
    if (writer->at == after_head)
        writer->at = before;
}

static void write_end(struct writer *writer, unsigned scopes)
{
    if (scopes & EXPOSE_HOST && !(scopes & EXPOSE_SELECTED)) {
        writer->at = put_text(
            writer->at, "# HELP tacho_exposition_left_out Series that are not here, since in this "
                        "format their names or labels would say something else.\n"
                        "# TYPE tacho_exposition_left_out gauge\n"
                        "tacho_exposition_left_out ");
        writer->at += number_format_u64(writer->layout->left_out, writer->at);
        *writer->at++ = '\n';
    }
    if (writer->layout->format == EXPOSITION_OPENMETRICS)
        writer->at = put_text(writer->at, "# EOF\n");
}

void exposition_layout_write(const struct exposition_layout *layout, const struct present *present,
                             const struct bucket_board *buckets, unsigned scopes,
                             struct buffer *out)
{
    const struct exposition_line *lines = layout->lines;
    struct writer writer = {.layout = layout, .present = present, .buckets = buckets};

    writer.at = buffer_reserve(out, layout->answer_max);
    if (!writer.at)
        return;
    for (size_t i = 0; i < layout->block_count; i++) {
        write_block(&writer, &layout->blocks[i], lines, scopes);
        lines += layout->blocks[i].line_count;
    }
    write_end(&writer, scopes);
    out->size = (size_t)(writer.at - out->data);
}
