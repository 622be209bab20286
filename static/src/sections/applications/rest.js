// Whatever else an application sends: a chart for each metric, by its kind and unit.

import { isRate } from '../../application.js';
import { byteRate, bytes, count, cpuShare, perSecond, seconds, smallShare } from '../../measure.js';
import { chosen, combine, compare, ofAverages } from '../../quantity.js';
import { linesOf } from './lines.js';
import { inBase, partsOf, percentileLines } from './percentiles.js';

/**
 * @typedef {import('../../application.js').Application} Application
 * @typedef {import('../../application.js').Metric} Metric
 * @typedef {import('../../application.js').Family} Family
 * @typedef {import('../types.js').Chart} Chart
 */

/** What runtimes and clients tell of themselves comes last. */
const OF_RUNTIME = /^(nodejs|go|jvm|python|process|promhttp|scrape)_/;
/** Points in time and constants say nothing as a line. */
const NOT_DRAWN = /(_timestamp|_start_time)_seconds$|_created$|_info$/;

const RATES = { __proto__: null, bytes: byteRate, seconds: cpuShare, milliseconds: cpuShare };
const LEVELS = { __proto__: null, bytes, seconds, milliseconds: seconds, ratio: smallShare,
    percent: cpuShare };

/** The last word of a name that is no unit. */
function wordOf(name) {
    const words = name.replace(/_total$/, '').split(/[_:]/).filter(Boolean);
    const isUnit = /^(bytes|seconds|milliseconds|ms|ratio|percent)$/;
    return words.filter((word) => !isUnit.test(word)).at(-1) ?? name;
}

/** @returns {Chart} */
function metricChart({ id, has }, metric) {
    const { name, unit, series } = metric;
    const { lines, all } = linesOf(name, series, has, wordOf(name));
    const [known, other] = isRate(metric) ? [RATES[unit], perSecond] : [LEVELS[unit], count];
    return {
        id: `${name}-${id}`, title: name, collector: '', all,
        lines: known ? lines.map((line) => ({ ...line, of: inBase(line.of, unit) })) : lines,
        measure: known ?? other,
    };
}

/** The mean of what is counted, where that is all there is. */
function meanLines({ has }, { name, unit }) {
    const mean = combine((sum, number) => number > 0 ? sum / number : NaN,
                         chosen(`${name}_sum`, has), chosen(`${name}_count`, has));
    return [{ label: 'mean', colour: 's1', of: inBase(ofAverages(mean), unit) }];
}

/** @returns {Chart[]} how large, and how many */
function familyCharts(application, family) {
    const { id, has } = application;
    const { name, unit, count: counts, sum } = family;
    const hasParts = partsOf(family).length > 0;
    return [
        ...hasParts || (counts.length > 0 && sum.length > 0) ? [{
            id: `${name}-${id}`, title: name, collector: '',
            lines: hasParts ? percentileLines(application, family)
                : meanLines(application, family),
            measure: LEVELS[unit] ?? count,
        }] : [],
        ...counts.length > 0 ? [{
            id: `${name}_count-${id}`, title: `${name}_count`, collector: '',
            ...linesOf(`${name}_count`, counts, has, wordOf(name)), measure: perSecond,
        }] : [],
    ];
}

const RANK = { counter: 1, untyped: 2, gauge: 3 };

/** Families first, then counters, then gauges, each by unit and name; runtimes at the end. */
function inOrder(entries) {
    return entries.sort(([one, a], [other, b]) =>
        OF_RUNTIME.test(one) - OF_RUNTIME.test(other) ||
        (RANK[a.kind] ?? 0) - (RANK[b.kind] ?? 0) || compare(a.unit, b.unit) ||
        compare(one, other));
}

/**
 * What of an application is in no other chart.
 * @param {Application} application
 * @param {string[]} drawn the names of the metrics and families that are
 * @returns {{names: string[], own: number, cards: function(string): Chart[]}} names: of the metrics
 *     and families, in the order in which they are shown; own: how many of them the application
 *     itself made up
 */
export function others(application, drawn) {
    const { metrics, families } = application;
    const skipped = new Set(drawn);
    const entries = inOrder([...families, ...metrics].filter(([name]) =>
        !skipped.has(name) && !NOT_DRAWN.test(name)));
    return {
        names: entries.map(([name]) => name),
        own: entries.filter(([name]) => !OF_RUNTIME.test(name)).length,
        cards(name) {
            const family = families.get(name);
            return family ? familyCharts(application, family)
                : [metricChart(application, metrics.get(name))];
        },
    };
}
