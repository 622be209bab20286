// A worker that never comes back, as on a dead disk: what it was asked for is not answered, and the
// daemon serves others and ends all the same. Needs a build that can be made to hang.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sender } from '../support/datagrams.mjs';
import { ask, json } from '../support/http.mjs';
import { start } from '../support/tachod.mjs';
import { configure, folderFor } from '../support/target.mjs';
import { sleep, until } from '../support/wait.mjs';

test('history that hangs keeps neither the loop nor the end', async (t) => {
    const daemon = await start(['-i', '100ms'], { env: { TACHO_TEST_HANG: 'history' } });
    t.after(() => daemon.end());
    await until('ticks', async () => (await json(daemon, '/v1/info')).seq > 5 || null);
    const asked = Array.from({ length: 80 }, () =>
        ask(daemon, '/v1/history?name=node_load1').catch(() => null));
    await daemon.logged(/TACHO_TEST_HANG: the history hangs/);
    const beyond = (await Promise.all(asked.map((answer) => Promise.race([answer, sleep(500)])))).filter(Boolean);
    assert.ok(beyond.length >= 80 - 68);
    for (const { status, json: { detail } } of beyond)
        assert.ok(status === 503 && /64 wait/.test(detail), detail);
    assert.equal((await ask(daemon, '/v1/now?name=node_load1')).status, 200);
    const began = performance.now();
    await daemon.stop();
    assert.ok(performance.now() - began < 1000);
    for (const answer of await Promise.all(asked))
        assert.ok(answer === null || answer.status === 503);
});

test('/metrics of thousands of series waits for no history', async (t) => {
    const file = configure(folderFor(t), [], { statsd: { listen: ['udp:127.0.0.1:0'] } });
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '100ms', '-c', file],
        { env: { TACHO_TEST_HANG: 'history' } });
    t.after(() => daemon.end());
    const client = sender(t, (await json(daemon, '/v1/info')).statsd.listen[0]);
    for (let i = 0; i < 75; i++)
        await client.send(Array.from({ length: 20 }, (_, j) => `many:1|g|#index:${i * 20 + j}`).join('\n'));
    await until('them', async () => (await json(daemon, '/v1/info')).series > 1500 || null);
    for (let i = 0; i < 8; i++)
        ask(daemon, '/v1/history?name=node_load1').catch(() => null);
    await daemon.logged(/TACHO_TEST_HANG: the history hangs/);
    const { status, text } = await ask(daemon, '/metrics');
    assert.equal(status, 200);
    assert.ok(text.match(/^many\{/gm).length > 1000);
    await daemon.stop();
});
