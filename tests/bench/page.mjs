// What the page costs: its code, the time until it shows something, the browser's CPU and memory at
// 1 Hz, and its heap over an hour of ticks fed fast; beside it Debian's Netdata page (TACHO_NETDATA
// and TACHO_NETDATA_PAGE: its unpacked packages), measured the same way in the same run.
import { setTimeout as sleep } from 'node:timers/promises';
import { launch as launchWith } from '../browser/support.mjs';
import { Machine } from '../support/machine.mjs';
import { startNetdata } from '../support/netdata.mjs';
import { startProxy } from '../support/proxy.mjs';
import { heap, usage } from '../support/renderer.mjs';
import { startReplay } from '../support/replay.mjs';
import { start } from '../support/tachod.mjs';

/** Both show the last minutes (tachod five, Netdata six): these have to be there. */
const WARM_S = Number(process.env.TACHO_PAGE_WARM ?? 370);
const SPAN_S = Number(process.env.TACHO_PAGE ?? 30);
const TIMES = 10;
const WIDTH = 1440;
const HEIGHT = 900;
/** What is data, of either: all else is code. */
const DATA = /^\/+(v1|api)\//;

const CODE_BYTES_MAX = 80 * 1024;
const VALUE_MS_MAX = 500;
const CPU_PERCENT_MAX = 8;
const HEAP_GROWTH_MAX = 0.05;

let missed = 0;

/** A figure beside its budget. */
function judge(what, value, most, unit) {
    const isMet = value < most;

    missed += !isMet;
    console.log(`${isMet ? 'met' : 'MISSED'}: ${what} ${value.toFixed(1)} ${unit}, ` +
        `to be less than ${most} ${unit}`);
}

/**
 * Runs in the page, before it: when the first number and the first drawing are to be seen, from the
 * start of the navigation.
 */
function watch(places) {
    const small = new OffscreenCanvas(64, 64).getContext('2d', { willReadFrequently: true });
    const isDrawn = (canvas) => {
        if (!canvas.width || !canvas.height)
            return false;
        small.clearRect(0, 0, 64, 64);
        small.drawImage(canvas, 0, 0, 64, 64);
        return small.getImageData(0, 0, 64, 64).data.some((byte) => byte > 0);
    };
    const look = () => {
        const { seen } = window;
        if (!seen.value_ms && [...document.querySelectorAll(places)]
            .some(({ textContent }) => /\d/.test(textContent)))
            seen.value_ms = performance.now();
        if (!seen.drawn_ms && [...document.querySelectorAll('canvas')].some(isDrawn))
            seen.drawn_ms = performance.now();
        if (!seen.value_ms || !seen.drawn_ms)
            requestAnimationFrame(look);
    };
    window.seen = {};
    requestAnimationFrame(look);
}

/** No other host has an address: what asks for one fails at once. */
const launch = () => launchWith(['--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1']);

/** A tab with nothing cached. */
async function open(browser, { url, values, height = HEIGHT }) {
    const context = await browser.newContext({ viewport: { width: WIDTH, height } });
    const page = await context.newPage();

    await page.addInitScript(watch, values);
    await page.goto(url, { waitUntil: 'commit' });
    return page;
}

const seen = (page) => page.waitForFunction(
    () => window.seen.value_ms && window.seen.drawn_ms && window.seen, null, { timeout: 60000 })
    .then((handle) => handle.jsonValue());

/** What comes over the wire: the bodies, as they are sent and as gzip would make them. */
async function countBytes(subject) {
    const browser = await launch();
    const proxy = await startProxy(subject.url);
    const page = await open(browser, { ...subject, url: proxy.url });

    await seen(page);
    await sleep(3000);
    const parts = { code: { files: 0, bytes: 0, gzip_bytes: 0 },
        data: { files: 0, bytes: 0, gzip_bytes: 0 } };
    for (const { path, bytes, gzip_bytes } of proxy.passed) {
        const part = parts[DATA.test(path) ? 'data' : 'code'];
        part.files++;
        part.bytes += bytes;
        part.gzip_bytes += gzip_bytes;
    }
    await browser.close();
    await proxy.close();
    const say = ({ files, bytes, gzip_bytes }) =>
        `${files} files, ${bytes} bytes as sent, ${gzip_bytes} with gzip`;
    console.log(`${subject.name}: code ${say(parts.code)}; first data ${say(parts.data)}`);
    return parts.code.gzip_bytes;
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Each time anew. */
async function timeToSee(subject) {
    const browser = await launch();
    const all = [];

    for (let i = 0; i < TIMES; i++) {
        const page = await open(browser, subject);
        all.push(await seen(page));
        await page.context().close();
    }
    await browser.close();
    const value_ms = median(all.map((each) => each.value_ms));
    const drawn_ms = median(all.map((each) => each.drawn_ms));
    console.log(`${subject.name}: first value after ${value_ms.toFixed(0)} ms, first chart after ` +
        `${drawn_ms.toFixed(0)} ms (medians of ${TIMES})`);
    return value_ms;
}

/** The browser's processes over a while in which the page is looked at. */
async function observe(subject) {
    const browser = await launch();
    const page = await open(browser, subject);
    let requests = 0;

    await seen(page);
    if (subject.unfold)
        await page.getByRole('button', { name: /^show all/ }).click();
    await sleep(5000);
    page.on('request', () => requests++);
    const counted = await page.evaluate(() => Number(document.documentElement.dataset.seq));
    const before = await usage(browser), from = performance.now();
    await sleep(1000 * SPAN_S);
    const after = await usage(browser), span_s = (performance.now() - from) / 1000;
    const ticks = await page.evaluate(() => Number(document.documentElement.dataset.seq)) - counted;
    const canvases = await page.locator('canvas').count();
    const charts = await page.locator('[data-testid^="chart-"]').count();
    const drawn = await page.locator('[data-testid^="chart-"] .over').count();
    await browser.close();
    const percent = (kind) =>
        (100 * (after[kind].cpu_s - before[kind].cpu_s) / span_s).toFixed(1);
    const mib = (kind) => Math.round(after[kind].private_kib / 1024);
    const { processes } = after.renderer;
    console.log(`${subject.name}: over ${span_s.toFixed(0)} s the renderer takes ` +
        `${percent('renderer')} % of a core and ${mib('renderer')} MiB private ` +
        `(${processes} process${processes === 1 ? '' : 'es'}), the GPU's process ` +
        `${percent('gpu')} % and ${mib('gpu')} MiB, the others ${percent('rest')} %; ` +
        `${canvases} canvases, ${charts ? `${charts} charts of which ${drawn} are drawn, ` : ''}${requests} requests` +
        `${Number.isNaN(ticks) ? '' : `, ${ticks} ticks shown`}`);
    return Number(percent('renderer'));
}

/** The heap when an hour of ticks has passed, counted from when the ring was full. */
async function watchHeap(daemon) {
    const replay = await startReplay(daemon);
    const browser = await launch();
    const page = await open(browser, { url: replay.url, values: 'html[data-seq]' });
    const marks = [];

    await page.waitForSelector('html[data-state="live"]');
    await replay.run(600, page);
    for (const minute of [0, 10, 15, 30, 45, 60]) {
        await replay.run(60 * (minute - (marks.at(-1)?.minute ?? 0)), page);
        const found = await heap(page);
        const { renderer } = await usage(browser);
        marks.push({ minute, bytes: found.heap_bytes + found.worker_bytes, ...found });
        console.log(`minute ${minute}: heap ${Math.round(found.heap_bytes / 1024)} KiB, ` +
            `of workers ${Math.round(found.worker_bytes / 1024)} KiB, ${found.nodes} nodes, ` +
            `${found.listeners} listeners, renderer private ${renderer.private_kib} KiB`);
    }
    await browser.close();
    await replay.close();
    return marks;
}

function judgeHeap(marks) {
    const at = (minute) => marks.find((mark) => mark.minute === minute);
    const grown = at(60).bytes - at(15).bytes;

    console.log('tachod: slope from minute 15 to 60: ' +
        `${(grown / 1024 / 45).toFixed(2)} KiB a minute`);
    judge('growth of the heap from minute 15 to 60', 100 * grown / at(15).bytes,
        100 * HEAP_GROWTH_MAX, '%');
    judge('growth of the nodes from minute 15 to 60', 100 * (at(60).nodes / at(15).nodes - 1),
        100 * HEAP_GROWTH_MAX, '%');
}

/** Netdata with its page, or why there is none. */
async function startPeer() {
    const { TACHO_NETDATA: root, TACHO_NETDATA_PAGE: page } = process.env;

    if (!root || !page) {
        console.log('netdata: not measured, as netdata-core or netdata-web is not there');
        return null;
    }
    try {
        const daemon = await startNetdata(root, { port: 19992, page });
        return { ...daemon, name: 'netdata', values: '.gaugeChartLabel, .easyPieChartLabel' };
    } catch (error) {
        console.log(`netdata: not measured: ${error.message}`);
        return null;
    }
}

/** A machine of so many interfaces, each with two charts, and traffic on all of them. */
async function startBusy(count) {
    const machine = new Machine({
        interfaces: Array.from({ length: count }, (_, i) => `eth${i}`) });
    const daemon = await start(machine.args);
    let second = 0;
    const timer = setInterval(() => {
        second++;
        machine.advance(Math.round(30 + 20 * Math.sin(second / 7)));
        [...machine.interfaces.values()].forEach((each, i) => {
            each.received += Math.round(1e6 * (2 + Math.sin(second / (3 + i))));
            each.sent += Math.round(1e5 * (2 + Math.cos(second / (5 + i))));
        });
        machine.write();
    }, 1000);
    return {
        url: `${daemon.url}#network`,
        values: '[data-testid="section-network"] .legend',
        async stop() {
            clearInterval(timer);
            await daemon.stop();
            machine.remove();
        },
    };
}

const began = performance.now();
const daemon = await start([]);
const tacho = { name: 'tachod', url: daemon.url,
    values: 'html[data-state="live"][data-seq] [data-testid^="tile-"]' };
const netdata = await startPeer();
const twenty = { name: 'tachod, 20 charts', height: 2600, ...await startBusy(9) };
const sixty = { name: 'tachod, 60 charts', unfold: true, ...await startBusy(29) };
judgeHeap(await watchHeap(daemon));
const warm_ms = 1000 * WARM_S - (performance.now() - began);
if (warm_ms > 0) {
    console.log(`waiting ${(warm_ms / 1000).toFixed(0)} s until there is as much past as is shown`);
    await sleep(warm_ms);
}
judge('code', await countBytes(tacho) / 1024, CODE_BYTES_MAX / 1024, 'KiB');
judge('first value', await timeToSee(tacho), VALUE_MS_MAX, 'ms');
for (const subject of [tacho, twenty, sixty]) {
    judge(`renderer, ${subject.name}`, await observe(subject), CPU_PERCENT_MAX, '% of a core');
    await (subject === tacho ? null : subject.stop());
}
if (netdata) {
    try {
        await countBytes(netdata);
        await timeToSee(netdata);
        await observe(netdata);
    } catch (error) {
        console.log(`netdata: the rest is not measured: ${error.message}`);
    } finally {
        await netdata.stop();
    }
}
await daemon.stop();
process.exitCode = missed > 0 ? 1 : 0;
