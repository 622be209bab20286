// What is not there says why: not on this machine, or switched off.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../support/http.mjs';
import { open } from './scene.mjs';
import { launch, visit } from './support.mjs';

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

/** Tile and chart of pressure, as words; their collector is the only one that has nothing. */
async function pressureOf(t, options) {
    const scene = await open(options);
    t.after(() => scene.close());
    const tab = await visit(browser, `${scene.url}#overview@60s`, { height: 1500 });
    t.after(() => tab.close());
    await tab.state('live');
    await tab.chart('cpu').locator('.legend').waitFor();
    await tab.nextTick();
    await tab.nextTick();
    assert.deepEqual(tab.complaints, []);
    assert.equal(await tab.tile('pressure').locator('.v').innerText(), '–%');
    assert.equal(await tab.chart('pressure').locator('canvas').count(), 0, 'nothing is drawn');
    assert.match(await tab.tile('cpu').locator('.detail').innerText(), /^user 10 · /);
    return [await tab.tile('pressure').locator('.detail').innerText(),
        await tab.chart('pressure').locator('.absent').innerText()];
}

test('a machine without pressure says so', async (t) => {
    const words = await pressureOf(t, { interval: '200ms', machine: { pressure: [] } });
    assert.deepEqual(words, ['not on this machine', 'not on this machine']);
});

test('a collector that is switched off says where', async (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-absence-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'tachod.json');
    writeFileSync(file, JSON.stringify({ collectors: { pressure: false } }));
    const words = await pressureOf(t, { interval: '200ms',
        args: ['-c', file, '-l', '127.0.0.1:0'] });
    const text = 'switched off (collectors.pressure in the configuration)';
    assert.deepEqual(words, [text, text]);
});

test('a collector that fails says since when, and what is wrong', async (t) => {
    const scene = await open({ interval: '200ms' });
    t.after(() => scene.close());
    scene.machine.replaced.set('proc/meminfo', 'garbage\n');
    scene.machine.write();
    await scene.wait(4);
    const { collectors } = (await ask(scene.daemon, '/v1/info')).json;
    assert.equal(collectors.find(({ name }) => name === 'memory').state, 'failing');
    const tab = await visit(browser, `${scene.url}#overview@60s`);
    t.after(() => tab.close());
    await tab.state('live');
    await tab.nextTick();
    await tab.page.waitForFunction(() => /^cannot be read, since \d\d:\d\d:\d\d: ./.test(
        document.querySelector('[data-testid="tile-memory"] .detail').textContent));
    assert.ok(await tab.value(tab.tile('cpu')) > 0, 'the others go on');
});
