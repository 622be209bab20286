// The numbers on the page are the machine's, every second.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import os from 'node:os';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../support/tachod.mjs';
import { cpuTimes, forAll, load, memoryUsed, visit } from './support.mjs';

const there = forAll();

test('every tick is shown, with the values of /proc', async () => {
    const tab = await visit(there.browser, there.daemon.url);
    await tab.state('live');
    await tab.nextTick();
    await tab.nextTick();

    const from = cpuTimes();
    const first = (await tab.shown()).length;
    const loads = [];
    for (let i = 0; i < 7; i++) {
        loads.push(load());
        await tab.nextTick();
        loads.push(load());
    }
    const to = cpuTimes();
    const used = memoryUsed();
    const shown = (await tab.shown()).slice(first);

    assert.ok(shown.length >= 7, `${shown.length} ticks in seven`);
    shown.reduce((last, { seq }) => {
        assert.equal(seq, last + 1, 'no tick is skipped');
        return seq;
    }, shown[0].seq - 1);
    const spent_ms = shown.at(-1).at_ms - shown[0].at_ms;
    assert.ok(Math.abs(spent_ms - 1000 * (shown.length - 1)) < 500, `${spent_ms} ms`);

    const busy = (to.busy - from.busy) / (to.all - from.all);
    const mean = shown.reduce((total, { cpu }) => total + cpu, 0) / shown.length;
    assert.ok(Math.abs(mean - busy) < 0.05, `CPU: page ${mean}, /proc/stat ${busy}`);
    const { memory } = shown.at(-1);
    assert.ok(Math.abs(memory - used) < 0.02, `memory: page ${memory}, /proc/meminfo ${used}`);
    for (const one of shown)
        assert.ok(loads.includes(one.load), `load: page ${one.load}, /proc/loadavg ${loads}`);
    await tab.close();
});

test('the parts agree with the whole', async () => {
    const tab = await visit(there.browser, there.daemon.url);
    await tab.state('live');
    await tab.nextTick();
    const { busy, modes } = await tab.page.evaluate(() => ({
        busy: Number(document.querySelector('[data-testid="tile-cpu"]').dataset.value),
        modes: [...document.querySelectorAll('[data-testid="chart-cpu"] [data-line]')]
            .filter((line) => line.dataset.line !== 'iowait')
            .reduce((total, line) => total + Number(line.dataset.value), 0),
    }));
    assert.ok(Math.abs(busy - modes) < 0.001, `busy ${busy}, sum of modes ${modes}`);
    assert.match(await tab.page.title(), /^\d+ % · /);
    assert.match(await tab.page.getByTestId('state').innerText(), /^1 s · loop [\d.]+ m?s/);
    await tab.close();
});

test('a busy machine shows in the CPU tile and on its scale', async () => {
    const tab = await visit(there.browser, there.daemon.url, { width: 390, height: 800 });
    await tab.state('live');
    const loops = os.cpus().map(
        () => spawn('nice', ['-n', '10', process.execPath, '-e', 'for (;;);']));
    try {
        const end = Date.now() + 15000;
        let cpu = 0;
        while (cpu < 0.8 && Date.now() < end) {
            await tab.nextTick();
            cpu = await tab.value(tab.tile('cpu'));
        }
        assert.ok(cpu >= 0.8, `CPU ${cpu} while all CPUs are busy`);
        const peak = Number(await tab.tile('cpu').locator('.scale').getAttribute('data-peak'));
        assert.ok(peak >= cpu - 1e-9, 'the tell-tale is at the highest value');
        assert.match(await tab.chart('cpu').innerText(), /nice/);
    } finally {
        loops.forEach((loop) => loop.kill('SIGKILL'));
    }
    await tab.close();
});

test('charts are filled from history at once', async () => {
    const old = await start();
    await sleep(11000);
    const tab = await visit(there.browser, old.url);
    await tab.state('live');
    await tab.page.waitForFunction(
        () => ['cpu', 'memory'].every((id) => document.querySelector(
            `[data-testid="chart-${id}"]`).dataset.points >= 10), null, { timeout: 3000 });
    assert.match(await tab.chart('memory').innerText(), /collecting since \d\d:\d\d:\d\d/);
    await tab.close();
    await old.stop();
});
