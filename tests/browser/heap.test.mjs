// A page that stays open for long keeps no more than its ring: minutes of ticks, fed fast.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { heap } from '../support/renderer.mjs';
import { startReplay } from '../support/replay.mjs';
import { start } from '../support/tachod.mjs';
import { launch, visit } from './support.mjs';

/** Ticks until all that is kept is full, with some for what is compiled and cached by the way. */
const FILL = 900, WATCHED = 600;
/** Ticks that were kept would be a tenth; ./dev bench watches for an hour and sees less than that. */
const GROWTH_MAX = 0.06;

let browser, daemon, replay;

before(async () => {
    [browser, daemon] = await Promise.all([launch(), start()]);
    replay = await startReplay(daemon);
});
after(async () => {
    await browser?.close();
    await replay?.close();
    await daemon?.stop();
});

test('ten minutes of ticks leave the heap and the document as they are', async (t) => {
    const tab = await visit(browser, replay.url);
    await tab.page.evaluate(() => { /* what the test itself would gather */
        Object.defineProperty(window, 'shown', { value: { push() {} } });
    });
    await tab.state('live');
    await replay.run(FILL, tab.page);
    const first = await heap(tab.page);
    await replay.run(WATCHED, tab.page);
    const last = await heap(tab.page);
    const all = ({ heap_bytes, worker_bytes }) => heap_bytes + worker_bytes;

    t.diagnostic(`${JSON.stringify(first)}, then ${JSON.stringify(last)}`);
    assert.equal(await tab.page.evaluate(() => document.documentElement.dataset.state), 'live');
    assert.ok(all(last) < all(first) * (1 + GROWTH_MAX), `${all(first)}, then ${all(last)} bytes`);
    assert.ok(last.nodes <= first.nodes * 1.1, `${first.nodes}, then ${last.nodes} nodes`);
    assert.ok(last.listeners <= first.listeners * 1.1,
        `${first.listeners}, then ${last.listeners} listeners`);
    assert.deepEqual(tab.complaints, []);
});
