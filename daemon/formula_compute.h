/* What computes the derived series of formula.c's table, which says what each one is. */
#ifndef TACHO_DAEMON_FORMULA_COMPUTE_H
#define TACHO_DAEMON_FORMULA_COMPUTE_H

#include "daemon/formula.h"

formula_fn formula_cpu_busy;
formula_fn formula_cpu_mode;
formula_fn formula_memory_is_estimated;
formula_fn formula_memory_used;
formula_fn formula_memory_used_ratio;
formula_fn formula_swap_used_ratio;
formula_fn formula_load_per_cpu;
formula_fn formula_disk_read;
formula_fn formula_disk_written;
formula_fn formula_disk_busy;
formula_fn formula_disk_await;
formula_fn formula_network_receive;
formula_fn formula_network_transmit;
formula_fn formula_filesystem_used;
formula_fn formula_filesystem_inodes_used;
formula_fn formula_pressure;

#endif
