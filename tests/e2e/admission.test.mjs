// Which connections are taken: the limits, descriptors, and that who is refused is told why.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { ask } from '../support/http.mjs';
import { connect, exchange } from '../support/raw.mjs';
import { stream } from '../support/sse.mjs';
import { start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-admission-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const file = path.join(folder, 'tachod.json');
const socketPath = path.join(folder, 'socket');
const REQUEST = 'GET /v1/info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** A daemon with this of http, on a free port and a unix socket, for one test. */
async function startWith(t, http = {}, args = ['-i', '200ms']) {
    writeFileSync(file, JSON.stringify({ http, listen: ['127.0.0.1:0', `unix:${socketPath}`] }));
    const daemon = await start(['-c', file, ...args]);
    t.after(() => daemon.stop());
    return daemon;
}

/** So many connections, for one test. */
async function connections(t, daemon, count, options) {
    const sockets = await Promise.all(Array.from({ length: count }, () => connect(daemon, options)));
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    return sockets;
}

/** What the daemon counts, asked over its unix socket. */
async function counted(daemon) {
    const { text } = await ask(daemon, '/v1/now?name=tacho_http_*', { socketPath });
    const { series } = JSON.parse(text);
    const refused = (reason) => series.find(({ labels }) => labels.reason === reason)?.value;
    return { connections: series.find(({ name }) => name === 'tacho_http_connections')?.value,
        total: refused('max_connections'), address: refused('per_address'),
        descriptors: refused('descriptors') };
}

/** Until a tick saw so many, and perhaps one that was asking. */
const accepted = (daemon, count) => until(`${count} connections`, async () =>
    [count, count + 1].includes((await counted(daemon)).connections) || null);

/**
 * Adds connections until one more is refused, and gives that answer. One that comes while another,
 * that was only asking, is still there is refused and leaves room.
 */
const fill = (t, daemon, options) => until('the limit', async () => {
    await connections(t, daemon, 1, options);
    const reply = await exchange(daemon, REQUEST);
    return reply.status === 503 ? reply : null;
});

test('an address has its limit; others and unix sockets do not feel it', async (t) => {
    const daemon = await startWith(t, { max_connections_per_address: 3 });
    const sockets = await connections(t, daemon, 3);
    await connections(t, daemon, 2, { localAddress: '127.0.0.2' });
    await connections(t, daemon, 8, { host: undefined, port: undefined, path: socketPath });
    await accepted(daemon, 13);

    const refused = await exchange(daemon, REQUEST);
    assert.equal(refused.status, 503);
    assert.ok(refused.closed);
    assert.match(refused.head, /^Content-Type: application\/problem\+json\r?$/m);
    assert.match(JSON.parse(refused.body).detail, /http\.max_connections_per_address allows/);
    const other = await connect(daemon, { localAddress: '127.0.0.2' });
    t.after(() => other.destroy());
    other.write(REQUEST);
    assert.match((await new Promise((resolve) => other.once('data', resolve))).toString(), /^HTTP\/1.1 200 /);
    await until('the count', async () => (await counted(daemon)).address >= 1 || null);
    assert.deepEqual((({ total, descriptors }) => [total, descriptors])(await counted(daemon)), [0, 0]);

    sockets[1].destroy();
    await until('room again', async () => (await exchange(daemon, REQUEST)).status === 200 || null);
});

test('the default of an address is 256', async (t) => {
    const daemon = await startWith(t);
    await connections(t, daemon, 256);
    await accepted(daemon, 256);
    assert.equal((await exchange(daemon, REQUEST)).status, 503);
    await connections(t, daemon, 100, { localAddress: '127.0.0.3' });
    await accepted(daemon, 356);
});

test('the answer arrives, whatever a client that is refused sends and when', async (t) => {
    const daemon = await startWith(t, { max_connections: 2 });
    await connections(t, daemon, 1);
    await accepted(daemon, 1);
    await fill(t, daemon);
    const long = `GET /v1/now HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(12000)}\r\n\r\n`;
    const answers = [];

    for (let i = 0; i < 40; i++) {
        answers.push(await exchange(daemon, REQUEST));
        answers.push(await exchange(daemon, long));
        answers.push(await exchange(daemon, [REQUEST.slice(0, 20), REQUEST.slice(20)], { pause_ms: i }));
    }
    for (const { status, body, closed } of answers) {
        assert.equal(status, 503);
        assert.match(JSON.parse(body).detail, /http\.max_connections allows/);
        assert.ok(closed);
    }
    const { status, stdout } = spawnSync('curl', ['-s', '-m', '10', '-w', '%{http_code}', daemon.url],
        { encoding: 'utf8', timeout: 20000 });
    assert.equal(status, 0);
    assert.match(stdout, /http\.max_connections allows.*\n503$/);
});

/** Sets the soft limit on open files of a process; nothing: as high as it may be. */
const limit = (pid, soft = Number(readFileSync(`/proc/${pid}/limits`, 'latin1')
    .match(/^Max open files +\d+ +(\d+)/m)[1])) =>
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]);
const descriptorsOf = (pid) => Number(execFileSync('sh', ['-c', `ls /proc/${pid}/fd | wc -l`]));

for (const threads of [1, 2]) {
    test(`without descriptors clients are told, and it goes on; ${threads} loop(s)`, async (t) => {
        const daemon = await startWith(t, { threads });
        const witness = await stream(daemon, '', { socketPath });
        await witness.count(2);
        /* As others of the process would use them up. */
        const used = descriptorsOf(daemon.pid);
        limit(daemon.pid, used + 20);
        await connections(t, daemon, 40);
        const answers = await Promise.all(Array.from({ length: 50 }, () =>
            exchange(daemon, REQUEST, { timeout_ms: 5000 })));
        assert.ok(answers.some(({ status }) => status === 503), 'some are told');
        for (const { status, body } of answers.filter((each) => each.status === 503))
            assert.match(JSON.parse(body).detail, status && /no file descriptor/);
        await sleep(500);
        limit(daemon.pid);
        await until('service', async () => (await exchange(daemon, REQUEST)).status === 200 || null);
        await until('the count', async () => (await counted(daemon)).descriptors >= 50 || null);
        assert.equal(daemon.stderr.match(/no connection can be accepted: Too many open files/g).length, 1);
        await witness.next('tick');
        assert.ok(witness.ticks.every(({ data }, i, all) => data.seq === all[0].data.seq + i));
        witness.close();
    });
}

/** Runs tachod with limits on descriptors, until a test ends. */
async function startLimited(t, soft, hard, http = {}) {
    writeFileSync(file, JSON.stringify({ http, listen: ['127.0.0.1:0', `unix:${socketPath}`] }));
    const wrapper = path.join(folder, 'limited');
    writeFileSync(wrapper, `#!/bin/sh\nulimit -Sn ${soft} && ulimit -Hn ${hard} && exec ${path.resolve(process.env.TACHOD)} "$@"\n`,
        { mode: 0o755 });
    const former = process.env.TACHOD;
    process.env.TACHOD = wrapper;
    try {
        const daemon = await start(['-c', file, '-i', '200ms']);
        t.after(() => daemon.stop());
        return daemon;
    } finally {
        process.env.TACHOD = former;
    }
}

const softLimit = (daemon) =>
    Number(readFileSync(`/proc/${daemon.pid}/limits`, 'latin1').match(/^Max open files +(\d+)/m)[1]);

test('the soft limit on descriptors is raised to what is needed', async (t) => {
    const daemon = await startLimited(t, 1024, 4096, { max_connections: 1200 });
    assert.equal(softLimit(daemon), 1200 + 256 + 1024);
    assert.doesNotMatch(daemon.stderr, /warning/);
    for (let i = 2; i < 8; i++)
        await connections(t, daemon, 199, { localAddress: `127.0.0.${i}` });
    await accepted(daemon, 6 * 199);
    await connections(t, daemon, 5);
    await accepted(daemon, 1199);
    const refused = await fill(t, daemon);
    assert.match(JSON.parse(refused.body).detail, /http\.max_connections allows/);
});

test('by default all descriptors but 256 and a quarter for processes are for connections', async (t) => {
    const daemon = await startLimited(t, 300, 700);
    assert.equal(softLimit(daemon), 700);
    await connections(t, daemon, 200, { localAddress: '127.0.0.2' });
    await accepted(daemon, 200);
    await connections(t, daemon, 68, { localAddress: '127.0.0.3' });
    await accepted(daemon, 268);
    const refused = await fill(t, daemon, { localAddress: '127.0.0.5' });
    assert.match(JSON.parse(refused.body).detail, /http\.max_connections allows/);
});
