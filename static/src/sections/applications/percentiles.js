// The percentiles that a histogram, a timer or a summary has, as lines.

import { ofBuckets, ofQuantiles } from '../../percentile.js';
import { combine } from '../../quantity.js';

/**
 * @typedef {import('../../application.js').Application} Application
 * @typedef {import('../../application.js').Family} Family
 * @typedef {import('../../quantity.js').Quantity} Quantity
 */

const LOOKS = [[0.5, 'p50', 's1'], [0.9, 'p90', 's6'], [0.95, 'p95', 's2'], [0.99, 'p99', 's3'],
    [1, 'highest', 's4']];
/** Of those that are computed here, any may be had. */
const COMPUTED = [0.5, 0.95, 0.99];

/** How many of a unit are one of what is shown. */
const PARTS = { __proto__: null, milliseconds: 1000, percent: 100 };

/**
 * Times are shown as seconds and percent as ratios, however they come.
 * @param {Quantity} quantity
 * @param {string} unit of its values
 * @returns {Quantity}
 */
export function inBase(quantity, unit) {
    const parts = PARTS[unit];
    return parts ? combine((value) => value / parts, quantity) : quantity;
}

/**
 * Which parts a family can be asked for; a summary has what its application chose.
 * @param {Family} family
 * @returns {number[]} ascending
 */
export function partsOf({ buckets, sparse, quantiles }) {
    if (buckets.length > 0 || sparse.length > 0)
        return COMPUTED;
    const has = new Set(quantiles.map(({ labels }) => Number(labels.quantile)));
    return LOOKS.map(([q]) => q).filter((q) => has.has(q));
}

/**
 * @param {Application} application
 * @param {Family} family
 * @returns {function(number): Quantity} by the part, 0..1; times in seconds, percent as ratios
 */
export function percentilesOf({ has }, { name, unit, buckets }) {
    const of = buckets.length > 0 ? ofBuckets(`${name}_bucket`, has) : ofQuantiles(name, has);
    return (q) => inBase(of(q), unit);
}

/**
 * @param {Application} application
 * @param {Family} family
 * @returns {import('../types.js').Line[]}
 */
export function percentileLines(application, family) {
    const of = percentilesOf(application, family);
    const parts = partsOf(family);
    return LOOKS.filter(([q]) => parts.includes(q))
        .map(([q, label, colour]) => ({ label, colour, of: of(q) }));
}
