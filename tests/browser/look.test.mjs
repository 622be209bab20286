// At each width and in both themes: nothing spills, nothing complains, nothing leaves the origin.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forAll, visit } from './support.mjs';

/** Of tiles, and of charts. */
const COLUMNS = { 1440: [6, 2], 900: [3, 2], 390: [2, 1] };
const BACKGROUND = { dark: 'rgb(15, 18, 22)', light: 'rgb(245, 246, 248)' };

const there = forAll();

for (const scheme of ['dark', 'light']) {
    for (const [width, ratio] of [[1440, 1], [900, 1], [390, 2]]) {
        test(`${scheme}, ${width} pixels wide`, async () => {
            const tab = await visit(there.browser, there.daemon.url,
                { width, height: 844, ratio, scheme });
            await tab.state('live');
            await tab.nextTick();
            await tab.nextTick();

            const seen = await tab.page.evaluate(() => ({
                spill: document.documentElement.scrollWidth - document.documentElement.clientWidth,
                background: getComputedStyle(document.body).backgroundColor,
                columns: ['.tiles', '.grid'].map((name) => getComputedStyle(
                    document.querySelector(name)).gridTemplateColumns.split(' ').length),
                blurred: [...document.querySelectorAll('canvas')].filter((canvas) =>
                    Math.abs(canvas.width - canvas.clientWidth * devicePixelRatio) > 1).length,
                canvases: document.querySelectorAll('canvas').length,
            }));
            assert.equal(seen.spill, 0, 'no horizontal scrolling');
            assert.equal(seen.background, BACKGROUND[scheme]);
            assert.deepEqual(seen.columns, COLUMNS[width]);
            assert.equal(seen.blurred, 0, 'canvases have one dot per device pixel');
            assert.ok(seen.canvases >= 5);
            await tab.page.getByTestId('strip').focus();
            for (const [how, press] of [['pinned', () => tab.page.keyboard.press('ArrowLeft')],
                ['held', () => tab.page.getByTestId('hold').click()]]) {
                await press();
                await tab.page.getByTestId('moment').waitFor();
                assert.equal(await tab.page.evaluate(() => document.documentElement.scrollWidth -
                    document.documentElement.clientWidth), 0, `no scrolling while ${how}`);
                await tab.page.keyboard.press('Escape');
            }
            assert.deepEqual(tab.complaints, []);
            const { origin } = new URL(there.daemon.url);
            assert.deepEqual(tab.requests.filter((url) => new URL(url).origin !== origin), []);
            await tab.close();
        });
    }
}

test('data-theme overrides what the system prefers', async () => {
    const tab = await visit(there.browser, there.daemon.url, { scheme: 'dark' });
    await tab.state('live');
    await tab.page.evaluate(() => {
        document.documentElement.dataset.theme = 'light';
    });
    const background = await tab.page.evaluate(
        () => getComputedStyle(document.body).backgroundColor);
    assert.equal(background, BACKGROUND.light);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('the page comes with a policy that allows no other origin and no inline code', async () => {
    const response = await fetch(there.daemon.url);
    const policy = response.headers.get('content-security-policy');
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    const html = await response.text();
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
});

test('landmarks and headings stand in the tree that screen readers see', async () => {
    const tab = await visit(there.browser, there.daemon.url);
    await tab.state('live');
    await tab.page.getByRole('banner').getByRole('heading', { level: 1, name: 'tacho' }).waitFor();
    for (const name of ['CPU', 'Memory', 'Load', 'Disk', 'Network', 'Pressure'])
        await tab.page.getByRole('main').getByRole('heading', { name, exact: true, level: 2 })
            .first().waitFor();
    await tab.page.getByRole('img', { name: /^CPU time, the last 5 minutes/ }).waitFor();
    assert.equal(await tab.page.getByRole('status').innerText(), 'live');
    await tab.close();
});
