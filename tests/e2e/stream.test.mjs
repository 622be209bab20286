// /v1/stream: what every subscriber sees, and that nobody harms another.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import os from 'node:os';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { EventSource } from 'eventsource';

import { ask, now, shown } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { connect, exchange } from '../support/raw.mjs';
import { assertContiguous, parseEvent, State, stream } from '../support/sse.mjs';
import { start, startFor } from '../support/tachod.mjs';
import { sleep, until, within } from '../support/wait.mjs';

/** Seconds of the soak: 60 is the stated time, less is for every day. */
const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const value = async (daemon, name) =>
    Number((await ask(daemon, `/v1/now?name=${name}&format=value`)).text);
const readPipe = (text) => text.slice(0, text.lastIndexOf('\n\n')).split('\n\n')
    .map((part) => parseEvent(part));

describe('stream', () => {
    let daemon;

    before(async () => {
        daemon = await start();
        await until('two ticks', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    });
    after(() => daemon?.stop());

    test('hello at once, a complete tick, then a tick each second', async () => {
        const began_ms = Date.now();
        const client = await stream(daemon);
        const ticks = await client.count(5);
        client.close();
        const [hello, first] = client.events;

        assert.deepEqual(client.events.slice(0, 2).map(({ event }) => event), ['hello', 'tick']);
        assert.equal(hello.retry, '2000');
        assert.equal(hello.id, undefined);
        assert.ok(hello.at_ms - began_ms < 5000);
        assert.deepEqual(Object.keys(hello.data),
            ['version', 'epoch', 'seq', 'interval_ms', 'series']);
        assert.equal(hello.data.interval_ms, 1000);
        assert.equal(hello.data.seq, first.data.seq);
        for (const series of hello.data.series)
            assert.deepEqual(Object.keys(series),
                ['id', 'name', 'labels', 'kind', 'unit', 'scope', 'interval_ms']);
        for (const { id, data } of ticks) {
            assert.deepEqual(Object.keys(data), ['seq', 'time_ms', 'flags', 'v']);
            assert.equal(id, `${hello.data.epoch}-${data.seq}`);
        }
        assertContiguous(ticks);
        ticks.slice(1).forEach(({ data }, i) => {
            assert.ok(Math.abs(data.time_ms - ticks[i].data.time_ms - 1000) < 900, data.time_ms);
        });
        assert.equal(client.headers['content-type'], 'text/event-stream');
        assert.equal(client.headers['cache-control'], 'no-cache, no-transform');
        assert.equal(client.headers['x-accel-buffering'], 'no');
        assert.equal(client.headers['transfer-encoding'], 'chunked');
    });

    test(`${SOAK} s with all cores busy: no tick lost or doubled`, async () => {
        const clients = await Promise.all(['', '', '?name=tacho_*', '?name=node_load1']
            .map((query) => stream(daemon, query)));
        const missed = await value(daemon, 'tacho_ticks_missed_total');
        const loops = Array.from({ length: os.cpus().length }, () => spawn(process.execPath,
            ['-e', `const end = Date.now() + ${SOAK * 1000}; while (Date.now() < end);`]));
        try {
            await Promise.all(clients.map((client) => client.count(SOAK)));
        } finally {
            loops.forEach((loop) => loop.kill('SIGKILL'));
        }
        for (const client of clients) {
            client.close();
            assertContiguous(client.ticks);
            assert.ok(client.events.every(({ event }) => event !== 'gap'));
        }
        assert.equal(await value(daemon, 'tacho_ticks_missed_total'), missed);
    });

    test('those who selected the same see identical bytes, in any order of terms', async () => {
        const clients = await Promise.all([
            '?name=node_load1&name=tacho_*&label=loop:*',
            '?label=loop:*&name=tacho_*&name=node_load1&name=tacho_*',
            '?name=tacho_*&label=loop:*&name=node_load1&last_event_id=x'].map((query) =>
            stream(daemon, query)));
        await Promise.all(clients.map((client) => client.count(4)));
        clients.forEach((client) => client.close());
        /* The first of each is the complete tick of its arrival. */
        const raws = clients.map((client) => new Map(client.ticks.slice(1)
            .map(({ raw, id }) => [id, raw])));
        let compared = 0;

        for (const [id, raw] of raws[0]) {
            for (const other of raws.slice(1)) {
                assert.equal(other.get(id) ?? raw, raw);
                compared += other.has(id);
            }
        }
        assert.ok(compared >= 4);
    });

    test('changes on top of the complete tick are what /v1/now says', async () => {
        const client = await stream(daemon);
        let compared = 0;

        for (let i = 0; i < 30 && compared < 4; i++) {
            await client.next('tick');
            const { seq, series, epoch } = await now(daemon);
            const tick = client.ticks.find(({ data }) => data.seq === seq);
            if (!tick)
                continue;
            assert.equal(epoch, client.state.epoch);
            assert.deepEqual(series.map((each) => [each.id, shown(each)]), [...tick.values]);
            compared++;
        }
        client.close();
        assert.ok(compared >= 4);
    });

    test('the npm client eventsource gets ids and ticks', async () => {
        const source = new EventSource(`${daemon.url}v1/stream?name=node_load1`);
        const ticks = [];

        await within('three ticks', new Promise((resolve, reject) => {
            source.addEventListener('error', (error) => reject(new Error(error.message)));
            source.addEventListener('tick', (tick) => {
                if (ticks.push(tick) === 3)
                    resolve();
            });
        }));
        source.close();
        ticks.forEach((tick) => assert.match(tick.lastEventId,
            new RegExp(`^[0-9a-f]{16}-${JSON.parse(tick.data).seq}$`)));
    });

    test('HTTP/1.0 gets the stream without chunks', async () => {
        const { head, body } = await exchange(daemon,
            'GET /v1/stream?name=node_load1 HTTP/1.0\r\n\r\n', { timeout_ms: 3500 });
        assert.match(head, /^HTTP\/1\.[01] 200 /);
        assert.doesNotMatch(head, /chunked/i);
        const events = readPipe(body);
        assert.deepEqual(events.slice(0, 3).map(({ event }) => event), ['hello', 'tick', 'tick']);
    });

    test('64 different selections are served, the 65th is told the limit', async () => {
        const open = (i) => stream(daemon, `?name=selection_${i}`);
        const clients = await Promise.all(Array.from({ length: 64 }, (_, i) => open(i)));
        const refused = await ask(daemon, '/v1/stream?name=selection_64');

        assert.equal(refused.status, 503);
        assert.equal(refused.headers['content-type'], 'application/problem+json');
        assert.match(refused.json.detail, /\b64\b/);
        const joined = await open(7);
        assert.equal(joined.status, 200);
        clients[9].close();
        const late = await until('room for one more', async () => {
            const client = await open(65);
            if (client.status === 200)
                return client;
            client.close();
            return null;
        }, { every_ms: 200 });
        for (const client of [...clients, joined, late])
            client.close();
    });

    test('50 clients that connect and reset leave nothing behind', async () => {
        await until('no subscriber', async () =>
            await value(daemon, 'tacho_stream_subscribers') === 0 || null);
        for (let round = 0; round < 6; round++) {
            const sockets = await Promise.all(Array.from({ length: 50 }, () => connect(daemon)));
            sockets.forEach((socket, i) =>
                socket.write(`GET /v1/stream?name=a${i % 8} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
            await sleep(round * 30);
            sockets.forEach((socket, i) => i % 2 ? socket.resetAndDestroy() : socket.destroy());
        }
        await until('no subscriber', async () =>
            await value(daemon, 'tacho_stream_subscribers') === 0 || null);
    });
});

test('a client that never reads is skipped and told so; others are not harmed', async (t) => {
    const machine = new Machine({ disks: Array.from({ length: 150 }, (_, i) => `disk${i}`) });
    const daemon = await startFor(t, ['-i', '200ms', ...machine.args]);
    const change = setInterval(() => {
        machine.advance(10 + Math.floor(Math.random() * 90));
        machine.write();
    }, 100);
    t.after(() => {
        clearInterval(change);
        machine.remove();
    });
    await until('rates', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    const idle = await connect(daemon, { paused: true });
    idle.write('GET /v1/stream HTTP/1.0\r\n\r\n');
    const reading = await stream(daemon);
    /* Enough to fill what both kernels' buffers take, and the subscription's frames. */
    await reading.when('some megabytes', ({ events }) =>
        events.reduce((bytes, { raw }) => bytes + raw.length, 0) > 4e6 || null, 120000);
    assertContiguous(reading.ticks);
    assert.ok(reading.events.every(({ event }) => event !== 'gap'));

    const parts = [];
    idle.on('data', (part) => parts.push(part)).resume();
    const body = () => Buffer.concat(parts).toString().replace(/^[^]*?\r\n\r\n/, '');
    await until('a gap and ticks after it',
        () => /event: gap[^]*event: tick[^]*event: tick[^]*\n\n/.test(body()) || null,
        { timeout_ms: 60000, every_ms: 300 });
    idle.destroy();
    assertSkipped(readPipe(body()), reading.ticks);
    reading.close();
});

/** The events of a reader that slept: whole before and after, and the gap tells all of the rest. */
function assertSkipped(events, all) {
    const state = new State();
    const gaps = [];
    let last = 0;

    events.forEach((event, i) => {
        state.apply(event);
        if (event.event === 'gap') {
            assert.equal(event.data.why, 'slow');
            assert.equal(event.data.from, last + 1);
            assert.equal(events[i + 1].event, 'hello');
            last = event.data.to;
            gaps.push(event.data);
        } else if (event.event === 'tick') {
            assert.ok(last === 0 || event.data.seq === last + 1, `${event.data.seq} after ${last}`);
            last = event.data.seq;
            const other = all.find(({ data }) => data.seq === last);
            if (other)
                assert.ok(isDeepStrictEqual(state.values, other.values), `state at ${last}`);
        }
    });
    assert.ok(gaps.length >= 1);
}

test('a ping comes where ticks are rarer', { skip: SOAK < 60 && 'TACHO_SOAK is below 60' },
    async (t) => {
        const daemon = await startFor(t, ['-i', '60s']);
        const client = await stream(daemon);
        const ping = await client.next('ping', 0, 40000);

        assert.deepEqual(Object.keys(ping.data), ['seq', 'time_ms']);
        assert.equal(ping.id, undefined);
        client.close();
    });
