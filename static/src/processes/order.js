// Which processes are shown, in which order, below which parent. Nothing here knows the page.

/**
 * @typedef {{pid: number, ppid: number, user: string, state: string, cpu_cores: ?number,
 *     rss_bytes: ?number, shared_bytes: ?number, read_bytes_per_second: ?number,
 *     write_bytes_per_second: ?number, threads: number, start_time_ms: number, name: string,
 *     command: ?string}} Process command: null is none, as that of a kernel thread
 * @typedef {{name: string, processes: number, cpu_cores: ?number, rss_bytes: ?number,
 *     read_bytes_per_second: ?number, write_bytes_per_second: ?number,
 *     threads: number}} Command all processes of one program
 * @typedef {{row: Process | Command, depth: number, gone?: boolean}} Entry gone: it was in the
 *     table before and is kept in its place
 */

/** What the table can be sorted by, as the daemon calls it; null is unknown, and comes last. */
export const SORTS = {
    cpu: ({ cpu_cores }) => cpu_cores,
    memory: ({ rss_bytes }) => rss_bytes,
    io: ({ read_bytes_per_second: read, write_bytes_per_second: written }) =>
        read === null && written === null ? null : (read ?? 0) + (written ?? 0),
};

/** The columns with bars behind their numbers, and what is too little for a whole one. */
const BARS = { cpu_cores: 0.1, rss_bytes: 1, read_bytes_per_second: 1e5,
    write_bytes_per_second: 1e5 };

/**
 * What a row is, whatever its place: a number of a process is used again.
 * @param {Process | Command} row
 * @returns {string}
 */
export function keyOf({ pid, start_time_ms, name }) {
    return pid === undefined ? name : `${pid} ${start_time_ms}`;
}

/** @returns {(Process | Command)[]} the highest first */
export function sorted(rows, sort) {
    const of = SORTS[sort];
    return [...rows].sort((a, b) => (of(b) ?? -1) - (of(a) ?? -1) ||
        b.rss_bytes - a.rss_bytes || (a.pid ?? 0) - (b.pid ?? 0));
}

/** Whether all words are in what is known of a process by name. */
export function matches({ pid, user, name, command }, words) {
    const text = [pid, user, name, command].join(' ').toLowerCase();
    return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/**
 * Parents before their children. Brothers are sorted by what they and all below them have together.
 * What a list that was not read at one moment makes a circle of stands at its end.
 * @param {Process[]} rows
 * @param {string} sort
 * @param {function(Process): boolean} [isWanted] others are left out, but for their parents
 * @returns {Entry[]}
 */
export function tree(rows, sort, isWanted = () => true) {
    const known = new Set(rows.map(({ pid }) => pid));
    const below = new Map();
    for (const row of rows) {
        const parent = known.has(row.ppid) ? row.ppid : 0;
        if (!below.has(parent))
            below.set(parent, []);
        below.get(parent).push(row);
    }
    const visited = new Set();
    const branch = (row, depth) => {
        visited.add(row);
        const { entries, sum } = level((below.get(row.pid) ?? []).filter((one) =>
            !visited.has(one)), depth + 1);
        const has = entries.length > 0 || isWanted(row);
        return { sum: sum + (SORTS[sort](row) ?? 0),
                 entries: has ? [{ row, depth }, ...entries] : [] };
    };
    const level = (brothers, depth) => {
        const all = brothers.map((row) => branch(row, depth)).sort((a, b) => b.sum - a.sum);
        return { entries: all.flatMap(({ entries }) => entries),
                 sum: all.reduce((sum, one) => sum + one.sum, 0) };
    };
    const { entries } = level(below.get(0) ?? [], 0);
    for (const row of rows) {
        if (!visited.has(row))
            entries.push(...branch(row, 0).entries);
    }
    return entries;
}

/**
 * A process's parent, the parent's parent and so on, as far as they are known.
 * @param {Process} row
 * @param {Process[]} known
 * @returns {Process[]}
 */
export function parentsOf(row, known) {
    const byPid = new Map(known.map((one) => [one.pid, one]));
    const found = [];
    for (let one = byPid.get(row.ppid); one && one.pid !== row.pid && !found.includes(one);
        one = byPid.get(one.ppid))
        found.push(one);
    return found;
}

/**
 * How long the bars are: the greatest that is shown has a whole one.
 * @param {Entry[]} entries
 * @returns {function(Process | Command, string): number} 0..1 by row and column
 */
export function heat(entries) {
    const most = Object.fromEntries(Object.entries(BARS).map(([name, least]) =>
        [name, entries.reduce((high, { row }) => Math.max(high, row[name] ?? 0), least)]));
    return (row, name) => (row[name] ?? 0) / most[name];
}

/**
 * New values in the old places, for whoever is about to point at one: what is not there any more
 * keeps its place, what is new comes last.
 * @param {Entry[]} before
 * @param {Entry[]} after
 * @param {number} most entries that new ones may make it
 * @returns {Entry[]}
 */
export function inPlace(before, after, most) {
    const left = new Map(after.map((entry) => [keyOf(entry.row), entry]));
    const kept = before.map((entry) => {
        const key = keyOf(entry.row);
        const now = left.get(key);
        left.delete(key);
        return now ?? { ...entry, gone: true };
    });
    return [...kept, ...left.values()].slice(0, Math.max(most, before.length));
}
