// http.threads: several HTTP loops, which share the sockets and the limits and nothing else. What
// matters of the stream, with two of them and more.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { ask, now } from '../support/http.mjs';
import { connect } from '../support/raw.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-loops-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A daemon with so many loops, for one test. */
async function startWith(t, threads, args = [], http = {}) {
    const file = path.join(folder, `${threads}.json`);
    writeFileSync(file, JSON.stringify({ http: { threads, ...http } }));
    const daemon = await start(['-l', '127.0.0.1:0', '-c', file, ...args]);
    t.after(() => daemon.stop());
    if (!args.includes('60s'))
        await until('rates', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    return daemon;
}

/** The names of the loops: "http", "http-2", … */
const names = (threads) => Array.from({ length: threads }, (_, i) => i ? `http-${i + 1}` : 'http');

/** The names of a process's threads. */
const threadsOf = (pid) => readdirSync(`/proc/${pid}/task`).map((task) =>
    readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim());

/**
 * How many connections each loop has that has any: what its libmicrohttpd's epoll watches of them.
 * Those of streams it does not while they wait for a tick.
 */
function connectionsOf(daemon) {
    const established = new Set(readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === '01' && local.endsWith(
            `:${daemon.port.toString(16).toUpperCase().padStart(4, '0')}`))
        .map((fields) => `socket:[${fields[9]}]`));
    const isConnection = (fd) => {
        try {
            return established.has(readlinkSync(`/proc/${daemon.pid}/fd/${fd}`));
        } catch {
            return false;
        }
    };

    return readdirSync(`/proc/${daemon.pid}/fdinfo`).map((fd) => {
        const text = readFileSync(`/proc/${daemon.pid}/fdinfo/${fd}`, 'latin1');
        return [...text.matchAll(/^tfd:\s*(\d+)/gm)].filter(([, target]) => isConnection(target)).length;
    }).filter((count) => count > 0);
}

test('one loop is the default', async (t) => {
    const daemon = await start();
    t.after(() => daemon.stop());
    assert.deepEqual(threadsOf(daemon.pid).filter((name) => name.startsWith('http')), ['http']);
});

test('clients spread over the loops', async (t) => {
    for (const threads of [2, 8]) {
        const daemon = await startWith(t, threads);
        const sockets = [];
        for (let i = 0; i < 60; i++)
            sockets.push(await connect(daemon));
        sockets.push(...await Promise.all(Array.from({ length: 60 }, () => connect(daemon))));
        const spread = await until('all are accepted', () => {
            const counts = connectionsOf(daemon);
            return counts.reduce((sum, count) => sum + count, 0) === 120 ? counts : null;
        });
        sockets.forEach((socket) => socket.destroy());
        t.diagnostic(`${threads} loops have ${spread.join()}`);
        assert.ok(spread.length > 1 && spread.length <= threads, spread.join());
    }
});

for (const threads of [2, 3, 8]) {
    test(`${threads} loops: every client gets every tick`, async (t) => {
        const daemon = await startWith(t, threads, ['-i', '200ms']);
        assert.deepEqual(threadsOf(daemon.pid).filter((name) => name.startsWith('http')).sort(),
            names(threads));
        const clients = [];
        for (let i = 0; i < 15 * threads; i++)
            clients.push(await stream(daemon, i % 2 ? '?name=node_load1' : '?name=tacho_*'));
        await Promise.all(clients.map((client) => client.count(10)));
        const { of } = await now(daemon,
            '?name=tacho_stream_subscribers,tacho_http_connections,tacho_loop_seconds_total');
        assert.equal(of.get('tacho_stream_subscribers').value, clients.length);
        assert.ok(of.get('tacho_http_connections').value >= clients.length);
        for (const loop of names(threads))
            assert.ok(of.get(`tacho_loop_seconds_total{loop="${loop}",phase="encode"}`).value > 0, loop);
        for (const client of clients) {
            assertContiguous(client.ticks);
            assert.ok(client.events.every(({ event }) => event !== 'gap'));
        }
        await daemon.stop();
        for (const client of clients) {
            assert.equal(await client.end(), 'end');
            assert.equal(client.rest, '', 'no half event');
        }
    });
}

/** All clients of a selection, by whatever loop, are sent the same. */
test('two loops send the same ticks', async (t) => {
    const daemon = await startWith(t, 2, ['-i', '200ms']);
    const clients = await Promise.all(Array.from({ length: 24 }, () => stream(daemon)));
    await Promise.all(clients.map((client) => client.count(8)));
    clients.forEach((client) => client.close());
    const values = new Map();
    let compared = 0;
    for (const { data: { seq }, values: known } of clients.flatMap(({ ticks }) => ticks)) {
        if (values.has(seq)) {
            assert.deepEqual([...known], [...values.get(seq)], `tick ${seq}`);
            compared++;
        }
        values.set(seq, known);
    }
    assert.ok(compared > 100);
});

test('many come and go at two loops and leave nothing behind', async (t) => {
    const daemon = await startWith(t, 2, ['-i', '100ms']);
    const witness = await stream(daemon);
    for (let round = 0; round < 6; round++) {
        const sockets = await Promise.all(Array.from({ length: 60 }, () => connect(daemon)));
        sockets.forEach((socket, i) => socket.write(`GET /v1/${i % 3 ? `stream?name=a${i % 8}` :
            'now?wait=60s'} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
        await sleep(round * 30);
        sockets.forEach((socket, i) => i % 2 ? socket.resetAndDestroy() : socket.destroy());
    }
    await until('one subscriber, and its connection and the asking one', async () => {
        const { of } = await now(daemon, '?name=tacho_stream_subscribers,tacho_http_connections');
        return of.get('tacho_stream_subscribers').value === 1 &&
            of.get('tacho_http_connections').value <= 2 || null;
    });
    await witness.next('tick');
    assertContiguous(witness.ticks);
    witness.close();
});

test('a client that falls silent harms none of either loop', async (t) => {
    const daemon = await startWith(t, 2, ['-i', '100ms']);
    const idle = await Promise.all(Array.from({ length: 16 }, () => connect(daemon, { paused: true })));
    t.after(() => idle.forEach((socket) => socket.destroy()));
    idle.forEach((socket) => socket.write('GET /v1/stream HTTP/1.0\r\n\r\n'));
    const clients = await Promise.all(Array.from({ length: 16 }, () => stream(daemon)));
    await Promise.all(clients.map((client) => client.count(20)));
    for (const client of clients) {
        client.close();
        assertContiguous(client.ticks);
    }
});

test('the page, its parts and all endpoints are those of every loop', async (t) => {
    const daemon = await startWith(t, 8);
    const { text } = await ask(daemon, '/');
    const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name)
        .filter((name) => !name.startsWith('data:'));
    assert.ok(parts.length >= 2, text);
    for (const name of ['/', ...parts.map((part) => path.posix.join('/', part)), '/v1/info',
        '/v1/catalog', '/v1/now', '/v1/history?name=node_load1', '/healthz']) {
        const answers = await Promise.all(Array.from({ length: 40 }, () => ask(daemon, name)));
        assert.ok(answers.every(({ status }) => status === 200), name);
    }
});

test('they share the limit on connections', async (t) => {
    const daemon = await startWith(t, 4, [], { max_connections: 20 });
    const sockets = await Promise.all(Array.from({ length: 19 }, () => connect(daemon)));
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    await until('nineteen', async () => {
        const answer = await ask(daemon, '/v1/now?name=tacho_http_connections&format=value');
        return answer.status === 200 && [19, 20].includes(Number(answer.text)) || null;
    });
    /* One that came while the asking one was still there is refused, and leaves room. */
    const refused = await until('the limit', async () => {
        sockets.push(await connect(daemon));
        const answer = await ask(daemon, '/v1/info');
        return answer.status === 503 ? answer : null;
    });
    assert.match(refused.json.detail, /http\.max_connections allows/);
});

test('a stop ends eight loops within a second', async (t) => {
    const daemon = await startWith(t, 8, ['-i', '60s']);
    const waits = Array.from({ length: 40 }, () => ask(daemon, '/v1/now?wait=60s&name=node_load1'));
    const clients = await Promise.all(Array.from({ length: 40 }, () => stream(daemon)));
    await sleep(200 * slowness() ** 0.5);
    const began = performance.now();
    await daemon.stop();
    assert.ok(performance.now() - began < 1000 * slowness());
    for (const { status } of await Promise.all(waits))
        assert.equal(status, 200);
    for (const client of clients)
        assert.equal(await client.end(), 'end');
});

