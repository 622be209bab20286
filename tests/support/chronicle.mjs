// A daemon that has weeks of history: the page and the present are the real daemon's, behind which
// this stands and answers for what that one has not got. The values are made up, always the same
// for one time, from what the series are now.

import { json } from './http.mjs';
import { startProxy } from './proxy.mjs';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800,
    21600, 43200, 86400];
const VALUES_MOST = 100000;
const QUERY_BYTES_MOST = 8192;
/** The extremes of each step, as parts of its average. */
export const LOW = 0.5;
export const HIGH = 1.5;
/** What one second of the past was, as a part of the average. */
export const PEAK = 4;

/** The ids of "12,20-45". */
function idsOf(text) {
    return text.split(',').flatMap((part) => {
        const [from, to = from] = part.split('-').map(Number);
        return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
}

/** Made by startChronicle(). */
export class Chronicle {
    /** Each question for a long range: what was asked, and when. */
    asked = [];
    /** How many questions were open at once, at most. */
    abreast = 0;
    #open = 0;
    /** How long an answer takes. */
    delay_ms = 0;
    /** Set, it is what is answered: {status, detail}. */
    problem = null;
    #series;
    #now;

    /**
     * @param {{first_ms: number, gaps: {from_ms: number, to_ms: number, flags: string[]}[],
     *     peak_ms: number}} past flags: of the tick after the gap; a gap of no length is a mark
     */
    constructor(past) {
        Object.assign(this, past);
    }

    async listen(daemon) {
        const { epoch, series } = await json(daemon, '/v1/catalog');
        const present = await json(daemon, '/v1/now');
        this.epoch = epoch;
        this.#series = new Map(series.map((one) => [one.id, one]));
        this.#now = new Map(present.series.map(({ id, value, rate }) => [id, rate ?? value]));
        this.proxy = await startProxy(daemon.url);
        this.proxy.instead = (path, response) => {
            const { pathname, searchParams } = new URL(path, daemon.url);
            if (pathname !== '/v1/history' || !searchParams.has('agg'))
                return false;
            this.#answer(path, searchParams, response);
            return true;
        };
        this.url = this.proxy.url;
        return this;
    }

    close() {
        return this.proxy.close();
    }

    /** The average of a series in a step. */
    average({ id, name }, time_ms) {
        const value = this.#now.get(id);
        if (value === null || value === undefined)
            return null;
        const wave = 1 + 0.4 * Math.sin(2 * Math.PI * time_ms / (6 * HOUR_MS) + id % 7);
        return name.endsWith('_ratio') ? Math.min(1 / PEAK, value * wave) : value * wave;
    }

    async #answer(path, query, response) {
        const closed = new Promise((resolve) => response.on('close', resolve));
        const entry = { at_ms: Date.now(), from_ms: Number(query.get('from')),
            to_ms: Number(query.get('to')), step_ms: parseInt(query.get('step'), 10),
            ids: idsOf(query.get('id')), given_up: false };
        this.asked.push(entry);
        this.abreast = Math.max(this.abreast, ++this.#open);
        if (this.delay_ms)
            await Promise.race([closed,
                new Promise((resolve) => setTimeout(resolve, this.delay_ms))]);
        this.#open--;
        entry.given_up = response.destroyed;
        const problem = this.problem ?? this.#problemOf(path, query, entry);
        if (problem)
            response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
                .end(JSON.stringify({ title: 'no', ...problem }));
        else
            response.writeHead(200, { 'content-type': 'application/json' })
                .end(JSON.stringify(this.#history(query, entry)));
    }

    #problemOf(path, query, { from_ms, to_ms, step_ms, ids }) {
        const rows = Math.ceil((to_ms - from_ms) / step_ms);
        const values = rows * ids.length * query.get('agg').split(',').length;
        if (query.get('epoch') !== this.epoch)
            return { status: 410, detail: 'another epoch' };
        if (path.length > QUERY_BYTES_MOST || values > VALUES_MOST)
            return { status: 400, detail: `${values} values, ${path.length} bytes` };
        return null;
    }

    #history(query, { from_ms, to_ms, step_ms: wanted_ms, ids }) {
        const least_ms = Math.max(wanted_ms, (to_ms - from_ms) / Number(query.get('points')));
        const step_ms = SECOND_MS * STEPS.find((step) => step * SECOND_MS >= least_ms);
        const times = [];
        const last_ms = Math.min(to_ms, Date.now());
        for (let time_ms = Math.max(from_ms, this.first_ms); time_ms < last_ms; time_ms += step_ms)
            times.push(step_ms * Math.floor(time_ms / step_ms));
        const isGap = (time_ms) => this.gaps.some((gap) =>
            time_ms >= gap.from_ms && time_ms + step_ms <= gap.to_ms);
        const factor = { avg: () => 1, min: () => LOW, max: (time_ms) =>
            this.peak_ms >= time_ms && this.peak_ms < time_ms + step_ms ? PEAK : HIGH };
        const column = (series, name) => times.map((time_ms) => {
            const value = isGap(time_ms) ? null : this.average(series, time_ms);
            return value === null ? null : value * factor[name](time_ms);
        });
        const columns = (series) => Object.fromEntries(query.get('agg').split(',')
            .map((name) => [name, column(series, name)]));
        return { epoch: this.epoch, seq: 1, from_ms, to_ms, step_ms, time_ms: times,
            marks: this.gaps.filter(({ to_ms: end_ms }) => end_ms >= from_ms && end_ms < to_ms)
                .map((gap) => ({ time_ms: gap.to_ms, seq: 1, flags: gap.flags })),
            series: ids.flatMap((id) => this.#series.get(id) ?? [])
                .map((series) => ({ ...series, ...columns(series) })) };
    }
}

/**
 * @param {import('./tachod.mjs').Tachod} daemon
 * @param {object} past for the chronicle's constructor
 * @returns {Promise<Chronicle>}
 */
export function startChronicle(daemon, past) {
    return new Chronicle(past).listen(daemon);
}
