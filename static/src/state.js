// The page's one state. Only feed.js writes; what components read of it draws them again.

import { computed, signal } from '@preact/signals';
import { NOW, Store } from './store.js';

/** The range that is shown. */
export const WINDOW_MS = 5 * 60 * 1000;

/** Values. It is no signal: whoever reads from it reads `frame` too, which tells of its changes. */
export const store = new Store(WINDOW_MS);

/** Counts the changes of the store, at most one per picture of the screen. */
export const frame = signal(0);

/** @type {import('@preact/signals').Signal<import('./stream.js').Connection>} */
export const connection = signal({ phase: 'connecting', quiet_ms: 0 });

/** @type {import('@preact/signals').Signal<?import('./api.js').Info>} */
export const info = signal(null);

export const live = computed(() => connection.value.phase === 'live');

/** Since when there are values, if that is later than the start of the range; else null. */
export const collectingSince = computed(() => {
    frame.value;
    const { ring } = store;
    const first_ms = info.value?.first_time_ms ?? ring.time(ring.start);
    return first_ms > ring.last_ms - WINDOW_MS ? first_ms : null;
});

/**
 * The present value of a quantity.
 * @param {import('./quantity.js').Quantity} quantity
 * @returns {number}
 */
export function now(quantity) {
    frame.value;
    return quantity.bind(store)(NOW);
}
