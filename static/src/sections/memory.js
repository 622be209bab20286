import * as format from '../format.js';
import { bytes, perSecond } from '../measure.js';
import { series, without } from '../quantity.js';
import { memory as field, memoryCache, memoryRatio, memoryTotal, memoryUsed } from './vital.js';

const perSecondOf = (name) => series(`node_vmstat_${name}`);

/** @type {import('./types.js').Chart} */
export const memoryUse = {
    id: 'memory', title: 'Memory', collector: 'memory', stack: true,
    lines: [
        { label: 'used', colour: 's1', of: memoryUsed },
        { label: 'cache', colour: 's5', of: memoryCache },
        { label: 'slab', colour: 's3', of: field('SReclaimable') },
    ],
    whole: memoryTotal,
    measure: bytes,
};

/** @type {import('./types.js').Section} */
export const memory = {
    id: 'memory', title: 'Memory', group: 'System',
    badge: { of: memoryRatio, text: (ratio) => `${format.percent(ratio)}%` },
    limits: [0.9, 0.97],
    cards: [
        memoryUse,
        {
            id: 'swap', title: 'Swap', collector: 'memory',
            lines: [{ label: 'used', colour: 's1', area: true,
                      of: without(field('SwapTotal'), field('SwapFree')) }],
            whole: field('SwapTotal'),
            measure: bytes,
        },
        {
            id: 'kinds', title: 'What holds memory', collector: 'memory',
            lines: [
                { label: 'programs', colour: 's1', of: field('AnonPages') },
                { label: 'mapped files', colour: 's2', of: field('Mapped') },
                { label: 'shared', colour: 's3', of: field('Shmem') },
                { label: 'kernel slab', colour: 's4', of: field('Slab') },
                { label: 'page tables', colour: 's6', of: field('PageTables') },
                { label: 'huge pages', colour: 's5', of: field('Hugetlb') },
            ],
            measure: bytes,
        },
        {
            id: 'writeback', title: 'Waiting to be written', collector: 'memory',
            lines: [
                { label: 'dirty', colour: 's2', of: field('Dirty'), area: true },
                { label: 'being written', colour: 's3', of: field('Writeback') },
            ],
            measure: bytes,
        },
        {
            id: 'committed', title: 'Promised memory', collector: 'memory',
            lines: [
                { label: 'promised', colour: 's1', of: field('Committed_AS'), area: true },
                { label: 'limit', colour: 's5', of: field('CommitLimit'), dash: [4, 3] },
            ],
            measure: bytes,
        },
        {
            id: 'faults', title: 'Page faults that read from disk', collector: 'vmstat',
            lines: [{ label: 'faults', colour: 's1', of: perSecondOf('pgmajfault'), area: true }],
            measure: perSecond,
        },
        {
            id: 'swapping', title: 'Pages swapped', collector: 'vmstat',
            lines: [
                { label: 'in', colour: 's1', of: perSecondOf('pswpin') },
                { label: 'out', colour: 's2', of: perSecondOf('pswpout'), dash: [6, 3] },
            ],
            measure: perSecond,
        },
    ],
};
