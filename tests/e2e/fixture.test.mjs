// The machine of node_exporter's own tests: what the collectors say of it is what node_exporter
// prints. TACHO_FIXTURES names a folder with its proc/, sys/, udev/ and e2e-output.txt.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { parseExposition } from '../support/exposition.mjs';
import { startFixtureMachine } from '../support/fixture_machine.mjs';
import { json, nameOf } from '../support/http.mjs';
import { until } from '../support/wait.mjs';

const FIXTURES = process.env.TACHO_FIXTURES;
const skip = !FIXTURES && 'TACHO_FIXTURES is not set';
/** The metrics that these collectors make; a name of theirs that is not here is a failure. */
const MADE = [
    /^node_(arp|bonding|cooling_device|cpu|disk|dmi|edac|entropy|filefd|hwmon|md|memory|netstat|nf|nvme)_/,
    /^node_(power_supply|pressure|rapl|schedstat|sockstat|softirqs|softnet|thermal_zone|vmstat|watchdog|zfs)_/,
    /^node_(context_switches|forks|interrupts|intr)_total$/,
    /^node_boot_time_seconds$/,
    /^node_procs_(running|blocked)$/,
    /^node_time_clocksource_(available|current)_info$/,
    /^node_load\d+$/,
    /^node_network_(?!receive_|transmit_(?!queue_))/,
    /^node_selinux_enabled$/,
    /^node_textfile_scrape_error$/,
    /^node_udp_queues$/,
];
/** Of the machine or the daemon that runs the test, so that only kind and help can be compared. */
const OF_THIS_MACHINE = /^(process_\w+|node_os_\w+|node_scrape_collector_\w+|node_time_(zone_offset_)?seconds|node_uname_info)$/;
/** What node_exporter prints beside them, and why tachod does not. */
const NOT_MADE = [
];
/** Gauges that its own tests leave out, with their help. */
const LEFT_OUT_BY_ITS_TESTS = [
    ['node_selinux_enabled', 'SELinux is enabled, 1 is true, 0 is false'],
    ['node_uname_info', 'Labeled system information as provided by the uname system call.'],
];
test('every value, kind and help is node_exporter\'s', { skip }, async (t) => {
    const expected = parseExposition(readFileSync(path.join(FIXTURES, 'e2e-output.txt'), 'utf8'));
    for (const [name, help] of LEFT_OUT_BY_ITS_TESTS) {
        expected.kind.set(name, 'gauge');
        expected.help.set(name, help);
    }
    expected.samples.set('node_selinux_enabled', { name: 'node_selinux_enabled', labels: {}, value: 0 });
    const daemon = await startFixtureMachine(t, FIXTURES);
    await until('two ticks', async () => (await json(daemon, '/v1/info')).seq >= 2 || null);
    const wanted = new Map([...expected.samples].filter(([, { name }]) =>
        MADE.some((pattern) => pattern.test(name)) && !NOT_MADE.some(([pattern]) => pattern.test(name))));
    const ours = async (what) => (await json(daemon, what)).series.filter(({ name }) => /^(node|process)_/.test(name));
    /* A zone of RAPL is named by its path, which begins elsewhere in node_exporter's tests. */
    const itsName = (series) => nameOf(series).replace(path.join(FIXTURES, 'sys'), 'collector/fixtures/sys');
    /* Workers answer when they do; what is missing after all is told below. */
    await until('all of them', async () => {
        const names = new Set((await ours('/v1/catalog')).map(itsName));
        return [...wanted.keys()].every((name) => names.has(name)) || null;
    }).catch(() => {});
    const catalog = await ours('/v1/catalog');
    const values = new Map((await json(daemon, '/v1/now')).series.map((each) => [each.id, each]));

    assert.ok(wanted.size > 1000);
    for (const series of catalog) {
        const name = itsName(series);
        assert.equal(series.kind, expected.kind.get(series.name), name);
        assert.equal(series.help, expected.help.get(series.name), name);
        if (OF_THIS_MACHINE.test(series.name))
            continue;
        const sample = wanted.get(name);
        assert.ok(sample, `${name} is not node_exporter's`);
        wanted.delete(name);
        const { value } = values.get(series.id);
        /* It multiplies by 0.001 where tachod divides by 1000: the last bit may differ. */
        assert.ok(Math.abs(value - sample.value) <= 1e-12 * Math.abs(sample.value),
            `${name}: ${value}, expected ${sample.value}`);
    }
    assert.deepEqual([...wanted.keys()], [], 'missing');
});
