#include "daemon/host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

static const char *const listed[] = {"tacho.example", "Other.Example."};

static struct host_rules make_rules(const char *nodename)
{
    struct host_rules rules;

    host_rules_init(&rules, nodename, listed, sizeof listed / sizeof *listed);
    return rules;
}

/* In memory of exactly its size, so that the sanitizer sees a step over the end. */
static bool allowed(const struct host_rules *rules, const char *header, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);
    bool result;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, header, length);
    result = host_is_allowed(rules, copy, length);
    free(copy);
    return result;
}

static void expect(const char *nodename, const char *header, bool wanted)
{
    struct host_rules rules = make_rules(nodename);

    ck_assert_msg(allowed(&rules, header, strlen(header)) == wanted, "\"%s\" on %s", header,
                  nodename);
}

START_TEST(addresses_and_localhost_are_allowed)
{
    static const char *const headers[] = {
        "127.0.0.1",
        "127.0.0.1:8224",
        "10.0.0.1:80",
        "192.168.1.20",
        "0.0.0.0:1",
        "127.0.0.1.",
        "255.255.255.255:0",
        "[::1]",
        "[::1]:8224",
        "[2001:db8::1]:80",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
        "localhost:8224",
        "LOCALHOST",
        "localhost.:65535",
        "app.localhost",
        "a.b.LocalHost.:80",
        " localhost \t",
        "localhost:00080",
        "[::]",
        "[2001:DB8::A]",
        "\tlocalhost:8224    ",
        "x_y.localhost",
    };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect("machine", headers[i], true);
}
END_TEST

START_TEST(own_and_listed_names_are_allowed)
{
    static const char *const headers[] = {
        "db1.corp.example",
        "DB1.corp.example.:8224",
        "db1",
        "Db1:80",
        "db1.local",
        "DB1.LOCAL.",
        "tacho.example",
        "TACHO.example:443",
        "tacho.example.",
        "other.example",
        "other.example.:1",
    };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect("db1.corp.example", headers[i], true);
    expect("db1.corp.example.", "db1.corp.example", true);
}
END_TEST

START_TEST(others_are_not)
{
    static const char *const headers[] = {
        "evil.example",
        "db1.evil.example",
        "db1.corp.example.evil",
        "corp.example",
        "xdb1",
        "db",
        "db1.locals",
        "local",
        "www.tacho.example",
        "tacho.example.evil",
        "tacho-example",
        "tacho.examplf",
        "localhost.evil",
        "notlocalhost",
        "xlocalhost",
        "localhos",
        "localhost.example",
        "127.0.0.1.evil.com",
        "127.0.0.1.nip.io",
        "2130706433",
        "0x7f.1",
        "127.1",
        "127.0.0.256",
        "1.2.3.4.5",
        "db1.corp.example..",
        "localhost..",
    };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect("db1.corp.example", headers[i], false);
}
END_TEST

START_TEST(what_is_malformed_is_not)
{
    static const char *const headers[] = {
        "",
        " ",
        ":",
        ":80",
        ".",
        "..",
        ".localhost",
        "a..localhost",
        "localhost:",
        "localhost:x",
        "localhost:-1",
        "localhost:+1",
        "localhost:80:80",
        "localhost:65536",
        "localhost:99999999999999999999",
        "localhost:8 0",
        "localhost :80",
        "localhost: 80",
        "local host",
        "localhost/",
        "localhost,evil.example",
        "user@localhost",
        "http://localhost",
        "localhost\\",
        "localhost%00",
        "l\xc3\xb6.localhost",
        "\xff.localhost",
        "*.localhost",
        "[localhost]",
        "[127.0.0.1]",
        "[::1",
        "::1",
        "[::1]8224",
        "[::1]:",
        "[::1]:99999",
        "[]",
        "[]:80",
        "[::1%lo]",
        "[::1]]",
        "[[::1]]",
        "[1:2:3:4:5:6:7:8:9]",
    };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect("machine", headers[i], false);
}
END_TEST

START_TEST(zeros_cut_nothing)
{
    struct host_rules rules = make_rules("machine");

    ck_assert(!allowed(&rules, "localhost\0", 10));
    ck_assert(!allowed(&rules, "localhost\0.evil", 15));
    ck_assert(!allowed(&rules, "127.0.0.1\0", 10));
    ck_assert(!allowed(&rules, "[::1\0]", 6));
    ck_assert(!allowed(&rules, "machine\0", 8));
}
END_TEST

START_TEST(names_have_bounds)
{
    struct host_rules rules = make_rules("machine");
    char text[400];

    memset(text, 'a', sizeof text);
    memcpy(text + 63, ".localhost", 11);
    ck_assert(host_is_allowed(&rules, text, strlen(text)));
    memset(text, 'a', sizeof text);
    memcpy(text + 64, ".localhost", 11);
    ck_assert(!host_is_allowed(&rules, text, strlen(text)));
    for (size_t length = 240; length < 260; length++) {
        for (size_t i = 0; i < length; i++)
            text[i] = i % 2 ? '.' : 'a';
        memcpy(text + length - 10, ".localhost", 11);
        if (text[length - 11] == '.')
            text[length - 11] = 'a';
        ck_assert_msg(host_is_allowed(&rules, text, length) == (length <= 253), "%zu", length);
    }
    memset(text, '1', sizeof text);
    text[0] = '[';
    text[sizeof text - 1] = ']';
    ck_assert(!host_is_allowed(&rules, text, sizeof text));
}
END_TEST

/* uname(2) gives whatever was set. */
START_TEST(a_nodename_that_is_no_name_adds_nothing)
{
    static const char *const nodenames[] = {"", ".", "(none)", "a b", "a..b", ".local", "\xff"};

    for (size_t i = 0; i < sizeof nodenames / sizeof *nodenames; i++) {
        expect(nodenames[i], nodenames[i], false);
        expect(nodenames[i], "", false);
        expect(nodenames[i], ".local", false);
        expect(nodenames[i], "localhost", true);
    }
}
END_TEST

START_TEST(names_are_told_from_other_text)
{
    ck_assert(host_name_is_valid("a"));
    ck_assert(host_name_is_valid("a-b_c.Example."));
    ck_assert(host_name_is_valid("1.2"));
    ck_assert(!host_name_is_valid(""));
    ck_assert(!host_name_is_valid("a:80"));
    ck_assert(!host_name_is_valid("*.example"));
    ck_assert(!host_name_is_valid("[::1]"));
    ck_assert(!host_name_is_valid("a..b"));
    ck_assert(!host_name_is_valid("http://a"));
}
END_TEST

static void take_prefix(const char *text, size_t length)
{
    struct host_rules rules = make_rules("db1");

    host_is_allowed(&rules, text, length);
}

START_TEST(every_prefix_is_bounded)
{
    each_prefix(" [2001:db8::1]:8224 ", take_prefix);
    each_prefix("db1.corp.example.:8224", take_prefix);
    each_prefix("127.0.0.1:8224", take_prefix);
}
END_TEST

/* --- the gate: rules that change while others ask --- */

#define ASKERS  3
#define CHANGES 2000

struct asking {
    struct host_gate gate;
    _Atomic bool over;
    _Atomic int answers, wrong;
};

static void *ask(void *arg)
{
    struct asking *asking = arg;

    while (!atomic_load(&asking->over)) {
        /* One of them at least is listed whenever one asks, and this machine's is always. */
        if (!host_gate_allows(&asking->gate, "always.example", 14) ||
            !host_gate_allows(&asking->gate, "machine", 7) ||
            host_gate_allows(&asking->gate, "never.example", 13))
            atomic_fetch_add(&asking->wrong, 1);
        atomic_fetch_add(&asking->answers, 1);
    }
    return NULL;
}

/* A list is given up as soon as the next one is there: the sanitizers see who still reads it. */
START_TEST(lists_are_replaced_under_those_who_ask)
{
    struct asking asking = {.answers = 0};
    pthread_t threads[ASKERS];
    char **names = NULL;

    host_gate_init(&asking.gate, "machine", (const char *const[]){"always.example"}, 1);
    for (size_t i = 0; i < ASKERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &asking), 0);
    for (int i = 0; i < CHANGES || atomic_load(&asking.answers) < CHANGES; i++) {
        char **next = calloc(2, sizeof *next);

        next[0] = strdup("a.example");
        next[1] = strdup("Always.Example.");
        host_gate_list(&asking.gate, (const char *const *)next + i % 2, (size_t)(2 - i % 2));
        for (size_t k = 0; names && k < 2; k++)
            free(names[k]);
        free(names);
        names = next;
    }
    atomic_store(&asking.over, true);
    for (size_t i = 0; i < ASKERS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(asking.wrong, 0);
    host_gate_list(&asking.gate, NULL, 0);
    ck_assert(!host_gate_allows(&asking.gate, "always.example", 14));
    ck_assert(host_gate_allows(&asking.gate, "machine.local", 13));
    host_gate_finish(&asking.gate);
    for (size_t k = 0; k < 2; k++)
        free(names[k]);
    free(names);
}
END_TEST

int main(void)
{
    return RUN_TESTS("host", addresses_and_localhost_are_allowed, own_and_listed_names_are_allowed,
                     others_are_not, what_is_malformed_is_not, zeros_cut_nothing, names_have_bounds,
                     a_nodename_that_is_no_name_adds_nothing, names_are_told_from_other_text,
                     every_prefix_is_bounded, lists_are_replaced_under_those_who_ask);
}
