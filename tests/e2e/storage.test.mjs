// The data directory as disks are: full, not to be used, somebody else's, of another format.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { DataFolder, readHistory, Recording, troubles } from '../support/ring.mjs';
import { assertContiguous } from '../support/sse.mjs';
import { run, slowness, start } from '../support/tachod.mjs';
import { Tmpfs } from '../support/tmpfs.mjs';
import { sleep, until } from '../support/wait.mjs';

const INTERVAL_MS = 100;
/** Where a segment has its version. */
const VERSION_AT = 4;
const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const count = (daemon, pattern) => [...daemon.stderr.matchAll(pattern)].length;

/** @param {import('node:test').TestContext} t */
function folderFor(t) {
    const folder = new DataFolder();

    t.after(() => folder.remove());
    return folder;
}

const startOn = (folder, ...args) => start(['-i', `${INTERVAL_MS}ms`, '-d', folder.place, ...args],
    { timeout_ms: 30000 });

/** Stops it in the end, if the test did not. */
function endWith(t, daemon) {
    t.after(() => daemon.alive && daemon.kill());
    return daemon;
}

/** What a tmpfs has left, taken by a file. */
function fill(file) {
    try {
        for (let data = Buffer.alloc(4096); ;)
            writeFileSync(file, data, { flag: 'a' });
    } catch (error) {
        assert.equal(error.code, 'ENOSPC');
    }
}

test('on a full disk the history is in memory, and written when there is room', async (t) => {
    let disk;
    try {
        disk = new Tmpfs(0);
    } catch (error) {
        return t.skip(error.message);
    }
    t.after(() => disk.remove());
    const folder = { place: path.join(disk.place, 'data') };
    const filler = path.join(disk.place, 'filler');
    const recording = new Recording(INTERVAL_MS);
    const daemon = endWith(t, await startOn(folder));
    const client = await recording.follow(daemon);
    await client.count(10);

    fill(filler);
    const ticks = 10 + (SOAK >= 60 ? 2600 : 60);
    await client.count(ticks, 600000);
    await daemon.logged(/warning: .*data: cannot write ticks: No space left/);
    const { write_failures_total } = await troubles(daemon);
    assert.ok(write_failures_total >= 20, `${write_failures_total} failures`);
    assert.equal(count(daemon, /cannot write ticks/g), 1, 'told once');
    assert.ok(count(daemon, /warning/g) <= 2, daemon.stderr);
    assert.deepEqual(recording.missing(await readHistory(daemon)).ticks, 0);

    rmSync(filler);
    await daemon.logged(/data: ticks are written again/);
    await until('segments', () => count(daemon, /No space/g) === 1 ||
        /the history is written again/.test(daemon.stderr) || null);
    const { length } = client.ticks;
    await client.count(length + 5);
    await daemon.kill();
    await client.end();
    assertContiguous(client.ticks);
    recording.leave();

    const second = endWith(t, await startOn(folder));
    recording.assertWhole(await readHistory(second));
    assert.equal(count(second, /warning/g), 0, second.stderr);
    await second.stop();
});

test('a directory that is full at the start is gone on with', async (t) => {
    let disk;
    try {
        disk = new Tmpfs(0);
    } catch (error) {
        return t.skip(error.message);
    }
    t.after(() => disk.remove());
    const folder = { place: path.join(disk.place, 'data') };
    const filler = path.join(disk.place, 'filler');
    const recording = new Recording(INTERVAL_MS);
    const first = endWith(t, await startOn(folder));
    await (await recording.follow(first)).count(10);
    await first.kill();
    recording.leave();

    fill(filler);
    const second = endWith(t, await startOn(folder));
    fill(filler); /* what a draft had that the kill left is room for a while */
    const client = await recording.follow(second);
    await client.count(10);
    recording.assertWhole(await readHistory(second));
    rmSync(filler);
    await second.logged(/ticks are written again/);
    await client.count(client.ticks.length + 3);
    await second.kill();
    await client.end();
    recording.leave();
    const third = endWith(t, await startOn(folder));
    recording.assertWhole(await readHistory(third));
    await third.stop();
});

test('where no directory can be, the history is in memory, and the log says so', async (t) => {
    const folder = folderFor(t);
    writeFileSync(path.join(folder.root, 'file'), 'text');
    for (const place of ['file', 'file/below', 'file/far/below']) {
        const daemon = endWith(t, await startOn({ place: path.join(folder.root, place) }));
        await daemon.logged(new RegExp(`warning: \\S*${place}: Not a directory: .*in memory`));
        await until('ticks', async () => (await json(daemon, '/v1/info')).seq >= 3 || null);
        assert.ok((await readHistory(daemon)).ticks.size >= 3);
        assert.equal(count(daemon, /warning/g), 1);
        await daemon.stop();
    }
    assert.equal(readFileSync(path.join(folder.root, 'file'), 'utf8'), 'text');
});

test('a second daemon is told who has the directory', async (t) => {
    const folder = folderFor(t);
    const daemon = endWith(t, await startOn(folder));
    for (let i = 0; i < 3; i++) {
        const { code, stderr } = await run(['-l', '127.0.0.1:0', '-c', '/dev/null',
            '-d', folder.place]);
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(
            `^tachod: error: ${folder.place}: [^\\n]*\\b${daemon.pid}\\b[^\\n]*\\n$`));
    }
    assert.equal((await ask(daemon, '/v1/info')).status, 200);
    await daemon.kill();
    await (await startOn(folder)).stop();
});

test('with none nothing is left on the disk', async (t) => {
    const folder = folderFor(t);
    const daemon = endWith(t, await start(['-i', `${INTERVAL_MS}ms`, '-d', 'none'],
        { env: { XDG_STATE_HOME: folder.root, HOME: folder.root } }));
    await until('ticks', async () => (await json(daemon, '/v1/info')).seq >= 3 || null);
    await daemon.stop();
    assert.deepEqual(readdirSync(folder.root), []);
    assert.ok(!existsSync('none'));
});

test('what is of another format is moved aside, whole, and the ring begins anew', async (t) => {
    const folder = folderFor(t);
    const recording = new Recording(INTERVAL_MS);
    const daemon = endWith(t, await startOn(folder));
    await (await recording.follow(daemon)).count(5);
    await daemon.kill();
    recording.leave();
    const before = folder.files().filter((name) => name !== 'lock');
    writeFileSync(folder.path('format'), 'tacho 999\n');

    const second = endWith(t, await startOn(folder));
    const [, aside] = await second.logged(/warning: .*of another format: .* is in (aside-\d+) now/);
    assert.deepEqual(readdirSync(folder.path(aside)).sort(), before);
    assert.equal(readFileSync(folder.path(`${aside}/format`), 'utf8'), 'tacho 999\n');
    const answer = await until('ticks', async () => {
        const found = await readHistory(second);
        return found.ticks.size >= 3 ? found : null;
    });
    assert.notEqual(answer.epoch, recording.epoch);
    await second.stop();
});

test('a segment of another version is renamed, and a gap', async (t) => {
    const folder = folderFor(t);
    const recording = new Recording(INTERVAL_MS);
    for (let i = 0; i < 2; i++) {
        const daemon = endWith(t, await startOn(folder));
        const client = await recording.follow(daemon);
        await client.count(8);
        await until('a segment', () => i === 0 || folder.files('seconds-').length > 0 || null);
        await daemon.kill();
        recording.leave();
    }
    const [name] = folder.files('seconds-');
    folder.edit(name, (bytes) => { bytes[VERSION_AT] = 99; });
    const daemon = endWith(t, await startOn(folder));
    const answer = await readHistory(daemon);
    recording.assertRight(answer);
    assert.ok(recording.missing(answer).ticks > 0);
    await daemon.logged(new RegExp(`${name} is unknown-${name} now`));
    assert.ok(existsSync(folder.path(`unknown-${name}`)));
    await daemon.stop();
});

test('a start on thousands of ticks answers at once', async (t) => {
    const folder = folderFor(t);
    const runs = SOAK >= 60 ? 12 : 1;
    for (let i = 0; i < runs; i++) {
        const daemon = endWith(t, await startOn(folder));
        await until('ticks', async () =>
            (await json(daemon, '/v1/info')).seq >= (i + 1) * 260 || null, { timeout_ms: 120000 });
        await daemon.kill();
    }
    const took_ms = [];
    for (let i = 0; i < 5; i++) {
        const copy = folder.copy();
        const began_ms = performance.now();
        const daemon = endWith(t, await startOn(copy));
        const { seq } = await json(daemon, '/v1/info');
        took_ms.push(performance.now() - began_ms);
        assert.ok(seq >= runs * 260);
        await daemon.kill();
        copy.remove();
    }
    t.diagnostic(`the first answers after ${took_ms.map(Math.round)} ms, of ${runs * 260} ticks`);
    assert.ok(Math.min(...took_ms) < 100 * slowness());
});

test('a budget is kept, on the disk too', async (t) => {
    const folder = folderFor(t);
    const machine = new Machine({ disks: Array.from({ length: 20 }, (_, i) => `disk${i}`) });
    t.after(() => machine.remove());
    const first = endWith(t, await startOn(folder, ...machine.args));
    const { series } = await until('ticks', async () => {
        const info = await json(first, '/v1/info');
        return info.seq >= 3 ? info : null;
    });
    await first.stop();
    /* Less than the files of two blocks' rows no budget can be. */
    const BUDGETS = { seconds: 3 * 256 * 8 * series, minutes: 1000000, processes: 1000000 };
    const config = path.join(folder.root, 'config.json');
    writeFileSync(config, JSON.stringify({ listen: ['127.0.0.1:0'], history: {
        ...Object.fromEntries(Object.entries(BUDGETS).map(([part, bytes]) =>
            [`${part}_bytes`, bytes])) } }));
    const change = setInterval(() => {
        machine.advance(1 + Math.floor(Math.random() * 90));
        for (const disk of machine.disks.values())
            disk.reads += Math.floor(Math.random() * 1e6);
        machine.write();
    }, INTERVAL_MS);
    t.after(() => clearInterval(change));
    const most = Object.values(BUDGETS).reduce((all, bytes) => all + bytes);
    let worst = 0, worst_told = 0;
    for (const end = Date.now() + (SOAK >= 60 ? 600000 : 12000); Date.now() < end;) {
        const daemon = endWith(t, await startOn(folder, '-c', config, ...machine.args));
        for (let i = 0; i < 60 && Date.now() < end; i++, await sleep(500)) {
            worst = Math.max(worst, folder.used_bytes);
            const { history } = await json(daemon, '/v1/info');
            for (const [part, { used_bytes, budget_bytes }] of Object.entries(history)) {
                assert.equal(budget_bytes, BUDGETS[part]);
                worst_told = Math.max(worst_told, used_bytes / budget_bytes);
            }
        }
        await daemon.kill();
    }
    t.diagnostic(`at most ${worst} bytes of ${most}, told ${worst_told.toFixed(3)} of a budget`);
    assert.ok(worst_told <= 1);
    assert.ok(worst <= 1.1 * most);
});
