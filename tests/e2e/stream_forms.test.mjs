// What a client may ask of /v1/stream: to go on where it was, raw values, spans, lines, gzip.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

import { ask, json, now } from '../support/http.mjs';
import { exchange } from '../support/raw.mjs';
import { assertContiguous, parseEvent, stream } from '../support/sse.mjs';
import { start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const run = promisify(execFile);

describe('forms of the stream', () => {
    let daemon, epoch;

    before(async () => {
        daemon = await start(['-i', '100ms']);
        ({ epoch } = await until('some ticks', async () => {
            const document = await now(daemon, '?name=node_load1');
            return document.seq >= 12 ? document : null;
        }));
    });
    after(() => daemon?.stop());

    const position = async () => (await now(daemon, '?name=node_load1')).seq;

    test('Last-Event-ID: the ticks after it are sent again as they were', async () => {
        const query = 'name=node_*';
        const reference = await stream(daemon, `?${query}`);
        await reference.count(20);
        const since = reference.ticks[4].data.seq;
        for (const [more, headers] of [['', { 'last-event-id': `${epoch}-${since}` }],
            [`&last_event_id=${epoch}-${since}`, {}],
            ['&last_event_id=other-1', { 'last-event-id': `${epoch}-${since}` }]]) {
            const client = await stream(daemon, `?${query}${more}`, { headers });
            await client.count(25);
            client.close();
            assert.deepEqual(client.events.slice(0, 2).map(({ event }) => event), ['hello', 'tick']);
            assertContiguous(client.ticks);
            assert.equal(client.ticks[0].data.seq, since + 1);
            await reference.when('the same ticks',
                ({ state }) => state.seq >= client.ticks.at(-1).data.seq || null);
            /* The first is complete; all others are, to the byte, what was sent before. */
            const others = new Map(reference.ticks.map((tick) => [tick.data.seq, tick]));
            for (const tick of client.ticks.slice(1))
                assert.equal(tick.raw, others.get(tick.data.seq).raw);
            assert.deepEqual(client.ticks[0].values, others.get(since + 1).values);
        }
        reference.close();
    });

    test('who missed nothing gets the next tick, which is complete', async () => {
        const first = await stream(daemon, '?name=node_load1');
        await first.count(3);
        first.close();
        const { seq } = first.state;
        const client = await stream(daemon, `?name=node_load1&last_event_id=${epoch}-${seq}`);
        await client.count(3);
        client.close();
        assert.equal(client.ticks[0].data.seq, seq + 1);
        assertContiguous(client.ticks);
    });

    test('a position that means nothing here begins anew', async () => {
        const other = epoch.replace(/^./, (c) => c === '0' ? '1' : '0');
        for (const id of [`${other}-3`, `${epoch}-99999999`, `${epoch}-18446744073709551615`,
            `${epoch}-`, 'junk', `${epoch}-1x`, `${epoch}-0`]) {
            const before = await position();
            const client = await stream(daemon, '?name=node_load1', { headers: { 'last-event-id': id } });
            const [tick] = await client.count(1);
            client.close();
            assert.deepEqual(client.events.map(({ event }) => event).slice(0, 2), ['hello', 'tick'], id);
            assert.ok(tick.data.seq >= before, id);
        }
    });

    test('what is too long ago is a gap, and the last 256 ticks come', async () => {
        await until('many ticks', async () => await position() > 300 || null, { timeout_ms: 60000 });
        const client = await stream(daemon, `?name=node_load*&last_event_id=${epoch}-2`);
        await client.count(270);
        client.close();
        const [gap, hello] = client.events;
        assert.deepEqual([gap.event, hello.event], ['gap', 'hello']);
        assert.deepEqual(gap.data, { from: 3, to: client.ticks[0].data.seq - 1, why: 'behind' });
        assert.equal(hello.data.seq - gap.data.to, 256);
        assertContiguous(client.ticks);
        assert.equal(client.events.filter(({ event }) => event === 'gap').length, 1);
    });

    test('values=raw: what grows as it is', async () => {
        const client = await stream(daemon, '?name=node_context_switches_total&name=node_load1&values=raw');
        const ticks = await client.count(5);
        client.close();
        const { series } = await json(daemon,
            `/v1/history?name=node_context_switches_total&values=raw&agg=last&step=100ms&from=-10s`);
        const counts = ticks.map(({ values }) => values.get(series[0].id));
        for (const count of counts)
            assert.ok(series[0].last.includes(count), `${count} was never counted`);
        assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
    });

    test('every=500ms: spans of five ticks, of which each is what history says', async () => {
        const query = 'name=node_context_switches_total&name=node_memory_MemFree_bytes';
        const spans = await stream(daemon, `?${query}&every=500ms`);
        const raw = await stream(daemon, `?${query}&values=raw&last_event_id=${epoch}-1`);
        const ticks = await spans.count(6);
        await raw.when('the same ticks', ({ state }) => state.seq >= ticks.at(-1).data.seq || null);
        spans.close();
        raw.close();
        const [counter, gauge] = ['node_context_switches_total', 'node_memory_MemFree_bytes']
            .map((name) => [...spans.state.series.values()].find((series) => series.name === name).id);
        const bySeq = new Map(raw.ticks.map((tick) => [tick.data.seq, tick]));
        assert.equal(spans.state.interval_ms, 500);
        for (const { data: { seq }, values } of ticks) {
            assert.equal(seq % 5, 0);
            const of = (n, id) => bySeq.get(seq - n).values.get(id);
            const seconds = (bySeq.get(seq).data.time_ms - bySeq.get(seq - 5).data.time_ms) / 1000;
            const mean = [0, 1, 2, 3, 4].reduce((sum, n) => sum + of(n, gauge), 0) / 5;
            const rate = (of(0, counter) - of(5, counter)) / seconds;
            assert.ok(Math.abs(values.get(gauge) - mean) <= 1e-5 * mean);
            /* Of milliseconds here, of nanoseconds there. */
            assert.ok(Math.abs(values.get(counter) - rate) <= 0.01 * rate + 1);
        }
        assertContiguous(ticks.map(({ data }) => ({ data: { seq: data.seq / 5 } })));
    });

    test('every= resumes too, and is pinged meanwhile', async () => {
        const seq = await position();
        const since = seq - seq % 50 - 100;
        const client = await stream(daemon, `?name=node_load1&every=5s&last_event_id=${epoch}-${since}`);
        await client.count(3);
        client.close();
        assert.deepEqual(client.ticks.map(({ data }) => data.seq), [since + 50, since + 100, since + 150]);
        assert.ok(client.events.some(({ event }) => event === 'ping'));
    });

    test('every= is a multiple of the interval, within a bound', async () => {
        for (const [every, words] of [['250ms', /250 ms is not a multiple of the interval, which is 100 ms/],
            ['10ms', /from 100 ms to/], ['1h', /to 25600 ms|to 25 s|256/], ['x', /not a duration/]]) {
            const { status, json: problem } = await ask(daemon, `/v1/stream?every=${every}`);
            assert.equal(status, 400);
            assert.equal(problem.parameter, 'every');
            assert.match(problem.detail, words);
        }
    });

    test('format=ndjson: a line is a whole object, as jq reads it', async () => {
        const { head, body } = await exchange(daemon,
            'GET /v1/stream?format=ndjson&name=node_load1&name=node_context_switches_total HTTP/1.0\r\n\r\n',
            { timeout_ms: 1200 });
        assert.match(head, /content-type: application\/x-ndjson/i);
        const lines = body.split('\n').slice(0, -1).map((line) => JSON.parse(line));
        assert.ok(lines.length >= 5);
        assertContiguous(lines.map((data) => ({ data })));
        for (const line of lines) {
            assert.deepEqual(Object.keys(line), ['event', 'epoch', 'seq', 'time_ms', 'flags', 'series']);
            assert.equal(line.event, 'tick');
            const [count, load] = line.series;
            assert.deepEqual(Object.keys(count), ['id', 'name', 'labels', 'kind', 'rate']);
            assert.deepEqual(Object.keys(load), ['id', 'name', 'labels', 'kind', 'value']);
        }
    });

    test('gzip: the same events, in fewer bytes, for curl and for zlib', async () => {
        const url = `${daemon.url}v1/stream?name=node_*&last_event_id=${epoch}-5`;
        const read = (...args) => run('curl', ['-sN', '--max-time', '2', ...args, url],
            { encoding: 'buffer', maxBuffer: 1 << 26 }).catch(({ stdout }) => ({ stdout }));
        const [plain, unpacked, packed] = await Promise.all([read(), read('--compressed'),
            read('-H', 'Accept-Encoding: gzip')]);
        const events = (bytes) => {
            const text = bytes.toString();
            return text.slice(0, text.lastIndexOf('\n\n')).split('\n\n').map((part) => parseEvent(part));
        };
        /* Cut off as it is. */
        const inflated = zlib.gunzipSync(packed.stdout, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
        const [a, b, c] = [plain.stdout, unpacked.stdout, inflated].map(events);
        /* The first tick of each is complete, and need not be that of the others. */
        const later = (list) => list.filter(({ event }) => event === 'tick').slice(1);
        const bySeq = new Map(later(a).map((tick) => [tick.id, tick.raw]));
        let compared = 0;
        for (const { id, raw } of [...later(b), ...later(c)].filter((tick) => bySeq.has(tick.id))) {
            assert.equal(raw, bySeq.get(id));
            compared += 1;
        }
        assert.ok(compared > 100, compared);
        assert.ok(inflated.length > 2 * packed.stdout.length, `${inflated.length} of ${packed.stdout.length}`);
    });

    test('gzip ends with a trailer when the daemon stops', async () => {
        const own = await start(['-i', '100ms']);
        const reading = exchange(own, 'GET /v1/stream?name=node_load1 HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n',
            { timeout_ms: 20000 });
        await until('a subscriber', async () =>
            (await ask(own, '/v1/now?name=tacho_stream_subscribers&format=value')).text.trim() === '1' || null);
        await own.stop();
        const { head, bytes } = await reading;
        assert.match(head, /content-encoding: gzip/i);
        const text = zlib.gunzipSync(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)).toString();
        assert.match(text, /^retry: 2000\nevent: hello\n/);
        assert.match(text, /\n\n$/);
    });
});
