// The stream as a tab has it: from the worker that all tabs share, else one of its own.

import { Stream } from './stream.js';

/** A worker that has not answered by then is not there. */
const ANSWER_MS = 2000;
/** For so long a page may call live what a dead worker has told; hub.js allows for ten. */
const BEAT_MS = 3000;
/** A worker that did not load is asked for no more often. */
const RETRY_MS = 60000;

/**
 * To the worker go [word, url]: `open`, then `here` every 3 s, then `close`. It answers the first
 * two with `here`, and tells [event, data] as Stream tells its handlers. A worker that falls
 * silent has died with the process that it lived in: another is asked for. One that never
 * answered is done without, until it says hello after all. Where a worker once answered but the
 * next did not load, as the daemon was away too, it is asked for again when the daemon is back.
 */
export class SharedStream {
    #url;
    #handlers;
    #worker_url;
    #answer_ms;
    #beat_ms;
    #wanted = false;
    /** @type {?MessagePort} to the worker, while the stream is wanted */
    #port = null;
    #answered = false;
    /** Whether this browser has shared workers that load. */
    #proven = false;
    #retried_at = -Infinity;
    /** @type {?Stream} the tab's own, once it had to be */
    #direct = null;
    /** Whether the tab's own is what the page hears. */
    #alone = false;
    #timer = 0;

    /**
     * @param {string} url
     * @param {import('./stream.js').Handlers} handlers
     * @param {string} worker_url
     * @param {{answer_ms?: number, beat_ms?: number}} [times] what tests replace
     */
    constructor(url, handlers, worker_url, { answer_ms = ANSWER_MS, beat_ms = BEAT_MS } = {}) {
        this.#url = url;
        this.#handlers = handlers;
        this.#worker_url = worker_url;
        this.#answer_ms = answer_ms;
        this.#beat_ms = beat_ms;
    }

    /** Connects now; ends a wait for the next try. */
    open() {
        addEventListener('pagehide', this);
        addEventListener('pageshow', this);
        if (!this.#wanted)
            this.#handlers.phase({ phase: 'connecting', quiet_ms: 0 });
        this.#wanted = true;
        this.#join();
    }

    /** Ends the stream until open(). */
    close() {
        removeEventListener('pagehide', this);
        removeEventListener('pageshow', this);
        this.#wanted = false;
        this.#leave();
        this.#handlers.phase({ phase: 'paused', quiet_ms: 0 });
    }

    /**
     * A page may be kept when one leaves it, and come back as it was. With the last tab Chromium
     * stops the worker before it hears of it: then its stream stands still until the page is
     * shown again or forgotten.
     */
    handleEvent({ type, persisted }) {
        if (type === 'pagehide')
            this.#leave();
        else if (persisted)
            this.#join();
    }

    #join() {
        if (this.#alone)
            this.#direct.open();
        if (this.#port)
            this.#say('open');
        else if (this.#worker_url)
            this.#connect();
    }

    #leave() {
        this.#drop();
        this.#direct?.close();
    }

    #connect() {
        this.#drop();
        try {
            const worker = new SharedWorker(this.#worker_url, 'tacho');
            const { port } = worker;
            worker.onerror = () => port === this.#port && this.#fail('it does not load');
            port.onmessage = ({ data }) => port === this.#port && this.#hear(data);
            this.#port = port;
            this.#answered = false;
            this.#say('open');
        } catch (error) {
            this.#fail(error.message);  // Firefox, where cookies are blocked
        }
    }

    #drop() {
        clearTimeout(this.#timer);
        this.#port?.postMessage(['close', this.#url]);
        this.#port?.close();
        this.#port = null;
    }

    #say(word) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#miss(), this.#answer_ms);
        this.#port.postMessage([word, this.#url]);
    }

    #hear([event, data]) {
        if (event === 'here') {
            this.#answered = true;
            this.#proven = true;
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#say('here'), this.#beat_ms);
            return;
        }
        if (event === 'hello' && this.#alone) {
            this.#alone = false;
            this.#direct.close();
        }
        if (!this.#alone)
            this.#handlers[event](data);
    }

    #miss() {
        if (!this.#answered)
            return this.#goAlone('it does not answer');
        if (!this.#alone)
            this.#handlers.phase({ phase: 'connecting', quiet_ms: 0 });
        this.#connect();
    }

    #fail(why) {
        this.#drop();
        if (!this.#proven)
            this.#worker_url = null;
        this.#goAlone(why);
    }

    /**
     * The daemon has greeted the tab's own stream. A port that was never answered may lead to a
     * worker whose script did not load while the daemon was away: not every tab is told of that.
     */
    #retry() {
        const now = performance.now();
        const isPending = this.#port && (this.#answered || !this.#proven);
        if (isPending || !this.#worker_url || now - this.#retried_at < RETRY_MS)
            return;
        this.#retried_at = now;
        this.#connect();
    }

    #goAlone(why) {
        if (this.#alone)
            return;
        console.info(`no shared worker, ${why}: this tab has a stream of its own`);
        const heard = (event) => (data) => this.#alone && this.#handlers[event](data);
        const hello = (data) => {
            heard('hello')(data);
            this.#retry();
        };
        this.#direct ??= new Stream(this.#url, { hello, tick: heard('tick'),
                                                 series: heard('series'), phase: heard('phase') });
        this.#alone = true;
        this.#direct.open();
    }
}

/**
 * The best stream that this browser can have.
 * @param {string} url
 * @param {import('./stream.js').Handlers} handlers
 * @returns {SharedStream | Stream}
 */
export function makeStream(url, handlers) {
    return typeof SharedWorker === 'undefined' ? new Stream(url, handlers)
        : new SharedStream(url, handlers, WORKER_URL);
}
