// From the daemon to the state: the stream goes on, history fills what was before it.

import { fetchHistory, fetchInfo, selection } from './api.js';
import { connection, frame, info, store, WINDOW_MS } from './state.js';
import { Stream } from './stream.js';

const FILL_RETRY_MS = 3000;

let planned = 0;

/** Ticks come in bursts after a pause; one picture shows them all. */
function show() {
    planned ||= requestAnimationFrame(() => {
        planned = 0;
        frame.value++;
    });
}

/**
 * Follows the daemon until the page is closed.
 * @param {string[]} names the metrics that the page shows
 */
export function follow(names) {
    /** Tells the answers to an earlier stream's questions from those to this one's. */
    let turn = 0;

    // The whole range every time: a hole of seconds or of hours, an answer that never came and
    // another ring are then all the same, and the live values need not wait for it.
    async function fill(asked) {
        try {
            const from = `-${WINDOW_MS / 1000}s`;
            const [history, facts] = await Promise.all([fetchHistory(names, from), fetchInfo()]);
            if (asked !== turn)
                return;
            if (facts.epoch === store.epoch)
                info.value = facts;
            if (store.fill(history))
                show();
        } catch (error) {
            // What the daemon refuses now it refuses again: then the past stays empty.
            if (error.status >= 400 && error.status < 500) {
                console.warn(`no history: ${error.message}`);
                return;
            }
            console.warn(`no history, asking again: ${error.message}`);
            setTimeout(() => asked === turn && fill(asked), FILL_RETRY_MS);
        }
    }

    const stream = new Stream(`/v1/stream?${selection(names)}`, {
        hello(hello) {
            store.begin(hello);
            fill(++turn);
        },
        tick(tick) {
            store.apply(tick);
            show();
        },
        series(change) {
            store.change(change);
            show();
        },
        phase(next) {
            if (next.phase === 'disconnected' || next.phase === 'paused')
                turn++;  // the next hello asks again
            connection.value = next;
        },
    });

    // Nobody looks at a hidden tab: its stream ends, and the hole is filled when it is seen again.
    const attend = () => document.hidden ? stream.close() : stream.open();
    document.addEventListener('visibilitychange', attend);
    addEventListener('online', attend);
    attend();
}
