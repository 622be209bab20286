/*
 * StatsD to 127.0.0.1, as fast as told: PORT METRICS_A_SECOND (0: all that goes) SECONDS. Packets
 * of 20 metrics, of 1,000 different ones: counters, gauges and timers as 3 : 1 : 1, without tags so
 * that every server takes them. Prints what was sent, as JSON.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define METRICS      1000
#define A_PACKET     20
#define PACKETS      (METRICS / A_PACKET * VARIANTS)
#define VARIANTS     10 /* of values */
#define PACKET_BYTES 1400
#define BURST        10

struct packets {
    char text[PACKETS][PACKET_BYTES];
    size_t sizes[PACKETS];
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int write_metric(char *out, size_t size, int metric, int variant)
{
    switch (metric % 5) {
    case 0:
        return snprintf(out, size, "shop.http.latency.route%03d:%d|ms\n", metric, 10 + variant);
    case 1:
        return snprintf(out, size, "shop.queue.length.worker%03d:%d.5|g\n", metric, variant);
    default:
        return snprintf(out, size, "shop.http.requests.route%03d:%d|c\n", metric, 1 + variant % 2);
    }
}

static void write_packets(struct packets *packets)
{
    for (int i = 0; i < PACKETS; i++) {
        size_t used = 0;

        for (int k = 0; k < A_PACKET; k++)
            used += (size_t)write_metric(packets->text[i] + used, PACKET_BYTES - used,
                                         (i * A_PACKET + k) % METRICS, i * A_PACKET / METRICS);
        packets->sizes[i] = used - 1;
    }
}

/* Gives how many packets went. */
static uint64_t send_all(int fd, struct packets *packets, double rate, double seconds)
{
    const int64_t begin = now_ns(), end = begin + (int64_t)(seconds * 1e9);
    struct iovec parts[BURST];
    struct mmsghdr headers[BURST] = {0};
    uint64_t sent = 0;
    int64_t now = begin;

    for (size_t i = 0; i < BURST; i++)
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    while (now < end) {
        const double due = rate > 0 ? (double)(now - begin) / 1e9 * rate / A_PACKET : 0;
        int count;

        if (rate > 0 && (double)sent + BURST > due) {
            const double wait = ((double)sent + BURST - due) * A_PACKET / rate * 1e9;

            nanosleep(&(struct timespec){.tv_nsec = (long)(wait < 1e8 ? wait : 1e8)}, NULL);
            now = now_ns();
            continue;
        }
        for (size_t i = 0; i < BURST; i++) {
            const size_t packet = (sent + i) % PACKETS;

            parts[i] = (struct iovec){packets->text[packet], packets->sizes[packet]};
        }
        count = sendmmsg(fd, headers, BURST, 0);
        sent += count > 0 ? (uint64_t)count : 0;
        now = now_ns();
    }
    return sent;
}

int main(int argc, char **argv)
{
    static struct packets packets;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct rusage usage;
    int64_t begin;
    uint64_t sent;

    if (argc != 4 || fd < 0) {
        fprintf(stderr, "usage: statsd_load PORT METRICS_A_SECOND SECONDS\n");
        return 2;
    }
    address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return 1;
    prctl(PR_SET_TIMERSLACK, 1000L);
    write_packets(&packets);
    begin = now_ns();
    sent = send_all(fd, &packets, strtod(argv[2], NULL), strtod(argv[3], NULL));
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"packets\":%llu,\"metrics\":%llu,\"seconds\":%.3f,\"cpu_seconds\":%.3f}\n",
           (unsigned long long)sent, (unsigned long long)sent * A_PACKET,
           (double)(now_ns() - begin) / 1e9,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    close(fd);
    return 0;
}
