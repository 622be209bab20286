#include "daemon/reload.h"

#include <stdio.h>

#include "tests/unit/fake_runner.h"
#include "tests/unit/model.h"

/* A reload of the file x.json, whose workers answer when they are let to. */
struct bench {
    struct folder folder;
    char name[8], option[96]; /* the command line */
    char *argv[3];
    struct config started;
    struct fake_runner runner;
    struct ev_loop *ev;
    struct reload reload;
    struct capture capture;
    const struct config *applied; /* what was put in force last */
    int count;                    /* how often that was */
};

static void apply(void *arg, const struct config *config)
{
    struct bench *bench = arg;

    /* The former one is still there, for those that use it until now. */
    if (bench->applied)
        ck_assert_int_gt(bench->applied->interval_ms, 0);
    bench->applied = config;
    bench->count++;
}

static void make(struct bench *bench, const char *text)
{
    struct reload_options options = {
        .tasks = &bench->runner.runner, .started = &bench->started, .apply = apply, .arg = bench};

    memset(bench, 0, sizeof *bench);
    folder_make(&bench->folder);
    folder_write(&bench->folder, "x.json", text);
    snprintf(bench->name, sizeof bench->name, "tachod");
    snprintf(bench->option, sizeof bench->option, "-c%s/x.json", bench->folder.path);
    bench->argv[0] = bench->name;
    bench->argv[1] = bench->option;
    ck_assert_int_eq(config_parse(2, bench->argv, &bench->started), CONFIG_RUN);
    fake_runner_init(&bench->runner);
    bench->ev = options.ev = ev_loop_new(EVFLAG_AUTO);
    reload_init(&bench->reload, &options);
    capture_begin(&bench->capture, 2);
}

/* Whatever is due on the loop. */
static void turn(struct bench *bench)
{
    ev_run(bench->ev, EVRUN_NOWAIT);
}

static void ask(struct bench *bench)
{
    reload_ask(&bench->reload);
    turn(bench);
}

/* As if so much had passed: the deadline is over. */
static void pass_deadline(struct bench *bench)
{
    ck_assert(ev_is_active(&bench->reload.deadline));
    ck_assert_double_gt(ev_timer_remaining(bench->ev, &bench->reload.deadline),
                        RELOAD_DEADLINE_SECONDS - 1);
    ev_feed_event(bench->ev, &bench->reload.deadline, EV_TIMER);
    turn(bench);
}

/* What was logged has to be this, line by line, but for the folder's name. */
static void expect_log(struct bench *bench, const char *wanted)
{
    char *text = capture_end(&bench->capture), *found;
    size_t length = strlen(bench->folder.path) + 1;

    while ((found = strstr(text, bench->folder.path)) != NULL)
        memmove(found, found + length, strlen(found + length) + 1);
    ck_assert_str_eq(text, wanted);
    free(text);
    capture_begin(&bench->capture, 2);
}

static void remove_bench(struct bench *bench)
{
    reload_finish(&bench->reload);
    fake_runner_finish(&bench->runner);
    ev_loop_destroy(bench->ev);
    config_finish(&bench->started);
    free(capture_end(&bench->capture));
    folder_remove(&bench->folder);
}

#define RELOADED "tachod: configuration reloaded\n"

START_TEST(what_the_file_says_is_put_in_force)
{
    struct bench bench;

    make(&bench, "{\"http\": {\"hosts\": [\"a\"]}}");
    ask(&bench);
    ck_assert_int_eq(bench.count, 1);
    ck_assert_str_eq(bench.applied->hosts[0], "a");
    folder_write(&bench.folder, "x.json",
                 "{\"http\": {\"hosts\": [\"b\", \"c\"]}, \"collectors\": {\"cpu\": false}}");
    ask(&bench);
    ck_assert_int_eq(bench.count, 2);
    ck_assert_uint_eq(bench.applied->host_count, 2);
    ck_assert_str_eq(bench.applied->hosts[1], "c");
    expect_log(&bench, RELOADED RELOADED);
    ck_assert(!bench.reload.under_way);
    ck_assert(!ev_is_active(&bench.reload.deadline));
    remove_bench(&bench);
}
END_TEST

START_TEST(a_bad_file_is_refused_whole)
{
    struct bench bench;

    make(&bench, "{}");
    folder_write(&bench.folder, "x.json", "{\"log_level\": \"debug\",\n \"interval\": \"7s\"}");
    ask(&bench);
    folder_write(&bench.folder, "x.json", "{\"listen\": [\"0.0.0.0:1\"]}");
    ask(&bench);
    folder_unlink(&bench.folder, "x.json");
    ask(&bench);
    ck_assert_int_eq(bench.count, 0);
    expect_log(&bench,
               "tachod: error: configuration not reloaded: x.json:2:2: interval: \"7s\": "
               "allowed: " CONFIG_INTERVAL_ALLOWED "\n"
               "tachod: error: configuration not reloaded: cannot listen on 0.0.0.0:1: beyond "
               "loopback there has to be \"auth\": \"none\" in the configuration, as there is no "
               "password yet\n"
               "tachod: error: configuration not reloaded: cannot read x.json: No such file or "
               "directory\n");
    folder_write(&bench.folder, "x.json", "{}");
    ask(&bench);
    ck_assert_int_eq(bench.count, 1);
    remove_bench(&bench);
}
END_TEST

START_TEST(what_takes_a_restart_is_listed)
{
    struct bench bench;

    make(&bench, "{\"listen\": [\"127.0.0.1:1\"]}");
    folder_write(&bench.folder, "x.json",
                 "{\"listen\": [\"0.0.0.0:1\"], \"auth\": \"none\", \"interval\": \"2s\", "
                 "\"http\": {\"max_connections\": 5}}");
    ask(&bench);
    /* It is still so the second time, and no more when it is as it was at the start. */
    folder_write(&bench.folder, "x.json", "{\"listen\": [\"127.0.0.1:1\"], \"interval\": \"2s\"}");
    ask(&bench);
    ask(&bench);
    folder_write(&bench.folder, "x.json", "{\"listen\": [\"127.0.0.1:1\"]}");
    ask(&bench);
    expect_log(&bench,
               "tachod: warning: configuration reloaded; what changed of these takes a restart: "
               "auth, http.max_connections, interval, listen\n"
               "tachod: warning: configuration reloaded; what changed of these takes a restart: "
               "interval\n"
               "tachod: warning: configuration reloaded; what changed of these takes a restart: "
               "interval\n" RELOADED);
    ck_assert_int_eq(bench.count, 4);
    remove_bench(&bench);
}
END_TEST

START_TEST(one_that_is_asked_for_meanwhile_follows)
{
    struct bench bench;

    make(&bench, "{}");
    bench.runner.held = true;
    ask(&bench);
    ask(&bench);
    ask(&bench);
    ck_assert_uint_eq(bench.runner.submitted, 1);
    ck_assert_int_eq(bench.count, 0);
    fake_runner_answer_last(&bench.runner);
    turn(&bench);
    ck_assert_int_eq(bench.count, 1);
    ck_assert_uint_eq(bench.runner.submitted, 2);
    folder_write(&bench.folder, "x.json", "{\"http\": {\"hosts\": [\"new\"]}}");
    fake_runner_let_go(&bench.runner);
    turn(&bench);
    ck_assert_int_eq(bench.count, 2);
    ck_assert_str_eq(bench.applied->hosts[0], "new");
    ck_assert_uint_eq(bench.runner.submitted, 2);
    expect_log(&bench, RELOADED RELOADED);
    remove_bench(&bench);
}
END_TEST

START_TEST(a_file_that_does_not_answer_is_given_up)
{
    struct bench bench;

    make(&bench, "{}");
    bench.runner.held = true;
    ask(&bench);
    ask(&bench);
    pass_deadline(&bench);
    expect_log(&bench, "tachod: error: configuration not reloaded: the file was not read within "
                       "5 s\n");
    ck_assert(!bench.reload.under_way);
    /* It is not asked twice. */
    ask(&bench);
    ck_assert_uint_eq(bench.runner.submitted, 1);
    ck_assert(!bench.reload.under_way);
    expect_log(&bench, "tachod: error: configuration not reloaded: the file that was to be read "
                       "before is still not read\n");
    /* What it says in the end is of another time. */
    fake_runner_let_go(&bench.runner);
    turn(&bench);
    ck_assert_int_eq(bench.count, 0);
    expect_log(&bench, "");
    ask(&bench);
    ck_assert_int_eq(bench.count, 1);
    expect_log(&bench, RELOADED);
    remove_bench(&bench);
}
END_TEST

/* The worker returns when nobody is there any more: the sanitizers watch. */
START_TEST(the_end_does_not_wait)
{
    for (int given_up = 0; given_up < 2; given_up++) {
        struct bench bench;

        make(&bench, "{\"http\": {\"hosts\": [\"a\"]}}");
        ask(&bench);
        bench.runner.held = true;
        ask(&bench);
        if (given_up)
            pass_deadline(&bench);
        reload_finish(&bench.reload);
        ev_loop_destroy(bench.ev);
        fake_runner_let_go(&bench.runner);
        config_finish(&bench.started);
        free(capture_end(&bench.capture));
        folder_remove(&bench.folder);
        ck_assert_int_eq(bench.count, 1);
    }
}
END_TEST

START_TEST(one_that_never_began_is_dropped)
{
    struct bench bench;

    make(&bench, "{}");
    bench.runner.held = bench.runner.queued = true;
    ask(&bench);
    remove_bench(&bench);
    ck_assert_int_eq(bench.count, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("reload", what_the_file_says_is_put_in_force, a_bad_file_is_refused_whole,
                     what_takes_a_restart_is_listed, one_that_is_asked_for_meanwhile_follows,
                     a_file_that_does_not_answer_is_given_up, the_end_does_not_wait,
                     one_that_never_began_is_dropped);
}
