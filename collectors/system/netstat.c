#include "collectors/system/netstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/optional_file.h"
#include "collectors/procfs.h"

/* What is wanted beside the errors that any group receives. */
static const struct wanted {
    const char *key; /* a star stands for any rest */
    bool falls;      /* a present state, no count */
    bool in_bytes;
} wanted[] = {
    {.key = "Icmp6_InMsgs"},
    {.key = "Icmp6_OutMsgs"},
    {.key = "Icmp_InMsgs"},
    {.key = "Icmp_OutMsgs"},
    {.key = "Ip6_InOctets", .in_bytes = true},
    {.key = "Ip6_OutOctets", .in_bytes = true},
    {.key = "IpExt_InOctets", .in_bytes = true},
    {.key = "IpExt_OutOctets", .in_bytes = true},
    {.key = "Ip_Forwarding", .falls = true},
    {.key = "TcpExt_Listen*"},
    {.key = "TcpExt_Syncookies*"},
    {.key = "TcpExt_TCPOFOQueue"},
    {.key = "TcpExt_TCPRcvQDrop"},
    {.key = "TcpExt_TCPSynRetrans"},
    {.key = "TcpExt_TCPTimeouts"},
    {.key = "Tcp_ActiveOpens"},
    {.key = "Tcp_CurrEstab", .falls = true},
    {.key = "Tcp_InSegs"},
    {.key = "Tcp_OutRsts"},
    {.key = "Tcp_OutSegs"},
    {.key = "Tcp_PassiveOpens"},
    {.key = "Tcp_RetransSegs"},
    {.key = "Udp6_InDatagrams"},
    {.key = "Udp6_NoPorts"},
    {.key = "Udp6_OutDatagrams"},
    {.key = "Udp6_RcvbufErrors"},
    {.key = "Udp6_SndbufErrors"},
    {.key = "Udp_InDatagrams"},
    {.key = "Udp_NoPorts"},
    {.key = "Udp_OutDatagrams"},
    {.key = "Udp_RcvbufErrors"},
    {.key = "Udp_SndbufErrors"},
};

struct netstat_state {
    struct procfs_file netstat;
    struct procfs_file snmp;
    struct optional_file snmp6;
    struct statistics netstat_statistics;
    struct statistics snmp_statistics;
    struct statistics snmp6_statistics;
    struct fields fields;
};

static bool matches(const char *key, const char *pattern)
{
    size_t length = strcspn(pattern, "*");

    return strncmp(key, pattern, length) == 0 && (pattern[length] == '*' || key[length] == '\0');
}

static const struct wanted *find_wanted(const char *key)
{
    for (size_t index = 0; index < sizeof wanted / sizeof wanted[0]; index++) {
        if (matches(key, wanted[index].key))
            return &wanted[index];
    }
    return NULL;
}

static bool pick(struct span group, struct span name, struct field_key *key)
{
    if (group.length == 0 || !field_key_make(key, group, name))
        return false;
    return span_equals(name, "InErrors") || span_equals(name, "InErrs") ||
           find_wanted(key->text) != NULL;
}

/* "Udp6InDatagrams": the group ends with the 6. */
static bool pick6(struct span group, struct span name, struct field_key *key)
{
    const char *six = memchr(name.at, '6', name.length);

    if (six == NULL)
        return false;
    group = (struct span){name.at, (size_t)(six + 1 - name.at)};
    return pick(group, (struct span){six + 1, name.length - group.length}, key);
}

const struct statistics_form netstat_form = {.paired = true, .pick = pick};
const struct statistics_form netstat_form6 = {.paired = false, .pick = pick6};

static void describe(const char *key, struct field_metric *out)
{
    const struct wanted *found = find_wanted(key);
    int group_length = (int)strcspn(key, "_");

    snprintf(out->name, sizeof out->name, "node_netstat_%s", key);
    snprintf(out->help, sizeof out->help, "Statistic %.*s%s.", group_length, key,
             key + group_length + 1);
    out->metric.unit = found != NULL && found->in_bytes ? "bytes" : "";
    out->metric.kind = METRIC_UNTYPED;
    out->metric.cumulative = found == NULL || !found->falls;
}

static void close_netstat(void *opaque)
{
    struct netstat_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->netstat);
    procfs_close(&state->snmp);
    optional_file_close(&state->snmp6);
    statistics_finish(&state->netstat_statistics);
    statistics_finish(&state->snmp_statistics);
    statistics_finish(&state->snmp6_statistics);
    fields_finish(&state->fields);
    free(state);
}

static int open_netstat(const struct collector_roots *roots, void **out)
{
    struct netstat_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    fields_init(&state->fields, describe);
    result = procfs_open_net(&state->netstat, roots->procfs, "netstat");
    if (result == 0)
        result = procfs_open_net(&state->snmp, roots->procfs, "snmp");
    if (result == 0)
        result = optional_file_open_net(&state->snmp6, roots->procfs, "snmp6");
    if (result < 0) {
        close_netstat(state);
        return result;
    }
    *out = state;
    return 0;
}

/* What was understood is taken whatever comes; the parser's error is of the rest. */
static int take_text(struct netstat_state *state, const char *text, size_t length,
                     const struct statistics_form *form, struct statistics *statistics)
{
    int parsed = statistics_parse(text, length, form, statistics);
    int taken = statistics_take(statistics, &state->fields);

    return taken < 0 ? taken : parsed;
}

static int take_groups(struct netstat_state *state, struct procfs_file *file,
                       struct statistics *statistics)
{
    const char *text;
    size_t length;
    int result = procfs_read(file, &text, &length);

    return result < 0 ? result : take_text(state, text, length, &netstat_form, statistics);
}

/* Without IPv6 there are no values, which is no error. */
static int take_ipv6(struct netstat_state *state)
{
    const char *text;
    size_t length;
    int result = optional_file_read(&state->snmp6, &text, &length);

    if (optional_file_is_absence(result))
        return 0;
    return result < 0 ? result
                      : take_text(state, text, length, &netstat_form6, &state->snmp6_statistics);
}

/* Each file by itself; the first trouble is told. */
static int sample_netstat(void *opaque, struct sink *sink)
{
    struct netstat_state *state = opaque;
    int netstat, snmp, ipv6;

    fields_begin(&state->fields);
    netstat = take_groups(state, &state->netstat, &state->netstat_statistics);
    snmp = take_groups(state, &state->snmp, &state->snmp_statistics);
    ipv6 = take_ipv6(state);
    fields_write(&state->fields, sink);
    if (netstat < 0)
        return netstat;
    return snmp < 0 ? snmp : ipv6;
}

const struct collector netstat_collector = {
    .name = "netstat",
    .open = open_netstat,
    .sample = sample_netstat,
    .close = close_netstat,
};
