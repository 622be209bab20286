// A strict reader of the stream: its events as they come, and the state that they add up to.

import assert from 'node:assert/strict';
import http from 'node:http';

import { within } from './wait.mjs';

/**
 * @typedef {Object} Event
 * @property {string} event
 * @property {string} [id]
 * @property {any} data parsed
 * @property {string} raw the bytes between two blank lines
 * @property {number} at_ms when it came
 * @property {Map<number, ?number>} [values] of a tick: all that the reader then knows, by id
 */

/**
 * One event's text as fields; throws at whatever the daemon should not send.
 * @param {string} raw
 * @returns {Event}
 */
export function parseEvent(raw) {
    const fields = {};

    for (const line of raw.split('\n')) {
        const [, name, value] = line.match(/^(retry|event|id|data): (.+)$/) ??
            assert.fail(`not a line of an event: ${JSON.stringify(line)}`);
        assert.ok(!(name in fields), `${name} twice in ${raw}`);
        fields[name] = value;
    }
    assert.ok(fields.event && fields.data, `no event or no data in ${raw}`);
    return { ...fields, data: JSON.parse(fields.data), raw, at_ms: Date.now() };
}

/** What a reader knows after the events so far. */
export class State {
    epoch = '';
    interval_ms = 0;
    seq = 0;
    /** @type {Map<number, {name: string, labels: Object}>} */
    series = new Map();
    /** @type {Map<number, ?number>} */
    values = new Map();
    /** The next tick has to be complete. */
    fresh = true;

    /** @param {Event} event */
    apply({ event, data }) {
        switch (event) {
        case 'hello':
            this.epoch = data.epoch;
            this.interval_ms = data.interval_ms;
            this.series = new Map(data.series.map((series) => [series.id, series]));
            this.values.clear();
            this.fresh = data.seq > 0; /* else there is nothing yet to be complete */
            break;
        case 'series':
            for (const series of data.add) {
                this.series.set(series.id, series);
                this.values.set(series.id, null);
            }
            for (const id of data.gone) {
                this.series.delete(id);
                this.values.delete(id);
            }
            break;
        case 'tick':
            if (this.fresh)
                assert.deepEqual(data.v.map(([id]) => id), [...this.series.keys()],
                    'the first tick is complete');
            for (const [id, value] of data.v) {
                assert.ok(this.series.has(id), `value of an unknown id ${id}`);
                this.values.set(id, value);
            }
            this.seq = data.seq;
            this.fresh = false;
            break;
        }
    }
}

/** One client of /v1/stream; made by stream(). */
export class Stream {
    /** @type {Event[]} */
    events = [];
    state = new State();
    /** The reason why reading ended: 'end', or an Error. */
    ended = null;
    #rest = '';
    #waiting = new Set();

    constructor(request, response) {
        this.request = request;
        this.response = response;
        this.status = response.statusCode;
        this.headers = response.headers;
        response.setEncoding('utf8');
        response.on('data', (text) => this.#take(text));
        response.on('end', () => this.#end('end'));
        response.on('error', (error) => this.#end(error));
    }

    #take(text) {
        const parts = (this.#rest + text).split('\n\n');

        this.#rest = parts.pop();
        try {
            for (const part of parts) {
                const event = parseEvent(part);
                this.state.apply(event);
                if (event.event === 'tick')
                    event.values = new Map(this.state.values);
                this.events.push(event);
            }
        } catch (error) {
            this.#end(error);
            this.close();
        }
        this.#waiting.forEach((look) => look());
    }

    #end(why) {
        this.ended ??= why;
        this.#waiting.forEach((look) => look());
    }

    /** Bytes after the last whole event. */
    get rest() {
        return this.#rest;
    }

    /** The ticks so far. */
    get ticks() {
        return this.events.filter(({ event }) => event === 'tick');
    }

    /** Waits until the events so far satisfy a condition, and gives its answer. */
    when(what, condition, timeout_ms = 30000) {
        let look;
        const found = new Promise((resolve, reject) => {
            look = () => {
                const answer = condition(this);
                if (answer !== false && answer !== null && answer !== undefined)
                    resolve(answer);
                else if (this.ended)
                    reject(this.ended instanceof Error ? this.ended
                        : new Error(`the stream ended before ${what}`));
            };
            this.#waiting.add(look);
            look();
        });
        return within(what, found, timeout_ms).finally(() => this.#waiting.delete(look));
    }

    /** Waits for so many ticks, counted from the first or from an index into events. */
    async count(ticks, timeout_ms = 30000 + ticks * 2000) {
        await this.when(`${ticks} ticks`, () => this.ticks.length >= ticks || null, timeout_ms);
        return this.ticks.slice(0, ticks);
    }

    /** Waits for the first event after `from` that is of a kind. */
    next(kind, from = this.events.length, timeout_ms = 30000) {
        return this.when(`event ${kind}`,
            () => this.events.slice(from).find(({ event }) => event === kind), timeout_ms);
    }

    /** Waits for the end of the body. */
    async end(timeout_ms = 30000) {
        await this.when('the end', () => this.ended !== null || null, timeout_ms);
        return this.ended;
    }

    close() {
        this.request.destroy();
    }
}

/**
 * Opens a stream and waits for its headers.
 * @param {{port: number}} daemon
 * @param {string} [query] with its question mark
 * @param {{headers?: Object<string, string>, socketPath?: string}} [options]
 * @returns {Promise<Stream>}
 */
export function stream(daemon, query = '', { headers = {}, socketPath } = {}) {
    const where = socketPath ? { socketPath } : { host: '127.0.0.1', port: daemon.port };
    const opened = new Promise((resolve, reject) => {
        const request = http.get({ ...where, path: `/v1/stream${query}`, headers, agent: false },
            (response) => resolve(new Stream(request, response)));
        request.on('error', reject);
    });

    return within('the stream\'s headers', opened);
}

/**
 * The sequence numbers of the ticks follow each other without a hole or a double.
 * @param {Event[]} ticks
 */
export function assertContiguous(ticks) {
    ticks.forEach(({ data }, i) => {
        assert.equal(data.seq, ticks[0].data.seq + i, `tick ${i} of ${ticks.length}`);
    });
}
