// Who did that? On the live machine: the crosshair on a spike, and the table has the culprit on top.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startCulprit } from '../support/culprit.mjs';
import { json } from '../support/http.mjs';
import { until } from '../support/wait.mjs';
import { forAll, visit } from './support.mjs';

const SPAN_MS = 60000;
const there = forAll();

/** The first row's pid, and the time that the table is of. */
const top = (tab) => tab.page.evaluate(() => ({
    pid: parseInt(document.querySelector('.processes tbody tr')?.dataset.key, 10),
    time_ms: Number(document.querySelector('[data-testid="processes"]').dataset.time),
    text: document.querySelector('.processes header').innerText,
}));

test('the crosshair on a spike shows who made it, and a click keeps that', async () => {
    // High enough for the chart and the table: what is out of sight asks for nothing.
    const tab = await visit(there.browser, `${there.daemon.url}#overview@${SPAN_MS / 1000}s`,
        { height: 2600 });
    await tab.state('live');
    await until('rows', async () => (await top(tab)).pid > 0);
    await tab.nextTick();
    await tab.nextTick();
    const culprit = await startCulprit('busy');
    await until('it on top, live', async () => (await top(tab)).pid === culprit.pid);
    for (let i = 0; i < 3; i++)
        await tab.nextTick();
    await culprit.end();
    for (let i = 0; i < 4; i++)
        await tab.nextTick();
    await until('it gone', async () => (await top(tab)).pid !== culprit.pid);

    /* In which of the lists it was on top; by the daemon's word, which the page does not see. */
    const { ticks, time_ms } = await json(there.daemon,
        '/v1/history?since=0&points=500&name=tacho_cpu_busy_ratio');
    assert.equal(ticks.length, time_ms.length);
    let spike_ms = 0;
    for (const at of time_ms.slice(-12)) {
        const { processes } = await json(there.daemon, `/v1/processes?at=${at}&limit=1`);
        if (processes[0].pid === culprit.pid && processes[0].cpu_cores > 0.4)
            spike_ms = at;
    }
    assert.ok(spike_ms > 0, 'the daemon knows of it');

    const asked = tab.requests.length;
    const began_ms = Date.now();
    const seen = await until('the culprit under the crosshair', async () => {
        const box = await tab.page.locator('[data-testid="chart-cpu"] .over').first().boundingBox();
        const last_ms = Number(await tab.page.getByTestId('strip').getAttribute('aria-valuemax'));
        await tab.page.mouse.move(box.x + (1 - (last_ms - spike_ms) / SPAN_MS) * box.width,
            box.y + box.height / 2);
        const found = await top(tab);
        return found.pid === culprit.pid && found.time_ms === spike_ms ? found : null;
    });
    assert.match(seen.text, /at \d\d:\d\d:\d\d/);
    const count = tab.requests.slice(asked).filter((url) => url.includes('/v1/processes')).length;
    const seconds = (Date.now() - began_ms) / 1000;
    assert.ok(count <= 10 * seconds + 2, `${count} requests in ${seconds} s`);

    await tab.page.mouse.down();
    await tab.page.mouse.up();
    await tab.page.mouse.move(720, 20);
    for (let i = 0; i < 3; i++)
        await tab.nextTick();
    const kept = await top(tab);
    assert.equal(kept.pid, culprit.pid, 'the moment that was clicked');
    assert.equal(kept.time_ms, spike_ms);
    await tab.page.keyboard.press('Escape');
    await until('the present again', async () => (await top(tab)).pid !== culprit.pid);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});
