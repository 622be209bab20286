#include "collectors/registry.h"

#include <stdlib.h>

#include "collectors/system/arp.h"
#include "collectors/system/bonding.h"
#include "collectors/system/clocksource.h"
#include "collectors/system/conntrack.h"
#include "collectors/system/cpu.h"
#include "collectors/system/cpu_info.h"
#include "collectors/system/cpu_isolated.h"
#include "collectors/system/cpu_throttle.h"
#include "collectors/system/cpu_vulnerabilities.h"
#include "collectors/system/cpufreq.h"
#include "collectors/system/disk.h"
#include "collectors/system/disk_info.h"
#include "collectors/system/dmi.h"
#include "collectors/system/edac.h"
#include "collectors/system/entropy.h"
#include "collectors/system/filefd.h"
#include "collectors/system/filesystem.h"
#include "collectors/system/hugepages.h"
#include "collectors/system/hwmon.h"
#include "collectors/system/interrupts.h"
#include "collectors/system/loadavg.h"
#include "collectors/system/mdadm.h"
#include "collectors/system/memory.h"
#include "collectors/system/memory_numa.h"
#include "collectors/system/netclass.h"
#include "collectors/system/netdev.h"
#include "collectors/system/netstat.h"
#include "collectors/system/nvme.h"
#include "collectors/system/os_release.h"
#include "collectors/system/power_supply.h"
#include "collectors/system/pressure.h"
#include "collectors/system/process.h"
#include "collectors/system/processes.h"
#include "collectors/system/rapl.h"
#include "collectors/system/schedstat.h"
#include "collectors/system/selinux.h"
#include "collectors/system/sockstat.h"
#include "collectors/system/softirqs.h"
#include "collectors/system/softnet.h"
#include "collectors/system/textfile.h"
#include "collectors/system/thermal_zone.h"
#include "collectors/system/time.h"
#include "collectors/system/timex.h"
#include "collectors/system/udp_queues.h"
#include "collectors/system/uname.h"
#include "collectors/system/vmstat.h"
#include "collectors/system/watchdog.h"
#include "collectors/system/zfs.h"
#include "collectors/system/zram.h"

/* One a line, so that two that are added at the same time merge. */
/* clang-format off */
const struct collector *const collector_registry[] = {
    &arp_collector,
    &bonding_collector,
    &clocksource_collector,
    &conntrack_collector,
    &cpu_collector,
    &cpu_info_collector,
    &cpu_isolated_collector,
    &cpu_throttle_collector,
    &cpu_vulnerabilities_collector,
    &cpufreq_collector,
    &disk_collector,
    &disk_info_collector,
    &dmi_collector,
    &edac_collector,
    &entropy_collector,
    &filefd_collector,
    &filesystem_collector,
    &hugepages_collector,
    &hwmon_collector,
    &interrupts_collector,
    &loadavg_collector,
    &mdadm_collector,
    &memory_collector,
    &memory_numa_collector,
    &netclass_collector,
    &netdev_collector,
    &netstat_collector,
    &nvme_collector,
    &os_release_collector,
    &power_supply_collector,
    &pressure_collector,
    &process_collector,
    &processes_collector,
    &rapl_collector,
    &schedstat_collector,
    &selinux_collector,
    &sockstat_collector,
    &softirqs_collector,
    &softnet_collector,
    &textfile_collector,
    &thermal_zone_collector,
    &time_collector,
    &timex_collector,
    &udp_queues_collector,
    &uname_collector,
    &vmstat_collector,
    &watchdog_collector,
    &zfs_collector,
    &zram_collector,
};
/* clang-format on */

const size_t collector_registry_count = sizeof collector_registry / sizeof collector_registry[0];
_Static_assert(sizeof collector_registry / sizeof collector_registry[0] <= COLLECTOR_REGISTRY_MAX,
               "what keeps something for each collector has room");

static int compare_names(const void *name, const void *entry)
{
    const struct collector *const *collector = entry;

    return strcmp(name, (*collector)->name);
}

const struct collector *registry_find(const char *name)
{
    const struct collector *const *found =
        bsearch(name, collector_registry, collector_registry_count, sizeof collector_registry[0],
                compare_names);

    return found != NULL ? *found : NULL;
}
