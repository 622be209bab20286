// What tiles and charts show, written as formulas over series.

/**
 * @typedef {{names: string[],
 *     bind: function(import('./store.js').Store): function(number): number}} Quantity
 *     names: the metrics that it needs; bind: its value by row
 */

const nothing = () => NaN;

function of(names, bind) {
    const bound = new WeakMap();
    return {
        names,
        bind(store) {
            let last = bound.get(store);
            if (last?.revision !== store.revision) {
                last = { revision: store.revision, read: bind(store) };
                bound.set(store, last);
            }
            return last.read;
        },
    };
}

function readers(store, name, labels) {
    return store.find(name, labels).map((series) => store.reader(series.id));
}

/**
 * One series.
 * @param {string} name
 * @param {Object<string, string>} [labels]
 * @returns {Quantity}
 */
export function series(name, labels = {}) {
    return of([name], (store) => readers(store, name, labels)[0] ?? nothing);
}

/**
 * The highest of all series of a metric.
 * @param {string} name
 * @param {Object<string, string>} [labels]
 * @returns {Quantity}
 */
export function highest(name, labels = {}) {
    return of([name], (store) => {
        const read = readers(store, name, labels);
        return (row) => {
            let result = NaN;
            for (const one of read) {
                const value = one(row);
                if (!(value <= result) && value === value)
                    result = value;
            }
            return result;
        };
    });
}

/**
 * @param {...Quantity} terms
 * @returns {Quantity}
 */
export function sum(...terms) {
    return of(terms.flatMap((term) => term.names), (store) => {
        const read = terms.map((term) => term.bind(store));
        return (row) => read.reduce((total, one) => total + one(row), 0);
    });
}

/**
 * @param {Quantity} whole
 * @param {Quantity} part
 * @returns {Quantity} never below 0
 */
export function without(whole, part) {
    return of([...whole.names, ...part.names], (store) => {
        const all = whole.bind(store);
        const less = part.bind(store);
        return (row) => Math.max(0, all(row) - less(row));
    });
}

/**
 * The highest value that a quantity had in the rows at hand.
 * @param {Quantity} quantity
 * @param {import('./store.js').Store} store
 * @returns {number}
 */
export function peak(quantity, store) {
    const read = quantity.bind(store);
    let result = NaN;
    for (let row = store.ring.start; row < store.ring.end; row++) {
        const value = read(row);
        if (!(value <= result) && value === value)
            result = value;
    }
    return result;
}

/**
 * Quantities over the rows at hand, as a plot wants them: a gap is a point of nulls.
 * @param {Quantity[]} quantities
 * @param {import('./store.js').Store} store
 * @returns {{x: number[], ys: (?number)[][], rows: number}} rows: without those of gaps
 */
export function columns(quantities, store) {
    const { ring } = store;
    const read = quantities.map((quantity) => quantity.bind(store));
    const ys = quantities.map(() => []);
    const x = [];
    for (let row = ring.start; row < ring.end; row++) {
        if (ring.breaks(row)) {
            x.push((ring.time(row - 1) + ring.time(row)) / 2);
            ys.forEach((y) => y.push(null));
        }
        x.push(ring.time(row));
        for (let i = 0; i < read.length; i++) {
            const value = read[i](row);
            ys[i].push(value === value ? value : null);
        }
    }
    return { x, ys, rows: ring.end - ring.start };
}
