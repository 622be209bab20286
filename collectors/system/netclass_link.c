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

static const char *const number_attributes[NETCLASS_NUMBERS] = {
    [NETCLASS_ADDRESS_ASSIGN_TYPE] = "addr_assign_type",
    [NETCLASS_CARRIER] = "carrier",
    [NETCLASS_CARRIER_CHANGES] = "carrier_changes",
    [NETCLASS_CARRIER_UP_CHANGES] = "carrier_up_count",
    [NETCLASS_CARRIER_DOWN_CHANGES] = "carrier_down_count",
    [NETCLASS_DEVICE_ID] = "dev_id",
    [NETCLASS_DORMANT] = "dormant",
    [NETCLASS_FLAGS] = "flags",
    [NETCLASS_IFACE_LINK] = "iflink",
    [NETCLASS_IFACE_LINK_MODE] = "link_mode",
    [NETCLASS_MTU] = "mtu",
    [NETCLASS_NAME_ASSIGN_TYPE] = "name_assign_type",
    [NETCLASS_NET_DEV_GROUP] = "netdev_group",
    [NETCLASS_PROTOCOL_TYPE] = "type",
    [NETCLASS_RECEIVE_NOHANDLER] = "statistics/rx_nohandler",
    [NETCLASS_SPEED] = "speed",
    [NETCLASS_TRANSMIT_QUEUE_LENGTH] = "tx_queue_len",
    [NETCLASS_IFACE_ID] = "ifindex",
};

/* Leaves *out empty for what cannot be read or is longer than it can be. */
static void read_text(int folder, const char *attribute, char *out, size_t size)
{
    char buffer[ATTRIBUTE_BYTES];
    struct span text;

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

static void run(struct task *task)
{
    struct netclass_call *call = (struct netclass_call *)(void *)task;
    struct netclass_link *link = &call->link;
    struct netclass_texts *texts = &link->texts;
    int folder = open(call->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

    memset(link, 0, sizeof *link);
    if (folder < 0)
        return; /* it has gone */
    read_text(folder, "address", texts->address, sizeof texts->address);
    read_text(folder, "broadcast", texts->broadcast, sizeof texts->broadcast);
    read_text(folder, "duplex", texts->duplex, sizeof texts->duplex);
    read_text(folder, "operstate", texts->operstate, sizeof texts->operstate);
    read_text(folder, "ifalias", texts->ifalias, sizeof texts->ifalias);
    for (unsigned number = 0; number < NETCLASS_NUMBERS; number++)
        link->known[number] =
            sysfs_read_number(folder, number_attributes[number], &link->numbers[number]) == 0;
    /* SPEED_UNKNOWN is -1. */
    if (link->numbers[NETCLASS_SPEED] < 0)
        link->known[NETCLASS_SPEED] = false;
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
