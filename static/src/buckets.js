// A long range as the daemon's history tells it: for each step of it the average and the extremes
// of each series.

import { NONE } from './ring.js';
import { kept } from './store.js';

/** Steps that the daemon has, in seconds; each is the next multiple of the interval. */
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800,
    21600, 43200, 86400];
const AGGREGATES = ['avg', 'min', 'max'];
const QUANTILE = 'quantile_';
/** What the strip has marks for; of a sleep too short to be a gap there is but a mark. */
const MARKS = ['clock_step', 'restart', 'boot'];

/**
 * The step with which the daemon answers for a span.
 * @param {number} span_ms
 * @param {number} points at most
 * @param {number} interval_ms of the ticks
 * @returns {number}
 */
export function stepOf(span_ms, points, interval_ms) {
    const least_ms = span_ms / points;
    if (least_ms <= interval_ms)
        return interval_ms;
    return STEPS.map((seconds) => Math.ceil(seconds * 1000 / interval_ms) * interval_ms)
        .find((step_ms) => step_ms >= least_ms) ?? STEPS.at(-1) * 1000;
}

/**
 * Rows as a Ring has them, of which each stands for a step: its time is in the middle of the ticks
 * that it is made of. Steps without ticks have no row.
 */
export class Buckets {
    #base_ms;
    #count;
    #interval_ms;
    #columns = new Map();
    #has;
    #flags = new Map();
    /** The bucket of each row. */
    #rows = [];
    #start_ms;
    rewrites = 0;
    start = 0;

    /**
     * @param {{from_ms: number, to_ms: number, step_ms: number, interval_ms: number}} what step_ms:
     *     as the daemon answered; interval_ms: of the ticks
     */
    constructor({ from_ms, to_ms, step_ms, interval_ms }) {
        this.step_ms = step_ms;
        this.#interval_ms = interval_ms;
        this.#start_ms = Math.floor(from_ms / step_ms) * step_ms;
        this.#base_ms = this.#start_ms + this.half_ms;
        this.#count = Math.max(1, Math.ceil((to_ms - this.#start_ms) / step_ms));
        this.#has = new Uint8Array(this.#count);
    }

    /** From a row's time to the first and last of its ticks. */
    get half_ms() {
        return (this.step_ms - this.#interval_ms) / 2;
    }

    get end() {
        return this.#rows.length;
    }

    get first_ms() {
        return this.end > 0 ? this.time(0) : NaN;
    }

    get last_ms() {
        return this.end > 0 ? this.time(this.end - 1) : NaN;
    }

    time(row) {
        return this.#base_ms + this.#rows[row] * this.step_ms;
    }

    flags(row) {
        return this.#flags.get(this.#rows[row]) ?? [];
    }

    breaks(row) {
        return row > 0 && this.#rows[row] > this.#rows[row - 1] + 1;
    }

    rows() {
        return [0, this.end];
    }

    /** The row that stands for a moment, or NONE. */
    at(time_ms) {
        const nearest = Math.round((time_ms - this.#base_ms) / this.step_ms);
        const bucket = nearest === this.#count ? nearest - 1 : nearest;
        const row = this.#lower(bucket);
        return this.#rows[row] === bucket ? row : NONE;
    }

    /**
     * The times without ticks that lie between some.
     * @returns {import('./ring.js').Gap[]} oldest first
     */
    gaps() {
        const gaps = [];
        for (let row = 1; row < this.end; row++) {
            if (this.breaks(row))
                gaps.push({ from_ms: this.time(row - 1) + this.half_ms,
                            to_ms: this.time(row) - this.half_ms,
                            suspended: this.flags(row).includes('resumed') });
        }
        return gaps;
    }

    /**
     * What a series was, by row; NaN is no value.
     * @param {number} id
     * @param {string} aggregate 'avg', 'min', 'max', or of a sparse histogram 'quantile_0.5'
     * @returns {function(number): number}
     */
    reader(id, aggregate) {
        const column = this.#columns.get(id)?.[aggregate];
        return (row) => column && row >= 0 ? column[this.#rows[row]] : NaN;
    }

    has(id) {
        return this.#columns.has(id);
    }

    /**
     * Takes an answer in; one for other series may have come before.
     * @param {import('./api.js').History} history
     * @param {function(number): number} intervalOf a series by id: how often it is read
     */
    add({ time_ms, marks = [], series }, intervalOf) {
        this.rewrites++;
        const buckets = time_ms.map((ms) => Math.floor((ms - this.#start_ms) / this.step_ms));
        for (const one of series) {
            const columns = {};
            const quantiles = Object.keys(one).filter((key) => key.startsWith(QUANTILE));
            for (const aggregate of [...AGGREGATES, ...quantiles])
                columns[aggregate] = this.#column(one[aggregate], buckets, aggregate);
            for (let bucket = 0; bucket < this.#count; bucket++)
                this.#has[bucket] |= columns.avg[bucket] === columns.avg[bucket];
            const every = intervalOf(one.id) / this.step_ms;
            for (const aggregate of every > 1 ? AGGREGATES : [])
                columns[aggregate] = kept(Array.from(columns[aggregate]), every);
            this.#columns.set(one.id, columns);
        }
        this.#rows = [...this.#has.keys()].filter((bucket) => this.#has[bucket]);
        this.#flags = new Map();
        marks.forEach((mark) => this.#mark(mark));
    }

    /** Along the buckets. Of two runs in one bucket all extremes count, and the later's average. */
    #column(values, buckets, aggregate) {
        const column = new Float64Array(this.#count).fill(NaN);
        const merge = { min: Math.min, max: Math.max }[aggregate] ?? ((_, later) => later);
        buckets.forEach((bucket, i) => {
            if (values[i] !== null && bucket >= 0 && bucket < this.#count)
                column[bucket] = column[bucket] === column[bucket]
                    ? merge(column[bucket], values[i]) : values[i];
        });
        return column;
    }

    #mark({ time_ms, flags }) {
        const bucket = Math.floor((time_ms - this.#start_ms) / this.step_ms);
        const isAfterGap = !this.#has[bucket - 1];
        const shown = flags.filter((flag) => MARKS.includes(flag));
        if (flags.includes('resumed'))
            shown.push(isAfterGap ? 'resumed' : 'slept');
        if (shown.length > 0)
            this.#flags.set(bucket, [...new Set([...this.#flags.get(bucket) ?? [], ...shown])]);
    }

    #lower(bucket) {
        let low = 0;
        let high = this.#rows.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#rows[middle] < bucket)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}

/**
 * The buckets as three stores that quantities can be read from.
 * @param {Buckets} ring
 * @param {import('./store.js').Store} store which series there are
 * @returns {Source}
 * @typedef {{avg: object, low: object, high: object, ring: Buckets}} Source
 */
export function sourceOf(ring, store) {
    const made = (aggregate) => ({
        ring,
        find: (name, labels) => store.find(name, labels),
        findOfApplications: (name) => store.findOfApplications(name),
        reader: (id) => ring.reader(id, aggregate),
        quantile: (id, q) => ring.reader(id, QUANTILE + q),
        get revision() {
            return store.revision;
        },
    });
    const [avg, low, high] = AGGREGATES.map(made);
    avg.opposite = avg;
    low.opposite = high;
    high.opposite = low;
    for (const one of [avg, low, high])
        one.average = avg;
    return { avg, low, high, ring };
}
