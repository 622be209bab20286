// Long ranges as numbers: steps, rows, gaps and marks, and what formulas make of extremes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Buckets, sourceOf, stepOf } from '../../static/src/buckets.js';
import { columns, combine, peak, series, seriesOf, sum, without } from
    '../../static/src/quantity.js';
import { NONE } from '../../static/src/ring.js';
import { Store } from '../../static/src/store.js';

const SECOND_MS = 1000;
const STEP_MS = 60000;
const START_MS = 1700000040000 - 1700000040000 % STEP_MS;
const HALF_MS = (STEP_MS - SECOND_MS) / 2;

for (const [span_s, points, interval_ms, step_s] of [
    [900, 550, 1000, 2], [3600, 550, 1000, 10], [86400, 1000, 1000, 120], [86400, 550, 1000, 300],
    [7 * 86400, 1000, 1000, 900], [60, 1000, 1000, 1], [60, 1000, 100, 0.1],
    [86400, 1000, 7000, 126], [400 * 86400, 100, 1000, 86400]]) {
    test(`${span_s} s in ${points} points of ${interval_ms} ms are steps of ${step_s} s`, () => {
        assert.equal(stepOf(span_s * SECOND_MS, points, interval_ms), step_s * SECOND_MS);
    });
}

/** An answer from the start on; values by series. */
function answer(values, marks = []) {
    const count = Math.max(...Object.values(values).map(({ avg }) => avg.length));
    return {
        time_ms: Array.from({ length: count }, (_, i) => START_MS + i * STEP_MS), marks,
        series: Object.entries(values).map(([id, one]) => ({ id: Number(id), min: one.avg,
            max: one.avg, ...one })),
    };
}

function bucketsOf(values, marks, intervalOf = () => SECOND_MS) {
    const ring = new Buckets({ from_ms: START_MS, to_ms: START_MS + 10 * STEP_MS,
        step_ms: STEP_MS, interval_ms: SECOND_MS });
    ring.add(answer(values, marks), intervalOf);
    return ring;
}

const row_ms = (bucket) => START_MS + bucket * STEP_MS + HALF_MS;

test('steps without ticks have no row: a gap lies between the ticks beside it', () => {
    const ring = bucketsOf({ 1: { avg: [null, 1, 2, null, null, 5, 6] } });
    assert.equal(ring.end, 4);
    assert.deepEqual([0, 1, 2, 3].map((row) => ring.time(row)), [1, 2, 5, 6].map(row_ms));
    assert.deepEqual([0, 1, 2, 3].map((row) => ring.breaks(row)), [false, false, true, false]);
    assert.deepEqual(ring.gaps(), [{ from_ms: START_MS + 3 * STEP_MS - SECOND_MS,
        to_ms: START_MS + 5 * STEP_MS, suspended: false }]);
    assert.equal(ring.at(START_MS + 5 * STEP_MS + 1), 2);
    assert.equal(ring.at(START_MS + 3.5 * STEP_MS), NONE);
    assert.equal(ring.at(START_MS), NONE);
    assert.equal(ring.at(START_MS + 90 * STEP_MS), NONE);
});

test('what is there of one series is a row for the others that come later', () => {
    const ring = bucketsOf({ 1: { avg: [1, null, 3] } });
    ring.add(answer({ 2: { avg: [null, 2, null, 4] } }), () => SECOND_MS);
    const read = ring.reader(2, 'avg');
    assert.deepEqual([0, 1, 2, 3].map(read), [NaN, 2, NaN, 4]);
    assert.deepEqual([0, 1, 2, 3].map(ring.reader(1, 'avg')), [1, NaN, 3, NaN]);
    assert.deepEqual([0, NONE].map(ring.reader(3, 'avg')), [NaN, NaN]);
});

test('marks: a sleep is a gap, a short one a mark; what is late or missed is neither', () => {
    const mark = (bucket, ...flags) =>
        ({ time_ms: START_MS + bucket * STEP_MS + 5000, seq: 1, flags });
    const ring = bucketsOf({ 1: { avg: [1, null, 3, 4, 5] } }, [mark(2, 'resumed', 'gap_before'),
        mark(3, 'resumed'), mark(3, 'late', 'boot'), mark(4, 'gap_before'), mark(99, 'boot')]);
    assert.deepEqual([0, 1, 2, 3].map((row) => ring.flags(row)),
        [[], ['resumed'], ['slept', 'boot'], []]);
    assert.deepEqual(ring.gaps().map(({ suspended }) => suspended), [true]);
});

test('two runs in one step are one row: their extremes together', () => {
    const ring = new Buckets({ from_ms: START_MS, to_ms: START_MS + 2 * STEP_MS,
        step_ms: STEP_MS, interval_ms: SECOND_MS });
    ring.add({ time_ms: [START_MS, START_MS, START_MS + STEP_MS],
        series: [{ id: 1, avg: [1, 2, 3], min: [0, 1, 2], max: [9, 4, 5] }] }, () => SECOND_MS);
    assert.deepEqual(['avg', 'min', 'max'].map((name) => ring.reader(1, name)(0)), [2, 0, 9]);
    assert.equal(ring.end, 2);
});

test('a series that is read rarely keeps its value in between, as in the live range', () => {
    const values = { 1: { avg: [1, 1, 1, 1, 1, 1] },
                     2: { avg: [7, null, null, null, null, null] } };
    const ring = bucketsOf(values, [], (id) => id === 2 ? 2 * STEP_MS : SECOND_MS);
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(ring.reader(2, 'max')), [7, 7, 7, 7, NaN, NaN]);
});

const LABELS = { labels: {}, kind: 'gauge', unit: '', interval_ms: SECOND_MS };

function storeOf(...names) {
    const store = new Store(10);
    store.begin({ epoch: 'e', interval_ms: SECOND_MS,
        series: names.map((name, i) => ({ ...LABELS, id: i + 1, name })) });
    return store;
}

test('the extremes of a formula come of those of its terms, falling ones the other way', () => {
    const ring = bucketsOf({ 1: { avg: [10], min: [8], max: [12] },
                             2: { avg: [4], min: [1], max: [5] } });
    const { avg, low, high } = sourceOf(ring, storeOf('a', 'b'));
    const read = (quantity) => [avg, low, high].map((source) => quantity.bind(source)(0));
    const [a, b] = [series('a'), series('b')];
    assert.deepEqual(read(a), [10, 8, 12]);
    assert.deepEqual(read(sum(a, b)), [14, 9, 17]);
    assert.deepEqual(read(without(a, b)), [6, 3, 11]);
    assert.deepEqual(read(combine((value) => value / 2, a)), [5, 4, 6]);
    assert.equal(peak(a, high, { from_ms: START_MS, to_ms: START_MS + STEP_MS }), 12);
    assert.deepEqual([...seriesOf([sum(a, b), without(a, b)], storeOf('a', 'b'))], [1, 2]);
});

test('each run of steps is drawn from its first tick to its last', () => {
    const ring = bucketsOf({ 1: { avg: [1, 2, null, 4] } });
    const { avg } = sourceOf(ring, storeOf('a'));
    const { x, ys: [y], rows } = columns([series('a')], avg,
        { from_ms: START_MS, to_ms: START_MS + 9 * STEP_MS });
    const tick = (bucket, second) => START_MS + bucket * STEP_MS + second * SECOND_MS;
    assert.equal(rows, 3);
    assert.deepEqual(y, [1, 1, 2, 2, null, 4, 4, 4]);
    assert.deepEqual(x, [tick(0, 0), row_ms(0), row_ms(1), tick(1, 59),
        (row_ms(1) + row_ms(3)) / 2, tick(3, 0), row_ms(3), tick(3, 59)]);
});
