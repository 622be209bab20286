// From the daemon to the state: the stream goes on, history fills what was before it.

import { effect } from '@preact/signals';
import { fetchHistory, fetchInfo, selection } from './api.js';
import { makeStream } from './shared_stream.js';
import { connection, filled, frame, info, isInfoShown, store } from './state.js';

const FILL_RETRY_MS = 3000;
/** How often the page asks what may change without a word on the stream: the collectors' states. */
const INFO_MS = 30000;
/** And where values or series go, or they are looked at: at once, but not more often than this. */
const INFO_LEAST_MS = 10000;

let planned = 0;

/** Ticks come in bursts after a pause; one picture shows them all. */
function show() {
    planned ||= requestAnimationFrame(() => {
        planned = 0;
        frame.value++;
    });
}

/** What the daemon refuses now it refuses again. */
const isRefused = (error) => error.status >= 400 && error.status < 500;

/**
 * Follows the daemon until the page is closed.
 * @param {string[]} selectors the series that the page shows
 */
export function follow(selectors) {
    /** Tells the answers to an earlier stream's questions from those to this one's. */
    let turn = 0;
    let unfilled = false;
    let infoTimer = 0;
    let learnt_ms = 0;

    async function learn(asked) {
        clearTimeout(infoTimer);
        if (asked !== turn)
            return;
        learnt_ms = performance.now();
        try {
            const facts = await fetchInfo();
            if (asked === turn && facts.epoch === store.epoch)
                info.value = facts;
        } catch (error) {
            console.warn(`no facts: ${error.message}`);
        }
        if (asked === turn)
            learnIn(isInfoShown.peek() ? INFO_LEAST_MS : INFO_MS);
    }

    function learnIn(wait_ms) {
        const asked = turn;
        clearTimeout(infoTimer);
        infoTimer = setTimeout(() => learn(asked), wait_ms);
    }

    /** There may be news of the collectors. */
    function learnSoon() {
        learnIn(Math.max(0, learnt_ms + INFO_LEAST_MS - performance.now()));
    }

    // All that is kept, every time: a hole of seconds or of hours, an answer that never came and
    // another ring are then all the same, and the live values need not wait for it.
    async function fill(asked) {
        const { epoch, ids, seq, time_ms, interval_ms } = store;
        try {
            const history = await fetchHistory(
                { epoch, ids, from_ms: time_ms - store.window_ms, to_ms: time_ms + 1, interval_ms });
            if (asked !== turn)
                return;
            if (history)
                store.fill({ ...history, seq });
            filled.value = true;
            show();
        } catch (error) {
            if (isRefused(error)) {
                filled.value = true;
                console.warn(`no history: ${error.message}`);
                return;
            }
            console.warn(`no history, asking again: ${error.message}`);
            setTimeout(() => asked === turn && fill(asked), FILL_RETRY_MS);
        }
    }

    const stream = makeStream(`/v1/stream?${selection(selectors)}`, {
        hello(hello) {
            store.begin(hello);
            filled.value = false;
            unfilled = true;
            learn(++turn);
        },
        tick(tick) {
            store.apply(tick);
            if (unfilled)
                fill(turn);
            unfilled = false;
            if (tick.v.some(([, value]) => value === null))
                learnSoon();
            show();
        },
        series(change) {
            store.change(change);
            learnSoon();
            show();
        },
        phase(next) {
            if (next.phase === 'disconnected' || next.phase === 'paused')
                turn++;  // the next hello asks again
            connection.value = next;
        },
    });

    effect(() => {
        if (isInfoShown.value && learnt_ms > 0)
            learnSoon();
    });

    // Nobody looks at a hidden tab: its stream ends, and the hole is filled when it is seen again.
    const attend = () => document.hidden ? stream.close() : stream.open();
    document.addEventListener('visibilitychange', attend);
    addEventListener('online', attend);
    attend();
}
