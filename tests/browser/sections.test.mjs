// Which sections applications get, and what is in them, told from their series alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKnown } from '../../static/src/absence.js';
import { applicationsOf, titleOf, unitOf } from '../../static/src/application.js';
import { applicationSections, delays, known, states } from
    '../../static/src/sections/applications/index.js';
import { serving } from '../../static/src/sections/applications/http.js';
import { daemon } from '../../static/src/sections/daemon.js';
import { cardsOf } from '../../static/src/sections/index.js';
import { memory, memoryUse } from '../../static/src/sections/memory.js';
import { chosen, labelValues, series, total } from '../../static/src/quantity.js';
import { info, store as live } from '../../static/src/state.js';
import { NOW, Store } from '../../static/src/store.js';

/** As a hello has them: [name, labels, kind, value, unit, scope, sparse] of each. */
const seriesAs = (all) => all.map(
    ([name, labels, kind = 'gauge', , unit = '', scope = 'application', sparse], i) =>
        ({ id: i + 1, name, labels, kind, unit, scope, interval_ms: 1000, sparse }));

function storeOf(...all) {
    const store = new Store(16);
    store.begin({ epoch: 'e', seq: 0, interval_ms: 1000, series: seriesAs(all) });
    store.apply({ seq: 1, time_ms: 1000, flags: [], v: all.map(([, , , value = 1], i) =>
        [i + 1, value]) });
    return store;
}

const SHOP = { job: 'shop', instance: '127.0.0.1:3000' };
const only = (store) => applicationsOf(store)[0];
const titles = ({ cards }) => cards.filter(({ lines }) => lines).map(({ title }) => title);
const read = (quantity, store) => quantity.bind(store)(NOW);
const linesOf = (card, store) => Object.fromEntries(
    card.lines.map(({ label, of }) => [label, read(of, store)]));

test('applications are told from labels, or else from the first part of a name', () => {
    const store = storeOf(
        ['up', SHOP], ['up', { job: 'shop', instance: '/run/shop.sock' }],
        ['up', { job: 'a b/c', instance: 'h:1' }],
        ['orders', { unit: 'pay.service', plan: 'free' }], ['orders', { command: 'node' }],
        ['web_hits', {}, 'counter'], ['web:misses', {}, 'counter'], ['_odd', {}],
        ['node_load1', {}, 'gauge', 1, '', 'host'], ['tacho_x', {}, 'gauge', 1, '', 'tacho']);
    assert.deepEqual(applicationsOf(store).map(({ id, title }) => [id, title]), [
        ['app/_odd', '_odd'],
        ['app/a%20b%2Fc/h:1', 'a b/c'],
        ['app/node', 'node'],
        ['app/pay', 'pay'],
        ['app/shop//run/shop.sock', 'shop /run/shop.sock'],
        ['app/shop/127.0.0.1:3000', 'shop 127.0.0.1:3000'],
        ['app/web', 'web'],
    ]);
    assert.deepEqual(['app/a%20b%2Fc/h:1', 'app/web', 'app/%'].map(titleOf),
                     ['a b/c', 'web', '%']);
});

test('what an application calls as the machine does is not the machine', () => {
    const store = storeOf(
        ['node_load1', SHOP, 'gauge', 100], ['node_load1', {}, 'gauge', 1, '', 'host'],
        ['node_cpu_seconds_total', { ...SHOP, cpu: '7' }, 'counter'],
        ['process_cpu_seconds_total', SHOP, 'counter', 5],
        ['process_cpu_seconds_total', {}, 'counter', 2, '', 'tacho']);
    assert.equal(read(total('node_load1'), store), 1);
    assert.equal(read(series('process_cpu_seconds_total'), store), 2);
    assert.deepEqual(labelValues('node_cpu_seconds_total', 'cpu')(store), []);
    assert.equal(read(chosen('process_cpu_seconds_total', () => true), store), 5);
});

test('they come and go with their values', () => {
    const store = storeOf(['web_hits', {}], ['web_depth', {}]);
    const ids = () => applicationSections(store).map(({ id }) => id);
    const tick = (seq, ...v) => store.apply({ seq, time_ms: 1000 * seq, flags: [], v });
    assert.deepEqual(ids(), ['app/web']);
    store.change({ add: [{ id: 9, name: 'up', labels: SHOP, kind: 'gauge', unit: '',
                           scope: 'application', interval_ms: 1000 }] });
    assert.deepEqual(ids(), ['app/web'], 'there is no value yet');
    tick(2, [9, 0], [1, null]);
    assert.deepEqual(ids(), ['app/shop/127.0.0.1:3000', 'app/web']);
    const before = states(store);
    tick(3, [2, null], [9, 1]);
    assert.deepEqual(ids(), ['app/shop/127.0.0.1:3000'], 'though the series are known');
    assert.notEqual(states(store), before);
    assert.equal(known('app/web', store).title, 'web', 'its past is there');
    store.change({ gone: [1, 2] });
    assert.equal(known('app/web', store), undefined);
});

test('of those that are down no event loop is shown beside tachod\'s', () => {
    const store = storeOf(['up', SHOP, 'gauge', 0], ['nodejs_eventloop_lag_seconds', SHOP],
        ['up', { ...SHOP, job: 'till' }],
        ['nodejs_eventloop_lag_seconds', { ...SHOP, job: 'till' }]);
    assert.deepEqual(delays.members(store), ['app/till/127.0.0.1:3000']);
    assert.equal(applicationSections(store).length, 2);
});

test('shared memory is no cache, and huge pages stand for themselves', () => {
    const store = storeOf(...Object.entries({ MemTotal: 100, Cached: 40, Buffers: 5, Shmem: 30,
        SReclaimable: 3, Hugetlb: 20, AnonPages: 7, Mapped: 8, Slab: 6, PageTables: 1 })
        .map(([name, value]) => [`node_memory_${name}_bytes`, {}, 'gauge', value, '', 'host']),
        ['tacho_memory_used_bytes', {}, 'gauge', 81, '', 'host']);
    assert.deepEqual(linesOf(memoryUse, store), { used: 81, cache: 15, slab: 3 });
    assert.deepEqual(linesOf(memory.cards.find(({ id }) => id === 'kinds'), store),
        { programs: 7, 'mapped files': 8, shared: 30, 'kernel slab': 6, 'page tables': 1,
          'huge pages': 20 });
});

test('a hostile name is a name', () => {
    const label = '</script>\u{1f4a9}"\n%00../../@5s';
    const [{ id, title }] = applicationSections(storeOf(['x', { command: label }]));
    assert.match(id, /^[\w/:.%-]+$/);
    assert.equal(title, label);
    assert.equal(titleOf(id), label);
});

test('what a name counts in', () => {
    for (const [name, unit] of [['a_seconds', 'seconds'], ['a_seconds_total', 'seconds'],
        ['a_bytes', 'bytes'], ['a_ratio', 'ratio'], ['a_ms', 'milliseconds'], ['bytes', ''],
        ['a', '']])
        assert.equal(unitOf(name), unit, name);
    assert.equal(unitOf('a_bytes', 'seconds'), 'seconds', 'what is told counts more');
});

/** The parts of a histogram of Prometheus, as rates. */
function histogram(name, labels, below, count) {
    return [...[0.1, 1].map((le, i) => [`${name}_bucket`, { ...labels, le: `${le}` }, 'histogram',
        below[i], 'seconds']), [`${name}_bucket`, { ...labels, le: '+Inf' }, 'histogram', count],
        [`${name}_count`, labels, 'histogram', count], [`${name}_sum`, labels, 'histogram', 1]];
}

test('a service of HTTP: rate, errors, latency, of all its routes', () => {
    const of = (route, code) => ({ ...SHOP, method: 'GET', route, code });
    const name = 'http_request_duration_seconds';
    const store = storeOf(
        ...histogram(name, of('/', '200'), [40, 60], 60),
        ...histogram(name, of('/a', '201'), [20, 30], 30),
        ...histogram(name, of('/a', '500'), [0, 6], 6),
        ...histogram(name, of('none', '404'), [4, 4], 4),
        ...histogram('http_client_request_duration_seconds', { ...SHOP, code: '200' }, [1, 1], 7),
        ['up', SHOP]);
    const { cards, rate, errors, tiles } = serving(only(store));
    assert.equal(read(rate, store), 100);
    assert.equal(read(errors, store), 0.06);
    const [requests, latency, failed, routes] = cards;
    assert.deepEqual(linesOf(requests, store), { '2xx': 90, '4xx': 4, '5xx': 6 });
    assert.equal(requests.stack, true);
    // 64 of 100 are below 0.1, all below 1.
    const { p50, p95, p99 } = linesOf(latency, store);
    for (const [value, wanted] of [[p50, 0.1 * 50 / 64], [p95, 0.1 + 0.9 * 31 / 36],
        [p99, 0.1 + 0.9 * 35 / 36]])
        assert.ok(Math.abs(value - wanted) < 1e-9, `${value} is not ${wanted}`);
    assert.deepEqual(linesOf(failed, store), { '5xx': 0.06, '4xx': 0.04 });
    assert.deepEqual(linesOf(routes, store), { '/': 60, '/a': 36, none: 4 });
    assert.deepEqual(tiles.map(({ title }) => title), ['Requests', 'Errors', 'Latency p95']);
});

test('no requests are no errors and no latency, but a rate of 0', () => {
    const store = storeOf(...histogram('http_request_duration_seconds',
                                       { ...SHOP, code: '200' }, [0, 0], 0));
    const { rate, errors, cards } = serving(only(store));
    assert.equal(read(rate, store), 0);
    assert.ok(Number.isNaN(read(errors, store)));
    assert.ok(Number.isNaN(linesOf(cards[1], store).p95));
});

for (const [what, series, wanted] of [
    ['a counter with the status', [['api_http_requests_total', { status: '200' }, 'counter', 9],
        ['api_http_requests_total', { status: '503' }, 'counter', 1]], { rate: 10, errors: 0.1 }],
    ['a counter of errors beside', [['api_requests_total', {}, 'counter', 8],
        ['api_request_errors_total', {}, 'counter', 2]], { rate: 8, errors: 0.25 }],
    ['an outcome', [['rpc_requests_total', { result: 'ok' }, 'counter', 3],
        ['rpc_requests_total', { result: 'error' }, 'counter', 1]], { rate: 4, errors: 0.25 }],
    ['nothing but a count', [['api_requests', {}, 'counter', 8]], { rate: 8, errors: null }],
    ['a gauge of those in flight is no count', [['http_requests', {}, 'gauge', 8]],
        { rate: null, errors: null }],
    ['how it was scraped is not served',
        [['promhttp_metric_handler_requests_total', { code: '200' }, 'counter', 1]],
        { rate: null, errors: null }],
    ['a timer that is pushed', [['web_request_duration_count', {}, 'summary', 5, 'seconds'],
        ['web_request_duration', {}, 'histogram', null, 'seconds', 'application', true],
        ['web_request_duration', { quantile: '0.95' }, 'summary', 0.2, 'seconds']],
    { rate: 5, errors: null, p95: 0.2 }],
    ['milliseconds', [...histogram('http_request_duration_ms', {}, [0, 10], 10)],
        { rate: 10, errors: null, p95: 0.000955 }],
]) {
    test(`requests of ${what}`, () => {
        const store = storeOf(...series.map(([name, labels, ...more]) =>
            [name, { ...labels, ...SHOP }, ...more.slice(0, 2),
                /_ms/.test(name) ? '' : more[2], ...more.slice(3)]));
        const { rate, errors, cards } = serving(only(store));
        assert.equal(rate && read(rate, store), wanted.rate);
        assert.equal(errors && read(errors, store), wanted.errors);
        if (wanted.p95)
            assert.ok(Math.abs(linesOf(cards[1], store).p95 - wanted.p95) < 1e-9);
    });
}

test('what is known of Node.js, and what is not known at all', () => {
    const node = (name, value, kind = 'gauge', labels = {}) =>
        [name, { ...SHOP, ...labels }, kind, value];
    const store = storeOf(
        node('nodejs_eventloop_lag_max_seconds', 0.2),
        node('nodejs_eventloop_lag_p99_seconds', 0.1),
        node('nodejs_eventloop_lag_p50_seconds', 0.01), node('nodejs_eventloop_lag_seconds', 0),
        node('nodejs_heap_size_used_bytes', 5), node('nodejs_heap_size_total_bytes', 9),
        node('nodejs_gc_duration_seconds_sum', 0.02, 'histogram', { kind: 'minor' }),
        node('nodejs_gc_duration_seconds_count', 3, 'histogram', { kind: 'minor' }),
        node('process_cpu_user_seconds_total', 0.5, 'counter'),
        node('process_cpu_system_seconds_total', 0.1, 'counter'),
        node('process_resident_memory_bytes', 99), node('process_start_time_seconds', 1),
        node('nodejs_version_info', 1, 'gauge', { version: 'v20.1.0' }),
        node('shop_queue_depth', 4), node('shop_orders_total', 2, 'counter', { plan: 'free' }),
        node('shop_orders_total', 3, 'counter', { plan: 'paid' }), node('up', 1),
        node('scrape_samples_scraped', 9));
    const [section] = applicationSections(store);
    assert.deepEqual(titles(section), ['shop · event-loop delay',
        'Garbage collection, part of the time', 'Heap', 'CPU, part of one', 'Memory']);
    assert.deepEqual(section.tiles.map(({ title }) => title),
                     ['Event-loop delay', 'CPU', 'Memory']);
    const [delay] = delays.cards(section.id, store);
    assert.deepEqual(linesOf(delay, store), { highest: 0.2, p99: 0.1, p50: 0.01 });
    assert.ok(Math.abs(read(section.tiles[1].value, store) - 0.6) < 1e-9);
    assert.equal(section.tiles[2].detail({ used: 5, total: 9 }), 'heap 5.0 of 9.0 B');

    const names = section.each.members(store);
    assert.deepEqual(names, ['shop_orders_total', 'shop_queue_depth',
        'nodejs_gc_duration_seconds', 'nodejs_eventloop_lag_seconds']);
    assert.equal(section.each.first, 2);
    const [orders] = section.each.cards('shop_orders_total');
    assert.deepEqual(linesOf(orders, store), { free: 2, paid: 3 });
    assert.equal(orders.measure(1).unit, '/s');
    assert.equal(section.each.cards('shop_queue_depth')[0].measure(4).unit, '');
});

test('the names that a prefix stands before are known too, and a timer of an event loop', () => {
    const store = storeOf(['pay_heap_used_bytes', {}, 'gauge', 5],
        ['pay_event_loop_delay', { quantile: '0.5' }, 'summary', 0.01, 'seconds'],
        ['pay_event_loop_delay', { quantile: '0.99' }, 'summary', 0.03, 'seconds'],
        ['pay_event_loop_delay_count', {}, 'summary', 1, 'seconds']);
    const [section] = applicationSections(store);
    assert.deepEqual(titles(section), ['pay · event-loop delay', 'Heap']);
    assert.deepEqual(linesOf(section.cards.find(({ id }) => /^loop/.test(id)), store),
                     { p99: 0.03, p50: 0.01 });
    assert.equal(read(section.tiles[0].value, store), 0.03, 'the worst');
    assert.equal(section.about(), 'StatsD · 4 series');
});

test('the processes that send are told, by whatever the kernel calls them', (t) => {
    const store = storeOf(['hits', { unit: 'pay.service' }], ['hits', { command: 'pay' }],
                          ['web_hits', {}]);
    t.after(() => {
        info.value = null;
    });
    info.value = { statsd: { senders: [5, 6, 7, 8].map((pid) => ({ unit: 'pay.service', pid }))
        .concat([{ command: 'pay', pid: 9 }, { port: 4000 }, { pid: 10 }]) } };
    // One name, one section: the first series says whose it is.
    assert.deepEqual(applicationSections(store).map(({ about }) => about()),
                     ['StatsD · pid 5, 6, 7 and 1 more · 2 series', 'StatsD · 1 series']);
});

test('a runtime is named by its labels, as far as they are there', () => {
    for (const [name, labels, wanted] of [
        ['nodejs_version_info', { version: 'v20.1.0' }, 'Node.js v20.1.0 · '],
        ['shop_nodejs_version_info', { version: 'v20.1.0' }, 'Node.js v20.1.0 · '],
        ['go_info', { version: 'go1.19' }, 'Go 1.19 · '], ['go_info', {}, 'Go · '],
        ['python_info', { implementation: 'CPython', version: '3.11' }, 'CPython 3.11 · '],
        ['mongo_info', { version: '7' }, '']]) {
        const [section] = applicationSections(
            storeOf(['up', SHOP], [name, { ...SHOP, ...labels }]));
        assert.equal(section.about(), `${wanted}scraped from 127.0.0.1:3000 · 1 series`);
    }
});

test('charts and lines are bounded, and the rest is named', () => {
    const many = Array.from({ length: 250 }, (_, i) => [`x_m${i}`, SHOP]);
    const lines = Array.from({ length: 40 }, (_, i) => ['x_lines', { ...SHOP, of: `${i}` }]);
    const store = storeOf(...many, ...lines);
    const [section] = applicationSections(store);
    assert.equal(section.each.members(store).length, 200);
    const [{ title, notice }] = section.after;
    assert.equal(title, 'and 51 more');
    assert.equal(notice().split(', ').length, 51);
    const [chart] = section.each.cards('x_lines');
    assert.equal(chart.lines.length, 12);
    assert.equal(chart.all().length, 40);
});

test('a summary without quantiles has its mean', () => {
    const store = storeOf(['job_seconds_sum', SHOP, 'summary', 6],
                          ['job_seconds_count', SHOP, 'summary', 3]);
    const [section] = applicationSections(store);
    const [mean, count] = section.each.cards('job_seconds');
    assert.deepEqual(linesOf(mean, store), { mean: 2 });
    assert.equal(mean.measure(1).unit, 's');
    assert.deepEqual(linesOf(count, store), { job: 3 });
});

test('a timer is one whatever it is called', () => {
    for (const name of ['items_count', 'items_sum', 'items_bucket', 'items_gcount', 'items']) {
        const store = storeOf(
            [name, {}, 'histogram', null, 'seconds', 'application', true],
            [name, { quantile: '0.5' }, 'summary', 0.2, 'seconds'],
            [`${name}_count`, {}, 'summary', 3], [`${name}_sum`, {}, 'summary', 1, 'seconds']);
        const { families, metrics } = only(store);
        assert.deepEqual([...families.keys(), ...metrics.keys()], [name]);
        const { sparse, quantiles, count, sum } = families.get(name);
        assert.deepEqual([sparse, quantiles, count, sum].map((all) => all.map(({ id }) => id)),
                         [[1], [2], [3], [4]], name);
        assert.deepEqual([1, 2, 9].map((id) => store.isSparse(id)), [true, false, false]);
    }
    const store = storeOf(['items', SHOP, 'histogram'],
                          ['items_count', { ...SHOP, quantile: '0.5' }, 'summary']);
    assert.equal(store.isSparse(1), false, 'a name without an ending is not enough');
    assert.deepEqual([...only(store).families.keys()], ['items', 'items_count']);
});

test('what a gauge histogram has in all is drawn', () => {
    const store = storeOf(
        ['queue_bucket', { ...SHOP, le: '1' }, 'histogram', 2],
        ['queue_bucket', { ...SHOP, le: '+Inf' }, 'histogram', 5],
        ['queue_gcount', SHOP, 'histogram', 5], ['queue_gsum', SHOP, 'histogram', 7]);
    const [section] = applicationSections(store);
    assert.deepEqual(section.each.members(store), ['queue', 'queue_gcount', 'queue_gsum']);
    const [sum] = section.each.cards('queue_gsum');
    assert.deepEqual(linesOf(sum, store), { gsum: 7 });
    assert.equal(sum.measure(7).unit, '', 'it is no rate');
});

for (const [name, kind, value, wanted, unit, told] of [
    ['work_seconds_total', 'counter', 0.5, 0.5, '%'], ['work_ms_total', 'counter', 500, 0.5, '%'],
    ['work_bytes_total', 'counter', 500, 500, 'B/s'], ['work_ms', 'gauge', 500, 0.5, 'ms'],
    ['work_percent', 'gauge', 250, 2.5, '%'], ['work_ratio', 'gauge', 0.5, 0.5, '%'],
    ['work_percent_total', 'counter', 5, 5, '/s'],
    ['work', 'gauge', 5, 5, '', 'constructor'], ['work', 'counter', 5, 5, '/s', 'valueOf'],
]) {
    test(`${name} of ${value}${told ? ` ${told}` : ''} is ${wanted} in ${unit || 'numbers'}`, () => {
        const store = storeOf([name, SHOP, kind, value, told]);
        const [chart] = applicationSections(store)[0].each.cards(name);
        assert.deepEqual(linesOf(chart, store), { work: wanted });
        assert.equal(chart.measure(wanted).unit, unit);
    });
}

/** What the page's own store has, until the test ends. */
function showLive(t, ...all) {
    const begin = (series) => live.begin({ epoch: 'e', seq: 0, interval_ms: 1000, series });
    t.after(() => begin([]));
    begin(seriesAs(all));
}

test('what an application has of a name the machine does not know', (t) => {
    const waits = series('node_io_wait', { op: 'read' });
    showLive(t, ['node_io_wait', { ...SHOP, op: 'read' }]);
    assert.equal(isKnown(waits), false);
    assert.equal(isKnown(chosen('node_io_wait', ({ labels }) => labels.job === 'shop')), true);
    assert.equal(isKnown(chosen('node_io_wait', () => false)), false);
    live.change({ add: [{ id: 7, name: 'node_io_wait', labels: { op: 'write' }, kind: 'gauge',
                          unit: '', scope: 'host', interval_ms: 1000 }] });
    assert.equal(isKnown(waits), true, 'of the others of its kind there is something');
    live.change({ gone: [7] });
    assert.equal(isKnown(waits), false);
});

test('a card that is left out is not found', (t) => {
    const found = () => cardsOf(daemon).map(({ id }) => id).includes('dropped');
    assert.equal(found(), false);
    showLive(t, ['tacho_ingest_dropped_total', { source: 'statsd', reason: 'malformed' },
        'counter', 0, '', 'tacho']);
    assert.equal(found(), true);
});
