#include "daemon/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <string.h>

#include "collectors/parse.h"
#include "daemon/clock.h"
#include "daemon/encode_json.h"

/* One step may walk over the whole compiled expression: (a?){1000} has 8 KB and takes 3.5 µs. */
#define MAX_COMPILED_BYTES 4096
#define MAX_NESTING        50
/* For the frames of the steps, of which few are alive at once. */
#define MAX_HEAP_KIB 512
/* Reading the thread's time costs as much as a cheap match, so at first only few do. */
#define MATCHES_A_LOOK 8u
#define EARLY_NS       (PATTERN_MAX_MS * NS_PER_MS / 3)

static const uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                                PCRE2_DOTALL | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
                                PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE;

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    char *text;
};

/* --- what is allowed --- */

static int refuse(struct problem *problem, const char *what, const char *at)
{
    return problem_set(
        problem, 400, "match",
        "%s at \"%.40s\" of a regular expression; allowed: characters, classes, "
        "| ? * + {n,m}, groups (…), (?:…), (?i:…), (?s:…) and (?P<name>…), \\ before "
        "a sign or one of aAbBdDfnpPrsStvwWxz",
        what, at);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * What a backslash may stand before. \Q, \E and \c would change what the characters behind them
 * mean; braces behind \p and \x hold nothing that PCRE2 takes as structure.
 */
static int scan_escape(struct scanner *scanner, struct problem *problem)
{
    const char *start = scanner->at - 1;
    char c;

    if (scan_is_done(scanner))
        return refuse(problem, "a lone backslash", start);
    c = *scanner->at++;
    if (char_is_digit(c) || c == 'g' || c == 'k')
        return refuse(problem, "a back-reference or octal number", start);
    if (is_letter(c) && !strchr("aAbBdDfnpPrsStvwWxz", c))
        return refuse(problem, "an escape that is not supported", start);
    return 0;
}

/* "[:alpha:]" and "[:^alpha:]"; PCRE2 refuses other names, and takes other text as it stands. */
static void scan_posix_class(struct scanner *scanner)
{
    struct scanner rest = *scanner;

    if (!scan_literal(&rest, "[:"))
        return;
    scan_char(&rest, '^');
    while (!scan_is_done(&rest) && is_letter(*rest.at))
        rest.at++;
    if (scan_literal(&rest, ":]"))
        *scanner = rest;
}

/* Behind its '['. A ']' that comes first is one of the class's characters. */
static int scan_class(struct scanner *scanner, struct problem *problem)
{
    const char *start = scanner->at - 1;

    /* Word boundaries, which PCRE2 makes of look-around. */
    if (scan_literal(scanner, "[:<:]]") || scan_literal(scanner, "[:>:]]"))
        return refuse(problem, "look-around", start);
    scan_char(scanner, '^');
    scan_char(scanner, ']');
    while (!scan_char(scanner, ']')) {
        const char *before = scanner->at;

        if (scan_is_done(scanner))
            return refuse(problem, "a class without its ]", start);
        scan_posix_class(scanner);
        if (scanner->at > before)
            continue;
        if (*scanner->at++ == '\\') {
            int result = scan_escape(scanner, problem);

            if (result < 0)
                return result;
        }
    }
    return 0;
}

static bool scan_group_name(struct scanner *scanner)
{
    const char *start = scanner->at;

    while (!scan_is_done(scanner) && (is_letter(*scanner->at) || *scanner->at == '_' ||
                                      (scanner->at > start && char_is_digit(*scanner->at))))
        scanner->at++;
    return scanner->at > start && scan_char(scanner, '>');
}

/* Behind its '('. */
static int scan_group(struct scanner *scanner, struct problem *problem)
{
    static const struct {
        const char *start, *what;
    } forbidden[] = {
        {"=", "look-around"},       {"!", "look-around"}, {"<=", "look-around"},
        {"<!", "look-around"},      {"*", "look-around"}, {"C", "a callout"},
        {"#", "a comment"},         {"(", "a condition"}, {"|", "a branch reset"},
        {"P=", "a back-reference"}, {"R", "recursion"},   {"P>", "recursion"},
        {"&", "recursion"},         {"+", "recursion"},   {">", "an atomic group"},
        {"[", "an extended class"},
    };
    const char *start = scanner->at - 1;

    if (scan_char(scanner, '*'))
        return refuse(problem, "a verb", start);
    if (!scan_char(scanner, '?') || scan_literal(scanner, ":") || scan_literal(scanner, "i:") ||
        scan_literal(scanner, "s:"))
        return 0;
    if (scan_literal(scanner, "P<"))
        return scan_group_name(scanner) ? 0 : refuse(problem, "a group without a name", start);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        if (scan_literal(scanner, forbidden[i].start))
            return refuse(problem, forbidden[i].what, start);
    }
    if (!scan_is_done(scanner) && char_is_digit(*scanner->at))
        return refuse(problem, "recursion", start);
    return refuse(problem, "a group that is not supported", start);
}

int pattern_scan(const char *text, struct problem *problem)
{
    const size_t length = strlen(text);
    struct scanner scanner = scanner_over(text, length);
    int result = 0;

    if (length > PATTERN_MAX_BYTES)
        return problem_set(problem, 400, "match",
                           "a regular expression of %zu bytes; allowed: %d bytes", length,
                           PATTERN_MAX_BYTES);
    while (result == 0 && !scan_is_done(&scanner)) {
        switch (*scanner.at++) {
        case '\\':
            result = scan_escape(&scanner, problem);
            break;
        case '[':
            result = scan_class(&scanner, problem);
            break;
        case '(':
            result = scan_group(&scanner, problem);
            break;
        default:
            break;
        }
    }
    return result;
}

/* --- compiling --- */

static int out_of_memory(struct problem *problem)
{
    return problem_set(problem, 503, NULL, "out of memory");
}

/* PCRE2 itself refuses what would take more than 64 KB before it makes it. */
static int compile(struct pattern *pattern, struct problem *problem)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    size_t size, offset;
    char why[120];
    int error;

    if (!context)
        return out_of_memory(problem);
    pcre2_set_parens_nest_limit(context, MAX_NESTING);
    pattern->code = pcre2_compile((PCRE2_SPTR)pattern->text, strlen(pattern->text), options, &error,
                                  &offset, context);
    pcre2_compile_context_free(context);
    if (!pattern->code) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
        return problem_set(problem, 400, "match",
                           "\"%.100s\" is not a regular expression that can be used: at byte %zu: "
                           "%s",
                           pattern->text, offset, why);
    }
    pcre2_pattern_info(pattern->code, PCRE2_INFO_SIZE, &size);
    if (size > MAX_COMPILED_BYTES)
        return problem_set(problem, 400, "match",
                           "the regular expression \"%.100s\" takes %zu bytes when compiled; "
                           "allowed: %d: repeat groups less often",
                           pattern->text, size, MAX_COMPILED_BYTES);
    return 0;
}

static int prepare_match(struct pattern *pattern, struct problem *problem)
{
    /* Whether it matches is asked, not where. */
    pattern->data = pcre2_match_data_create(1, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (!pattern->data || !pattern->context)
        return out_of_memory(problem);
    pcre2_set_match_limit(pattern->context, PATTERN_MAX_STEPS);
    pcre2_set_heap_limit(pattern->context, MAX_HEAP_KIB);
    return 0;
}

int pattern_new(const char *text, struct pattern **out, struct problem *problem)
{
    struct pattern *pattern;
    int result = pattern_scan(text, problem);

    if (result < 0)
        return result;
    pattern = calloc(1, sizeof *pattern);
    if (!pattern)
        return out_of_memory(problem);
    pattern->text = strdup(text);
    result = pattern->text ? compile(pattern, problem) : out_of_memory(problem);
    if (result == 0)
        result = prepare_match(pattern, problem);
    if (result < 0) {
        pattern_free(pattern);
        return result;
    }
    *out = pattern;
    return 0;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_context_free(pattern->context);
    pcre2_match_data_free(pattern->data);
    pcre2_code_free(pattern->code);
    free(pattern->text);
    free(pattern);
}

/* --- matching --- */

struct pattern_meter pattern_meter_start(void)
{
    const int64_t left_ns = PATTERN_MAX_MS * NS_PER_MS;

    return (struct pattern_meter){.end_ns = clock_thread_ns() + left_ns, .left_ns = left_ns};
}

void pattern_meter_pause(struct pattern_meter *meter)
{
    meter->left_ns = meter->end_ns - clock_thread_ns();
}

void pattern_meter_continue(struct pattern_meter *meter)
{
    meter->end_ns = clock_thread_ns() + meter->left_ns;
}

bool pattern_meter_look(struct pattern_meter *meter, const char *parameter)
{
    meter->left_ns = meter->end_ns - clock_thread_ns();
    meter->steps = 0;
    if (meter->left_ns >= 0)
        return true;
    meter->refused = meter->out_of_time = true;
    meter->parameter = parameter;
    return false;
}

static bool is_ascii(const char *text)
{
    while (*text && !(*text & 0x80))
        text++;
    return !*text;
}

/* To PCRE2 a subject also ends where it is not UTF-8, and the end of an expression is there too. */
static int match(const struct pattern *pattern, const char *value)
{
    struct buffer clean = {0};
    int result;

    if (is_ascii(value))
        return pcre2_match(pattern->code, (PCRE2_SPTR)value, strlen(value), 0, 0, pattern->data,
                           pattern->context);
    utf8_append_clean(&clean, value);
    result = clean.failed ? PCRE2_ERROR_NOMEMORY
                          : pcre2_match(pattern->code, (PCRE2_SPTR)clean.data, clean.size, 0, 0,
                                        pattern->data, pattern->context);
    buffer_finish(&clean);
    return result;
}

bool pattern_matches(const struct pattern *pattern, const char *value, struct pattern_meter *meter)
{
    const bool early = meter->left_ns > EARLY_NS;
    int result;

    if (meter->refused)
        return false;
    result = match(pattern, value);
    /* 0: more groups than there is room for; other negative numbers: a limit, or no memory. */
    if (result < 0 && result != PCRE2_ERROR_NOMATCH) {
        meter->refused = true;
        meter->expensive = pattern;
        meter->parameter = "match";
        return false;
    }
    return pattern_meter_spend(meter, PATTERN_LOOK_STEPS / (early ? MATCHES_A_LOOK : 1u),
                               "match") &&
           result >= 0;
}

int pattern_meter_check(const struct pattern_meter *meter, struct problem *problem)
{
    if (!meter->refused)
        return 0;
    if (meter->out_of_time)
        return problem_set(problem, 400, meter->parameter,
                           "the regular expressions and globs are too expensive for so many "
                           "series: they took %d ms, which is what one request may; select fewer "
                           "series beside them, such as by the metric's name before the braces, "
                           "or with fewer terms",
                           PATTERN_MAX_MS);
    return problem_set(problem, 400, meter->parameter,
                       "the regular expression \"%.100s\" is too expensive: one value took more "
                       "than %d steps; nest fewer repetitions",
                       meter->expensive->text, PATTERN_MAX_STEPS);
}
