#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/pattern.h"
#include "tests/fuzz/harness.h"

#define OPTIONS                                                                                    \
    (PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_DOTALL | PCRE2_UTF |        \
     PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C)

static int on_callout(pcre2_callout_enumerate_block *block, void *arg)
{
    (void)block;
    (void)arg;
    abort();
}

/*
 * PCRE2 has to find nothing in it that the scan is to keep out. Look-around and recursion leave no
 * trace that it tells, but for the look-behind: there the word boundary's one character is allowed.
 */
static void check_harmless(const char *text)
{
    int error;
    size_t offset;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text, strlen(text), OPTIONS, &error, &offset, NULL);
    uint32_t options, references, behind, backslash_c, limit;

    if (!code)
        return;
    must(pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options) == 0);
    must((options & ~(uint32_t)PCRE2_UCP) == OPTIONS);
    must(pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &references) == 0 && references == 0);
    must(pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &behind) == 0 && behind <= 1);
    must(pcre2_pattern_info(code, PCRE2_INFO_HASBACKSLASHC, &backslash_c) == 0 && !backslash_c);
    must(pcre2_pattern_info(code, PCRE2_INFO_MATCHLIMIT, &limit) == PCRE2_ERROR_UNSET);
    must(pcre2_callout_enumerate(code, on_callout, NULL) == 0);
    pcre2_code_free(code);
}

static void check_match(const struct pattern *pattern, const char *value)
{
    struct pattern_meter meter = pattern_meter_start();
    int64_t began_ns = clock_thread_ns();
    struct problem problem = {.status = 0};
    bool matched = pattern_matches(pattern, value, &meter);

    must(clock_thread_ns() - began_ns < 200 * NS_PER_MS);
    must(pattern_meter_check(&meter, &problem) == 0 || (!matched && problem.status == 400));
}

/* A regular expression, and behind a newline the value that it is tried on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct pattern *pattern = NULL;
    struct problem problem = {.status = 0};
    char *value;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    value = strchr(text, '\n');
    if (value != NULL)
        *value++ = '\0';
    if (pattern_scan(text, &problem) == 0)
        check_harmless(text);
    else
        must(problem.status == 400);
    if (pattern_new(text, &pattern, &problem) == 0) {
        check_match(pattern, "");
        check_match(pattern, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
        if (value != NULL)
            check_match(pattern, value);
    } else {
        must(pattern == NULL && problem.status == 400 && strlen(problem.detail) > 0);
    }
    pattern_free(pattern);
    free(text);
    return 0;
}
