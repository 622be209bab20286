// Wrong requests by the hundred: each gets its 4xx or a closed connection, and nobody else notices.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { connect, exchange } from '../support/raw.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';
import { wrongBytes, wrongPaths, wrongQueries } from '../support/wrong.mjs';

const missed = async (daemon) =>
    Number((await ask(daemon, '/v1/now?name=tacho_ticks_missed_total&format=value')).text);

/** Calls for each item, some at a time. */
async function eachOf(items, width, call) {
    const rest = items[Symbol.iterator]();
    await Promise.all(Array.from({ length: width }, async () => {
        for (const item of rest)
            await call(item);
    }));
}

function assertProblem({ status, head, body }, what, parameter) {
    assert.match(head, /^Content-Type: application\/problem\+json\r?$/m, what);
    const problem = JSON.parse(body.split('\n')[0]);
    assert.equal(problem.status, status, what);
    assert.ok(problem.title && problem.detail.length > 5, what);
    if (parameter)
        assert.equal(problem.parameter, parameter, what);
    assert.ok(!body.includes('\0'), what);
}

describe('abuse', () => {
    let daemon, witness, missed_before;

    before(async () => {
        daemon = await start();
        await until('ready', async () => (await ask(daemon, '/readyz')).status === 200 || null);
        witness = await stream(daemon);
        missed_before = await missed(daemon);
    });
    after(() => daemon?.stop());

    /** As a browser would not send it: the path as it is. */
    const get = (path, method = 'GET') => exchange(daemon, Buffer.from(
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`));

    test('wrong queries: 400 or 410, as problem+json', async () => {
        const { epoch } = await json(daemon, '/v1/info');
        const requests = wrongQueries(epoch);
        assert.ok(requests.length + wrongPaths.length + wrongBytes.length >= 200);
        const failures = [];
        for (const { path, status, parameter, closed } of requests) {
            const reply = await get(path);
            const what = path.slice(0, 100);
            assert.ok(reply.closed, what);
            if (closed && reply.status !== status)
                assert.ok([null, 431].includes(reply.status), what);
            else if (reply.status !== status)
                failures.push(`${what}: ${reply.status}, not ${status}`);
            else
                assertProblem(reply, what, parameter);
        }
        assert.deepEqual(failures, []);
    });

    test('wrong paths: 404 with a closed hand', async () => {
        for (const path of wrongPaths) {
            for (const method of ['GET', 'HEAD', 'POST']) {
                const reply = await get(path, method);
                assert.equal(reply.status, 404, `${method} ${path.slice(0, 60)}`);
                if (method !== 'HEAD')
                    assertProblem(reply, path.slice(0, 60));
                assert.doesNotMatch(reply.body, /root:|HOME=/);
            }
        }
    });

    test('wrong bytes: a 4xx or the end of the connection', async () => {
        /* libmicrohttpd overlooks an end that came with the last byte; 30 s of silence end it. */
        const replies = await Promise.all(wrongBytes.map(({ bytes }) =>
            exchange(daemon, bytes, { half_close: true, timeout_ms: 60000 })));
        const failures = replies.flatMap((reply, i) => {
            const { what, answers } = wrongBytes[i];
            if (/problem\+json/.test(reply.head))
                assertProblem(reply, what);
            return reply.closed && answers.includes(reply.status) ? []
                : `${what}: ${reply.status}, closed: ${reply.closed}`;
        });
        assert.deepEqual(failures, []);
    });

    test('requests of every size are answered whole, refused or closed', async () => {
        const sizes = Array.from({ length: 90 }, (_, i) => 100 * i);
        const around = Array.from({ length: 40 }, (_, i) => 7200 + 25 * i);
        const requests = [...sizes, ...around].flatMap((size) => ['GET /v1/now', 'GET /', 'GET /nope',
            'POST /v1/now', 'HEAD /v1/stream'].map((line) => [line, `${line} HTTP/1.1\r\nHost: localhost\r\n` +
            `Connection: close\r\nX: ${'x'.repeat(size)}\r\n\r\n`]));
        for (let count = 90; count < 150; count++)
            requests.push([`${count} parameters`, `GET /v1/now?${'name=a&'.repeat(count)}name=b ` +
                'HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n']);
        await eachOf(requests, 16, async ([what, bytes]) => {
            const { status, closed, head, body } = await exchange(daemon, bytes, { timeout_ms: 60000 });
            assert.ok(closed && [null, 200, 400, 404, 405, 431].includes(status), `${what}: ${status}`);
            if (status && !what.startsWith('HEAD'))
                assert.equal(Buffer.byteLength(body), Number(head.match(/^Content-Length: (\d+)/m)[1]));
        });
    });

    test('many at once, most of them rude', async () => {
        const sockets = await Promise.all(Array.from({ length: 200 }, () => connect(daemon)));
        for (const [i, socket] of sockets.entries()) {
            const { bytes } = wrongBytes[i % wrongBytes.length];
            socket.write(Array.isArray(bytes) ? bytes.join('') : bytes);
            if (i % 3 === 0)
                socket.resetAndDestroy();
        }
        await sleep(300);
        assert.equal((await ask(daemon, '/v1/info')).status, 200);
        sockets.forEach((socket) => socket.destroy());
    });

    test('the longest request that is right is not refused', async () => {
        const query = Array.from({ length: 60 }, (_, i) => `name=a${i}`).join('&');
        assert.equal((await get(`/v1/now?${query}`)).status, 200);
        const stars = `/v1/now?name=${'*a'.repeat(1500)}`;
        assert.equal((await get(stars)).status, 200);
    });

    test('meanwhile no tick was missed and no client harmed', async () => {
        await witness.next('tick');
        assertContiguous(witness.ticks);
        /* What workers are asked for is there a tick later than the rest: that is a series event. */
        assert.deepEqual(new Set(witness.events.map(({ event }) => event).filter((event) =>
            event !== 'series')), new Set(['hello', 'tick']));
        witness.close();
        assert.equal(await missed(daemon), missed_before);
        await until('no subscriber', async () => (await ask(daemon,
            '/v1/now?name=tacho_stream_subscribers&format=value')).text === '0\n' || null);
        assert.equal((await ask(daemon, '/healthz')).status, 200);
        assert.doesNotMatch(daemon.stderr, /error|warning/);
    });
});
