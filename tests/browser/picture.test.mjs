// Pictures of the page at each width and in both themes, for eyes to compare: build/pictures/.
// With TACHO_PICTURE=FILE also the one of the README, which takes as long as a full tick strip.

import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { json } from '../support/http.mjs';
import { open } from './scene.mjs';
import { launch, visit } from './support.mjs';

const FOLDER = fileURLToPath(new URL('../../build/pictures', import.meta.url));
const README = process.env.TACHO_PICTURE;
const INTERVAL_MS = 200;
/** What the page keeps, and some in which it was not shown yet. */
const README_TICKS = 510 + 30;
const TICKS_LEAST = 20;
const CPUS = 8;
const GIB = 1024 * 1024;  // in kB
const HOST = { name: 'forge', os: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0', cpus: CPUS,
    memory_bytes: 32 * GIB * 1024 };
const MOST_BYTES = 200 * 1024;

let browser;
let scene;

/** Always the same numbers from 0 to 1, one after the other: Park and Miller's generator. */
function numbers(seed) {
    let state = seed;
    return () => {
        state = state * 48271 % 2147483647;
        return state / 2147483647;
    };
}

/** A value that wanders about and returns to its middle. */
function wanderer(next, middle, spread) {
    let value = middle;
    return () => {
        value += 0.15 * (middle - value) + spread * (next() - 0.5);
        return Math.max(0, value);
    };
}

/** A hill over some ticks, 0 beside it. */
const hill = (tick, middle, width) => Math.exp(-(((tick - middle) / width) ** 2));

/** A machine that serves, compiles twice, and writes a backup in between. */
function workday() {
    const next = numbers(1);
    const calm = Array.from({ length: CPUS }, (_, i) => wanderer(next, 0.1 + 0.03 * (i % 3), 0.12));
    const traffic = wanderer(next, 3e6, 1.6e6);
    const requests = wanderer(next, 2e6, 2e6);
    let load = 1.2;
    return (machine, tick) => {
        const compile = hill(tick, 150, 28) + 0.8 * hill(tick, 405, 45);
        const backup = hill(tick, 270, 35);
        const each = calm.map((user, i) => ({
            user: Math.min(0.86, user() + compile * (0.35 + 0.4 * next()) + (i === 5 ? 0.2 : 0)),
            system: 0.03 + 0.05 * next() + 0.05 * compile,
            iowait: Math.min(0.08, 0.01 * next() + (i < 2 ? 0.07 * backup : 0)) }));
        load += 0.02 * (1 + 7 * compile + 2 * backup - load);
        machine.load = `${load.toFixed(2)} 1.61 1.32`;
        machine.stat.procs_running = 1 + Math.round(7 * compile * next());
        Object.assign(machine.memory, { Cached: Math.round((9 + 2 * backup) * GIB),
            MemAvailable: Math.round((19 - 4 * compile - tick / 300) * GIB) });
        return { each, cpu: 0.01 * next() + 0.22 * compile * next(), memory: 0.004 * compile * next(),
            io: 0.02 * next() + 0.3 * backup * next(), disk: 0.05 + 0.7 * backup,
            read_ms: 0.4 + 0.5 * next() + 3 * backup * next(),
            write_ms: 0.8 + 1.2 * next() + 9 * backup * next(),
            written: requests() + 9e7 * backup * (0.7 + 0.3 * next()),
            read: requests() + 2e7 * compile * next(),
            received: traffic(), sent: traffic() * 2.2 + 2e7 * backup * next() };
    };
}

before(async () => {
    browser = await launch();
    scene = await open({ interval: `${INTERVAL_MS}ms`, usual: workday(), machine: { cpus: CPUS,
        disks: ['nvme0n1'], mounts: ['36 35 8:2 / / rw,relatime - ext4 /dev/nvme0n1p2 rw'] } });
    Object.assign(scene.machine.memory, { MemTotal: 32 * GIB, MemFree: 4 * GIB,
        Buffers: GIB / 2, SReclaimable: GIB, Shmem: GIB / 2 });
});
after(async () => {
    await browser?.close();
    await scene?.close();
});

/** Shows the page of a machine with a name, as large as it is scripted, after so many ticks. */
async function picture(file, look, hash, ticks) {
    const tab = await visit(browser, 'about:blank', look);
    await tab.page.route('**/v1/info*', async (route) => {
        // Not route.fetch(): it uses a connection again that the daemon has closed meanwhile.
        const info = await json(scene.daemon, '/v1/info');
        await route.fulfill({ json: { ...info, host: HOST } });
    });
    await tab.page.goto(`${scene.url}${hash}`);
    await tab.state('live');
    await scene.client.count(ticks, 600000);
    await tab.page.waitForFunction((least) => document.querySelector(
        '[data-testid="chart-cpu"]').dataset.points >= least, TICKS_LEAST);
    await tab.nextTick();
    await tab.page.screenshot({ path: file });
    assert.deepEqual(tab.complaints, []);
    assert.ok(statSync(file).size > 10000, `${file} shows something`);
    await tab.page.unrouteAll({ behavior: 'ignoreErrors' });  // one may be under way
    await tab.close();
}

// The first: other tabs that start would be seen in it.
test('the picture of the README', { skip: !README && 'TACHO_PICTURE names no file' }, async () => {
    mkdirSync(path.dirname(path.resolve(README)), { recursive: true });
    await picture(README, { width: 1440, height: 900, scheme: 'dark' }, '#overview@100s',
                  README_TICKS);
    const { size } = statSync(README);
    assert.ok(size < MOST_BYTES, `${size} bytes`);
});

for (const scheme of ['dark', 'light']) {
    for (const [width, height, ratio] of [[1440, 900, 1], [900, 900, 1], [390, 844, 2]]) {
        test(`${scheme}, ${width} pixels wide`, async () => {
            mkdirSync(FOLDER, { recursive: true });
            await picture(path.join(FOLDER, `${scheme}-${width}.png`),
                          { width, height, ratio, scheme }, '#overview@60s', TICKS_LEAST);
        });
    }
}
