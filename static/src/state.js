// The page's one state: what is known. Only feed.js writes; view.js says what of it is looked at.

import { computed, signal } from '@preact/signals';
import { NOW, Store } from './store.js';

/** How much past the page keeps: as much as the daemon has at hand. */
const KEPT_TICKS = 510;

/** Values. It is no signal: whoever reads from it reads `frame` too, which tells of its changes. */
export const store = new Store(KEPT_TICKS);

/** Counts the changes of the store, at most one per picture of the screen. */
export const frame = signal(0);

/** @type {import('@preact/signals').Signal<import('./stream.js').Connection>} */
export const connection = signal({ phase: 'connecting', quiet_ms: 0 });

/** @type {import('@preact/signals').Signal<?import('./api.js').Info>} */
export const info = signal(null);

/** Whether what changes of it is looked at, and has to be asked for more often. */
export const isInfoShown = signal(false);

/**
 * What history told of a long range, while one is shown; null is nothing yet.
 * @type {import('@preact/signals').Signal<?import('./buckets.js').Source>}
 */
export const past = signal(null);

/** Whether the past that the daemon has is here; until then the ring begins with the stream. */
export const filled = signal(false);

/** Changes when the series do, and with them what there is of each kind. */
export const revision = computed(() => {
    frame.value;
    return store.revision;
});

export const live = computed(() => connection.value.phase === 'live');

/** Since when there are values, NaN if unknown. */
export const collectingSince = computed(() => {
    frame.value;
    const { first_ms: kept_ms, last_ms } = store.ring;
    const told_ms = info.value?.first_time_ms;
    // A clock that was set back leaves the first tick in what is the future now.
    return told_ms <= last_ms ? told_ms : kept_ms;
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
