// README.md's commands for scripts do what it says.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ask, json } from '../support/http.mjs';
import { start } from '../support/tachod.mjs';
import { until, within } from '../support/wait.mjs';

const readme = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'README.md');
/** The lines of the first code block below "Ask it", without its comments. */
const commands = readFileSync(readme, 'utf8').split('\n## Ask it\n')[1].match(/(?:^ {4}.*\n)+/m)[0]
    .split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));

const number = /^-?\d+(\.\d+)?(e[-+]\d+)?\n$/;
function ratio(text) {
    assert.match(text, number);
    assert.ok(Number(text) >= 0 && Number(text) <= 1, text);
}

describe('the commands of README.md', () => {
    let daemon, folder;

    before(async () => {
        folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-readme-'));
        daemon = await start();
        await until('ready', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    });
    after(async () => {
        await daemon?.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    /** Runs a line in bash; one that does not end is ended behind so many lines. */
    function run(line, lines = Infinity) {
        const child = spawn('bash', ['-euo', 'pipefail', '-c',
            line.replaceAll('localhost:8224', `127.0.0.1:${daemon.port}`)],
        { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
        let stdout = '', stderr = '';

        child.stderr.on('data', (data) => { stderr += data; });
        child.stdout.on('data', (data) => {
            stdout += data;
            if (stdout.split('\n').length > lines)
                process.kill(-child.pid, 'SIGKILL');
        });
        return within(line, new Promise((resolve, reject) => {
            child.on('error', reject);
            child.on('close', (status) => resolve({ status, stdout, stderr }));
        }), 60000);
    }

    /** What a line has to print, by a part of it. */
    const checks = [
        [/over=1m/, ratio],
        [/wait=30s.*; do :; done$/, (text) => text.trim().split('\n').forEach((line) => ratio(`${line}\n`)),
            { lines: 3 }],
        [/v1\/now\?name=tacho_(cpu_busy|memory_used)_ratio&format=value/, ratio],
        [/filesystem/, async (text) => {
            const { series } = await json(daemon, '/v1/now?name=tacho_filesystem_used_ratio');
            const full = series.filter(({ value }) => value > 0.9).map(({ labels }) => labels.mountpoint);
            assert.deepEqual(text.split('\n').slice(0, -1), full);
        }],
        [/node_network_receive/, (text) => assert.match(text, /^(\d+(\.\d+)?\n)?$/)],
        [/node_load1&wait=30s/, (text) => assert.match(text, number)],
        [/>hour\.csv$/, (text) => {
            const [header, ...rows] = readFileSync(path.join(folder, 'hour.csv'), 'utf8').split('\n');
            assert.equal(text, '');
            assert.match(header, /^time,.*tacho_cpu_busy_ratio/);
            assert.ok(rows.length > 1 && rows.slice(0, -1).every((row) => 
                /^\d{4}-.*Z(,[-+\d.e]*)+$/.test(row)));
        }],
        [/yesterday/, (text) => (text === 'null\n' ? null : ratio(text))],
        [/label=device:sda/, async (text) => {
            const { series } = await json(daemon, '/v1/catalog?label=device:sda');
            assert.deepEqual(text.split('\n').slice(0, -1), series.map(({ name }) => name));
        }],
        [/healthz/, (text) => assert.equal(text, '')],
    ];

    test('each is checked below', () => {
        assert.ok(commands.length >= 10, commands.join('\n'));
        for (const [pattern] of checks)
            assert.ok(commands.some((line) => pattern.test(line)), String(pattern));
    });

    for (const line of commands) {
        test(line, async () => {
            const [, check, { lines } = {}] = checks.find(([pattern]) => pattern.test(line)) ?? [];
            assert.ok(check, 'nothing checks this line');
            const { status, stdout, stderr } = await run(line, lines);
            assert.equal(stderr, '');
            assert.equal(status, lines ? null : 0);
            await check(stdout);
        });
    }

    test('without a daemon the last one fails', async () => {
        const { status } = await run(commands.at(-1).replace('localhost:8224', '127.0.0.1:1'));
        assert.notEqual(status, 0);
    });
});
