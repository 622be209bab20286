// Clocks that are set, and a machine that sleeps: the next tick says so, and no rate suffers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Clock } from '../support/clock.mjs';
import { ask, json, nameOf } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const INTERVAL_MS = 200;
/** What the disk reads between two ticks, and as a rate; the machine is rewritten at each tick. */
const READS = 100, RATE = READS * 1000 / INTERVAL_MS;

/**
 * A daemon whose clocks can be set, on a machine that reads a disk evenly.
 * @param {import('node:test').TestContext} t
 */
async function clocked(t, interval_ms = INTERVAL_MS) {
    const clock = new Clock();
    const machine = new Machine({ disks: ['sda'] });
    const daemon = await start(['-i', `${interval_ms}ms`, ...machine.args], { env: clock.env });
    t.after(async () => {
        await daemon.stop();
        machine.remove();
        clock.remove();
    });
    await until('ready', async () => (await ask(daemon, '/readyz')).status === 200);
    const client = await stream(daemon, '?name=node_disk_reads_completed_total&name=node_time_*');
    await client.count(1);
    return { clock, machine, daemon, client };
}

/** Lets the disk read until so many more ticks have come, and gives those. */
async function readOn({ machine, client }, ticks) {
    const from = client.ticks.length;

    for (let i = 0; i < ticks; i++) {
        machine.disks.get('sda').reads += READS;
        machine.write();
        await client.count(client.ticks.length + 1);
    }
    return client.ticks.slice(from);
}

const isFlagged = (flag) => ({ data }) => data.flags.includes(flag);

/** The number behind a name in a tick. */
function valueOf({ client }, tick, name) {
    const [id] = [...client.state.series].find(([, series]) => nameOf(series) === name);

    return tick.values.get(id);
}

/**
 * All rates so far are what the disk read, whatever the clock did. There is none at first, and over
 * a sleep. On a busy machine a tick may find that none was read, or twice as much, or be late: but
 * over seconds that never were it would be less than a tenth.
 */
function assertEven(it) {
    assertContiguous(it.client.ticks);
    for (const tick of it.client.ticks) {
        const rate = valueOf(it, tick, 'node_disk_reads_completed_total{device="sda"}');
        if (isFlagged('resumed')(tick))
            assert.equal(rate, null, `over the sleep at ${tick.data.seq}`);
        else
            assert.ok(rate === null ? tick === it.client.ticks[0]
                : rate === 0 || (rate > RATE / 10 && rate < 3 * RATE),
            `${rate} reads/s at ${tick.data.seq}, ${tick.data.flags}`);
    }
}

/** The daemon's time is the one that it has been given. */
function assertOnTime(it, tick) {
    const ahead_ms = tick.data.time_ms - tick.at_ms;

    assert.ok(Math.abs(ahead_ms - it.clock.ahead_ms) < 500 * slowness(),
        `${ahead_ms} ms ahead, not ${it.clock.ahead_ms}`);
    const seconds = valueOf(it, tick, 'node_time_seconds');
    assert.ok(Math.abs(1000 * seconds - tick.data.time_ms) <= 1, `node_time_seconds ${seconds}`);
}

/** The ticks since `change` until one is flagged: that is the first or the second of them. */
async function flaggedAfter(it, change, flag) {
    await readOn(it, 3);
    change();
    const ticks = await readOn(it, 5);
    const at = ticks.findIndex(isFlagged(flag));

    assert.ok(at === 0 || at === 1, `${flag} at ${at} of ${ticks.map(({ data }) => data.flags)}`);
    assert.equal(ticks.filter(isFlagged(flag)).length, 1, 'told once');
    assertOnTime(it, ticks.at(-1));
    assertEven(it);
    return { before: it.client.ticks.at(at - ticks.length - 1), tick: ticks[at] };
}

test('after a sleep of 30 s the tick says that the machine has resumed', async (t) => {
    const it = await clocked(t);
    const { before, tick } = await flaggedAfter(it, () => it.clock.suspend(30), 'resumed');

    assert.ok(tick.data.flags.includes('gap_before'));
    assert.ok(!tick.data.flags.includes('clock_step'), 'the clocks agree with each other');
    assert.equal(tick.data.seq, before.data.seq + 1, 'no ticks for the slots that were slept over');
    assert.ok(tick.data.time_ms - before.data.time_ms >= 30000);
    assert.ok(tick.at_ms - before.at_ms < 5 * INTERVAL_MS * slowness());
});

for (const seconds of [5, -5]) {
    test(`after the clock was set by ${seconds} s the tick says so`, async (t) => {
        const it = await clocked(t);
        const { before, tick } = await flaggedAfter(it, () => it.clock.step(seconds), 'clock_step');

        assert.ok(!tick.data.flags.includes('resumed'));
        assert.equal(Math.sign(tick.data.time_ms - before.data.time_ms), Math.sign(seconds));
        assert.ok(tick.at_ms - before.at_ms < 5 * INTERVAL_MS * slowness());
    });
}

test('a clock that is set again and again, and sleeps between, stops no tick', async (t) => {
    const it = await clocked(t);

    for (const [change, seconds] of [['step', 3600], ['suspend', 7200], ['step', -7200],
        ['step', 0.5], ['suspend', 0.7], ['step', -0.3]]) {
        const flag = change === 'suspend' ? 'resumed' : 'clock_step';
        await flaggedAfter(it, () => it.clock[change](seconds), flag);
    }
});

test('clocks that go well are not complained of', async (t) => {
    const it = await clocked(t);
    const ticks = await readOn(it, 15);

    assert.deepEqual(ticks.filter(isFlagged('clock_step')), []);
    assert.deepEqual(ticks.filter(isFlagged('resumed')), []);
    assertOnTime(it, ticks.at(-1));
    assertEven(it);
});

/** Columns of the disk's reads, times, marks: all or what was at these times of the daemon's. */
async function readsOf({ daemon }, query) {
    const { time_ms, marks, series: [{ avg, min, max }] } = await json(daemon,
        `/v1/history?name=node_disk_reads_completed_total&agg=avg,min,max&${query}`);

    return { time_ms, marks, avg, min, max };
}

/** No rate of a history is one that the disk did not have: none below 0, no spike. */
function assertNoSpike({ time_ms, avg, min, max }, rate) {
    for (const column of [avg, min, max])
        column.forEach((value, i) => assert.ok(value === null || (value >= 0 && value < 4 * rate),
            `${value} reads/s at ${time_ms[i]}`));
    assert.ok(avg.some((value) => value > 0), 'there are rates');
}

test('a history across clocks that are set and a sleep: both runs, and no spike', async (t) => {
    const it = await clocked(t, 100);
    const steady = setInterval(() => {
        it.machine.disks.get('sda').reads += READS;
        it.machine.write();
    }, 100);
    t.after(() => clearInterval(steady));
    const rate = READS * 10;
    const ticks = SOAK >= 60 ? 300 : 45; /* beyond the head in the end, in a soak */
    const runs = [];
    const run = async () => {
        const { length } = it.client.ticks;
        await it.client.count(length + ticks, 120000);
        const times = it.client.ticks.slice(length + 2).map(({ data }) => data.time_ms);
        runs.push({ from: times[0] / 1000, to: (times.at(-1) + 1) / 1000, count: times.length });
    };

    await run();
    it.clock.step(-3600);
    await run();
    it.clock.suspend(1800);
    await run();
    it.clock.step(7200);
    await run();

    const from = Math.min(...runs.map((each) => each.from));
    const to = Math.max(...runs.map((each) => each.to));
    for (const step of ['100ms', '1s', '1m']) {
        for (const each of runs) {
            const answer = await readsOf(it, `from=${each.from}&to=${each.to}&step=${step}`);
            assertNoSpike(answer, rate);
        }
        const answer = await readsOf(it, `from=${from}&to=${to}&points=10000` +
            `&step=${step === '100ms' ? '1s' : step}`);
        assertNoSpike(answer, rate);
        for (const each of runs) {
            const there = answer.time_ms.filter((time_ms, i) => answer.avg[i] !== null &&
                time_ms / 1000 > each.from - 60 && time_ms / 1000 < each.to);
            assert.ok(there.length > 0, `step ${step}: a run is missing`);
        }
    }
    const { marks } = await readsOf(it, `from=${from - 5}&to=${to}&step=1s&points=10000`);
    const flagged = (flag) => marks.filter(({ flags }) => flags.includes(flag)).length;
    assert.deepEqual([flagged('clock_step'), flagged('resumed')], [2, 1]);
    assertContiguous(it.client.ticks);
});
