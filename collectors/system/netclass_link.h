/*
 * The attributes of one interface. Some take the lock of the network's configuration, some ask the
 * driver: all are read by a task, in one go.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_NETCLASS_LINK_H
#define TACHO_COLLECTORS_SYSTEM_NETCLASS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/task.h"

enum netclass_number {
    NETCLASS_ADDRESS_ASSIGN_TYPE,
    NETCLASS_CARRIER,
    NETCLASS_CARRIER_CHANGES,
    NETCLASS_CARRIER_UP_CHANGES,
    NETCLASS_CARRIER_DOWN_CHANGES,
    NETCLASS_DEVICE_ID,
    NETCLASS_DORMANT,
    NETCLASS_FLAGS,
    NETCLASS_IFACE_LINK,
    NETCLASS_IFACE_LINK_MODE,
    NETCLASS_MTU,
    NETCLASS_NAME_ASSIGN_TYPE,
    NETCLASS_NET_DEV_GROUP,
    NETCLASS_PROTOCOL_TYPE,
    NETCLASS_RECEIVE_NOHANDLER,
    NETCLASS_SPEED, /* in Mbit/s */
    NETCLASS_TRANSMIT_QUEUE_LENGTH,
    NETCLASS_IFACE_ID, /* another for each interface since boot */
    NETCLASS_NUMBERS,
};

/* Without the newline and blanks around them; "" for what is not known. Zero behind the NULs. */
struct netclass_texts {
    char address[96]; /* of 32 bytes at most, MAX_ADDR_LEN */
    char broadcast[96];
    char duplex[16];
    char operstate[24];
    char ifalias[256];
};

struct netclass_link {
    struct netclass_texts texts;
    int64_t numbers[NETCLASS_NUMBERS];
    bool known[NETCLASS_NUMBERS]; /* the others gave an error, as most do while it is down */
};

/*
 * What is known when the task is done. What only changes when somebody sets the interface up anew
 * is read when that shows, in its number, its state, its flags or its carrier, or when the caller
 * wants all; until then the link keeps it. Counted memory of a task: it goes by task_abandon().
 */
struct netclass_call {
    struct task task; /* the first member */
    struct netclass_link link;
    bool wants_all; /* the caller's; the first time all is read anyway */
    char folder[];
};

/* For the interface with this folder in sysfs. NULL without memory. */
struct netclass_call *netclass_call_new(const char *folder, const char *name);

/* Whether the interface was there to the end; if not, the rest of what is known is by halves. */
static inline bool netclass_is_present(const struct netclass_link *link)
{
    return link->known[NETCLASS_IFACE_ID];
}

/* What the administrator wants it to be: "up", "down", or "unknown". */
const char *netclass_adminstate(const struct netclass_link *link);

#endif
