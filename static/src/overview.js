// The overview as data: what each tile and chart shows, and how. One more is an entry more.

import * as format from './format.js';
import { highest, series, sum, without } from './quantity.js';

/**
 * @typedef {import('./quantity.js').Quantity} Quantity
 *
 * @typedef {{
 *     id: string, title: string, colour: string,
 *     value: Quantity,                          the headline, largest
 *     show: function(number): [string, string], its text and unit
 *     scale: Quantity,                          0..1, on the linear scale with its red line
 *     scaleLabel: string,
 *     spark: Quantity, sparkMax: ?number,       null: the highest value shown
 *     parts: Object<string, Quantity>,
 *     detail: function(Object<string, number>): string,
 * }} Tile
 *
 * @typedef {{label: string, colour: string, of: Quantity, optional?: boolean, dash?: number[]}}
 *     Line optional: left out while it was 0 in all of the range
 *
 * @typedef {{unit: string, max: number, axis: function(number): string,
 *     legend: function(number): string}} Measure max: the top of the axis
 *
 * @typedef {{
 *     id: string, title: string, stack: boolean,
 *     lines: Line[],                            a stack is listed from the bottom
 *     whole: ?Quantity,                         what the axis ends at
 *     measure: function(number): Measure,       by the value of `whole`
 * }} Chart
 */

const mode = (name) => series('tacho_cpu_mode_ratio', { mode: name });
const memory = (name) => series(`node_memory_${name}_bytes`);

const busy = series('tacho_cpu_busy_ratio');
const memoryTotal = memory('MemTotal');
const memoryUsed = series('tacho_memory_used_bytes');
const memoryRatio = series('tacho_memory_used_ratio');
// Shmem is counted in Cached, but the kernel cannot drop it: it is in "used" already.
const memoryCache = without(sum(memory('Cached'), memory('Buffers')), memory('Shmem'));
const loadPerCpu = series('tacho_load_per_cpu');
const diskRead = series('tacho_disk_read_bytes_per_second');
const diskWritten = series('tacho_disk_written_bytes_per_second');

/** The header shows these of the daemon and the machine. */
export const vital = { busy, loopDelay: highest('tacho_loop_delay_seconds') };

/** @type {Tile[]} */
const tiles = [
    {
        id: 'cpu', title: 'CPU', colour: 's1',
        value: busy,
        show: (ratio) => [format.percent(ratio, 1), '%'],
        scale: busy, scaleLabel: 'busy',
        spark: busy, sparkMax: 1,
        parts: { user: mode('user'), system: mode('system'), iowait: mode('iowait') },
        detail: ({ user, system, iowait }) => `user ${format.percent(user)} · ` +
            `system ${format.percent(system)} · iowait ${format.percent(iowait, 1)}`,
    },
    {
        id: 'memory', title: 'Memory', colour: 's1',
        value: memoryRatio,
        show: (ratio) => [format.percent(ratio), '%'],
        scale: memoryRatio, scaleLabel: 'used',
        spark: memoryRatio, sparkMax: 1,
        parts: { used: memoryUsed, total: memoryTotal, cache: memoryCache },
        detail({ used, total, cache }) {
            const unit = format.unitOf(total, 'bytes');
            const inUnit = (bytes) => format.fixed(bytes / unit.size, 1);
            return `${inUnit(used)} of ${inUnit(total)} ${unit.name} · cache ${inUnit(cache)}`;
        },
    },
    {
        id: 'load', title: 'Load', colour: 's1',
        value: series('node_load1'),
        show: (load) => [format.fixed(load, load < 99.95 ? 2 : 0), ''],
        scale: loadPerCpu, scaleLabel: 'load per CPU',
        spark: series('node_load1'), sparkMax: null,
        parts: { each: loadPerCpu, five: series('node_load5'), fifteen: series('node_load15') },
        detail: ({ each, five, fifteen }) => `${format.fixed(each, 2)} per CPU · ` +
            `5 min ${format.fixed(five, 2)} · 15 min ${format.fixed(fifteen, 2)}`,
    },
    {
        id: 'disk', title: 'Disk', colour: 's2',
        value: sum(diskRead, diskWritten),
        show(rate) {
            const unit = format.unitOf(rate, 'B/s');
            return [format.fixed(rate / unit.size, unit.decimals), unit.name];
        },
        scale: highest('tacho_disk_busy_ratio'), scaleLabel: 'busiest disk',
        spark: sum(diskRead, diskWritten), sparkMax: null,
        parts: { read: diskRead, written: diskWritten, busy: highest('tacho_disk_busy_ratio') },
        detail({ read, written, busy }) {
            const unit = format.unitOf(read + written, 'B/s');
            const inUnit = (rate) => format.fixed(rate / unit.size, unit.decimals);
            return `read ${inUnit(read)} · write ${inUnit(written)} · ` +
                `busy ${format.percent(busy)} %`;
        },
    },
];

/** @type {Chart[]} */
const charts = [
    {
        id: 'cpu', title: 'CPU time', stack: true,
        lines: [
            { label: 'user', colour: 's1', of: mode('user') },
            { label: 'nice', colour: 's5', of: mode('nice'), optional: true },
            { label: 'guest', colour: 's6', of: mode('guest'), optional: true },
            { label: 'system', colour: 's2', of: mode('system') },
            { label: 'iowait', colour: 's3', of: mode('iowait') },
            { label: 'irq', colour: 's5', of: mode('irq'), optional: true, dash: [4, 3] },
            { label: 'softirq', colour: 's4', of: mode('softirq') },
            { label: 'steal', colour: 's6', of: mode('steal'), optional: true, dash: [4, 3] },
        ],
        whole: null,
        measure: () => ({
            unit: '%', max: 1,
            axis: (ratio) => `${format.percent(ratio)}%`,
            legend: (ratio) => format.percent(ratio, 1),
        }),
    },
    {
        id: 'memory', title: 'Memory', stack: true,
        lines: [
            { label: 'used', colour: 's1', of: memoryUsed },
            { label: 'cache', colour: 's5', of: memoryCache },
            { label: 'slab', colour: 's3', of: memory('SReclaimable') },
        ],
        whole: memoryTotal,
        measure(total) {
            const unit = format.unitOf(total, 'bytes');
            const max = niceTop(total / unit.size) * unit.size;
            const decimals = Number.isInteger(max / unit.size / 4) ? 0 : 1;
            return {
                unit: unit.name, max,
                axis: (bytes) => format.fixed(bytes / unit.size, bytes ? decimals : 0),
                legend: (bytes) => format.fixed(bytes / unit.size, 1),
            };
        },
    },
];

export const overview = { id: 'overview', title: 'Overview', tiles, charts };

/**
 * The end of an axis with four steps, each a power of two or three quarters of one, at or above
 * a size.
 * @param {number} value
 * @returns {number}
 */
function niceTop(value) {
    if (!(value > 0))
        return 4;
    const step = 2 ** Math.ceil(Math.log2(value / 4));
    return 4 * (step * 0.75 * 4 >= value ? step * 0.75 : step);
}

/**
 * The metrics that a section needs from the stream.
 * @param {typeof overview} section
 * @returns {string[]} sorted, each once
 */
export function namesOf({ tiles, charts }) {
    const quantities = [
        ...Object.values(vital),
        ...tiles.flatMap(({ value, scale, spark, parts }) =>
            [value, scale, spark, ...Object.values(parts)]),
        ...charts.flatMap(({ lines, whole }) =>
            [...lines.map((line) => line.of), ...whole ? [whole] : []]),
    ];
    return [...new Set(quantities.flatMap((quantity) => quantity.names))].sort();
}
