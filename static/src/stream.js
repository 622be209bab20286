// One stream of /v1/stream, kept alive: what arrives is handed on, what fails is tried again.

/**
 * @typedef {import('./api.js').Series} Series
 * @typedef {{epoch: string, seq: number, interval_ms: number, series: Series[]}} Hello
 * @typedef {{seq: number, time_ms: number, flags: string[], v: [number, ?number][]}} Tick
 * @typedef {'connecting' | 'live' | 'stale' | 'disconnected' | 'paused'} Phase
 * @typedef {{phase: Phase, quiet_ms: number}} Connection quiet_ms: since the last tick, whole
 *     seconds, 0 while live
 * @typedef {{hello: function(Hello), tick: function(Tick),
 *     series: function({add: Series[], gone: number[]}), phase: function(Connection)}} Handlers
 */

const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10000;
/** Before the first hello nobody knows the interval. */
const HELLO_MS = 5000;
/** At 100 ms intervals two ping spans are 600 ms, which any wireless network exceeds. */
const DEAD_LEAST_MS = 2000;

/**
 * EventSource goes to CLOSED for good on a 503 and notices neither a stopped daemon nor a pulled
 * cable. So every failure ends the EventSource, and a new one is made after a growing, jittered
 * wait; data is stale when no tick came for 3 intervals, the connection dead when no frame at
 * all came for two ping spans.
 */
export class Stream {
    #url;
    #handlers;
    #source = null;
    #timer = 0;
    #failures = 0;
    #interval_ms = 0;
    #tick_at = 0;
    #frame_at = 0;
    #phase = 'connecting';

    /**
     * @param {string} url
     * @param {Handlers} handlers
     */
    constructor(url, handlers) {
        this.#url = url;
        this.#handlers = handlers;
    }

    /** Connects now; ends a wait for the next try. */
    open() {
        this.#drop();
        this.#interval_ms = 0;
        this.#frame_at = performance.now();
        const source = new EventSource(this.#url);
        this.#source = source;
        this.#on('hello', (hello) => this.#hello(hello));
        this.#on('tick', (tick) => this.#tick(tick));
        this.#on('series', (change) => this.#handlers.series(change));
        this.#on('gap', () => {});  // a hello follows, and with it the hole is filled
        this.#on('ping', () => {});
        source.addEventListener('error', () => this.#lost());
        if (this.#phase === 'paused')
            this.#enter('connecting');
        this.#watch();
    }

    /** Ends a wait for the next try; a connection that stands is left alone. */
    hurry() {
        if (!this.#source)
            this.open();
    }

    /** Ends the stream until open(). */
    close() {
        this.#drop();
        this.#failures = 0;
        this.#enter('paused');
    }

    #on(event, handle) {
        const source = this.#source;
        source.addEventListener(event, ({ data }) => {
            if (source !== this.#source)
                return;
            this.#frame_at = performance.now();
            handle(JSON.parse(data));
        });
    }

    #hello(hello) {
        this.#interval_ms = hello.interval_ms;
        this.#tick_at = this.#frame_at;
        this.#handlers.hello(hello);
        this.#watch();
    }

    #tick(tick) {
        this.#failures = 0;
        this.#tick_at = this.#frame_at;
        this.#handlers.tick(tick);
        if (this.#phase !== 'live') {
            this.#enter('live');
            this.#watch();
        }
    }

    #drop() {
        clearTimeout(this.#timer);
        this.#source?.close();
        this.#source = null;
    }

    #lost() {
        this.#drop();
        const wait_ms = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.#failures++);
        this.#enter('disconnected');
        this.#timer = setTimeout(() => this.open(), wait_ms * (0.75 + Math.random() / 2));
    }

    #enter(phase, quiet_ms = 0) {
        this.#phase = phase;
        this.#handlers.phase({ phase, quiet_ms });
    }

    /** Looks at the clock, acts, and comes back when there may be something to see. */
    #watch() {
        clearTimeout(this.#timer);
        const now = performance.now();
        const interval_ms = this.#interval_ms;
        const ping_ms = Math.min(15000, 3 * interval_ms);
        const dead_ms = interval_ms ? Math.max(2 * ping_ms, DEAD_LEAST_MS) : HELLO_MS;
        const dead_in_ms = this.#frame_at + dead_ms - now;
        if (dead_in_ms <= 0)
            return this.#lost();

        let next_ms = dead_in_ms;
        if (interval_ms) {
            const quiet_ms = now - this.#tick_at;
            const stale = quiet_ms >= 3 * interval_ms;
            if (stale)
                this.#enter('stale', Math.floor(quiet_ms / 1000) * 1000);
            const next_look_ms = stale ? 1000 - quiet_ms % 1000 : 3 * interval_ms - quiet_ms;
            next_ms = Math.min(next_ms, next_look_ms);
        }
        this.#timer = setTimeout(() => this.#watch(), Math.max(20, next_ms + 1));
    }
}
