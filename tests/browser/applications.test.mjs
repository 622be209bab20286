// Two real services beside the real daemon: nobody tells the page of them, and it shows what they
// do.

import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import autocannon from 'autocannon';
import { json } from '../support/http.mjs';
import { freeDatagramPort, freePort } from '../support/ports.mjs';
import { startService } from '../support/service.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { findings } from './axe.mjs';
import { launch, visit } from './support.mjs';

const SCRIPTS = { shop: new URL('../e2e/apps/shop.mjs', import.meta.url),
    checkout: new URL('../e2e/apps/checkout.mjs', import.meta.url) };
const CANNON = { connections: 4, overallRate: 200, duration: 8 };
const BLOCK_MS = 200;
const ATTEMPTS = 5;
/** Of tachod's own loops, which are usually a tenth of it. */
const FLAT_S = 0.05;

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-applications-'));
const ports = { shop: await freePort(), statsd: await freeDatagramPort() };
const SHOP = `app/shop/127.0.0.1:${ports.shop}`;
const CHECKOUT = 'app/checkout';
const EVIL = 'app/evil';
const services = {};
let browser;
let daemon;

const args = { shop: [ports.shop], checkout: [ports.statsd] };
const run = async (name) => {
    services[name] = await startService(SCRIPTS[name], args[name]);
};

before(async () => {
    const file = path.join(folder, 'tachod.json');
    writeFileSync(file, JSON.stringify({
        listen: ['127.0.0.1:0'],
        scrape: [{ url: `http://127.0.0.1:${ports.shop}/metrics`, job: 'shop' }],
        statsd: { listen: [`udp:127.0.0.1:${ports.statsd}`] },
    }));
    [browser, daemon] = await Promise.all([launch(), start(['-c', file])]);
});
after(async () => {
    await browser?.close();
    await Promise.all(Object.values(services).map((service) => service.kill()));
    await daemon?.stop();
    rmSync(folder, { recursive: true, force: true });
});

async function look(section, shape = {}) {
    const tab = await visit(browser, `${daemon.url}#${section}`, shape);
    await tab.state('live');
    await tab.nextTick();
    return tab;
}

const link = (tab, id) => tab.page.locator(`[data-section="${id}"]`);

/** Notes from now on, at each tick that is shown, the numbers that an element's parts have. */
function note(tab, selector) {
    return tab.page.evaluate((where) => {
        window.noted = [];
        new MutationObserver(() => window.noted.push({
            seq: Number(document.documentElement.dataset.seq),
            values: [...document.querySelectorAll(where)].map(({ dataset }) =>
                Number(dataset.value)),
        })).observe(document.documentElement, { attributes: true, attributeFilter: ['data-seq'] });
    }, selector);
}

const noted = (tab) => tab.page.evaluate(() => window.noted);

test('services have a section within 3 s of their start', async (t) => {
    const tab = await look('overview');
    assert.equal(await link(tab, CHECKOUT).count(), 0);
    assert.match(await link(tab, SHOP).innerText(), /down/);
    await Promise.all(['shop', 'checkout'].map(run));
    const started_ms = Date.now();
    await Promise.all([
        link(tab, CHECKOUT).waitFor(),
        tab.page.waitForFunction((id) =>
            /Node\.js/.test(document.querySelector(`[data-section="${id}"]`).innerText), SHOP),
    ]);
    const took_ms = Date.now() - started_ms;
    t.diagnostic(`${took_ms} ms`);
    assert.ok(took_ms < 3000 * slowness(), `${took_ms} ms`);
    assert.equal(await tab.page.getByRole('group', { name: 'Applications' }).count(), 1);
    await tab.chart(`loop-delay-${SHOP}`).waitFor();  // beside tachod's own
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

for (const [name, id] of [['shop', SHOP], ['checkout', CHECKOUT]]) {
    test(`${name}: the page counts the requests as autocannon does`, async (t) => {
        const tab = await look(id);
        // What is new has no rate yet.
        await services[name].get('/');
        await tab.tile(`requests-${id}`).waitFor();
        await tab.nextTick();
        await tab.nextTick();
        const before = await tab.value(tab.tile(`requests-${id}`));
        assert.ok(before < 2, `${before} requests a second before there are any`);
        await note(tab, `[data-testid="tile-requests-${id}"]`);
        const { requests, errors, non2xx } = await autocannon(
            { url: services[name].url, ...CANNON });
        assert.deepEqual([errors, non2xx], [0, 0]);
        for (let i = 0; i < 4; i++)
            await tab.nextTick();
        const ticks = await noted(tab);
        let last = ticks[0].seq - 1;
        const counted = ticks.reduce((sum, { seq, values: [rate] }) => {
            const seconds = seq - last;
            last = seq;
            return sum + (rate || 0) * seconds;
        }, 0);
        const off = Math.abs(counted / requests.total - 1);
        t.diagnostic(`${counted.toFixed(0)} of ${requests.total}, ${(off * 100).toFixed(2)} %`);
        assert.ok(off < 0.02, `${counted} instead of ${requests.total}`);
        assert.equal(await tab.chart(`requests-${id}`).locator('[data-line="2xx"]').count(), 1);
        assert.deepEqual(tab.complaints, []);
        await tab.close();
    });

    test(`${name}: a blocked event loop is seen, while tachod's own stays flat`, async (t) => {
        const tab = await look('loop');
        const highest = `[data-testid="chart-loop-delay-${id}"] [data-line="highest"]`;
        const own = '[data-testid="chart-loop-delay"] [data-line]';
        const seen = [];
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
            await note(tab, `${own}, ${highest}`);
            await services[name].get(`/block?ms=${BLOCK_MS}`);
            for (let i = 0; i < 3; i++)
                await tab.nextTick();
            const values = (await noted(tab)).map((tick) => tick.values);
            const delay = Math.max(...values.map((each) => each.at(-1)));
            const flat = Math.max(...values.flatMap((each) => each.slice(0, -1)));
            seen.push([delay, flat]);
            if (delay >= 0.95 * BLOCK_MS / 1000 && delay < 1 && flat < FLAT_S)
                break;
        }
        t.diagnostic(`delays of ${name} and tachod: ${seen.join('; ')}`);
        const [delay, flat] = seen.at(-1);
        assert.ok(delay >= 0.95 * BLOCK_MS / 1000 && delay < 1, `${delay} s`);
        assert.ok(flat < FLAT_S, `${flat} s`);
        await tab.nextTick();
        await tab.nextTick();
        const later = await tab.page.locator(highest).getAttribute('data-value');
        assert.ok(Number(later) < delay, 'and it is over');
        assert.deepEqual(tab.complaints, []);
        await tab.close();
    });
}

test('errors are a share of the requests, and colour the navigation', async () => {
    const tab = await look(SHOP);
    const stop = AbortSignal.timeout(20000);
    const requests = (async () => {
        while (!stop.aborted && !tab.page.isClosed())
            await services.shop.get('/fail');
    })();
    await tab.page.waitForFunction((id) => {
        const tile = document.querySelector(`[data-testid="tile-errors-${id}"]`);
        return Number(tile?.dataset.value) > 0.9;
    }, SHOP);
    assert.equal(await link(tab, SHOP).locator('i').getAttribute('class'), 'bad');
    assert.match(await link(tab, SHOP).innerText(), /% of the requests fail/);
    const failed = tab.chart(`errors-${SHOP}`).locator('[data-line="5xx"]');
    assert.ok(await tab.value(failed) > 0.9);
    await tab.close();
    await requests;
});

test('percentiles over a long range are those of all of it', async () => {
    const tab = await look(`${CHECKOUT}@3600s`);
    const p95 = tab.chart(`latency-${CHECKOUT}`).locator('[data-line="p95"] small');
    await p95.waitFor();
    assert.ok(await p95.getAttribute('data-high') > 0);
    assert.ok(tab.requests.some((url) => /quantile=0\.5/.test(url)), 'histograms are asked for');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('a chart of an application is found', async () => {
    const tab = await look('overview');
    await tab.page.keyboard.press('/');
    await tab.page.getByRole('searchbox').fill('checkout heap');
    assert.deepEqual(await tab.page.locator('.find li').allInnerTexts(),
                     ['checkout · Heap', 'Processes matching “checkout heap”']);
    await tab.page.keyboard.press('Enter');
    await tab.page.getByTestId(`section-${CHECKOUT}`).waitFor();
    assert.match(tab.page.url(), /#app\/checkout@/);
    await tab.page.goBack();
    await tab.page.getByTestId('section-overview').waitFor();
    await tab.close();
});

test('what is dropped is named', async () => {
    const tab = await look(CHECKOUT);
    assert.equal(await tab.page.locator('.notice').count(), 0);
    const socket = dgram.createSocket('udp4');
    socket.send('checkout.requests:many|c', ports.statsd, '127.0.0.1');
    const notice = tab.page.getByTestId('notice-dropped-statsd');
    await notice.waitFor();
    assert.match(await notice.innerText(), /1 not understood/);
    socket.close();
    await tab.close();
});

/** A sender whose names and labels are as bad as they may be, until it is closed. */
async function hostile() {
    const socket = dgram.createSocket('udp4');
    const long = 'x'.repeat(900);
    const tags = ['<img src=x onerror=alert(1)>', '</script>', '\u202e\u0000\ud83d\udca9', long];
    const lines = tags.map((tag, i) => `evil.${'long_'.repeat(40)}name:${i}|g|#of:${tag}`);
    for (const line of [...lines, `evil.request.duration:3|ms|#route:${long}`])
        socket.send(line, ports.statsd, '127.0.0.1');
    return socket;
}

for (const scheme of ['dark', 'light']) {
    test(`${scheme}: nothing spills, and axe finds nothing`, async () => {
        const tab = await look(SHOP, { scheme });
        const socket = await hostile();
        await link(tab, EVIL).waitFor();
        for (const [section, width] of [[SHOP, 1440], [SHOP, 900], [SHOP, 390], [CHECKOUT, 900],
            [CHECKOUT, 390], [EVIL, 1440], [EVIL, 390], ['loop', 390]]) {
            await tab.page.setViewportSize({ width, height: 900 });
            await tab.page.evaluate((id) => {
                location.hash = id;
            }, section);
            await tab.page.getByTestId(`section-${section}`).waitFor();
            await tab.nextTick();
            const spill = await tab.page.evaluate(() => document.documentElement.scrollWidth -
                document.documentElement.clientWidth);
            assert.equal(spill, 0, `${section} at ${width}`);
            assert.deepEqual(await findings(tab), [], `${section} at ${width}`);
        }
        assert.equal(await tab.page.locator('main img').count(), 0);
        socket.close();
        assert.deepEqual(tab.complaints, []);
        await tab.close();
    });
}

test('what is stopped is gone within two intervals, and comes back', async (t) => {
    const [tab, checkout] = await Promise.all([look(SHOP), look(CHECKOUT)]);
    const down = tab.page.getByTestId(`notice-down-${SHOP}`);
    const gone = (page, condition, ...more) => page.waitForFunction(condition, ...more)
        .then(() => page.evaluate(() => Number(document.documentElement.dataset.seq)));
    await tab.chart(`heap-${SHOP}`).waitFor();
    await Promise.all(Object.values(services).map((service) => service.kill()));
    const last = (await json(daemon, '/v1/info')).seq;
    const [shop_seq, checkout_seq] = await Promise.all([
        gone(tab.page, (id) =>
            /down/.test(document.querySelector(`[data-section="${id}"]`).innerText) &&
            [...document.querySelectorAll('main .tile')].filter((tile) =>
                tile.dataset.value === 'NaN' && /down$/.test(tile.innerText.trim())).length === 6,
             SHOP),
        gone(checkout.page, (id) => !document.querySelector(`[data-section="${id}"]`), CHECKOUT),
    ]);
    t.diagnostic(`${shop_seq - last} and ${checkout_seq - last} ticks`);
    assert.ok(shop_seq - last <= 2, `${shop_seq - last} ticks`);
    assert.ok(checkout_seq - last <= 2, `${checkout_seq - last} ticks`);
    assert.match(await down.innerText(), /cannot be scraped/);
    assert.match(await checkout.page.getByTestId(`notice-gone-${CHECKOUT}`).innerText(),
                 /nothing comes from it now/);
    assert.equal(await checkout.chart(`heap-${CHECKOUT}`).count(), 1, 'the past is shown');
    assert.equal(await tab.chart(`loop-delay-${SHOP}`).count(), 1);
    const overview = await look('overview');
    assert.equal(await overview.page.locator('[data-testid^="chart-loop-delay"]').count(), 1,
                 "tachod's alone");
    await overview.close();
    await tab.page.waitForFunction((id) => /since \d\d:\d\d:\d\d: \w/.test(
        document.querySelector(`[data-testid="notice-down-${id}"]`)?.innerText), SHOP);
    assert.deepEqual(await findings(tab), []);
    assert.deepEqual(await findings(checkout), []);

    await Promise.all(['shop', 'checkout'].map(run));
    await Promise.all([down.waitFor({ state: 'detached' }), link(checkout, CHECKOUT).waitFor()]);
    assert.equal(await checkout.page.locator('.notice').filter({ hasText: 'Gone' }).count(), 0);
    assert.deepEqual([...tab.complaints, ...checkout.complaints], []);
    await tab.close();
    await checkout.close();
});
