/* Paging, swapping, page faults and OOM kills: /proc/vmstat, proc_vmstat(5). */
#ifndef TACHO_COLLECTORS_SYSTEM_VMSTAT_H
#define TACHO_COLLECTORS_SYSTEM_VMSTAT_H

#include "collectors/collector.h"
#include "collectors/statistics.h"

/* Of its fields those that node_exporter shows: ^(oom_kill|pgpg|pswp|pg.*fault).* */
extern const struct statistics_form vmstat_form;

extern const struct collector vmstat_collector;

#endif
