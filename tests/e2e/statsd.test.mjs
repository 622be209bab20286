// StatsD: what applications send is there as Prometheus's data model has it, ends with its sender,
// and cannot grow beyond its limits. With a client that services use, and with packets by hand.

import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import StatsD from 'hot-shots';

import { sender } from '../support/datagrams.mjs';
import { ask, json } from '../support/http.mjs';
import { run, start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-statsd-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const socketPath = path.join(folder, 'statsd.sock');
let files = 0;

const APPLICATION = `match=${encodeURIComponent('{__scope__="application"}')}`;

function configuration(statsd) {
    const file = path.join(folder, `${files++}.json`);
    writeFileSync(file, JSON.stringify({ statsd: { listen: ['udp:127.0.0.1:0'], ...statsd } }));
    return file;
}

/** A daemon that takes StatsD, for one test; .statsd is its port. */
async function startWith(t, statsd = {}, args = ['-i', '500ms']) {
    const daemon = await start(['-l', '127.0.0.1:0', '-c', configuration(statsd), ...args]);
    t.after(() => daemon.alive && daemon.stop());
    daemon.statsd = Number(daemon.stderr.match(/StatsD on udp:127\.0\.0\.1:(\d+)/)?.[1]);
    daemon.udp = `udp:127.0.0.1:${daemon.statsd}`;
    return daemon;
}

const nameOf = ({ name, labels }) => name + (Object.keys(labels).length ?
    `{${Object.entries(labels).sort().map(([key, value]) => `${key}="${value}"`).join()}}` : '');

/** What applications have now: values by name and labels, null where there is none. */
async function values(daemon, query = APPLICATION) {
    const { series } = await json(daemon, `/v1/now?${query}&digits=17`);
    return Object.fromEntries(series.map((each) => [nameOf(each), each.value]));
}

/** Who sends, as /v1/info has it, once that is as wanted. */
function senders(daemon, wanted) {
    let last;
    return until('senders', async () => {
        last = (await json(daemon, '/v1/info')).statsd.senders;
        return wanted(last) ? last : null;
    }, { timeout_ms: 10000 }).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(last)}`);
    });
}

/** Waits until these have these values. */
async function reach(daemon, wanted) {
    let seen;
    try {
        await until('values', async () => {
            seen = await values(daemon);
            return Object.entries(wanted).every(([name, value]) => seen[name] === value) || null;
        }, { timeout_ms: 10000 });
    } catch {
        const named = Object.fromEntries(Object.keys(wanted).map((name) => [name, seen[name]]));
        assert.deepEqual(named, wanted);
    }
    return seen;
}

async function dropped(daemon) {
    const { series } = await json(daemon, '/v1/now?name=tacho_ingest_dropped_total');
    return Object.fromEntries(series.filter(({ value }) => value > 0)
        .map(({ labels, value }) => [labels.reason, value]));
}

/** When the series had its last value, and the first tick had none of it. */
async function lastOf(daemon, match) {
    const { time_ms, series } = await json(daemon, `/v1/history?match=${encodeURIComponent(match)}` +
        '&from=-20s&step=1s&agg=last&values=raw');
    const at = series[0].last.findLastIndex((value) => value !== null);
    return { last_ms: time_ms[at], absent_ms: time_ms[at + 1] };
}

test('hot-shots: each type, tags, rates', async (t) => {
    const daemon = await startWith(t);
    const client = new StatsD({ host: '127.0.0.1', port: daemon.statsd, prefix: 'shop.',
        globalTags: { env: 'test' }, maxBufferSize: 1000, bufferFlushInterval: 20 });
    t.after(() => new Promise((resolve) => { client.close(resolve); }));

    for (let i = 0; i < 100; i++)
        client.increment('http.requests', 1, { route: '/a' });
    client.increment('http.requests', 5, { route: '/b' });
    client.decrement('never', 1); /* a counter that falls: a reset is not what is meant */
    client.gauge('queue', 12.5);
    client.gaugeDelta('workers', 3);
    client.gaugeDelta('workers', -1);
    client.timing('took', 320);
    client.histogram('size', 1024);
    client.distribution('size', 4096);
    client.unique('users', 'alice');
    client.unique('users', 'bob');
    client.event('deployed', 'a new version');
    client.check('database', client.CHECKS.OK);
    const seen = await reach(daemon, {
        'shop_http_requests{env="test",route="/a"}': 100,
        'shop_http_requests{env="test",route="/b"}': 5,
        'shop_queue{env="test"}': 12.5,
        'shop_workers{env="test"}': 2,
        'shop_took_count{env="test"}': 1,
        'shop_took_sum{env="test"}': 0.32,
        'shop_size_count{env="test"}': 2,
        'shop_size_sum{env="test"}': 5120,
    });
    assert.ok(!Object.keys(seen).some((name) => /never|deployed|database/.test(name)));
    assert.deepEqual(await dropped(daemon), { value: 1 });

    const { series } = await json(daemon, `/v1/catalog?${APPLICATION}`);
    const of = (name) => series.find((each) => nameOf(each) === name);
    const { kind, cumulative, unit, scope } = of('shop_http_requests{env="test",route="/a"}');
    assert.deepEqual({ kind, cumulative, unit, scope },
        { kind: 'counter', cumulative: true, unit: '', scope: 'application' });
    assert.equal(of('shop_took{env="test"}').kind, 'histogram');
    assert.deepEqual(series.filter(({ sparse }) => sparse).map(nameOf).sort(),
        ['shop_size{env="test"}', 'shop_took{env="test"}']);
    assert.equal(of('shop_took{env="test",quantile="0.99"}').kind, 'summary');
    assert.equal(of('shop_took_sum{env="test"}').unit, 'seconds');
    assert.equal(of('shop_users{env="test"}').kind, 'gauge');
});

test('a counter has the rate that it is sent at', async (t) => {
    const daemon = await startWith(t);
    const client = new StatsD({ host: '127.0.0.1', port: daemon.statsd });
    t.after(() => new Promise((resolve) => { client.close(resolve); }));
    let sent = 0;
    const begin = Date.now();
    const timer = setInterval(() => {
        for (const due = (Date.now() - begin) / 5; sent < due; sent++)
            client.increment('requests');
    }, 10);
    await sleep(5000);
    const { series: [{ rate }] } = await json(daemon, '/v1/now?name=requests&over=3s');
    clearInterval(timer);
    assert.ok(Math.abs(rate - 200) < 20, `200 a second are shown as ${rate}`);
    await reach(daemon, { requests: sent });
});

test('packets by hand: signs, several values, names that are mapped, a set for each tick', async (t) => {
    const daemon = await startWith(t);
    const udp = sender(t, daemon.udp);

    await udp.send('g:10|g\ng:-3|g\ng:+1.5|g', 'n:-4|g', 'c:1:2:3|c|@0.5|#b:2,a:1\nc:1|c|#a:1,b:2\r\n',
        '5xx.caf\xc3\xa9-rate:7|g|#Ä:x,9k:v,novalue,__name__:y', 'zero:0|g|T1656581400|c:ci-1',
        't:125:250|ms|@0.25');
    await reach(daemon, { g: 8.5, n: -4, 'c{a="1",b="2"}': 13, zero: 0,
        '_5xx_caf__rate{_="x",_9k="v"}': 7, t_count: 8, t_sum: 1.5 });
    await udp.send('s:a|s\ns:b:c|s\ns:a|s');
    await until('the set', async () => (await values(daemon)).s === 2 || null);
    await until('the next tick has none', async () => (await values(daemon)).s === 0 || null);
    assert.deepEqual(await dropped(daemon), {});
});

test('quantiles are true over a span', async (t) => {
    const daemon = await startWith(t);
    const udp = sender(t, daemon.udp);
    const durations = Array.from({ length: 1000 }, (_, i) => i + 1);

    /* All within one step of ten seconds, over some ticks. */
    await udp.send('t:1|g');
    await until('the middle of a step', () => Date.now() % 10000 > 500 && Date.now() % 10000 < 3000 || null);
    const begin = Math.floor(Date.now() / 10000) * 10000;
    for (let i = 0; i < 1000; i += 100) {
        await udp.send(`took:${durations.slice(i, i + 100).join(':')}|ms|#a:b`);
        await sleep(200);
    }
    await reach(daemon, { 'took_count{a="b"}': 1000 });
    const { series: [found] } = await json(daemon, `/v1/history?match=${encodeURIComponent('took{a="b",quantile=""}')}` +
        `&from=${begin}&step=10s&quantile=0.5,0.95,0.99,0.999`);
    for (const wanted of [0.5, 0.95, 0.99, 0.999]) {
        const [value] = found[`quantile_${wanted}`];
        assert.ok(Math.abs(value - wanted) <= 0.01 * wanted, `${wanted}: ${value}`);
    }
    const seen = await values(daemon);
    assert.equal(seen['took{a="b"}'], null);
    assert.ok('took{a="b",quantile="0.99"}' in seen);
});

test('a unix socket: the unit or command of the process, which ends its series', async (t) => {
    const daemon = await startWith(t, { listen: ['udp:127.0.0.1:0', `unix:${socketPath}`] }, []);
    const one = sender(t, `unix:${socketPath}`), other = sender(t, `unix:${socketPath}`);
    await one.send('both:1|c\nmine:1|g|#unit:x,command:y');
    const [, unit] = readFileSync(`/proc/${one.pid}/cgroup`, 'utf8')
        .match(/^0::.*\/([^/\n]+\.service)(?!.*\.scope)[^\n]*$/m) ?? [];
    const label = unit ? `unit="${unit}"` : 'command="python3"';
    const mine = unit ? `mine{exported_command="y",exported_unit="x",${label}}` :
        `mine{${label},exported_command="y",exported_unit="x"}`;

    await reach(daemon, { [`both{${label}}`]: 1, [mine]: 1 });
    await other.send('both:2|c');
    await reach(daemon, { [`both{${label}}`]: 3 });
    assert.ok(!JSON.stringify(await values(daemon)).includes(String(one.pid)), 'a pid is no label');

    /* What the other has too stays. */
    const killed_ms = await one.kill();
    await reach(daemon, { [`both{${label}}`]: 3, [mine]: null });
    const { absent_ms } = await lastOf(daemon, '{__name__="mine"}');
    assert.ok(absent_ms - killed_ms <= 2000, `${absent_ms - killed_ms} ms after the end`);
    await sleep(2500);
    await reach(daemon, { [`both{${label}}`]: 3 });
    await other.kill();
    await reach(daemon, { [`both{${label}}`]: null });
    await daemon.stop();
    assert.ok(!existsSync(socketPath), 'the socket went with the daemon');
});

test('/v1/info tells who sends: of processes the pid, which is nowhere else', async (t) => {
    const listen = ['udp:127.0.0.1:0', `unix:${socketPath}`];
    const daemon = await startWith(t, { listen });
    const { statsd } = await json(daemon, '/v1/info');
    assert.deepEqual(statsd, { listen: [daemon.udp, `unix:${socketPath}`], senders: [] });
    const one = sender(t, `unix:${socketPath}`), other = sender(t, `unix:${socketPath}`);
    const udp = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    t.after(() => udp.close());
    await once(udp, 'listening');

    const begin_ms = Date.now();
    await one.send('c:1|c');
    await other.send('c:1|c');
    udp.send('u:1|c', daemon.statsd, '127.0.0.1');
    const found = await senders(daemon, (list) => list.length === 3);
    const of = (list, pid) => list.find((each) => each.pid === pid);
    /* They may be known before the tick that has what they said. */
    const { labels } = await until('their series', async () => (await json(daemon, '/v1/now?name=c')).series[0]);
    for (const { pid } of [one, other]) {
        const { since_ms, last_ms, ...rest } = of(found, pid);
        assert.deepEqual(rest, { pid, ...labels });
        assert.ok(begin_ms - 100 <= since_ms && since_ms <= last_ms && last_ms <= Date.now() + 100,
            `${begin_ms} ${since_ms} ${last_ms}`);
    }
    const { since_ms, last_ms, ...rest } = found.find(({ port }) => port);
    assert.deepEqual(rest, { port: udp.address().port });
    assert.ok(since_ms <= last_ms);

    const again_ms = Date.now();
    await one.send('c:1|c');
    const later = await senders(daemon, (list) => of(list, one.pid).last_ms >= again_ms - 100);
    assert.equal(of(later, one.pid).since_ms, of(found, one.pid).since_ms);
    assert.equal(of(later, other.pid).last_ms, of(found, other.pid).last_ms);
    const { series } = await json(daemon, '/v1/catalog');
    const pids = [one.pid, other.pid].map(String);
    assert.ok(!series.some((each) => Object.values(each.labels).some((value) => pids.includes(value))),
        'a pid is no label');

    await one.kill();
    const left = await senders(daemon, (list) => !of(list, one.pid));
    assert.ok(of(left, other.pid));
    await other.kill();
    await senders(daemon, (list) => list.length === 1 && list[0].port);
});

test('UDP: a silent sender keeps its series, a killed one takes them along', async (t) => {
    const daemon = await startWith(t, {}, []);
    const udp = sender(t, daemon.udp), other = sender(t, daemon.udp);

    await udp.send('c:5|c\ng:7|g\nt:10|ms');
    await other.send('o:1|c');
    await reach(daemon, { c: 5, g: 7, t_count: 1, o: 1 });
    await sleep(4000);
    const { series } = await json(daemon, '/v1/now?name=c,t_count');
    assert.deepEqual(series.map(({ value, rate }) => [value, rate]), [[5, 0], [1, 0]]);
    assert.equal((await values(daemon)).g, 7);
    const killed_ms = await udp.kill();
    await reach(daemon, { c: null, g: null, t_count: null, o: 1 });
    for (const name of ['c', 'g', 't_count']) {
        const { absent_ms } = await lastOf(daemon, `{__name__="${name}"}`);
        assert.ok(absent_ms - killed_ms <= 2000, `${name}: ${absent_ms - killed_ms} ms after the end`);
    }
    /* A new one begins anew. */
    await sender(t, daemon.udp).send('c:2|c');
    await reach(daemon, { c: 2, o: 1 });
});

test('a sender that ends at once is heard all the same', async (t) => {
    const daemon = await startWith(t);
    const socket = dgram.createSocket('udp4');
    await new Promise((resolve) => { socket.send('job:1|c', daemon.statsd, '127.0.0.1', resolve); });
    socket.close();
    await reach(daemon, { job: 1 });
    await sleep(2500);
    await reach(daemon, { job: 1 });
});

test('no application takes a name of the host', async (t) => {
    const daemon = await startWith(t);
    const udp = sender(t, daemon.udp);
    await udp.send('node_load1:77777|g\nfine:1|g', 'node_load1:1|g|#a:b');
    await reach(daemon, { fine: 1, 'node_load1{a="b"}': 1 });
    const seen = await values(daemon, 'name=node_load1');
    assert.notEqual(seen.node_load1, 77777);
    assert.deepEqual(await dropped(daemon), { series_limit: 1 });
});

test('what is beyond the limits is dropped and counted', async (t) => {
    const daemon = await startWith(t, { max_series: 10, listen: ['udp:127.0.0.1:0', `unix:${socketPath}`] });
    const udp = sender(t, daemon.udp), unix = sender(t, `unix:${socketPath}`);
    const tags = (count) => Array.from({ length: count }, (_, i) => `k${i}:v`).join();

    await udp.send('x', 'x:1', 'x:y|c', 'x:1|q', 'x:1|c|@2');
    await until('malformed', async () => (await dropped(daemon)).malformed === 5 || null);
    await udp.send(`${'n'.repeat(257)}:1|c`, `x:1|c|#${tags(31)}`, `x:1|c|#k:${'v'.repeat(1025)}`,
        `x:1|c|c:${'y'.repeat(8192)}`);
    await unix.send('z'.repeat(65536));
    await until('too long', async () => (await dropped(daemon)).too_long === 5 || null);
    await udp.send('x:nan|g\nx:-1|ms\nx:-1|c');
    await until('impossible', async () => (await dropped(daemon)).value === 3 || null);
    await udp.send(Array.from({ length: 15 }, (_, i) => `s${i}:1|c`).join('\n'));
    await until('series', async () => (await dropped(daemon)).series_limit === 5 || null);
    await reach(daemon, { s9: 1, s10: undefined });
    await udp.send(`s9:1|c\n${'s1:1|c\n'.repeat(9000)}`);
    await reach(daemon, { s9: 2, s1: 9001 });
    assert.deepEqual(await dropped(daemon), { malformed: 5, too_long: 5, value: 3, series_limit: 5 });
    assert.equal((await ask(daemon, '/healthz')).status, 200);
});

test('a packet that is too long counts as one', async (t) => {
    const daemon = await startWith(t, { listen: [`unix:${socketPath}`] });
    await sender(t, `unix:${socketPath}`).send('x'.repeat(66000));
    await until('it', async () => (await dropped(daemon)).too_long === 1 || null);
    const { series } = await json(daemon, '/v1/now?name=tacho_ingest_packets_total');
    assert.deepEqual(series.map(({ value }) => value), [1]);
});

test('labels are text that means nothing', async (t) => {
    const daemon = await startWith(t);
    const udp = sender(t, daemon.udp);
    await udp.send('x:1|c|#a:"}<script>\\ \xff\x01\x7f,b:\xe2\x98\x83');
    await until('it is there', async () => Object.values(await values(daemon)).includes(1) || null);
    const { text } = await ask(daemon, `/v1/catalog?${APPLICATION}`);
    assert.equal(JSON.parse(text).series[0].labels.b, '☃');
});

test('after a restart nothing lives on that nobody sends', async (t) => {
    const data = path.join(folder, 'data');
    const first = await startWith(t, {}, ['-d', data, '-i', '500ms']);
    const udp = sender(t, first.udp);
    await udp.send('c:5|c\nt:7|ms');
    await reach(first, { c: 5, t_count: 1 });
    await sleep(1500);
    await first.stop();
    const second = await startWith(t, {}, ['-d', data, '-i', '500ms']);
    await until('they are gone', async () => {
        const seen = await values(second);
        return (!seen.c && !seen.t_count) || null;
    });
    const { series } = await json(second, '/v1/history?name=c&from=-30s&step=1s&agg=last&values=raw');
    assert.ok(series[0].last.includes(5), 'its past is there');
    const again = sender(t, second.udp);
    await again.send('c:2|c');
    await reach(second, { c: 2 });
});

test('an address in use is an error that names it, and --once needs none', async (t) => {
    const taken = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    t.after(() => taken.close());
    const address = `udp:127.0.0.1:${taken.address().port}`;
    const file = configuration({ listen: [address] });
    const { code, stderr } = await run(['-c', file, '-l', '127.0.0.1:0', '-d', 'none']);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`cannot listen for StatsD on ${address}: Address already in use\n$`));
    const once_ = await run(['-c', file, '--once', '-i', '100ms']);
    assert.equal(once_.code, 0);
    assert.equal(once_.stderr, '');
});

test('the ingest loop shows as the others do', async (t) => {
    const daemon = await startWith(t);
    const seen = await until('loops', async () => {
        const names = Object.keys(await values(daemon, 'name=tacho_loop_*&label=loop:ingest'));
        return names.length >= 5 ? names : null;
    });
    for (const name of ['tacho_loop_delay_seconds', 'tacho_loop_callback_seconds', 'tacho_loop_seconds_total'])
        assert.ok(seen.some((each) => each.startsWith(name)), name);
    const without = await start(['-i', '500ms']);
    t.after(() => without.stop());
    assert.ok(!/StatsD/.test(without.stderr), 'it is off unless asked for');
    assert.deepEqual((await json(without, '/v1/info')).statsd, { listen: [], senders: [] });
});
