// File systems: the values are the kernel's, and one whose server does not answer costs a worker
// and nothing else.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Fuse, mountPoints, noFuse } from '../support/fuse.mjs';
import { nameOf, now } from '../support/http.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { slowness, start, startFor } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

/** Seconds that a stuck mount is watched: ten minutes where the stated times are asked for. */
const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const WATCHED_S = SOAK >= 60 ? 600 : Math.max(25, SOAK);
/** The collector's interval, and after how long without an answer a mount is stuck. */
const INTERVAL_MS = 10000, DEADLINE_MS = 5000;
/** What ticks and the machine may add to a span. */
const SLACK_MS = 2000 + 1000 * slowness();

const SINCE = 'tacho_filesystem_stuck_since_timestamp_seconds';
const QUERY = '?name=*_filesystem_*&name=tacho_worker_*';
const VALUES = ['size_bytes', 'free_bytes', 'avail_bytes', 'files', 'files_free'];

/** What is shown of file systems and workers; values by the series' names. */
async function shown(daemon) {
    const { of } = await now(daemon, QUERY);
    return new Map([...of].map(([name, { value }]) => [name, value]));
}

/** Of one mount: its values, each null where it has none. */
function valuesOf(all, fuse) {
    const labels = `{device="${fuse.source}",fstype="fuse",mountpoint="${fuse.place}"}`;
    const value = (name) => all.get(`${name}${labels}`) ?? null;
    return { since: value(SINCE), error: value('node_filesystem_device_error'),
        readonly: value('node_filesystem_readonly'),
        ...Object.fromEntries(VALUES.map((name) => [name, value(`node_filesystem_${name}`)])) };
}

const isStuck = ({ since, error }) => since !== null && error === 1;
const isWell = ({ since, error, size_bytes }) => since === null && error === 0 && size_bytes > 0;
const isGone = (values) => Object.values(values).every((value) => value === null);

/** Waits until what is shown of each of the mounts is as it should be. */
function untilShown(what, daemon, fuses, condition, timeout_ms) {
    return until(what, async () => {
        const all = await shown(daemon);
        return fuses.every((fuse) => condition(valuesOf(all, fuse))) && all;
    }, { timeout_ms, every_ms: 100 });
}

/** What a process holds. */
function held({ pid }) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return {
        threads: readdirSync(`/proc/${pid}/task`).length,
        descriptors: readdirSync(`/proc/${pid}/fd`).length,
        dirty_kib: Number(rollup.match(/^Private_Dirty: +(\d+) kB$/m)[1]),
    };
}

/**
 * What a process holds in the end, after so many seconds: the least of ten looks a second apart, as
 * workers come and go, and open what they read and close it again.
 */
async function heldAfter(daemon, seconds) {
    const looks = [];

    for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(1000))
        looks.push(held(daemon));
    const least = (key) => Math.min(...looks.slice(-10).map((look) => look[key]));
    return { threads: least('threads'), descriptors: least('descriptors'),
        dirty_kib: least('dirty_kib') };
}

/**
 * The tests follow each other: what one of them froze the next finds so. Calls are counted, and so
 * no other mount of the machine may be stuck.
 */
describe('servers that do not answer', { skip: await noFuse() }, () => {
    const [fine, frozen, paused, detached, dead] = Array.from({ length: 5 }, () => new Fuse());
    let daemon;

    before(async () => {
        for (const fuse of [fine, frozen, paused, detached, dead])
            await fuse.mount();
        daemon = await start();
        await untilShown('values', daemon, [fine, frozen, paused, detached, dead], isWell,
            INTERVAL_MS);
    });
    after(async () => {
        if (daemon?.alive)
            await daemon.kill();
        for (const fuse of [fine, frozen, paused, detached, dead])
            fuse.remove();
    });

    test('as long as they do, the values are those of statfs', async () => {
        const values = valuesOf(await shown(daemon), fine);
        const wanted = statfsSync(fine.place);
        const near = (name, number) => assert.ok(Math.abs(values[name] - number) <=
            0.02 * wanted.blocks * wanted.bsize, `${name}: ${values[name]}, not ${number}`);

        assert.equal(values.size_bytes, wanted.blocks * wanted.bsize);
        assert.equal(values.files, wanted.files);
        assert.ok(values.files_free <= wanted.files);
        near('free_bytes', wanted.bfree * wanted.bsize);
        near('avail_bytes', wanted.bavail * wanted.bsize);
        assert.equal(values.readonly, 0);
    });

    test('one that has stopped is stuck since when; one that is dead is an error', async () => {
        const frozen_s = Date.now() / 1000;

        for (const fuse of [frozen, paused, detached])
            fuse.freeze();
        dead.server.kill('SIGKILL');
        const all = await untilShown('stuck', daemon, [frozen, paused, detached], isStuck,
            INTERVAL_MS + DEADLINE_MS + SLACK_MS);
        for (const fuse of [frozen, paused, detached]) {
            const { since } = valuesOf(all, fuse);
            /* A call may have been out when the server was frozen. */
            assert.ok(since > frozen_s - 1.1 && since < (Date.now() - DEADLINE_MS) / 1000 + 0.1,
                `since ${since}, frozen at ${frozen_s}, now ${Date.now() / 1000}`);
        }
        /* The last of them may have waited a tick or two for its worker. */
        await until('three calls', async () =>
            (await shown(daemon)).get('tacho_worker_tasks_stuck') === 3);
        assert.ok(isWell(valuesOf(all, fine)));
        const { error, since } = valuesOf(all, dead);
        assert.deepEqual([error, since], [1, null]);
    });

    test('one that goes on heals within two intervals', async () => {
        paused.thaw();
        const all = await untilShown('healed', daemon, [paused], isWell,
            2 * INTERVAL_MS + SLACK_MS);
        assert.equal(all.get('tacho_worker_tasks_stuck'), 2);
    });

    test('one that is detached is forgotten; what comes in its place is another', async () => {
        const server = detached.detach();

        /* Within an interval it is known to have gone, within two more no value is the present. */
        const all = await untilShown('forgotten', daemon, [detached], isGone,
            3 * INTERVAL_MS + SLACK_MS);
        assert.equal(all.get('tacho_worker_tasks_stuck'), 2, 'the call is still out');
        await detached.mount();
        await untilShown('the new mount', daemon, [detached], isWell, INTERVAL_MS + SLACK_MS);
        server.kill('SIGKILL');
        await until('the call\'s return', async () =>
            (await shown(daemon)).get('tacho_worker_tasks_stuck') === 1);
        assert.ok(isWell(valuesOf(await shown(daemon), detached)));
    });

    test(`for ${WATCHED_S} s nothing piles up and nobody waits`, async (t) => {
        const { since } = valuesOf(await shown(daemon), frozen);
        const client = await stream(daemon);
        await client.count(1);
        const first = await heldAfter(daemon, 3);
        const last = await heldAfter(daemon, WATCHED_S);
        const { ticks } = client;
        /* Also of series that have been retired since: the ring forgets within the soak. */
        const names = new Map(client.events.flatMap(({ data }) => data.series ?? data.add ?? [])
            .map((series) => [series.id, nameOf(series)]));
        const flagged = (flag) => ticks.filter(({ data }) => data.flags.includes(flag)).length;

        client.close();
        assertContiguous(ticks);
        assert.ok(ticks.length >= WATCHED_S - 1, `${ticks.length} ticks`);
        assert.ok(client.events.every(({ event }) => event !== 'gap'));
        assert.equal(flagged('gap_before'), 0);
        assert.ok(flagged('late') <= ticks.length / 20 * slowness(), `${flagged('late')} late`);
        const stuck_counts = [];
        for (const { values } of ticks) {
            const all = new Map([...values].map(([id, value]) => [names.get(id), value]));
            /* On a busy machine others may take over 5 s too, as what waits for the kernel's rtnl. */
            stuck_counts.push(all.get('tacho_worker_tasks_stuck'));
            const stuck = valuesOf(all, frozen);
            assert.deepEqual(stuck, { since, error: 1, readonly: 0,
                ...Object.fromEntries(VALUES.map((name) => [name, null])) });
            for (const fuse of [fine, paused, detached])
                assert.ok(isWell(valuesOf(all, fuse)));
            assert.equal(valuesOf(all, dead).error, 1);
            assert.equal(valuesOf(all, dead).size_bytes, null);
        }
        assert.equal(stuck_counts.at(-1), 1);
        assert.equal(Math.min(...stuck_counts), 1);
        /* A worker may come to stand in for the stuck one; rows of the ring get their memory. */
        t.diagnostic(`${JSON.stringify(first)}, then ${JSON.stringify(last)}; stuck at most ` +
            Math.max(...stuck_counts));
        assert.ok(last.threads <= first.threads + 1, 'threads');
        assert.ok(last.descriptors <= first.descriptors + 1, 'descriptors');
        assert.ok(last.dirty_kib <= first.dirty_kib + 4096, 'memory');
    });

    test('SIGTERM ends the daemon within a second although a call is out', async () => {
        const began_ms = Date.now();
        await daemon.stop(20000);
        const took_ms = Date.now() - began_ms;
        assert.ok(took_ms < 1000 * slowness(), `${took_ms} ms`);
    });
});

/**
 * More of them than workers, on an aged machine: what answers goes on to have its values, also for
 * the other collectors, and what was never asked is not said to be stuck.
 */
test('where dozens do not answer, the others do not notice', { skip: await noFuse() }, async (t) => {
    const fuses = Array.from({ length: 36 }, () => new Fuse());
    t.after(() => fuses.forEach((fuse) => fuse.remove()));
    for (const fuse of fuses)
        await fuse.mount();
    const daemon = await startFor(t);
    const [fine, ...frozen] = fuses;
    await untilShown('values', daemon, fuses, isWell, INTERVAL_MS + SLACK_MS);

    frozen.forEach((fuse) => fuse.freeze());
    const counted = () => frozen.filter((fuse) => isStuck(fuse.shown)).length;
    const look = async () => {
        const all = await shown(daemon);
        for (const fuse of fuses)
            fuse.shown = valuesOf(all, fuse);
        return all;
    };
    await until('stuck', async () => await look() && counted() >= 12,
        { timeout_ms: INTERVAL_MS + DEADLINE_MS + 2 * SLACK_MS, every_ms: 100 });
    for (const end = Date.now() + 3 * INTERVAL_MS; Date.now() < end; await sleep(500)) {
        const all = await look();
        assert.ok(isWell(fine.shown), JSON.stringify(fine.shown));
        assert.ok(all.get('tacho_worker_tasks_stuck') <= 24);
        /* What is not stuck says nothing, or what it last said. */
        assert.ok(frozen.every(({ shown: { since, error } }) => (since === null) !== (error === 1)));
        const { of } = await now(daemon, '?name=node_network_up');
        assert.ok(of.size > 0 && [...of.values()].every(({ value }) => value !== null));
    }
    frozen.forEach((fuse) => fuse.thaw());
    await untilShown('all healed', daemon, fuses, isWell, 2 * INTERVAL_MS + SLACK_MS);
});

/** Runs a script; its first argument is a path, written as printf(1) and mountinfo escape it. */
function shell(script, place) {
    const { status, stderr } = spawnSync('sh',
        ['-ec', `place="$(printf "$1")"; ${script}`, 'sh', place],
        { timeout: 20000, encoding: 'utf8' });
    return status === 0 ? '' : stderr.trim() || `status ${status}`;
}

function removeOdd(root) {
    for (const place of mountPoints().filter((each) => each.startsWith(`${root}/`)).reverse())
        shell('umount -l "$place"', place);
    shell('rm -rf --one-file-system "$place"', root); /* node cannot name each of them */
}

/** Folders with a small tmpfs on each; an error where that cannot be. */
function mountOdd(root, places) {
    return places.map((place) => shell('mkdir -p "$place"; mount -t tmpfs -o size=64k odd "$place"',
        path.join(root, place))).find((error) => error);
}

test('mount points may be long and odd; of bind mounts each is shown', async (t) => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'tachod-odd-'));
    const long = Array.from({ length: 14 }, () => 'x'.repeat(250)).join('/');
    t.after(() => removeOdd(root));
    const why = mountOdd(root, ['plain', 'a b\\tc', 'new\\nline', 'back\\\\slash\\\\040',
        'byte\\377s', long]) ||
        shell('mkdir "$place"/bound; mount --bind "$place"/plain "$place"/bound; ' +
            'mount -o remount,ro,bind "$place"/bound', root);
    if (why)
        return t.skip(`no mounts here: ${why}`);
    const daemon = await startFor(t);
    const { series } = await until('values', async () => {
        const document = await now(daemon, QUERY);
        return document.series.some(({ name, labels, value }) => value > 0 &&
            name === 'node_filesystem_size_bytes' && labels.device === 'odd') && document;
    }, { timeout_ms: INTERVAL_MS });
    const of = (metric) => new Map(series
        .filter(({ name, labels }) => name === metric && labels.device === 'odd' &&
            labels.mountpoint.startsWith(root))
        .map(({ labels, value }) => [labels.mountpoint.slice(root.length + 1), value]));
    const sizes = of('node_filesystem_size_bytes');

    assert.deepEqual([...sizes.keys()].sort(), ['plain', 'bound', 'a b\tc', 'new\nline',
        'back\\slash\\040', 'byte\ufffds', long].sort());
    assert.ok([...sizes.values()].every((size) => size === 65536));
    assert.deepEqual([...of('node_filesystem_readonly')].filter(([, value]) => value !== 0),
        [['bound', 1]]);
});

test('a mount that lies over others hides them', async (t) => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'tachod-cover-'));
    t.after(() => removeOdd(root));
    const why = mountOdd(root, ['c', 'c/a', 'c']) ||
        shell('mount -o remount,size=128k "$place"/c', root);
    if (why)
        return t.skip(`no mounts here: ${why}`);
    const daemon = await startFor(t);
    const all = await until('values', async () => {
        const { series } = await now(daemon, QUERY);
        const found = series.filter(({ name, labels }) => labels.mountpoint?.startsWith(root) &&
            name === 'node_filesystem_size_bytes');
        return found.some(({ value }) => value > 0) && found;
    }, { timeout_ms: INTERVAL_MS });

    assert.deepEqual(all.map(({ labels, value }) => [labels.mountpoint, value]),
        [[`${root}/c`, 131072]]);
});
