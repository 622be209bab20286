// What the page keeps of the past, without a browser: gaps, history under ticks, clocks set back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joined } from '../../static/src/api.js';
import { columns, highest, peak, series, sum, without } from '../../static/src/quantity.js';
import { NONE } from '../../static/src/ring.js';
import { NOW, Store } from '../../static/src/store.js';

const KEPT_TICKS = 10;
const EVER = { from_ms: -Infinity, to_ms: Infinity };
const LOAD = { id: 1, name: 'load', labels: {} };
const DISKS = ['sda', 'sdb'].map((device, i) => ({ id: 2 + i, name: 'busy', labels: { device } }));
const load = series('load');

function begin(store, { epoch = 'a', seq = 0 } = {}) {
    store.begin({ epoch, seq, interval_ms: 1000, series: [LOAD, ...DISKS] });
}

function tick(store, seq, time_ms, v = [[1, seq]], flags = []) {
    store.apply({ seq, time_ms, flags, v });
}

function fill(store, seq, from_ms, loads, { epoch = 'a', marks = [] } = {}) {
    return store.fill({
        epoch, seq, from_ms, step_ms: 1000, marks,
        time_ms: loads.map((_, i) => from_ms + 1000 * i),
        series: [{ ...LOAD, avg: loads }],
    });
}

function started() {
    const store = new Store(KEPT_TICKS);
    begin(store);
    return store;
}

test('unchanged values stay, null is no value', () => {
    const store = started();
    tick(store, 1, 1000, [[1, 5], [2, 0.5]]);
    tick(store, 2, 2000, [[2, null]]);
    assert.equal(load.bind(store)(NOW), 5);
    assert.ok(Number.isNaN(series('busy', { device: 'sda' }).bind(store)(NOW)));
    assert.deepEqual(columns([load], store, EVER), { x: [1000, 2000], ys: [[5, 5]], rows: 2 });
});

test('the first tick of a stream is complete', () => {
    const store = started();
    tick(store, 1, 1000, [[1, 5], [2, 0.5]]);
    begin(store, { seq: 1 });
    assert.equal(load.bind(store)(NOW), 5, 'until then the old values stand');
    tick(store, 2, 2000, [[2, 0.25]]);
    assert.ok(Number.isNaN(load.bind(store)(NOW)));
});

test('a missed number and a flag are gaps, a late tick is none', () => {
    const store = started();
    tick(store, 1, 1000);
    tick(store, 3, 2000);
    tick(store, 4, 3000, [[1, 4]], ['gap_before']);
    tick(store, 5, 4400);
    tick(store, 6, 6000);
    assert.deepEqual(columns([load], store, EVER).ys[0], [1, null, 3, null, 4, 5, 6]);
    assert.equal(store.missed, 1);
    begin(store, { seq: 6 });
    tick(store, 6, 6000);
    assert.equal(store.missed, 1, 'what comes once more was not missed');
    tick(store, 10, 10000);
    assert.equal(store.missed, 4);
    begin(store, { epoch: 'b', seq: 70 });
    tick(store, 70, 11000);
    assert.equal(store.missed, 4, 'another ring counts anew');
});

test('the tick that a reader had already is not drawn twice', () => {
    const store = started();
    tick(store, 1, 1000);
    begin(store, { seq: 1 });
    tick(store, 1, 1000, [[1, 1], [2, 0.5]]);
    assert.equal(columns([load], store, EVER).rows, 1);
    assert.equal(series('busy', { device: 'sda' }).bind(store)(NOW), 0.5);
});

test('history goes under the ticks that are newer than it', () => {
    const store = started();
    tick(store, 11, 11003);
    tick(store, 12, 12003);
    assert.ok(fill(store, 11, 8000, [8, 9, null, 11]));
    const { x, ys } = columns([load], store, EVER);
    assert.deepEqual(x, [8000, 9000, 10000, 11000, 12003]);
    assert.deepEqual(ys[0], [8, 9, null, 11, 12]);
    assert.equal(load.bind(store)(NOW), 12);
});

test('history fills the hole that a broken stream left', () => {
    const store = started();
    tick(store, 1, 1000);
    tick(store, 2, 2000);
    begin(store, { seq: 6 });
    tick(store, 6, 6000);
    tick(store, 7, 7000);
    assert.deepEqual(columns([load], store, EVER).ys[0], [1, 2, null, 6, 7]);
    fill(store, 5, 2000, [2, 3, 4, 5]);
    assert.deepEqual(columns([load], store, EVER).ys[0], [1, 2, 3, 4, 5, 6, 7]);
});

test('a gap in the history stays one', () => {
    const store = started();
    fill(store, 4, 1000, [1, null, null, 4]);
    assert.deepEqual(columns([load], store, EVER).ys[0], [1, null, 4]);
});

test('another epoch is another ring', () => {
    const store = started();
    tick(store, 7, 7000);
    begin(store, { epoch: 'b' });
    assert.ok(Number.isNaN(load.bind(store)(NOW)));
    assert.equal(fill(store, 7, 1000, [1, 2], { epoch: 'a' }), false, 'history of the old one is refused');
    tick(store, 1, 9000);
    assert.deepEqual(columns([load], store, EVER), { x: [9000], ys: [[1]], rows: 1 });
});

test('a clock set back ends what lies in the future now', () => {
    const store = started();
    [1000, 2000, 3000, 4000].forEach((time_ms, i) => tick(store, i + 1, time_ms));
    tick(store, 5, 2500, [[1, 5]], ['clock_step']);
    assert.deepEqual(columns([load], store, EVER).x, [1000, 2000, 2500]);
});

test('only the window is kept, over any length of time', () => {
    const store = started();
    for (let seq = 1; seq <= 100; seq++)
        tick(store, seq, seq * 1000);
    const { x, ys } = columns([load], store, EVER);
    assert.deepEqual(x, [89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100].map((n) => n * 1000));
    assert.deepEqual(ys[0], x.map((time_ms) => time_ms / 1000));
});

test('series come and go', () => {
    const store = started();
    tick(store, 1, 1000, [[1, 1], [2, 0.2], [3, 0.3]]);
    const most = highest('busy');
    assert.equal(most.bind(store)(NOW), 0.3);
    store.change({ gone: [3] });
    assert.equal(most.bind(store)(NOW), 0.2);
    store.change({ add: [{ id: 4, name: 'busy', labels: { device: 'sdc' } }] });
    tick(store, 2, 2000, [[4, 0.9]]);
    assert.equal(most.bind(store)(NOW), 0.9);
    assert.equal(peak(most, store, EVER), 0.9);
    store.change({ gone: [2, 4] });
    assert.ok(Number.isNaN(most.bind(store)(NOW)));
});

test('sums with an unknown part are unknown', () => {
    const store = started();
    tick(store, 1, 1000, [[1, 5], [2, 2]]);
    const first = series('busy', { device: 'sda' });
    const second = series('busy', { device: 'sdb' });
    assert.equal(sum(load, first).bind(store)(NOW), 7);
    assert.equal(without(first, load).bind(store)(NOW), 0);
    assert.ok(Number.isNaN(sum(load, second).bind(store)(NOW)));
    assert.ok(Number.isNaN(without(load, second).bind(store)(NOW)));
});

test('a moment is that of the nearest row, unless that lies beyond a gap', () => {
    const { ring } = filled();
    assert.equal(ring.at(2100), 1);
    assert.equal(ring.at(2600), 2);
    assert.equal(ring.at(3400), 2);
    assert.equal(ring.at(4500), NONE);
    assert.equal(ring.at(6600), 3);
    assert.equal(ring.at(8000), 4, 'the newest row stands for the time until the next');
    assert.equal(ring.at(8001), NONE);
    assert.equal(ring.at(0), 0);
    assert.equal(ring.at(-1), NONE);

    function filled() {
        const store = started();
        [1000, 2000, 3000].forEach((time_ms, i) => tick(store, i + 1, time_ms));
        tick(store, 4, 6500, [[1, 4]], ['gap_before']);
        tick(store, 5, 7000);
        return store;
    }
});

test('gaps and suspends are told apart, in what history gave too', () => {
    const store = started();
    tick(store, 11, 11003);
    fill(store, 11, 2000, [2, 3, null, null, 6, 7, null, null, 10, 11],
         { marks: [{ time_ms: 6004, seq: 5, flags: ['gap_before', 'resumed'] },
                   { time_ms: 10001, seq: 7, flags: ['gap_before'] }] });
    tick(store, 12, 12003);
    assert.deepEqual(store.ring.gaps(0, 20000), [
        { from_ms: 3000, to_ms: 6000, suspended: true },
        { from_ms: 7000, to_ms: 10000, suspended: false }]);
    assert.deepEqual(store.ring.gaps(8000, 9000),
                     [{ from_ms: 7000, to_ms: 10000, suspended: false }]);
    assert.deepEqual(store.ring.flags(store.ring.at(6000)), ['gap_before', 'resumed']);
});

test('what is read rarely keeps its value between its ticks, and no longer', () => {
    const store = new Store(KEPT_TICKS);
    store.begin({ epoch: 'a', seq: 0, interval_ms: 1000, series: [
        { ...LOAD, interval_ms: 1000 }, { ...DISKS[0], interval_ms: 3000 }] });
    tick(store, 10, 10000, [[1, 10]]);
    store.fill({ epoch: 'a', seq: 10, from_ms: 1000, step_ms: 1000,
                 time_ms: [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000],
                 series: [{ ...LOAD, avg: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
                          { ...DISKS[0], avg: [null, 5, null, null, null, null, null, null, 6,
                                               null] }] });
    assert.deepEqual(columns([series('busy')], store, EVER).ys[0],
                     [null, 5, 5, 5, 5, 5, 5, null, 6, 6]);
});

test('what is read rarely does not fill a gap', () => {
    const store = new Store(KEPT_TICKS);
    store.begin({ epoch: 'a', seq: 0, interval_ms: 1000, series: [
        LOAD, { ...DISKS[0], interval_ms: 10000 }] });
    tick(store, 4, 8000, [[1, 8]]);
    store.fill({ epoch: 'a', seq: 4, from_ms: 1000, step_ms: 1000,
                 time_ms: [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000],
                 series: [{ ...LOAD, avg: [1, 2, null, null, null, null, 7, 8] },
                          { ...DISKS[0], avg: [null, 5, null, null, null, null, null, null] }] });
    assert.deepEqual(store.ring.gaps(0, 9000),
                     [{ from_ms: 2000, to_ms: 7000, suspended: false }]);
    assert.deepEqual(columns([series('busy')], store, EVER).ys[0], [null, 5, null, 5, 5]);
});

test('a range has the row before it and the row after it, and its peak is within', () => {
    const store = started();
    [5, 1, 2, 1, 9].forEach((value, i) => tick(store, i + 1, 1000 * (i + 1), [[1, value]]));
    const range = { from_ms: 1500, to_ms: 4500 };
    assert.deepEqual(columns([load], store, range).x, [1000, 2000, 3000, 4000, 5000]);
    assert.equal(peak(load, store, range), 2);
});

test('answers of which the oldest tick has gone meanwhile are joined along the times', () => {
    const answer = (time_ms, id, avg) =>
        ({ epoch: 'a', seq: 9, step_ms: 1000, marks: [], time_ms, series: [{ id, avg }] });
    const whole = joined(answer([1000, 2000, 3000], 1, [1, 2, 3]),
                         answer([2000, 3000], 2, [20, 30]));
    assert.deepEqual(whole.time_ms, [1000, 2000, 3000]);
    assert.deepEqual(whole.series.map(({ avg }) => avg), [[1, 2, 3], [null, 20, 30]]);
});
