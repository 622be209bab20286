#include "daemon/formula.h"

#include "daemon/formula_compute.h"

const struct input_key formula_inputs[INPUT_COUNT] = {
    [CPU_USER] = {"node_cpu_seconds_total", "user"},
    [CPU_NICE] = {"node_cpu_seconds_total", "nice"},
    [CPU_SYSTEM] = {"node_cpu_seconds_total", "system"},
    [CPU_IDLE] = {"node_cpu_seconds_total", "idle"},
    [CPU_IOWAIT] = {"node_cpu_seconds_total", "iowait"},
    [CPU_IRQ] = {"node_cpu_seconds_total", "irq"},
    [CPU_SOFTIRQ] = {"node_cpu_seconds_total", "softirq"},
    [CPU_STEAL] = {"node_cpu_seconds_total", "steal"},
    [GUEST_USER] = {"node_cpu_guest_seconds_total", "user"},
    [GUEST_NICE] = {"node_cpu_guest_seconds_total", "nice"},
    [MEM_TOTAL] = {"node_memory_MemTotal_bytes", NULL},
    [MEM_FREE] = {"node_memory_MemFree_bytes", NULL},
    [MEM_AVAILABLE] = {"node_memory_MemAvailable_bytes", NULL},
    [MEM_BUFFERS] = {"node_memory_Buffers_bytes", NULL},
    [MEM_CACHED] = {"node_memory_Cached_bytes", NULL},
    [MEM_SHMEM] = {"node_memory_Shmem_bytes", NULL},
    [MEM_RECLAIMABLE] = {"node_memory_SReclaimable_bytes", NULL},
    [SWAP_TOTAL] = {"node_memory_SwapTotal_bytes", NULL},
    [SWAP_FREE] = {"node_memory_SwapFree_bytes", NULL},
    [ARC_SIZE] = {"node_zfs_arc_size", NULL},
    [ARC_MIN] = {"node_zfs_arc_c_min", NULL},
    [LOAD1] = {"node_load1", NULL},
    [DISK_READ_BYTES] = {"node_disk_read_bytes_total", NULL},
    [DISK_WRITTEN_BYTES] = {"node_disk_written_bytes_total", NULL},
    [DISK_IO_TIME] = {"node_disk_io_time_seconds_total", NULL},
    [DISK_READ_TIME] = {"node_disk_read_time_seconds_total", NULL},
    [DISK_READS] = {"node_disk_reads_completed_total", NULL},
    [DISK_WRITE_TIME] = {"node_disk_write_time_seconds_total", NULL},
    [DISK_WRITES] = {"node_disk_writes_completed_total", NULL},
    [NET_RECEIVE_BYTES] = {"node_network_receive_bytes_total", NULL},
    [NET_TRANSMIT_BYTES] = {"node_network_transmit_bytes_total", NULL},
    [FS_SIZE] = {"node_filesystem_size_bytes", NULL},
    [FS_FREE] = {"node_filesystem_free_bytes", NULL},
    [FS_AVAILABLE] = {"node_filesystem_avail_bytes", NULL},
    [FS_INODES] = {"node_filesystem_files", NULL},
    [FS_INODES_FREE] = {"node_filesystem_files_free", NULL},
    [CPU_WAITING] = {"node_pressure_cpu_waiting_seconds_total", NULL},
    [IO_WAITING] = {"node_pressure_io_waiting_seconds_total", NULL},
    [MEMORY_WAITING] = {"node_pressure_memory_waiting_seconds_total", NULL},
};

const char *const formula_cpu_modes[FORMULA_CPU_MODES] = {
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"};

#define DERIVED(name_, unit_, help_)                                                               \
    .metric = {.name = (name_), .unit = (unit_), .help = (help_), .kind = METRIC_GAUGE}

/* Read and write differ in their inputs alone. */
#define DISK_AWAIT(op_, time_, requests_)                                                          \
    {                                                                                              \
        DERIVED("tacho_disk_await_seconds", "seconds",                                             \
                "Seconds per completed request, waiting included: rate of the time / rate of the " \
                "requests; none without requests."),                                               \
            .compute = formula_disk_await, .per = PER_SERIES, .first = (requests_),                \
            .arguments = {(time_), (requests_), INPUT_COUNT}, .label = {                           \
                "op",                                                                              \
                (op_)                                                                              \
            }                                                                                      \
    }

#define PRESSURE(resource_, waiting_)                                                              \
    {                                                                                              \
        DERIVED("tacho_pressure_ratio", "ratio",                                                   \
                "Share of time in which at least one task waited for this resource: rate of "      \
                "node_pressure_*_waiting_seconds_total, at most 1."),                              \
            .compute = formula_pressure, .per = PER_SERIES, .first = (waiting_),                   \
            .arguments = {(waiting_), INPUT_COUNT, INPUT_COUNT}, .label = {                        \
                "resource",                                                                        \
                (resource_)                                                                        \
            }                                                                                      \
    }

const struct formula formulas[] = {
    {DERIVED("tacho_cpu_busy_ratio", "ratio", "1 - idle - iowait, as shares of all CPUs' time."),
     .compute = formula_cpu_busy, .per = PER_MACHINE, .first = CPU_IDLE},
    {DERIVED("tacho_cpu_mode_ratio", "ratio",
             "Share of all CPUs' time in this mode; guest is taken out of user and nice; sums to "
             "1."),
     .compute = formula_cpu_mode, .per = PER_CPU_MODE, .first = CPU_IDLE},
    {DERIVED("tacho_memory_used_bytes", "bytes",
             "MemTotal - MemAvailable - max(0, ZFS ARC size - c_min); before Linux 3.14 "
             "MemAvailable is estimated as MemFree + Buffers + Cached - Shmem + SReclaimable."),
     .compute = formula_memory_used, .per = PER_MACHINE, .first = MEM_TOTAL},
    {DERIVED("tacho_memory_used_ratio", "ratio", "tacho_memory_used_bytes / MemTotal."),
     .compute = formula_memory_used_ratio, .per = PER_MACHINE, .first = MEM_TOTAL},
    {DERIVED("tacho_memory_available_estimated", "",
             "1 where the kernel tells no MemAvailable (before Linux 3.14), so that "
             "tacho_memory_used_bytes rests on an estimate; else 0."),
     .compute = formula_memory_is_estimated, .per = PER_MACHINE, .first = MEM_TOTAL},
    {DERIVED("tacho_swap_used_ratio", "ratio",
             "(SwapTotal - SwapFree) / SwapTotal; none without swap."),
     .compute = formula_swap_used_ratio, .per = PER_MACHINE, .first = SWAP_TOTAL},
    {DERIVED("tacho_load_per_cpu", "", "node_load1 / CPUs online."),
     .compute = formula_load_per_cpu, .per = PER_MACHINE, .first = LOAD1},
    {DERIVED("tacho_disk_read_bytes_per_second", "bytes_per_second",
             "Rate of node_disk_read_bytes_total, summed over whole physical disks."),
     .compute = formula_disk_read, .per = PER_MACHINE, .first = DISK_READ_BYTES},
    {DERIVED("tacho_disk_written_bytes_per_second", "bytes_per_second",
             "Rate of node_disk_written_bytes_total, summed over whole physical disks."),
     .compute = formula_disk_written, .per = PER_MACHINE, .first = DISK_WRITTEN_BYTES},
    {DERIVED("tacho_disk_busy_ratio", "ratio",
             "Rate of node_disk_io_time_seconds_total, at most 1: share of time with a request in "
             "flight."),
     .compute = formula_disk_busy, .per = PER_SERIES, .first = DISK_IO_TIME,
     .arguments = {DISK_IO_TIME, INPUT_COUNT, INPUT_COUNT}},
    DISK_AWAIT("read", DISK_READ_TIME, DISK_READS),
    DISK_AWAIT("write", DISK_WRITE_TIME, DISK_WRITES),
    {DERIVED("tacho_network_receive_bytes_per_second", "bytes_per_second",
             "Rate of node_network_receive_bytes_total, summed over interfaces with a device."),
     .compute = formula_network_receive, .per = PER_MACHINE, .first = NET_RECEIVE_BYTES},
    {DERIVED("tacho_network_transmit_bytes_per_second", "bytes_per_second",
             "Rate of node_network_transmit_bytes_total, summed over interfaces with a device."),
     .compute = formula_network_transmit, .per = PER_MACHINE, .first = NET_TRANSMIT_BYTES},
    {DERIVED("tacho_filesystem_used_ratio", "ratio",
             "used / (used + avail), where used = size - free; one mount for each device."),
     .compute = formula_filesystem_used, .per = PER_SERIES, .first = FS_SIZE,
     .arguments = {FS_SIZE, FS_FREE, FS_AVAILABLE}, .flags = SERIES_IN_TOTAL},
    {DERIVED("tacho_filesystem_inodes_used_ratio", "ratio",
             "(files - files_free) / files; none where the file system counts no inodes; one mount "
             "for each device."),
     .compute = formula_filesystem_inodes_used, .per = PER_SERIES, .first = FS_INODES,
     .arguments = {FS_INODES, FS_INODES_FREE, INPUT_COUNT}, .flags = SERIES_IN_TOTAL},
    PRESSURE("cpu", CPU_WAITING),
    PRESSURE("io", IO_WAITING),
    PRESSURE("memory", MEMORY_WAITING),
};

const size_t formula_count = sizeof formulas / sizeof *formulas;
