#include "daemon/scrape_prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/resolve.h"
#include "tests/unit/fake_runner.h"
#include "tests/unit/support.h"

#define SECOND INT64_C(1000000000)

/* One of the configurations that a test makes. */
static struct scrape_config config_of(const char *url, const char *token_file)
{
    struct scrape_config config = {0};

    ck_assert_int_eq(scrape_config_set_url(&config, url), 0);
    if (strcmp(config.host, "name.example") == 0) {
        /* Any machine resolves this without asking another, though it is no address here. */
        free(config.host);
        config.host = strdup("127.1");
    }
    if (token_file)
        ck_assert_int_eq(scrape_config_set_token_file(&config, token_file), 0);
    return config;
}

static struct scrape_prepare *make(struct fake_runner *runner, const char *url,
                                   const char *token_file)
{
    struct scrape_config config = config_of(url, token_file);
    struct scrape_prepare *prepare;

    ck_assert_int_eq(scrape_prepare_new(&config, &runner->runner, &prepare), 0);
    scrape_config_finish(&config);
    return prepare;
}

START_TEST(an_address_needs_nothing)
{
    struct fake_runner runner;
    struct scrape_prepare *prepare;
    const char *error;

    fake_runner_init(&runner);
    prepare = make(&runner, "http://[::1]:9100/", NULL);
    ck_assert(scrape_prepare_tend(prepare, SECOND, &error));
    ck_assert_ptr_null(scrape_prepare_addresses(prepare));
    ck_assert_ptr_null(scrape_prepare_token(prepare));
    ck_assert_uint_eq(runner.submitted, 0);
    scrape_prepare_free(prepare);
    fake_runner_finish(&runner);
}
END_TEST

START_TEST(a_name_is_resolved_once_a_minute)
{
    struct fake_runner runner;
    struct scrape_prepare *prepare;
    const char *error;

    fake_runner_init(&runner);
    runner.held = true;
    prepare = make(&runner, "http://name.example:9100/", NULL);
    ck_assert(!scrape_prepare_tend(prepare, SECOND, &error));
    ck_assert_ptr_null(error);
    ck_assert(!scrape_prepare_tend(prepare, 2 * SECOND, &error));
    ck_assert_uint_eq(runner.submitted, 1);
    fake_runner_let_go(&runner);
    ck_assert(scrape_prepare_tend(prepare, 3 * SECOND, &error));
    ck_assert_str_eq(scrape_prepare_addresses(prepare), "127.1:9100:127.0.0.1");
    ck_assert(scrape_prepare_tend(prepare, 60 * SECOND, &error));
    ck_assert_uint_eq(runner.submitted, 1);
    /* And is good while it is resolved anew. */
    runner.held = true;
    ck_assert(scrape_prepare_tend(prepare, 61 * SECOND, &error));
    ck_assert_uint_eq(runner.submitted, 2);
    ck_assert(scrape_prepare_tend(prepare, 200 * SECOND, &error));
    ck_assert_uint_eq(runner.submitted, 2);
    scrape_prepare_free(prepare);
    fake_runner_finish(&runner);
}
END_TEST

START_TEST(what_is_stuck_is_told)
{
    struct fake_runner runner;
    struct scrape_prepare *prepare;
    const char *error;

    fake_runner_init(&runner);
    runner.held = true;
    runner.mono_ns = SECOND;
    prepare = make(&runner, "http://name.example:9100/", NULL);
    ck_assert(!scrape_prepare_tend(prepare, SECOND, &error));
    ck_assert(!scrape_prepare_tend(prepare, 5 * SECOND, &error));
    ck_assert_ptr_null(error);
    ck_assert(!scrape_prepare_tend(prepare, 7 * SECOND, &error));
    ck_assert_ptr_nonnull(strstr(error, "still asked for"));
    scrape_prepare_free(prepare); /* before the answer */
    fake_runner_finish(&runner);
}
END_TEST

/* Workers that do not come back are waited for no longer than one that was got. */
START_TEST(what_gets_no_worker_is_told)
{
    struct fake_runner runner;
    struct scrape_prepare *prepare;
    const char *error;

    fake_runner_init(&runner);
    runner.held = runner.queued = true;
    prepare = make(&runner, "http://name.example:9100/", NULL);
    ck_assert(!scrape_prepare_tend(prepare, SECOND, &error));
    ck_assert(!scrape_prepare_tend(prepare, 5 * SECOND, &error));
    ck_assert_ptr_null(error);
    ck_assert(!scrape_prepare_tend(prepare, 6 * SECOND, &error));
    ck_assert_ptr_nonnull(strstr(error, "waits for others"));
    fake_runner_begin(&runner);
    fake_runner_let_go(&runner);
    ck_assert(scrape_prepare_tend(prepare, 7 * SECOND, &error));
    ck_assert_ptr_null(error);
    scrape_prepare_free(prepare);
    fake_runner_finish(&runner);
}
END_TEST

START_TEST(localhost_needs_no_worker)
{
    static const char *const local[] = {"localhost", "LocalHost", "app.localhost"};
    static const char *const others[] = {"localhost.example", "notlocalhost", "xlocalhost", ""};
    struct fake_runner runner;
    struct scrape_prepare *prepare;
    struct folder folder;
    char url[64], path[128], wanted[64], out[RESOLVE_BYTES];
    const char *error;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert(!resolve_localhost(others[i], 80, out));
    fake_runner_init(&runner);
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        snprintf(url, sizeof url, "http://%s:9100/", local[i]);
        snprintf(wanted, sizeof wanted, "%s:9100:127.0.0.1,[::1]", local[i]);
        prepare = make(&runner, url, NULL);
        ck_assert(scrape_prepare_tend(prepare, SECOND, &error));
        ck_assert_str_eq(scrape_prepare_addresses(prepare), wanted);
        scrape_prepare_free(prepare);
    }
    ck_assert_uint_eq(runner.submitted, 0);
    /* Nor does a token that is read put anything in their place. */
    folder_make(&folder);
    folder_write(&folder, "token", "secret");
    snprintf(path, sizeof path, "%s/token", folder.path);
    prepare = make(&runner, "http://localhost:9100/", path);
    scrape_prepare_tend(prepare, SECOND, &error);
    ck_assert(scrape_prepare_tend(prepare, SECOND, &error));
    ck_assert_str_eq(scrape_prepare_token(prepare), "secret");
    ck_assert_str_eq(scrape_prepare_addresses(prepare), "localhost:9100:127.0.0.1,[::1]");
    scrape_prepare_free(prepare);
    fake_runner_finish(&runner);
    folder_unlink(&folder, "token");
    folder_remove(&folder);
}
END_TEST

START_TEST(a_token_is_read_and_checked)
{
    static const char *const wrong[] = {"", "\n", "a b", "a\nb", "a\r\nX: y", "\xc3\xa4", "a\x7f"};
    struct fake_runner runner;
    struct scrape_prepare *prepare;
    struct folder folder;
    char path[128], *large = calloc(1, SCRAPE_TOKEN_MAX + 2);
    const char *error;
    int64_t now = SECOND;

    folder_make(&folder);
    fake_runner_init(&runner);
    snprintf(path, sizeof path, "%s/token", folder.path);
    prepare = make(&runner, "http://127.0.0.1:1/", path);
    scrape_prepare_tend(prepare, now, &error);
    ck_assert(!scrape_prepare_tend(prepare, now, &error));
    ck_assert_str_eq(error, "its token_file is not read: No such file or directory");
    folder_write(&folder, "token", "se.cret=\r\n");
    ck_assert(!scrape_prepare_tend(prepare, now + 9 * SECOND, &error));
    now += 10 * SECOND;
    scrape_prepare_tend(prepare, now, &error);
    ck_assert(scrape_prepare_tend(prepare, now, &error));
    ck_assert_str_eq(scrape_prepare_token(prepare), "se.cret=");
    ck_assert_ptr_null(scrape_prepare_addresses(prepare));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        folder_write(&folder, "token", wrong[i]);
        now += 60 * SECOND;
        scrape_prepare_tend(prepare, now, &error);
        ck_assert(!scrape_prepare_tend(prepare, now, &error));
        ck_assert_str_eq(error, "its token_file holds no token");
    }
    memset(large, 'a', SCRAPE_TOKEN_MAX + 1);
    folder_write(&folder, "token", large);
    now += 60 * SECOND;
    scrape_prepare_tend(prepare, now, &error);
    ck_assert(!scrape_prepare_tend(prepare, now, &error));
    ck_assert_str_eq(error, "its token_file is not read: Argument list too long");
    scrape_prepare_free(prepare);
    fake_runner_finish(&runner);
    folder_unlink(&folder, "token");
    folder_remove(&folder);
    free(large);
}
END_TEST

START_TEST(a_name_that_cannot_be_is_an_error)
{
    char out[RESOLVE_BYTES], name[300];
    const char *error = NULL;

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_lt(resolve_host(name, 80, out, &error), 0);
    ck_assert_str_eq(error, "its name is too long");
    ck_assert_int_eq(resolve_host("127.0.0.1", 80, out, &error), 0);
    ck_assert_str_eq(out, "127.0.0.1:80:127.0.0.1");
    ck_assert_int_eq(resolve_host("::1", 65535, out, &error), 0);
    ck_assert_str_eq(out, "::1:65535:[::1]");
}
END_TEST

int main(void)
{
    return RUN_TESTS("scrape_prepare", an_address_needs_nothing, a_name_is_resolved_once_a_minute,
                     what_is_stuck_is_told, what_gets_no_worker_is_told, localhost_needs_no_worker,
                     a_token_is_read_and_checked, a_name_that_cannot_be_is_an_error);
}
