// What a stream has told so far, as the daemon would tell it to whoever joins now.

export class Latest {
    #hello = null;
    #tick = null;
    #series = new Map();
    #values = new Map();

    /** @param {import('./stream.js').Hello} hello what was before it no longer stands */
    begin(hello) {
        this.#hello = hello;
        this.#tick = null;
        this.#series = new Map(hello.series.map((series) => [series.id, series]));
        this.#values.clear();
    }

    /** @param {{add?: import('./api.js').Series[], gone?: number[]}} change */
    change({ add = [], gone = [] }) {
        for (const id of gone) {
            this.#series.delete(id);
            this.#values.delete(id);
        }
        for (const series of add)
            this.#series.set(series.id, series);
    }

    /** @param {import('./stream.js').Tick} tick the first after begin() is complete */
    apply(tick) {
        this.#tick = tick;
        for (const [id, value] of tick.v) {
            if (value === null)
                this.#values.delete(id);
            else
                this.#values.set(id, value);
        }
    }

    /** @returns {?import('./stream.js').Hello} null before the first */
    get hello() {
        const seq = this.#tick?.seq ?? this.#hello?.seq;
        return this.#hello && { ...this.#hello, seq, series: [...this.#series.values()] };
    }

    /** @returns {?import('./stream.js').Tick} the last one, complete; null if none came since */
    get tick() {
        return this.#tick && { ...this.#tick, v: [...this.#values] };
    }
}
