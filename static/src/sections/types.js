// What a section of the page is: data, so that one more costs a few lines.

import { remembered } from '../remembered.js';

/**
 * @typedef {import('../quantity.js').Quantity} Quantity
 * @typedef {import('../measure.js').Measure} Measure
 * @typedef {import('../store.js').Store} Store
 *
 * @typedef {{label: string, colour: string, of: Quantity, optional?: boolean, dash?: number[],
 *     area?: boolean}} Line optional: left out while it was 0 in all of the range; area: filled
 *     down to the axis
 *
 * @typedef {{
 *     id: string, title: string,
 *     collector: string,                        what reads it, to say why there is nothing
 *     lines: Line[] | function(Store): Line[],  a stack is listed from the bottom
 *     all?: function(Store): string[],          whom the lines are of, where not all may have one
 *     stack?: boolean,
 *     whole?: Quantity,                         what the axis reaches at least
 *     measure: function(number): Measure,       by the highest value, or that of `whole`
 *     heat?: Family,                            0..1 by member, as small strips below
 *     when?: function(Store): boolean,          it is left out else
 * }} Chart
 *
 * @typedef {{
 *     id: string, title: string, collector: string,
 *     meters: function(Store): {label: string, of: Quantity, whole: Quantity,
 *         stuckSince: Quantity}[],
 *     limits: [number, number],
 * }} Meters a card of bars: each a ratio of a whole, in bytes
 *
 * @typedef {{
 *     id: string, title: string,
 *     notice: function(Store): string,          '' is nothing to say
 *     tone: 'warn' | 'bad' | '',
 * }} Notice words across the section, while there is something to say
 *
 * @typedef {Chart | Meters | Notice} Card
 *
 * @typedef {{members: function(Store): string[], of: function(string): Quantity}} Family
 *
 * @typedef {{
 *     id: string, title: string, collector: string, colour: string,
 *     value: Quantity,                          the headline, largest
 *     show: function(number, Object<string, number>): [string, string], its text and unit
 *     scale: ?Quantity,                         0..1, on the scale with its red line; null: the
 *                                               headline itself, as a part of its highest
 *     scaleLabel: string,
 *     sparkMax: ?number,                        null: the highest value shown
 *     parts: Object<string, Quantity>,
 *     detail: function(Object<string, number>): string,
 *     silent?: function(): string,              what it means that there is no value, if known
 * }} Tile
 *
 * @typedef {{
 *     id: string, title: string, group: ?string,
 *     badge?: {of: Quantity, text: function(number): string},  beside its name, of the present
 *     limits?: [number, number],                the badge's values that are amber and red
 *     say?: function(): Said,                   instead of a badge
 *     about?: function(): string,               below its title, which is else left out
 *     notices?: Notice[],                       above everything else
 *     tiles?: Tile[],
 *     cards: Card[],
 *     when?: function(Store): boolean,          it is not in the navigation else
 *     each?: {what: string, members: function(Store): string[],
 *         cards: function(string, Store): Card[],
 *         first?: number},                      how many are shown before all are asked for
 *     processes?: {most: number, brief?: boolean},  the table of them: how many rows, and whether
 *                                               it has neither filter nor tree
 *     collectors?: boolean,                     the table of those
 *     after?: Card[],                           below the lists
 *     selectors?: string[],                     what lists made of the store need
 * }} Section
 *
 * @typedef {{text: string, state: '' | 'warn' | 'bad', spoken: string}} Said spoken: what the state
 *     means, where the text does not say it
 */

const COLOURS = ['s1', 's2', 's3', 's4', 's6', 's5'];
const DASHES = [undefined, [6, 3], [2, 3]];
/** As many lines as can be told apart. */
export const LINES_MOST = COLOURS.length * DASHES.length;

/**
 * The look of the n-th line of a list: colours first, then dashes.
 * @param {number} n
 * @returns {{colour: string, dash?: number[]}}
 */
export function look(n) {
    return { colour: COLOURS[n % COLOURS.length],
             dash: DASHES[Math.floor(n / COLOURS.length) % DASHES.length] };
}

/**
 * A line for each member of a family, at most as many as can be told apart.
 * @param {Family} family
 * @returns {{lines: function(Store): Line[], all: function(Store): string[]}}
 */
export function linesOf({ members, of }) {
    const quantity = remembered(of);
    return {
        lines: (store) => members(store).slice(0, LINES_MOST)
            .map((label, n) => ({ label, ...look(n), of: quantity(label) })),
        all: members,
    };
}

/**
 * Whether there is any of a metric, for who is left out else.
 * @param {string} name
 * @param {Object<string, string>} [labels]
 * @returns {function(Store): boolean}
 */
export function has(name, labels) {
    return (store) => store.find(name, labels).length > 0;
}

/** Read and receive are always blue, write and send always teal. */
export const READ = { colour: 's1' };
export const WRITE = { colour: 's2', dash: [6, 3] };
