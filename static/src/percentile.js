// Percentiles: from a classic histogram's buckets, as Prometheus does it, from a summary's own
// quantiles, or from a sparse histogram.

import { chosen, of, ofAverages, perRevision } from './quantity.js';

/** @typedef {import('./quantity.js').Quantity} Quantity */

/**
 * As Prometheus' histogram_quantile(): interpolated within the bucket that it falls into.
 * @param {number} q 0..1
 * @param {number[]} bounds the buckets' upper ends, ascending; the last is Infinity
 * @param {ArrayLike<number>} counts what is at or below each
 * @returns {number} NaN if nothing was counted, or not everything; where it lies beyond the last
 *     bound that is a number, that bound
 */
export function bucketQuantile(q, bounds, counts) {
    const last = bounds.length - 1;
    if (last < 1 || bounds[last] !== Infinity || !(counts[last] > 0))
        return NaN;
    let rank = q * counts[last];
    let at = 0;
    while (at < last && counts[at] < rank)
        at++;
    if (at === last)
        return bounds[last - 1];
    if (at === 0 && bounds[0] <= 0)
        return bounds[0];
    const from = at > 0 ? bounds[at - 1] : 0;
    const below = at > 0 ? counts[at - 1] : 0;
    rank -= below;
    return from + (bounds[at] - from) * (rank / (counts[at] - below));
}

/** The buckets of a histogram by their upper ends: those of all its series together. */
function groupsOf(store, name, choose) {
    const groups = new Map();
    for (const series of store.findOfApplications(name).filter(choose)) {
        const bound = Number(series.labels.le?.replace(/^\+?Inf$/, 'Infinity'));
        const group = groups.get(bound) ?? [];
        groups.set(bound, group);
        group.push(store.reader(series.id));
    }
    groups.delete(NaN);
    return [...groups].sort(([a], [b]) => a - b);
}

/** Of how many moments what was counted is kept; a picture has fewer. */
const KEPT_MOST = 2048;

/** What a histogram's buckets hold, by row; kept, for from tick to tick only one row is new. */
class Counter {
    #groups;
    #ring;
    #kept = new Map();
    #rewrites = -1;

    constructor(store, name, choose) {
        this.#groups = groupsOf(store, name, choose);
        this.#ring = store.ring;
        this.bounds = this.#groups.map(([bound]) => bound);
    }

    at(row) {
        if (row < 0)
            return this.#count(row);
        const { rewrites } = this.#ring;
        if (rewrites !== this.#rewrites || this.#kept.size > KEPT_MOST)
            this.#kept.clear();
        this.#rewrites = rewrites;
        const time_ms = this.#ring.time(row);
        let counts = this.#kept.get(time_ms);
        if (!counts)
            this.#kept.set(time_ms, counts = this.#count(row));
        return counts;
    }

    #count(row) {
        const counts = new Float64Array(this.#groups.length);
        this.#groups.forEach(([, read], i) => {
            let sum = 0;
            for (const one of read)
                sum += one(row) || 0;
            // Rounded rates may fall a little from one bucket to the next.
            counts[i] = i > 0 ? Math.max(counts[i - 1], sum) : sum;
        });
        return counts;
    }
}

/**
 * @param {string} name of the buckets: NAME_bucket
 * @param {function(import('./api.js').Series): boolean} choose
 * @returns {function(number): Quantity} by the part, 0..1
 */
export function ofBuckets(name, choose) {
    const counter = perRevision((store) => new Counter(store, name, choose));
    return (q) => ofAverages(of([name], (store) => {
        const counts = counter(store);
        return (row) => bucketQuantile(q, counts.bounds, counts.at(row));
    }));
}

/**
 * Percentiles that come as such: a summary's quantiles, or the sparse histogram that has those of
 * each tick beside it and in history true ones over any span. Of several series the highest.
 * @param {string} name
 * @param {function(import('./api.js').Series): boolean} choose
 * @returns {function(number): Quantity} by the part, 0..1
 */
export function ofQuantiles(name, choose) {
    const live = (q) => chosen(name, (series) => choose(series) &&
        Number(series.labels.quantile) === q, Math.max);
    const spans = (q, store) => store.findOfApplications(name)
        .filter((series) => series.sparse && choose(series))
        .map(({ id }) => store.quantile(id, q));
    return (q) => {
        const each = live(q);
        return of([name], (store) => {
            const read = store.quantile ? spans(q, store) : [];
            if (read.length === 0)
                return each.bind(store);
            return (row) => read.reduce((most, one) => {
                const value = one(row);
                return value === value && !(most >= value) ? value : most;
            }, NaN);
        });
    };
}
