// What one client of the stream, cut off again and again, has been told: nothing twice, nothing
// left out without a word, and at every tick what a client knows that was never cut off.

import assert from 'node:assert/strict';

import { State } from './sse.mjs';

/** A tick that is older than so many intervals when it is asked for was kept for the client. */
const REPLAYED_INTERVALS = 2;

/**
 * The values that differ between two states, as text. Who goes on is told of all series at once, of
 * which some come only in later ticks: they are null until then, and the other has not heard of them.
 */
function difference(ours, others) {
    const ids = [...new Set([...ours.keys(), ...others.keys()])].filter((id) =>
        !Object.is(ours.get(id) ?? null, others.get(id) ?? null));

    return ids.slice(0, 5).map((id) => `${id} is ${ours.get(id)}, not ${others.get(id)}`)
        .concat(ids.length > 5 ? `and ${ids.length - 5} more` : []).join(', ');
}

/** One client's. */
export class Ledger {
    state = new State();
    /** Whatever is wrong, as text. */
    complaints = [];
    epochs = 0;
    ticks = 0;
    /** Of those, compared with the reference. */
    compared = 0;
    /** Connections that began with an id, and that were told of the same epoch. */
    resumes = 0;
    /** Ticks that came for a client which went on from one before them. */
    replayed = 0;
    /**
     * What it was told to have been left out of, and for how long it was away before.
     * @type {{from: number, to: number, why: string, away_ms: number}[]}
     */
    gaps = [];
    /** As the next connection is to send it. */
    last_id = '';
    #reference;
    #last_seq = 0;
    #last_time_ms = 0;
    #opened_ms = 0;
    #isGreeted = false;
    #isResumed = false;
    /** States by tick that the reference has not told of yet. */
    #pending = [];

    /**
     * @param {string} name for complaints
     * @param {(epoch: string, seq: number) => Map<number, ?number> | undefined | null} reference
     *     the values at a tick; null: never; undefined: not yet
     */
    constructor(name, reference) {
        this.name = name;
        this.#reference = reference;
    }

    /** A connection was opened. */
    open(at_ms) {
        this.#opened_ms = at_ms;
        /* A gap of the former one has no id: it is told again. */
        this.#last_seq = Number(this.last_id.split('-')[1] ?? 0);
        this.#isGreeted = false;
        this.#isResumed = false;
    }

    /**
     * An event came.
     * @param {{event: string, id?: string, data: any}} event parsed
     */
    take(event) {
        const before = `${this.state.epoch}-${this.#last_seq}`;
        const steps = [() => this.#check(event), () => this.state.apply(event),
            () => event.event === 'tick' && this.#remember()];

        /* What is wrong once does not make all that follows wrong. */
        for (const step of steps) {
            try {
                step();
            } catch (error) {
                this.#complain(`behind ${before}, ${event.event} ${event.id ?? ''}: ` +
                    error.message);
            }
        }
    }

    #complain(text) {
        if (this.complaints.length < 20)
            this.complaints.push(`${this.name}, ${text}`);
    }

    #check({ event, id, data }) {
        switch (event) {
        case 'hello':
            this.#isResumed = data.epoch === this.state.epoch;
            this.resumes += this.#isResumed;
            if (!this.#isResumed) {
                this.epochs++;
                this.#last_seq = 0;
            }
            this.#isGreeted = true;
            break;
        case 'gap':
            assert.equal(data.from, this.#last_seq + 1, 'the gap begins behind the last tick');
            assert.ok(data.to >= data.from, 'the gap is not empty');
            this.gaps.push({ ...data, away_ms: this.#opened_ms - this.#last_time_ms });
            this.#last_seq = data.to;
            break;
        case 'tick':
            assert.ok(this.#isGreeted, 'a tick before the hello');
            assert.equal(id, `${this.state.epoch}-${data.seq}`);
            this.#checkNext(data.seq);
            this.ticks++;
            this.replayed += this.#isResumed &&
                data.time_ms < this.#opened_ms - REPLAYED_INTERVALS * this.state.interval_ms;
            this.last_id = id;
            this.#last_time_ms = data.time_ms;
            break;
        default:
            assert.ok(['series', 'ping'].includes(event), 'what is that?');
        }
    }

    #checkNext(seq) {
        const last = this.#last_seq;

        this.#last_seq = seq;
        assert.ok(last === 0 || seq === last + 1, `tick ${seq} behind ${last}`);
    }

    #remember() {
        const { epoch, seq, values } = this.state;

        this.#pending.push({ epoch, seq, values: new Map(values) });
        this.settle();
    }

    /** Compares what the reference has told of meanwhile. */
    settle() {
        while (this.#pending.length > 0) {
            const { epoch, seq, values } = this.#pending[0];
            const others = this.#reference(epoch, seq);
            if (others === undefined)
                return;
            this.#pending.shift();
            if (others === null)
                continue;
            this.compared++;
            const wrong = difference(values, others);
            if (wrong)
                this.#complain(`state at ${epoch}-${seq}: ${wrong}`);
        }
    }
}
