#include "daemon/listening.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/support.h"

/* --- opening --- */

static bool has_ipv6(void)
{
    struct listening listening;
    char error[LISTENING_ERROR_BYTES];

    if (listening_open("[::1]:0", false, &listening, error) < 0)
        return false;
    listening_close(&listening);
    return true;
}

static struct listening open_good(const char *spec)
{
    struct listening listening;
    char error[LISTENING_ERROR_BYTES] = "";

    ck_assert_msg(listening_open(spec, false, &listening, error) == 0, "%s", error);
    ck_assert_int_ge(listening.fd, 0);
    return listening;
}

static void expect_error(const char *spec, int wanted, const char *part)
{
    struct listening listening = {.fd = -7};
    char error[LISTENING_ERROR_BYTES] = "";
    int result = listening_open(spec, false, &listening, error);

    ck_assert_msg(result == wanted, "%s: %d", spec, result);
    ck_assert_msg(strstr(error, "cannot listen on ") == error, "%s", error);
    ck_assert_msg(strstr(error, part) != NULL, "%s", error);
    ck_assert_int_eq(listening.fd, -7);
}

START_TEST(port_0_picks_a_free_one)
{
    struct listening one = open_good("127.0.0.1:0"), other = open_good("127.9.8.7:0");
    unsigned port = 0;

    ck_assert_int_eq(sscanf(one.address, "127.0.0.1:%u", &port), 1);
    ck_assert_uint_gt(port, 0);
    ck_assert_int_eq(strncmp(other.address, "127.9.8.7:", 10), 0);
    ck_assert(!one.is_unix);
    listening_close(&one);
    ck_assert_int_eq(one.fd, -1);
    listening_close(&other);
}
END_TEST

START_TEST(ipv6_stands_in_brackets)
{
    struct listening listening;

    if (!has_ipv6())
        return;
    listening = open_good("[::1]:0");
    ck_assert_int_eq(strncmp(listening.address, "[::1]:", 6), 0);
    listening_close(&listening);
}
END_TEST

START_TEST(a_port_in_use_is_an_error)
{
    struct listening listening = open_good("127.0.0.1:0");

    expect_error(listening.address, -EADDRINUSE, "Address already in use");
    listening_close(&listening);
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const specs[] = {
        "",
        ":",
        ":8224",
        "8224",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:http",
        "127.0.0.1:8224x",
        "127.0.0.1: 8224",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1:65536",
        "127.0.0.1:99999",
        "127.0.0.1:4294967296",
        "127.0.0.1.:0",
        "256.0.0.1:0",
        "localhost:0",
        "example.org:80",
        "::1:0",
        "[::1]",
        "[::1",
        "[::1]0",
        "[]:0",
        "[localhost]:0",
        "Unix:/tmp/x",
        "http://127.0.0.1:0",
    };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        expect_error(specs[i], -EINVAL, "not ADDR:PORT with a numeric address");
}
END_TEST

START_TEST(beyond_loopback_it_has_to_be_allowed)
{
    static const char *const specs[] = {
        "0.0.0.0:0", "10.0.0.1:0", "128.0.0.1:0", "126.255.255.255:0", "255.255.255.255:0",
        "[::]:0",    "[::2]:0",    "[fe80::1]:0", "[2001:db8::1]:0",   "[::ffff:10.0.0.1]:0"};
    char error[LISTENING_ERROR_BYTES];

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        expect_error(specs[i], -EACCES, "beyond loopback there has to be \"auth\": \"none\"");
        ck_assert_int_eq(listening_check(specs[i], false, error), -EACCES);
        ck_assert_int_eq(listening_check(specs[i], true, error), 0);
    }
}
END_TEST

START_TEST(it_says_who_may_reach_it)
{
    struct listening listening;
    char error[LISTENING_ERROR_BYTES] = "";

    ck_assert_msg(listening_open("0.0.0.0:0", true, &listening, error) == 0, "%s", error);
    ck_assert(listening.is_open);
    ck_assert_int_eq(strncmp(listening.address, "0.0.0.0:", 8), 0);
    listening_close(&listening);
    ck_assert_int_eq(listening_open("127.0.0.1:0", true, &listening, error), 0);
    ck_assert(!listening.is_open);
    listening_close(&listening);
}
END_TEST

START_TEST(a_long_address_is_cut_in_the_message)
{
    char spec[3000];
    struct listening listening;
    char error[LISTENING_ERROR_BYTES];

    memset(spec, '1', sizeof spec - 1);
    spec[sizeof spec - 1] = '\0';
    memcpy(spec + 2990, ":0", 2);
    ck_assert_int_eq(listening_open(spec, false, &listening, error), -EINVAL);
    ck_assert_uint_lt(strlen(error), LISTENING_ERROR_BYTES);
}
END_TEST

/* --- unix sockets --- */

/* "unix:" and a path in the folder. */
static const char *spec_in(const struct folder *folder, char spec[128])
{
    snprintf(spec, 128, "unix:%s/socket", folder->path);
    return spec;
}

static bool is_there(const char *spec)
{
    struct stat status;

    return lstat(spec + strlen("unix:"), &status) == 0;
}

START_TEST(a_unix_socket_comes_and_goes)
{
    struct folder folder;
    struct listening listening;
    char spec[128];

    folder_make(&folder);
    listening = open_good(spec_in(&folder, spec));
    ck_assert(listening.is_unix);
    ck_assert_str_eq(listening.address, spec);
    ck_assert(is_there(spec));
    listening_close(&listening);
    ck_assert(!is_there(spec));
    folder_remove(&folder);
}
END_TEST

START_TEST(an_abandoned_socket_is_replaced)
{
    struct folder folder;
    struct listening listening;
    char spec[128];

    folder_make(&folder);
    listening = open_good(spec_in(&folder, spec));
    close(listening.fd); /* as kill -9 leaves it */
    ck_assert(is_there(spec));
    listening = open_good(spec);
    listening_close(&listening);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_live_socket_and_a_plain_file_are_not_replaced)
{
    struct folder folder;
    struct listening live;
    char spec[128];

    folder_make(&folder);
    live = open_good(spec_in(&folder, spec));
    expect_error(spec, -EADDRINUSE, spec);
    ck_assert(is_there(spec));
    listening_close(&live);
    folder_write(&folder, "socket", "precious");
    expect_error(spec, -EADDRINUSE, spec);
    ck_assert(is_there(spec));
    folder_remove(&folder);
}
END_TEST

/* It refuses a stream's connection too, but is somebody's. */
START_TEST(a_socket_of_another_kind_is_not_replaced)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct folder folder;
    char spec[128];

    folder_make(&folder);
    spec_in(&folder, spec);
    ck_assert_uint_lt(strlen(spec), sizeof address.sun_path);
    memcpy(address.sun_path, spec + strlen("unix:"), strlen(spec) - strlen("unix:"));
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    expect_error(spec, -EADDRINUSE, spec);
    ck_assert(is_there(spec));
    close(fd);
    folder_remove(&folder);
}
END_TEST

START_TEST(paths_of_unix_sockets_are_bounded)
{
    char spec[200] = "unix:/tmp/";

    expect_error("unix:", -EINVAL, "1 to 107 bytes");
    expect_error("unix:/nonexistent/folder/socket", -ENOENT, "No such file");
    memset(spec + strlen(spec), 'x', 103);
    expect_error(spec, -EINVAL, "1 to 107 bytes");
}
END_TEST

/* It tells what opening would, and leaves nothing behind. */
START_TEST(checking_opens_nothing)
{
    struct folder folder;
    struct listening listening = open_good("127.0.0.1:0");
    char error[LISTENING_ERROR_BYTES] = "", spec[128];

    ck_assert_int_eq(listening_check(listening.address, false, error), 0);
    listening_close(&listening);
    folder_make(&folder);
    ck_assert_int_eq(listening_check(spec_in(&folder, spec), false, error), 0);
    ck_assert(!is_there(spec));
    folder_remove(&folder);
    ck_assert_int_eq(listening_check("localhost:0", true, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "cannot listen on localhost:0: not ADDR:PORT"));
    ck_assert_int_eq(listening_check("unix:", true, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "1 to 107 bytes"));
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "listening", port_0_picks_a_free_one, ipv6_stands_in_brackets, a_port_in_use_is_an_error,
        what_is_no_address_is_refused, beyond_loopback_it_has_to_be_allowed,
        it_says_who_may_reach_it, a_long_address_is_cut_in_the_message,
        a_unix_socket_comes_and_goes, an_abandoned_socket_is_replaced,
        a_live_socket_and_a_plain_file_are_not_replaced, a_socket_of_another_kind_is_not_replaced,
        paths_of_unix_sockets_are_bounded, checking_opens_nothing);
}
