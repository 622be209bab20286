// Spikes of known size move what they must, by the right amount at the right second, and nothing
// else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noted, open, QUIET, QUIET_CPU, QUIET_MEMORY, readChart, readStrip, record, untilShown }
    from './scene.mjs';
import { launch, visit } from './support.mjs';

const SPAN_MS = 60000;
/** What the page keeps, at one tick a second. */
const WINDOW_MS = 510000;
/** The clocks of ticks say milliseconds. */
const RATE_ERROR = 0.01;

let browser;
let scene;
let tab;

before(async () => {
    browser = await launch();
    scene = await open();
    // High enough for all charts: those out of sight stand still.
    tab = await visit(browser, `${scene.url}#overview@${SPAN_MS / 1000}s`, { height: 1500 });
    await tab.state('live');
    await record(tab);
    await scene.wait(4);
});
after(async () => {
    await browser?.close();
    await scene?.close();
});

/** A spike, seen by the page with two quiet ticks behind it. */
async function spike(load, count = 2) {
    const ticks = await scene.spike(load, count);
    await scene.wait(2);
    await untilShown(tab, ticks.at(-1).seq + 2);
    return ticks;
}

function near(actual, wanted, error, what) {
    assert.ok(Math.abs(actual - wanted) <= Math.abs(wanted) * error + 1e-9,
        `${what}: ${actual}, not ${wanted}`);
}

/** The notes at these ticks, and those at the two before and the two after them. */
async function around(ticks) {
    const all = await noted(tab);
    const at = (seq) => all.find((note) => note.seq === seq) ??
        assert.fail(`tick ${seq} not shown`);
    const first = ticks[0].seq;
    const last = ticks.at(-1).seq;
    return { during: ticks.map(({ seq }) => at(seq)),
             beside: [first - 2, first - 1, last + 1, last + 2].map(at) };
}

/**
 * Columns beyond a height lie at these ticks and nowhere else; one tick's width is allowed on each
 * side, for lines come from the tick before and go to the one behind.
 */
function assertOnlyAt(ticks, drawn, height, slack_ms, what) {
    const high = drawn.tall.map((tall, column) => [tall, drawn.time(column)])
        .filter(([tall]) => tall > height).map(([, time_ms]) => time_ms);
    const from_ms = ticks[0].time_ms - slack_ms;
    const to_ms = ticks.at(-1).time_ms + slack_ms;
    assert.ok(high.length > 0, `${what}: nothing reaches ${height}`);
    for (const time_ms of high)
        assert.ok(time_ms >= from_ms && time_ms <= to_ms,
            `${what}: high at ${time_ms}, not ${from_ms} to ${to_ms}`);
}

const highest = (drawn, ticks, slack_ms) => Math.max(...drawn.tall.filter((_, column) =>
    drawn.time(column) >= ticks[0].time_ms - slack_ms &&
    drawn.time(column) <= ticks.at(-1).time_ms + slack_ms));

/** A mark of the strip is of its ticks' value: as tall, in the colour of its state. */
async function assertOnStrip(ticks, value, token) {
    const drawn = await readStrip(tab, WINDOW_MS);
    // Marks are a little wider than a second.
    const slack_ms = 2 * WINDOW_MS / drawn.tall.length + 1500;
    const full = drawn.height - 6;
    assertOnlyAt(ticks, drawn, full * value * 0.9, slack_ms, 'strip');
    const tall = highest(drawn, ticks, slack_ms);
    assert.ok(Math.abs(tall - value * full) <= 1, `mark ${tall} of ${full}, not ${value}`);
    // The edges of a mark may be a part of a pixel.
    const [red, green, blue] = drawn.colours.filter((_, column) => drawn.tall[column] === tall &&
        drawn.time(column) > ticks[0].time_ms - slack_ms)
        .sort((one, other) => other[3] - one[3])[0];
    const rgb = await colourOf(token);
    [red, green, blue].forEach((byte, i) => assert.ok(Math.abs(byte - rgb[i]) <= 3,
        `the mark is ${[red, green, blue]}, not ${token}`));
}

/** A token of app.css as RGB. */
function colourOf(token) {
    return tab.page.evaluate((name) => {
        const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
        return text.trim().match(/[0-9a-f]{2}/g).map((byte) => parseInt(byte, 16));
    }, token);
}

/** A chart's highest place is at these ticks and of this value. */
async function assertOnChart(id, ticks, value, quiet) {
    const drawn = await readChart(tab, id, SPAN_MS);
    const max = Number(await tab.chart(id).getAttribute('data-max'));
    const full = drawn.height;
    assertOnlyAt(ticks, drawn, full * (value + quiet) / 2 / max, 600, id);
    const tall = highest(drawn, ticks, 600);
    assert.ok(Math.abs(tall - full * value / max) <= 3,
        `${id}: ${tall} of ${full}, not ${value} of ${max}`);
}

test('75 % of both CPUs for two seconds', async () => {
    const [user, system] = [0.6, 0.15];
    const busy = user + system;
    const ticks = await spike({ user, system });
    const { during, beside } = await around(ticks);

    for (const note of during) {
        near(note.tiles.cpu, busy, 1e-6, 'tile');
        near(note.scales.cpu, busy, 1e-6, 'scale');
        near(note.peaks.cpu, busy, 1e-6, 'tell-tale');
        near(note.lines['cpu user'], user, 1e-6, 'user');
        near(note.lines['cpu system'], system, 1e-6, 'system');
        near(note.lines['cpu iowait'], 0, 0, 'iowait');
        assert.match(note.title, /^75 % · /);
    }
    for (const note of beside) {
        near(note.tiles.cpu, QUIET_CPU, 1e-6, 'tile beside');
        near(note.scales.cpu, QUIET_CPU, 1e-6, 'scale beside');
        near(note.lines['cpu user'], QUIET.user, 1e-6, 'user beside');
        assert.match(note.title, /^15 % · /);
        near(note.tiles.memory, QUIET_MEMORY, 1e-6, 'memory');
    }
    const [before1, before2, after1, after2] = beside;
    for (const note of [before1, before2])
        near(note.peaks.cpu, QUIET_CPU, 1e-6, 'tell-tale before');
    for (const note of [after1, after2])
        near(note.peaks.cpu, busy, 1e-6, 'the tell-tale stays');
    assert.notEqual(during[0].icon, before2.icon, 'the needle in the tab has moved');
    assert.equal(after2.icon, before2.icon, 'and has returned');
    assert.match(decodeURIComponent(during[0].icon), /^data:image\/svg\+xml,.*rotate\(/);

    await assertOnChart('cpu', ticks, busy, QUIET_CPU);
    await assertOnStrip(ticks, busy, 'warn');
});

test('50 MB/s written for two seconds, while tasks wait for it', async () => {
    const written = 50e6;
    const ticks = await spike({ written, disk: 0.8, io: 0.9 });
    const { during, beside } = await around(ticks);

    during.forEach((note, i) => {
        const { span_s } = ticks[i];
        near(note.lines['disk-throughput write'], written / span_s, RATE_ERROR, 'written');
        near(note.lines['disk-throughput read'], QUIET.read / span_s, RATE_ERROR, 'read');
        near(note.tiles.disk, (written + QUIET.read) / span_s, RATE_ERROR, 'tile');
        near(note.scales.disk, 0.8 / span_s, RATE_ERROR, 'busy');
        assert.ok(note.peaks.disk >= note.scales.disk, 'tell-tale');
        near(note.lines['pressure io'], Math.min(1, 0.9 / span_s), RATE_ERROR, 'pressure');
        near(note.tiles.pressure, note.lines['pressure io'], 0, 'the highest pressure');
        near(note.tiles.cpu, QUIET_CPU, 1e-6, 'CPU');
        assert.match(note.title, /^(8\d|9\d|100) % · /);
    });
    for (const note of beside) {
        near(note.lines['disk-throughput write'], QUIET.written, 0.2, 'written beside');
        near(note.lines['pressure io'], 0, 0, 'pressure beside');
    }
    const rates = during.map((note) => note.lines['disk-throughput write']);
    await assertOnChart('disk-throughput', ticks, Math.max(...rates), QUIET.written);
    await assertOnStrip(ticks, Math.max(...during.map((note) => note.tiles.pressure)), 'bad');
});

test('100 Mbit/s received for three seconds', async () => {
    const received = 100e6 / 8;
    const ticks = await spike({ received }, 3);
    const { during, beside } = await around(ticks);

    during.forEach((note, i) => {
        const { span_s } = ticks[i];
        near(note.lines['network received'], received / span_s, RATE_ERROR, 'received');
        near(note.lines['network sent'], QUIET.sent / span_s, RATE_ERROR, 'sent');
        near(note.tiles.network, (received + QUIET.sent) / span_s, RATE_ERROR, 'tile');
        near(note.scales.network, 0.1 / span_s, RATE_ERROR, 'part of a link of 1 Gbit/s');
        near(note.tiles.cpu, QUIET_CPU, 1e-6, 'CPU');
        assert.ok(note.tiles.disk < 2 * (QUIET.written + QUIET.read), 'disk');
    });
    for (const note of beside)
        near(note.lines['network received'], QUIET.received, 0.2, 'received beside');
    assert.match(await tab.chart('network').innerText(), /Mbit\/s/);
    const rates = during.map((note) => note.lines['network received']);
    await assertOnChart('network', ticks, Math.max(...rates), QUIET.received);
});

test('the tell-tale is of the range that is shown', async () => {
    const last_ms = scene.ticks.at(-1).time_ms;
    const scale = tab.tile('cpu').locator('.scale');
    const peak = async () => Number(await scale.getAttribute('data-peak'));
    near(await peak(), 0.75, 1e-6, 'of the minute');
    await tab.page.evaluate((hash) => {
        location.hash = hash;
    }, `overview@${last_ms}+10s`);
    await tab.page.getByTestId('moment').waitFor();
    near(await peak(), QUIET_CPU, 1e-6, 'of the last ten seconds');
    assert.deepEqual(tab.complaints, []);
});
