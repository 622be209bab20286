#include "daemon/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/support.h"

static struct listening open_own(const char *spec)
{
    struct listening listening;
    char error[LISTENING_ERROR_BYTES] = "";

    ck_assert_msg(listening_open(spec, false, &listening, error) == 0, "%s", error);
    return listening;
}

/* Who opened it goes on holding it; this is its copy. */
static struct listening adopt_good(int fd)
{
    struct listening listening;
    char error[LISTENING_ERROR_BYTES] = "";

    ck_assert_msg(listening_adopt(fd, false, &listening, error) == 0, "%s", error);
    ck_assert_int_eq(listening.fd, fd);
    ck_assert(listening.is_adopted);
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    return listening;
}

static void expect_no_adoption(int fd, int wanted, const char *part)
{
    struct listening listening = {.fd = -7};
    char error[LISTENING_ERROR_BYTES] = "";

    ck_assert_int_eq(listening_adopt(fd, false, &listening, error), wanted);
    ck_assert_msg(strstr(error, "cannot listen on ") == error, "%s", error);
    ck_assert_msg(strstr(error, part) != NULL, "%s", error);
    ck_assert_int_eq(listening.fd, -7);
}

START_TEST(an_open_socket_is_adopted)
{
    struct listening opened = open_own("127.0.0.1:0");
    struct listening adopted;
    char url[LISTENING_URL_MAX], wanted[LISTENING_URL_MAX];

    ck_assert_int_eq(fcntl(opened.fd, F_SETFL, 0), 0);
    adopted = adopt_good(dup(opened.fd));
    ck_assert_str_eq(adopted.address, opened.address);
    ck_assert(!adopted.is_unix && !adopted.is_open && !opened.is_adopted);
    snprintf(wanted, sizeof wanted, "http://%s/", opened.address);
    listening_url(&adopted, url);
    ck_assert_str_eq(url, wanted);
    listening_close(&adopted);
    listening_close(&opened);
}
END_TEST

START_TEST(an_adopted_unix_socket_is_left_in_place)
{
    struct folder folder;
    struct listening opened, adopted;
    char spec[128], url[LISTENING_URL_MAX];

    folder_make(&folder);
    snprintf(spec, sizeof spec, "unix:%s/socket", folder.path);
    opened = open_own(spec);
    adopted = adopt_good(dup(opened.fd));
    ck_assert(adopted.is_unix);
    ck_assert_str_eq(adopted.address, spec);
    listening_url(&adopted, url);
    ck_assert_str_eq(url, spec);
    listening_close(&adopted);
    ck_assert_int_eq(access(spec + strlen("unix:"), F_OK), 0);
    listening_close(&opened);
    folder_remove(&folder);
}
END_TEST

/* Abstract ones have no file; as long a name as can be has no terminator. */
START_TEST(every_unix_address_can_be_shown)
{
    for (size_t length = 20; length <= 107; length += 87) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct listening listening;

        memset(address.sun_path + 1, 'x', length);
        ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address,
                              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)),
                         0);
        ck_assert_int_eq(listen(fd, 1), 0);
        listening = adopt_good(fd);
        ck_assert_uint_eq(strlen(listening.address), strlen("unix:@") + length);
        ck_assert_int_eq(strncmp(listening.address, "unix:@xxx", 9), 0);
        listening_close(&listening);
    }
}
END_TEST

START_TEST(what_does_not_listen_is_not_adopted)
{
    int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int packets = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char closed[64];

    expect_no_adoption(stream, -EINVAL, "not a stream socket that listens");
    expect_no_adoption(datagram, -EINVAL, "not a stream socket that listens");
    expect_no_adoption(packets, -EINVAL, "not a stream socket that listens");
    expect_no_adoption(file, -EINVAL, "not a stream socket that listens");
    close(stream);
    close(datagram);
    close(packets);
    close(file);
    snprintf(closed, sizeof closed, "descriptor %d", file);
    expect_no_adoption(file, -EINVAL, closed);
}
END_TEST

START_TEST(an_adopted_one_too_is_refused_beyond_loopback)
{
    struct listening opened, adopted;
    char error[LISTENING_ERROR_BYTES] = "";

    ck_assert_int_eq(listening_open("0.0.0.0:0", true, &opened, error), 0);
    expect_no_adoption(opened.fd, -EACCES, "beyond loopback there has to be \"auth\": \"none\"");
    expect_no_adoption(opened.fd, -EACCES, opened.address);
    ck_assert_int_eq(listening_adopt(opened.fd, true, &adopted, error), 0);
    ck_assert(adopted.is_open);
    listening_close(&adopted);
}
END_TEST

int main(void)
{
    return RUN_TESTS("listening_adopt", an_open_socket_is_adopted,
                     an_adopted_unix_socket_is_left_in_place, every_unix_address_can_be_shown,
                     what_does_not_listen_is_not_adopted,
                     an_adopted_one_too_is_refused_beyond_loopback);
}
