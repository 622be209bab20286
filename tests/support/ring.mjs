// What the stream has told of a ring, kept to be compared with what its history says later: after
// kills, over damage, on full disks.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from
    'node:fs';
import os from 'node:os';
import path from 'node:path';

import { json, nameOf, now } from './http.mjs';
import { stream } from './sse.mjs';

/** Series that have a value at every tick, of many kinds. */
export const NAMES = ['node_cpu_seconds_total', 'node_memory_*', 'node_load*',
    'node_context_switches_total', 'tacho_cpu_*', 'tacho_tick_*', 'tacho_loop_*',
    'tacho_history_*'];
const QUERY = `values=raw&${NAMES.map((name) => `name=${name}`).join('&')}`;

/**
 * Published from memory, as its row was not written by then: at half an interval. Such a tick is
 * not promised to outlive the process.
 */
const isUnwritten = ({ late_ms }, interval_ms) => late_ms >= 0.4 * interval_ms;

/**
 * @typedef {Object} Tick
 * @property {number} time_ms
 * @property {string[]} flags
 * @property {number} late_ms how long after that it came
 * @property {Map<string, ?number>} values raw, by nameOf()
 */

/** All that the history has of NAMES after a tick, page by page. */
export async function readHistory(daemon, after = 0) {
    const answer = { epoch: '', names: new Map(), ticks: new Map(), marks: new Map(), gaps: [] };
    let position = after, page;

    do {
        page = await json(daemon, `/v1/history?since=${position}&points=500&${QUERY}`);
        answer.epoch = page.epoch;
        if (page.gap)
            answer.gaps.push(page.gap);
        page.marks.forEach(({ seq, flags }) => answer.marks.set(seq, flags));
        page.series.forEach((series) => answer.names.set(series.id, nameOf(series)));
        page.ticks.forEach((seq, i) => {
            assert.ok(seq > position && !answer.ticks.has(seq), `tick ${seq} behind ${position}`);
            answer.ticks.set(seq, { time_ms: page.time_ms[i],
                values: new Map(page.series.map((series) =>
                    [nameOf(series), series.last[i]])) });
        });
        assert.ok(page.seq > position || !page.more, `nothing behind ${position}, and more`);
        position = page.seq;
    } while (page.more);
    return answer;
}

/** What clients of one ring have been told, over all its daemons. */
export class Recording {
    epoch = null;
    /** @type {Map<number, Tick>} by seq */
    ticks = new Map();
    /** @type {Map<number, string>} nameOf() by id */
    names = new Map();
    /** Ticks that a kill took back, as their rows were not written. */
    taken_back = 0;
    #client = null;

    constructor(interval_ms) {
        this.interval_ms = interval_ms;
    }

    get last_seq() {
        return Math.max(0, ...this.ticks.keys());
    }

    async follow(daemon) {
        this.#client = await stream(daemon, `?${QUERY}`);
        return this.#client;
    }

    /** The client has gone, by its own will or with its daemon. */
    leave() {
        const client = this.#client;

        this.#client = null;
        client.close();
        if (client.ended instanceof assert.AssertionError)
            throw client.ended;
        this.#keep(client);
    }

    #keep({ state, events, ticks }) {
        this.epoch ??= state.epoch;
        if (ticks.length > 0)
            assert.equal(state.epoch, this.epoch, 'the ring goes on');
        const added = events.flatMap(({ data }) => data.series ?? data.add ?? []);
        for (const series of added) {
            assert.equal(this.names.get(series.id) ?? nameOf(series), nameOf(series));
            this.names.set(series.id, nameOf(series));
        }
        for (const { data, at_ms, values: by_id } of ticks) {
            const values = new Map([...by_id].map(([id, value]) => [this.names.get(id), value]));
            const tick = { time_ms: data.time_ms, flags: data.flags,
                late_ms: at_ms - data.time_ms, values };
            const known = this.ticks.get(data.seq);
            if (known && known.time_ms !== tick.time_ms)
                this.#takeBack(data.seq);
            else if (known)
                this.#compare(data.seq, values);
            /* The one before a restart is shown at once, and came in time before. */
            this.ticks.set(data.seq, known ? { ...tick, late_ms: known.late_ms } : tick);
        }
    }

    /** A tick that is told again; what was shown on from ticks before may not be known any more. */
    #compare(seq, values) {
        for (const [name, value] of values)
            assert.ok(value === null || value === this.ticks.get(seq).values.get(name),
                `${name} is ${value} at ${seq}, told again`);
    }

    /** The ring has gone on without this tick: another has its number. */
    #takeBack(seq) {
        assert.ok(isUnwritten(this.ticks.get(seq), this.interval_ms),
            `tick ${seq} came in time, and was taken back`);
        this.ticks.delete(seq);
        this.taken_back++;
    }

    /** What of an answer is not as it was told, as text; what is missing is left out. */
    #wrong({ epoch, names, ticks }) {
        const found = epoch === this.epoch ? [] : [`epoch ${epoch}, not ${this.epoch}`];

        for (const [id, name] of names) {
            if (this.names.has(id) && this.names.get(id) !== name)
                found.push(`${id} is ${name}, was ${this.names.get(id)}`);
        }
        for (const [seq, tick] of ticks) {
            const known = this.ticks.get(seq);
            if (!known)
                continue;
            if (tick.time_ms !== known.time_ms)
                found.push(`tick ${seq} is at ${tick.time_ms}, was at ${known.time_ms}`);
            for (const [name, value] of tick.values) {
                if (value !== null && known.values.has(name) &&
                    !Object.is(value, known.values.get(name)))
                    found.push(`${name} is ${value}, was ${known.values.get(name)} at ${seq}`);
            }
        }
        return found;
    }

    /**
     * How many recorded ticks, and new values of those that there are, an answer has not. The
     * stream goes on to show a value where a tick has none.
     */
    missing(answer) {
        const missing = { ticks: 0, values: 0, first: undefined };

        for (const [seq, tick] of this.ticks) {
            const other = answer.ticks.get(seq);
            const before = this.ticks.get(seq - 1);
            missing.ticks += !other;
            /* Who joined here was shown what was kept from a tick that was not told. */
            for (const [name, value] of other && before ? tick.values : []) {
                const former = before.values.get(name) ?? null;
                if (value === null || value === former || (other.values.get(name) ?? null) !== null)
                    continue;
                missing.values++;
                missing.first ??= `${name} at ${seq}`;
            }
        }
        return missing;
    }

    /** All that it says is as it was told. */
    assertRight(answer) {
        const found = this.#wrong(answer);

        assert.deepEqual(found.slice(0, 5), [], `${found.length} are wrong`);
    }

    /** And it says all that was told. */
    assertWhole(answer) {
        /* Nothing told yet of what has taken the place of a tick that was not written. */
        for (const [seq, tick] of this.ticks) {
            const other = answer.ticks.get(seq);
            if (!other || other.time_ms !== tick.time_ms)
                this.#takeBack(seq);
        }
        this.assertRight(answer);
        assert.deepEqual(this.missing(answer), { ticks: 0, values: 0, first: undefined });
        const seqs = [...answer.ticks.keys()];
        seqs.forEach((seq, i) => assert.equal(seq, seqs[0] + i, 'no number is left out'));
    }
}

/** Has the daemon read all series of all ticks, and of the minutes of a span. */
export async function readAll(daemon, { from_ms, to_ms }) {
    for (let position = 0, page; page?.more ?? true; position = page.seq)
        page = await json(daemon, `/v1/history?since=${position}&points=100&name=*`);
    await json(daemon, `/v1/history?name=*&step=1m&from=${from_ms / 1000}&to=${to_ms / 1000}`);
}

/** What a daemon counts of its history's troubles, by what comes behind `tacho_history_`. */
export async function troubles(daemon) {
    const { series } = await now(daemon, '?name=tacho_history_*');

    return Object.fromEntries(series.map(({ name, value }) =>
        [name.slice('tacho_history_'.length), value]));
}

/** A temporary folder, of which a sub-folder is a data directory. */
export class DataFolder {
    constructor() {
        this.root = mkdtempSync(path.join(os.tmpdir(), 'tachod-data-'));
        this.place = path.join(this.root, 'data');
    }

    /** Names of its files that begin so, sorted. */
    files(prefix = '') {
        return readdirSync(this.place).filter((name) => name.startsWith(prefix)).sort();
    }

    path(name) {
        return path.join(this.place, name);
    }

    /** A folder of its own with the same files. */
    copy() {
        const other = new DataFolder();

        cpSync(this.place, other.place, { recursive: true });
        return other;
    }

    /** Changes a file's bytes where they are. */
    edit(name, change) {
        const bytes = readFileSync(this.path(name));

        writeFileSync(this.path(name), change(bytes) ?? bytes);
    }

    /** Bytes of all files, as the disk has them. */
    get used_bytes() {
        return this.files().reduce((sum, name) => {
            const status = statSync(this.path(name), { throwIfNoEntry: false });
            return sum + 512 * (status?.blocks ?? 0);
        }, 0);
    }

    remove() {
        rmSync(this.root, { recursive: true, force: true });
    }
}

/**
 * Numbers from 0 up to 1 that are the same for the same seed (mulberry32).
 * @param {number} seed
 */
export function seeded(seed) {
    let state = seed >>> 0;

    return () => {
        state = state + 0x6d2b79f5 >>> 0;
        let word = Math.imul(state ^ state >>> 15, state | 1);
        word ^= word + Math.imul(word ^ word >>> 7, word | 61);
        return ((word ^ word >>> 14) >>> 0) / 2 ** 32;
    };
}
