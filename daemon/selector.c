#include "daemon/selector.h"

#include <stdlib.h>
#include <string.h>

#include "collectors/parse.h"

/* What it takes to find a label and compare it. */
#define PLAIN_STEPS 32

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Metric names may hold colons, label names may not. */
static bool scan_name(struct scanner *scanner, bool colons, struct span *out)
{
    const char *start = scanner->at;

    while (!scan_is_done(scanner) && (is_letter(*scanner->at) || (colons && *scanner->at == ':') ||
                                      (scanner->at > start && char_is_digit(*scanner->at))))
        scanner->at++;
    *out = (struct span){start, (size_t)(scanner->at - start)};
    return out->length > 0;
}

/* The character that an escape stands for, or 0. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '\\':
    case '"':
    case '\'':
        return c;
    default:
        return '\0';
    }
}

/* A quoted string as a new text; NULL if it is malformed (or memory is short). */
static char *scan_string(struct scanner *scanner)
{
    char quote, *text, *to;

    if (scan_is_done(scanner) || !strchr("\"'`", *scanner->at))
        return NULL;
    quote = *scanner->at++;
    text = to = malloc((size_t)(scanner->end - scanner->at) + 1);
    while (text && !scan_is_done(scanner) && *scanner->at) {
        char c = *scanner->at++;

        if (c == quote) {
            *to = '\0';
            return text;
        }
        if (c == '\\' && quote != '`') {
            c = scan_is_done(scanner) ? '\0' : unescape(*scanner->at++);
            if (!c)
                break;
        }
        *to++ = c;
    }
    free(text);
    return NULL;
}

static int wrong(struct problem *problem, const char *what, const struct scanner *scanner)
{
    return problem_set(problem, 400, "match",
                       "%s at \"%.40s\"; allowed: name{key=\"value\",…} with = != =~ !~ (in \"\" "
                       "and '' a backslash is written twice, in `` once)",
                       what, scanner->at);
}

static bool scan_operator(struct scanner *scanner, bool *negated, bool *is_pattern)
{
    *negated = scan_char(scanner, '!');
    *is_pattern = scan_char(scanner, '~');
    if (*negated && (*is_pattern || scan_char(scanner, '=')))
        return true;
    if (*negated || *is_pattern || !scan_char(scanner, '='))
        return false;
    *is_pattern = scan_char(scanner, '~');
    return true;
}

static int parse_matcher(struct scanner *scanner, struct selector *selector,
                         struct problem *problem)
{
    struct matcher *matcher;
    struct scanner before;
    struct span key;
    bool is_pattern;

    if (!scan_name(scanner, false, &key))
        return wrong(problem, "a label name is missing", scanner);
    if (selector->matcher_count == SELECTOR_MAX_MATCHERS)
        return problem_set(problem, 400, "match", "more than %d matchers", SELECTOR_MAX_MATCHERS);
    matcher = &selector->matchers[selector->matcher_count++];
    matcher->key = strndup(key.at, key.length);
    if (!matcher->key)
        return problem_set(problem, 503, NULL, "out of memory");
    scan_blanks(scanner);
    before = *scanner;
    if (!scan_operator(scanner, &matcher->negated, &is_pattern))
        return wrong(problem, "=, !=, =~ or !~ is missing", &before);
    scan_blanks(scanner);
    matcher->value = scan_string(scanner);
    if (!matcher->value)
        return wrong(problem, "a quoted value is missing or malformed", scanner);
    scan_blanks(scanner);
    return is_pattern ? pattern_new(matcher->value, &matcher->pattern, problem) : 0;
}

static int parse_braces(struct scanner *scanner, struct selector *selector, struct problem *problem)
{
    scan_blanks(scanner);
    while (!scan_char(scanner, '}')) {
        int result = parse_matcher(scanner, selector, problem);

        if (result < 0)
            return result;
        if (scan_char(scanner, ','))
            scan_blanks(scanner);
        else if (scan_is_done(scanner) || *scanner->at != '}')
            return wrong(problem, ", or } is missing", scanner);
    }
    return 0;
}

/* curl expands {…} as a list of its own: name{mode="idle"} arrives as namemode="idle". */
static bool braces_were_eaten(const char *text, size_t length)
{
    return memchr(text, '=', length) && !memchr(text, '{', length) && !memchr(text, '}', length);
}

int selector_parse(const char *text, size_t length, struct selector *out, struct problem *problem)
{
    struct scanner scanner = scanner_over(text, length);
    struct span name;

    *out = (struct selector){0};
    if (braces_were_eaten(text, length))
        return problem_set(problem, 400, "match",
                           "no braces in \"%.60s\": curl eats them; use curl -G --data-urlencode "
                           "'match=name{key=\"value\"}', or name=GLOB and label=KEY:GLOB",
                           text);
    scan_blanks(&scanner);
    if (scan_name(&scanner, true, &name)) {
        out->name = strndup(name.at, name.length);
        if (!out->name)
            return problem_set(problem, 503, NULL, "out of memory");
    }
    scan_blanks(&scanner);
    if (scan_char(&scanner, '{')) {
        int result = parse_braces(&scanner, out, problem);

        if (result < 0)
            return result;
    } else if (!out->name) {
        return wrong(problem, "a metric name or { is missing", &scanner);
    }
    scan_blanks(&scanner);
    return scan_is_done(&scanner) ? 0 : wrong(problem, "unexpected text", &scanner);
}

void selector_finish(struct selector *selector)
{
    free(selector->name);
    for (size_t i = 0; i < selector->matcher_count; i++) {
        free(selector->matchers[i].key);
        free(selector->matchers[i].value);
        pattern_free(selector->matchers[i].pattern);
    }
    *selector = (struct selector){0};
}

/* Two labels that no series has are known all the same. */
static const char *value_of(const struct series *series, const char *key)
{
    if (strcmp(key, "__name__") == 0)
        return series->name;
    return strcmp(key, "__scope__") == 0 ? series_scope(series) : series_label(series, key);
}

static bool matcher_holds(const struct matcher *matcher, const struct series *series,
                          struct pattern_meter *meter)
{
    const char *value = value_of(series, matcher->key);
    bool equal = matcher->pattern ? pattern_matches(matcher->pattern, value, meter)
                                  : strcmp(matcher->value, value) == 0;

    pattern_meter_spend(meter, PLAIN_STEPS, "match");
    return equal != matcher->negated && !meter->refused;
}

bool selector_matches(const struct selector *selector, const struct series *series,
                      struct pattern_meter *meter)
{
    if (selector->name && strcmp(selector->name, series->name) != 0)
        return false;
    /* What is cheap comes first. */
    for (int patterns = 0; patterns <= 1; patterns++) {
        for (size_t i = 0; i < selector->matcher_count; i++) {
            const struct matcher *matcher = &selector->matchers[i];

            if ((matcher->pattern != NULL) == patterns && !matcher_holds(matcher, series, meter))
                return false;
        }
    }
    return true;
}
