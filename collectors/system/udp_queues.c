#include "collectors/system/udp_queues.h"

#include <errno.h>

#include "collectors/lines.h"
#include "collectors/procfs.h"
#include "collectors/survey.h"

static const struct metric queues_bytes = {
    .name = "node_udp_queues",
    .unit = "bytes",
    .help = "Number of allocated memory in the kernel for UDP datagrams in bytes.",
    .kind = METRIC_GAUGE,
};

/* "   5: 00000000:0016 00000000:0000 07 00000015:00000000 00:00000000 …" */
int udp_queues_parse_line(struct scanner line, struct udp_queues *sum)
{
    struct span column;
    uint64_t bucket, transmit, receive;

    scan_blanks(&line);
    if (!scan_u64(&line, &bucket) || !scan_char(&line, ':'))
        return -EBADMSG;
    for (int skipped = 0; skipped < 3; skipped++) { /* both addresses and the state */
        if (!scan_blanks(&line) || !scan_word(&line, &column))
            return -EBADMSG;
    }
    if (!scan_blanks(&line) || !scan_hex(&line, &transmit) || !scan_char(&line, ':') ||
        !scan_hex(&line, &receive) || !scan_blanks(&line) || transmit > UINT32_MAX ||
        receive > UINT32_MAX)
        return -EBADMSG;
    sum->transmit_bytes += transmit;
    sum->receive_bytes += receive;
    return 0;
}

struct reading {
    struct udp_queues sum;
    bool headed;
};

static int take_line(void *arg, struct scanner line)
{
    struct reading *reading = arg;

    if (reading->headed)
        return udp_queues_parse_line(line, &reading->sum);
    scan_blanks(&line);
    reading->headed = scan_literal(&line, "sl ");
    return reading->headed ? 0 : -EBADMSG;
}

/* A sum that lacks lines is none. */
static void read_file(const struct survey_target *target, const char *name, const char *ip,
                      struct findings *findings)
{
    const struct label receive[] = {{"ip", ip}, {"queue", "rx"}};
    const struct label transmit[] = {{"ip", ip}, {"queue", "tx"}};
    struct reading reading = {.headed = false};
    int result = lines_read_net(target->roots.procfs, name, take_line, &reading);

    if (result == 0 && !reading.headed)
        result = -EBADMSG;
    findings_trouble(findings, result);
    if (result < 0)
        return;
    findings_add(findings, &queues_bytes, receive, 2, (double)reading.sum.receive_bytes);
    findings_add(findings, &queues_bytes, transmit, 2, (double)reading.sum.transmit_bytes);
}

static void read_queues(const struct survey_target *target, struct findings *findings)
{
    read_file(target, "udp", "v4", findings);
    read_file(target, "udp6", "v6", findings);
}

/* Where the files are depends on whose procfs it is: lines_read_net(). */
static const struct survey_form form = {
    .collector = "udp_queues", .root = SURVEY_PROCFS, .folder = ".", .read = read_queues};

static int open_udp_queues(const struct collector_roots *roots, void **state)
{
    struct procfs_file file;
    int result = procfs_open_net(&file, roots->procfs, "udp");

    procfs_close(&file);
    return result < 0 ? result : survey_open(&form, roots, state);
}

const struct collector udp_queues_collector = {
    .name = "udp_queues",
    .interval_ms = 10000,
    .open = open_udp_queues,
    .sample = survey_sample,
    .close = survey_close,
};
