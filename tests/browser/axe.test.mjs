// axe-core finds nothing: names, roles, contrast, landmarks; in both themes, in each state.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { forAll, visit } from './support.mjs';

const there = forAll();

async function look(scheme, width, section) {
    const tab = await visit(there.browser, `${there.daemon.url}#${section}`,
        { scheme, width, height: 900 });
    await tab.state('live');
    await tab.nextTick();
    return tab;
}

for (const scheme of ['dark', 'light']) {
    test(`${scheme}: the overview, live and past, stale and disconnected`, async () => {
        const tab = await look(scheme, 1440, 'overview');
        assert.deepEqual(await findings(tab), [], 'live');
        await tab.page.getByTestId('strip').focus();
        await tab.page.keyboard.press('ArrowLeft');
        assert.deepEqual(await findings(tab), [], 'a moment of the past');
        await tab.page.keyboard.press('Escape');
        await tab.page.getByTestId('hold').click();
        assert.deepEqual(await findings(tab), [], 'held still');
        await tab.page.getByRole('button', { name: '24h', exact: true }).click();
        await tab.page.waitForSelector('[data-testid="chart-cpu"][data-step="300000"]');
        assert.deepEqual(await findings(tab), [], 'a day');
        for (const state of ['stale', 'disconnected']) {
            await tab.page.evaluate((name) => {
                document.documentElement.dataset.state = name;
            }, state);
            assert.deepEqual(await findings(tab), [], state);
        }
        await tab.page.keyboard.press('/');
        await tab.page.getByRole('dialog').waitFor();
        assert.deepEqual(await findings(tab), [], 'find');
        await tab.close();
    });

    test(`${scheme}: every section, on a phone too`, async () => {
        const tab = await look(scheme, 900, 'overview');
        const sections = await tab.page.locator('[data-section]').evaluateAll(
            (links) => links.map(({ dataset }) => dataset.section));
        assert.ok(sections.length >= 8, sections.join());
        for (const section of sections) {
            await tab.page.evaluate((id) => {
                location.hash = id;
            }, section);
            await tab.page.getByTestId(`section-${section}`).waitFor();
            assert.deepEqual(await findings(tab), [], section);
        }
        await tab.page.setViewportSize({ width: 390, height: 844 });
        await tab.nextTick();
        assert.deepEqual(await findings(tab), [], 'phone');
        await tab.page.getByRole('button', { name: 'Sections' }).click();
        assert.deepEqual(await findings(tab), [], 'the sheet of sections');
        await tab.close();
    });
}
