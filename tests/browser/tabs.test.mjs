// Tabs share one stream, since a browser opens at most six connections to a host.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { ask } from '../support/http.mjs';
import { startProxy } from '../support/proxy.mjs';
import { start } from '../support/tachod.mjs';
import { Target } from '../support/browser_target.mjs';
import { sleep, until } from '../support/wait.mjs';
import { launch, openTab, subscribers } from './support.mjs';

const TABS = 10;
/** Ten times the budget of the first live value, as a sanitizer and other work take their time. */
const FIRST_VALUE_MS = 5000;

let browser;
let daemon;
/** Between the tabs and the daemon; counts what they ask for. */
let way;
let context;

before(async () => {
    [browser, daemon] = await Promise.all([launch(), start()]);
});
after(async () => {
    await browser?.close();
    await daemon?.stop();
});
beforeEach(async () => {
    way = await startProxy(daemon.url);
    context = await browser.newContext();
});
afterEach(async () => {
    await context.close();
    await way?.close();
});

const open = () => openTab(context, way.url);
const openAll = (count) => Promise.all(Array.from({ length: count }, open));
const streams = (count) => until(`${count} subscribers`,
    async () => await subscribers(daemon) === count, { every_ms: 200 });
const live = (tabs) => Promise.all(tabs.map((tab) => tab.state('live')));

/** The ticks that a tab has shown: when first, and with the values that were drawn last. */
async function ticksOf(tab) {
    const ticks = new Map();
    for (const tick of await tab.shown())
        ticks.set(tick.seq, { ...tick, at_ms: ticks.get(tick.seq)?.at_ms ?? tick.at_ms });
    ticks.delete(0);  // what stands there before the first
    return [...ticks.values()];
}

/** In order, and none lost; where there are few CPUs several may be drawn as one picture. */
function assertConsecutive(ticks) {
    assert.ok(ticks.length > 1);
    ticks.slice(1).forEach(({ seq, missed }, i) => {
        assert.ok(seq > ticks[i].seq, `${seq} after ${ticks[i].seq}`);
        assert.equal(missed, ticks[i].missed, `lost between ${ticks[i].seq} and ${seq}`);
    });
}

/** Does something in the shared worker, which has neither a page nor a name in playwright. */
async function inWorker(expression) {
    const session = await browser.newBrowserCDPSession();
    let workers;
    // One that has ended is a target for a moment more.
    await until('one worker for all tabs', async () => {
        const { targetInfos } = await session.send('Target.getTargets');
        workers = targetInfos.filter(({ type, url }) =>
            type === 'shared_worker' && url.startsWith(way.url));
        return workers.length === 1;
    });
    const worker = await new Target(session).attach(workers[0].targetId);
    await worker.send('Runtime.evaluate', { expression });
    await session.detach();
}

test('ten tabs are live at once, on one stream', async () => {
    const tabs = await openAll(TABS);
    await live(tabs);
    await Promise.all(tabs.map((tab) => tab.nextTick()));
    const before = await Promise.all(tabs.map(async (tab) => (await ticksOf(tab)).length));
    await sleep(6000);
    const until_ms = Date.now();
    const shown = await Promise.all(tabs.map(ticksOf));

    shown.forEach((ticks, i) => {
        const more = ticks.slice(before[i]);
        assert.ok(more.length >= 4 && more.length <= 7, `${more.length} ticks in six seconds`);
        assertConsecutive(more);
    });
    const first = new Map(shown[0].slice(0, -1).map((tick) => [tick.seq, tick]));
    for (const { seq, cpu, memory, load } of shown.flatMap((ticks) => ticks.slice(0, -1))) {
        const same = first.get(seq);
        if (same)
            assert.deepEqual([cpu, memory, load], [same.cpu, same.memory, same.load]);
    }
    /* At one moment: asking ten tabs takes its time where there are few CPUs, and so does drawing. */
    const last = shown.map((ticks) => ticks.findLast(({ at_ms }) => at_ms <= until_ms).seq);
    assert.ok(Math.max(...last) - Math.min(...last) <= 2, `${last}`);
    assert.equal(await subscribers(daemon), 1);
    assert.equal(way.count('/v1/stream'), 1, 'asked for once');
    for (const tab of tabs) {
        assert.deepEqual(tab.complaints, []);
        assert.deepEqual(tab.requests.filter((url) => url.includes('/v1/stream')), []);
    }
});

test('a tab that joins late has all values at once, from no new stream', async (t) => {
    // The next tick is far away, so that who waits for it is told from who is only slow.
    const slow = await start(['-i', '10s']);
    t.after(() => slow.stop());
    const between = await startProxy(slow.url);
    t.after(() => between.close());
    await until('ready', async () => (await ask(slow, '/readyz')).status === 200,
                { timeout_ms: 60000, every_ms: 200 });
    const first = await openTab(context, between.url);
    await live([first]);
    await first.nextTick();
    await context.addInitScript(() => {
        const { SharedWorker } = window;
        window.SharedWorker = function (...given) {
            window.asked_ms = Date.now();
            return new SharedWorker(...given);
        };
    });
    const joined = await openTab(context, between.url);
    await joined.state('live');
    const [given] = await until('a tick', async () => {
        const ticks = await ticksOf(joined);
        return ticks.length > 0 && ticks;
    });
    const asked_ms = await joined.page.evaluate(() => window.asked_ms);
    assert.ok(given.at_ms - asked_ms < FIRST_VALUE_MS, `${given.at_ms - asked_ms} ms`);
    const same = (await ticksOf(first)).find(({ seq }) => seq === given.seq);
    assert.ok(same, 'it begins with a tick that the other has');
    assert.deepEqual([given.cpu, given.memory, given.load], [same.cpu, same.memory, same.load]);
    assert.ok([given.cpu, given.memory, given.load].every(Number.isFinite));
    await joined.nextTick();
    assertConsecutive(await ticksOf(joined));
    assert.equal(between.count('/v1/stream'), 1);
});

test('hidden and closed tabs leave; the last one ends the stream', async () => {
    const [first, second, third] = await openAll(3);
    await live([first, second, third]);
    await streams(1);
    await first.page.close();
    await second.nextTick();  // live is said before the first is drawn
    await second.setHidden(true);
    await second.state('paused');
    await third.nextTick();
    const had = (await ticksOf(second)).length;
    await third.nextTick();
    await third.nextTick();
    assertConsecutive(await ticksOf(third));
    assert.equal((await ticksOf(second)).length, had, 'a hidden tab is told nothing');
    assert.equal(await subscribers(daemon), 1, 'while one is left');

    await third.page.goto('about:blank');
    await streams(0);
    await second.setHidden(false);
    await live([second]);
    await streams(1);
    assert.equal(way.count('/v1/stream'), 2);
    await second.page.close();
    await streams(0);
});

test('a page that the browser had kept goes on when one comes back to it', async (t) => {
    const keeping = await launch([], { ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    t.after(() => keeping.close());
    const tab = await openTab(await keeping.newContext(), way.url);
    await live([tab]);
    await tab.page.evaluate(() => {
        addEventListener('pageshow', ({ persisted }) => {
            window.kept = persisted;
        });
    });
    await tab.page.goto('about:blank');
    await sleep(1500);
    await tab.page.goBack({ waitUntil: 'commit' });
    await tab.page.waitForFunction(() => window.kept);
    await live([tab]);
    await tab.nextTick();
    await streams(1);
    assert.equal(way.count('/v1/stream'), 2);
    assert.deepEqual(tab.complaints, []);
});

test('all tabs heal when the daemon was killed and started again', async (t) => {
    const killed = await start();
    const shared = await browser.newContext();
    t.after(() => shared.close());
    const tabs = await Promise.all(
        Array.from({ length: TABS }, () => openTab(shared, killed.url)));
    await live(tabs);
    const before = await tabs[0].epoch();

    await killed.kill();
    await Promise.all(tabs.map((tab) => tab.state('disconnected', 5000)));
    const again = await start([], { port: killed.port });
    t.after(() => again.stop());
    await live(tabs);
    for (const tab of tabs) {
        await tab.page.waitForFunction(
            (old) => document.documentElement.dataset.epoch !== old, before);
        assert.deepEqual(tab.complaints.filter((text) => !/ERR_/.test(text)), []);
    }
    await until('one subscriber', async () => await subscribers(again) === 1);
});

test('a worker that died is replaced, and nobody complains', async () => {
    const tabs = await openAll(3);
    await live(tabs);
    await streams(1);
    await inWorker('self.close()');
    await until('another stream', () => way.count('/v1/stream') === 2, { timeout_ms: 10000 });
    await live(tabs);
    await streams(1);
    await Promise.all(tabs.map((tab) => tab.nextTick()));
    await inWorker('1');
    for (const tab of tabs)
        assert.deepEqual(tab.complaints, []);
    assert.equal(way.count('/v1/stream'), 2);
});

test('a worker that could not be replaced while the daemon was away comes with it', async () => {
    const tabs = await openAll(2);
    await live(tabs);
    await streams(1);
    way.instead = (path, response) => !!response.writeHead(503).end();
    await inWorker('self.close()');
    await Promise.all(tabs.map((tab) => tab.page.waitForEvent('console',
        { predicate: (message) => /no shared worker/.test(message.text()), timeout: 20000 })));
    way.instead = null;
    await live(tabs);
    await streams(1);
    await inWorker('1');
    await Promise.all(tabs.map((tab) => tab.nextTick()));
    for (const tab of tabs)
        assert.deepEqual(tab.complaints.filter((text) => !/503|ERR_/.test(text)), []);
});

test('without shared workers a tab has a stream of its own', async () => {
    await context.addInitScript(() => {
        delete window.SharedWorker;
    });
    const tabs = await openAll(2);
    await live(tabs);
    await streams(2);
    await tabs[0].nextTick();
    assertConsecutive(await ticksOf(tabs[0]));
    assert.equal(way.count('/worker.js'), 0);
    await tabs[0].setHidden(true);
    await streams(1);
    for (const tab of tabs)
        assert.deepEqual(tab.complaints, []);
});

test('a worker that does not load is done without', async () => {
    way.instead = (path, response) => {
        if (!path.startsWith('/worker.js'))
            return false;
        response.writeHead(404).end();
        return true;
    };
    const tab = await open();
    await live([tab]);
    await tab.nextTick();
    await streams(1);
    await tab.setHidden(true);
    await streams(0);
    await tab.setHidden(false);
    await live([tab]);
    assert.equal(way.count('/worker.js'), 1, 'asked for once');
    assert.equal(way.count('/v1/stream'), 2);
    assert.deepEqual(tab.complaints, []);
});

test('a worker that comes late takes over from the own stream', async () => {
    const held = [];
    way.instead = (path, response) => path.startsWith('/worker.js') &&
        !!held.push([path, response]);
    const tab = await open();
    await live([tab]);
    assert.equal(way.count('/v1/stream'), 1, 'live before the worker');
    way.instead = null;
    for (const [path, response] of held) {
        const { headers, body } = await fetch(new URL(path, daemon.url)).then(async (answer) => ({
            headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }));
        response.writeHead(200, { 'content-type': headers.get('content-type'),
            'content-security-policy': headers.get('content-security-policy') }).end(body);
    }
    await until('another stream', () => way.count('/v1/stream') === 2);
    await streams(1);
    await inWorker('1');
    await tab.nextTick();
    await tab.nextTick();
    assertConsecutive(await ticksOf(tab));
    assert.deepEqual(tab.complaints, []);
});
