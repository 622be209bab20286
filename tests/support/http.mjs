// One request, one answer.

import http from 'node:http';

/**
 * @typedef {Object} Answer
 * @property {number} status
 * @property {http.IncomingHttpHeaders} headers
 * @property {Buffer} body
 * @property {string} text
 * @property {any} json the body parsed; throws where it is not JSON
 */

/**
 * Asks a daemon, over a connection of its own unless an agent is given.
 * @param {{port: number}} daemon
 * @param {string} path with its query
 * @param {{method?: string, headers?: Object<string, string>, agent?: http.Agent,
 *     socketPath?: string, timeout_ms?: number}} [options]
 * @returns {Promise<Answer>}
 */
export function ask(daemon, path, { method = 'GET', headers = {}, agent = undefined, socketPath,
    timeout_ms = 30000 } = {}) {
    const where = socketPath ? { socketPath } : { host: '127.0.0.1', port: daemon.port };

    return new Promise((resolve, reject) => {
        const request = http.request({ ...where, path, method, headers, agent: agent ?? false,
            timeout: timeout_ms }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => resolve(answer(response, Buffer.concat(parts))));
        });
        request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path}`)));
        request.on('error', reject);
        request.end();
    });
}

function answer(response, body) {
    return {
        status: response.statusCode,
        headers: response.headers,
        body,
        get text() {
            return body.toString();
        },
        get json() {
            return JSON.parse(body.toString());
        },
    };
}

/**
 * The JSON of an answer that has to be 200.
 * @param {{port: number}} daemon
 * @param {string} path
 * @returns {Promise<any>}
 */
export async function json(daemon, path) {
    const answer = await ask(daemon, path);

    if (answer.status !== 200)
        throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json;
}

/**
 * How a series is written: name{key="value",…} with sorted keys, or the name alone.
 * @param {{name: string, labels: Object<string, string>}} series
 */
export function nameOf({ name, labels }) {
    const pairs = Object.keys(labels).sort().map((key) => `${key}="${labels[key]}"`);

    return pairs.length ? `${name}{${pairs.join(',')}}` : name;
}

/**
 * /v1/now as a map from nameOf() to its series, with seq, time_ms and epoch beside it.
 * @param {{port: number}} daemon
 * @param {string} [query]
 */
export async function now(daemon, query = '') {
    const document = await json(daemon, `/v1/now${query}`);

    return { ...document, of: new Map(document.series.map((series) => [nameOf(series), series])) };
}

/** What a series shows as its one number: its rate if it is a counter, else its value. */
export function shown(series) {
    return 'rate' in series ? series.rate : series.value;
}
