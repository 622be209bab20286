#include "collectors/system/netdev.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/netdev_link.h"
#include "collectors/system/netdev_metrics.h"

/* A link's speed changes with the cable and the switch, and nothing tells of it. */
#define PROBE_EVERY_NS INT64_C(60000000000)

/* An interface that is there; its name is the kernel's. */
struct netdev {
    struct roster_key key;
    struct netdev_link link;
    double speed;               /* in bytes per second; 0: unknown */
    struct netdev_probe *probe; /* asks for both; NULL: not made yet */
    int64_t probe_due_ns;
    bool known;    /* has been inspected: not new in this tick */
    bool replaced; /* since the last values: another interface, under the same name */
    bool declared;
    unsigned declared_flags; /* and with these two */
    double declared_speed;
    uint64_t columns[NETDEV_COLUMNS];
    uint32_t slots[NETDEV_COLUMNS];
};

struct netdev_state {
    struct procfs_file file;
    struct netdev_table table;
    struct roster netdevs;
    char *sysfs;
};

/* net/core/net-procfs.c: the same since Linux 2.2. */
static bool scan_heading(struct scanner *scanner)
{
    return scan_literal(scanner, "Inter-|   Receive                            "
                                 "                    |  Transmit\n"
                                 " face |bytes    packets errs drop fifo frame "
                                 "compressed multicast|bytes    packets errs "
                                 "drop fifo colls carrier compressed\n");
}

/* As the kernel allows it, which therefore is one folder of sysfs. */
static bool is_name(struct span name)
{
    for (size_t index = 0; index < name.length; index++) {
        if (name.at[index] == ' ' || name.at[index] == '/')
            return false;
    }
    return roster_accepts(name) && !span_equals(name, ".") && !span_equals(name, "..");
}

/* "  eth0: 153167801    2937    0 …"; older kernels put no blank before a number of 8 digits. */
static bool parse_row(struct scanner line, struct netdev_row *row)
{
    scan_blanks(&line);
    if (!scan_until(&line, ':', &row->name) || !is_name(row->name))
        return false;
    for (unsigned column = 0; column < NETDEV_COLUMNS; column++) {
        if (!scan_blanks(&line) && column > 0)
            return false;
        if (!scan_u64(&line, &row->columns[column]))
            return false;
    }
    return scan_is_done(&line);
}

int netdev_parse(const char *text, size_t length, struct netdev_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    size_t count = 0;

    table->count = 0;
    if (!scan_heading(&scanner))
        return -EBADMSG;
    while (scan_line(&scanner, &line)) {
        struct netdev_row *rows;

        if (count >= NETDEV_ROWS_MAX)
            return -E2BIG;
        rows = array_reserve(table->rows, &table->capacity, count + 1, sizeof *rows);
        if (rows == NULL)
            return -ENOMEM;
        table->rows = rows;
        if (!parse_row(line, &rows[count]))
            return -EBADMSG;
        count++;
    }
    table->count = count;
    return 0;
}

void netdev_table_finish(struct netdev_table *table)
{
    free(table->rows);
    *table = (struct netdev_table){0};
}

static void abandon_probe(struct netdev *netdev)
{
    if (netdev->probe != NULL)
        task_abandon(&netdev->probe->task);
    netdev->probe = NULL;
}

static void close_netdev(void *opaque)
{
    struct netdev_state *state = opaque;
    struct netdev *netdevs;

    if (state == NULL)
        return;
    netdevs = state->netdevs.items;
    for (size_t index = 0; index < state->netdevs.count; index++)
        abandon_probe(&netdevs[index]);
    procfs_close(&state->file);
    netdev_table_finish(&state->table);
    roster_finish(&state->netdevs);
    free(state->sysfs);
    free(state);
}

static int open_netdev(const struct collector_roots *roots, void **out)
{
    struct netdev_state *state = calloc(1, sizeof *state);
    int result = -ENOMEM;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->netdevs, sizeof(struct netdev));
    state->sysfs = strdup(roots->sysfs);
    if (state->sysfs != NULL)
        result = procfs_open_net(&state->file, roots->procfs, "dev");
    if (result < 0) {
        close_netdev(state);
        return result;
    }
    *out = state;
    return 0;
}

static bool has_gone_back(const struct netdev *netdev, const struct netdev_row *row)
{
    return row->columns[NETDEV_RECEIVE_BYTES] < netdev->columns[NETDEV_RECEIVE_BYTES] ||
           row->columns[NETDEV_RECEIVE_PACKETS] < netdev->columns[NETDEV_RECEIVE_PACKETS] ||
           row->columns[NETDEV_TRANSMIT_BYTES] < netdev->columns[NETDEV_TRANSMIT_BYTES] ||
           row->columns[NETDEV_TRANSMIT_PACKETS] < netdev->columns[NETDEV_TRANSMIT_PACKETS];
}

/*
 * What sysfs does not know, as when the name has just changed, changes nothing. Where this is
 * another interface, what is under way was asked of the former one.
 */
static void take_link(struct netdev *netdev, struct netdev_link link)
{
    uint64_t former = netdev->link.index;

    if (link.index == 0)
        return;
    netdev->link = link;
    if (former == 0 || former == link.index)
        return;
    netdev->replaced = true;
    netdev->speed = 0;
    netdev->probe_due_ns = 0;
    abandon_probe(netdev);
}

/* Whether an interface is new or counts less, and so may be another one than in the former tick. */
static bool is_in_doubt(const struct netdev *netdev, const struct netdev_row *row)
{
    return !netdev->known || has_gone_back(netdev, row);
}

static int take_rows(struct netdev_state *state, bool *in_doubt)
{
    *in_doubt = false;
    roster_begin(&state->netdevs);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct netdev_row *row = &state->table.rows[index];
        struct netdev *netdev = roster_take(&state->netdevs, row->name);

        if (netdev == NULL)
            return -ENOMEM;
        *in_doubt |= is_in_doubt(netdev, row);
        memcpy(netdev->columns, row->columns, sizeof netdev->columns);
    }
    return 0;
}

static void on_gone(void *item, struct sink *sink)
{
    struct netdev *netdev = item;

    for (unsigned column = 0; netdev->declared && column < NETDEV_COLUMNS; column++)
        sink_release(sink, netdev->slots[column]);
    abandon_probe(netdev);
}

/*
 * Asks sysfs about all interfaces, when one has come, gone or counts less: a name then may have
 * been handed on to another of them, even one that counts more. Counters that went back by a wrap
 * or a reset are the readers' affair; ifindex tells the two apart.
 */
static void identify(struct netdev_state *state)
{
    struct netdev *netdevs = state->netdevs.items;

    for (size_t index = 0; index < state->netdevs.count; index++) {
        struct netdev *netdev = &netdevs[index];

        take_link(netdev, netdev_link_inspect(state->sysfs, netdev->key.name));
        netdev->known = true;
    }
}

/* One call in flight for each interface; what never answers leaves the speed as it was. */
static void probe(struct netdev *netdev, const char *sysfs, struct sink *sink)
{
    if (netdev->probe != NULL && task_is_done(&netdev->probe->task)) {
        double speed = netdev->probe->speed;

        task_reset(&netdev->probe->task);
        netdev->speed = speed;
        take_link(netdev, netdev->probe->link);
    }
    if (sink->mono_ns < netdev->probe_due_ns)
        return;
    if (netdev->probe == NULL)
        netdev->probe = netdev_probe_new(sysfs, netdev->key.name);
    if (netdev->probe == NULL || task_state(&netdev->probe->task) != TASK_IDLE)
        return;
    netdev->probe_due_ns = sink->mono_ns + PROBE_EVERY_NS;
    task_submit(sink->tasks, &netdev->probe->task);
}

/* Anew when the link has changed, which the series keep their slots over. */
static void declare(struct netdev *netdev, struct sink *sink)
{
    unsigned flags = netdev->link.physical ? SERIES_IN_TOTAL : 0;
    struct label label = {"device", netdev->key.name};

    if (netdev->declared && netdev->declared_flags == flags &&
        netdev->declared_speed == netdev->speed)
        return;
    for (unsigned column = 0; column < NETDEV_COLUMNS; column++) {
        struct metric metric = netdev_metric_at(column, netdev->speed);

        sink_declare(sink, &metric, &label, 1, flags, &netdev->slots[column]);
    }
    netdev->declared = true;
    netdev->declared_flags = flags;
    netdev->declared_speed = netdev->speed;
}

static void write_values(struct netdev *netdev, struct sink *sink)
{
    /* One tick without values, so that no rate is taken from one interface to the other. */
    if (netdev->replaced) {
        netdev->replaced = false;
        return;
    }
    for (unsigned column = 0; column < NETDEV_COLUMNS; column++)
        sink_set(sink, netdev->slots[column], (double)netdev->columns[column]);
}

/* The text is parsed, and the interfaces are those of this tick. */
static int update(struct netdev_state *state, struct sink *sink)
{
    bool in_doubt;
    size_t count;
    int result = take_rows(state, &in_doubt);

    if (result < 0)
        return result;
    count = state->netdevs.count;
    roster_sweep(&state->netdevs, on_gone, sink);
    if (in_doubt || state->netdevs.count != count)
        identify(state);
    return 0;
}

static int sample_netdev(void *opaque, struct sink *sink)
{
    struct netdev_state *state = opaque;
    struct netdev *netdevs;
    const char *text;
    size_t length;
    int result = procfs_read(&state->file, &text, &length);

    if (result == 0)
        result = netdev_parse(text, length, &state->table);
    if (result == 0)
        result = update(state, sink);
    if (result < 0)
        return result;
    netdevs = state->netdevs.items;
    for (size_t index = 0; index < state->netdevs.count; index++) {
        probe(&netdevs[index], state->sysfs, sink);
        declare(&netdevs[index], sink);
        write_values(&netdevs[index], sink);
    }
    return 0;
}

const struct collector netdev_collector = {
    .name = "netdev",
    .open = open_netdev,
    .sample = sample_netdev,
    .close = close_netdev,
};
