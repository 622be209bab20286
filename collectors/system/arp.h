/* How many neighbours each interface knows the address of: net/arp, which lists them all. */
#ifndef TACHO_COLLECTORS_SYSTEM_ARP_H
#define TACHO_COLLECTORS_SYSTEM_ARP_H

#include "collectors/collector.h"
#include "collectors/parse.h"

extern const struct collector arp_collector;

/*
 * The interface of a neighbour's line, a name that roster_accepts(). 0, or -EBADMSG with *device
 * untouched.
 */
__attribute__((warn_unused_result)) int arp_parse_line(struct scanner line, struct span *device);

#endif
