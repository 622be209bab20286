// Asks the daemon for processes while their table is in sight: at each tick or, while the crosshair
// moves, for the moment below it; one question at a time, the latest.

import { computed, effect, signal } from '@preact/signals';
import { isSilent } from '../absence.js';
import { fetchProcesses } from '../api.js';
import { stamp } from '../format.js';
import { connection, frame, info, store } from '../state.js';
import { asOf, source } from '../view.js';
import { filter, followed, mode, sort } from './choice.js';
import { learn } from './following.js';
import { keyOf } from './order.js';

/** From one question to the next, so that there are at most ten a second. */
const REST_MS = 100;
/** The processes of a tick are read when the tick has gone out: so much later they are there. */
const LISTED_MS = 100;
/** A list is of up to so long before it. */
const SPAN_MS = 6000;
/** The daemon gives no more. */
const ALL = 1000;

/**
 * The table in sight, null if there is none; most: how many rows it has; brief: without filter and
 * modes.
 * @type {import('@preact/signals').Signal<?{most: number, brief: boolean}>}
 */
export const table = signal(null);

/**
 * @type {import('@preact/signals').Signal<?{list: import('./words.js').Answer, past: boolean}>}
 */
export const answer = signal(null);

/** Why there is no newer one. */
export const failure = signal(null);

/** The moment to ask for, null is now. Of a step of a long range its end: rates are of before. */
const moment_ms = computed(() => {
    frame.value;
    return asOf.value === null ? null
        : Math.round(Math.min(asOf.value + source.value.avg.ring.half_ms, store.ring.last_ms));
});

const question = computed(() => {
    const { phase } = connection.value;
    frame.value;
    if (!table.value || (phase !== 'live' && phase !== 'stale') || isSilent('processes'))
        return null;
    const { most, brief } = table.value;
    const by = !brief && mode.value === 'command' && { by: 'command' };
    const all = !brief && (filter.value !== '' || mode.value === 'tree');
    const at = moment_ms.value;
    const when = at === null ? {} : { at };
    const query = { sort: sort.value, limit: all ? ALL : most, ...by, ...when };
    const who = followed.value && keyOf(followed.value);
    return { query, at, when, key: JSON.stringify([query, who, at ?? store.seq]) };
});

let asked = '';
let isBusy = false;
let last_ms = -REST_MS;

/** @param {number} [least_ms] to wait, though the last question is long ago */
async function rest(least_ms = 0) {
    const left_ms = Math.max(least_ms, last_ms + REST_MS - performance.now());
    if (left_ms > 0)
        await new Promise((resolve) => setTimeout(resolve, left_ms));
    last_ms = performance.now();
}

async function attend({ at, when }, { time_ms, processes = [] }) {
    const who = followed.peek();
    if (!who)
        return;
    const next = await learn(who, processes, { at, time_ms }, async (pids) => {
        await rest();
        return fetchProcesses({ pid: pids.join(), ...when });
    });
    if (followed.peek() === who)
        followed.value = next;
}

/** Of when the first list is that the daemon has kept; −Infinity where it has not said. */
function firstKept_ms() {
    const { last_time_ms, history } = info.peek() ?? {};
    const span_ms = history?.processes?.span_ms;
    return span_ms > 0 ? last_time_ms - span_ms : -Infinity;
}

/** @returns {Promise<boolean>} whether to go on at once, if there is another question */
async function turn() {
    await rest(question.peek().at === null ? LISTED_MS : 0);
    const mine = question.peek();
    if (!mine)
        return false;
    asked = mine.key;
    const first_ms = firstKept_ms();
    if (mine.at !== null && mine.at < first_ms - SPAN_MS) {
        failure.value = { status: 404, reason: `there is something since ${stamp(first_ms)}` };
        return true;
    }
    try {
        const list = await fetchProcesses(mine.query);
        // Who went to the past or came back meanwhile does not want to see where he was.
        const now = question.peek();
        if (now && (now.at === null) === (mine.at === null)) {
            answer.value = { list, past: mine.at !== null };
            failure.value = null;
        }
        // The list is here all the same; whom it is not in is asked for with the next.
        await attend(mine, list).catch(() => {});
        return true;
    } catch (error) {
        const { status } = error;
        failure.value = error;
        // What is refused is refused again; all else is tried at the next tick.
        if (!(status >= 400 && status < 500))
            asked = '';
        return asked !== '';
    }
}

async function pump() {
    if (isBusy)
        return;
    isBusy = true;
    while (question.peek() && question.peek().key !== asked && await turn());
    isBusy = false;
}

effect(() => {
    question.value;
    pump();
});
