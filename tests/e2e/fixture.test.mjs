// The machine of node_exporter's own tests: what the collectors say of it is what node_exporter
// prints. TACHO_FIXTURES names a folder with its proc/, sys/ and e2e-output.txt.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { parseExposition } from '../support/exposition.mjs';
import { json, nameOf } from '../support/http.mjs';
import { configFile, startFor } from '../support/tachod.mjs';
import { run, startFor } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const FIXTURES = process.env.TACHO_FIXTURES;
const skip = !FIXTURES && 'TACHO_FIXTURES is not set';
/** The metrics that these collectors make; a name of theirs that is not here is a failure. */
const MADE = [
    /^node_cpu_/,
    /^node_(bonding|dmi|edac|nvme|watchdog)_/,
    /^node_arp_entries$/,
    /^node_cpu_(guest_)?seconds_total$/,
    /^node_(context_switches|forks|intr)_total$/,
    /^node_boot_time_seconds$/,
    /^node_procs_(running|blocked)$/,
    /^node_time_clocksource_(available|current)_info$/,
    /^node_load\d+$/,
    /^node_md_/,
    /^node_memory_/,
    /^node_selinux_enabled$/,
    /^node_textfile_scrape_error$/,
    /^node_disk_/,
    /^node_network_(?!receive_|transmit_(?!queue_))/,
    /^node_zfs_arc_(size|c_min)$/,
    /^node_(entropy|filefd|netstat|nf|pressure|schedstat|sockstat|softirqs|softnet|vmstat)_/,
    /^node_interrupts_total$/,
    /^node_(thermal_zone|cooling_device)_/,
    /^node_(filefd|hwmon|netstat|power_supply|pressure|rapl|sockstat|vmstat)_/,
];
/** How many series there are when all workers have answered. */
const ANSWERED = [
    ['node_hwmon_*', 138],
    ['node_network_up', 4],
    ['node_power_supply_*', 12],
    ['node_rapl_*', 2],
    ['node_thermal_zone_*', 1],
    ['node_cooling_device_*', 2],
    /^node_zfs_/,
    /^node_udp_queues$/,
    /^node_(filefd|netstat|pressure|sockstat|vmstat)_/,
];
/** Of the machine or the daemon that runs the test, so that only kind and help can be compared. */
const OF_THIS_MACHINE = /^(process_\w+|node_time_(zone_offset_)?seconds|node_uname_info)$/;
/** Off by default, but not in node_exporter's run. */
const SWITCHED_ON = { interrupts: true, softirqs: true };
const OF_THIS_MACHINE = /^(process_\w+|node_os_\w+|node_time_(zone_offset_)?seconds|node_uname_info)$/;
const OF_THIS_MACHINE = /^(process_\w+|node_scrape_collector_\w+|node_time_(zone_offset_)?seconds|node_uname_info)$/;
/** What node_exporter prints beside them, and why tachod does not. */
const NOT_MADE = [
    [/^node_memory_numa_/, 'of each NUMA node: another subject, from /sys/devices/system/node'],
    [/^node_disk_(info|filesystem_info|device_mapper_info)$/, 'constants, from udev\'s database'],
    [/^node_disk_ata_/, 'constants, from udev\'s database'],
];

/**
 * node_exporter was run without these interfaces and this chip; the interfaces' counters that it has
 * are of the machine it ran on.
 */
const LEFT_OUT = ({ name, labels }) => labels.chip === 'bogus' ||
    (name.startsWith('node_network_') && /dmz|int/.test(labels.device));
/** How node_exporter was run; its mounts would be asked of this machine, and it had that collector off. */
const CHOSEN = {
    select: {
        cpu_bugs: { include: '^(cpu_meltdown|spectre_.*|mds)$' },
        cpu_flags: { include: '^(aes|avx.?|constant_tsc)$' },
        hwmon_chips: { include: '(applesmc|asus_nb_wmi|coretemp|hwmon4|ieee80211|nct6779)' },
        network_class_devices: { exclude: 'dmz|int' },
        network_devices: { include: '^lo$' },
    },
};

/** A file that says this, with all collectors on that there are, but for filesystem. */
async function configuration(t) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-fixture-'));
    const file = path.join(folder, 'tachod.json');
    const { collectors } = JSON.parse((await run(['-c', '/dev/null', '--print-config'])).stdout);

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of Object.keys(collectors))
        collectors[name] = name !== 'filesystem';
    writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'], collectors, ...CHOSEN }));
    return file;
}

/** A root of that machine: udev's data is where a machine has it. */
function rootfs(t) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-rootfs-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(path.join(folder, 'run/udev'), { recursive: true });
    symlinkSync(path.join(FIXTURES, 'udev/data'), path.join(folder, 'run/udev/data'));
    return folder;
}
/** Gauges that its own tests leave out, with their help. */
const LEFT_OUT_BY_ITS_TESTS = [
    ['node_selinux_enabled', 'SELinux is enabled, 1 is true, 0 is false'],
    ['node_uname_info', 'Labeled system information as provided by the uname system call.'],
];

/** node_exporter was run without these interfaces; the counters it has are of the machine it ran on. */
const LEFT_OUT = ({ name, labels }) => (name.startsWith('node_network_') && /dmz|int/.test(labels.device)) ||
    (name === 'node_arp_entries' && labels.device === 'nope');

test('every value, kind and help is node_exporter\'s', { skip }, async (t) => {
    /* A label has a control character, which tachod replaces. */
    const expected = parseExposition(readFileSync(path.join(FIXTURES, 'e2e-output.txt'), 'utf8')
        .replace(/[\x00-\x09\x0b-\x1f\x7f]/g, '?'));
    /* Its own tests leave this one out. */
    expected.kind.set('node_uname_info', 'gauge');
    expected.help.set('node_uname_info',
        'Labeled system information as provided by the uname system call.');
    const daemon = await startFor(t, ['-c', configFile({ collectors: SWITCHED_ON }), '-i', '200ms',
        '--path.procfs', path.join(FIXTURES, 'proc'), '--path.sysfs', path.join(FIXTURES, 'sys')]);
    for (const [name, help] of LEFT_OUT_BY_ITS_TESTS) {
        expected.kind.set(name, 'gauge');
        expected.help.set(name, help);
    }
    expected.samples.set('node_selinux_enabled', { name: 'node_selinux_enabled', labels: {}, value: 0 });
    const folder = mkdtempSync(path.join(tmpdir(), 'tacho-fixture-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const config = path.join(folder, 'tachod.json');
    writeFileSync(config, JSON.stringify({ collectors: { memory_numa: true } }));
    const daemon = await startFor(t, ['-c', config, '-i', '200ms', '--path.procfs', path.join(FIXTURES, 'proc'),
        '--path.sysfs', path.join(FIXTURES, 'sys')]);
    await until('two ticks', async () => (await json(daemon, '/v1/info')).seq >= 2 || null);
    await until('answers of tasks', async () =>
        (await json(daemon, '/v1/catalog?name=node_network_up')).series.length > 0);
    /* Mounts and the clock would be asked of this machine: node_exporter's run had those off. */
    for (const [name, count] of ANSWERED)
        await until(`answers of tasks: ${name}`, async () =>
            (await json(daemon, `/v1/catalog?name=${name}`)).series.length >= count);
    const daemon = await startFor(t, ['-i', '200ms', '--path.procfs', path.join(FIXTURES, 'proc'),
        '--path.sysfs', path.join(FIXTURES, 'sys'), '--path.rootfs', rootfs(t)]);
    await until('two ticks', async () => (await json(daemon, '/v1/info')).seq >= 2 || null);
    const wanted = new Map([...expected.samples].filter(([, { name }]) =>
        MADE.some((pattern) => pattern.test(name)) && !NOT_MADE.some(([pattern]) => pattern.test(name))));
    /* Workers answer when they do; what is missing after all is told below. */
    await until('all of them', async () => {
        const names = new Set((await json(daemon, '/v1/catalog')).series.map(nameOf));
        return [...wanted.keys()].every((name) => names.has(name));
    }).catch(() => {});
    /* Its mounts would be asked of this machine: node_exporter's run had that collector off. */
    const catalog = (await json(daemon, '/v1/catalog')).series.filter(({ name }) =>
        /^(node_(?!filesystem_|timex_)|process_)/.test(name)).filter((series) => !LEFT_OUT(series));
    const values = new Map((await json(daemon, '/v1/now')).series.map((each) => [each.id, each]));
    const daemon = await startFor(t, ['-c', await configuration(t), '-i', '200ms', '--path.procfs', path.join(FIXTURES, 'proc'),
        '--path.sysfs', path.join(FIXTURES, 'sys')]);
    await until('two ticks', async () => (await json(daemon, '/v1/info')).seq >= 2 || null);
    const wanted = new Map([...expected.samples].filter(([, { name }]) =>
        MADE.some((pattern) => pattern.test(name)) && !NOT_MADE.some(([pattern]) => pattern.test(name))));
    const ours = async (what) => (await json(daemon, what)).series.filter(({ name }) => /^(node|process)_/.test(name));
    const end = Date.now() + 10000;
    /* Those that are missing after that are told below. */
    await until('answers of tasks', async () => {
        const names = new Set((await ours('/v1/catalog')).map(nameOf));
        return [...wanted.keys()].every((name) => names.has(name)) || Date.now() > end || null;
    });
    const catalog = await ours('/v1/catalog');
    const values = new Map((await json(daemon, '/v1/now')).series.map((each) => [each.id, each]));

    assert.ok(wanted.size > 250);
    for (const series of catalog) {
        /* A zone of RAPL is named by its path, which begins elsewhere in node_exporter's tests. */
        const name = nameOf(series).replace(path.join(FIXTURES, 'sys'), 'collector/fixtures/sys');
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
