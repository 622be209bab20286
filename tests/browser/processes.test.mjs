// The table of processes on the page. What the daemon says of them is the test's own.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { until } from '../support/wait.mjs';
import { findings } from './axe.mjs';
import { Crowd, one } from './crowd.mjs';
import { forAll, openTab } from './support.mjs';

const there = forAll();
const TALL = 2400;
/** What the clock of this process may be behind the daemon's, which can be set meanwhile. */
const CLOCKS_MS = 100;

/** The page with such processes. */
async function show({ place = 'processes', width = 1440, height = 1000, scheme = 'dark',
                      crowd = new Crowd() } = {}) {
    const context = await there.browser.newContext(
        { viewport: { width, height }, colorScheme: scheme });
    await crowd.serve(context);
    const tab = await openTab(context, `${there.daemon.url}#${place}`);
    tab.dialogs = 0;
    tab.page.on('dialog', (dialog) => {
        tab.dialogs++;
        dialog.dismiss();
    });
    await tab.state('live');
    return { tab, crowd, page: tab.page };
}

const rows = (page) => page.locator('tr[data-key]');
const row = (page, pid) => page.locator(`tr[data-key^="${pid} "]`);
const pids = (page) => rows(page).evaluateAll((all) =>
    all.map(({ dataset }) => Number(dataset.key.split(' ')[0])));
const cells = (locator) => locator.locator('td').allInnerTexts();
const heading = (page) => page.locator('.processes header').innerText();
const note = (page) => page.locator('.processes > .card').last().innerText();
const followed = (page) => page.getByTestId('followed');
const order = (page, wanted) => until(`${wanted} first`, async () =>
    (await pids(page)).slice(0, wanted.length).join() === wanted.join());
const spill = (page) => page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function done({ tab, page }) {
    assert.equal(await spill(page), 0, 'no horizontal scrolling');
    assert.deepEqual(tab.complaints, []);
    assert.equal(tab.dialogs, 0);
    await tab.close();
}

test('the first of them at the end of the overview, once a tick, while in sight', async () => {
    const seen = await show({ place: 'overview', height: 700 });
    const { tab, page, crowd } = seen;
    for (let i = 0; i < 3; i++)
        await tab.nextTick();
    assert.equal(crowd.asked.length, 0, 'it is not in sight');
    await page.getByTestId('processes').scrollIntoViewIfNeeded();
    await order(page, [21877, 1310, 912, 40112, 15, 733]);
    assert.equal(await rows(page).count(), 8);
    assert.deepEqual(await cells(row(page, 21877)), ['21877', 'app', '164%', '1.9 GiB', '0',
        '41 MB/s', '31', 'node /srv/shop-api/server.js']);
    assert.deepEqual((await cells(row(page, 733))).slice(4, 6), ['–', '–'], 'not known is not 0');
    assert.equal((await cells(row(page, 15))).at(-1), '[kworker/0:1]');
    assert.match(await heading(page), /top by CPU · 49 of 49 visible/);
    assert.equal(crowd.asked.at(-1).query.toString(), 'sort=cpu&limit=8');

    const before = crowd.asked.length;
    for (let i = 0; i < 4; i++)
        await tab.nextTick();
    const asked = crowd.asked.length - before;
    assert.ok(asked >= 2 && asked <= 6, `${asked} questions in four ticks`);
    await page.evaluate(() => scrollTo(0, 0));
    await sleep(300);
    const left = crowd.asked.length;
    await tab.nextTick();
    await tab.nextTick();
    assert.equal(crowd.asked.length, left, 'out of sight again');
    await page.getByTestId('processes').scrollIntoViewIfNeeded();
    await until('a question', () => crowd.asked.length > left);
    await tab.setHidden(true);
    await sleep(300);
    const hidden = crowd.asked.length;
    await sleep(2500);
    assert.equal(crowd.asked.length, hidden, 'a hidden tab');
    await tab.setHidden(false);
    await until('a question', () => crowd.asked.length > hidden);

    await page.getByRole('link', { name: 'all processes' }).click();
    await until('all', async () => await rows(page).count() === 40);
    assert.equal(crowd.asked.at(-1).query.get('limit'), '40');
    await done(seen);
});

test('sorted by a click or a key', async () => {
    const seen = await show();
    const { page, crowd } = seen;
    crowd.rows.push(one(50, 'hog', { rss_bytes: 8e9 }),
                    one(51, 'reader', { read_bytes_per_second: 9e7 }));
    await order(page, [21877]);
    await page.getByRole('button', { name: 'Memory' }).click();
    await order(page, [50, 21877]);
    assert.equal(crowd.asked.at(-1).query.get('sort'), 'memory');
    const sorts = () => page.locator('th[aria-sort="descending"]').allInnerTexts();
    assert.deepEqual(await sorts(), ['Memory']);
    await page.getByRole('button', { name: 'Read' }).focus();
    await page.keyboard.press('Enter');
    await order(page, [51, 21877, 1310]);
    assert.deepEqual(await sorts(), ['Read']);
    assert.match(await heading(page), /top by reading and writing/);
    await done(seen);
});

test('bars are relative to the greatest', async () => {
    const seen = await show();
    const { page } = seen;
    await order(page, [21877]);
    const part = (id, pid) => row(page, pid).locator(`.${id}`).evaluate((cell) =>
        Number(getComputedStyle(cell).getPropertyValue('--w')));
    assert.equal(await part('cpu', 21877), 1);
    assert.equal(await part('cpu', 1310), 0.54);
    assert.equal(await part('read', 1310), 1);
    assert.equal(await part('read', 733), 0);
    const { size, image } = await row(page, 1310).locator('.cpu').evaluate((cell) => {
        const { backgroundSize, backgroundImage } = getComputedStyle(cell);
        return { size: backgroundSize, image: backgroundImage };
    });
    assert.match(size, /0\.54|54%/);
    assert.match(image, /gradient/);
    await done(seen);
});

test('filter, tree and programs', async () => {
    const seen = await show();
    const { page, crowd } = seen;
    await order(page, [21877]);
    await page.getByRole('searchbox', { name: 'Filter processes' }).fill('idle3');
    await until('the filter', async () => await rows(page).count() === 11);
    assert.match(await heading(page), /11 matching/);
    await until('all are asked for', () => crowd.asked.at(-1).query.get('limit') === '1000');
    await page.getByRole('searchbox').fill('nothing such');
    await until('none', async () => /nothing of that name/.test(await note(page)));

    await page.getByRole('searchbox').fill('rsync');
    await page.getByRole('button', { name: 'Tree' }).click();
    await order(page, [1, 700, 40112]);
    assert.equal(await rows(page).count(), 3, 'with those that it is below');
    await page.getByRole('searchbox').fill('');
    await order(page, [1, 700, 21877, 40112]);
    const indents = await rows(page).locator('td.command').evaluateAll((all) =>
        all.slice(0, 3).map((cell) => parseFloat(getComputedStyle(cell).paddingLeft)));
    assert.ok(indents[0] < indents[1] && indents[1] < indents[2], indents.join());

    crowd.rows.push(one(60, 'nginx', { cpu_cores: 2 }));
    await page.getByRole('button', { name: 'By command' }).click();
    await page.locator('table.command tr[data-key="nginx"]').waitFor();
    assert.equal(crowd.asked.at(-1).query.get('by'), 'command');
    assert.deepEqual((await cells(rows(page).first())).slice(0, 2), ['2', '221%']);
    await page.locator('tr[data-key="nginx"] button').click();
    await order(page, [60, 912]);
    assert.equal(await rows(page).count(), 2);
    await done(seen);
});

test('a filter of more than the daemon gives says so', async () => {
    const crowd = new Crowd();
    crowd.rows.push(...Array.from({ length: 1000 }, (_, i) => one(5000 + i, `many${i}`)));
    const seen = await show({ crowd });
    const { page } = seen;
    await page.getByRole('searchbox', { name: 'Filter processes' }).fill('many999');
    await until('none', async () => /nothing of that name/.test(await note(page)) &&
        /Only the first 1000 by CPU are looked through\./.test(await note(page)));
    await page.getByRole('searchbox').fill('');
    await until('none', async () => !/looked through/.test(await note(page)));
    await done(seen);
});

test('one is followed: with its parents, until it ends', async () => {
    const seen = await show();
    const { tab, page, crowd } = seen;
    await order(page, [21877]);
    await row(page, 21877).locator('button').focus();
    await page.keyboard.press('Enter');
    const card = followed(page);
    await card.getByRole('button', { name: 'systemd 1' }).waitFor();
    const text = await card.innerText();
    for (const part of ['node · 21877', 'node /srv/shop-api/server.js', 'sleeping', '164%', '1.9 GiB'])
        assert.ok(text.includes(part), `${part}: ${text}`);
    await until('a line', async () => await card.locator('path').count() === 1);

    await card.getByRole('button', { name: 'shop.sh 700' }).click();
    await until('the parent', async () => /shop.sh · 700/.test(await card.innerText()));
    const at = crowd.rows.findIndex(({ pid }) => pid === 700);
    crowd.rows[at] = { ...crowd.rows[at], start_time_ms: 7, name: 'another' };
    await until('ended', async () => /ended by/.test(await card.innerText()));
    await tab.nextTick();
    assert.match(await card.innerText(), /shop.sh · 700/, 'not the one that has its number now');
    await card.getByRole('button', { name: 'Stop following' }).focus();
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    await done(seen);
});

test('rows stay where they are while one is pointed at', async () => {
    const seen = await show();
    const { tab, page, crowd } = seen;
    await order(page, [21877, 1310, 912]);
    await row(page, 912).hover();
    crowd.rows = crowd.rows.filter(({ pid }) => pid !== 1310)
        .map((one_) => one_.pid === 912 ? { ...one_, cpu_cores: 1.9 } : one_);
    await until('the new value', async () => (await cells(row(page, 912)))[2] === '190%');
    assert.deepEqual((await pids(page)).slice(0, 3), [21877, 1310, 912]);
    assert.match(await row(page, 1310).getAttribute('class'), /gone/);
    await page.mouse.move(5, 5);
    await order(page, [912, 21877, 40112]);
    await tab.nextTick();
    await row(page, 40112).locator('button').focus();
    crowd.rows.push(one(77, 'new', { cpu_cores: 2 }));
    await until('the new one', async () => (await pids(page)).includes(77));
    assert.deepEqual((await pids(page)).slice(0, 2), [912, 21877], 'nor under a key');
    assert.equal(await row(page, 40112).locator('button').evaluate((button) =>
        button === document.activeElement), true);
    await done(seen);
});

test('with the crosshair it is of that moment: ten questions a second, one at a time', async () => {
    const crowd = new Crowd();
    crowd.past = (at) => [one(99, 'culprit', { cpu_cores: at % 7 + 2 }), ...crowd.rows];
    crowd.delay_ms = 20;
    const seen = await show({ place: 'overview@60s', height: TALL, crowd });
    const { tab, page } = seen;
    for (let i = 0; i < 6; i++)
        await tab.nextTick();
    await order(page, [21877]);
    const box = await tab.chart('cpu').locator('.over').boundingBox();
    const began_ms = performance.now();
    const before = crowd.asked.length;
    for (let i = 0; i < 60; i++) {
        await page.mouse.move(box.x + box.width * (1 - 0.12 * (i % 20) / 20), box.y + 40);
        await sleep(30);
    }
    const seconds = (performance.now() - began_ms) / 1000;
    const asked = crowd.asked.length - before;
    assert.ok(asked <= 10 * seconds + 2, `${asked} questions in ${seconds} s`);
    assert.ok(asked >= 3, `${asked} questions in ${seconds} s`);
    assert.equal(crowd.openMost, 1);

    await page.mouse.move(box.x + box.width * 0.95, box.y + 40);
    await order(page, [99]);
    await until('the moment', async () => {
        const text = await tab.page.getByTestId('moment').innerText();
        return (await heading(page)).includes(`at ${text}`);
    });
    assert.match(await note(page), /the top 20 by CPU, memory and I\/O are kept/);
    const at = Number(crowd.asked.at(-1).query.get('at'));
    assert.equal(await page.getByTestId('processes').getAttribute('data-time'), String(at));
    await page.mouse.move(5, 300);
    await order(page, [21877]);
    await until('the present', async () => !/at \d/.test(await heading(page)));
    assert.equal(crowd.asked.at(-1).query.get('at'), null);

    await page.getByTestId('strip').focus();
    await page.keyboard.press('ArrowLeft');
    await order(page, [99]);
    const pinned = crowd.asked.length;
    await tab.nextTick();
    await tab.nextTick();
    assert.equal(crowd.asked.length, pinned, 'what was does not change');
    await done(seen);
});

test('in a long range it is of the end of a step, never of what is to come', async () => {
    const seen = await show({ place: 'overview@3600s', height: TALL });
    const { tab, page, crowd } = seen;
    await page.waitForSelector('[data-testid="chart-cpu"][data-step]');
    await tab.nextTick();
    const box = await tab.chart('cpu').locator('.over').boundingBox();
    const ofMoments = () => crowd.asked.filter(({ query }) => query.has('at'));
    // While a step grows its end is the last tick: there is a question for each of those. Where all
    // is slow what is drawn may be some ticks older than what is asked for, so the clock counts.
    await until('questions for some moments', async () => {
        await page.mouse.move(box.x + box.width - 1, box.y + 40);
        await page.mouse.move(box.x + box.width - 2, box.y + 40);
        return new Set(ofMoments().map(({ query }) => query.get('at'))).size >= 6;
    }, { timeout_ms: 60000 });
    for (const { at_ms, query } of ofMoments()) {
        const ahead_ms = Number(query.get('at')) - performance.timeOrigin - at_ms;
        assert.ok(ahead_ms < CLOCKS_MS, `${ahead_ms} ms to come`);
    }
    await done(seen);
});

test('what was not kept, and what cannot be', async () => {
    const seen = await show();
    const { tab, page, crowd } = seen;
    await order(page, [21877]);
    crowd.problem = [404, { title: 'Not Found', detail: 'there is something since noon' }];
    await page.getByTestId('strip').focus();
    await page.keyboard.press('ArrowLeft');
    await until('words', async () => /Nothing was kept of that moment: there is something since noon/
        .test(await note(page)));
    assert.equal(await rows(page).count(), 0, 'rows of another moment are none of this');
    crowd.problem = [503, { title: 'Unavailable', detail: 'the collector is switched off' }];
    await page.keyboard.press('Escape');
    await until('words', async () =>
        /No list of processes: the collector is switched off/.test(await note(page)));
    crowd.problem = null;
    await order(page, [21877]);
    tab.complaints = tab.complaints.filter((text) => !/status of (404|503)/.test(text));
    await done(seen);
});

test('what is hidden is said', async () => {
    const seen = await show();
    const { page, crowd } = seen;
    crowd.more = { visible: 34, total: null, io_visible: 4, unattributed_cpu_cores: 0.3 };
    await until('hidepid', async () => (await heading(page))
        .includes('34 processes visible; others are hidden from tachod (hidepid)'));
    assert.match(await note(page), /What 30 processes read and write is not known/);
    assert.match(await note(page), /Not of any visible process: 0.30 cores/);
    crowd.more = { visible: 12, total: 412 };
    await until('some', async () => (await heading(page)).includes('12 of 412 visible'));
    await done(seen);
});

test('hostile text is text', async () => {
    const evil = 'a) S 1 (b\n<img src=x onerror=alert(1)>\u202egnp.exe\ufffd';
    const crowd = new Crowd();
    crowd.rows.push(one(66, evil, { cpu_cores: 5, user: '\u202eresu', command: evil }),
                    one(67, '</td><script>alert(2)</script>', { cpu_cores: 4, command: null }));
    const seen = await show({ crowd });
    const { page } = seen;
    await order(page, [66, 67]);
    const wanted = evil.replace('\n', '␊').replace('\u202e', '\ufffd');
    assert.equal(await row(page, 66).locator('.command').textContent(), wanted);
    assert.equal(await row(page, 67).locator('.command').textContent(),
                 '[</td><script>alert(2)</script>]');
    const height = (pid) => row(page, pid).evaluate((each) => each.clientHeight);
    assert.equal(await height(66), await height(1310), 'no line of its own');
    assert.deepEqual(await row(page, 66).locator('bdi').evaluateAll((all) =>
        all.map((each) => getComputedStyle(each).unicodeBidi)), Array(3).fill('isolate'));
    const left = (pid, column) => row(page, pid).locator(column).evaluate((cell) =>
        Math.round(cell.getBoundingClientRect().left));
    for (const column of ['.pid', '.cpu', '.command'])
        assert.equal(await left(66, column), await left(1310, column), column);
    await row(page, 66).click();
    await followed(page).waitFor();
    assert.ok((await followed(page).textContent()).includes(wanted));
    await page.getByRole('button', { name: 'By command' }).click();
    await page.locator('table.command tr').nth(3).waitFor();
    assert.equal(await page.locator('img, script:not([src])').count(), 0);
    await done(seen);
});

test('a phone shows less, and the rest when a row is tapped', async () => {
    const seen = await show({ place: 'overview', width: 390, height: 844 });
    const { page } = seen;
    const bar = page.getByRole('navigation', { name: 'Bar' });
    assert.deepEqual(await bar.getByRole('button').allInnerTexts(),
                     ['Overview', 'Sections', 'Processes', 'Find']);
    await bar.getByRole('button', { name: 'Processes' }).click();
    await order(page, [21877]);
    assert.equal(await bar.locator('[aria-current="page"]').innerText(), 'Processes');
    const shown = await page.locator('th').evaluateAll((all) => all.filter((each) =>
        each.offsetParent !== null).map(({ textContent }) => textContent));
    assert.deepEqual(shown, ['CPU', 'Memory', 'Command']);
    await row(page, 1310).locator('.cpu').click();
    await until('the rest', async () => /29 MB\/s/.test(await followed(page).innerText()));
    await page.getByRole('button', { name: 'Tree' }).click();
    await order(page, [1, 700]);
    await done(seen);
});

test('a name or a number that is typed into the search finds processes', async () => {
    const seen = await show({ place: 'overview' });
    const { page, crowd } = seen;
    await page.keyboard.press('/');
    await page.getByRole('searchbox', { name: 'Find' }).fill('postgres');
    assert.deepEqual(await page.locator('.find li').allInnerTexts(),
                     ['Processes matching “postgres”']);
    assert.equal(crowd.asked.length, 0, 'nothing is asked for that');
    await page.keyboard.press('Enter');
    await order(page, [1310]);
    assert.equal(await rows(page).count(), 1);
    assert.equal(await page.getByRole('searchbox').inputValue(), 'postgres');
    await done(seen);
});

for (const scheme of ['dark', 'light']) {
    test(`${scheme}: axe finds nothing, in each state and width`, async () => {
        const seen = await show({ scheme });
        const { tab, page, crowd } = seen;
        await order(page, [21877]);
        await row(page, 21877).click();
        await until('a line', async () => await followed(page).locator('path').count() === 1);
        for (const name of ['List', 'Tree', 'By command']) {
            await page.getByRole('button', { name, exact: true }).click();
            await tab.nextTick();
            assert.deepEqual(await findings(tab), [], name);
        }
        await page.getByRole('button', { name: 'List', exact: true }).click();
        await row(page, 1310).hover();
        crowd.rows = crowd.rows.filter(({ pid }) => pid !== 912 && pid !== 21877);
        await until('gone', async () => await page.locator('tr.gone').count() === 2);
        await until('ended', async () => /ended/.test(await followed(page).innerText()));
        assert.deepEqual(await findings(tab), [], 'gone');
        await page.mouse.move(5, 5);
        await page.getByTestId('strip').focus();
        await page.keyboard.press('ArrowLeft');
        await until('then', async () => await page.locator('.processes.then').count() === 1);
        assert.deepEqual(await findings(tab), [], 'a moment of the past');
        await page.setViewportSize({ width: 390, height: 844 });
        await tab.nextTick();
        assert.deepEqual(await findings(tab), [], 'phone');
        await done(seen);
    });
}
