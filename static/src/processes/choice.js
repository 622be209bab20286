// What of the processes is looked at: their order, which of them, the one that is followed.

import { signal } from '@preact/signals';

/** 'cpu', 'memory' or 'io'. */
export const sort = signal('cpu');

/** 'list', 'tree' or 'command'. */
export const mode = signal('list');

/** Words that a process must have. */
export const filter = signal('');

/**
 * @typedef {{pid: number, start_time_ms: number, last: import('./order.js').Process,
 *     parents: import('./order.js').Process[], asked: Set<number>, there: boolean,
 *     ended_ms: ?number, cpu: [number, ?number][]}} Followed last: as it was seen last; asked:
 *     which parents; there: at the moment that is looked at; ended_ms: when it was missed first;
 *     cpu: time and cores since it is followed
 */

/** @type {import('@preact/signals').Signal<?Followed>} */
export const followed = signal(null);

/** @param {import('./order.js').Process} row */
export function follow(row) {
    const { pid, start_time_ms } = row;
    followed.value = { pid, start_time_ms, last: row, parents: [], asked: new Set(), there: true,
                       ended_ms: null, cpu: [] };
}

/** Shows only those of a name, in a list. */
export function look(words) {
    filter.value = words;
    mode.value = 'list';
}
