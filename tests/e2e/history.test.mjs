// /v1/history: what was, in columns.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ask, json, now } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { connect } from '../support/raw.mjs';
import { stream } from '../support/sse.mjs';
import { start, startFor } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const history = (daemon, query) => json(daemon, `/v1/history?${query}`);
const rfc3339 = (ms) => new Date(ms).toISOString();
const close = (a, b) => a === b || Math.abs(a - b) <= 2e-6 * Math.max(Math.abs(a), Math.abs(b));
/** A column as a map from time to value. */
const column = (document, i = 0, aggregate = 'avg') =>
    new Map(document.time_ms.map((time_ms, k) => [time_ms, document.series[i][aggregate][k]]));

/** Waits until the daemon has a span of history. */
function span(daemon, ms) {
    return until(`${ms} ms of history`, async () => {
        const info = await json(daemon, '/v1/info');
        return info.history.seconds.span_ms >= ms ? info : null;
    });
}

describe('history at ten ticks a second', () => {
    let daemon, info;

    before(async () => {
        daemon = await start(['-i', '100ms']);
        info = await span(daemon, 6000);
    });
    after(() => daemon?.stop());

    test('the document has the documented fields, aligned to the step', async () => {
        const document = await history(daemon, 'name=node_load*&agg=avg,min,max,last');
        assert.deepEqual(Object.keys(document),
            ['epoch', 'seq', 'from_ms', 'to_ms', 'step_ms', 'time_ms', 'marks', 'series']);
        assert.equal(document.step_ms % 100, 0);
        document.time_ms.forEach((time_ms, i) => {
            assert.equal(time_ms % document.step_ms, 0);
            assert.ok(i === 0 || time_ms === document.time_ms[i - 1] + document.step_ms);
        });
        assert.equal(document.to_ms - document.from_ms, 300001, 'five minutes, now included');
        assert.deepEqual(document.series.map(({ name }) => name),
            ['node_load1', 'node_load5', 'node_load15']);
        for (const series of document.series) {
            assert.deepEqual(Object.keys(series),
                ['id', 'name', 'labels', 'kind', 'unit', 'avg', 'min', 'max', 'last']);
            for (const aggregate of ['avg', 'min', 'max', 'last'])
                assert.equal(series[aggregate].length, document.time_ms.length);
        }
        const { series: [plain] } = await history(daemon, 'name=node_load1');
        assert.deepEqual(Object.keys(plain), ['id', 'name', 'labels', 'kind', 'unit', 'avg']);
    });

    test('no point lies before the start of the daemon', async () => {
        const day = await history(daemon, 'name=node_load1&from=-1d&step=100ms');
        assert.ok(day.time_ms[0] > info.first_time_ms - day.step_ms);
        const { step_ms, ...fine } = await history(daemon,
            `name=node_load1&from=${info.first_time_ms - 60000}&to=now&points=10000`);
        assert.equal(step_ms, 100);
        assert.equal(fine.time_ms[0], Math.floor(info.first_time_ms / 100) * 100);
        const none = await history(daemon, `name=node_load1&to=${info.first_time_ms}`);
        assert.deepEqual([none.time_ms, none.series[0].avg], [[], []]);
    });

    test('all ways to write a time mean the same', async () => {
        const from_ms = Math.ceil(info.first_time_ms / 1000) * 1000 + 1000;
        const to_ms = from_ms + 3000;
        const rest = `name=node_load1&name=tacho_tick_lateness_seconds&to=${to_ms}&step=100ms`;
        const expected = await history(daemon, `from=${from_ms}&${rest}`);
        const offset = rfc3339(from_ms + 5400000).replace('Z', '%2B01:30');

        assert.deepEqual([expected.from_ms, expected.to_ms], [from_ms, to_ms]);
        assert.equal(expected.time_ms.length, 30);
        for (const from of [rfc3339(from_ms), rfc3339(from_ms).replace('.000', ''), offset,
            offset.replace('%2B', '+'), from_ms / 1000, `${from_ms / 1000}.000`,
            rfc3339(from_ms).toLowerCase(), rfc3339(from_ms).replace('Z', '-00:00')]) {
            const { seq, ...document } = await history(daemon, `from=${from}&${rest}`);
            assert.ok(seq >= expected.seq);
            assert.deepEqual({ seq: expected.seq, ...document }, expected, String(from));
        }
        for (const [text, ago_ms] of [['-15m', 900000], ['-1h', 3600000], ['-2d', 172800000],
            ['-90s', 90000], ['-500ms', 500]]) {
            const asked_ms = Date.now();
            const document = await history(daemon, `name=node_load1&from=${text}&to=now`);
            assert.equal(document.to_ms - document.from_ms, ago_ms, text);
            assert.ok(document.to_ms >= asked_ms && document.to_ms <= Date.now());
        }
    });

    test('from is inclusive, to is exclusive', async () => {
        const { time_ms } = await history(daemon, 'name=node_load1&step=100ms&points=10000');
        const client = await stream(daemon, '?name=node_load1');
        const [, tick] = await client.count(2);
        client.close();
        const at = tick.data.time_ms;
        const buckets = async (from, to) => (await history(daemon,
            `name=node_load1&step=100ms&from=${from}&to=${to}`)).time_ms;

        assert.ok(time_ms.length > 0);
        assert.deepEqual(await buckets(at, at + 1), [Math.floor(at / 100) * 100]);
        assert.deepEqual(await buckets(at - 20, at), []);
        assert.deepEqual(await buckets(at + 1, at + 20), []);
    });

    test('avg, min, max and last of a second are those of its ticks', async () => {
        const from = Math.ceil(info.first_time_ms / 1000) * 1000;
        const query = `name=tacho_tick_lateness_seconds&name=node_memory_MemFree_bytes` +
            `&from=${from}&to=${from + 5000}&digits=17&agg=min,avg,last,max`;
        const fine = await history(daemon, `${query}&step=100ms`);
        const coarse = await history(daemon, `${query}&step=1s`);

        assert.deepEqual(coarse.time_ms, [0, 1, 2, 3, 4].map((i) => from + i * 1000));
        for (const [i, series] of coarse.series.entries()) {
            const ticks = column(fine, i);
            coarse.time_ms.forEach((time_ms, k) => {
                const values = [...ticks].filter(([at, value]) =>
                    at >= time_ms && at < time_ms + 1000 && value !== null).map(([, v]) => v);
                assert.ok(values.length > 0);
                assert.equal(series.min[k], Math.min(...values));
                assert.equal(series.max[k], Math.max(...values));
                assert.equal(series.last[k], values.at(-1));
                const mean = values.reduce((a, b) => a + b) / values.length;
                assert.ok(close(series.avg[k], mean), `${series.avg[k]} ${mean}`);
            });
        }
    });

    test('counters are rates, those of the stream, or raw as they are in /v1/now', async () => {
        const name = 'tacho_loop_seconds_total';
        const client = await stream(daemon, `?name=${name}`);
        const ticks = await client.count(12);
        client.close();
        const range = `from=${ticks[1].data.time_ms}&to=${ticks.at(-1).data.time_ms + 1}`;
        const query = `name=${name}&step=100ms&${range}`;
        const rates = await history(daemon, query);
        const { series: raws } = await history(daemon, `${query}&values=raw&agg=last`);

        assert.equal(rates.epoch, client.state.epoch);
        assert.ok(rates.seq >= ticks.at(-1).data.seq);
        rates.series.forEach(({ id }, i) => {
            const rate = column(rates, i);
            for (const { data, values } of ticks.slice(1))
                assert.equal(rate.get(Math.floor(data.time_ms / 100) * 100), values.get(id));
            assert.ok(raws[i].last.every((value, k) => k === 0 || value === null ||
                value >= (raws[i].last.slice(0, k).findLast((v) => v !== null) ?? 0)));
        });
        const { of } = await now(daemon, `?name=${name}`);
        [...of.values()].forEach(({ value }, i) => assert.ok(value >= raws[i].last.at(-1)));
    });

    test('a counter over a second is the increase of its ticks over their time', async () => {
        const from = Math.ceil(info.first_time_ms / 1000) * 1000 + 1000;
        const query = `name=node_cpu_seconds_total&label=mode:idle&from=${from}&to=${from + 3000}` +
            '&digits=17';
        const rates = await history(daemon, `${query}&step=1s&agg=avg,min,max`);
        const raw = await history(daemon, `${query}&step=100ms&values=raw&agg=last`);

        rates.series.forEach(({ avg, min, max }, i) => {
            const values = column(raw, i, 'last');
            avg.forEach((mean, k) => {
                const begin = values.get(from + k * 1000), end = values.get(from + k * 1000 + 900);
                assert.ok(min[k] <= mean && mean <= max[k] && min[k] >= 0);
                /* Nine of the ten intervals, plus one before: rough on purpose. */
                assert.ok(Math.abs(mean - (end - begin) / 0.9) < 0.35, `${mean} ${end - begin}`);
            });
        });
    });

    test('points raise the step to one that reads well, and the answer says so', async () => {
        for (const [query, step_ms] of [['from=-1m&points=10', 10000], ['from=-1m&points=60', 1000],
            ['from=-1m&points=10000', 100], ['from=-1h', 5000], ['from=-1d', 120000],
            ['from=-15m&step=2s', 2000], ['from=-15m&step=2500ms', 5000], ['from=-7d', 900000],
            ['from=-1m&step=1h', 3600000], ['from=-40d&points=1', 86400000]]) {
            const document = await history(daemon, `name=node_load1&to=now&${query}`);
            assert.equal(document.step_ms, step_ms, query);
        }
    });

    test('everything at once is refused, nothing found is an empty list', async () => {
        for (const query of ['', 'from=-1m', 'step=1s&agg=max']) {
            const { status, json: problem } = await ask(daemon, `/v1/history?${query}`);
            assert.equal(status, 400);
            assert.equal(problem.parameter, 'name');
        }
        assert.deepEqual((await history(daemon, 'name=nothing')).series, []);
    });
});

test('what one request may read is bounded', async (t) => {
    const machine = new Machine({ disks: Array.from({ length: 300 }, (_, i) => `disk${i}`) });
    t.after(() => machine.remove());
    const daemon = await startFor(t, ['-i', '100ms', ...machine.args]);
    await span(daemon, 3500);
    const { status, json: problem } = await ask(daemon, '/v1/history?name=*&from=-5s');
    assert.equal(status, 400);
    assert.match(problem.detail, /100000 values/);
    assert.equal((await history(daemon, 'name=*&from=-500ms')).series.length > 5000, true);
});

test('a daemon that stood still leaves a gap of nulls and no spike', async (t) => {
    const machine = new Machine();
    t.after(() => machine.remove());
    const daemon = await startFor(t, ['-i', '100ms', ...machine.args]);
    /* Disks count 100 a second of wall time, whoever looks. */
    const begun = Date.now();
    const count = setInterval(() => {
        machine.disks.set('sda', { reads: Math.round((Date.now() - begun) / 10) });
        machine.write();
    }, 10);
    t.after(() => clearInterval(count));
    const client = await stream(daemon, '?name=node_disk_reads_completed_total');
    await client.count(15);
    daemon.freeze();
    await sleep(1000);
    await sleep(150 - Date.now() % 100); /* to the middle of a slot */
    daemon.thaw();
    const at = client.ticks.length;
    await client.count(at + 12);
    client.close();

    const flagged = client.ticks.find(({ data }) => data.flags.includes('gap_before') &&
        data.time_ms - begun > 2000);
    assert.ok(flagged, 'the tick after the gap is flagged');
    assert.ok(flagged.data.flags.includes('late'));
    const i = client.ticks.indexOf(flagged);
    assert.equal(flagged.data.seq, client.ticks[i - 1].data.seq + 1, 'a gap takes no numbers');
    const gap = [client.ticks[i - 1].data.time_ms, flagged.data.time_ms];
    assert.ok(gap[1] - gap[0] > 1000);

    const document = await history(daemon, 'name=node_disk_reads_completed_total&from=-1m' +
        '&step=100ms&points=10000');
    const [empty, full] = [true, false].map((inside) => [...column(document)].filter(([time_ms]) =>
        inside === (time_ms > gap[0] && time_ms + 100 <= gap[1])));
    assert.ok(empty.length >= 8);
    assert.ok(empty.every(([, rate]) => rate === null), JSON.stringify(empty));
    for (const [time_ms, rate] of full)
        assert.ok(rate === null || (rate >= 0 && rate < 400), `${rate} at ${time_ms}`);
    const across = column(document).get(Math.floor(gap[1] / 100) * 100);
    assert.ok(Math.abs(across - 100) < 30, `${across} across the gap`);

    /* Each tick's flags are kept too, for who comes later. */
    const since_ms = client.ticks[0].data.time_ms;
    const marked = (ticks) => ticks.filter(({ data }) => data.flags.length > 0)
        .map(({ data: { time_ms, seq, flags } }) => ({ time_ms, seq, flags }));
    const marks = async (from, to) =>
        (await history(daemon, `name=node_load1&from=${from}&to=${to}`)).marks;
    const last_ms = client.ticks.at(-1).data.time_ms;
    assert.deepEqual(await marks(since_ms, last_ms + 1), marked(client.ticks));
    assert.deepEqual(await marks(gap[1], gap[1] + 1), marked([flagged]), 'from is inclusive');
    assert.deepEqual(await marks(gap[0] + 1, gap[1]), [], 'to is exclusive');
});

test('answers that nobody reads are bounded too', async (t) => {
    const patient = { timeout_ms: 120000 }; /* half a hundred large answers come before it */
    const machine = new Machine({ disks: Array.from({ length: 300 }, (_, i) => `disk${i}`) });
    t.after(() => machine.remove());
    const daemon = await startFor(t, ['-i', '100ms', ...machine.args]);
    await span(daemon, 1000);
    const wanted = '/v1/history?name=*&from=-300ms&agg=avg,min,max,last';
    const size = (await ask(daemon, wanted)).text.length;
    const sockets = [];
    for (let i = 0; i < 40 + 32 * 1024 * 1024 / size; i++) {
        const socket = await connect(daemon, { paused: true });
        socket.write(`GET ${wanted} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        sockets.push(socket);
        if (i % 50 === 49) /* else too many would wait to be answered */
            await until('an answer behind theirs', async () =>
                !/64 wait/.test((await ask(daemon, '/v1/history?name=node_load1', patient)).text) || null,
            { timeout_ms: patient.timeout_ms });
    }
    const refused = await until('a refusal', async () => {
        const reply = await ask(daemon, wanted, patient);
        return reply.status === 503 ? reply : null;
    }, { timeout_ms: patient.timeout_ms });
    assert.match(refused.json.detail, /32 MiB/);
    sockets.forEach((socket) => socket.destroy());
    await until('an answer', async () => (await ask(daemon, wanted)).status === 200 || null);
});
