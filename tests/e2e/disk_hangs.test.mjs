// A disk that does not answer: ticks come on time, are told of, and are written when it does again.

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';

import { Fuse, noFuse } from '../support/fuse.mjs';
import { json } from '../support/http.mjs';
import { readHistory, Recording, troubles } from '../support/ring.mjs';
import { assertContiguous } from '../support/sse.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const INTERVAL_MS = 500;
/** Ticks without an answer: long enough that the archive's thread, which syncs, waits as well. */
const HANGING = SOAK >= 60 ? 600 : 26;

/** A recorded daemon whose directory is on a server that can be stopped. */
async function onFuse(t) {
    const fuse = new Fuse();
    const folder = { place: path.join(fuse.place, 'data') };
    const recording = new Recording(INTERVAL_MS);
    const daemons = [];

    t.after(async () => {
        fuse.thaw();
        await Promise.all(daemons.map((daemon) => daemon.alive && daemon.kill()));
        fuse.remove();
    });
    await fuse.mount();
    const startAgain = async () => {
        daemons.push(await start(['-i', `${INTERVAL_MS}ms`, '-d', folder.place],
            { timeout_ms: 30000 }));
        return daemons.at(-1);
    };
    const daemon = await startAgain();
    return { fuse, recording, daemon, startAgain, client: await recording.follow(daemon) };
}

/** Between two ticks, when nothing is being written: what is with the server nothing can end. */
async function freezeBetweenTicks({ fuse, client }, ticks) {
    await client.count(ticks);
    await sleep(INTERVAL_MS * 0.4);
    fuse.freeze();
}

async function missed(daemon) {
    const { series } = await json(daemon, '/v1/now?name=tacho_ticks_missed_total');

    return series[0].value;
}

describe('a disk that does not answer', { skip: await noFuse() }, () => {
    test('stops no tick, and what was in memory is written when it does', async (t) => {
        const it = await onFuse(t);
        const { fuse, recording, daemon, client } = it;
        await client.count(4);
        const before = await troubles(daemon), missed_before = await missed(daemon);

        await freezeBetweenTicks(it, 6);
        const first = client.ticks.length;
        await client.count(first + HANGING, 2 * INTERVAL_MS * HANGING + 30000);
        const ticks = client.ticks.slice(first, first + HANGING);
        assertContiguous(client.ticks);
        if (slowness() === 1) {
            assert.equal(await missed(daemon), missed_before);
            const slots = ticks.map(({ data }) => Math.floor((data.time_ms + 5) / INTERVAL_MS));
            slots.forEach((slot, i) => assert.equal(slot, slots[0] + i, `tick ${i}`));
        }
        for (const { data, at_ms } of ticks)
            assert.ok(at_ms - data.time_ms < INTERVAL_MS * (1 + slowness()), `tick ${data.seq}`);
        const hanging = await troubles(daemon);
        assert.ok(hanging.unwritten_ticks_total >= before.unwritten_ticks_total + HANGING - 3,
            JSON.stringify(hanging));
        const lines = daemon.stderr.split('\n').filter((line) => /warning/.test(line));
        t.diagnostic(lines.join('; '));
        assert.ok(lines.length <= 3, daemon.stderr);
        assert.ok((await readHistory(daemon)).ticks.size >= HANGING, 'answered from memory');

        fuse.thaw();
        await until('writing', async () => {
            const former = (await troubles(daemon)).unwritten_ticks_total;
            await client.count(client.ticks.length + 3);
            return (await troubles(daemon)).unwritten_ticks_total === former || null;
        }, { timeout_ms: 60000 });
        await daemon.kill();
        await client.end();
        recording.leave();
        const second = await it.startAgain();
        recording.assertWhole(await readHistory(second));
        await second.stop();
    });

    test('holds up no end of the process', async (t) => {
        const it = await onFuse(t);
        await freezeBetweenTicks(it, 6);
        await it.client.count(6 + HANGING, 2 * INTERVAL_MS * HANGING + 30000);
        const began_ms = performance.now();
        await it.daemon.stop(10000 + 1000 * slowness());
        t.diagnostic(`ended after ${Math.round(performance.now() - began_ms)} ms`);
        assert.equal(await it.client.end(), 'end');
        it.fuse.thaw();
        it.recording.leave();
        const second = await it.startAgain();
        const answer = await readHistory(second);
        for (const seq of [1, 2, 3, 4])
            assert.equal(answer.ticks.get(seq).time_ms, it.recording.ticks.get(seq).time_ms);
        await second.stop();
    });
});
