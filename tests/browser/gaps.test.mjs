// What went wrong looks as what it was: sleep, silence, a clock that was set, another daemon, a
// mount that does not answer.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Clock } from '../support/clock.mjs';
import { Fuse, noFuse } from '../support/fuse.mjs';
import { slowness } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';
import { open, readArea, untilShown } from './scene.mjs';
import { launch, visit } from './support.mjs';

const INTERVAL_MS = 200;
const WINDOW_MS = 510 * INTERVAL_MS;
const SPAN_MS = 60000;
const HASH = '#overview@60s';
const SLEPT_S = 12;
const SILENT_MS = 6000;

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

/** The tick with a flag that came since, and the one before it. */
async function flagged(scene, flag, since) {
    const tick = await scene.client.when(flag, () =>
        scene.ticks.find(({ seq, flags }) => seq > since && flags.includes(flag)));
    return { tick, former: scene.ticks.find(({ seq }) => seq === tick.seq - 1) };
}

/** What the strip says of a moment: its tip, with the pointer there. */
async function tip(tab, time_ms) {
    const strip = tab.page.getByTestId('strip');
    const box = await strip.boundingBox();
    const last = () => strip.getAttribute('aria-valuemax').then(Number);
    // A tick that comes meanwhile moves the strip on below the pointer.
    await until('the pointer there before the next tick', async () => {
        const last_ms = await last();
        await tab.page.mouse.move(box.x + (1 - (last_ms - time_ms) / WINDOW_MS) * box.width,
                                  box.y + 9);
        return await last() === last_ms;
    });
    const text = await strip.locator('.tip').innerText();
    const spoken = await strip.getAttribute('aria-valuetext');
    assert.equal(text.replace(' · ', ', '), spoken, 'heard as it is read');
    await tab.page.mouse.move(720, 20);
    return text;
}

/** Different colours of an area, those of single pixels left out. */
function tones({ pixels }) {
    const counts = new Map();
    pixels.forEach((pixel) => counts.set(pixel, (counts.get(pixel) ?? 0) + 1));
    return new Set([...counts].filter(([, count]) => count > pixels.length / 100)
        .map(([pixel]) => pixel));
}

/** The middle of a time without ticks, on the strip and on a chart, as it is drawn. */
async function areas(tab, { tick, former }) {
    const third_ms = (tick.time_ms - former.time_ms) / 3;
    const [from_ms, to_ms] = [former.time_ms + third_ms, tick.time_ms - third_ms];
    return Promise.all([
        readArea(tab, '[data-testid="strip"]', { left: 0, right: 0, top: 6, bottom: 6 }, WINDOW_MS,
                 from_ms, to_ms),
        readArea(tab, '[data-testid="chart-cpu"] .plot',
                 { left: 44, right: 0, top: 8, bottom: 21 }, SPAN_MS, from_ms, to_ms)]);
}

const EMPTY = '0,0,0,0';

/** Grey all over; the chart's horizontal lines shine through, but no series goes across. */
function assertBlock([strip, chart]) {
    assert.equal(tones(strip).size, 1, `strip: ${[...tones(strip)].join(' ')}`);
    assert.ok(!tones(strip).has(EMPTY) && !tones(chart).has(EMPTY), 'something is there');
    assert.ok(tones(chart).size <= 2, `chart: ${[...tones(chart)].join(' ')}`);
}

/** Lines with nothing between them, on both. */
function assertHatch([strip, chart]) {
    for (const area of [strip, chart]) {
        const empty = area.pixels.filter((pixel) => pixel === EMPTY).length / area.pixels.length;
        assert.ok(empty > 0.3 && empty < 0.9, `${empty} of it is empty`);
        assert.ok(tones(area).size >= 2);
    }
}

/** Nothing of a series' colour is there: what is drawn in a gap is grey. */
function assertNoLine(areas_of) {
    for (const { pixels } of areas_of) {
        for (const pixel of new Set(pixels)) {
            const [red, , blue, alpha] = pixel.split(',').map(Number);
            assert.ok(alpha < 40 || blue - red < 60, `a line goes across: ${pixel}`);
        }
    }
}

/** A dot of the strip's event colour at a moment. */
async function hasDot(tab, time_ms) {
    const { pixels } = await readArea(tab, '[data-testid="strip"]',
        { left: 0, right: 0, top: 3, bottom: 0, height: 4 }, WINDOW_MS,
        time_ms - 300, time_ms + 300);
    return pixels.some((pixel) => pixel === '179,146,255,255');
}

describe('a daemon whose clocks are ours', () => {
    let clock;
    let scene;
    let tab;
    let slept;
    let silent;
    let set;

    before(async () => {
        clock = new Clock();
        scene = await open({ interval: `${INTERVAL_MS}ms`, start: { env: clock.env } });
        tab = await visit(browser, `${scene.url}${HASH}`);
        await tab.state('live');
        await scene.wait(10);
    });
    after(async () => {
        await scene?.close();
        clock?.remove();
    });

    const since = () => scene.ticks.at(-1).seq;
    const shownAfter = async ({ tick }) => {
        await scene.wait(5);
        await untilShown(tab, tick.seq + 4);
    };

    test('the first tick has a dot', async () => {
        const oldest_ms = Number(await tab.page.getByTestId('strip').getAttribute('aria-valuemin'));
        assert.ok(await hasDot(tab, oldest_ms));
        assert.match(await tip(tab, oldest_ms), / · tachod was started · /);
        assert.ok(!await hasDot(tab, oldest_ms + 1200), 'and nothing else has');
    });

    test('a sleep is hatched, and called so', async () => {
        const from = since();
        clock.suspend(SLEPT_S);
        slept = await flagged(scene, 'resumed', from);
        await shownAfter(slept);
        const drawn = await areas(tab, slept);
        assertHatch(drawn);
        assertNoLine(drawn);
        const middle_ms = (slept.tick.time_ms + slept.former.time_ms) / 2;
        assert.match(await tip(tab, middle_ms), /^\d\d:\d\d:\d\d · suspended for 1[23] s$/);
        assert.match(await tip(tab, slept.tick.time_ms + 600), / · CPU 15 % · memory 25 %/);
    });

    test('silence is a grey block, and called so', async () => {
        const from = since();
        scene.daemon.freeze();
        try {
            await tab.page.waitForSelector('html:not([data-state="live"])');
            await sleep(SILENT_MS);
        } finally {
            scene.daemon.thaw();
        }
        silent = await flagged(scene, 'gap_before', from);
        await shownAfter(silent);
        const drawn = await areas(tab, silent);
        assertBlock(drawn);
        assertNoLine(drawn);
        const middle_ms = (silent.tick.time_ms + silent.former.time_ms) / 2;
        assert.match(await tip(tab, middle_ms), /^\d\d:\d\d:\d\d · no ticks for [\d.]+ s$/);
    });

    test('a tile says that nothing is known of a moment in a gap', async () => {
        const middle_ms = (silent.tick.time_ms + silent.former.time_ms) / 2;
        const strip = await tab.page.getByTestId('strip').boundingBox();
        const last_ms = scene.ticks.at(-1).time_ms;
        await tab.page.mouse.move(strip.x + (1 - (last_ms - middle_ms) / WINDOW_MS) * strip.width,
                                  strip.y + 9);
        await tab.page.getByText('nothing known of this moment').first().waitFor();
        assert.equal(await tab.tile('cpu').getAttribute('data-value'), 'NaN');
        await tab.page.mouse.move(720, 20);
    });

    test('a clock that was set has a dot', async () => {
        const from = since();
        clock.step(3);
        set = await flagged(scene, 'clock_step', from);
        await shownAfter(set);
        assert.ok(await hasDot(tab, set.tick.time_ms));
        assert.ok(!await hasDot(tab, set.tick.time_ms + 600));
    });

    test('after a reload all that is still there', async () => {
        await tab.page.reload();
        await tab.state('live');
        await until('the past', async () =>
            await tab.chart('cpu').getAttribute('data-points') > 50);
        await tab.nextTick();
        assertHatch(await areas(tab, slept));
        assertBlock(await areas(tab, silent));
        assert.ok(await hasDot(tab, set.tick.time_ms), 'the dot of the clock');
        const middle_ms = (slept.tick.time_ms + slept.former.time_ms) / 2;
        assert.match(await tip(tab, middle_ms), /suspended for 1[23] s$/);
    });
});

test('another daemon begins anew, with a dot of its own', async () => {
    const first = await open({ interval: `${INTERVAL_MS}ms` });
    const tab = await visit(browser, `${first.url}${HASH}`);
    await tab.state('live');
    await first.wait(15);
    const epoch = await tab.epoch();
    const { port } = first.daemon;
    await first.close();
    await tab.state('disconnected');
    assert.match(await tab.page.title(), /^disconnected · /);
    const second = await open({ interval: `${INTERVAL_MS}ms`, start: { port } });
    try {
        await tab.state('live');
        await second.wait(10);
        await tab.page.waitForFunction((old) =>
            document.documentElement.dataset.epoch !== old, epoch);
        await tab.nextTick();
        const first_ms = second.ticks[0].time_ms;
        const oldest_ms = Number(await tab.page.getByTestId('strip').getAttribute('aria-valuemin'));
        assert.ok(oldest_ms >= first_ms - 5000 && oldest_ms <= first_ms, 'no tick of the former');
        assert.ok(await hasDot(tab, oldest_ms), 'the dot of the start');
        assert.match(await tip(tab, oldest_ms), /tachod was started/);
        const earlier = await readArea(tab, '[data-testid="strip"]',
            { left: 0, right: 0, top: 6, bottom: 6 }, WINDOW_MS,
            oldest_ms - 9000, oldest_ms - 1000);
        assert.deepEqual([...tones(earlier)], [EMPTY], 'nothing before it');
    } finally {
        await second.close();
        await tab.close();
    }
});

test('a mount that does not answer says so, since when', { skip: await noFuse() }, async () => {
    const fuse = new Fuse();
    await fuse.mount();
    const scene = await open({ machine: { mounts: [fuse.line] } });
    const tab = await visit(browser, `${scene.url}${HASH}`, { height: 1500 });
    try {
        await tab.state('live');
        const meter = tab.page.locator(`li[data-meter="${fuse.place}"]`);
        await meter.and(tab.page.locator('[data-stuck="false"]')).waitFor();
        assert.match(await meter.innerText(), / % of [\d.]+ \w+/);
        const frozen_ms = Date.now();
        fuse.freeze();
        await meter.and(tab.page.locator('[data-stuck="true"]'))
            .waitFor({ timeout: 20000 + 2000 * slowness() });
        const [, since] = (await meter.innerText()).match(/stuck since (\d\d:\d\d:\d\d)$/);
        const since_ms = new Date(`${new Date(frozen_ms).toDateString()} ${since}`).getTime();
        assert.ok(since_ms > frozen_ms - 3000 && since_ms < Date.now() - 4000, since);
        assert.equal(await meter.getAttribute('class'), 'bad');
        fuse.thaw();
        await meter.and(tab.page.locator('[data-stuck="false"]'))
            .waitFor({ timeout: 20000 + 2000 * slowness() });
        assert.deepEqual(tab.complaints, []);
    } finally {
        fuse.thaw();
        await scene.close();
        await tab.close();
        fuse.remove();
    }
});
