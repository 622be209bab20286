// The quantities that more than one part of the page shows.

import { combine, highest, highestMember, highestOf, labelValues, series, sum, total, without } from '../quantity.js';

const SPEED = 'node_network_speed_bytes';

export const mode = (name) => series('tacho_cpu_mode_ratio', { mode: name });
export const memory = (name) => series(`node_memory_${name}_bytes`);
export const pressure = (resource) => series('tacho_pressure_ratio', { resource });

export const busy = series('tacho_cpu_busy_ratio');
export const load = series('node_load1');
export const loadPerCpu = series('tacho_load_per_cpu');

export const memoryTotal = memory('MemTotal');
export const memoryUsed = series('tacho_memory_used_bytes');
export const memoryRatio = series('tacho_memory_used_ratio');
// Shmem is counted in Cached, but the kernel cannot drop it: it is in "used" already.
export const memoryCache = without(sum(memory('Cached'), memory('Buffers')), memory('Shmem'));

export const diskRead = series('tacho_disk_read_bytes_per_second');
export const diskWritten = series('tacho_disk_written_bytes_per_second');
export const diskBusy = highest('tacho_disk_busy_ratio');

export const received = series('tacho_network_receive_bytes_per_second');
export const sent = series('tacho_network_transmit_bytes_per_second');
export const dropped = sum(total('node_network_receive_drop_total'),
                           total('node_network_transmit_drop_total'));
/** The fuller direction of the fullest link, of those whose speed is known, as a part of that. */
export const linkRatio = highestMember({
    members: labelValues(SPEED, 'device'),
    of: (device) => combine((down, up, speed) => speed > 0 ? Math.max(down, up) / speed : NaN,
                            series('node_network_receive_bytes_total', { device }),
                            series('node_network_transmit_bytes_total', { device }),
                            series(SPEED, { device })),
}, [SPEED]);

export const ioPressure = pressure('io');
export const highestPressure = highest('tacho_pressure_ratio');

export const filesystemRatio = highest('tacho_filesystem_used_ratio');
export const loopDelay = highest('tacho_loop_delay_seconds');

/** How hard the machine works: the needle, and with memory the tick strip. */
export const strain = highestOf(busy, ioPressure);
export const tension = highestOf(busy, memoryRatio, ioPressure);
