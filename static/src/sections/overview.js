import * as format from '../format.js';
import { bitRate, byteRate } from '../measure.js';
import { series, sum } from '../quantity.js';
import { delays } from './applications/index.js';
import { cpuTime } from './cpu.js';
import { loopDelay } from './daemon.js';
import { diskLatency, diskThroughput } from './disks.js';
import { filesystemUse } from './filesystems.js';
import { memoryUse } from './memory.js';
import { networkTraffic } from './network.js';
import { pressureSome } from './pressure.js';
import * as vital from './vital.js';

const PRESSURES = ['cpu', 'memory', 'io'];

/** A headline in the unit that suits it. */
const inOwnUnit = (measure) => (value) => {
    const { unit, legend } = measure(value);
    return [legend(value), unit];
};

/** Packets dropped a second; on all interfaces, while traffic is that of those with a device. */
function drops(rate) {
    const text = format.fixed(rate, rate > 0 && rate < 9.95 ? 1 : 0);
    return `${text} dropped/s${rate > 0 ? ' on all interfaces' : ''}`;
}

/** @type {import('./types.js').Tile[]} */
const tiles = [
    {
        id: 'cpu', title: 'CPU', collector: 'cpu', colour: 's1',
        value: vital.busy,
        show: (ratio) => [format.percent(ratio, 1), '%'],
        scale: vital.busy, scaleLabel: 'busy', sparkMax: 1,
        parts: { user: vital.mode('user'), system: vital.mode('system'),
                 iowait: vital.mode('iowait') },
        detail: ({ user, system, iowait }) => `user ${format.percent(user)} · ` +
            `system ${format.percent(system)} · iowait ${format.percent(iowait, 1)}`,
    },
    {
        id: 'memory', title: 'Memory', collector: 'memory', colour: 's1',
        value: vital.memoryRatio,
        show: (ratio) => [format.percent(ratio), '%'],
        scale: vital.memoryRatio, scaleLabel: 'used', sparkMax: 1,
        parts: { used: vital.memoryUsed, total: vital.memoryTotal, cache: vital.memoryCache },
        detail({ used, total, cache }) {
            const unit = format.unitOf(total, 'bytes');
            const inUnit = (size) => format.fixed(size / unit.size, 1);
            return `${inUnit(used)} of ${inUnit(total)} ${unit.name} · cache ${inUnit(cache)}`;
        },
    },
    {
        id: 'load', title: 'Load', collector: 'loadavg', colour: 's1',
        value: vital.load,
        show: (load) => [format.fixed(load, load < 99.95 ? 2 : 0), ''],
        scale: vital.loadPerCpu, scaleLabel: 'load per CPU', sparkMax: null,
        parts: { each: vital.loadPerCpu, running: series('node_procs_running') },
        detail: ({ each, running }) =>
            `${format.fixed(each, 2)} per CPU · ${format.fixed(running, 0)} running`,
    },
    {
        id: 'disk', title: 'Disk', collector: 'disk', colour: 's2',
        value: sum(vital.diskRead, vital.diskWritten),
        show: inOwnUnit(byteRate),
        scale: vital.diskBusy, scaleLabel: 'busiest disk', sparkMax: null,
        parts: { read: vital.diskRead, written: vital.diskWritten, busy: vital.diskBusy },
        detail({ read, written, busy }) {
            const { legend } = byteRate(read + written);
            return `read ${legend(read)} · write ${legend(written)} · ` +
                `busy ${format.percent(busy)} %`;
        },
    },
    {
        id: 'network', title: 'Network', collector: 'netdev', colour: 's2',
        value: sum(vital.received, vital.sent),
        show: inOwnUnit(bitRate),
        scale: vital.linkRatio, scaleLabel: 'of the links', sparkMax: null,
        parts: { received: vital.received, sent: vital.sent, dropped: vital.dropped },
        detail({ received, sent, dropped }) {
            const { legend } = bitRate(received + sent);
            return `in ${legend(received)} · out ${legend(sent)} · ${drops(dropped)}`;
        },
    },
    {
        id: 'pressure', title: 'Pressure', collector: 'pressure', colour: 's3',
        value: vital.highestPressure,
        show(ratio, parts) {
            const resource = PRESSURES.find((name) => parts[name] === ratio) ?? '';
            return [format.percent(ratio, 1), `% ${resource}`];
        },
        scale: vital.highestPressure, scaleLabel: 'of the time some task waits', sparkMax: null,
        parts: Object.fromEntries(PRESSURES.map((name) => [name, vital.pressure(name)])),
        detail: (parts) => PRESSURES.map((name) =>
            `${name} ${format.percent(parts[name], 1)}`).join(' · '),
    },
];

/** @type {import('./types.js').Section} */
export const overview = {
    id: 'overview', title: 'Overview', group: null,
    tiles,
    cards: [cpuTime, memoryUse, pressureSome, loopDelay, diskThroughput, diskLatency,
        networkTraffic, filesystemUse],
    each: delays,
    processes: { most: 8, brief: true },
};
