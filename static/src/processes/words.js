// What the table of processes says, in words and numbers. Nothing here knows the page.

import { fixed, stamp, unitOf } from '../format.js';

/**
 * @typedef {{seq: number, time_ms: number, span_ms: number, visible: number, total: ?number,
 *     io_visible: number, unattributed_cpu_cores: ?number, complete: boolean,
 *     processes?: import('./order.js').Process[],
 *     commands?: import('./order.js').Command[]}} Answer to a question for processes; span_ms: 0
 *     while there are no rates; total: null where others may be hidden; complete: false where only
 *     the first of each order were kept
 */

export const SORT_NAMES = { cpu: 'CPU', memory: 'memory', io: 'reading and writing' };

/** As the daemon says them. */
const TIMES = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
/** Less of it is noise. */
const UNATTRIBUTED_LEAST = 0.01;

const STATES = { R: 'running', S: 'sleeping', D: 'waiting for a device', Z: 'ended, not reaped',
    T: 'stopped', t: 'traced', I: 'idle', X: 'dead' };

/** @param {string} state as the kernel calls it */
export function stateName(state) {
    return STATES[state] ?? state;
}

/** @param {?number} cores @returns {string} as "164%": of one CPU */
export function cpu(cores) {
    return cores === null ? '–' : `${fixed(cores * 100, cores > 0 && cores < 0.0995 ? 1 : 0)}%`;
}

function scaled(value, base) {
    if (value === null || value === 0)
        return value === 0 ? '0' : '–';
    const { name, size, decimals } = unitOf(value, base);
    return `${fixed(value / size, decimals)} ${name}`;
}

/** @param {?number} value @returns {string} as "412 MiB" */
export const bytes = (value) => scaled(value, 'bytes');

/** @param {?number} value @returns {string} as "1.1 MB/s" */
export const rate = (value) => scaled(value, 'B/s');

/**
 * Characters that are no text, as a line feed, can be seen, break no line and turn none around.
 * @param {string} text
 */
export function visible(text) {
    return text.replace(/[\0-\x1f]/g, (one) => String.fromCharCode(0x2400 + one.charCodeAt(0)))
        .replace(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** @param {import('./order.js').Process | import('./order.js').Command} row */
export function commandOf({ pid, name, command }) {
    return visible(pid === undefined ? name : command || `[${name}]`);
}

/** How many there are, and of how many that is. */
function count({ visible: seen, total }) {
    return total === null
        ? `${seen} processes visible; others are hidden from tachod (hidepid)`
        : `${seen} of ${total} visible`;
}

/**
 * What the table is of.
 * @param {Answer} answer
 * @param {{sort: string, filter: string, mode: string, found: number}} how found: rows that match
 * @returns {string} as "top by CPU · 412 of 412 visible"
 */
export function heading(answer, { sort, filter, mode, found }) {
    return [
        mode === 'tree' ? 'below their parents' : mode === 'command' ? 'by command' : '',
        `top by ${SORT_NAMES[sort]}`,
        filter && `${found} matching`,
        count(answer),
    ].filter(Boolean).join(' · ');
}

/**
 * What the table does not show.
 * @param {Answer} answer
 * @param {number} hidden rows that are not drawn though they were asked for
 * @param {string} searched by what those asked for are the first, if all are looked through
 * @returns {string[]} sentences
 */
export function notes(answer, hidden, searched) {
    const { visible: seen, io_visible, complete, span_ms, processes = [] } = answer;
    const unknown = seen - io_visible;
    const more = answer.unattributed_cpu_cores;
    return [
        searched && complete && processes.length > 0 && processes.length < seen &&
            `Only the first ${processes.length} by ${SORT_NAMES[searched]} are looked through.`,
        hidden > 0 && `${hidden} more are not drawn: a filter finds them.`,
        more >= UNATTRIBUTED_LEAST && `Not of any visible process: ${fixed(more, 2)} cores ` +
            '(those that ended meanwhile, interrupts).',
        complete === false && 'Of the past the top 20 by CPU, memory and I/O are kept.',
        span_ms === 0 && 'There are no rates yet: they come with the next list.',
        unknown > 0 && `What ${unknown} ${unknown === 1 ? 'process reads and writes is'
            : 'processes read and write is'} not known (needs CAP_SYS_PTRACE).`,
    ].filter(Boolean);
}

/**
 * Why there is no table.
 * @param {{status?: number, reason?: string, message: string}} error
 * @returns {string}
 */
export function trouble({ status, reason, message }) {
    const [from, to] = reason?.match(TIMES) ?? [];
    if (status === 404)
        return 'Nothing was kept of that moment' + (to
            ? `: there is something from ${stamp(Date.parse(from))} to ${stamp(Date.parse(to))}`
            : `: ${reason}`);
    return `No list of processes: ${reason || message}`;
}
