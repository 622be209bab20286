// Ranges longer than what the page keeps: bands and gaps of the daemon's history, and how they are
// asked for.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { HIGH, LOW, PEAK, startChronicle } from '../support/chronicle.mjs';
import { until } from '../support/wait.mjs';
import { open } from './scene.mjs';
import { launch, visit } from './support.mjs';

const HOUR_MS = 3600000;
const DAY_MS = 24 * HOUR_MS;
const PROBLEM = 'a history that is being repaired';
/** At 1440 pixels a plot is about 540 wide: so many steps. */
const STEP_OF_DAY_MS = 300000;
const VALUES_MOST = 100000;

let browser;
let scene;
let chronicle;
let hour_ms;
let gaps;

before(async () => {
    browser = await launch();
    scene = await open();
    await scene.wait(3);
    hour_ms = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    gaps = {
        boot: { from_ms: hour_ms - 9 * HOUR_MS, to_ms: hour_ms - 7 * HOUR_MS, flags: ['boot'] },
        sleep: { from_ms: hour_ms - 16 * HOUR_MS, to_ms: hour_ms - 13 * HOUR_MS,
            flags: ['resumed'] },
        restart: { from_ms: hour_ms - 2 * HOUR_MS, to_ms: hour_ms - 2 * HOUR_MS,
            flags: ['restart'] },
    };
    chronicle = await startChronicle(scene.daemon, { first_ms: hour_ms - 20 * HOUR_MS,
        peak_ms: hour_ms - 4.5 * HOUR_MS, gaps: Object.values(gaps) });
});
beforeEach(() => {
    chronicle.asked = [];
    chronicle.abreast = 0;
    chronicle.delay_ms = 0;
    chronicle.problem = null;
});
after(async () => {
    await browser?.close();
    await scene?.close();
    await chronicle?.close();
});

/** Opens the page at a range, and waits until charts have it. */
async function look(hash, shape = {}, ready = true) {
    const tab = await visit(browser, `${chronicle.url}#${hash}`, shape);
    await tab.state('live');
    if (ready)
        await drawn(tab, 'memory');
    return tab;
}

/** Waits until a chart shows bands, or those of another step. */
async function drawn(tab, id, step_ms) {
    await tab.page.waitForFunction(([selector, wanted]) => {
        const { dataset } = document.querySelector(selector);
        return dataset.step > 0 && (!wanted || Number(dataset.step) === wanted);
    }, [`[data-testid="chart-${id}"]`, step_ms]);
}

const hash = (tab) => tab.page.evaluate(() => location.hash);

/** The range that the page shows, as its hash and the step have it. */
async function range(tab, id = 'memory') {
    const data = await tab.chart(id).evaluate(({ dataset }) => ({ ...dataset }));
    return { from_ms: Number(data.from), to_ms: Number(data.to), step_ms: Number(data.step),
        max: Number(data.max), rows: Number(data.points) };
}

/**
 * A chart's column of pixels at a time, from the bottom up.
 * @returns {Promise<{pixels: number[][], at: function(number): number[]}>} RGBA; at: by value
 */
async function column(tab, id, time_ms) {
    const { from_ms, to_ms, max } = await range(tab, id);
    const read = await tab.page.evaluate(([selector, part]) => {
        const canvas = document.querySelector(`${selector} .plot canvas`);
        const { width, height } = canvas;
        const x = Math.round(44 + part * (width - 44));
        const { data } = canvas.getContext('2d').getImageData(x, 6, 1, height - 6 - 19);
        return Array.from({ length: data.length / 4 }, (_, y) =>
            [...data.slice(4 * y, 4 * y + 4)]).reverse();
    }, [`[data-testid="chart-${id}"]`, (time_ms - from_ms) / (to_ms - from_ms)]);
    return { pixels: read, at: (value) => read[Math.round(value / max * (read.length - 1))] };
}

/** Blue as the first series is, however faint. */
const isBlue = ([red, , blue, alpha]) => alpha > 20 && blue > red + 60;

function seriesOf(name, labels = {}) {
    const id = scene.id(name, labels);
    return { id, name };
}

test('a day is a band from the lows to the highs around the average, peaks are kept', async () => {
    const tab = await look(`overview@${DAY_MS / 1000}s`, { height: 1500 });
    const { step_ms, from_ms, to_ms, rows } = await range(tab);
    assert.equal(step_ms, STEP_OF_DAY_MS);
    assert.equal(to_ms - from_ms, DAY_MS);
    assert.ok(rows >= (20 - 5 - 1) * HOUR_MS / step_ms && rows <= 16 * HOUR_MS / step_ms,
        `${rows} steps without those of gaps`);

    const received = seriesOf('tacho_network_receive_bytes_per_second');
    const [quiet_ms, peak_ms] = [hour_ms - 5.5 * HOUR_MS, chronicle.peak_ms]
        .map((time_ms) => Math.floor(time_ms / step_ms) * step_ms);
    const average = chronicle.average(received, quiet_ms);
    const quiet = await column(tab, 'network', quiet_ms + step_ms / 2);
    for (const part of [1.1, HIGH - 0.1])
        assert.ok(isBlue(quiet.at(part * average)), `something at ${part} of the average`);
    assert.ok(!isBlue(quiet.at((HIGH + 0.3) * average)), 'nothing above the highs');
    const peak = await column(tab, 'network', peak_ms + step_ms / 2);
    const highest = PEAK * chronicle.average(received, peak_ms);
    assert.ok(isBlue(peak.at(0.9 * highest)), 'one second of it');
    assert.ok((await range(tab, 'network')).max >= 0.99 * highest);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('gaps, sleeps and starts are drawn as what they were, on charts and on the strip', async () => {
    const tab = await look(`overview@${DAY_MS / 1000}s`, { height: 1500 });
    const middle = ({ from_ms, to_ms }) => (from_ms + to_ms) / 2;
    const { pixels: block } = await column(tab, 'network', middle(gaps.boot));
    assert.equal(block.filter(([, , , alpha]) => alpha === 0).length, 0, 'a block');
    assert.ok(!block.some(isBlue), 'no line across it');
    const { pixels: hatch } = await column(tab, 'network', middle(gaps.sleep));
    const empty = hatch.filter(([, , , alpha]) => alpha === 0).length / hatch.length;
    assert.ok(empty > 0.3 && empty < 0.98, `hatched: ${empty} of it is empty`);
    const { pixels: before_all } = await column(tab, 'network', hour_ms - 21 * HOUR_MS);
    assert.ok(before_all.filter(([, , , alpha]) => alpha > 0).length < 10, 'not there, not drawn');
    for (const { to_ms } of [gaps.boot, gaps.restart]) {
        const { pixels } = await column(tab, 'network', to_ms + STEP_OF_DAY_MS / 2);
        assert.deepEqual(pixels.at(-3).slice(0, 3), [179, 146, 255], 'a dot');
    }
    const strip = await tab.page.getByTestId('strip').boundingBox();
    const { from_ms, to_ms } = await range(tab);
    const tip = async (time_ms) => {
        await tab.page.mouse.move(
            strip.x + (time_ms - from_ms) / (to_ms - from_ms) * strip.width, strip.y + 9);
        return tab.page.locator('.tip').innerText();
    };
    assert.match(await tip(gaps.boot.to_ms + STEP_OF_DAY_MS / 2), /the machine was started/);
    assert.match(await tip(gaps.restart.to_ms + STEP_OF_DAY_MS / 2), /tachod was started again/);
    assert.match(await tip(middle(gaps.sleep)), /suspended for [23] h/);
    assert.match(await tip(middle(gaps.boot)), /no ticks for [12] h/);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('the crosshair shows the average and what it was between; tiles go on without', async () => {
    const tab = await look(`overview@${DAY_MS / 1000}s`, { height: 1500 });
    const series = seriesOf('tacho_network_receive_bytes_per_second');
    const { from_ms, to_ms, step_ms } = await range(tab);
    const bucket_ms = Math.floor((hour_ms - 5.5 * HOUR_MS) / step_ms) * step_ms;
    const box = await tab.chart('network').locator('.over').boundingBox();
    const live = await tab.value(tab.tile('cpu'));
    await tab.page.mouse.move(
        box.x + (bucket_ms + step_ms / 2 - from_ms) / (to_ms - from_ms) * box.width, box.y + 20);
    await tab.page.locator('.tile.then').first().waitFor();
    const line = tab.chart('network').locator('[data-line="received"]');
    const average = chronicle.average(series, bucket_ms);
    const near = (actual, wanted, what) => assert.ok(Math.abs(actual - wanted) < 0.02 * wanted,
        `${what}: ${actual}, not ${wanted}`);
    near(await tab.value(line), average, 'the average');
    const between = await line.locator('small').evaluate(({ dataset }) => ({ ...dataset }));
    near(Number(between.low), LOW * average, 'the low');
    near(Number(between.high), HIGH * average, 'the high');
    near(await tab.value(tab.tile('cpu')), chronicle.average(seriesOf('tacho_cpu_busy_ratio'),
        bucket_ms), 'the tile is of the moment');
    await tab.page.mouse.move(720, 20);
    await tab.page.waitForFunction(() => !document.querySelector('.tile.then'));
    near(await tab.value(tab.tile('cpu')), live, 'and of the present again');
    await tab.close();
});

test('dragging zooms to finer steps; double click, Back and Escape leave it', async () => {
    const tab = await look(`overview@${DAY_MS / 1000}s`);
    const whole = await range(tab);
    const zoomIn = async () => {
        const box = await tab.chart('memory').locator('.over').boundingBox();
        const x = (time_ms) => box.x +
            (time_ms - whole.from_ms) / (whole.to_ms - whole.from_ms) * box.width;
        await tab.page.mouse.move(x(hour_ms - 6 * HOUR_MS), box.y + 40);
        await tab.page.mouse.down();
        await tab.page.mouse.move(x(hour_ms - 4 * HOUR_MS), box.y + 40, { steps: 4 });
        await tab.page.mouse.up();
        await drawn(tab, 'memory', 15000);
    };
    for (const leave of [() => tab.page.mouse.dblclick(900, 430),
        () => tab.page.getByRole('button', { name: 'Back', exact: true }).click(),
        () => tab.page.keyboard.press('Escape')]) {
        await zoomIn();
        assert.match(await hash(tab), /^#overview@\d+\+7\d\d\d(\.\d+)?s$/);
        await leave();
        await drawn(tab, 'memory', STEP_OF_DAY_MS);
        assert.equal(await hash(tab), '#overview@86400s');
    }
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('earlier and later by buttons and keys; a reload and a link show the same', async () => {
    const tab = await look('network@21600s', {}, false);
    const first = (await tab.page.locator('main .chart').first().getAttribute('data-testid'))
        .slice('chart-'.length);
    await drawn(tab, first);
    const whole = await range(tab, first);
    await tab.page.getByRole('button', { name: 'Earlier' }).click();
    await tab.page.keyboard.press('Shift+ArrowLeft');
    const place = await hash(tab);
    const [, end_ms] = /^#network@(\d+)\+21600s$/.exec(place).map(Number);
    assert.equal(end_ms, whole.to_ms - 6 * HOUR_MS);
    await until('the data of then', async () => (await range(tab, first)).to_ms === end_ms);
    await tab.page.reload();
    await drawn(tab, first);
    assert.equal(await hash(tab), place);
    assert.deepEqual([(await range(tab, first)).from_ms, (await range(tab, first)).to_ms],
        [end_ms - 6 * HOUR_MS, end_ms]);
    await tab.page.getByRole('button', { name: 'Later' }).click();
    await tab.page.keyboard.press('Shift+ArrowRight');
    await until('the present', async () => await hash(tab) === '#network@21600s');
    assert.equal(await tab.page.getByRole('button', { name: 'Later' }).isDisabled(), true);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('only what is in sight is asked for, once, and one question at a time', async () => {
    chronicle.delay_ms = 300;
    const tab = await look(`overview@${7 * DAY_MS / 1000}s`, { height: 700 });
    await tab.nextTick();
    const ids = chronicle.asked.flatMap((one) => one.ids);
    assert.equal(new Set(ids).size, ids.length, 'no series twice');
    assert.equal(chronicle.abreast, 1);
    assert.ok(chronicle.asked.length <= 3, `${chronicle.asked.length} questions`);
    const before_scroll = chronicle.asked.length;
    await tab.page.keyboard.press('End');
    await until('what came into sight', () => chronicle.asked.length > before_scroll);
    const more = chronicle.asked.slice(before_scroll).flatMap((one) => one.ids);
    assert.ok(more.every((id) => !ids.includes(id)), 'what is there is not asked for again');
    for (const { from_ms, to_ms, step_ms, ids: list } of chronicle.asked)
        assert.ok(3 * list.length * (to_ms - from_ms) / step_ms <= VALUES_MOST);
    const settled = chronicle.asked.length;
    for (let i = 0; i < 3; i++)
        await tab.nextTick();
    assert.equal(chronicle.asked.length, settled, 'a step takes 15 minutes: nothing is asked for');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('a range that follows goes on each step, at least 5 seconds apart, not in a hidden tab',
    async () => {
        const tab = await look(`overview@${900}s`);
        const { step_ms } = await range(tab);
        assert.equal(step_ms, 2000);
        const rounds = () => [...new Map(chronicle.asked.map((one) => [one.to_ms, one])).values()];
        await until('two more rounds', () => rounds().length >= 3, { timeout_ms: 40000 });
        const at = rounds().slice(1).map(({ at_ms }) => at_ms);
        for (let i = 1; i < at.length; i++)
            assert.ok(at[i] - at[i - 1] >= 4000, `${at[i] - at[i - 1]} ms apart`);
        await tab.setHidden(true);
        await tab.state('paused');
        await tab.page.waitForTimeout(500);
        const { length } = chronicle.asked;
        await tab.page.waitForTimeout(8000);
        assert.equal(chronicle.asked.length, length);
        await tab.setHidden(false);
        await until('again', () => chronicle.asked.length > length);
        assert.equal(chronicle.abreast, 1);
        assert.deepEqual(tab.complaints, []);
        await tab.close();
    });

test('an answer that nobody waits for any more is given up', async () => {
    chronicle.delay_ms = 5000;
    const tab = await look(`overview@${DAY_MS / 1000}s`, {}, false);
    await until('a question', () => chronicle.asked.length > 0);
    await tab.page.getByRole('button', { name: '7d', exact: true }).click();
    await until('given up', () => chronicle.asked[0].given_up);
    await until('another', () => chronicle.asked.length > 1);
    chronicle.delay_ms = 0;
    await tab.page.getByRole('button', { name: '5m', exact: true }).click();
    await until('given up too', () => chronicle.asked[1].given_up);
    await tab.nextTick();
    assert.equal(await tab.chart('memory').getAttribute('data-step'), null);
    await tab.close();
});

test("what the daemon says is wrong stands on the charts, and is asked again where that may help",
    async () => {
        chronicle.problem = { status: 503, detail: PROBLEM };
        const tab = await look(`overview@${DAY_MS / 1000}s`, {}, false);
        await tab.chart('memory').getByText(PROBLEM).waitFor();
        assert.equal(await tab.tile('cpu').getByText(PROBLEM).count(), 0);
        const { length } = chronicle.asked;
        chronicle.problem = null;
        await drawn(tab, 'memory');
        assert.equal(await tab.chart('memory').getByText(PROBLEM).count(), 0);
        assert.ok(chronicle.asked[length].at_ms - chronicle.asked[length - 1].at_ms >= 4900);

        chronicle.problem = { status: 400, detail: PROBLEM };
        await tab.page.getByRole('button', { name: '6h', exact: true }).click();
        await tab.chart('memory').getByText(PROBLEM).waitFor();
        const [refused] = chronicle.asked.slice(-1);
        const { length: asked } = chronicle.asked;
        await tab.page.waitForTimeout(6000);
        /* A range that has moved on by a step is another question. */
        const again = chronicle.asked.slice(asked).filter(({ to_ms }) => to_ms === refused.to_ms);
        assert.deepEqual(again, [], 'what is refused is refused again');
        assert.ok(chronicle.asked.length <= asked + 1);
        await tab.close();
    });

test('a phone chooses, goes back in time and shows when, and nothing spills', async () => {
    const tab = await look('overview', { width: 390, height: 844, ratio: 2 }, false);
    const spill = () => tab.page.evaluate(() => document.documentElement.scrollWidth -
        document.documentElement.clientWidth);
    await tab.page.getByRole('combobox', { name: 'Range' }).selectOption('24h');
    await tab.page.getByTestId('chart-cpu').scrollIntoViewIfNeeded();
    await drawn(tab, 'cpu');
    assert.equal(await spill(), 0);
    await tab.page.getByRole('button', { name: 'Earlier' }).click();
    await tab.page.getByRole('button', { name: 'Earlier' }).click();
    await tab.page.getByTestId('moment').waitFor();
    assert.match(await tab.page.getByTestId('moment').innerText(), /\d+ [A-Z][a-z]+ \d\d:\d\d ×$/);
    assert.equal(await spill(), 0, 'with the time');
    await tab.page.getByTestId('moment').click();
    assert.equal(await hash(tab), '#overview@86400s');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});

test('a time of which nothing is kept says so', async () => {
    const tab = await look(`overview@${hour_ms - 5 * DAY_MS}+3600s`, {}, false);
    await tab.chart('memory').getByText('nothing is kept of this time').waitFor();
    assert.equal(await hash(tab), `#overview@${hour_ms - 5 * DAY_MS}+3600s`);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
});
