// One moment for the whole page: under the pointer, kept by a click, moved by keys; and the ranges.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { json } from '../support/http.mjs';
import { until } from '../support/wait.mjs';
import { open, QUIET_CPU, untilShown } from './scene.mjs';
import { launch, visit } from './support.mjs';

const SPAN_MS = 60000;
const WINDOW_MS = 510000;
const BUSY = 0.75;
/** The numbers of these are series of history as they are. */
const TILES = { cpu: 'tacho_cpu_busy_ratio', memory: 'tacho_memory_used_ratio',
    load: 'node_load1' };
const LINES = { 'chart-cpu user': ['tacho_cpu_mode_ratio', 'mode', 'user'],
    'chart-pressure io': ['tacho_pressure_ratio', 'resource', 'io'],
    'chart-disk-throughput write': ['tacho_disk_written_bytes_per_second'],
    'chart-network received': ['tacho_network_receive_bytes_per_second'] };

let browser;
let scene;
let tab;
/** The ticks of a spike on everything. */
let spike;

before(async () => {
    browser = await launch();
    scene = await open();
    await scene.wait(4);
    spike = await scene.spike({ user: 0.6, system: 0.15, written: 4e7, received: 1e7, io: 0.5 }, 3);
    await scene.wait(4);
    tab = await visit(browser, `${scene.url}#overview@${SPAN_MS / 1000}s`, { height: 1500 });
    await tab.state('live');
});
beforeEach(async () => {
    await tab.page.mouse.move(720, 20);
    if (await tab.page.getByTestId('moment').count())
        await tab.page.keyboard.press('Escape');
    await tab.page.waitForFunction(() => !document.querySelector('[data-testid="moment"]'));
});
after(async () => {
    await browser?.close();
    await scene?.close();
});

const last_ms = () => tab.page.getByTestId('strip').getAttribute('aria-valuemax').then(Number);
const hash = () => tab.page.evaluate(() => location.hash);
const chip = () => tab.page.getByTestId('moment');
const clock = (time_ms) => tab.page.evaluate((ms) =>
    new Date(ms).toTimeString().slice(0, 8), time_ms);
const whole_ms = (time_ms) => Math.round(time_ms / 1000) * 1000;

/** Where in the window a time of a drawing is; the range moves on, and so this is of now. */
async function placeOf(selector, time_ms, span_ms, to_ms) {
    const box = await tab.page.locator(`${selector} .over`).first().boundingBox();
    const end_ms = to_ms ?? await last_ms();
    return [box.x + (1 - (end_ms - time_ms) / span_ms) * box.width, box.y + box.height / 2];
}

/** Moves the pointer to a time of a chart, and waits until the page looks at it. */
async function hover(chart, time_ms) {
    const selector = `[data-testid="chart-${chart}"]`;
    await until(`${chart} at ${time_ms}`, async () => {
        await tab.page.mouse.move(...await placeOf(selector, time_ms, SPAN_MS));
        return await chip().innerText().then(async (text) => text === await clock(time_ms));
    });
}

/** All that the page says of the moment that it looks at. */
function look() {
    return tab.page.evaluate(() => {
        const all = (selector, of) => [...document.querySelectorAll(selector)].map(of);
        const values = (selector, key) => Object.fromEntries(
            all(selector, (each) => [key(each), Number(each.dataset.value)]));
        const strip = document.querySelector('[data-testid="strip"]');
        return {
            moments: all('.tile h2 small', (each) => each.textContent),
            colours: all('.tile .v', (each) => getComputedStyle(each).color),
            legends: all('.legend b', (each) => getComputedStyle(each).color),
            crosses: all('.plot', (plot) => {
                const cross = plot.querySelector('.cross');
                return cross && parseFloat(cross.style.left) / 100;
            }),
            strip: parseFloat(strip.querySelector('.cross')?.style.left) / 100,
            tiles: values('.tile', (tile) => tile.dataset.testid.slice(5)),
            lines: values('.legend [data-line]', (line) =>
                `${line.closest('.chart').dataset.testid} ${line.dataset.line}`),
            badge: document.querySelector('[data-section="cpu"] small').textContent,
            dot: getComputedStyle(document.querySelector('[data-testid="state"] .dot'))
                .backgroundColor,
            last_ms: Number(strip.getAttribute('aria-valuemax')),
            spoken: strip.getAttribute('aria-valuetext'),
        };
    });
}

/** The values of history in the bucket of a tick, by name. */
async function past(tick) {
    const bucket_ms = whole_ms(tick.time_ms);
    const names = [...Object.values(TILES), ...Object.values(LINES).map(([name]) => name)];
    const { time_ms, series } = await json(scene.daemon, `/v1/history?step=1s&digits=17&from=${
        bucket_ms - 2000}&to=${bucket_ms + 2000}&${
        [...new Set(names)].map((name) => `name=${name}`).join('&')}`);
    const at = time_ms.indexOf(bucket_ms);
    assert.ok(at >= 0, `${bucket_ms} in ${time_ms}`);
    return (name, key, label) => series.find((one) => one.name === name &&
        (!key || one.labels[key] === label)).avg[at];
}

function near(actual, wanted, what) {
    assert.ok(Math.abs(actual - wanted) <= 1e-4 * Math.abs(wanted) + 1e-9,
        `${what}: ${actual}, not ${wanted}`);
}

test('the crosshair is at one moment everywhere, and everything says what was then', async () => {
    const tick = spike[1];
    const live = await look();
    assert.deepEqual(live.moments.filter(Boolean), [], 'tiles say nothing of the present');
    assert.ok(live.crosses.every((cross) => cross === null) && live.crosses.length >= 6);

    for (const chart of ['network', 'cpu']) {
        await hover(chart, tick.time_ms);
        const seen = await look();
        const at = await clock(tick.time_ms);
        assert.deepEqual([...new Set(seen.moments)], [`at ${at}`], 'all tiles');
        assert.equal(new Set([...seen.colours, ...seen.legends]).size, 1, 'all in the accent');
        assert.notEqual(seen.colours[0], live.colours[0]);
        const shown_ms = seen.crosses.map((cross) => seen.last_ms - (1 - cross) * SPAN_MS);
        for (const time_ms of [...shown_ms, seen.last_ms - (1 - seen.strip) * WINDOW_MS])
            // A row that history gave has the time of its slot.
            assert.ok(Math.abs(time_ms - tick.time_ms) < 50, `${time_ms}, not ${tick.time_ms}`);
        assert.match(seen.spoken,
            new RegExp(`^${at}, CPU 75 % · memory 25 % · I/O waits (4|5)\\d %$`));
        assert.equal(seen.badge, '15%', 'the navigation stays with the present');
        assert.equal(seen.dot, 'rgba(0, 0, 0, 0)', 'the dot is hollow');
        assert.notEqual(live.dot, seen.dot);

        const of = await past(tick);
        for (const [tile, name] of Object.entries(TILES))
            near(seen.tiles[tile], of(name), `tile ${tile}`);
        for (const [line, [name, ...label]] of Object.entries(LINES))
            near(seen.lines[line], of(name, ...label), line);
        near(seen.tiles.disk, of('tacho_disk_written_bytes_per_second') +
            seen.lines['chart-disk-throughput read'], 'the disk tile is the sum of its lines');
        near(seen.tiles.cpu, BUSY, 'CPU');
    }
    await tab.page.mouse.move(720, 20);
    await tab.page.waitForFunction(() => !document.querySelector('.cross'));
    near((await look()).tiles.cpu, QUIET_CPU, 'back at the present');
});

test('a live moment is the same as that of history', async () => {
    const [tick] = await scene.spike({ user: 0.4, system: 0.1, io: 0.2 }, 1);
    await untilShown(tab, tick.seq + 1);
    await hover('cpu', tick.time_ms);
    const of = await past(tick);
    const seen = await look();
    for (const [tile, name] of Object.entries(TILES))
        near(seen.tiles[tile], of(name), `tile ${tile}`);
    near(seen.lines['chart-pressure io'], of('tacho_pressure_ratio', 'resource', 'io'), 'io');
});

test('a click keeps the moment; Escape and the chip let it go', async () => {
    for (const release of [() => tab.page.keyboard.press('Escape'), () => chip().click()]) {
        await hover('memory', spike[0].time_ms);
        assert.equal(await chip().isDisabled(), true, 'nothing is kept yet');
        await tab.page.mouse.down();
        await tab.page.mouse.up();
        await tab.page.mouse.move(720, 20);
        const text = `${await clock(spike[0].time_ms)} ×`;
        await tab.nextTick();
        assert.equal(await chip().innerText(), text);
        near(await tab.value(tab.tile('cpu')), BUSY, 'kept');
        await release();
        await chip().waitFor({ state: 'detached' });
        near(await tab.value(tab.tile('cpu')), QUIET_CPU, 'let go');
    }
});

test('keys on the strip move tick by tick', async () => {
    const strip = tab.page.getByTestId('strip');
    await strip.focus();
    assert.equal(await strip.getAttribute('aria-valuetext'), 'now');
    await tab.page.keyboard.press('ArrowLeft');
    const at = () => strip.getAttribute('aria-valuenow').then((text) => whole_ms(Number(text)));
    const first_ms = await at();
    for (const [key, ticks] of [['ArrowLeft', -1], ['ArrowLeft', -2], ['ArrowRight', -1],
        ['PageDown', -11], ['PageUp', -1]]) {
        await tab.page.keyboard.press(key);
        await until(key, async () => await at() === first_ms + ticks * 1000, { timeout_ms: 3000 });
        assert.equal(await chip().innerText(), `${await clock(first_ms + ticks * 1000)} ×`, key);
    }
    await tab.page.keyboard.press('Home');
    await until('Home', async () => await at() <= whole_ms(scene.ticks[0].time_ms));
    await tab.page.keyboard.press('Escape');
    await chip().waitFor({ state: 'detached' });
});

test('a click on the strip travels, to where the charts are not looking too', async () => {
    const end_ms = spike.at(-1).time_ms + 16000;
    await until('enough past', async () => await last_ms() > end_ms);
    await tab.page.evaluate((place) => {
        location.hash = place;
    }, `overview@${end_ms}+10s`);
    await chip().waitFor();
    const place = await placeOf('[data-testid="strip"]', spike[1].time_ms, WINDOW_MS);
    await tab.page.mouse.click(...place);
    const to_ms = await until('another range', async () => {
        const end = Number(/^#overview@(\d+)\+10s$/.exec(await hash())[1]);
        return end !== end_ms && end;
    });
    await tab.page.mouse.move(720, 20);
    const wanted = spike.map(({ time_ms }) => time_ms);
    await tab.page.waitForFunction(() => document.querySelector('.tile.then'));
    const now_ms = Number(await tab.page.getByTestId('strip').getAttribute('aria-valuenow'));
    assert.ok(now_ms >= wanted[0] - 2500 && now_ms <= wanted[2] + 2500, `${now_ms}, not ${wanted}`);
    assert.ok(now_ms > to_ms - 10000 && now_ms < to_ms, 'in the range that is shown');
    await tab.page.keyboard.press('Escape');
    assert.match(await chip().innerText(), /^\d\d:\d\d:\d\d – \d\d:\d\d:\d\d ×$/);
    await chip().click();
    assert.equal(await hash(), '#overview@60s');
});

for (const [where, selector, span_ms] of [['the strip', '[data-testid="strip"]', WINDOW_MS],
    ['a chart', '[data-testid="chart-disk-throughput"]', SPAN_MS]]) {
    test(`dragging on ${where} selects a range, Back returns`, async () => {
        const from_ms = spike[0].time_ms - 3000;
        const to_ms = from_ms + 15000;
        await until('enough past', async () => await last_ms() > to_ms + 3000);
        const start = await placeOf(selector, from_ms, span_ms);
        const end = await placeOf(selector, to_ms, span_ms);
        await tab.page.mouse.move(...start);
        await tab.page.mouse.down();
        await tab.page.mouse.move(...end, { steps: 4 });
        await tab.page.locator('.picked').first().waitFor({ state: 'attached' });
        await tab.page.mouse.up();
        const match = await until('a range', async () =>
            /^#overview@(\d+)\+([\d.]+)s$/.exec(await hash()));
        // A pixel of the strip is a third of a second; a tick may have come between.
        assert.ok(Math.abs(Number(match[1]) - to_ms) < 2500, `ends at ${match[1]}, not ${to_ms}`);
        assert.ok(Math.abs(match[2] - 15) < 2.5, `${match[2]} s, not 15`);
        await tab.page.mouse.move(720, 20);
        const window_px = (await tab.page.locator('.strip .window').boundingBox()).width;
        const strip_px = (await tab.page.getByTestId('strip').boundingBox()).width;
        assert.ok(Math.abs(window_px - strip_px * match[2] * 1000 / WINDOW_MS) < 3);
        await tab.nextTick();
        assert.equal(await hash(), match[0], 'it stays');
        await tab.page.goBack();
        assert.equal(await hash(), '#overview@60s');
        await chip().waitFor({ state: 'detached' });
    });
}

test('holding still, following again, and the buttons of the ranges', async () => {
    const hold = tab.page.getByTestId('hold');
    await hold.click();
    const held = await hash();
    assert.match(held, /^#overview@\d+\+60s$/);
    assert.equal(await hold.getAttribute('aria-label'), 'Follow the present');
    await tab.nextTick();
    await tab.nextTick();
    assert.equal(await hash(), held);
    await tab.page.getByRole('button', { name: 'Back', exact: true }).click();
    await until('back', async () => await hash() === '#overview@60s');
    await hold.click();
    await hold.click();
    assert.equal(await hash(), '#overview@60s');
    await tab.page.getByRole('button', { name: '5m', exact: true }).click();
    assert.equal(await hash(), '#overview@300s');
    assert.equal(await tab.page.getByRole('button', { name: '5m', exact: true })
        .getAttribute('aria-pressed'), 'true');
    await tab.page.getByRole('button', { name: '1m', exact: true }).click();
    assert.equal(await hash(), '#overview@60s');
});

test('a link opens at its section, range and end', async () => {
    const to_ms = whole_ms(spike.at(-1).time_ms) + 2000;
    const other = await visit(browser, `${scene.url}#disks@${to_ms}+10s`);
    await other.state('live');
    await other.page.getByTestId('section-disks').waitFor();
    await other.page.waitForFunction(() => document.querySelector(
        '[data-testid="chart-disk-throughput"]').dataset.points >= 10);
    const text = `${await clock(to_ms - 10000)} – ${await clock(to_ms)} ×`;
    assert.equal(await other.page.getByTestId('moment').innerText(), text);
    assert.equal(await other.page.locator('[aria-current="page"]').first()
        .getAttribute('data-section'), 'disks');
    const max = Number(await other.chart('disk-throughput').getAttribute('data-max'));
    assert.ok(max >= 3.9e7 && max <= 8e7, `the axis ends at ${max}`);
    assert.deepEqual([...other.complaints, ...tab.complaints], []);
    await other.close();
});
