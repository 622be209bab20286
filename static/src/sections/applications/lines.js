// Lines of whatever labels a metric has.

import { chosen, compare } from '../../quantity.js';
import { look } from '../types.js';

/** @typedef {import('../../application.js').Series} Series */

/** More cannot be told apart in a chart whose lines nobody named. */
const LINES_MOST = 12;
/** These say whose a series is, or which part of a histogram. */
const NOT_MEMBER = ['job', 'instance', 'unit', 'command', 'le', 'quantile'];

/**
 * The values that a label has, in the order people expect.
 * @param {Series[]} series
 * @param {string} key
 * @returns {string[]} '' where it is missing
 */
export function valuesOf(series, key) {
    return [...new Set(series.map(({ labels }) => labels[key] ?? ''))].sort(compare);
}

/** The labels that differ from one series to another. */
function keysOf(series) {
    const keys = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
    return [...keys].filter((key) => !NOT_MEMBER.includes(key))
        .filter((key) => valuesOf(series, key).length > 1).sort(compare);
}

/**
 * What a metric's series are of, by the values of the labels that differ.
 * @param {Series[]} series
 * @returns {{label: string, is: function(Series): boolean}[]} label: '' if there is but one
 */
export function membersOf(series) {
    const keys = keysOf(series);
    const textOf = ({ labels }) => keys.map((key) => labels[key] || '–').join(' · ');
    return [...new Set(series.map(textOf))].sort(compare)
        .map((text) => ({ label: text, is: (one) => textOf(one) === text }));
}

/**
 * A line for each member of a metric, at most as many as can be told apart.
 * @param {string} name
 * @param {Series[]} series
 * @param {function(Series): boolean} has whether a series is the application's
 * @param {string} word for the only one
 * @returns {{lines: import('../types.js').Line[], all: function(): string[]}}
 */
export function linesOf(name, series, has, word) {
    const members = membersOf(series);
    return {
        lines: members.slice(0, LINES_MOST).map(({ label, is }, n) => ({
            label: label || word, ...look(n), area: members.length === 1,
            of: chosen(name, (one) => has(one) && is(one)) })),
        all: () => members.map(({ label }) => label),
    };
}
