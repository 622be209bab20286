/*
 * What the network protocols count: /proc/net/netstat, /proc/net/snmp and, where there is IPv6,
 * /proc/net/snmp6. Documentation/networking/snmp_counter.rst explains the counters.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_NETSTAT_H
#define TACHO_COLLECTORS_SYSTEM_NETSTAT_H

#include "collectors/collector.h"
#include "collectors/statistics.h"

/* Of netstat's and snmp's groups, and of snmp6's lines, what node_exporter shows. */
extern const struct statistics_form netstat_form;
extern const struct statistics_form netstat_form6;

extern const struct collector netstat_collector;

#endif
