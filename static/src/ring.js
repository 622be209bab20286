// The recent past: rows of (time, one value per series), oldest first.

/** A row further from the one before than this many of its spans stands after a gap. */
const GAP_SPANS = 1.5;

/**
 * @typedef {{time_ms: number, seq: number, span_ms: number, broken: boolean}} Row
 *     seq: of the tick, 0 for a row that history gave; span_ms: the time that it stands for;
 *     broken: a gap lies before it whatever the times say
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
    #broken;
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
        this.#broken = this.#array();
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

    /** The time of the newest row, NaN if there is none. */
    get last_ms() {
        return this.end > this.start ? this.#times[this.end - 1] : NaN;
    }

    /** Whether nothing is known between this row and the one before it. */
    breaks(row) {
        if (row <= this.start)
            return false;
        const span_ms = Math.max(this.#spans[row], this.#spans[row - 1]);
        const distance_ms = this.#times[row] - this.#times[row - 1];
        return this.#broken[row] > 0 || distance_ms > GAP_SPANS * span_ms;
    }

    /**
     * Adds the newest row. A clock that was set back ends the rows that now lie in the future.
     * @param {Row} row
     * @param {function(number): number} value of a series by id
     */
    push(row, value) {
        while (this.end > this.start && this.#times[this.end - 1] >= row.time_ms)
            this.end--;
        this.#makeRoom();
        const at = this.end++;
        this.#times[at] = row.time_ms;
        this.#spans[at] = row.span_ms;
        this.#seqs[at] = row.seq;
        this.#broken[at] = row.broken ? 1 : 0;
        for (const [id, column] of this.#columns)
            column[at] = value(id);
        // One row is kept beyond the edge, for the line to come in from there.
        const edge_ms = row.time_ms - this.#window_ms;
        while (this.start + 1 < this.end && this.#times[this.start + 1] < edge_ms)
            this.start++;
    }

    /**
     * Puts history in: it replaces all rows from its start on, except live ones that are newer
     * than it.
     * @param {import('./api.js').History} history
     */
    fill(history) {
        const old = this.#copy();
        const live = old.rows.findIndex((row) => row.seq > history.seq);
        const tail = live < 0 ? old.rows.length : live;
        if (old.rows[tail]?.seq === history.seq + 1)
            old.rows[tail].broken = false;  // what was missed before it is in the history
        const avg = new Map(history.series.map((series) => [series.id, series.avg]));
        const given = [...avg.values()];
        const pushOld = (from, to) => {
            for (let i = from; i < to; i++)
                this.push(old.rows[i], (id) => old.columns.get(id)[i]);
        };

        this.start = this.end = 0;
        const head = old.rows.findIndex((row) => row.time_ms >= history.from_ms);
        pushOld(0, Math.min(tail, head < 0 ? tail : head));
        history.time_ms.forEach((time_ms, i) => {
            if (given.some((values) => values[i] !== null))
                this.push({ time_ms, seq: 0, span_ms: history.step_ms, broken: false },
                          (id) => avg.get(id)?.[i] ?? NaN);
        });
        pushOld(tail, old.rows.length);
    }

    #array() {
        return new Float64Array(2 * this.#capacity);
    }

    #arrays() {
        return [this.#times, this.#spans, this.#seqs, this.#broken, ...this.#columns.values()];
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
                        broken: this.#broken[at] > 0 });
        const columns = new Map();
        for (const [id, column] of this.#columns)
            columns.set(id, column.slice(this.start, this.end));
        return { rows, columns };
    }
}
