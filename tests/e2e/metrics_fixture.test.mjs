// /metrics of the machine of node_exporter's own tests beside what node_exporter prints of it, by
// the comparer that came with the fixtures: TACHO_FIXTURES and TACHO_COMPARER name them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { parseExposition } from '../support/exposition.mjs';
import { startFixtureMachine } from '../support/fixture_machine.mjs';
import { until } from '../support/wait.mjs';

const { TACHO_FIXTURES: FIXTURES, TACHO_COMPARER: COMPARER } = process.env;
const skip = !(FIXTURES && COMPARER) && 'TACHO_FIXTURES or TACHO_COMPARER is not set';

/** The word after node_ of what tachod is to have. */
const SUBSYSTEMS = 'cpu,disk,memory,network,netstat,sockstat,softnet,vmstat,load1,load5,load15,' +
    'boot,context,forks,intr,procs,softirqs,interrupts,pressure,filefd,entropy,arp,nf,hwmon,' +
    'thermal,cooling,power,rapl,edac,md,nvme,bonding,schedstat,udp,dmi,watchdog,zfs';
const LEAST_SHARE = 0.99;

/** What it prints of an exposition: the last line's numbers, and the samples that it complains of. */
function compare(expected, actual) {
    const text = execFileSync('python3', [COMPARER, expected, actual, '--subsystems', SUBSYSTEMS,
        '--show', '10000'], { encoding: 'utf8' });
    const [, matched, of, extra] = text.match(/matched (\d+) of (\d+) .*extra (\d+)/).map(Number);
    const lines = text.split('\n').filter((line) => /^(missing|differs|extra) /.test(line));

    return { text, matched, of, extra, lines };
}

/** Deliberate differences, and why. */
const DELIBERATE = [
    [/node_rapl_\w+_joules_total\{/, 'a zone is named by its path, which begins with --path.sysfs'],
    [/node_network_\w+_total\{device="lo"\}/,
        'asked of the kernel it ran on: the machine of the fixtures has no net/dev'],
];

test('/metrics of the fixture machine is node_exporter\'s', { skip }, async (t) => {
    const daemon = await startFixtureMachine(t, FIXTURES);
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-metrics-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const actual = path.join(folder, 'actual.txt');
    const expected = path.join(FIXTURES, 'e2e-output.txt');
    let result;

    /* Workers read most of it; the slowest are asked once a minute. */
    await until('what workers have read', async () => {
        const text = await (await fetch(`${daemon.url}metrics?scope=host`)).text();
        writeFileSync(actual, text);
        result = compare(expected, actual);
        return parseExposition(text).samples.size > 1500 || null;
    }, { every_ms: 500 });
    console.log(`# ${result.text.trim().split('\n').at(-1)}`);
    assert.ok(result.of > 1500);
    assert.ok(result.matched / result.of >= LEAST_SHARE, result.text);
    const unexplained = result.lines.filter((line) =>
        !DELIBERATE.some(([pattern]) => pattern.test(line)));
    assert.deepEqual(unexplained, []);
});
