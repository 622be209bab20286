// tachod itself: what makes a back end good is seen on its own loop first.

import * as format from '../format.js';
import { bytes, count, cpuShare, seconds, smallShare } from '../measure.js';
import { labelValues, series } from '../quantity.js';
import { delays } from './applications/index.js';
import { droppedChart, DROPPED } from './applications/dropped.js';
import { delayChart } from './delay.js';
import { has, linesOf } from './types.js';
import { loopDelay as delay } from './vital.js';

const PHASES = 'tacho_loop_seconds_total';
const own = (name) => series(`tacho_${name}`);
const process = (name) => series(`process_${name}`);
const phase = (loop, name) => series(PHASES, { loop, phase: name });

const phases = (loop, title) => ({
    id: `phases-${loop}`, title, collector: '', stack: true,
    lines: [
        { label: 'sample', colour: 's1', of: phase(loop, 'sample'), optional: true },
        { label: 'store', colour: 's6', of: phase(loop, 'store'), optional: true },
        { label: 'encode', colour: 's3', of: phase(loop, 'encode'), optional: true },
        { label: 'serve', colour: 's2', of: phase(loop, 'serve') },
    ],
    measure: smallShare,
});

/** @type {import('./types.js').Chart} */
export const loopDelay = delayChart('loop-delay', 'tacho', linesOf({
    members: labelValues('tacho_loop_delay_seconds', 'loop'),
    of: (loop) => series('tacho_loop_delay_seconds', { loop }),
}));

/** @type {import('./types.js').Section} */
export const daemon = {
    id: 'loop', title: 'Event loop', group: 'tacho',
    badge: { of: delay, text: format.delay },
    selectors: ['tacho_loop_delay_seconds', PHASES, DROPPED],
    cards: [loopDelay],
    // Those of applications beside its own.
    each: delays,
    after: [
        {
            id: 'ticks', title: 'The tick', collector: '',
            lines: [
                { label: 'late by', colour: 's3', of: own('tick_lateness_seconds') },
                { label: 'took', colour: 's1', of: own('tick_duration_seconds') },
            ],
            measure: seconds,
        },
        phases('main', 'Main loop, part of the time'),
        phases('http', 'HTTP loop, part of the time'),
        { ...phases('ingest', 'Ingest loop, part of the time'),
          when: has(PHASES, { loop: 'ingest' }) },
        {
            id: 'workers', title: 'Workers', collector: '',
            lines: [
                { label: 'threads', colour: 's5', of: own('worker_threads') },
                { label: 'waiting', colour: 's3', of: own('worker_tasks_waiting') },
                { label: 'stuck', colour: 's4', of: own('worker_tasks_stuck') },
            ],
            measure: count,
        },
        {
            id: 'subscribers', title: 'Open streams', collector: '',
            lines: [{ label: 'streams', colour: 's1', of: own('stream_subscribers'), area: true }],
            measure: count,
        },
        {
            id: 'daemon-cpu', title: 'CPU of tachod, part of one', collector: 'process',
            lines: [{ label: 'cpu', colour: 's1', of: process('cpu_seconds_total'), area: true }],
            measure: cpuShare,
        },
        {
            id: 'daemon-memory', title: 'Memory of tachod', collector: 'process',
            lines: [{ label: 'resident', colour: 's1', of: process('resident_memory_bytes'),
                      area: true }],
            measure: bytes,
        },
        droppedChart,
    ],
};
