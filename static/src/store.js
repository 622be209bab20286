// What the page knows: which series there are, their present values, the recent past.

import { Ring } from './ring.js';

/** Stands for the present where a row of the ring is asked for. */
export const NOW = -1;

/** A series that is read more rarely than there are ticks keeps a value this many intervals. */
const KEPT_INTERVALS = 2;

export class Store {
    #kept_ticks;
    #series = new Map();
    #byName = new Map();
    /** The applications' apart: what they call their metrics is theirs to choose. */
    #byApplicationName = new Map();
    #present = new Map();
    #complete = false;
    epoch = '';
    interval_ms = 1000;
    /** The last tick that was applied. */
    seq = 0;
    time_ms = NaN;
    /** How many ticks did not come though later ones did, since the page was opened. */
    missed = 0;
    /** Changes whenever a series comes or goes, or the ring is another one. */
    revision = 0;
    /** @type {Ring} */
    ring;

    /** @param {number} kept_ticks how much past is kept */
    constructor(kept_ticks) {
        this.#kept_ticks = kept_ticks;
        this.ring = this.#makeRing();
    }

    /** How much past is kept. */
    get window_ms() {
        return this.#kept_ticks * this.interval_ms;
    }

    /** What the parts of a quantity that it falls with are read from. */
    get opposite() {
        return this;
    }

    /** What shares and percentiles are read from. */
    get average() {
        return this;
    }

    /** All series. */
    get all() {
        return [...this.#series.values()];
    }

    /** Whether what is read are values of sparse histograms, which only history has. */
    isSparse(id) {
        return this.#series.get(id)?.sparse === true;
    }

    /** How often a series is read; 0 is unknown. */
    intervalOf(id) {
        return this.#series.get(id)?.interval_ms ?? 0;
    }

    /** The ids of all series. */
    get ids() {
        return [...this.#series.keys()];
    }

    /**
     * A stream begins; another epoch means another ring, to which nothing that is here belongs.
     * @param {import('./stream.js').Hello} hello
     */
    begin(hello) {
        const same = hello.epoch === this.epoch && hello.interval_ms === this.interval_ms;
        if (!same) {
            this.epoch = hello.epoch;
            this.interval_ms = hello.interval_ms;
            this.seq = 0;
            this.time_ms = NaN;
            this.ring = this.#makeRing();
        }
        const gone = new Set(this.#series.keys());
        if (same)
            hello.series.forEach((series) => gone.delete(series.id));
        this.change({ add: hello.series, gone: [...gone] });
        this.#complete = true;
    }

    /** @param {{add?: import('./api.js').Series[], gone?: number[]}} change */
    change({ add = [], gone = [] }) {
        for (const id of gone) {
            this.#series.delete(id);
            this.#present.delete(id);
            this.ring.drop(id);
        }
        for (const series of add) {
            this.#series.set(series.id, series);
            this.ring.column(series.id);
        }
        const isApplications = ({ scope }) => scope === 'application';
        this.#byName = groupByName(this.all.filter((series) => !isApplications(series)));
        this.#byApplicationName = groupByName(this.all.filter(isApplications));
        this.revision++;
    }

    /** @param {import('./stream.js').Tick} tick the first after begin() is complete */
    apply(tick) {
        if (this.#complete)
            this.#present.clear();
        this.#complete = false;
        for (const [id, value] of tick.v)
            this.#present.set(id, value ?? NaN);
        // Whoever joins again may get the tick that he had last once more.
        if (tick.seq <= this.seq && this.seq > 0)
            return;
        const missed = this.seq > 0 ? tick.seq - this.seq - 1 : 0;
        this.missed += missed;
        this.seq = tick.seq;
        this.time_ms = tick.time_ms;
        this.ring.push({ time_ms: tick.time_ms, seq: tick.seq, span_ms: this.interval_ms,
                         flags: missed > 0 ? [...tick.flags, 'missed'] : tick.flags },
                       (id) => this.#present.get(id) ?? NaN);
    }

    /**
     * @param {import('./api.js').History} history
     * @returns {boolean} false if it is of another ring
     */
    fill(history) {
        if (history.epoch !== this.epoch)
            return false;
        const values = new Map(history.series.map(({ id, avg }) =>
            [id, kept(avg, this.intervalOf(id) / history.step_ms)]));
        this.ring.fill(history, values);
        return true;
    }

    /**
     * The series of a metric of the machine, or of tachod, whose labels hold at least these.
     * @param {string} name
     * @param {Object<string, string>} labels
     * @returns {import('./api.js').Series[]}
     */
    find(name, labels = {}) {
        const wanted = Object.entries(labels);
        return (this.#byName.get(name) ?? []).filter((series) =>
            wanted.every(([key, value]) => series.labels[key] === value));
    }

    /**
     * The series that applications have of a metric.
     * @param {string} name
     * @returns {import('./api.js').Series[]}
     */
    findOfApplications(name) {
        return this.#byApplicationName.get(name) ?? [];
    }

    /** The present value of a series; NaN is none. */
    now(id) {
        return this.#present.get(id) ?? NaN;
    }

    /**
     * @param {number} id
     * @returns {function(number): number} the value in a row, or NOW; NaN is no value
     */
    reader(id) {
        const column = this.ring.column(id);
        const present = this.#present;
        return (row) => {
            if (row >= 0)
                return column[row];
            return row === NOW ? present.get(id) ?? NaN : NaN;
        };
    }

    #makeRing() {
        return new Ring(this.window_ms, this.interval_ms);
    }
}

function groupByName(all) {
    const groups = new Map();
    for (const series of all) {
        const group = groups.get(series.name);
        if (group)
            group.push(series);
        else
            groups.set(series.name, [series]);
    }
    return groups;
}

/**
 * A column of history, with values kept between the ticks of a series that is read rarely.
 * @param {(?number)[]} values null and NaN are none
 * @param {number} every how many rows there are from one reading to the next
 * @returns {number[]}
 */
export function kept(values, every) {
    const most = every > 1 ? KEPT_INTERVALS * every : 1;
    let last = NaN;
    let age = 0;
    return values.map((value) => {
        const isNone = value === null || value !== value;
        age = isNone ? age + 1 : 0;
        if (!isNone)
            last = value;
        return age < most ? last : NaN;
    });
}
