// Ranges that reach beyond what the page keeps: asked of the daemon for what is in sight, step by
// step, one request at a time.

import { effect, signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { fetchExtremes } from './api.js';
import { Buckets, sourceOf } from './buckets.js';
import { seriesOf } from './quantity.js';
import { frame, past, store } from './state.js';
import { isLong, long, plotWidth } from './view.js';

/** What comes into sight together is asked for together. */
const GATHER_MS = 60;
/** After an error nothing is asked for so long. */
const RETRY_MS = 5000;

/** Why a long range is not shown, in the daemon's words; empty if it is. */
export const trouble = signal('');

/** What is in sight: functions that give quantities. */
const wants = new Set();
/** The range that answers are gathered for, and what of it is there. */
let job = null;
let flight = null;
let planned = 0;
let rest_until = 0;

function wantedIds() {
    const quantities = [...wants].flatMap((want) => want());
    return [...seriesOf(quantities, store)].filter((id) => !job.asked.has(id));
}

/** A refused question is not asked again: the same would be refused. */
function onError(error) {
    trouble.value = error.reason ?? error.message;
    job.refused = error.status >= 400 && error.status < 500;
    rest_until = performance.now() + RETRY_MS;
}

function show(mine) {
    trouble.value = '';
    past.value = sourceOf(mine.ring, store);
}

/** Until all that was wanted is there, what was shown before stays. */
async function load(ids, given_up) {
    const mine = job;
    const isFirst = past.peek() === null;
    for await (const answer of fetchExtremes(mine.what, ids, (id) => store.isSparse(id),
                                              given_up)) {
        if (given_up.aborted)
            return;
        mine.ring ??= new Buckets({ ...mine.what, step_ms: answer.step_ms,
                                    interval_ms: store.interval_ms });
        mine.ring.add(answer, (id) => store.intervalOf(id));
        if (isFirst)
            show(mine);
    }
    ids.forEach((id) => mine.asked.add(id));
    if (mine.ring)
        show(mine);
}

async function pump() {
    planned = 0;
    const what = long.peek();
    if (job?.what.key !== what?.key) {
        flight?.abort();
        // Ids of another ring mean other series.
        if (job?.what.epoch !== what?.epoch)
            past.value = null;
        job = what && { what, asked: new Set(), ring: null, refused: false };
    }
    if (!job || flight || document.hidden || job.refused)
        return;
    const wait_ms = rest_until - performance.now();
    if (wait_ms > 0)
        return void plan(wait_ms);
    const ids = wantedIds();
    if (ids.length === 0)
        return;
    const { signal: given_up } = flight = new AbortController();
    try {
        await load(ids, given_up);
    } catch (error) {
        if (!given_up.aborted)
            onError(error);
    }
    flight = null;
    plan();
}

function plan(wait_ms = GATHER_MS) {
    planned ||= setTimeout(pump, wait_ms);
}

/**
 * Has the series of quantities asked for, while a long range is shown and this is in sight.
 * @param {function(): import('./quantity.js').Quantity[]} quantities
 * @param {boolean} seen
 * @param {number} [width] of the plot, in CSS pixels
 */
export function usePast(quantities, seen, width) {
    const latest = useRef(quantities);
    latest.current = quantities;
    useLayoutEffect(() => {
        if (!seen)
            return undefined;
        const want = () => latest.current();
        wants.add(want);
        plan();
        return () => wants.delete(want);
    }, [seen]);
    useLayoutEffect(() => {
        if (seen && width > 0)
            plotWidth.value = width;
    }, [seen, width]);
}

// Another range, or series that came: there is something to ask for.
effect(() => {
    const key = long.value?.key;
    if (key)
        plan();
    else if (!isLong.value)
        leave();
});
document.addEventListener('visibilitychange', () => plan());
let revision = 0;
effect(() => {
    frame.value;
    if (revision !== store.revision && long.peek())
        plan();
    revision = store.revision;
});

function leave() {
    flight?.abort();
    job = null;
    rest_until = 0;
    trouble.value = '';
    past.value = null;
}
