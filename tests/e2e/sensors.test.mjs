// Sensors: each chip is read by itself, and one that does not answer costs a worker and nothing
// else.

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Fuse, noFuse } from '../support/fuse.mjs';
import { now } from '../support/http.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

/** The collector's interval, and after how long without an answer a chip is stuck. */
const INTERVAL_MS = 5000, DEADLINE_MS = 5000;
/** What ticks and the machine may add to a span. */
const SLACK_MS = 2000 + 1000 * slowness();

const SINCE = 'tacho_collector_stuck_since_timestamp_seconds{collector="hwmon",target="hwmon1"}';
const celsius = (chip) => `node_hwmon_temp_celsius{chip="platform_${chip}",sensor="temp1"}`;

/** Puts a file there at once, as whoever reads it expects of sysfs. */
function put(folder, name, text) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `.${name}`), `${text}\n`);
    renameSync(path.join(folder, `.${name}`), path.join(folder, name));
}

/** As the kernel has a chip: below its device, to which it links. */
function putChip(devices, device, chip, millidegrees) {
    const folder = path.join(devices, 'platform', device, 'hwmon', chip);

    put(folder, 'name', device);
    put(folder, 'temp1_input', millidegrees);
    symlinkSync('../..', path.join(folder, 'device'));
    return folder;
}

describe('a chip that does not answer', { skip: await noFuse() }, () => {
    const fuse = new Fuse();
    const sys = path.join(fuse.root, 'sys');
    let daemon, fine;

    const values = async () => {
        const { of } = await now(daemon, '?name=node_hwmon_temp_*&name=tacho_*_stuck*');
        return new Map([...of].map(([name, { value }]) => [name, value]));
    };
    const untilShown = (what, condition, timeout_ms) => until(what, async () => {
        const all = await values();
        return condition(all) && all;
    }, { timeout_ms, every_ms: 100 });
    const isStuck = (all) => (all.get(SINCE) ?? null) !== null;
    const isWell = (all) => !isStuck(all) && (all.get(celsius('slow')) ?? null) !== null;

    before(async () => {
        const config = path.join(fuse.root, 'tachod.json');

        await fuse.mount();
        mkdirSync(path.join(sys, 'class', 'hwmon'), { recursive: true });
        fine = putChip(path.join(sys, 'devices'), 'fine', 'hwmon0', 40000);
        putChip(fuse.source, 'slow', 'hwmon1', 50000);
        symlinkSync('../../devices/platform/fine/hwmon/hwmon0', path.join(sys, 'class/hwmon/hwmon0'));
        symlinkSync(path.join(fuse.place, 'platform/slow/hwmon/hwmon1'),
            path.join(sys, 'class/hwmon/hwmon1'));
        /* The mount itself is another collector's subject. */
        writeFileSync(config, JSON.stringify({ listen: ['127.0.0.1:0'], interval: '200ms',
            collectors: { filesystem: false } }));
        daemon = await start(['-c', config, '--path.sysfs', sys]);
    });
    after(async () => {
        if (daemon?.alive)
            await daemon.kill();
        fuse.remove();
    });

    test('as long as it does, its values are shown', async () => {
        const all = await untilShown('values', isWell, INTERVAL_MS + SLACK_MS);
        assert.equal(all.get(celsius('fine')), 40);
        assert.equal(all.get(celsius('slow')), 50);
    });

    test('then it is stuck since when, and neither ticks nor other chips wait for it', async () => {
        const frozen_s = Date.now() / 1000;

        fuse.freeze();
        const client = await stream(daemon);
        const { [SINCE]: since } = Object.fromEntries(await untilShown('stuck', isStuck,
            INTERVAL_MS + DEADLINE_MS + SLACK_MS));
        assert.ok(since > frozen_s - 1 && since < (Date.now() - DEADLINE_MS) / 1000 + 0.1,
            `since ${since}, frozen at ${frozen_s}, now ${Date.now() / 1000}`);
        put(fine, 'temp1_input', 41000);
        await untilShown('the other\'s new value', (all) => all.get(celsius('fine')) === 41,
            INTERVAL_MS + DEADLINE_MS + SLACK_MS);
        put(fine, 'temp1_input', 42000);
        const all = await untilShown('and the next', (each) => each.get(celsius('fine')) === 42,
            INTERVAL_MS + SLACK_MS);
        assert.equal(all.get(SINCE), since);
        assert.equal(all.get('tacho_worker_tasks_stuck'), 1);
        client.close();
        assertContiguous(client.ticks);
        const flagged = client.ticks.filter(({ data }) => data.flags.includes('gap_before')).length;
        assert.equal(flagged, 0);
    });

    test('its values are absent in the end, and not what they were', async () => {
        await untilShown('no value', (all) => (all.get(celsius('slow')) ?? null) === null,
            2 * INTERVAL_MS + SLACK_MS);
    });

    test('when it goes on it heals', async () => {
        fuse.thaw();
        const all = await untilShown('healed', isWell, 2 * INTERVAL_MS + SLACK_MS);
        assert.equal(all.get(celsius('slow')), 50);
        assert.equal(all.get('tacho_worker_tasks_stuck'), 0);
    });

    test('Ctrl-C ends the daemon at once although a call is out', async () => {
        fuse.freeze();
        await untilShown('stuck again', isStuck, INTERVAL_MS + DEADLINE_MS + SLACK_MS);
        await sleep(INTERVAL_MS);
        const began_ms = Date.now();
        await daemon.stop(20000, 'SIGINT');
        const took_ms = Date.now() - began_ms;
        assert.ok(took_ms < 1000 * slowness(), `${took_ms} ms`);
    });
});
