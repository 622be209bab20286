// The table of collectors: what each does and why not, how often, what it costs. What the daemon
// says of them is the test's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/wait.mjs';
import { findings } from './axe.mjs';
import { forAll, openTab } from './support.mjs';

const there = forAll();
const SINCE_MS = Date.UTC(2026, 0, 5, 12, 3);

/** One of each state. */
const usual = () => [
    { name: 'arp', state: 'running', interval_ms: 5000, cost_us: 5 },
    { name: 'cpu', state: 'running', interval_ms: 1000, cost_us: 42.4 },
    { name: 'disk', state: 'running', interval_ms: 1000, cost_us: 38 },
    { name: 'edac', state: 'absent', interval_ms: 30000, cost_us: 0 },
    { name: 'interrupts', state: 'off' },
    { name: 'memory', state: 'failing', error: 'Bad message', since_ms: SINCE_MS,
      interval_ms: 1000, cost_us: 20 },
    { name: 'rapl', state: 'denied', error: 'Permission denied', since_ms: SINCE_MS },
];

/** The page with such collectors; how often it asked for them. */
async function show({ collectors = usual(), place = 'collectors', scheme = 'dark',
                      width = 1440, view = [] } = {}) {
    const context = await there.browser.newContext(
        { viewport: { width, height: 900 }, colorScheme: scheme });
    const seen = { collectors, asked: [] };
    await context.route('**/v1/info*', async (route) => {
        seen.asked.push(performance.now());
        const response = await route.fetch();
        const info = await response.json();
        info.host.container_view = view;
        await route.fulfill({ response,
            json: { ...info, collectors: seen.collectors } }).catch(() => {});
    });
    const tab = await openTab(context, `${there.daemon.url}#${place}`);
    await tab.state('live');
    return Object.assign(seen, { tab, page: tab.page });
}

const row = (page, name) => page.locator(`[data-collector="${name}"]`);
const cells = (locator) => locator.locator('th, td').allInnerTexts();
const names = (page) => page.locator('[data-collector]').evaluateAll((all) =>
    all.map(({ dataset }) => dataset.collector));

async function done({ tab, page }) {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth -
        document.documentElement.clientWidth), 0, 'no horizontal scrolling');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
}

test('the header says that it is a container\'s view', async () => {
    for (const view of [[], ['meminfo', 'stat']]) {
        const seen = await show({ view });
        const host = seen.page.locator('header .host');
        await until('the host', async () => await host.innerText() !== '' || null);
        assert.equal((await host.innerText()).includes('container view'), view.length > 0);
        await done(seen);
    }
});

test('the dearest first, then those that give nothing and why', async () => {
    const seen = await show();
    const { page } = seen;
    await row(page, 'cpu').waitFor();
    assert.deepEqual(await names(page),
                     ['cpu', 'disk', 'arp', 'memory', 'rapl', 'interrupts', 'edac']);
    assert.deepEqual(await cells(row(page, 'cpu')), ['cpu', 'running', '1 s', '42 µs/s']);
    assert.deepEqual(await cells(row(page, 'arp')), ['arp', 'running', '5 s', '1.0 µs/s']);
    assert.deepEqual(await cells(row(page, 'interrupts')), ['interrupts',
        'switched off (collectors.interrupts in the configuration)', '', '']);
    assert.deepEqual(await cells(row(page, 'edac')), ['edac', 'not on this machine', '', '']);
    assert.match(await row(page, 'memory').innerText(),
                 /cannot be read, since 2026-01-05 \d\d:03:00: Bad message/);
    assert.match(await row(page, 'rapl').innerText(),
                 /not permitted to this user \(Permission denied\): run tachod as root/);
    assert.deepEqual(await cells(page.locator('tfoot tr')),
                     ['together', '0.010 % of one CPU', '', '101 µs/s']);
    assert.match(await page.getByTestId('collectors').locator('header').innerText(),
        /3 running · 1 failing · 1 not permitted · 1 switched off · 1 not on this machine/);
    const part = (name) => row(page, name).locator('.bar').evaluate((cell) =>
        Number(getComputedStyle(cell).getPropertyValue('--w')));
    assert.equal(await part('cpu'), 1);
    assert.ok(Math.abs(await part('disk') - 38 / 42.4) < 0.01);
    const link = page.locator('[data-section="collectors"]');
    assert.deepEqual([await link.locator('small').innerText(),
        await link.locator('.spoken').innerText()], ['3', '1 failing']);
    seen.collectors[1].cost_us = 9999;
    await page.reload();
    await row(page, 'cpu').waitFor();
    assert.equal((await cells(page.locator('tfoot tr'))).at(-1), '10.1 ms/s');
    await done(seen);
});

test('a daemon that says neither how often nor what it costs', async () => {
    const seen = await show({ collectors: [{ name: 'cpu', state: 'running' },
        { name: 'new', state: 'some day' }] });
    const { page } = seen;
    assert.deepEqual(await cells(row(page, 'cpu')), ['cpu', 'running', '–', '–']);
    assert.equal((await cells(row(page, 'new')))[1], 'some day');
    assert.equal(await page.locator('tfoot').count(), 0);
    await done(seen);
});

test('asked for every ten seconds while it is shown, never by a hidden tab', async () => {
    const seen = await show({ place: 'overview' });
    const { tab, page, collectors, asked } = seen;
    await until('the first', () => asked.length === 1);
    await page.locator('[data-section="collectors"]').click();
    await row(page, 'cpu').waitFor();
    collectors[1] = { name: 'cpu', state: 'denied' };
    await until('the news', async () => await row(page, 'cpu').getAttribute('data-state') ===
        'denied', { timeout_ms: 30000 });
    await until('once more', () => asked.length >= 3, { timeout_ms: 30000 });
    const between = asked[2] - asked[1];
    assert.ok(between >= 9500, `${between} ms from one to the next`);
    await tab.setHidden(true);
    await tab.state('paused');
    const before = asked.length;
    await page.waitForTimeout(12000);
    assert.equal(asked.length, before, 'hidden');
    await tab.setHidden(false);
    await until('when it is seen again', () => asked.length > before);
    await done(seen);
});

for (const scheme of ['dark', 'light']) {
    test(`${scheme}: axe finds nothing, at each width`, async () => {
        const seen = await show({ scheme });
        const { tab, page } = seen;
        await row(page, 'cpu').waitFor();
        assert.deepEqual(await findings(tab), []);
        await page.setViewportSize({ width: 390, height: 844 });
        assert.deepEqual(await findings(tab), [], 'phone');
        assert.deepEqual(await page.locator('thead th').evaluateAll((all) => all.filter((each) =>
            each.offsetParent !== null).map(({ textContent }) => textContent)),
                         ['Collector', 'State', 'Cost']);
        await done(seen);
    });
}
