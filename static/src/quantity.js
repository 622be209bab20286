// What tiles and charts show, written as formulas over series.

import { remembered } from './remembered.js';
import { NONE } from './ring.js';

/**
 * @typedef {{selectors: string[],
 *     bind: function(import('./store.js').Store): function(number): number}} Quantity
 *     selectors: the series that it needs; bind: its value by row
 */

const nothing = () => NaN;

/**
 * The order of names that people expect: numbers in them count as such.
 * @type {function(string, string): number}
 */
export const { compare } = new Intl.Collator('en', { numeric: true });

/**
 * Remembers what was made of a store until its series change.
 * @template T
 * @param {function(import('./store.js').Store): T} make
 * @returns {function(import('./store.js').Store): T}
 */
export function perRevision(make) {
    const made = new WeakMap();
    return (store) => {
        let last = made.get(store);
        if (last?.revision !== store.revision) {
            last = { revision: store.revision, value: make(store) };
            made.set(store, last);
        }
        return last.value;
    };
}

/**
 * @param {string[]} selectors
 * @param {function(import('./store.js').Store): function(number): number} bind called when the
 *     store's series have changed
 * @returns {Quantity}
 */
export function of(selectors, bind) {
    return { selectors: [...new Set(selectors)], bind: perRevision(bind) };
}

/** A quantity that nothing is known of. @type {Quantity} */
export const unknown = of([], () => nothing);

function highestKnown(values) {
    const known = values.filter((value) => value === value);
    return known.length > 0 ? Math.max(...known) : NaN;
}

function readers(store, name, labels) {
    return store.find(name, labels).map((series) => store.reader(series.id));
}

/**
 * One series.
 * @param {string} name
 * @param {Object<string, string>} [labels]
 * @param {string} [selector] where the page needs but a part of the metric
 * @returns {Quantity}
 */
export function series(name, labels = {}, selector = name) {
    return of([selector], (store) => readers(store, name, labels)[0] ?? nothing);
}

const plus = (a, b) => a + b;

/** Several values as one; unknown ones count for nothing unless all are. */
function joined(read, merge) {
    return (row) => {
        let result = NaN;
        for (const one of read) {
            const value = one(row);
            if (value === value)
                result = result === result ? merge(result, value) : value;
        }
        return result;
    };
}

/** All series of a metric as one. */
function merged(name, labels, merge) {
    return of([name], (store) => joined(readers(store, name, labels), merge));
}

/**
 * The highest of all series of a metric.
 * @param {string} name
 * @param {Object<string, string>} [labels]
 * @returns {Quantity}
 */
export function highest(name, labels = {}) {
    return merged(name, labels, Math.max);
}

/**
 * The lowest of all series of a metric.
 * @param {string} name
 * @returns {Quantity}
 */
export function lowest(name) {
    return merged(name, {}, Math.min);
}

/**
 * All series of a metric together.
 * @param {string} name
 * @param {Object<string, string>} [labels]
 * @returns {Quantity}
 */
export function total(name, labels = {}) {
    return merged(name, labels, plus);
}

/**
 * Some of the series that applications have of a metric as one.
 * @param {string} name
 * @param {function(import('./api.js').Series): boolean} choose
 * @param {function(number, number): number} [merge] the sum if nothing else
 * @returns {Quantity}
 */
export function chosen(name, choose, merge = plus) {
    return of([name], (store) => joined(
        store.findOfApplications(name).filter(choose).map(({ id }) => store.reader(id)), merge));
}

/**
 * A quantity whose least and most cannot be told from those of its parts, as shares are.
 * @param {Quantity} quantity
 * @returns {Quantity} of each step of a long range the one of the averages
 */
export function ofAverages({ selectors, bind }) {
    return { selectors, bind: (store) => bind(store.average) };
}

/**
 * @param {function(...number): number} formula
 * @param {...Quantity} terms
 * @returns {Quantity}
 */
export function combine(formula, ...terms) {
    return of(terms.flatMap((term) => term.selectors), (store) => {
        const read = terms.map((term) => term.bind(store));
        return (row) => formula(...read.map((one) => one(row)));
    });
}

/**
 * @param {...Quantity} terms
 * @returns {Quantity} unknown if one of them is
 */
export function sum(...terms) {
    return combine((...values) => values.reduce((a, b) => a + b, 0), ...terms);
}

/**
 * @param {Quantity} whole
 * @param {...Quantity} parts
 * @returns {Quantity} never below 0
 */
export function without(whole, ...parts) {
    return of([whole, ...parts].flatMap(({ selectors }) => selectors), (store) => {
        const all = whole.bind(store);
        // Of what extremes are read: the most is left where the least is taken.
        const taken = parts.map((part) => part.bind(store.opposite));
        return (row) => Math.max(0, taken.reduce((rest, one) => rest - one(row), all(row)));
    });
}

/**
 * @param {...Quantity} terms
 * @returns {Quantity} the highest of those that are known
 */
export function highestOf(...terms) {
    return combine((...values) => highestKnown(values), ...terms);
}

/**
 * The highest of a family's members.
 * @param {import('./sections/types.js').Family} family
 * @param {string[]} selectors the series that its members need
 * @returns {Quantity}
 */
export function highestMember({ members, of: quantityOf }, selectors) {
    const quantity = remembered(quantityOf);
    return of(selectors, (store) => {
        const read = members(store).map((member) => quantity(member).bind(store));
        return (row) => highestKnown(read.map((one) => one(row)));
    });
}

/**
 * How many members there are.
 * @param {function(import('./store.js').Store): string[]} members
 * @returns {Quantity} of the present, whatever the row
 */
export function number(members) {
    return of([], (store) => () => members(store).length);
}

/**
 * The values that a label has in the series of a metric, in the order people expect.
 * @param {string} name
 * @param {string} label
 * @returns {function(import('./store.js').Store): string[]}
 */
export function labelValues(name, label) {
    return perRevision((store) => [...new Set(store.find(name)
        .map(({ labels }) => labels[label])
        .filter((value) => value !== undefined))].sort(compare));
}

/**
 * The highest value that a quantity had in a range.
 * @param {Quantity} quantity
 * @param {import('./store.js').Store} store
 * @param {{from_ms: number, to_ms: number}} range
 * @returns {number}
 */
export function peak(quantity, store, { from_ms, to_ms }) {
    const { ring } = store;
    const read = quantity.bind(store);
    const [from, to] = ring.rows(from_ms, to_ms);
    let result = NaN;
    for (let row = from; row < to; row++) {
        const value = read(row);
        if (ring.time(row) >= from_ms && ring.time(row) <= to_ms && !(value <= result) &&
            value === value)
            result = value;
    }
    return result;
}

/**
 * The series that quantities are read from.
 * @param {Quantity[]} quantities
 * @param {import('./store.js').Store} store
 * @returns {Set<number>} ids
 */
export function seriesOf(quantities, store) {
    const ids = new Set();
    const spy = {
        revision: store.revision,
        find: (name, labels) => store.find(name, labels),
        findOfApplications: (name) => store.findOfApplications(name),
        reader(id) {
            ids.add(id);
            return nothing;
        },
        quantile: (id) => spy.reader(id),
    };
    spy.opposite = spy.average = spy;
    quantities.forEach((quantity) => quantity.bind(spy));
    return ids;
}

/**
 * Quantities over a range, as a plot wants them: a gap is a point of nulls.
 * @param {Quantity[]} quantities
 * @param {import('./store.js').Store} store
 * @param {{from_ms: number, to_ms: number}} range
 * @returns {{x: number[], ys: (?number)[][], rows: number}} rows: without those of gaps
 */
export function columns(quantities, store, { from_ms, to_ms }) {
    const { ring } = store;
    const read = quantities.map((quantity) => quantity.bind(store));
    const ys = quantities.map(() => []);
    const x = [];
    const [from, to] = ring.rows(from_ms, to_ms);
    const push = (time_ms, row) => {
        x.push(time_ms);
        for (let i = 0; i < read.length; i++) {
            const value = row < 0 ? NaN : read[i](row);
            ys[i].push(value === value ? value : null);
        }
    };
    for (let row = from; row < to; row++) {
        const isBroken = row > from && ring.breaks(row);
        const time_ms = ring.time(row);
        if (isBroken)
            push((ring.time(row - 1) + time_ms) / 2, NONE);
        // A row that stands for a while is drawn from its first to its last tick.
        if (ring.half_ms > 0 && (isBroken || row === from))
            push(time_ms - ring.half_ms, row);
        push(time_ms, row);
        if (ring.half_ms > 0 && (row + 1 === to || ring.breaks(row + 1)))
            push(time_ms + ring.half_ms, row);
    }
    return { x, ys, rows: to - from };
}
