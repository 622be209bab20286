// A daemon whose seconds pass as fast as a test likes: the page and the series are the real
// daemon's, behind which this stands; the values are made up, always the same for one second.

import { json } from './http.mjs';
import { startProxy } from './proxy.mjs';
import { stream } from './sse.mjs';
import { until } from './wait.mjs';

const INTERVAL_MS = 1000;
/** As many as the real ring holds; all of them are there from the beginning. */
const KEPT = 511;
const SELECTING = ['name', 'label', 'match', 'match[]', 'id', 'epoch'];
const UNITS_MS = { ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000 };
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600];
const AGGREGATES = {
    avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
    min: (values) => Math.min(...values),
    max: (values) => Math.max(...values),
    last: (values) => values.at(-1),
};
/** A device comes and goes every so many ticks. */
const CHURN = 60;
const FIRST_OWN_ID = 1000000;
/** What goes wrong now and then: a flag, and every how many ticks. */
const FLAGS = [['late', 97], ['gap_before', 331], ['clock_step', 601], ['resumed', 733]];

/** From -1 to 1, the same for the same two numbers. */
function noise(a, b) {
    let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);

    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1;
}

/** A duration such as "300s", or nothing. */
function duration_ms(text) {
    const [, number, unit] = text.match(/^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/) ?? [];

    return unit ? Number(number) * UNITS_MS[unit] : undefined;
}

/** A moment as the daemon reads it. */
function moment_ms(text, now_ms) {
    if (text === 'now')
        return now_ms;
    if (/^-/.test(text))
        return now_ms - (duration_ms(text.slice(1)) ?? NaN);
    const number = Number(text);
    if (!Number.isNaN(number))
        return number < 1e11 ? 1000 * number : number;
    return Date.parse(text);
}

/** One tab that streams. */
class Subscriber {
    /** The device that has come last. */
    churned = null;

    constructor(response, series) {
        this.response = response;
        this.series = series;
        this.shown = new Map();
        /** What a device that comes and goes looks like. */
        this.model = series.find(({ labels }) => 'device' in labels);
    }

    send(event, data, id) {
        this.response.write(`event: ${event}\n${id ? `id: ${id}\n` : ''}` +
            `data: ${JSON.stringify(data)}\n\n`);
    }
}

/** The daemon; made by startReplay(). */
export class Replay {
    #daemon;
    #info;
    #present;
    #subscribers = new Set();
    #next_id = FIRST_OWN_ID;
    #begin_ms;
    /** The last tick. */
    seq = KEPT;

    constructor(daemon, info, present) {
        this.#daemon = daemon;
        this.#info = info;
        this.#present = present;
        this.#begin_ms = INTERVAL_MS * (Math.floor(Date.now() / INTERVAL_MS) - KEPT);
    }

    async listen() {
        this.proxy = await startProxy(this.#daemon.url, {
            '/v1/info': (query, response) => this.#reply(response, { ...this.#info, seq: this.seq,
                first_time_ms: this.#time_ms(Math.max(1, this.seq - KEPT + 1)),
                last_time_ms: this.#time_ms(this.seq) }),
            '/v1/history': (query, response) => this.#history(query, response),
            '/v1/stream': (query, response) => this.#stream(query, response),
        });
        this.url = this.proxy.url;
        return this;
    }

    #time_ms(seq) {
        return this.#begin_ms + INTERVAL_MS * seq;
    }

    #reply(response, document, status = 200) {
        response.writeHead(status, { 'content-type': 'application/json' })
            .end(JSON.stringify(document));
    }

    /** Values go up and down around what the machine showed; flags and the like stay. */
    #value({ id, name, model }, seq) {
        const present = this.#present.get(model ?? id) ?? null;

        if (present === null || Math.abs(present) === 1)
            return present;
        const isRatio = name.endsWith('_ratio'), turn = noise(id, seq);
        if (present === 0 && turn < 0.9)
            return 0;
        const value = present === 0 ? (isRatio ? 0.1 : 100) * turn
            : present * (1 + 0.4 * Math.sin(seq / (5 + id % 41)) + 0.2 * turn);
        return Number((isRatio ? Math.min(1, value) : value).toPrecision(6));
    }

    /** The series that a query selects: the real daemon knows. */
    async #select(query) {
        const selection = new URLSearchParams([...query].filter(([key]) =>
            SELECTING.includes(key)));
        const { series } = await json(this.#daemon, `/v1/catalog?${selection}`);

        return series.map(({ id, name, labels, kind, unit }) => ({ id, name, labels, kind, unit }));
    }

    async #history(query, response) {
        const now_ms = this.#time_ms(this.seq) + 1;
        const from_ms = moment_ms(query.get('from') ?? '-5m', now_ms);
        const to_ms = moment_ms(query.get('to') ?? 'now', now_ms);
        const wanted_ms = Math.max(duration_ms(query.get('step') ?? '1s') ?? NaN,
            (to_ms - from_ms) / Number(query.get('points') ?? 1000));
        const step_ms = 1000 * STEPS.find((step) => 1000 * step >= wanted_ms);
        const aggregates = (query.get('agg') ?? 'avg').split(',');
        const buckets = new Map();

        if (!step_ms)
            throw new Error(`not a question that a replay answers: ${query}`);
        for (let seq = Math.max(1, this.seq - KEPT + 1); seq <= this.seq; seq++) {
            const bucket = step_ms * Math.floor(this.#time_ms(seq) / step_ms);
            if (this.#time_ms(seq) >= from_ms && this.#time_ms(seq) < to_ms)
                buckets.set(bucket, [...buckets.get(bucket) ?? [], seq]);
        }
        const column = (series, aggregate) => [...buckets.values()].map((seqs) => {
            const values = seqs.map((seq) => this.#value(series, seq))
                .filter((value) => value !== null);
            return values.length ? AGGREGATES[aggregate](values) : null;
        });
        const columns = (series) => Object.fromEntries(aggregates.map((each) =>
            [each, column(series, each)]));
        this.#reply(response, { epoch: this.#info.epoch, seq: this.seq, from_ms, to_ms, step_ms,
            time_ms: [...buckets.keys()],
            series: (await this.#select(query)).map((each) => ({ ...each, ...columns(each) })) });
    }

    async #stream(query, response) {
        const subscriber = new Subscriber(response, await this.#select(query));
        const { version, epoch } = this.#info;

        response.writeHead(200, { 'content-type': 'text/event-stream',
            'cache-control': 'no-cache' });
        response.write('retry: 2000\n');
        subscriber.send('hello', { version, epoch, seq: this.seq, interval_ms: INTERVAL_MS,
            series: subscriber.series });
        this.#tick(subscriber);
        this.#subscribers.add(subscriber);
        response.on('close', () => this.#subscribers.delete(subscriber));
    }

    /** Sends the last tick: what has changed for this reader. */
    #tick(subscriber) {
        const changed = [];

        for (const series of subscriber.series) {
            const value = this.#value(series, this.seq);
            if (subscriber.shown.get(series.id) !== value)
                changed.push([series.id, value]);
            subscriber.shown.set(series.id, value);
        }
        const flags = FLAGS.filter(([, every]) => this.seq % every === 0).map(([flag]) => flag);
        subscriber.send('tick', { seq: this.seq, time_ms: this.#time_ms(this.seq), flags,
            v: changed }, `${this.#info.epoch}-${this.seq}`);
    }

    /** The device that came last goes, and another comes. */
    #churn(subscriber) {
        const { model, churned } = subscriber;
        if (!model)
            return;
        const id = this.#next_id++;
        const { name, kind, unit } = model;
        const labels = { ...model.labels, device: `veth${id - FIRST_OWN_ID}` };

        subscriber.send('series', { add: [{ id, name, labels, kind, unit }],
            gone: churned ? [churned.id] : [] });
        subscriber.series = subscriber.series.filter((each) => each !== churned);
        subscriber.churned = { id, name, labels, kind, unit, model: model.id };
        subscriber.series.push(subscriber.churned);
        if (churned)
            subscriber.shown.delete(churned.id);
    }

    /** The next second. */
    advance() {
        this.seq++;
        for (const subscriber of this.#subscribers) {
            if (this.seq % CHURN === 0)
                this.#churn(subscriber);
            this.#tick(subscriber);
        }
    }

    /**
     * Lets so many seconds pass, as fast as the page takes them: the next few are sent when it has
     * shown those before.
     * @param {number} ticks
     * @param {import('playwright-core').Page} page
     * @param {number} [ahead] how many are sent at once
     */
    async run(ticks, page, ahead = 8) {
        for (const end = this.seq + ticks; this.seq < end;) {
            for (let i = 0; i < ahead && this.seq < end; i++)
                this.advance();
            await page.waitForFunction((seq) => Number(document.documentElement.dataset.seq) >= seq,
                this.seq, { timeout: 30000 });
        }
    }

    close() {
        return this.proxy.close();
    }
}

/**
 * @param {import('./tachod.mjs').Tachod} daemon shows its machine: how, is taken from it once
 * @returns {Promise<Replay>}
 */
export async function startReplay(daemon) {
    await until('values', async () => (await json(daemon, '/v1/info')).seq >= 3);
    const client = await stream(daemon);
    await client.count(1);
    const present = new Map(client.state.values);
    client.close();
    return new Replay(daemon, await json(daemon, '/v1/info'), present).listen();
}
