// The recent past: rows of (time, one value per series), oldest first.

/** A row further from the one before than this many of its spans stands after a gap. */
const GAP_SPANS = 1.5;

/** Stands for a moment of which nothing is known, where a row is asked for. */
export const NONE = -2;

/** What the daemon says of a tick, and `missed`: the page did not get the one before it. */
const FLAGS = ['missed', 'late', 'gap_before', 'clock_step', 'resumed', 'restart', 'boot'];
const BIT = Object.fromEntries(FLAGS.map((name, i) => [name, 1 << i]));
/** Before these nothing is known, whatever the times say. */
const BREAKS = BIT.missed | BIT.gap_before | BIT.resumed;

const bitsOf = (flags) => flags.reduce((bits, name) => bits | (BIT[name] ?? 0), 0);

/**
 * @typedef {{time_ms: number, seq: number, span_ms: number, flags: string[]}} Row
 *     seq: of the tick, 0 for a row that history gave; span_ms: the time that it stands for
 * @typedef {{from_ms: number, to_ms: number, suspended: boolean}} Gap a time without ticks
 */

/**
 * Columns are arrays of twice the capacity in which the rows move forward; at the end they are
 * copied to the start. So the rows are always one piece, and a column keeps its array for life.
 */
export class Ring {
    #window_ms;
    #capacity;
    #columns = new Map();
    #times;
    #spans;
    #seqs;
    #bits;
    /** Changes when rows become others; while it does not, a time stands for what it stood for. */
    rewrites = 0;
    /** A row is of one moment. */
    half_ms = 0;
    /** The rows are start <= row < end. */
    start = 0;
    end = 0;

    /**
     * @param {number} window_ms rows older than this, seen from the newest, are dropped
     * @param {number} interval_ms
     */
    constructor(window_ms, interval_ms) {
        this.#window_ms = window_ms;
        this.#capacity = Math.ceil(window_ms / interval_ms) + 8;
        this.#times = this.#array();
        this.#spans = this.#array();
        this.#seqs = this.#array();
        this.#bits = this.#array();
    }

    /** Values of one series by row; NaN is no value. */
    column(id) {
        let column = this.#columns.get(id);
        if (!column) {
            column = this.#array().fill(NaN);
            this.#columns.set(id, column);
        }
        return column;
    }

    drop(id) {
        this.#columns.delete(id);
    }

    time(row) {
        return this.#times[row];
    }

    /** The time of the oldest row, NaN if there is none. */
    get first_ms() {
        return this.end > this.start ? this.#times[this.start] : NaN;
    }

    /** The time of the newest row, NaN if there is none. */
    get last_ms() {
        return this.end > this.start ? this.#times[this.end - 1] : NaN;
    }

    /** What is odd about a row, by the names of FLAGS. */
    flags(row) {
        return FLAGS.filter((name) => this.#bits[row] & BIT[name]);
    }

    /** Whether nothing is known between this row and the one before it. */
    breaks(row) {
        if (row <= this.start)
            return false;
        if (this.#bits[row] & BREAKS)
            return true;
        // Of two ticks the daemon says what lies between them, however late the second one came.
        if (this.#seqs[row - 1] > 0 && this.#seqs[row] === this.#seqs[row - 1] + 1)
            return false;
        const distance_ms = this.#times[row] - this.#times[row - 1];
        return distance_ms > GAP_SPANS * Math.max(this.#spans[row], this.#spans[row - 1]);
    }

    /**
     * The rows of a time, and one more on each side, for lines to come in from there.
     * @returns {[number, number]} from and to, exclusive
     */
    rows(from_ms, to_ms) {
        const from = this.#lower(from_ms);
        const to = this.#lower(to_ms + 1);
        return [Math.max(this.start, from - 1), Math.min(this.end, to + 1)];
    }

    /**
     * The row that stands for a moment.
     * @param {number} time_ms
     * @returns {number} NONE: nothing is known of it
     */
    at(time_ms) {
        if (this.end === this.start)
            return NONE;
        const next = this.#lower(time_ms);
        if (next === this.start)
            return this.#times[next] - time_ms <= this.#spans[next] ? next : NONE;
        if (next === this.end)
            return time_ms - this.#times[next - 1] <= this.#spans[next - 1] ? next - 1 : NONE;
        const before_ms = time_ms - this.#times[next - 1];
        const after_ms = this.#times[next] - time_ms;
        const near = after_ms <= before_ms ? next : next - 1;
        const far = this.breaks(next) && Math.min(before_ms, after_ms) > this.#spans[near] / 2;
        return far ? NONE : near;
    }

    /**
     * The times without ticks, each from the last tick before it to the first after it.
     * @returns {Gap[]} oldest first
     */
    gaps(from_ms, to_ms) {
        const [from, to] = this.rows(from_ms, to_ms);
        const gaps = [];
        for (let row = Math.max(from, this.start + 1); row < to; row++) {
            if (this.breaks(row))
                gaps.push({ from_ms: this.#times[row - 1], to_ms: this.#times[row],
                            suspended: (this.#bits[row] & BIT.resumed) > 0 });
        }
        return gaps;
    }

    /**
     * Adds the newest row. A clock that was set back ends the rows that now lie in the future.
     * @param {Row} row
     * @param {function(number): number} value of a series by id
     */
    push(row, value) {
        this.#push(row, bitsOf(row.flags), value);
    }

    /**
     * Puts history in: it replaces all rows from its start on, except live ones that are newer
     * than it.
     * @param {import('./api.js').History} history
     * @param {Map<number, number[]>} values by series, along history's times; NaN is no value
     */
    fill(history, values) {
        const old = this.#copy();
        const live = old.rows.findIndex((row) => row.seq > history.seq);
        const tail = live < 0 ? old.rows.length : live;
        if (old.rows[tail]?.seq === history.seq + 1)
            old.rows[tail].bits &= ~BIT.missed;  // what was missed before it is in the history
        // What is kept between rare reads is no tick: only what was read is.
        const isTick = (i) => history.series.some(({ avg }) => avg[i] !== null);
        const marks = marksByBucket(history);
        const pushOld = (from, to) => {
            for (let i = from; i < to; i++)
                this.#push(old.rows[i], old.rows[i].bits, (id) => old.columns.get(id)[i]);
        };

        this.rewrites++;
        this.start = this.end = 0;
        const head = old.rows.findIndex((row) => row.time_ms >= history.from_ms);
        pushOld(0, Math.min(tail, head < 0 ? tail : head));
        history.time_ms.forEach((time_ms, i) => {
            if (isTick(i))
                this.#push({ time_ms, seq: 0, span_ms: history.step_ms }, marks.get(time_ms) ?? 0,
                           (id) => values.get(id)?.[i] ?? NaN);
        });
        pushOld(tail, old.rows.length);
    }

    #push(row, bits, value) {
        while (this.end > this.start && this.#times[this.end - 1] >= row.time_ms) {
            this.end--;
            this.rewrites++;
        }
        this.#makeRoom();
        const at = this.end++;
        this.#times[at] = row.time_ms;
        this.#spans[at] = row.span_ms;
        this.#seqs[at] = row.seq;
        this.#bits[at] = bits;
        for (const [id, column] of this.#columns)
            column[at] = value(id);
        // One row is kept beyond the edge, for the line to come in from there.
        const edge_ms = row.time_ms - this.#window_ms;
        while (this.start + 1 < this.end && this.#times[this.start + 1] < edge_ms)
            this.start++;
    }

    /** The first row at or after a time. */
    #lower(time_ms) {
        let low = this.start;
        let high = this.end;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#times[middle] < time_ms)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    #array() {
        return new Float64Array(2 * this.#capacity);
    }

    #arrays() {
        return [this.#times, this.#spans, this.#seqs, this.#bits, ...this.#columns.values()];
    }

    #makeRoom() {
        if (this.end - this.start === this.#capacity)
            this.start++;
        if (this.end < 2 * this.#capacity)
            return;
        for (const array of this.#arrays())
            array.copyWithin(0, this.start, this.end);
        this.end -= this.start;
        this.start = 0;
    }

    #copy() {
        const rows = [];
        for (let at = this.start; at < this.end; at++)
            rows.push({ time_ms: this.#times[at], seq: this.#seqs[at], span_ms: this.#spans[at],
                        bits: this.#bits[at] });
        const columns = new Map();
        for (const [id, column] of this.#columns)
            columns.set(id, column.slice(this.start, this.end));
        return { rows, columns };
    }
}

/** The bits of history's marks by the time of the bucket that each lies in. */
function marksByBucket({ step_ms, time_ms, marks = [] }) {
    const bits = new Map();
    for (const mark of marks) {
        const bucket_ms = time_ms[0] + Math.floor((mark.time_ms - time_ms[0]) / step_ms) * step_ms;
        bits.set(bucket_ms, (bits.get(bucket_ms) ?? 0) | bitsOf(mark.flags));
    }
    return bits;
}
