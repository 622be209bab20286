// The page says when what it shows is old, and heals without being loaded again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';
import { launch, subscribers, visit } from './support.mjs';

let browser;

before(async () => {
    browser = await launch();
});
after(() => browser?.close());

/** Marks the document, so that a reload would show. */
const mark = (tab) => tab.page.evaluate(() => {
    window.marked = true;
});
const marked = (tab) => tab.page.evaluate(() => window.marked === true);
/** Asks the daemon: the stream is a worker's, whose requests no tab tells of. */
const streams = (daemon, count) => until(`${count} subscribers`,
    async () => await subscribers(daemon) === count, { timeout_ms: 5000, every_ms: 200 });
const stateText = (tab) => tab.page.getByTestId('state').innerText();

test('a daemon that stands still is stale, then disconnected, and heals', async () => {
    const daemon = await start();
    const tab = await visit(browser, daemon.url);
    await tab.state('live');
    await tab.nextTick();
    await mark(tab);

    daemon.freeze();
    const stopped_ms = Date.now();
    await tab.state('stale', 6000);
    assert.ok(Date.now() - stopped_ms >= 2000, 'not before the third interval');
    assert.match(await stateText(tab), /^stale · no tick for \d+ s/);
    assert.match(await tab.page.title(), /^stale · /);
    assert.match(await tab.tile('cpu').innerText(), /at \d\d:\d\d:\d\d/);
    await tab.state('disconnected', 6000);
    assert.match(await stateText(tab), /^disconnected/);
    assert.match(await tab.page.title(), /^disconnected · /);

    const epoch = await tab.epoch();
    daemon.thaw();
    await tab.state('live', 20000);
    await tab.nextTick();
    assert.equal(await tab.epoch(), epoch);
    assert.doesNotMatch(await tab.tile('cpu').innerText(), /at \d\d:\d\d:\d\d/);
    assert.ok(await marked(tab), 'without a reload');
    await tab.close();
    await daemon.stop();
});

test('a daemon that was killed and started again is another ring', async () => {
    const daemon = await start();
    const tab = await visit(browser, daemon.url);
    await tab.state('live');
    await tab.nextTick();
    await mark(tab);
    const before = await tab.epoch();

    await daemon.kill();
    await tab.state('disconnected', 5000);
    const again = await start([], { port: daemon.port });
    await tab.state('live', 20000);
    await tab.nextTick();
    await tab.nextTick();
    assert.notEqual(await tab.epoch(), before);
    const points = Number(await tab.chart('cpu').getAttribute('data-points'));
    assert.ok(points >= 1 && points < 20, `${points} points, of the new ring only`);
    assert.ok(await marked(tab), 'without a reload');
    await tab.close();
    await again.stop();
});

test('a hidden tab closes its stream and catches up when it is seen again', async () => {
    const daemon = await start();
    const tab = await visit(browser, daemon.url);
    await tab.state('live');
    await tab.nextTick();

    await streams(daemon, 1);
    await tab.setHidden(true);
    await tab.state('paused', 1000);
    await streams(daemon, 0);
    const points = Number(await tab.chart('cpu').getAttribute('data-points'));
    const seq = (await tab.shown()).at(-1).seq;
    await tab.page.waitForTimeout(4000);
    assert.equal((await tab.shown()).at(-1).seq, seq, 'nothing arrives while hidden');

    await tab.setHidden(false);
    await tab.state('live', 5000);
    await streams(daemon, 1);
    await tab.page.waitForFunction(
        (least) => document.querySelector('[data-testid="chart-cpu"]').dataset.points >= least,
        points + 3, { timeout: 5000 });
    assert.deepEqual(tab.complaints, []);
    await tab.close();
    await daemon.stop();
});
