// One stream and the tabs that look at it; the worker's side of shared_stream.js.

import { Latest } from './latest.js';
import { Stream } from './stream.js';

/** A tab says every 3 s that it is there; one that crashed tells nobody that it is gone. */
const SILENT_MS = 30000;

/**
 * The stream is open while there is a tab. Whoever joins gets what the daemon gives: hello, then
 * one complete tick, then changes; and how the connection is.
 */
export class Hub {
    #stream;
    #silent_ms;
    #latest = new Latest();
    /** Each tab's port, and when it was last heard. */
    #heard_at = new Map();
    #connection = null;
    #timer = 0;

    /**
     * @param {string} url
     * @param {{Source?: typeof Stream, silent_ms?: number}} [options] what tests replace
     */
    constructor(url, { Source = Stream, silent_ms = SILENT_MS } = {}) {
        this.#silent_ms = silent_ms;
        this.#stream = new Source(url, {
            hello: (hello) => {
                this.#latest.begin(hello);
                this.#tell('hello', hello);
            },
            tick: (tick) => {
                this.#latest.apply(tick);
                this.#tell('tick', tick);
            },
            series: (change) => {
                this.#latest.change(change);
                this.#tell('series', change);
            },
            phase: (connection) => {
                this.#connection = connection;
                this.#tell('phase', connection);
            },
        });
    }

    /** How many tabs there are. */
    get size() {
        return this.#heard_at.size;
    }

    /**
     * A tab is there, or still is.
     * @param {{postMessage: function(any)}} port gets [event, data], as Stream's handlers do
     */
    attach(port) {
        const known = this.#heard_at.has(port);
        if (this.size === 0)
            this.#begin();
        this.#heard_at.set(port, performance.now());
        if (!known)
            this.#greet(port);
    }

    /** A tab is gone or hidden. */
    detach(port) {
        if (this.#heard_at.delete(port) && this.size === 0)
            this.#end();
    }

    /** Ends a wait for the next try. */
    hurry() {
        this.#stream.hurry();
    }

    #begin() {
        this.#stream.open();
        this.#timer = setInterval(() => this.#sweep(), this.#silent_ms / 4);
    }

    #end() {
        clearInterval(this.#timer);
        this.#stream.close();
        this.#latest = new Latest();
    }

    #greet(port) {
        const { hello, tick } = this.#latest;
        if (hello)
            port.postMessage(['hello', hello]);
        if (tick)
            port.postMessage(['tick', tick]);
        if (this.#connection)
            port.postMessage(['phase', this.#connection]);
    }

    #tell(event, data) {
        for (const port of this.#heard_at.keys())
            port.postMessage([event, data]);
    }

    #sweep() {
        for (const [port, heard_at] of this.#heard_at) {
            if (performance.now() - heard_at > this.#silent_ms)
                this.detach(port);
        }
    }
}
