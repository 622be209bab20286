#include "daemon/choose.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/buffer.h"
#include "daemon/encode_json.h"

/* A slip of the administrator's must not hold up a tick: some 10 ms a name at the very most. */
#define MAX_STEPS    100000
#define MAX_HEAP_KIB 1024
#define MAX_BYTES    4096
#define MAX_NESTING  100

/* As Go's regular expressions have it: $ is the end, a point is a character. */
static const uint32_t options =
    PCRE2_DOLLAR_ENDONLY | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;

struct choose {
    struct chooser chooser; /* first: what collectors know of it */
    struct {
        pcre2_code *include, *exclude; /* NULL: no such pattern */
    } codes[CHOICE_COUNT];
    pcre2_match_context *context; /* constant once it is made, so that all threads may use it */
};

static int compile(const char *pattern, pcre2_code **out, char error[CHOOSE_ERROR_BYTES])
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    size_t offset = 0;
    char why[100];
    int code;

    if (!context)
        return -ENOMEM;
    pcre2_set_max_pattern_length(context, MAX_BYTES);
    pcre2_set_parens_nest_limit(context, MAX_NESTING);
    *out = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern), options, &code, &offset, context);
    pcre2_compile_context_free(context);
    if (*out)
        return 0;
    pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
    snprintf(error, CHOOSE_ERROR_BYTES, "at byte %zu of it: %s", offset, why);
    return code == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -EINVAL;
}

int choose_check(const char *pattern, char error[CHOOSE_ERROR_BYTES])
{
    pcre2_code *code;
    int result = compile(pattern, &code, error);

    if (result == 0)
        pcre2_code_free(code);
    return result;
}

/* What meets a limit, or finds no memory, does not match. */
static bool match(const struct choose *choose, const pcre2_code *code, const char *name,
                  size_t length)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int result;

    if (!data)
        return false;
    result = pcre2_match(code, (PCRE2_SPTR)name, length, 0, 0, data, choose->context);
    pcre2_match_data_free(data);
    return result >= 0; /* 0: more groups than there is room for */
}

static enum choice_answer ask(const struct chooser *chooser, enum choice choice, const char *name)
{
    const struct choose *choose = (const struct choose *)chooser;
    const pcre2_code *include = choose->codes[choice].include;
    const pcre2_code *exclude = choose->codes[choice].exclude;
    struct buffer clean = {0};
    bool taken;

    if (!include && !exclude)
        return CHOICE_UNSAID;
    utf8_append_clean(&clean, name);
    taken = !clean.failed && (!include || match(choose, include, clean.data, clean.size)) &&
            !(exclude && match(choose, exclude, clean.data, clean.size));
    buffer_finish(&clean);
    return taken ? CHOICE_READ : CHOICE_LEFT;
}

static int compile_both(struct choose *choose, enum choice choice,
                        const struct choose_patterns *patterns)
{
    char error[CHOOSE_ERROR_BYTES];
    int result = 0;

    if (patterns->include)
        result = compile(patterns->include, &choose->codes[choice].include, error);
    if (result == 0 && patterns->exclude)
        result = compile(patterns->exclude, &choose->codes[choice].exclude, error);
    return result;
}

int choose_new(const struct choose_patterns patterns[CHOICE_COUNT], struct chooser **out)
{
    struct choose *choose = calloc(1, sizeof *choose);
    int result = 0;

    if (!choose)
        return -ENOMEM;
    choose->chooser.ask = ask;
    choose->context = pcre2_match_context_create(NULL);
    if (!choose->context)
        result = -ENOMEM;
    for (unsigned i = 0; i < CHOICE_COUNT && result == 0; i++)
        result = compile_both(choose, (enum choice)i, &patterns[i]);
    if (result < 0) {
        choose_free(&choose->chooser);
        return result;
    }
    pcre2_set_match_limit(choose->context, MAX_STEPS);
    pcre2_set_heap_limit(choose->context, MAX_HEAP_KIB);
    *out = &choose->chooser;
    return 0;
}

void choose_free(struct chooser *chooser)
{
    struct choose *choose = (struct choose *)chooser;

    if (!choose)
        return;
    for (unsigned i = 0; i < CHOICE_COUNT; i++) {
        pcre2_code_free(choose->codes[i].include);
        pcre2_code_free(choose->codes[i].exclude);
    }
    pcre2_match_context_free(choose->context);
    free(choose);
}
