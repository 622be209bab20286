#include "daemon/datagrams.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/support.h"

static struct datagrams open_good(const char *spec)
{
    struct datagrams datagrams;
    char error[DATAGRAMS_ERROR_BYTES] = "";

    ck_assert_msg(datagrams_open(spec, false, &datagrams, error) == 0, "%s", error);
    return datagrams;
}

static void expect_error(const char *spec, int wanted, const char *part)
{
    struct datagrams datagrams = {.fd = -7};
    char error[DATAGRAMS_ERROR_BYTES] = "";

    ck_assert_int_eq(datagrams_open(spec, false, &datagrams, error), wanted);
    ck_assert_msg(strstr(error, "cannot listen for StatsD on ") == error, "%s", error);
    ck_assert_msg(strstr(error, part) != NULL, "%s", error);
    ck_assert_int_eq(datagrams.fd, -7);
}

/* A socket that sends to it. */
static int sender_to(const struct datagrams *datagrams)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int fd;

    ck_assert_int_eq(getsockname(datagrams->fd, (struct sockaddr *)&address, &size), 0);
    fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, size), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

START_TEST(packets_with_their_sender)
{
    struct datagrams datagrams = open_good("udp:127.0.0.1:0");
    struct datagrams_batch *batch = datagrams_batch_new();
    const int fd = sender_to(&datagrams);
    struct datagram got;

    ck_assert_ptr_nonnull(batch);
    ck_assert_int_eq(strncmp(datagrams.spec, "udp:127.0.0.1:", 14), 0);
    ck_assert_str_ne(datagrams.spec, "udp:127.0.0.1:0");
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), 0);
    send_text(fd, "one");
    send_text(fd, "");
    send_text(fd, "three");
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), 3);
    got = datagrams_get(&datagrams, batch, 0);
    ck_assert_int_eq(strncmp(got.text, "one", got.size), 0);
    ck_assert_int_eq(got.from->sa_family, AF_INET);
    ck_assert_uint_eq(datagrams_get(&datagrams, batch, 1).size, 0);
    got = datagrams_get(&datagrams, batch, 2);
    ck_assert_uint_eq(got.size, 5);
    ck_assert(!got.is_cut);
    ck_assert_int_eq(got.pid, 0);
    for (size_t i = 0; i < DATAGRAMS_BATCH + 1; i++)
        send_text(fd, "x");
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), DATAGRAMS_BATCH);
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), 1);
    close(fd);
    datagrams_batch_free(batch);
    datagrams_close(&datagrams);
    ck_assert_int_eq(datagrams.fd, -1);
}
END_TEST

START_TEST(what_the_kernel_drops_is_told)
{
    struct datagrams datagrams = open_good("udp:127.0.0.1:0");
    struct datagrams_batch *batch = datagrams_batch_new();
    const int fd = sender_to(&datagrams), small = 1;
    size_t sent = 2000, came = 0, lost = 0, count;

    ck_assert_ptr_nonnull(batch);
    ck_assert_int_eq(setsockopt(datagrams.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    for (size_t i = 0; i < sent; i++)
        send_text(fd, "x");
    do {
        count = datagrams_receive(&datagrams, batch);
        for (size_t i = 0; i < count; i++)
            lost += datagrams_get(&datagrams, batch, i).lost;
        came += count;
    } while (count > 0);
    ck_assert_uint_lt(came, sent);
    send_text(fd, "y");
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), 1);
    lost += datagrams_get(&datagrams, batch, 0).lost;
    ck_assert_uint_eq(came + lost, sent);
    close(fd);
    datagrams_batch_free(batch);
    datagrams_close(&datagrams);
}
END_TEST

START_TEST(a_unix_socket_tells_the_process)
{
    struct datagrams_batch *batch = datagrams_batch_new();
    static char large[DATAGRAM_MAX + 1];
    struct datagrams datagrams;
    struct folder folder;
    char spec[128];
    int fd;

    ck_assert_ptr_nonnull(batch);
    folder_make(&folder);
    snprintf(spec, sizeof spec, "unix:%s/socket", folder.path);
    datagrams = open_good(spec);
    fd = sender_to(&datagrams);
    send_text(fd, "one");
    ck_assert_int_eq(send(fd, large, sizeof large, 0), (ssize_t)sizeof large);
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), 2);
    ck_assert_int_eq(datagrams_get(&datagrams, batch, 0).pid, getpid());
    ck_assert(!datagrams_get(&datagrams, batch, 0).is_cut);
    ck_assert(datagrams_get(&datagrams, batch, 1).is_cut);
    close(fd);
    expect_error(spec, -EADDRINUSE, "Address already in use");
    datagrams_close(&datagrams);
    ck_assert_int_eq(access(spec + 5, F_OK), -1);
    datagrams_batch_free(batch);
    folder_remove(&folder);
}
END_TEST

static void send_descriptors(int fd)
{
    const int passed[] = {0, 0};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof passed)];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof passed),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {(char[]){"x"}, 1};
    const struct msghdr message = {.msg_iov = &part,
                                   .msg_iovlen = 1,
                                   .msg_control = &control,
                                   .msg_controllen = sizeof control.bytes};

    memcpy(CMSG_DATA(&control.header), passed, sizeof passed);
    ck_assert_int_eq(sendmsg(fd, &message, 0), 1);
}

static int next_descriptor(void)
{
    const int fd = dup(0);

    ck_assert_int_ge(fd, 0);
    close(fd);
    return fd;
}

START_TEST(descriptors_are_not_taken)
{
    struct datagrams_batch *batch = datagrams_batch_new();
    struct datagrams datagrams;
    struct folder folder;
    char spec[128];
    int fd, next;

    ck_assert_ptr_nonnull(batch);
    folder_make(&folder);
    snprintf(spec, sizeof spec, "unix:%s/socket", folder.path);
    datagrams = open_good(spec);
    fd = sender_to(&datagrams);
    next = next_descriptor();
    for (int i = 0; i < 3; i++)
        send_descriptors(fd);
    ck_assert_uint_eq(datagrams_receive(&datagrams, batch), 3);
    ck_assert_int_eq(datagrams_get(&datagrams, batch, 2).pid, getpid());
    ck_assert_int_eq(next_descriptor(), next);
    close(fd);
    datagrams_batch_free(batch);
    datagrams_close(&datagrams);
    folder_remove(&folder);
}
END_TEST

START_TEST(one_that_nobody_reads_is_replaced)
{
    struct datagrams datagrams;
    struct folder folder;
    char spec[128];

    folder_make(&folder);
    snprintf(spec, sizeof spec, "unix:%s/socket", folder.path);
    datagrams = open_good(spec);
    close(datagrams.fd);
    datagrams = open_good(spec);
    datagrams_close(&datagrams);
    folder_write(&folder, "socket", "a file");
    expect_error(spec, -EADDRINUSE, "Address already in use");
    ck_assert_int_eq(access(spec + 5, F_OK), 0);
    folder_remove(&folder);
}
END_TEST

START_TEST(every_user_may_send_whatever_the_umask)
{
    const mode_t former = umask(077);
    struct datagrams datagrams;
    struct folder folder;
    struct stat status;
    char spec[128];

    folder_make(&folder);
    snprintf(spec, sizeof spec, "unix:%s/socket", folder.path);
    datagrams = open_good(spec);
    umask(former);
    ck_assert_int_eq(stat(spec + 5, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0666);
    datagrams_close(&datagrams);
    folder_remove(&folder);
}
END_TEST

START_TEST(only_where_many_may_wait_they_gather)
{
    const struct datagrams udp = {.fd = -1}, local = {.fd = -1, .is_unix = true};

    ck_assert(datagrams_gather(&udp, DATAGRAMS_BATCH));
    ck_assert(!datagrams_gather(&udp, 1));
    ck_assert(!datagrams_gather(&local, DATAGRAMS_BATCH));
}
END_TEST

START_TEST(what_is_not_allowed)
{
    static const char *const wrong[] = {"127.0.0.1:8125",
                                        "udp:localhost:8125",
                                        "udp:127.0.0.1",
                                        "udp:127.0.0.1:x",
                                        "tcp:127.0.0.1:1",
                                        "udp:",
                                        ""};
    char error[DATAGRAMS_ERROR_BYTES];

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_error(wrong[i], -EINVAL, "not udp:ADDR:PORT");
    expect_error("unix:", -EINVAL, "the path has to have 1 to 107 bytes");
    expect_error("udp:0.0.0.0:0", -EACCES, "\"auth\": \"none\"");
    ck_assert_int_eq(datagrams_check("udp:0.0.0.0:0", false, error), -EACCES);
    ck_assert_int_eq(datagrams_check("udp:0.0.0.0:0", true, error), 0);
    ck_assert_int_eq(datagrams_check("unix:/nonexistent/x", false, error), 0);
}
END_TEST

START_TEST(a_port_in_use_is_an_error)
{
    struct datagrams datagrams = open_good("udp:127.0.0.1:0");

    expect_error(datagrams.spec, -EADDRINUSE, "Address already in use");
    datagrams_close(&datagrams);
}
END_TEST

int main(void)
{
    return RUN_TESTS("datagrams", packets_with_their_sender, what_the_kernel_drops_is_told,
                     a_unix_socket_tells_the_process, descriptors_are_not_taken,
                     one_that_nobody_reads_is_replaced, every_user_may_send_whatever_the_umask,
                     only_where_many_may_wait_they_gather, what_is_not_allowed,
                     a_port_in_use_is_an_error);
}
