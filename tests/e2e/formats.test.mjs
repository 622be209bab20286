// The same numbers as JSON, lines, CSV and bare values; averages over a span.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ask, json, nameOf } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

/** Cells of a text as RFC 4180 has it. */
function parseCsv(text) {
    const cell = /("(?:[^"]|"")*"|[^",\n]*)([,\n])/gy;
    const rows = [[]];

    for (let match; (match = cell.exec(text));) {
        rows.at(-1).push(match[1].replace(/^"|"$/g, '').replaceAll('""', '"'));
        if (match[2] === '\n')
            rows.push([]);
    }
    assert.equal(rows.pop().length, 0, 'it ends with a newline');
    return rows;
}

const lines = (text) => text.split('\n').slice(0, -1);
const objects = (text) => lines(text).map((line) => JSON.parse(line));
const cellOf = (number) => number === null || number === undefined ? '' : String(number);
const HISTORY = '/v1/history?name=node_load1&name=node_disk_reads_completed_total&to=';

describe('formats', () => {
    let daemon, machine;

    before(async () => {
        /* A device whose name needs every kind of care, and counters that go on. */
        machine = new Machine({ disks: ['sda', '=1,"x'] });
        machine.timer = setInterval(() => {
            machine.advance(5);
            machine.write();
        }, 100);
        daemon = await start(['-i', '200ms', ...machine.args]);
        await until('some history', async () => (await json(daemon, '/v1/info')).seq > 12 || null);
    });
    after(async () => {
        clearInterval(machine.timer);
        await daemon?.stop();
        machine.remove();
    });

    /** Answers of one tick in several formats. */
    const atOneTick = (path, formats) => until('answers of one tick', async () => {
        const seq = async () => (await json(daemon, '/v1/info')).seq;
        const first = await seq();
        const answers = [];
        for (const format of formats)
            answers.push(await ask(daemon, `${path}&format=${format}`));
        return await seq() === first ? answers : null;
    });

    test('now: each format says the same', async () => {
        for (const values of ['', '&values=raw', '&values=rate']) {
            const [document, text, csv, value] = await atOneTick(`/v1/now?name=node_*${values}`,
                ['json', 'ndjson', 'csv', 'value']);
            const { time_ms, seq, series } = document.json;
            const shown = series.map((one) => (values === '&values=rate' && 'rate' in one ? one.rate
                : one.value));

            assert.equal(text.headers['content-type'], 'application/x-ndjson');
            assert.deepEqual(objects(text.text), series.map((one) => ({ time_ms, seq, ...one })));
            assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
            const [header, row, ...none] = parseCsv(csv.text);
            assert.deepEqual(none, []);
            assert.deepEqual(header, ['time', ...series.map((one) =>
                nameOf(one).replace('=1,"x', '=1,\\"x'))]);
            assert.deepEqual(row, [new Date(time_ms).toISOString(), ...shown.map(cellOf)]);
            assert.equal(value.headers['content-type'], 'text/plain; charset=utf-8');
            assert.deepEqual(lines(value.text).map(JSON.parse), shown);
        }
    });

    test('now: all series, from prepared texts, are byte by byte what a part of them is', async () => {
        for (const format of ['json', 'ndjson']) {
            const texts = await until('answers of one tick', async () => {
                const [all, some, rest] = [await ask(daemon, `/v1/now?format=${format}`),
                    await ask(daemon, `/v1/now?format=${format}&match={__name__=~"node_.*"}`),
                    await ask(daemon, `/v1/now?format=${format}&match={__name__!~"node_.*"}`)];
                const seqs = [all, some, rest].map(({ text }) => /"seq":(\d+)/.exec(text)[1]);
                return new Set(seqs).size === 1 ? [all.text, some.text, rest.text] : null;
            });
            const [all, some, rest] = texts.map((text) => text.match(/"id":.*?"kind":.*?\}/g));
            const idOf = (text) => Number(/\d+/.exec(text)[0]);
            assert.ok(some.length > 50 && rest.length > 5);
            assert.deepEqual(all, [...some, ...rest].sort((a, b) => idOf(a) - idOf(b)));
        }
    });

    test('history: each format says the same', async () => {
        for (const agg of ['avg', 'min,max,last']) {
            const path = `${HISTORY}${(await json(daemon, '/v1/info')).last_time_ms}&step=1s&agg=${agg}`;
            const [document, text, csv, value] = await Promise.all(['json', 'ndjson', 'csv', 'value']
                .map((format) => ask(daemon, `${path}&format=${format}`)));
            const { time_ms, series } = document.json;
            const names = ['avg', 'min', 'max', 'last'].filter((name) => agg.includes(name));
            const rows = time_ms.map((_, i) =>
                series.flatMap((one) => names.map((name) => one[name][i])));

            assert.ok(time_ms.length >= 2 && series.length === 3);
            const [header, ...cells] = parseCsv(csv.text);
            assert.equal(header.length, 1 + 3 * names.length);
            assert.equal(header[0], 'time');
            assert.ok(header.includes(agg === 'avg' ? 'node_load1' : 'node_load1 min'));
            assert.deepEqual(cells, rows.map((row, i) =>
                [new Date(time_ms[i]).toISOString(), ...row.map(cellOf)]));
            assert.deepEqual(lines(value.text).map(JSON.parse), rows.flat());
            assert.deepEqual(objects(text.text), time_ms.flatMap((time, i) => series.map((one) =>
                ({ ...one, ...Object.fromEntries(names.map((name) => [name, one[name][i]])),
                    time_ms: time }))));
        }
    });

    test('nothing selected: an empty text, and for bare values a problem', async () => {
        for (const path of ['/v1/now?name=nothing', '/v1/history?name=nothing&from=-1s']) {
            const answers = await Promise.all(['ndjson', 'csv', 'value'].map((format) =>
                ask(daemon, `${path}&format=${format}`)));
            assert.deepEqual(answers.map(({ status }) => status), [200, 200, 404]);
            assert.equal(answers[0].text, '');
            assert.match(answers[1].text, /^time\n/);
            assert.match(answers[2].json.detail, /no series is selected/);
        }
        const none = await ask(daemon, '/v1/history?name=node_load1&to=1000000000&format=value&from=0');
        assert.deepEqual([none.status, none.text], [200, '']);
    });

    test('over: gauges are the mean of their ticks, rates that of the span', async () => {
        await until('answers of one tick', async () => {
            const over = await json(daemon, '/v1/now?name=node_*&digits=17&over=2s');
            const raw = await json(daemon, '/v1/history?name=node_*&digits=17&values=raw&agg=last' +
                '&step=200ms&from=-20s');
            const now = await json(daemon, '/v1/now?name=node_*&digits=17');
            if (over.seq !== now.seq || raw.seq !== now.seq)
                return null;
            over.series.forEach((series, i) => {
                const values = raw.series[i].last.filter((value) => value !== null);
                if (values.length < 11) { /* of a longer interval: at most one in the span */
                    assert.equal(series.value, now.series[i].value, series.name);
                } else if ('rate' in series) {
                    assert.equal(series.value, now.series[i].value);
                    const rate = (values.at(-1) - values.at(-11)) / 2;
                    assert.ok(Math.abs(series.rate - rate) <= 0.1 * rate + 1e-9,
                        `${series.name}: ${series.rate}, about ${rate}`);
                } else {
                    const mean = values.slice(-10).reduce((a, b) => a + b) / 10;
                    assert.ok(Math.abs(series.value - mean) <= 1e-9 * Math.abs(mean), series.name);
                }
            });
            return true;
        });
        const { text } = await ask(daemon, '/v1/now?name=node_disk_reads_completed_total&label=' +
            'device:sda&over=2s&values=rate&format=value');
        assert.ok(Math.abs(Number(text) - 50) < 15, text);
    });

    test('over has its range, and so has what it reads', async () => {
        for (const over of ['199ms', '103s', '0s', '2', 'x', '']) {
            const { status, json: problem } = await ask(daemon, `/v1/now?over=${over}`);
            assert.equal(status, 400, over);
            assert.match(problem.detail, /from 200 ms to 102 s/);
            assert.equal(problem.parameter, 'over');
        }
        for (const over of ['200ms', '102s'])
            assert.equal((await ask(daemon, `/v1/now?over=${over}&name=node_load*`)).status, 200);
    });
});
