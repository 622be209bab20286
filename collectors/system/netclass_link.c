#include "collectors/system/netclass_link.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/parse.h"
#include "collectors/sysfs.h"

/* Longer than any attribute that we want. */
#define ATTRIBUTE_BYTES 512

struct attribute {
    const char *path;
    bool settled; /* read only with all */
};

static const struct attribute number_attributes[NETCLASS_NUMBERS] = {
    [NETCLASS_ADDRESS_ASSIGN_TYPE] = {"addr_assign_type", true},
    [NETCLASS_CARRIER] = {"carrier", false},
    [NETCLASS_CARRIER_CHANGES] = {"carrier_changes", false},
    /* The two that make the sum above. */
    [NETCLASS_CARRIER_UP_CHANGES] = {"carrier_up_count", true},
    [NETCLASS_CARRIER_DOWN_CHANGES] = {"carrier_down_count", true},
    [NETCLASS_DEVICE_ID] = {"dev_id", true},
    [NETCLASS_DORMANT] = {"dormant", false},
    [NETCLASS_FLAGS] = {"flags", false},
    [NETCLASS_IFACE_LINK] = {"iflink", true},
    [NETCLASS_IFACE_LINK_MODE] = {"link_mode", true},
    [NETCLASS_MTU] = {"mtu", false},
    [NETCLASS_NAME_ASSIGN_TYPE] = {"name_assign_type", true},
    [NETCLASS_NET_DEV_GROUP] = {"netdev_group", true},
    [NETCLASS_PROTOCOL_TYPE] = {"type", true},
    [NETCLASS_RECEIVE_NOHANDLER] = {"statistics/rx_nohandler", false},
    [NETCLASS_SPEED] = {"speed", false},
    [NETCLASS_TRANSMIT_QUEUE_LENGTH] = {"tx_queue_len", false},
    /* The last: with it the interface is still there, under this name. */
    [NETCLASS_IFACE_ID] = {"ifindex", false},
};

/* *out is empty for what cannot be read or is longer than it can be. */
static void read_text(int folder, const char *attribute, char *out, size_t size)
{
    char buffer[ATTRIBUTE_BYTES];
    struct span text;

    memset(out, 0, size);
    if (sysfs_read(folder, attribute, buffer, sizeof buffer, &text) < 0)
        return;
    while (text.length > 0 && char_is_blank(text.at[text.length - 1]))
        text.length--;
    while (text.length > 0 && char_is_blank(*text.at)) {
        text.at++;
        text.length--;
    }
    if (text.length < size)
        memcpy(out, text.at, text.length);
}

static void read_numbers(int folder, struct netclass_link *link, bool settled)
{
    for (unsigned number = 0; number < NETCLASS_NUMBERS; number++) {
        const struct attribute *attribute = &number_attributes[number];

        if (attribute->settled == settled)
            link->known[number] =
                sysfs_read_number(folder, attribute->path, &link->numbers[number]) == 0;
    }
}

static void read_changing(int folder, struct netclass_link *link)
{
    struct netclass_texts *texts = &link->texts;

    read_text(folder, "duplex", texts->duplex, sizeof texts->duplex);
    read_text(folder, "operstate", texts->operstate, sizeof texts->operstate);
    read_numbers(folder, link, false);
    /* SPEED_UNKNOWN is -1. */
    if (link->numbers[NETCLASS_SPEED] < 0)
        link->known[NETCLASS_SPEED] = false;
}

static void read_settled(int folder, struct netclass_link *link)
{
    struct netclass_texts *texts = &link->texts;

    read_text(folder, "address", texts->address, sizeof texts->address);
    read_text(folder, "broadcast", texts->broadcast, sizeof texts->broadcast);
    read_text(folder, "ifalias", texts->ifalias, sizeof texts->ifalias);
    read_numbers(folder, link, true);
}

static bool is_same(const struct netclass_link *link, const struct netclass_link *former,
                    enum netclass_number number)
{
    return link->known[number] == former->known[number] &&
           (!link->known[number] || link->numbers[number] == former->numbers[number]);
}

/* What is settled may be so no more. */
static bool has_changed(const struct netclass_link *link, const struct netclass_link *former)
{
    return !netclass_is_present(former) || !is_same(link, former, NETCLASS_IFACE_ID) ||
           !is_same(link, former, NETCLASS_FLAGS) ||
           !is_same(link, former, NETCLASS_CARRIER_CHANGES) ||
           strcmp(link->texts.operstate, former->texts.operstate) != 0;
}

/* Whether the interface is still there, under this name. */
static bool confirm(int folder, const struct netclass_link *link)
{
    int64_t index;

    return netclass_is_present(link) &&
           sysfs_read_number(folder, number_attributes[NETCLASS_IFACE_ID].path, &index) == 0 &&
           index == link->numbers[NETCLASS_IFACE_ID];
}

static void run(struct task *task)
{
    struct netclass_call *call = (struct netclass_call *)(void *)task;
    struct netclass_link *link = &call->link;
    struct netclass_link former = *link;
    int folder = open(call->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0) {
        memset(link, 0, sizeof *link);
        return; /* it has gone */
    }
    read_changing(folder, link);
    if (call->wants_all || has_changed(link, &former)) {
        read_settled(folder, link);
        link->known[NETCLASS_IFACE_ID] = confirm(folder, link);
    }
    close(folder);
}

static void free_call(struct task *task)
{
    free(task);
}

struct netclass_call *netclass_call_new(const char *folder, const char *name)
{
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    struct netclass_call *call = calloc(1, sizeof *call + size);

    if (call == NULL)
        return NULL;
    task_init(&call->task, run, free_call);
    snprintf(call->folder, size, "%s/%s", folder, name);
    return call;
}

const char *netclass_adminstate(const struct netclass_link *link)
{
    if (!link->known[NETCLASS_FLAGS])
        return "unknown";
    return link->numbers[NETCLASS_FLAGS] & IFF_UP ? "up" : "down";
}
