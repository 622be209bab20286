// Requests to the daemon, same origin, and nothing else on the network but stream.js.

/**
 * @typedef {{id: number, name: string, labels: Object<string, string>, kind: string,
 *     unit: string}} Series
 * @typedef {{epoch: string, interval_ms: number, first_time_ms: ?number, boot_time_ms: ?number,
 *     host: {name: string, os: string, kernel: string, cpus: number, memory_bytes: number}}} Info
 * @typedef {{epoch: string, seq: number, from_ms: number, step_ms: number, time_ms: number[],
 *     series: (Series & {avg: (?number)[]})[]}} History
 */

/** A request must end: a stopped daemon accepts connections and never answers. */
const TIMEOUT_MS = 10000;

async function get(path, query) {
    const response = await fetch(`${path}?${query}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) {
        const error = new Error(`${path}: ${response.status} ${response.statusText}`);
        throw Object.assign(error, { status: response.status });
    }
    return response.json();
}

/**
 * A selection of metrics, as the daemon reads it.
 * @param {Iterable<string>} names
 * @param {Object<string, string>} [more] other parameters
 * @returns {URLSearchParams}
 */
export function selection(names, more = {}) {
    const query = new URLSearchParams(more);
    for (const name of names)
        query.append('name', name);
    return query;
}

/** @returns {Promise<Info>} */
export function fetchInfo() {
    return get('/v1/info', '');
}

/**
 * @param {Iterable<string>} names
 * @param {string} from as the daemon reads times: "-5m", or Unix milliseconds
 * @returns {Promise<History>}
 */
export function fetchHistory(names, from) {
    return get('/v1/history', selection(names, { from }));
}
