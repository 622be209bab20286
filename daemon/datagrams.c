#include "daemon/datagrams.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/log.h"

#define UDP_PREFIX "udp:"
/* Every user of the machine may send, as by UDP on loopback: services run as many of them. */
#define UNIX_MODE 0666
/* Where so many packets came at once more follow. */
#define DENSE_PACKETS 8
/* What may wait while the thread that reads waits for a CPU; the kernel may allow less. */
#define RECEIVE_BYTES (8 << 20)
/* Odd pages: where all packets begin at the same place of a page's set they drive each other out.
 */
#define PACKET_ROOM (DATAGRAM_MAX + 1 + 4096 + 64)

struct datagrams_batch {
    struct mmsghdr headers[DATAGRAMS_BATCH];
    struct iovec parts[DATAGRAMS_BATCH];
    struct sockaddr_storage from[DATAGRAMS_BATCH];
    _Alignas(struct cmsghdr) char control[DATAGRAMS_BATCH][CMSG_SPACE(sizeof(struct ucred))];
    char *memory;
};

static int fail(char *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(char *error, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, DATAGRAMS_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return code;
}

/* The address of a spec that is allowed, for freeaddrinfo(); else NULL. */
static int resolve(const char *spec, bool beyond_loopback, struct addrinfo **out, char *error)
{
    const size_t prefix = strlen(UDP_PREFIX);
    int result = -EINVAL;

    *out = NULL;
    if (strncmp(spec, UDP_PREFIX, prefix) == 0)
        result = address_parse(spec + prefix, SOCK_DGRAM, beyond_loopback, out);
    if (result == -EACCES)
        return fail(
            error, result,
            "cannot listen for StatsD on %s: beyond loopback there has to be \"auth\": \"none\" "
            "in the configuration, as StatsD knows no password",
            spec);
    if (result < 0)
        return fail(
            error, result,
            "cannot listen for StatsD on %s: not udp:ADDR:PORT with a numeric address, such "
            "as udp:127.0.0.1:8125 or udp:[::1]:8125, or unix:PATH",
            spec);
    return 0;
}

static int parse_unix(const char *spec, struct sockaddr_un *out, char *error)
{
    if (address_parse_unix(spec, out) == 0)
        return 0;
    return fail(error, -EINVAL,
                "cannot listen for StatsD on %s: the path has to have 1 to %zu bytes", spec,
                sizeof out->sun_path - 1);
}

int datagrams_check(const char *spec, bool beyond_loopback, char error[DATAGRAMS_ERROR_BYTES])
{
    struct sockaddr_un address;
    struct addrinfo *info;
    int result;

    if (address_is_unix(spec))
        return parse_unix(spec, &address, error);
    result = resolve(spec, beyond_loopback, &info, error);
    if (info)
        freeaddrinfo(info);
    return result;
}

/* More than net.core.rmem_max takes a privilege. */
static void ask_for_room(int fd)
{
    const int bytes = RECEIVE_BYTES;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* Gives the descriptor or -errno. */
static int bind_one(int family, int option_level, int option, const struct sockaddr *address,
                    socklen_t size)
{
    const int on = 1;
    AUTO_CLOSE int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    ask_for_room(fd);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (setsockopt(fd, option_level, option, &on, sizeof on) < 0 || bind(fd, address, size) < 0)
        return -errno;
    return scope_take_fd(&fd);
}

static int open_udp(const char *spec, bool beyond_loopback, struct datagrams *out, char *error)
{
    struct addrinfo *info;
    int result = resolve(spec, beyond_loopback, &info, error);
    bool open;

    if (!info)
        return result;
    open = !address_is_loopback(info->ai_addr);
    result = bind_one(info->ai_family, SOL_SOCKET, SO_RXQ_OVFL, info->ai_addr, info->ai_addrlen);
    freeaddrinfo(info);
    if (result < 0)
        return fail(error, result, "cannot listen for StatsD on %s: %s", spec, strerror(-result));
    *out = (struct datagrams){.fd = result, .is_open = open};
    memcpy(out->spec, UDP_PREFIX, strlen(UDP_PREFIX));
    address_write(out->fd, out->spec + strlen(UDP_PREFIX));
    return 0;
}

static int open_unix(const char *spec, struct datagrams *out, char *error)
{
    struct sockaddr_un address;
    int result = parse_unix(spec, &address, error);

    if (result < 0)
        return result;
    address_remove_abandoned(&address, SOCK_DGRAM);
    result = bind_one(AF_UNIX, SOL_SOCKET, SO_PASSCRED, (const struct sockaddr *)&address,
                      sizeof address);
    if (result < 0)
        return fail(error, result, "cannot listen for StatsD on %s: %s", spec, strerror(-result));
    if (fchmodat(AT_FDCWD, address.sun_path, UNIX_MODE, AT_SYMLINK_NOFOLLOW) < 0)
        log_warning("StatsD on %s: not every user may send: %s", spec, strerror(errno));
    *out = (struct datagrams){.fd = result, .is_unix = true};
    snprintf(out->spec, sizeof out->spec, "%s", spec);
    return 0;
}

int datagrams_open(const char *spec, bool beyond_loopback, struct datagrams *out,
                   char error[DATAGRAMS_ERROR_BYTES])
{
    if (address_is_unix(spec))
        return open_unix(spec, out, error);
    return open_udp(spec, beyond_loopback, out, error);
}

void datagrams_close(struct datagrams *datagrams)
{
    if (datagrams->is_unix)
        unlink(datagrams->spec + strlen(ADDRESS_UNIX_PREFIX));
    close(datagrams->fd);
    datagrams->fd = -1;
}

/* --- reading --- */

/* Pages that no packet reached take no memory. */
struct datagrams_batch *datagrams_batch_new(void)
{
    struct datagrams_batch *batch = calloc(1, sizeof *batch);

    if (!batch)
        return NULL;
    batch->memory = calloc(DATAGRAMS_BATCH, PACKET_ROOM);
    if (!batch->memory) {
        free(batch);
        return NULL;
    }
    for (size_t i = 0; i < DATAGRAMS_BATCH; i++) {
        struct msghdr *header = &batch->headers[i].msg_hdr;

        batch->parts[i] =
            (struct iovec){.iov_base = batch->memory + i * PACKET_ROOM, .iov_len = DATAGRAM_MAX};
        header->msg_iov = &batch->parts[i];
        header->msg_iovlen = 1;
        header->msg_name = &batch->from[i];
        header->msg_control = batch->control[i];
    }
    return batch;
}

void datagrams_batch_free(struct datagrams_batch *batch)
{
    if (!batch)
        return;
    free(batch->memory);
    free(batch);
}

/* None of what the sender has is wanted: descriptors that came along would stay open. */
static void close_received(struct msghdr *header)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control;
         control = CMSG_NXTHDR(header, control)) {
        const unsigned char *at = CMSG_DATA(control);
        int fd;

        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t left = control->cmsg_len - CMSG_LEN(0); left >= sizeof fd; left -= sizeof fd) {
            memcpy(&fd, at, sizeof fd);
            close(fd);
            at += sizeof fd;
        }
    }
}

/*
 * Just what the socket was asked to tell has room: credentials come before descriptors, which the
 * kernel then keeps to itself.
 */
size_t datagrams_receive(struct datagrams *datagrams, struct datagrams_batch *batch)
{
    const size_t control =
        datagrams->is_unix ? CMSG_SPACE(sizeof(struct ucred)) : CMSG_SPACE(sizeof(uint32_t));
    int count;

    for (size_t i = 0; i < DATAGRAMS_BATCH; i++) {
        batch->headers[i].msg_hdr.msg_namelen = sizeof batch->from[i];
        batch->headers[i].msg_hdr.msg_controllen = control;
    }
    do
        count = recvmmsg(datagrams->fd, batch->headers, DATAGRAMS_BATCH,
                         MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
    while (count < 0 && errno == EINTR);
    for (int i = 0; datagrams->is_unix && i < count; i++)
        close_received(&batch->headers[i].msg_hdr);
    return count > 0 ? (size_t)count : 0;
}

bool datagrams_gather(const struct datagrams *datagrams, size_t count)
{
    return !datagrams->is_unix && count >= DENSE_PACKETS;
}

static void take_control(struct datagrams *datagrams, const struct cmsghdr *control,
                         struct datagram *out)
{
    struct ucred sender;
    uint32_t overflows;

    if (control->cmsg_level != SOL_SOCKET)
        return;
    if (control->cmsg_type == SCM_CREDENTIALS) {
        memcpy(&sender, CMSG_DATA(control), sizeof sender);
        out->pid = sender.pid;
    } else if (control->cmsg_type == SO_RXQ_OVFL) {
        memcpy(&overflows, CMSG_DATA(control), sizeof overflows);
        out->lost = overflows - datagrams->overflows;
        datagrams->overflows = overflows;
    }
}

struct datagram datagrams_get(struct datagrams *datagrams, struct datagrams_batch *batch,
                              size_t index)
{
    struct msghdr *header = &batch->headers[index].msg_hdr;
    struct datagram out = {.text = batch->parts[index].iov_base,
                           .size = batch->headers[index].msg_len,
                           .is_cut = (header->msg_flags & MSG_TRUNC) != 0,
                           .from = (const struct sockaddr *)&batch->from[index]};

    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control;
         control = CMSG_NXTHDR(header, control))
        take_control(datagrams, control, &out);
    return out;
}
