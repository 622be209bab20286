#include "daemon/exposition_layout.h"

#include <errno.h>

#include "collectors/number.h"
#include "daemon/encode_json.h"
#include "daemon/exposition_text.h"
#include "daemon/hash.h"

#define LEFT_OUT "tacho_exposition_left_out"
/* Of a line: its value, the longest bound, quote and brace, newline. */
#define LINE_TAIL_MAX (NUMBER_MAX + 16)
#define END_MAX       512 /* what follows the last family */
/* Lines that a sparse histogram has in the layout: buckets, sum, count. */
#define SPARSE_LINES 3

/* The prepared lines by their text, so that none is there twice. */
struct maker {
    struct exposition_layout *layout;
    uint64_t seed;
    uint32_t *places; /* by hash: 1 more than a line's index; 0: none */
    size_t mask;
};

static int maker_init(struct maker *maker, struct exposition_layout *layout, size_t lines)
{
    size_t places = 16;

    while (places < lines * 2)
        places *= 2;
    *maker = (struct maker){.layout = layout, .mask = places - 1};
    maker->places = calloc(places, sizeof *maker->places);
    if (!maker->places)
        return -ENOMEM;
    return hash_make_key(&maker->seed);
}

/* The place of the line that has this text, or where it would be. */
static uint32_t *find_text(const struct maker *maker, uint32_t at, uint32_t length)
{
    const struct exposition_layout *layout = maker->layout;
    const char *text = layout->text.data + at;
    size_t place = hash_bytes(maker->seed, text, length) & maker->mask;

    for (; maker->places[place] != 0; place = (place + 1) & maker->mask) {
        const struct exposition_line *line = &layout->lines[maker->places[place] - 1];

        if (line->length == length && memcmp(layout->text.data + line->at, text, length) == 0)
            break;
    }
    return &maker->places[place];
}

static struct exposition_line line_of(const struct exposition_member *member,
                                      enum exposition_line_kind kind)
{
    const struct series *series = member->series;
    const unsigned whose = series->flags & (SERIES_APPLICATION | SERIES_TEXTFILE);

    return (struct exposition_line){.slot = series->slot,
                                    .id = series->id,
                                    .kind = (uint8_t)kind,
                                    .scale = (uint8_t)bucket_scale_of(series->unit),
                                    .is_application = whose == SERIES_APPLICATION};
}

/*
 * Adds a line whose text has been written at the end. Bytes that are not UTF-8 make two names one:
 * the newer series has it then, as it has where one of another kind came in place of a former.
 */
static void add_line(struct maker *maker, struct exposition_line line, size_t at)
{
    struct exposition_layout *layout = maker->layout;
    uint32_t *place;

    if (layout->text.failed)
        return;
    line.at = (uint32_t)at;
    line.length = (uint32_t)(layout->text.size - at);
    place = find_text(maker, line.at, line.length);
    if (*place == 0) {
        *place = (uint32_t)layout->line_count + 1;
        layout->lines[layout->line_count++] = line;
        layout->answer_max +=
            (line.length + LINE_TAIL_MAX) * (line.kind == LINE_BUCKETS ? BUCKET_BOUNDS + 1 : 1);
        return;
    }
    layout->left_out++;
    layout->text.size = at;
    if (line.kind <= LINE_ROUNDED && layout->lines[*place - 1].kind <= LINE_ROUNDED &&
        layout->lines[*place - 1].id < line.id) {
        line.at = layout->lines[*place - 1].at;
        layout->lines[*place - 1] = line;
    }
}

static void add_sample(struct maker *maker, const struct exposition_member *member)
{
    struct exposition_layout *layout = maker->layout;
    const size_t at = layout->text.size;

    exposition_text_sample(&layout->text, member, "", layout->format);
    add_line(maker,
             line_of(member, member->series->flags & SERIES_DERIVED ? LINE_ROUNDED : LINE_EXACT),
             at);
}

/* Three lines or none. */
static void add_sparse(struct maker *maker, const struct exposition_member *member)
{
    struct exposition_layout *layout = maker->layout;
    const size_t before = layout->line_count;
    size_t at = layout->text.size;

    exposition_text_bucket(&layout->text, member, layout->format);
    add_line(maker, line_of(member, LINE_BUCKETS), at);
    if (layout->line_count == before)
        return;
    at = layout->text.size;
    exposition_text_sample(&layout->text, member, "_sum", layout->format);
    add_line(maker, line_of(member, LINE_SUM), at);
    at = layout->text.size;
    exposition_text_sample(&layout->text, member, "_count", layout->format);
    add_line(maker, line_of(member, LINE_COUNT), at);
}

static bool has_role(const struct exposition_plan *plan,
                     const struct exposition_family_plan *family, enum family_role role)
{
    for (size_t i = 0; i < family->count; i++) {
        if (plan->members[family->first + i].shape.role == role)
            return true;
    }
    return false;
}

/* Whether its labels are written as they are. */
static bool is_clean(const struct series *series)
{
    for (size_t i = 0; i < series->label_count; i++) {
        const char *text = series->labels[i].value;
        size_t left = strlen(text), size;

        for (; left > 0; text += size, left -= size) {
            size = utf8_length(text, left);
            if (size == 0)
                return false;
        }
    }
    return true;
}

/*
 * Where buckets are written out beside those that sparse histograms become, labels that would be
 * the same once their bytes are replaced are not told apart by the lines' texts.
 */
static void add_family(struct maker *maker, const struct exposition_plan *plan,
                       const struct exposition_family_plan *family)
{
    struct exposition_layout *layout = maker->layout;
    struct exposition_block *block = &layout->blocks[layout->block_count];
    const size_t at = layout->text.size, first_line = layout->line_count;
    const bool is_mixed = has_role(plan, family, ROLE_SPARSE) && has_role(plan, family, ROLE_EDGE);

    exposition_text_head(&layout->text, family, layout->format);
    block->at = (uint32_t)at;
    block->length = (uint32_t)(layout->text.size - at);
    for (size_t i = 0; i < family->count; i++) {
        const struct exposition_member *member = &plan->members[family->first + i];

        if (layout->text.size > EXPOSITION_TEXT_MAX || layout->answer_max > EXPOSITION_ANSWER_MAX ||
            (is_mixed && !is_clean(member->series)))
            layout->left_out++;
        else if (member->shape.role == ROLE_SPARSE)
            add_sparse(maker, member);
        else
            add_sample(maker, member);
    }
    block->line_count = (uint32_t)(layout->line_count - first_line);
    if (block->line_count == 0)
        return;
    layout->answer_max += block->length;
    layout->block_count++;
}

static size_t count_lines(const struct exposition_plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->member_count; i++)
        count += plan->members[i].shape.role == ROLE_SPARSE ? SPARSE_LINES : 1;
    return count;
}

static int lay_out(const struct exposition_plan *plan, struct exposition_layout *layout)
{
    const size_t lines = count_lines(plan);
    struct maker maker;
    int result = maker_init(&maker, layout, lines);

    layout->lines = calloc(lines + 1, sizeof *layout->lines);
    layout->blocks = calloc(plan->family_count + 1, sizeof *layout->blocks);
    if (!layout->lines || !layout->blocks)
        result = -ENOMEM;
    for (size_t i = 0; i < plan->family_count && result == 0; i++)
        add_family(&maker, plan, &plan->families[i]);
    free(maker.places);
    if (layout->text.failed)
        result = -ENOMEM;
    return result;
}

int exposition_layout_make(const struct series *const *series, size_t count, uint32_t version,
                           enum exposition_format format, struct exposition_layout *out)
{
    struct exposition_layout layout = {.format = format, .version = version, .answer_max = END_MAX};
    struct exposition_plan plan;
    int result = exposition_plan_make(series, count, format, LEFT_OUT, &plan);

    if (result < 0)
        return result;
    layout.left_out = plan.left_out;
    result = lay_out(&plan, &layout);
    exposition_plan_finish(&plan);
    if (result < 0) {
        exposition_layout_finish(&layout);
        return result;
    }
    *out = layout;
    return 0;
}

void exposition_layout_finish(struct exposition_layout *layout)
{
    buffer_finish(&layout->text);
    free(layout->blocks);
    free(layout->lines);
    *layout = (struct exposition_layout){0};
}
