// /v1/now says what the kernel says, and as documented.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ask, json, now } from '../support/http.mjs';
import { start, startFor } from '../support/tachod.mjs';
import { stream } from '../support/sse.mjs';
import { until } from '../support/wait.mjs';

const CPUS = os.cpus().length;
const PAGE = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
const read = (file) => readFileSync(file, 'utf8');
const digits = (number) => number.replace(/[-.]|e.*/gi, '').replace(/^0+/, '').length;
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Busy and all time of /proc/stat in clock ticks. */
function cpuTimes() {
    const times = read('/proc/stat').match(/^cpu +(.*)$/m)[1].split(' ').map(Number);
    const all = sum(times.slice(0, 8));
    return { busy: all - times[3] - times[4], all };
}

/** /proc/diskstats: fields by device. */
function diskstats() {
    return new Map(read('/proc/diskstats').trim().split('\n').map((line) => {
        const [, , name, ...fields] = line.trim().split(/ +/);
        return [name, fields.map(Number)];
    }));
}

/** Waits for the tick after the present one. */
async function nextTick(daemon) {
    const { seq } = await json(daemon, '/v1/info');
    return until('the next tick', async () => (await json(daemon, '/v1/info')).seq > seq || null);
}

describe('now', () => {
    let daemon;

    before(async () => {
        daemon = await start(['-l', '127.0.0.1:0', '-l', `unix:${path.join(os.tmpdir(),
            `tachod-now-${process.pid}.sock`)}`]);
        await until('rates', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    });
    after(() => daemon?.stop());

    const valueOf = async (name) => (await now(daemon)).of.get(name)?.value;

    test('node_load1 as a bare value is the first number of /proc/loadavg', async () => {
        await until('equal values', async () => {
            const before_it = read('/proc/loadavg').split(' ')[0];
            const { text } = await ask(daemon, '/v1/now?name=node_load1&format=value');
            assert.match(text, /^\d+(\.\d+)?\n$/);
            return Number(text) === Number(before_it) || null;
        });
    });

    test('the rates of the CPUs\' seconds sum up to the number of CPUs', async () => {
        const client = await stream(daemon, '?name=node_cpu_seconds_total');
        const ticks = await client.count(6);
        const rates = ticks.map(({ values }) => sum([...values.values()]));
        client.close();
        const mean = sum(rates) / rates.length;
        assert.ok(Math.abs(mean - CPUS) <= 0.03 * CPUS, `${rates} of ${CPUS} CPUs`);
    });

    test('tacho_cpu_busy_ratio follows a busy loop up and down again', async () => {
        const client = await stream(daemon, '?name=tacho_cpu_busy_ratio');
        const measure = async () => {
            await client.next('tick'); /* the load changed within this one */
            const at = client.ticks.length, former = cpuTimes();
            await client.count(at + 4);
            const { busy, all } = cpuTimes();
            const shown = client.ticks.slice(at, at + 4).flatMap(({ values }) => [...values.values()]);
            return { ratio: sum(shown) / 4, kernel: (busy - former.busy) / (all - former.all) };
        };
        const phases = [await measure()];
        const loops = Array.from({ length: CPUS }, () => spawn(process.execPath,
            ['-e', 'const end = Date.now() + 60000; while (Date.now() < end);']));
        try {
            phases.push(await measure());
        } finally {
            loops.forEach((loop) => loop.kill('SIGKILL'));
        }
        phases.push(await measure());
        client.close();
        const text = JSON.stringify(phases);
        for (const { ratio, kernel } of phases)
            assert.ok(Math.abs(ratio - kernel) < 0.1, text);
        assert.ok(phases[1].ratio > 0.9, text);
        /* Other programs may keep the machine busy; the kernel has told above if they do. */
        for (const { ratio, kernel } of [phases[0], phases[2]])
            assert.ok(kernel > 0.8 || ratio < phases[1].ratio, text);
    });

    test('tacho_cpu_mode_ratio sums to 1', async () => {
        for (const [query, tolerance] of [['', 1e-5], ['&digits=17', 1e-9]]) {
            const { series } = await json(daemon, `/v1/now?name=tacho_cpu_mode_ratio${query}`);
            assert.deepEqual(series.map(({ labels }) => labels.mode).sort(), ['guest', 'idle',
                'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user']);
            const total = sum(series.map(({ value }) => value));
            assert.ok(Math.abs(total - 1) <= tolerance, String(total));
        }
    });

    test('the machine\'s name, time and boot are the kernel\'s', async () => {
        const { of } = await now(daemon);
        const unamed = [...of].filter(([name]) => name.startsWith('node_uname_info'));
        assert.equal(unamed.length, 1);
        const [, { labels, value }] = unamed[0];
        assert.equal(value, 1);
        assert.deepEqual({ ...labels, domainname: null }, { domainname: null,
            machine: os.machine(), nodename: os.hostname(), release: os.release(), sysname: os.type(),
            version: os.version() });
        const seconds = await valueOf('node_time_seconds');
        assert.ok(Math.abs(seconds - Date.now() / 1000) < 5, String(seconds));
        assert.equal(of.get('node_boot_time_seconds').value,
            Number(read('/proc/stat').match(/^btime (\d+)$/m)[1]));
        const offsets = [...of].filter(([name]) => name.startsWith('node_time_zone_offset_seconds'));
        assert.deepEqual(offsets.map(([, each]) => each.value),
            [0 - 60 * new Date().getTimezoneOffset()]);
    });

    test('process_* is the daemon, as /proc says of it', async () => {
        const folder = `/proc/${daemon.pid}`;
        const fields = read(`${folder}/stat`).split(') ')[1].split(' ');
        const [pages, resident] = read(`${folder}/statm`).split(' ').map(Number);
        const limit = (name) => read(`${folder}/limits`).match(new RegExp(`^${name} +(\\w+)`, 'm'))[1];
        const near = (value, wanted, by) =>
            assert.ok(Math.abs(value - wanted) <= by, `${value}, expected ${wanted} within ${by}`);

        near(await valueOf('process_virtual_memory_bytes'), pages * PAGE, 64e6);
        near(await valueOf('process_resident_memory_bytes'), resident * PAGE, 8e6);
        near(await valueOf('process_cpu_seconds_total'), (Number(fields[11]) + Number(fields[12])) / 100,
            1);
        const boot = await valueOf('node_boot_time_seconds');
        near(await valueOf('process_start_time_seconds'), boot + Number(fields[19]) / 100, 0.001);
        /* Counted every 10 s, in which processes come and go, of which each has one here. */
        near(await valueOf('process_open_fds'), readdirSync(`${folder}/fd`).length, 50);
        assert.equal(await valueOf('process_max_fds'), Number(limit('Max open files')));
        const space = limit('Max address space');
        assert.equal(await valueOf('process_virtual_memory_max_bytes'),
            space === 'unlimited' ? 2 ** 64 : Number(space));
    });

    test('the document has the documented fields and no others', async () => {
        const document = await json(daemon, '/v1/now');
        assert.deepEqual(Object.keys(document), ['epoch', 'seq', 'time_ms', 'series']);
        assert.match(document.epoch, /^[0-9a-f]{16}$/);
        assert.ok(Number.isSafeInteger(document.seq) && document.seq > 1);
        assert.ok(Math.abs(document.time_ms - Date.now()) < 10000);
        const ids = document.series.map(({ id }) => id);
        assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
        for (const series of document.series) {
            const cumulative = 'rate' in series;
            assert.deepEqual(Object.keys(series), ['id', 'name', 'labels', 'kind', 'value',
                ...cumulative ? ['rate'] : []]);
            assert.match(series.name, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
            assert.ok(['gauge', 'counter', 'untyped'].includes(series.kind), series.kind);
            for (const number of [series.value, series.rate ?? null])
                assert.ok(number === null || Number.isFinite(number));
            assert.ok(!cumulative || series.rate === null || series.rate >= 0, series.name);
        }
    });

    test('derived values have at most 6 significant digits, with digits=17 more', async () => {
        const numbers = async (query) => (await ask(daemon, `/v1/now?name=tacho_*_ratio&name=` +
            `node_cpu_seconds_total${query}`)).text.match(/(?<="rate":|_ratio".*"value":)[-\d.e]+/g);

        assert.ok((await numbers('')).every((number) => digits(number) <= 6));
        await until('a number of many digits',
            async () => (await numbers('&digits=17')).some((number) => digits(number) > 6) || null);
    });

    test('memory is that of /proc/meminfo', async () => {
        const { of } = await now(daemon, '?name=node_memory_*');
        const fields = [...read('/proc/meminfo').matchAll(/^(.+?): +(\d+)( kB)?$/gm)];
        const total = Number(fields.find(([, name]) => name === 'MemTotal')[2]) * 1024;

        assert.equal(of.size, fields.length);
        for (const [, field, number, unit] of fields) {
            const name = `node_memory_${field.replace(/\(/, '_').replace(')', '')}`;
            const series = of.get(unit ? `${name}_bytes` : name);
            const expected = Number(number) * (unit ? 1024 : 1);
            assert.ok(series, name);
            if (/Total$|Hugepagesize|CommitLimit/.test(field))
                assert.equal(series.value, expected, field);
            else
                assert.ok(Math.abs(series.value - expected) <= 0.1 * total, field);
        }
    });

    test('disk counters lie between two readings of /proc/diskstats', async () => {
        const former = diskstats();
        await nextTick(daemon);
        const { of } = await now(daemon, '?name=node_disk_*');
        const later = diskstats();
        const metrics = [['reads_completed_total', 1], ['reads_merged_total', 1],
            ['read_bytes_total', 512], ['read_time_seconds_total', 1e-3],
            ['writes_completed_total', 1], ['writes_merged_total', 1], ['written_bytes_total', 512],
            ['write_time_seconds_total', 1e-3], [null], ['io_time_seconds_total', 1e-3],
            ['io_time_weighted_seconds_total', 1e-3], ['discards_completed_total', 1],
            ['discards_merged_total', 1], ['discarded_sectors_total', 1],
            ['discard_time_seconds_total', 1e-3], ['flush_requests_total', 1],
            ['flush_requests_time_seconds_total', 1e-3]];
        const devices = new Set([...of.values()].map(({ labels }) => labels.device));

        assert.ok(devices.size > 0 || [...former.keys()].every((name) => /^(loop|ram)/.test(name)));
        for (const device of devices) {
            for (const [i, [name, scale]] of metrics.entries()) {
                const value = of.get(`node_disk_${name}{device="${device}"}`)?.value;
                if (name === null || former.get(device)[i] === undefined)
                    continue;
                assert.ok(value >= former.get(device)[i] * scale * (1 - 1e-12) &&
                    value <= later.get(device)[i] * scale * (1 + 1e-12), `${device} ${name}`);
            }
        }
    });

    test('a unix socket serves the same', async () => {
        const socketPath = (await daemon.logged(/listening on unix:(\S+)/))[1];
        const answer = await ask(daemon, '/v1/info', { socketPath });
        assert.equal(answer.status, 200);
        assert.equal(answer.json.epoch, (await json(daemon, '/v1/info')).epoch);
        const client = await stream(daemon, '?name=node_load1', { socketPath });
        await client.count(2);
        client.close();
    });
});

test('rates are null at the first tick and there at the second', async (t) => {
    const daemon = await startFor(t, ['-i', '4s']);
    const at = (seq) => until(`tick ${seq}`, async () => {
        const document = await json(daemon, '/v1/now');
        return document.seq >= seq ? document : null;
    });

    const first = await at(1);
    assert.equal(first.seq, 1);
    /* The clock is asked each 10 s. */
    const counters = first.series.filter((series) => 'rate' in series &&
        !series.name.startsWith('node_timex_'));
    assert.ok(counters.length > 10);
    for (const { name, value, rate } of counters) {
        assert.equal(rate, null, name);
        assert.notEqual(value, null, name);
    }
    assert.equal(first.series.find(({ name }) => name === 'tacho_cpu_busy_ratio')?.value ?? null,
        null);
    const second = await at(2);
    for (const { id, name } of counters)
        assert.notEqual(second.series.find((series) => series.id === id).rate, null, name);
});

test('before the first tick everything is empty and not ready', async (t) => {
    /* The first tick waits for the grid's next slot if less than half an interval is left. */
    const seconds = [60, 48, 45, 40, 36, 32, 30, 27, 25, 24, 20].find((interval) => {
        const phase = Date.now() / 1000 % interval / interval;
        return phase > 0.55 && phase < 0.85;
    });
    const daemon = await startFor(t, ['-i', `${seconds}s`]);
    const document = await json(daemon, '/v1/now');

    assert.deepEqual([document.seq, document.series], [0, []]);
    for (const path of ['/healthz', '/readyz'])
        assert.equal((await ask(daemon, path)).status, 503);
    const info = await json(daemon, '/v1/info');
    assert.deepEqual([info.first_time_ms, info.last_time_ms], [null, null]);
});
