// Why there is nothing to show, in words.

import { stamp } from './format.js';
import { perRevision, seriesOf } from './quantity.js';
import { connection, info, store } from './state.js';

/** What the daemon says of a collector; unknown to one that says nothing. */
function collectorOf(name) {
    return info.value?.collectors?.find((collector) => collector.name === name);
}

/** Whether the daemon says that a collector gives nothing now. */
export function isSilent(collector) {
    const { state = 'running' } = collectorOf(collector) ?? {};
    return state !== 'running';
}

/**
 * @param {import('./api.js').Collector} collector
 * @returns {string} why it gives nothing, '' where it does
 */
export function reasonOf({ name, state, error, since_ms }) {
    const since = since_ms ? `, since ${stamp(since_ms)}` : '';
    switch (state) {
    case 'off':
        return `switched off (collectors.${name} in the configuration)`;
    case 'absent':
        return 'not on this machine';
    case 'denied':
        return `not permitted to this user (${error ?? 'permission denied'}): ` +
            'run tachod as root, or in a group that may read it';
    case 'failing':
        return `cannot be read${since}: ${error ?? 'unknown error'}`;
    default:
        return '';
    }
}

/**
 * @param {string} collector that would read it; '' is the daemon itself
 * @param {boolean} [known] there are series of it, but no value
 * @returns {string}
 */
export function absence(collector, known = false) {
    if (!store.epoch || connection.value.phase === 'connecting')
        return 'waiting for the daemon';
    const about = collectorOf(collector);
    const isNone = about?.state === 'running' && !known && store.ring.end - store.ring.start > 2;
    return (about && reasonOf(about)) || (isNone ? 'none on this machine' : 'no value yet');
}

/** An application may call a metric as the machine does, which then has none all the same. */
const knowing = (quantity) => perRevision((stored) => quantity.selectors.length === 0 ||
    quantity.selectors.some((selector) => stored.find(selector.replace(/\{.*/, '')).length > 0) ||
    seriesOf([quantity], stored).size > 0);

const checks = new WeakMap();

/** Whether a quantity has series to read, or the machine others of their names. */
export function isKnown(quantity) {
    if (!checks.has(quantity))
        checks.set(quantity, knowing(quantity));
    return checks.get(quantity)(store);
}

/**
 * @param {number} seconds Unix seconds
 * @returns {string}
 */
export function stuckSince(seconds) {
    return `stuck since ${stamp(seconds * 1000)}`;
}
