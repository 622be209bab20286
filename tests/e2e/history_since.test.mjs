// /v1/history?since=: every tick once, for scripts that keep what they are given.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { connect } from '../support/raw.mjs';
import { stream } from '../support/sse.mjs';
import { slowness, start, startFor } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const PATH = '/v1/history?name=tacho_tick_lateness_seconds,tacho_loop_seconds_total&';
const since = (daemon, query) => json(daemon, `${PATH}${query}`);

describe('since at ten ticks a second', () => {
    let daemon, epoch;

    before(async () => {
        daemon = await start(['-i', '100ms']);
        ({ epoch } = await until('ticks', async () => {
            const info = await json(daemon, '/v1/info');
            return info.seq >= 20 ? info : null;
        }));
    });
    after(() => daemon?.stop());

    test('a script that loops has every tick once, as the stream has them', async () => {
        const client = await stream(daemon, '?name=tacho_tick_lateness_seconds,tacho_loop_seconds_total');
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const ticks = new Map();
        let position = `${epoch}-0`, last = 0;
        while (last < 60) {
            const { json: page } = await ask(daemon, `${PATH}since=${position}&wait=5s&points=7`, { agent });
            assert.ok(page.ticks.length >= 1 && page.ticks.length <= 7);
            assert.equal(page.ticks.length, page.time_ms.length);
            assert.equal(page.seq, page.ticks.at(-1));
            assert.ok(!('gap' in page));
            page.ticks.forEach((seq, i) => {
                assert.equal(seq, last + 1);
                last = seq;
                ticks.set(seq, { time_ms: page.time_ms[i],
                    values: new Map(page.series.map(({ id, last: column }) => [id, column[i]])) });
            });
            position = `${page.epoch}-${page.seq}`;
        }
        agent.destroy();
        client.close();
        const both = client.ticks.filter(({ data: { seq } }) => ticks.has(seq));
        assert.ok(both.length > 5);
        for (const { data, values } of both) {
            assert.equal(ticks.get(data.seq).time_ms, data.time_ms);
            for (const [id, value] of ticks.get(data.seq).values)
                assert.equal(value, values.get(id), `${id} of ${data.seq}`);
        }
    });

    test('pages follow each other, and say whether there are more', async () => {
        const first = await since(daemon, 'since=0&points=5');
        assert.deepEqual(first.ticks, [1, 2, 3, 4, 5]);
        assert.equal(first.more, true);
        assert.deepEqual(Object.keys(first),
            ['epoch', 'seq', 'more', 'time_ms', 'ticks', 'marks', 'series']);
        const { seq } = await json(daemon, '/v1/info');
        const rest = await since(daemon, `since=${seq - 2}`);
        assert.equal(rest.more, false);
        assert.ok(rest.ticks.length >= 2);
        /* The first rate is there, whatever page it is on. */
        const rates = (page) => page.series.filter(({ kind }) => kind === 'counter').map(({ last }) => last[0]);
        assert.ok(rates(rest).length > 0 && rates(rest).every((rate) => rate !== null));
        assert.ok(rates(first).every((rate) => rate === null), 'the first tick has no rate');
    });

    test('it waits for the next tick, and not at all if there is one', async () => {
        const { seq } = await json(daemon, '/v1/info');
        const answers = await Promise.all(Array.from({ length: 20 }, () => since(daemon, `since=${seq}&wait=5s`)));
        for (const page of answers)
            assert.equal(page.ticks[0], seq + 1);
        assert.deepEqual((await since(daemon, `since=${seq + 1}&points=1`)).ticks.slice(0, 1).filter((n) => n !== seq + 2), []);
    });

    test('the other formats tell the tick', async () => {
        const text = async (format) => (await ask(daemon, `${PATH}since=10&points=2&format=${format}`)).text.trim().split('\n');
        const csv = await text('csv');
        assert.match(csv[0], /^time,seq,/);
        assert.deepEqual(csv.slice(1).map((line) => Number(line.split(',')[1])), [11, 12]);
        const lines = (await text('ndjson')).map(JSON.parse);
        assert.deepEqual([...new Set(lines.map(({ seq }) => seq))], [11, 12]);
        assert.ok(lines.every((line) => 'last' in line));
        assert.equal((await text('value')).length, lines.length);
        assert.equal((await ask(daemon, `/v1/history?name=nothing&since=0&format=value`)).status, 404);
    });

    test('what is wrong is told', async () => {
        const other = epoch.replace(/./, (digit) => (digit === '0' ? '1' : '0'));
        for (const [query, status, parameter] of [['since=x', 400, 'since'], [`since=${other}-1`, 410, 'since'],
            ['since=1000000', 410, 'since'], [`since=${epoch}-1000000`, 410, 'since'],
            ['since=1&from=-1m', 400, 'from'], ['since=1&to=now', 400, 'to'], ['since=1&step=1s', 400, 'step'],
            ['since=1&agg=avg', 400, 'agg'], ['wait=1s', 400, 'wait'], ['since=1&wait=61s', 400, 'wait'],
            ['quantile=0.5', 400, 'quantile'], ['quantile=2', 400, 'quantile'], ['quantile=0.5,0.5', 400, 'quantile']]) {
            const answer = await ask(daemon, `${PATH}${query}`);
            assert.deepEqual([answer.status, answer.json.parameter], [status, parameter], query);
        }
        const head = await ask(daemon, `${PATH}since=${(await json(daemon, '/v1/info')).seq}&wait=60s`, { method: 'HEAD' });
        assert.equal(head.status, 200);
    });

    test('clients that leave while theirs is made, or waits, leave nothing behind', async () => {
        for (let i = 0; i < 150; i++) {
            const socket = await connect(daemon);
            socket.on('error', () => {});
            socket.write(`GET /v1/history?name=node_*&from=-2s&points=${i + 1} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
            if (i % 3)
                await sleep(i % 5);
            if (i % 2)
                socket.resetAndDestroy();
            else
                socket.end();
        }
        await until('an answer', async () => (await ask(daemon, `${PATH}since=0`)).status === 200 || null);
    });
});

test('what left the memory is read from the archive', async (t) => {
    const daemon = await startFor(t, ['-i', '100ms']);
    await until('more ticks than the head has', async () => (await json(daemon, '/v1/info')).seq > 530 || null,
        { timeout_ms: 90000 });
    const { gap, ticks, seq, more } = await since(daemon, 'since=3&points=4');
    assert.equal(gap, undefined);
    assert.deepEqual(ticks, [4, 5, 6, 7]);
    assert.ok(seq === 7 && more);
});

test('many at once: those beyond the limit are told so, the others answered, and the loop is free', async (t) => {
    const daemon = await startFor(t, ['-i', '100ms']);
    await until('ticks', async () => (await json(daemon, '/v1/info')).seq > 60 || null);
    const wanted = '/v1/history?name=node_*&from=-5s&points=1000&agg=avg,max';
    let other_ms = 0;
    const asked = Array.from({ length: 200 }, () => ask(daemon, wanted, { timeout_ms: 120000 }));
    for (let i = 0; i < 10; i++) {
        const began = performance.now();
        assert.equal((await ask(daemon, '/v1/info')).status, 200);
        other_ms = Math.max(other_ms, performance.now() - began);
    }
    const answers = await Promise.all(asked);
    t.diagnostic(`another request took up to ${other_ms.toFixed(1)} ms`);
    assert.ok(other_ms < 150 * slowness());
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(answers.every(({ status }) => status === 200 || status === 503));
    assert.ok(answers.length - refused.length >= 68);
    refused.forEach(({ json: { detail } }) => assert.match(detail, /4 such requests .* 64 wait/));
    assert.equal(new Set(answers.filter(({ status }) => status === 200)
        .map(({ json: { series } }) => series.length)).size, 1);
});

test('a stop with answers in the making: each is given, or told that the daemon stops', async () => {
    for (let i = 0; i < 5; i++) {
        const daemon = await start(['-i', '100ms']);
        await until('ticks', async () => (await json(daemon, '/v1/info')).seq > 20 || null);
        const asked = Array.from({ length: 40 }, () =>
            ask(daemon, '/v1/history?name=node_*&from=-2s&points=1000&agg=avg,max').catch(() => null));
        await sleep(i * 5);
        const began = performance.now();
        await daemon.stop();
        assert.ok(performance.now() - began < 1000 * slowness());
        for (const answer of await Promise.all(asked))
            assert.ok(!answer || answer.status === 200 || /stopping/.test(answer.json.detail));
    }
});
