import { byteRate, count, perSecond, seconds, share } from '../measure.js';
import { combine, highest, labelValues, number, series } from '../quantity.js';
import { remembered } from '../remembered.js';
import { has, linesOf, READ, WRITE } from './types.js';
import { diskRead, diskWritten } from './vital.js';

const devices = labelValues('node_disk_io_now', 'device');
const MISSING = 'node_md_degraded';
const busyDevices = labelValues('tacho_disk_busy_ratio', 'device');

/** @type {import('./types.js').Chart} */
export const diskThroughput = {
    id: 'disk-throughput', title: 'Disk throughput', collector: 'disk',
    lines: [
        { label: 'write', ...WRITE, dash: undefined, of: diskWritten, area: true },
        { label: 'read', ...READ, of: diskRead, area: true },
    ],
    measure: byteRate,
};

/** @type {import('./types.js').Chart} */
export const diskLatency = {
    id: 'disk-latency', title: 'Disk latency, slowest', collector: 'disk',
    lines: [
        { label: 'write', ...WRITE, of: highest('tacho_disk_await_seconds', { op: 'write' }) },
        { label: 'read', ...READ, of: highest('tacho_disk_await_seconds', { op: 'read' }) },
    ],
    measure: seconds,
};

function cardsOf(device) {
    const of = (name) => series(`node_disk_${name}`, { device });
    const wait = (op) => series('tacho_disk_await_seconds', { device, op });
    const id = (what) => `disk-${what}-${device}`;
    return [
        {
            id: id('throughput'), title: `Throughput · ${device}`, collector: 'disk',
            lines: [
                { label: 'write', ...WRITE, of: of('written_bytes_total'), area: true },
                { label: 'read', ...READ, of: of('read_bytes_total'), area: true },
            ],
            measure: byteRate,
        },
        {
            id: id('requests'), title: `Requests · ${device}`, collector: 'disk',
            lines: [
                { label: 'write', ...WRITE, of: of('writes_completed_total') },
                { label: 'read', ...READ, of: of('reads_completed_total') },
            ],
            measure: perSecond,
        },
        {
            id: id('latency'), title: `Latency · ${device}`, collector: 'disk',
            lines: [
                { label: 'write', ...WRITE, of: wait('write') },
                { label: 'read', ...READ, of: wait('read') },
            ],
            measure: seconds,
        },
        {
            id: id('queue'), title: `Queue · ${device}`, collector: 'disk',
            lines: [
                { label: 'in flight', colour: 's1', of: of('io_now') },
                { label: 'mean', colour: 's3', of: of('io_time_weighted_seconds_total') },
            ],
            measure: count,
        },
    ];
}

/** @type {import('./types.js').Section} */
export const disks = {
    id: 'disks', title: 'Disks', group: 'System',
    badge: { of: number(devices), text: String },
    selectors: [MISSING, ...['io_now', 'read_bytes_total', 'written_bytes_total', 'reads_completed_total',
        'writes_completed_total', 'io_time_weighted_seconds_total']
        .map((name) => `node_disk_${name}`)],
    cards: [
        diskThroughput,
        {
            id: 'disk-busy', title: 'Busy', collector: 'disk',
            ...linesOf({
                members: busyDevices,
                of: (device) => combine((ratio) => Math.min(1, ratio),
                                        series('tacho_disk_busy_ratio', { device })),
            }),
            measure: share,
        },
        {
            id: 'raid', title: 'RAID, disks that are missing', collector: 'mdadm',
            when: has(MISSING),
            ...linesOf({ members: labelValues(MISSING, 'device'),
                         of: (device) => series(MISSING, { device }) }),
            measure: count,
        },
    ],
    each: { what: 'disks', members: devices, cards: remembered(cardsOf) },
};
