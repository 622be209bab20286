#include "collectors/application/exposition.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/application/exposition_family.h"
#include "collectors/application/exposition_scan.h"
#include "collectors/array.h"
#include "collectors/number.h"

static bool skip_labels(struct scanner *line)
{
    struct span key, value;
    int result;

    do
        result = exposition_scan_label(line, &key, &value);
    while (result > 0);
    return result == 0;
}

static bool scan_number(struct scanner *line, double *out)
{
    struct span word;

    return scan_word(line, &word) && number_parse(word.at, word.length, out) == 0;
}

static bool skip_timestamp(struct scanner *line, enum exposition_format format)
{
    int64_t time_ms;
    double time_seconds;

    return format == EXPOSITION_TEXT ? scan_i64(line, &time_ms) : scan_number(line, &time_seconds);
}

/* # {trace_id="…"} 0.67 1520879607.789 */
static bool skip_exemplar(struct scanner *line)
{
    double number;

    if (!scan_char(line, '#') || !scan_blanks(line) || !scan_char(line, '{') || !skip_labels(line))
        return false;
    scan_blanks(line);
    if (!scan_number(line, &number))
        return false;
    scan_blanks(line);
    if (scan_is_done(line))
        return true;
    if (!scan_number(line, &number))
        return false;
    scan_blanks(line);
    return scan_is_done(line);
}

/* What may stand behind the value: a time, an exemplar, blanks. */
static bool skip_rest(struct scanner *line, enum exposition_format format, bool *is_timed)
{
    *is_timed = false;
    scan_blanks(line);
    if (scan_is_done(line))
        return true;
    *is_timed = *line->at != '#';
    if (*is_timed && !skip_timestamp(line, format))
        return false;
    scan_blanks(line);
    if (scan_is_done(line))
        return true;
    return format == EXPOSITION_OPENMETRICS && skip_exemplar(line);
}

static bool parse_sample(struct scanner line, enum exposition_format format,
                         struct exposition_sample *out)
{
    const char *start = line.at;
    bool separated;

    if (!exposition_scan_name(&line, &out->name))
        return false;
    out->series = out->name;
    separated = scan_blanks(&line);
    if (scan_char(&line, '{')) {
        if (!skip_labels(&line))
            return false;
        out->series.length = (size_t)(line.at - start);
        scan_blanks(&line);
    } else if (!separated) {
        return false;
    }
    return scan_number(&line, &out->value) && skip_rest(&line, format, &out->is_timed);
}

/* 0, -EBADMSG or -E2BIG. */
static int take_text(struct exposition *exposition, struct scanner line)
{
    struct exposition_sample sample;

    scan_blanks(&line);
    if (scan_is_done(&line))
        return 0;
    if (*line.at == '#')
        return exposition_family_take(&exposition->family, exposition->format, line);
    if (!parse_sample(line, exposition->format, &sample))
        return -EBADMSG;
    exposition->visitor->sample(exposition->arg, &sample);
    return 0;
}

static void take_line(struct exposition *exposition, struct span text)
{
    int result = -E2BIG;

    exposition->line++;
    if (exposition->format == EXPOSITION_OPENMETRICS && span_equals(text, "# EOF")) {
        exposition->ended = true;
        return;
    }
    if (text.length <= EXPOSITION_LINE_MAX)
        result = take_text(exposition, scanner_over(text.at, text.length));
    if (result < 0)
        exposition->visitor->wrong(exposition->arg,
                                   result == -E2BIG ? EXPOSITION_TOO_LONG : EXPOSITION_MALFORMED,
                                   exposition->line);
}

/* A line for which there is no memory is too long as well. */
static void keep(struct exposition *exposition, const char *bytes, size_t size)
{
    size_t length = exposition->kept_length + size;
    char *kept;

    if (size == 0 || exposition->skipping)
        return;
    if (length > EXPOSITION_LINE_MAX) {
        exposition->skipping = true;
        return;
    }
    kept = array_reserve(exposition->kept, &exposition->kept_capacity, length, 1);
    if (kept == NULL) {
        exposition->skipping = true;
        return;
    }
    memcpy(kept + exposition->kept_length, bytes, size);
    exposition->kept = kept;
    exposition->kept_length = length;
}

static bool has_kept(const struct exposition *exposition)
{
    return exposition->kept_length > 0 || exposition->skipping;
}

/* The line that was kept has ended. */
static void take_kept(struct exposition *exposition)
{
    struct span line = {exposition->kept, exposition->kept_length};

    if (exposition->skipping)
        line.length = EXPOSITION_LINE_MAX + 1;
    exposition->kept_length = 0;
    exposition->skipping = false;
    take_line(exposition, line);
}

void exposition_init(struct exposition *exposition, enum exposition_format format,
                     const struct exposition_visitor *visitor, void *arg)
{
    *exposition = (struct exposition){.format = format, .visitor = visitor, .arg = arg};
}

void exposition_feed(struct exposition *exposition, const char *bytes, size_t size)
{
    struct scanner rest = scanner_over(bytes, size);
    struct span line;

    while (!exposition->ended && !scan_is_done(&rest)) {
        if (!scan_until(&rest, '\n', &line)) {
            keep(exposition, rest.at, (size_t)(rest.end - rest.at));
            return;
        }
        if (has_kept(exposition)) {
            keep(exposition, line.at, line.length);
            take_kept(exposition);
        } else {
            take_line(exposition, line);
        }
    }
    exposition->overrun |= !scan_is_done(&rest);
}

int exposition_end(struct exposition *exposition)
{
    if (has_kept(exposition))
        take_kept(exposition);
    if (exposition->format == EXPOSITION_OPENMETRICS && (!exposition->ended || exposition->overrun))
        return -EBADMSG;
    return 0;
}

void exposition_finish(struct exposition *exposition)
{
    free(exposition->kept);
    exposition->kept = NULL;
    exposition->kept_length = 0;
    exposition->kept_capacity = 0;
}
