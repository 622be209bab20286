// What becomes of the process that is followed, and who its parents are.

import { keyOf, parentsOf } from './order.js';

/** So much of its CPU is kept. */
const KEPT = 600;
const PARENTS_MOST = 32;

/**
 * Looks for it and its parents in a list, and asks for those that are not in it.
 * @param {import('./choice.js').Followed} who
 * @param {import('./order.js').Process[]} rows of the same moment
 * @param {{at: ?number, time_ms: number}} when at: null is now; time_ms: of the list
 * @param {function(number[]): Promise<import('./words.js').Answer>} ask for these of the moment
 * @returns {Promise<import('./choice.js').Followed>}
 */
export async function learn(who, rows, { at, time_ms }, ask) {
    if (at === null && who.ended_ms !== null)
        return who;
    const isIt = (row) => keyOf(row) === keyOf(who);
    const asked = new Set(who.asked);
    let known = [...who.parents, ...rows];
    let it = rows.find(isIt);
    for (let isAsked = false; ; isAsked = true) {
        const parents = it ? parentsOf(it, known) : [];
        const next = it && (parents.at(-1) ?? it).ppid;
        if (!it && isAsked)
            return { ...who, there: false, ended_ms: at === null ? time_ms : who.ended_ms };
        if (it && (!next || asked.has(next) || parents.length >= PARENTS_MOST))
            return { ...who, parents, asked, there: true, last: it, cpu: at === null
                ? [...who.cpu, [time_ms, it.cpu_cores]].slice(-KEPT) : who.cpu };
        const pids = [who.pid, ...parents.map(({ pid }) => pid), ...next ? [next] : []];
        const { processes } = await ask([...new Set(pids)]);
        if (next)
            asked.add(next);
        known = [...known, ...processes];
        it ??= processes.find(isIt);
    }
}

/**
 * Its CPU as a line: a break where it was not asked for.
 * @param {[number, ?number][]} cpu time and cores
 * @param {number} interval_ms
 * @param {number} width
 * @param {number} height
 * @returns {string} as an SVG path has it
 */
export function lineOf(cpu, interval_ms, width, height) {
    const [[from_ms]] = cpu;
    const span_ms = cpu.at(-1)[0] - from_ms || 1;
    const most = Math.max(0.1, ...cpu.map(([, cores]) => cores ?? 0));
    let before_ms = -Infinity;
    return cpu.filter(([, cores]) => cores !== null).map(([time_ms, cores]) => {
        const isBroken = time_ms - before_ms > 2.5 * interval_ms;
        const x = (time_ms - from_ms) / span_ms * width;
        before_ms = time_ms;
        return `${isBroken ? 'M' : 'L'}${x.toFixed(1)} ${(height * (1 - cores / most)).toFixed(1)}`;
    }).join('');
}
