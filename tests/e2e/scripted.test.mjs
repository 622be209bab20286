// A scripted machine: devices go and come, counters reset, files turn into garbage.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ask, json, nameOf, now } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { startFor } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

/**
 * A daemon with a scripted machine below it and a stream of everything it shows.
 * @param {import('node:test').TestContext} t
 */
async function scripted(t, options) {
    const machine = new Machine(options);
    const daemon = await startFor(t, ['-i', '200ms', ...machine.args]);
    t.after(() => machine.remove());
    await until('ready', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    const client = await stream(daemon);
    await client.count(1);
    return { machine, daemon, client };
}

/** Changes the machine and waits until `ticks` ticks have read it. */
async function step({ machine, client }, change, ticks = 1) {
    change(machine);
    machine.write();
    const at = client.ticks.length;
    /* One that was being made may have read the files as they were. */
    await client.count(at + ticks + 1);
}

/** No rate that was ever shown is negative or beyond `most`. */
function assertNoSpike(client, pattern, most) {
    assertContiguous(client.ticks);
    const checked = [...client.state.series].filter(([, { name }]) => pattern.test(name));
    assert.ok(checked.length > 0);
    for (const { data } of client.ticks) {
        for (const [id, value] of data.v) {
            const series = checked.find(([each]) => each === id);
            if (series)
                assert.ok(value === null || (value >= 0 && value <= most),
                    `${nameOf(series[1])}: ${value} at ${data.seq}`);
        }
    }
}

const valueOf = async (daemon, name) => (await now(daemon)).of.get(name);

test('a busy loop goes up and down, exactly', async (t) => {
    const it = await scripted(t);
    const busy = () => valueOf(it.daemon, 'tacho_cpu_busy_ratio').then(({ value }) => value);

    for (const [mode, expected] of [['idle', 0], ['user', 1], ['iowait', 0], ['steal', 1]]) {
        await step(it, (machine) => machine.advance(20, mode));
        const tick = it.client.ticks.find(({ values }) => [...values].some(([id, value]) =>
            it.client.state.series.get(id).labels.mode === mode && value === 1));
        assert.ok(tick, mode);
        const [id] = [...it.client.state.series].find(([, { name }]) =>
            name === 'tacho_cpu_busy_ratio');
        assert.equal(tick.values.get(id), expected, mode);
    }
    /* Nothing moved between two ticks: there is no share of nothing. */
    await step(it, () => {}, 2);
    assert.equal(await busy(), null);
});

test('guest time is not counted twice', async (t) => {
    const it = await scripted(t);
    await step(it, ({ cpus }) => cpus.forEach((cpu) => {
        Object.assign(cpu, { user: cpu.user + 30, guest: 20, idle: cpu.idle + 70 });
    }));
    const shares = it.client.ticks.map(({ values }) => Object.fromEntries([...values].map(
        ([id, value]) => [it.client.state.series.get(id), value]).filter(([{ name }]) =>
        name === 'tacho_cpu_mode_ratio').map(([{ labels }, value]) => [labels.mode, value])));
    const moved = shares.find(({ guest }) => guest > 0);
    assert.deepEqual([moved.user, moved.guest, moved.idle, moved.nice], [0.1, 0.2, 0.7, 0]);
});

test('tasks that stall show as pressure, each resource by itself', async (t) => {
    const it = await scripted(t, { pressure: ['cpu', 'memory', 'io'] });
    const stall = (part) => (machine) => {
        machine.stall('memory', 200000 * part, 100000 * part); /* of 200 ms */
        machine.stall('io', 50000);
    };

    await step(it, stall(0.5));
    await step(it, () => {});
    const of = (resource) => it.client.ticks.slice(1).map(({ values }) => values.get(
        [...it.client.state.series].find(([, series]) =>
            nameOf(series) === `tacho_pressure_ratio{resource="${resource}"}`)[0]));
    const most = (resource) => Math.max(...of(resource));
    assert.equal(most('cpu'), 0);
    assert.ok(most('memory') > 0.3 && most('memory') < 0.7, `memory ${of('memory')}`);
    assert.ok(most('io') > 0.15 && most('io') < 0.35, `io ${of('io')}`);
    assert.equal((await valueOf(it.daemon, 'node_pressure_memory_stalled_seconds_total')).value,
        0.05);
});

test('a disk that vanishes is null, and returns without a spike', async (t) => {
    const it = await scripted(t, { disks: ['sda', 'sdb'] });
    const series = 'node_disk_reads_completed_total{device="sdb"}';

    for (let i = 0; i < 3; i++)
        await step(it, (machine) => machine.advance(10));
    const [id] = [...it.client.state.series].find(([, each]) => nameOf(each) === series);
    const former = it.machine.disks.get('sdb');
    it.machine.disks.delete('sdb');
    await step(it, (machine) => machine.advance(10), 3);
    assert.equal((await valueOf(it.daemon, series))?.value ?? null, null);
    assert.notEqual((await valueOf(it.daemon, series.replace('sdb', 'sda'))).value, null);
    assert.equal(it.client.ticks.at(-1).values.get(id) ?? null, null);
    const nulls = it.client.ticks.filter(({ data }) => data.v.some(([each, value]) =>
        each === id && value === null));
    assert.ok(nulls.length <= 1, 'null is told once');

    it.machine.disks.set('sdb', { ...former, reads: former.reads + 1000000 });
    await step(it, (machine) => machine.advance(10));
    for (let i = 0; i < 3; i++)
        await step(it, (machine) => machine.advance(10));
    const back = await valueOf(it.daemon, series);
    assert.ok(back.value > 1000000 && back.rate !== null);
    assert.equal(back.id, id, 'the same series');
    assertNoSpike(it.client, /^node_disk_reads_completed_total|^tacho_disk_/, 1e7);
    assert.ok(it.client.ticks.every(({ values }) => !(values.get(id) > 1e5)), 'no rate over the gap');
});

test('another disk under the same name starts anew', async (t) => {
    const it = await scripted(t);
    for (let i = 0; i < 2; i++)
        await step(it, (machine) => machine.advance(1000));
    await step(it, ({ disks }) => disks.set('sda', { reads: 5 }));
    await step(it, (machine) => machine.advance(10));
    assertNoSpike(it.client, /^node_disk_.*_total$/, 1e7);
    assert.ok((await valueOf(it.daemon, 'node_disk_reads_completed_total{device="sda"}')).value < 100);
});

test('a CPU that goes offline and returns', async (t) => {
    const it = await scripted(t, { cpus: 3 });
    const load = () => valueOf(it.daemon, 'tacho_load_per_cpu').then(({ value }) => value);
    const series = 'node_cpu_seconds_total{cpu="2",mode="idle"}';

    it.machine.load = '6.00 1.00 1.00';
    for (let i = 0; i < 2; i++)
        await step(it, (machine) => machine.advance(20));
    assert.equal(await load(), 2);
    it.machine.cpus.delete(2);
    await step(it, (machine) => machine.advance(20), 3);
    assert.equal(await load(), 3);
    assert.equal((await valueOf(it.daemon, series))?.value ?? null, null);
    it.machine.cpus.set(2, { user: 5, idle: 5 }); /* it counts from the start again */
    await step(it, (machine) => machine.advance(20));
    await step(it, (machine) => machine.advance(20));
    assert.equal(await load(), 2);
    assert.equal((await valueOf(it.daemon, series)).value, 0.45);
    assertNoSpike(it.client, /^node_cpu_seconds_total$/, 50);
    assertNoSpike(it.client, /^tacho_cpu_(busy|mode)_ratio$/, 1);
});

test('idle that steps back a little is no reset, a counter that restarts is one', async (t) => {
    const it = await scripted(t, { cpus: 1 });
    const idle = 'node_cpu_seconds_total{cpu="0",mode="idle"}';

    await step(it, (machine) => machine.advance(20));
    const { value } = await valueOf(it.daemon, idle);
    await step(it, ({ cpus }) => { cpus.get(0).idle -= 2; });
    assert.equal((await valueOf(it.daemon, idle)).value, value);
    await step(it, ({ cpus }) => cpus.set(0, { user: 1, idle: 1 }));
    assert.equal((await valueOf(it.daemon, idle)).value, 0.01);
    await step(it, (machine) => machine.advance(20));
    assertNoSpike(it.client, /^node_cpu_seconds_total$/, 50);
});

test('the other lines of /proc/stat: one that is missing or bad is absent, the others stay', async (t) => {
    const it = await scripted(t);
    const names = { intr: 'node_intr_total', ctxt: 'node_context_switches_total',
        btime: 'node_boot_time_seconds', processes: 'node_forks_total',
        procs_running: 'node_procs_running', procs_blocked: 'node_procs_blocked' };
    const values = async () => {
        const { of } = await now(it.daemon);
        return Object.fromEntries(Object.entries(names).map(([line, name]) =>
            [line, of.get(name)?.value ?? null]));
    };

    await step(it, ({ stat }) => Object.assign(stat, { intr: '5000 17 0 1', ctxt: 6000,
        processes: 70, procs_running: 8, procs_blocked: 9 }));
    const whole = { intr: 5000, ctxt: 6000, btime: 1700000000, processes: 70, procs_running: 8,
        procs_blocked: 9 };
    assert.deepEqual(await values(), whole);
    await step(it, ({ stat }) => { delete stat.procs_blocked; delete stat.intr; }, 3);
    assert.deepEqual(await values(), { ...whole, intr: null, procs_blocked: null });
    await step(it, ({ stat }) => { stat.procs_running = 'x'; }, 3);
    assert.deepEqual(await values(), { ...whole, intr: null, procs_running: null, procs_blocked: null });
    assert.notEqual((await valueOf(it.daemon, 'node_cpu_seconds_total{cpu="0",mode="user"}')).value, null);
    const warnings = it.daemon.stderr.match(/warning: .*\n/g) ?? [];
    assert.equal(warnings.length, 1, it.daemon.stderr);
    assert.match(warnings[0], /collector cpu: /);
    await step(it, ({ stat }) => Object.assign(stat, { intr: 5001, procs_running: 1, procs_blocked: 0 }));
    assert.deepEqual(await values(), { ...whole, intr: 5001, procs_running: 1, procs_blocked: 0 });
});

/** What a file can hold that is not what we know; null: it is not there. */
const garbage = [null, '', '\n', 'garbage', 'MemTotal:', 'MemTotal: x kB\n', 'MemTotal: -5 kB\n',
    'MemTotal: 99999999999999999999999 kB\n', '\0\0\0\0', 'MemTotal: 5 kB', ':'.repeat(5000),
    'cpu0 1 2\n', 'cpu0 1 2 x 4\n', '0.1 0.2\n', '0.1 0.2 x 1/2 3\n', '  8 0 sda 1 2 3\n',
    '  8 0 sda 1 2 3 4 5 6 7 8 9 10 x\n', `${'x'.repeat(5000000)}\n`];

for (const [file, collector, series] of [
    ['proc/meminfo', 'memory', 'node_memory_MemTotal_bytes'],
    ['proc/stat', 'cpu', 'node_cpu_seconds_total{cpu="0",mode="user"}'],
    ['proc/loadavg', 'loadavg', 'node_load1'],
    ['proc/diskstats', 'disk', 'node_disk_reads_completed_total{device="sda"}']]) {
    test(`garbage in ${file}: absent, told once, the others go on, and it heals`, async (t) => {
        const it = await scripted(t);
        const others = ['node_memory_MemFree_bytes', 'node_load5',
            'node_cpu_seconds_total{cpu="1",mode="idle"}', 'node_disk_io_now{device="sda"}']
            .filter((name) => !name.startsWith(series.slice(0, 9)));

        for (const text of garbage) {
            it.machine.replaced.set(file, text);
            await step(it, (machine) => machine.advance(1), 1);
            const { of } = await now(it.daemon);
            for (const name of others)
                assert.notEqual(of.get(name).value, null, `${name} beside ${text?.slice(0, 30)}`);
        }
        it.machine.replaced.set(file, 'garbage');
        await step(it, () => {}, 3);
        assert.equal((await valueOf(it.daemon, series))?.value ?? null, null);
        const warnings = it.daemon.stderr.match(/warning: .*\n/g) ?? [];
        assert.equal(warnings.length, 1, it.daemon.stderr);
        assert.match(warnings[0], new RegExp(`collector ${collector}: .*again`));

        it.machine.replaced.delete(file);
        await step(it, (machine) => machine.advance(5), 2);
        await step(it, (machine) => machine.advance(5));
        const healed = await valueOf(it.daemon, series);
        assert.notEqual(healed.value, null);
        assertNoSpike(it.client, /_total$/, 1e6);
        assert.equal((await json(it.daemon, '/v1/info')).interval_ms, 200);
    });
}

test('a bad line costs its own values only, is told once, and heals', async (t) => {
    const it = await scripted(t, { cpus: 2, disks: ['sda', 'sdb'] });
    const disk = (name) => `node_disk_io_now{device="${name}"}`;
    const cpu = (number) => `node_cpu_seconds_total{cpu="${number}",mode="idle"}`;
    const stays = ['node_memory_MemTotal_bytes', disk('sda'), cpu(0), 'node_context_switches_total'];
    const goes = ['node_memory_MemFree_bytes', disk('sdb'), cpu(1)];
    const values = async (names) => {
        const { of } = await now(it.daemon);
        return names.map((name) => of.get(name)?.value ?? null);
    };
    const isThere = (value) => value !== null;

    await step(it, (machine) => machine.advance(5));
    assert.ok((await values([...stays, ...goes])).every(isThere));
    for (const [file, line] of [['proc/meminfo', /^MemFree:.*$/m], ['proc/stat', /^cpu1 .*$/m],
        ['proc/diskstats', /^.* sdb .*$/m]]) {
        const text = readFileSync(path.join(it.machine.root, file), 'utf8');
        assert.match(text, line);
        it.machine.replaced.set(file, text.replace(line, (whole) => whole.replace(/ \d.*$/, ' x')));
    }
    await step(it, () => {}, 3);
    assert.ok((await values(stays)).every(isThere), JSON.stringify(await values(stays)));
    assert.deepEqual(await values(goes), goes.map(() => null));
    const warnings = it.daemon.stderr.match(/warning: .*\n/g) ?? [];
    assert.deepEqual(warnings.map((each) => each.match(/collector (\w+): /)[1]).sort(),
        ['cpu', 'disk', 'memory'], it.daemon.stderr);

    it.machine.replaced.clear();
    await step(it, (machine) => machine.advance(5), 2);
    assert.ok((await values([...stays, ...goes])).every(isThere));
    assertNoSpike(it.client, /_total$/, 1e6);
});

test('names that try to be JSON, markup or controls are only names', async (t) => {
    const hostile = ['sd"}],"x', '<script>alert(1)</script>', '\\', '\xff\xfe', '/../../x', '%n%s'];
    const it = await scripted(t, { disks: ['sda'] });
    const line = (name) => Buffer.from(`   8 0 ${name} ${'1 '.repeat(17).trim()}\n`, 'latin1');
    it.machine.replaced.set('proc/diskstats', Buffer.concat(['sda', ...hostile].map(line)));
    await step(it, () => {}, 2);
    const devices = (await json(it.daemon, '/v1/now?name=node_disk_io_now&digits=6')).series
        .map(({ labels }) => labels.device);
    assert.ok(devices.includes('sd"}],"x') && devices.includes('\\') && devices.includes('%n%s'),
        JSON.stringify(devices));
    assert.ok(devices.every((device) => !device.includes('\xff')));
});

test('/v1/info tells of a collector that fails, and heals', async (t) => {
    const { machine, daemon } = await scripted(t);
    const file = path.join(machine.proc, 'loadavg');
    const text = readFileSync(file);
    /* What it costs is another number each time. */
    const loadavg = async () => {
        const { collectors } = await json(daemon, '/v1/info');
        const { cost_us: _, ...collector } = collectors.find(({ name }) => name === 'loadavg');
        return collector;
    };
    const when = (wanted) => until(wanted, async () => {
        const collector = await loadavg();
        return collector.state === wanted ? collector : null;
    });

    const running = await when('running');
    writeFileSync(file, 'garbage\n');
    const failing = await when('failing');
    assert.equal(failing.error, 'Bad message');
    assert.ok(failing.since_ms > running.since_ms);
    await sleep(500);
    assert.deepEqual(await loadavg(), failing, 'it is so since then');
    writeFileSync(file, text);
    const healed = await when('running');
    assert.ok(healed.since_ms > failing.since_ms);
    assert.equal(healed.error, undefined);
});
