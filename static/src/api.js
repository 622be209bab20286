// Requests to the daemon, same origin, and nothing else on the network but stream.js.

/**
 * @typedef {{id: number, name: string, labels: Object<string, string>, kind: string,
 *     unit: string, scope: 'host' | 'application' | 'tacho', interval_ms: number,
 *     sparse?: true}} Series
 *     interval_ms: how often it is read; scope: whom it tells of; sparse: of sparse histograms
 * @typedef {{name: string, state: 'running' | 'off' | 'absent' | 'denied' | 'failing',
 *     error?: string, since_ms?: number, interval_ms?: number, cost_us?: number}} Collector
 *     interval_ms: how often it is sampled; cost_us: what that took lately, once
 * @typedef {{epoch: string, interval_ms: number, first_time_ms: ?number, boot_time_ms: ?number,
 *     host: {name: string, os: string, kernel: string, cpus: number, memory_bytes: number,
 *         container_view?: string[]},
 *     collectors: Collector[], scrape?: Target[], statsd?: {senders: Sender[]}}} Info
 * @typedef {{unit?: string, command?: string, pid?: number}} Sender a process that sends StatsD
 * @typedef {{job: string, instance: string, state: 'up' | 'down' | 'waiting', error?: string,
 *     since_ms?: number, samples?: number, duration_ms?: number}} Target a page that is scraped
 * @typedef {{epoch: string, seq: number, from_ms: number, step_ms: number, time_ms: number[],
 *     marks: {time_ms: number, seq: number, flags: string[]}[],
 *     series: (Series & {avg: (?number)[]})[]}} History
 */

/** A request must end: a stopped daemon accepts connections and never answers. */
const TIMEOUT_MS = 10000;
/** The daemon refuses an answer of more than 100,000 values, and a query of over 4 KiB. */
const VALUES_MOST = 100000;
const QUERY_BYTES_MOST = 3000;
/** It counts its ticks where a range has more of them than steps; so many are in memory. */
const TICKS_IN_MEMORY = 512;
const EXTREMES = ['avg', 'min', 'max'];
/** Of sparse histograms, beside their extremes; as the daemon names its columns. */
const QUANTILES = [0.5, 0.95, 0.99];

/** What the daemon says is wrong, if it says so. */
async function reasonOf(response) {
    const problem = await response.json().catch(() => null);
    return problem?.detail ?? problem?.title ?? response.statusText;
}

/** @param {AbortSignal} [given_up] when the answer is not wanted any more */
async function get(path, query, given_up) {
    const controller = new AbortController();
    const abort = () => controller.abort(given_up?.reason);
    const timer = setTimeout(() => controller.abort(new Error(`${path}: no answer`)), TIMEOUT_MS);
    given_up?.addEventListener('abort', abort);
    try {
        const response = await fetch(`${path}?${query}`, { signal: controller.signal });
        if (response.ok)
            return await response.json();
        const reason = await reasonOf(response);
        throw Object.assign(new Error(`${path}: ${response.status} ${reason}`),
                            { status: response.status, reason });
    } finally {
        clearTimeout(timer);
        given_up?.removeEventListener('abort', abort);
    }
}

/**
 * Selects series. All names are one parameter, as each takes of the 8 KiB that the daemon has for a
 * connection.
 * @param {string[]} selectors names, or names with {matchers}
 * @returns {URLSearchParams}
 */
export function selection(selectors) {
    const isName = (selector) => !selector.endsWith('}');
    const query = new URLSearchParams({ name: selectors.filter(isName).join() });
    for (const selector of selectors.filter((one) => !isName(one)))
        query.append('match', selector);
    return query;
}

/** @returns {Promise<Info>} */
export function fetchInfo() {
    return get('/v1/info', '');
}

/**
 * Processes, the first of an order, or some by their numbers; of now or of a moment.
 * @param {{sort?: string, limit?: number, by?: 'command', pid?: string, at?: number}} query
 * @returns {Promise<import('./processes/words.js').Answer>}
 */
export function fetchProcesses(query) {
    return get('/v1/processes', new URLSearchParams(query));
}

/** Ids as few ranges: "1,4-7". */
function listIds(ids) {
    const ranges = [];
    for (const id of ids) {
        const last = ranges.at(-1);
        if (last && last[1] === id - 1)
            last[1] = id;
        else
            ranges.push([id, id]);
    }
    return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join();
}

/** Ids in as many lists as the daemon's bounds make necessary. */
function portions(ids, values_each) {
    const most = Math.max(1, Math.floor(VALUES_MOST / values_each));
    const lists = [];
    let list = [];
    for (const id of [...ids].sort((a, b) => a - b)) {
        if (list.length === most || listIds([...list, id]).length > QUERY_BYTES_MOST) {
            lists.push(list);
            list = [];
        }
        list.push(id);
    }
    return list.length > 0 ? [...lists, list] : lists;
}

/**
 * Every tick of a time, for these series.
 * @param {{epoch: string, ids: number[], from_ms: number, to_ms: number, interval_ms: number}} what
 *     to_ms: exclusive; the end of the time is a tick that the daemon has published
 * @returns {Promise<History>}
 */
export async function fetchHistory({ epoch, ids, from_ms, to_ms, interval_ms }) {
    const rows = Math.ceil((to_ms - from_ms) / interval_ms) + 1;
    let whole = null;
    for (const list of portions(ids, rows)) {
        const part = await get('/v1/history', new URLSearchParams({
            epoch, id: listIds(list), from: from_ms, to: to_ms, points: rows }));
        whole = whole ? joined(whole, part) : part;
    }
    return whole;
}

/**
 * The averages and extremes of a time, step by step, of sparse histograms percentiles too; one
 * answer for each portion of the series.
 * @param {{epoch: string, from_ms: number, to_ms: number, step_ms: number}} what to_ms: exclusive
 * @param {number[]} ids
 * @param {function(number): boolean} isSparse which ids are sparse histograms
 * @param {AbortSignal} given_up
 * @yields {History & {series: {min: (?number)[], max: (?number)[]}[]}}
 */
export async function* fetchExtremes({ epoch, from_ms, to_ms, step_ms }, ids, isSparse, given_up) {
    const points = Math.ceil((to_ms - from_ms) / step_ms) + 1;
    const rows = Math.max(points, TICKS_IN_MEMORY);
    // A question for quantiles is refused where none of the series has any.
    const ask = (list, more) => get('/v1/history', new URLSearchParams({
        epoch, id: listIds(list), from: from_ms, to: to_ms, step: `${step_ms}ms`, points,
        agg: EXTREMES.join(), ...more }), given_up);
    for (const list of portions(ids.filter((id) => !isSparse(id)), EXTREMES.length * rows))
        yield await ask(list);
    const columns = EXTREMES.length + QUANTILES.length;
    for (const list of portions(ids.filter(isSparse), columns * rows))
        yield await ask(list, { quantile: QUANTILES.join() });
}

/**
 * Two answers as one, along the first's times: between them the oldest tick may have left the ring.
 * @param {History} whole
 * @param {History} part
 * @returns {History}
 */
export function joined(whole, part) {
    const rows = new Map(part.time_ms.map((time_ms, row) => [time_ms, row]));
    const along = ({ avg }) => whole.time_ms.map((time_ms) => avg[rows.get(time_ms)] ?? null);
    return { ...whole, series: [...whole.series,
        ...part.series.map((series) => ({ ...series, avg: along(series) }))] };
}
