// The history outlives its daemon: whatever was published is there after a kill -9, exactly; and of
// a directory that is damaged all is right that is answered.

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, truncateSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { json, nameOf } from '../support/http.mjs';
import { DataFolder, readAll, readHistory, Recording, seeded, troubles } from '../support/ring.mjs';
import { start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const INTERVAL_MS = 100;
/** Fifty where the stated count is asked for. */
const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const KILLS = SOAK >= 60 ? 50 : 4;
const DAMAGES = SOAK >= 60 ? 10 : 1;
/** Runs behind which a kill left a segment, before the damage. */
const RUNS = 4;

const startOn = (folder) => start(['-i', `${INTERVAL_MS}ms`, '-d', folder.place],
    { timeout_ms: 30000 });

/** Records a run until it is killed, after so many more ticks than there were. */
async function recordRun(folder, recording, ticks) {
    const daemon = await startOn(folder);
    const client = await recording.follow(daemon);
    await client.count(ticks);
    await daemon.kill();
    await client.end();
    recording.leave();
}

const warnings = ({ stderr }) => stderr.split('\n').filter((line) => /warning/.test(line));

test(`${KILLS} times kill -9: what was told is there, exactly, and the ring goes on`, async (t) => {
    const folder = new DataFolder(), recording = new Recording(INTERVAL_MS);
    let restarts = 0, daemon;
    t.after(async () => {
        await daemon?.kill();
        folder.remove();
    });

    for (let kills = 0; kills <= KILLS; kills++) {
        daemon = await startOn(folder);
        const client = await recording.follow(daemon);
        await client.when('a tick of this run', () =>
            client.state.seq > recording.last_seq || null);
        const answer = await readHistory(daemon);
        if (kills > 0)
            recording.assertWhole(answer);
        const restarted = [...answer.marks.values()].filter((flags) => flags.includes('restart'));
        assert.equal(restarted.length, restarts, 'each restart is marked, once');
        assert.deepEqual(warnings(daemon), []);
        /* Also in its first moments, when what was recovered is not yet written. */
        await sleep(kills % 3 === 0 ? 100 * Math.random()
            : 500 + 2500 * Math.random());
        await daemon.kill();
        await client.end();
        recording.leave();
        restarts++;
    }
    t.diagnostic(`${recording.ticks.size} ticks, ${recording.taken_back} taken back, ` +
        `${recording.names.size} series, ${folder.files().length} files`);
    assert.ok(recording.taken_back <= KILLS / 2);
    assert.ok(recording.ticks.size > KILLS * 4);
});

/** The minutes at once, with all their aggregates: by name, aggregate and time. */
async function readMinutes(daemon, { from_ms, to_ms }) {
    const { time_ms, series } = await json(daemon, '/v1/history?name=node_cpu_seconds_total' +
        '&name=node_memory_*&step=1m&agg=avg,min,max,last&digits=17' +
        `&from=${from_ms / 1000}&to=${to_ms / 1000}`);

    return { time_ms, series: new Map(series.map((each) => [nameOf(each), each])) };
}

/** What is answered of damaged minutes lies within what there was: parts of one may be missing. */
function assertWithin({ time_ms, series }, whole) {
    for (const [name, { min, max, avg, last }] of series) {
        const other = whole.series.get(name);
        const near = (value, low, high) => value === null || (value >= low - 1e-6 * Math.abs(low) &&
            value <= high + 1e-6 * Math.abs(high));
        time_ms.forEach((at_ms, i) => {
            const k = whole.time_ms.indexOf(at_ms);
            const low = other?.min[k] ?? Infinity, high = other?.max[k] ?? -Infinity;
            for (const value of [min[i], max[i], avg[i], last[i]])
                assert.ok(near(value, low, high),
                    `${name} at ${at_ms}: ${value}, not ${low} to ${high}`);
        });
    }
}

const flip = (random, count = 1, from = 0) => (bytes) => {
    for (let i = 0; i < count; i++)
        bytes[from + Math.floor(random() * (bytes.length - from))] ^=
            1 + Math.floor(random() * 255);
};
const cut = (random) => (bytes) => bytes.subarray(0, Math.floor(random() * bytes.length));

/** Of all bytes, or of those behind a log's header: without that there is no ring to go on with. */
const LOG_HEADER_BYTES = 40;
const DAMAGE = {
    'a row file cut anywhere': ['rows-', cut],
    'a byte of a row file': ['rows-', flip],
    'many bytes of a row file': ['rows-', (random) => flip(random, 50)],
    'a byte of a segment': ['seconds-', flip],
    'a segment cut anywhere': ['seconds-', cut],
    'an empty segment': ['seconds-', () => () => Buffer.alloc(0)],
    'a byte of the minutes': ['minutes-', flip],
    'minutes cut anywhere': ['minutes-', cut],
    'bytes of the series': ['series', (random) => flip(random, 3, LOG_HEADER_BYTES)],
    'the series cut anywhere': ['series', (random) => (bytes) => bytes.subarray(0,
        LOG_HEADER_BYTES + Math.floor(random() * (bytes.length - LOG_HEADER_BYTES)))],
    'the header of the series': ['series', (random) => (bytes) => {
        bytes[Math.floor(random() * LOG_HEADER_BYTES)] ^= 0x10;
    }],
    'a folder in a segment\'s place': ['seconds-', () => 'folder'],
    'a folder in a row file\'s place': ['rows-', () => 'folder'],
};
/** Damage that may end where a record does: there is then nothing to be seen of it. */
const UNSEEN = ['a row file cut anywhere', 'the series cut anywhere',
    'a folder in a segment\'s place'];

/** Numbers of ticks that were lost from the end are given again, to those of the newest run. */
function withoutNew({ ticks, marks }) {
    const restarts = [...marks].filter(([, flags]) => flags.includes('restart'));
    const first = Math.max(...restarts.map(([seq]) => seq));

    [...ticks.keys()].filter((seq) => seq >= first).forEach((seq) => ticks.delete(seq));
}

function damage(folder, name, how) {
    if (how === 'folder') {
        rmSync(folder.path(name));
        mkdirSync(folder.path(name));
    } else {
        folder.edit(name, how);
    }
}

describe('a damaged directory', () => {
    const folder = new DataFolder(), recording = new Recording(INTERVAL_MS);
    /* All minutes of the runs; and what of them no later run adds to. */
    const span = {}, past = {};
    let minutes;

    before(async () => {
        for (let i = 0; i < RUNS; i++)
            await recordRun(folder, recording, 15);
        const first_ms = recording.ticks.values().next().value.time_ms;
        span.from_ms = Math.floor(first_ms / 60000) * 60000;
        span.to_ms = span.from_ms + 3 * 60000;
        past.from_ms = span.from_ms;
        past.to_ms = recording.ticks.get(recording.last_seq).time_ms + 1;
        if (SOAK >= 60) {
            past.to_ms = Math.ceil(past.to_ms / 60000) * 60000;
            await sleep(past.to_ms - Date.now());
        }
        const copy = folder.copy(), daemon = await startOn(copy);
        recording.assertWhole(await readHistory(daemon));
        minutes = await readMinutes(daemon, past);
        await daemon.kill();
        copy.remove();
    });
    after(() => folder.remove());

    for (const [what, [prefix, make]] of Object.entries(DAMAGE)) {
        test(`${what}: all that is answered is right`, async (t) => {
            for (let i = 0; i < DAMAGES; i++) {
                const seed = Math.floor(Math.random() * 2 ** 32);
                t.diagnostic(`seed ${seed}`);
                await assertBears(t, what, prefix, make, seeded(seed));
            }
        });
    }

    async function assertBears(t, what, prefix, make, random) {
        const copy = folder.copy();
        const names = copy.files(prefix);
        const name = names[Math.floor(random() * names.length)];
        damage(copy, name, make(random));
        const daemon = await startOn(copy);
        try {
            const answer = await readHistory(daemon);
            const anew = answer.epoch !== recording.epoch;
            assert.equal(anew, what === 'the header of the series');
            if (!anew) {
                if (prefix === 'rows-')
                    withoutNew(answer);
                recording.assertRight(answer);
                assertWithin(await readMinutes(daemon, past), minutes);
            }
            await readAll(daemon, span);
            if (!UNSEEN.includes(what)) {
                await until('the warning', () => warnings(daemon).some((line) =>
                    line.includes(copy.path(name))) || null);
                await until('the count', async () =>
                    (await troubles(daemon)).damaged_total >= 1 || null);
            }
            const lines = warnings(daemon);
            t.diagnostic(`${name}: ${JSON.stringify(recording.missing(answer))}; ` +
                lines.join('; '));
            assert.ok(!/in memory/.test(daemon.stderr), 'it goes on with the directory');
            await readAll(daemon, span);
            assert.equal(new Set(warnings(daemon)).size, warnings(daemon).length, 'each once');
            await daemon.stop();
        } finally {
            if (daemon.alive)
                await daemon.kill();
            copy.remove();
        }
    }
});

/** Each is done to a file while the daemon runs and may have it open. */
const WHILE_RUNNING = {
    'bytes change': (random, folder, name) => folder.edit(name, flip(random, 20)),
    'a file is cut': (random, folder, name) =>
        truncateSync(folder.path(name), Math.floor(random() * 500)),
    'a file is removed': (random, folder, name) => rmSync(folder.path(name)),
    'a file becomes a folder': (random, folder, name) => {
        rmSync(folder.path(name));
        mkdirSync(folder.path(name));
    },
};

for (const [what, how] of Object.entries(WHILE_RUNNING)) {
    test(`${what} under a running daemon: answers go on, and are right`, async (t) => {
        const folder = new DataFolder(), recording = new Recording(INTERVAL_MS);
        const random = seeded(Math.floor(Math.random() * 2 ** 32));
        t.after(() => folder.remove());
        for (let i = 0; i < 3; i++)
            await recordRun(folder, recording, 12);
        const first_ms = recording.ticks.values().next().value.time_ms;
        const span = { from_ms: Math.floor(first_ms / 60000) * 60000 };
        span.to_ms = span.from_ms + 3 * 60000;
        const daemon = await startOn(folder);
        t.after(() => daemon.alive && daemon.kill());
        const client = await recording.follow(daemon);
        await client.count(5);
        await until('segments', () => folder.files('seconds-').length >= 3 || null);
        await until('minutes', () => folder.files('minutes-').length >= 3 || null);

        const names = ['seconds-', 'minutes-'].map((prefix) => folder.files(prefix)[1]);
        names.forEach((name) => how(random, folder, name));
        await readAll(daemon, span);
        for (const name of names)
            await daemon.logged(new RegExp(`warning: ${folder.path(name)}: .* are a gap`));
        await until('the count', async () => (await troubles(daemon)).damaged_total === 2 || null);
        const answer = await readHistory(daemon);
        const lines = warnings(daemon);
        await readAll(daemon, span);
        assert.deepEqual(warnings(daemon), lines, 'told once');
        /* Rows and series too: they are written to, not read. */
        folder.files('rows-').concat('series').forEach((name) => how(random, folder, name));
        await client.count(client.ticks.length + 10);
        await readAll(daemon, span);
        assert.ok(recording.missing(answer).ticks < 20, 'no more than what was damaged');
        await daemon.stop();
        recording.leave();
        recording.assertRight(answer);

        /* And what that leaves behind is good enough to start from. */
        const second = await startOn(folder);
        t.after(() => second.alive && second.kill());
        const after = await readHistory(second);
        withoutNew(after);
        if (after.epoch === recording.epoch)
            recording.assertRight(after);
        assert.ok(!/in memory/.test(second.stderr), second.stderr);
        await second.stop();
    });
}
