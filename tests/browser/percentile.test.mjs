// Percentiles as Prometheus computes them, and those that come as such.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketQuantile, ofBuckets, ofQuantiles } from '../../static/src/percentile.js';
import { columns, seriesOf } from '../../static/src/quantity.js';
import { NOW, Store } from '../../static/src/store.js';
import { Buckets, sourceOf } from '../../static/src/buckets.js';

const mine = ({ labels }) => labels.job === 'shop';

/** A store that has seen some ticks; each series has a value for each of them. */
function storeOf(series, values) {
    const store = new Store(16);
    store.begin({ epoch: 'e', seq: 0, interval_ms: 1000, series: series.map((one, i) =>
        ({ id: i + 1, labels: {}, unit: '', scope: 'application', interval_ms: 1000, ...one })) });
    values.forEach((row, i) => store.apply({ seq: i + 1, time_ms: 1000 * (i + 1), flags: [],
        v: row.map((value, k) => [k + 1, value]) }));
    return store;
}

const bucket = (le, labels = {}) => ({ name: 'h_bucket', kind: 'histogram',
    labels: { job: 'shop', le, ...labels } });

/* The examples that Prometheus tests its own with. */
for (const [bounds, counts, wanted] of [
    [[0.1, 0.2, 1, Infinity], [5, 7, 11, 12], { 0: 0, 0.2: 0.048, 0.5: 0.15, 0.8: 0.72, 1: 1 }],
    [[-0.2, -0.1, 0.3, Infinity], [1, 2, 2, 3], { 0: -0.2, 0.01: -0.2, 0.5: -0.15, 0.8: 0.3 }],
    [[0, 1, Infinity], [0, 4, 4], { 0: 0, 0.25: 0.25, 0.5: 0.5, 1: 1 }],
    [[0.1, Infinity], [0, 0], { 0.5: NaN }],
    [[0.1, 0.2], [1, 2], { 0.5: NaN }],
    [[Infinity], [3], { 0.5: NaN }],
    [[], [], { 0.5: NaN }],
]) {
    test(`quantiles of ${counts} below ${bounds}`, () => {
        for (const [q, value] of Object.entries(wanted)) {
            const found = bucketQuantile(Number(q), bounds, counts);
            assert.ok(Object.is(found, value) || Math.abs(found - value) < 1e-12,
                      `${q}: ${found}, not ${value}`);
        }
    });
}

test('buckets of several series count together, in whatever order they come', () => {
    const store = storeOf(
        [bucket('+Inf'), bucket('0.2'), bucket('0.1'), bucket('+Inf', { route: '/' }),
            bucket('0.2', { route: '/' }), bucket('0.1', { route: '/' }),
            { ...bucket('0.1'), labels: { job: 'other', le: '0.1' } }],
        [[6, 4, 2, 6, 6, 3, 1000], [0, 0, 0, 0, 0, 0, 1000], [6, 6, 6, null, null, null, 5]]);
    const of = ofBuckets('h_bucket', mine);
    const { ys } = columns([of(0.5), of(0.95)], store, { from_ms: 1000, to_ms: 3000 });
    // 5 of 12 are below 0.1, 10 below 0.2.
    const close = (value, wanted) => assert.ok(Math.abs(value - wanted) < 1e-12, `${value}`);
    close(ys[0][0], 0.1 + 0.1 / 5);
    assert.equal(ys[1][0], 0.2, 'beyond the last bound');
    assert.equal(ys[0][1], null, 'nothing was counted');
    close(ys[0][2], 0.05);
    close(of(0.5).bind(store)(NOW), 0.05);
});

test('a row is read anew when other values stand in its place', () => {
    const store = storeOf([bucket('0.1'), bucket('+Inf')], [[1, 1]]);
    const read = ofBuckets('h_bucket', mine)(0.5).bind(store);
    assert.equal(read(store.ring.start), 0.05);
    store.fill({ epoch: 'e', seq: 1, from_ms: 0, step_ms: 1000, time_ms: [1000], marks: [],
        series: [{ id: 1, avg: [0] }, { id: 2, avg: [1] }] });
    assert.equal(read(store.ring.start), 0.1);
});

const timer = (labels) => ({ name: 't', kind: labels.quantile ? 'summary' : 'histogram',
    unit: 'seconds', labels: { job: 'shop', ...labels },
    ...labels.quantile ? {} : { sparse: true } });

test('quantiles that come as such are those of the tick, of several the highest', () => {
    const store = storeOf([timer({}), timer({ quantile: '0.5' }), timer({ quantile: '0.99' }),
        timer({ quantile: '0.5', route: '/' })], [[null, 0.1, 0.9, 0.3], [null, null, null, null]]);
    const of = ofQuantiles('t', mine);
    const { ys } = columns([of(0.5), of(0.99)], store, { from_ms: 1000, to_ms: 2000 });
    assert.deepEqual(ys, [[0.3, null], [0.9, null]]);
});

test('over a long range they are those of the sparse histograms', () => {
    const store = storeOf([timer({}), timer({ quantile: '0.5' }), timer({ route: '/' })], [[]]);
    const ring = new Buckets({ from_ms: 0, to_ms: 4000, step_ms: 2000, interval_ms: 1000 });
    const column = (first) => ({ avg: [9, 9], min: [9, 9], max: [9, 9],
                                 'quantile_0.5': [first, null] });
    ring.add({ time_ms: [0, 2000], series: [{ id: 1, ...column(1) }, { id: 3, ...column(2) },
        { id: 2, avg: [5, 5], min: [5, 5], max: [5, 5] }] }, () => 1000);
    const { avg, high } = sourceOf(ring, store);
    const half = ofQuantiles('t', mine)(0.5);
    assert.deepEqual([...seriesOf([half], store)].sort(), [1, 3], 'which are asked for');
    assert.equal(half.bind(avg)(0), 2);
    assert.equal(half.bind(high)(0), 2, 'there is but one');
    assert.ok(Number.isNaN(half.bind(avg)(1)));
    assert.equal(ofQuantiles('t', ({ labels }) => labels.quantile)(0.5).bind(avg)(0), 5,
                 'a summary has but its own');
});
