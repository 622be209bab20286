// README.md's commands for scripts do what it says, of a machine of which every answer is known.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { bash, codeBlocks, read } from '../support/bash.mjs';
import { ask, json } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { start } from '../support/tachod.mjs';
import { Tmpfs } from '../support/tmpfs.mjs';
import { until } from '../support/wait.mjs';

/** The lines of the first code block below "Ask it", without its comments. */
const commands = codeBlocks(read('README.md')).find(({ heading }) => heading === 'Ask it').code
    .split('\n').filter((line) => line && !line.startsWith('#'));

/** Noon everywhere: no test runs past midnight. */
const TZ = `NOON${new Date().getUTCHours() - 12}`;

/** The machine below: bytes a second into eth0, and how busy it was at first and is now. */
const RATE = 125000;
const PEAK = 0.9;
const BUSY = 0.3;

function assertNear(text, wanted, tolerance = 1e-6) {
    assert.match(text, /^\d+(\.\d+)?(e[-+]\d+)?\n$/);
    assert.ok(Math.abs(Number(text) - wanted) <= tolerance * wanted,
        `${text.trim()}, not ${wanted}`);
}

const linesOf = (text) => text.split('\n').slice(0, -1);

/** Two file systems, of which one is full; or why there are none. */
function mountTwo() {
    const mounts = [];

    try {
        mounts.push(new Tmpfs(0.95), new Tmpfs(0.5));
        return { mounts };
    } catch (error) {
        mounts.forEach((mount) => mount.remove());
        return { mounts: [], whyNot: error.message };
    }
}

test('README.md names the packages that ./dev installs', () => {
    const told = read('README.md').split('What `./dev` installs:')[1];
    const lists = [...read('dev').matchAll(/^(?:build|test|lint|bench)_packages=\(([^)]+)\)/gm)];
    assert.equal(lists.length, 4);
    for (const name of lists.flatMap(([, names]) => names.split(/\s+/)))
        assert.ok(told.split(/[\s`,;.]+/).includes(name), name);
    for (const name of Object.keys(JSON.parse(read('tests/bench/statsd/package.json')).dependencies))
        assert.ok(told.includes(`npm's \`${name}\``), name);
});

describe('the commands of README.md', () => {
    const machine = new Machine({ disks: ['sda', 'sdb'], interfaces: ['eth0', 'eth1'] });
    const { mounts, whyNot } = mountTwo();
    const began_ms = Date.now();
    let daemon, folder, clock, busy = PEAK;

    /** Counters go on with the time, whoever looks when. */
    function goOn() {
        machine.interfaces.get('eth0').received = Math.round((Date.now() - began_ms) / 1000 * RATE);
        machine.advance(Math.round(10 * busy), 'user');
        machine.advance(Math.round(10 * (1 - busy)), 'idle');
        machine.write();
    }

    /** The only process of the machine. */
    function addProcess() {
        const place = path.join(machine.proc, '7');
        const zeros = (count) => Array(count).fill(0).join(' ');
        mkdirSync(place);
        writeFileSync(path.join(place, 'stat'), `7 (x) S 1 7 7 0 -1 ${zeros(5)} 10 5 ${zeros(2)} 20 0 2 0 100 1000000 50 ${zeros(28)}\n`);
        writeFileSync(path.join(place, 'statm'), '300 50 20 10 0 100 0\n');
        writeFileSync(path.join(place, 'status'), 'Name:\tx\nUid:\t0\t0\t0\t0\n');
        writeFileSync(path.join(place, 'io'), 'rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n');
        writeFileSync(path.join(place, 'cmdline'), '/bin/x\0y\0');
    }

    const busyNow = async () =>
        (await ask(daemon, '/v1/now?name=tacho_cpu_busy_ratio&format=value')).text;

    before(async () => {
        folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-readme-'));
        machine.mounts = mounts.map(({ line }) => line);
        goOn();
        addProcess();
        clock = setInterval(goOn, 20);
        daemon = await start(['-i', '500ms', ...machine.args]);
        await until('the peak', async () => Number(await busyNow()) === PEAK || null);
        busy = BUSY;
        await until('what follows it', async () => Number(await busyNow()) === BUSY || null);
        await until('the file systems', async () => (await json(daemon,
            '/v1/now?name=tacho_filesystem_used_ratio')).series.length === mounts.length || null);
    });
    after(async () => {
        await daemon?.stop();
        clearInterval(clock);
        machine.remove();
        mounts.forEach((mount) => mount.remove());
        rmSync(folder, { recursive: true, force: true });
    });

    const run = (line, lines) => bash(daemon, line, { cwd: folder, env: { TZ }, lines });

    /**
     * The ring knows nothing of yesterday: the same line, of spans that the ticks are in,
     * with long steps and with short ones.
     */
    async function checkYesterday(text, line) {
        assert.equal(text, 'null\n');
        for (const [from, to] of [['today 0:00', 'tomorrow 0:00'],
            ['2 minutes ago', '2 minutes']]) {
            const today = line.replace('yesterday 0:00', from)
                .replace('date -d 0:00', `date -d '${to}'`);
            assert.ok(!/yesterday|-d 0:00/.test(today), today);
            assertNear((await run(today)).stdout, PEAK);
        }
    }

    /** Rows are means over some seconds; one of the first tick alone knows no share yet. */
    function checkHour(text) {
        const [header, ...rows] = linesOf(readFileSync(path.join(folder, 'hour.csv'), 'utf8'))
            .map((row) => row.split(','));
        const column = (name) => rows.map((row) => row[header.indexOf(name)]);

        assert.equal(text, '');
        assert.equal(header[0], 'time');
        assert.ok(rows.length > 0);
        for (const [time, ...values] of rows) {
            assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
            assert.equal(values.length, header.length - 1);
        }
        const shares = column('tacho_cpu_busy_ratio').filter((value) => value !== '');
        assert.ok(shares.length > 0);
        assert.ok(shares.every((value) => value >= BUSY && value <= PEAK), shares.join(' '));
        assert.ok(column('tacho_memory_used_ratio').every((value) => value === '0.5'));
    }

    function checkDisk(text) {
        const names = linesOf(text);

        assert.ok(names.includes('node_disk_reads_completed_total'), text);
        assert.ok(names.includes('tacho_disk_busy_ratio'), text);
        assert.ok(names.every((name) => /^(node|tacho)_disk_/.test(name)), text);
        /* One disk's: without the selection there are two. */
        assert.equal(names.filter((name) => name === 'node_disk_io_now').length, 1);
    }

    /** What a line has to print, by a part of it. */
    const checks = [
        [/cpu_busy.*over=1m/, (text) => {
            assert.match(text, /^0\.\d+\n$/);
            assert.ok(Number(text) > BUSY && Number(text) < PEAK, text);
        }],
        [/wait=30s.*; do :; done$/, (text) => linesOf(text).forEach((line) =>
            assertNear(`${line}\n`, BUSY)), { lines: 3 }],
        [/v1\/now\?name=tacho_cpu_busy_ratio&format=value/, (text) => assertNear(text, BUSY)],
        [/memory_used/, (text) => assert.equal(text, '0.5\n')],
        [/filesystem/, (text) => assert.equal(text, `${mounts[0].place}\n`), { skip: whyNot }],
        [/catalog.*labels\.device/, (text) =>
            assert.deepEqual(linesOf(text).sort(), ['eth0', 'eth1', 'sda', 'sdb'])],
        [/node_network_receive.*label=device:eth0/, (text) => assertNear(text, 8 * RATE, 0.25)],
        [/node_load1&wait=30s/, (text) => assert.equal(text, '0.1\n')],
        [/>hour\.csv$/, checkHour],
        [/yesterday/, checkYesterday],
        [/processes\?at=-10m/, (text) => assert.equal(text, '', 'nothing was kept then')],
        [/processes\?limit=5/, (text) => assert.match(text, /^\S+ 7 \/bin\/x y\n$/)],
        [/processes\?by=command/, (text) => assert.match(text, /^\d+ 1 x\n$/)],
        [/label=device:sda/, checkDisk],
        [/healthz/, (text) => assert.equal(text, '')],
    ];

    test('each is checked below', () => {
        assert.ok(commands.length >= 10, commands.join('\n'));
        for (const [pattern] of checks)
            assert.ok(commands.some((line) => pattern.test(line)), String(pattern));
    });

    for (const line of commands) {
        const [, check, { lines, skip = false } = {}] =
            checks.find(([pattern]) => pattern.test(line)) ?? [];
        test(line, { skip }, async () => {
            assert.ok(check, 'nothing checks this line');
            const { status, stdout, stderr } = await run(line, lines);
            assert.equal(stderr, '');
            assert.equal(status, lines ? null : 0);
            await check(stdout, line);
        });
    }

    test('without a daemon the last one fails', async () => {
        const { status } = await run(commands.at(-1).replace('localhost:8224', '127.0.0.1:1'));
        assert.notEqual(status, 0);
    });
});
