// What is far down a list of many is found, and the keyboard keeps its place.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open } from './scene.mjs';
import { launch, visit } from './support.mjs';

const names = (kind, count) =>
    Array.from({ length: count }, (_, i) => kind + String(i).padStart(3, '0'));
const DISKS = names('disk', 50);
const INTERFACES = names('veth', 200);
/** As this machine's own is. */
const MOUNTS = ['36 1 8:1 / / rw,relatime - ext4 /dev/disk000 rw'];
const LINES_MOST = 18;
const PHONE = { width: 390, height: 844 };

let browser;
let scene;

before(async () => {
    [browser, scene] = await Promise.all(
        [launch(), open({ machine: { disks: DISKS, interfaces: INTERFACES, mounts: MOUNTS } })]);
});
after(async () => {
    await browser?.close();
    await scene?.close();
});

async function look(shape, section = '') {
    const tab = await visit(browser, `${scene.url}#${section}`, shape);
    await tab.state('live');
    await tab.nextTick();
    return tab;
}

/** Types into the search; what it offers. */
async function find(tab, words) {
    await tab.page.keyboard.press('/');
    await tab.page.getByRole('searchbox').fill(words);
    return tab.page.locator('.find li').allInnerTexts();
}

const focused = (tab) => tab.page.evaluate(() =>
    document.activeElement.dataset.testid ?? document.activeElement.innerText);
const cards = (tab) => tab.page.locator('main .chart').count();

test('the chart of a member that is not shown is unfolded and scrolled to', async () => {
    const tab = await look();
    assert.deepEqual(await find(tab, 'veth150 traffic'),
                     ['Network · Traffic · veth150', 'Processes matching “veth150 traffic”']);
    await tab.page.keyboard.press('Enter');
    const chart = tab.chart('network-traffic-veth150');
    await chart.waitFor();
    await tab.page.waitForFunction((id) => {
        const { top, bottom } = document.querySelector(id).getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
    }, '[data-testid="chart-network-traffic-veth150"]');
    assert.ok(await cards(tab) >= 2 * INTERFACES.length, 'all interfaces');

    await find(tab, 'busy disks');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByTestId('section-disks').waitFor();
    assert.equal(await tab.page.getByRole('button', { name: 'show all 50 disks' }).count(), 1,
                 'the disks stay folded');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

for (const [words, wanted] of [
    ['tacho_disk_busy_ratio', 'Disks · Busy'],
    ['disk003 busy', 'Disks · Busy'],
    ['tacho_loop_delay_seconds', 'Event loop · tacho · event-loop delay'],
    ['tacho_filesystem_used_ratio', 'Filesystems · Space used'],
    ['node_filesystem_size_bytes', 'Filesystems · Filesystems'],
    ['/ filesystems used', 'Filesystems · Space used'],
    ['node_cpu_seconds_total', 'CPU · CPU time'],
]) {
    test(`lists, bars and strips are found: ${words}`, async () => {
        const tab = await look();
        const offers = await find(tab, words);
        assert.ok(offers.includes(wanted), offers.join('; '));
        assert.ok(offers.length < 6, offers.join('; '));
        await tab.close();
    });
}

test('a list that cannot draw all says how many it draws', async () => {
    const tab = await look({}, 'disks');
    const busy = tab.chart('disk-busy');
    assert.equal(await busy.locator('[data-line]').count(), LINES_MOST);
    assert.match(await busy.locator('h2').innerText(), /18 of 50 · /);
    assert.doesNotMatch(await tab.chart('disk-throughput').locator('h2').innerText(), / of /);
    await tab.close();
});

test('the focus of the chip that brings the present back goes to the button beside it', async () => {
    const tab = await look();
    for (const key of ['Enter', 'Escape']) {
        await tab.page.getByTestId('hold').click();
        await tab.page.getByTestId('moment').focus();
        await tab.page.keyboard.press(key);
        await tab.page.getByTestId('moment').waitFor({ state: 'detached' });
        assert.equal(await focused(tab), 'hold', key);
    }
    await tab.page.getByTestId('strip').focus();
    await tab.page.keyboard.press('ArrowLeft');
    await tab.page.keyboard.press('Escape');
    await tab.page.getByTestId('moment').waitFor({ state: 'detached' });
    assert.equal(await focused(tab), 'strip', 'what was elsewhere stays there');
    await tab.close();
});

test("Escape closes a phone's sheet of sections, and nothing else", async () => {
    const tab = await look(PHONE);
    await tab.page.getByTestId('hold').click();
    await tab.page.getByRole('button', { name: 'Sections' }).click();
    await tab.page.locator('[data-section="disks"]').focus();
    await tab.page.keyboard.press('Escape');
    await tab.page.locator('.nav').waitFor({ state: 'hidden' });
    assert.equal(await focused(tab), 'Sections');
    assert.equal(await tab.page.getByTestId('moment').count(), 1, 'the past is still shown');
    await tab.page.keyboard.press('Escape');
    await tab.page.getByTestId('moment').waitFor({ state: 'detached' });
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});
