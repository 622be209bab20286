// axe-core, run in a page.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const AXE = await readFile(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * All that axe-core finds wrong, a line each.
 * @param {import('./support.mjs').Visit} tab
 * @returns {Promise<string[]>}
 */
export async function findings(tab) {
    // By evaluation: the page's policy allows no other script.
    if (!await tab.page.evaluate(() => 'axe' in window))
        await tab.page.evaluate(AXE);
    return tab.page.evaluate(async () => {
        const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
        return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
            `${id}: ${help}: ${target}: ${failureSummary}`));
    });
}
