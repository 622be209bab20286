import * as format from '../format.js';
import { count, perSecond, share } from '../measure.js';
import { combine, labelValues, series } from '../quantity.js';
import { busy, load, mode } from './vital.js';

const IDLE = 'node_cpu_seconds_total{mode=~"idle|iowait"}';
const cpuMode = (cpu, name) => series('node_cpu_seconds_total', { cpu, mode: name }, IDLE);

/** @type {import('./types.js').Chart} */
export const cpuTime = {
    id: 'cpu', title: 'CPU time', collector: 'cpu', stack: true,
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
    measure: share,
    heat: {
        members: labelValues('node_cpu_seconds_total', 'cpu'),
        of: (cpu) => combine((idle, iowait) => Math.min(1, Math.max(0, 1 - idle - iowait)),
                             cpuMode(cpu, 'idle'), cpuMode(cpu, 'iowait')),
    },
};

/** @type {import('./types.js').Section} */
export const cpu = {
    id: 'cpu', title: 'CPU', group: 'System',
    badge: { of: busy, text: (ratio) => `${format.percent(ratio)}%` },
    selectors: [IDLE],
    cards: [
        cpuTime,
        {
            id: 'load', title: 'Load', collector: 'loadavg',
            lines: [
                { label: '1 min', colour: 's1', of: load, area: true },
                { label: '5 min', colour: 's2', of: series('node_load5') },
                { label: '15 min', colour: 's3', of: series('node_load15') },
            ],
            measure: count,
        },
        {
            id: 'running', title: 'Processes', collector: 'cpu',
            lines: [
                { label: 'running', colour: 's1', of: series('node_procs_running'), area: true },
                { label: 'blocked', colour: 's3', of: series('node_procs_blocked') },
            ],
            measure: count,
        },
        {
            id: 'switches', title: 'Context switches and interrupts', collector: 'cpu',
            lines: [
                { label: 'switches', colour: 's1', of: series('node_context_switches_total') },
                { label: 'interrupts', colour: 's3', of: series('node_intr_total') },
            ],
            measure: perSecond,
        },
        {
            id: 'forks', title: 'Processes started', collector: 'cpu',
            lines: [{ label: 'started', colour: 's1', of: series('node_forks_total'), area: true }],
            measure: perSecond,
        },
    ],
};
