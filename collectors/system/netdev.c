#include "collectors/system/netdev.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/choice.h"
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
    const struct netdev_row *row; /* of this tick; NULL: it has gone */
    bool left;                    /* by the configuration: it has no series */
    bool known;                   /* has been inspected: not new in this tick */
    bool in_doubt;                /* may be another interface than in the former tick */
    bool replaced; /* since the last values: another interface, under the same name */
    bool declared;
    unsigned declared_flags; /* and with these two */
    double declared_speed;
    bool refused; /* some, by the limit on series: asked for again when the sink has other room */
    uint32_t declared_room;
    uint64_t columns[NETDEV_COLUMNS]; /* of the former tick, until this one's are taken */
    uint32_t slots[NETDEV_COLUMNS];
};

struct netdev_state {
    struct procfs_file file;
    struct netdev_table table;
    struct roster netdevs;
    uint64_t highest_index; /* of those there were in former ticks: a new one's is above it */
    struct collector_roots roots;
    char *sysfs;
};

/* Those that tell one interface from another. */
static const enum netdev_column traffic[] = {
    NETDEV_RECEIVE_BYTES,
    NETDEV_RECEIVE_PACKETS,
    NETDEV_TRANSMIT_BYTES,
    NETDEV_TRANSMIT_PACKETS,
};
#define TRAFFIC_COLUMNS (sizeof traffic / sizeof traffic[0])

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
    table->trouble = 0;
    if (!scan_heading(&scanner))
        return -EBADMSG;
    while (scan_line(&scanner, &line)) {
        struct netdev_row *rows =
            array_reserve(table->rows, &table->capacity, count + 1, sizeof *rows);

        if (rows == NULL)
            return -ENOMEM;
        table->rows = rows;
        if (!parse_row(line, &rows[count])) {
            table->trouble = -EBADMSG;
        } else if (++count > NETDEV_ROWS_MAX) {
            count = NETDEV_ROWS_MAX;
            table->trouble = -E2BIG;
            break;
        }
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
    state->roots = *roots;
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

static bool has_gone_back(const struct netdev *netdev)
{
    for (size_t index = 0; index < TRAFFIC_COLUMNS; index++) {
        if (netdev->row->columns[traffic[index]] < netdev->columns[traffic[index]])
            return true;
    }
    return false;
}

/* Whether it has, in this tick, come to count at least what the one that has gone did. */
static bool has_passed(const struct netdev *netdev, const struct netdev *gone)
{
    bool passed = false;

    for (size_t index = 0; index < TRAFFIC_COLUMNS; index++) {
        enum netdev_column column = traffic[index];

        if (netdev->row->columns[column] < gone->columns[column])
            return false;
        passed |= netdev->columns[column] < gone->columns[column];
    }
    return passed;
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

static int take_rows(struct netdev_state *state)
{
    struct netdev *netdevs = state->netdevs.items;

    for (size_t index = 0; index < state->netdevs.count; index++)
        netdevs[index].row = NULL;
    roster_begin(&state->netdevs);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct netdev_row *row = &state->table.rows[index];
        struct netdev *netdev = roster_take(&state->netdevs, row->name);

        if (netdev == NULL)
            return -ENOMEM;
        if (!netdev->known)
            netdev->left =
                !choice_takes(&state->roots, CHOICE_NETDEV_DEVICE, netdev->key.name, true);
        netdev->row = row;
    }
    return 0;
}

/* One that has gone may go on under the name of another. */
static void doubt_heirs(struct roster *roster, const struct netdev *gone)
{
    struct netdev *netdevs = roster->items;

    for (size_t index = 0; index < roster->count; index++) {
        if (netdevs[index].row != NULL && has_passed(&netdevs[index], gone))
            netdevs[index].in_doubt = true;
    }
}

/* New names, those that count less, and those that may have been handed on. */
static void doubt(struct netdev_state *state)
{
    struct netdev *netdevs = state->netdevs.items;

    for (size_t index = 0; index < state->netdevs.count; index++) {
        struct netdev *netdev = &netdevs[index];

        if (netdev->link.index > state->highest_index)
            state->highest_index = netdev->link.index;
        if (netdev->row == NULL)
            doubt_heirs(&state->netdevs, netdev);
        else if (!netdev->known || has_gone_back(netdev))
            netdev->in_doubt = true;
    }
}

static void on_gone(void *item, struct sink *sink)
{
    struct netdev *netdev = item;

    for (unsigned column = 0; netdev->declared && column < NETDEV_COLUMNS; column++)
        sink_release(sink, netdev->slots[column]);
    abandon_probe(netdev);
}

/* Whether an interface that was there before has another name now. */
static bool inspect(struct netdev *netdev, const struct netdev_state *state)
{
    uint64_t former = netdev->link.index;
    uint64_t now;

    take_link(netdev, netdev_link_inspect(state->sysfs, netdev->key.name));
    netdev->known = true;
    netdev->in_doubt = false;
    now = netdev->link.index;
    return now != former && (former != 0 || now <= state->highest_index);
}

/*
 * Asks sysfs about the interfaces in doubt and, when names have been handed on, about all: the
 * others may have got theirs from those. What remains hidden until probe() finds it is an exchange
 * that shows in no counter, and a new interface that at once counts more than the one whose name it
 * got. Counters that went back by a wrap or a reset are the readers' affair; ifindex tells the two
 * apart.
 */
static void identify(struct netdev_state *state)
{
    struct netdev *netdevs = state->netdevs.items;
    bool handed_on = false;

    for (size_t index = 0; index < state->netdevs.count; index++) {
        if (netdevs[index].in_doubt)
            handed_on |= inspect(&netdevs[index], state);
    }
    for (size_t index = 0; handed_on && index < state->netdevs.count; index++)
        (void)inspect(&netdevs[index], state);
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
        netdev->declared_speed == netdev->speed &&
        (!netdev->refused || netdev->declared_room == sink->room))
        return;
    netdev->refused = false;
    for (unsigned column = 0; column < NETDEV_COLUMNS; column++) {
        struct metric metric = netdev_metric_at(column, netdev->speed);

        if (sink_declare(sink, &metric, &label, 1, flags, &netdev->slots[column]) < 0)
            netdev->refused = true;
    }
    netdev->declared = true;
    netdev->declared_room = sink->room;
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
    struct netdev *netdevs;
    int result = take_rows(state);

    if (result < 0)
        return result;
    doubt(state);
    roster_sweep(&state->netdevs, on_gone, sink);
    identify(state);
    netdevs = state->netdevs.items;
    for (size_t index = 0; index < state->netdevs.count; index++)
        memcpy(netdevs[index].columns, netdevs[index].row->columns, sizeof netdevs->columns);
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
        if (netdevs[index].left)
            continue;
        probe(&netdevs[index], state->sysfs, sink);
        declare(&netdevs[index], sink);
        write_values(&netdevs[index], sink);
    }
    return state->table.trouble;
}

const struct collector netdev_collector = {
    .name = "netdev",
    .open = open_netdev,
    .sample = sample_netdev,
    .close = close_netdev,
};
