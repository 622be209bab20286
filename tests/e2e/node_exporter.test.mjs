// Beside Debian's node_exporter on this machine: of the subsystems that both read, every series that
// either has, but for the differences listed here, with the same kind and the same value.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { after, before, describe, test } from 'node:test';

import { parseExposition } from '../support/exposition.mjs';
import { json, nameOf } from '../support/http.mjs';
import { freePort } from '../support/ports.mjs';
import { configFile, start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const EXPORTER = process.env.TACHO_NODE_EXPORTER;
const skip = !EXPORTER && 'TACHO_NODE_EXPORTER is not set';

/**
 * What the exporter reads by default, and interrupts; Debian's default patterns are narrower than upstream's. Mounts
 * of other tests are left out: the exporter itself waits for a file system that does not answer.
 */
const TEMPORARY = os.tmpdir().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const PASSING = new RegExp(`mountpoint="(${TEMPORARY}/|/run/netns[/"])`);
const ARGS = ['--collector.interrupts', '--collector.stat.softirq',
    '--collector.netdev.device-exclude=^$',
    '--collector.filesystem.mount-points-exclude=' +
    '^/(dev|proc|run/credentials/.+|run/netns|sys|var/lib/docker/.+|' +
    `var/lib/containers/storage/.+)($|/)|^${TEMPORARY}/`];

/** Each tells of its own: no value has to agree. */
const OWN_COLLECTORS = /^node_scrape_collector_/;
/** What only this version of the exporter has, and why. */
const ONLY_EXPORTER = [
    [/^node_scrape_collector_/, 'each has it of its own collectors'],
    [/^node_exporter_build_info/, 'of the exporter'],
    [/^node_hwmon_.*_celsius/, 'a limit that is none, as 65261.85, is left out'],
    [/^node_(disk|nvme)_info/, 'later versions, as tachod, have more labels'],
    [/^node_network_speed_bytes/, 'a speed of -1 is none: later versions leave it out too'],
];
/** What 1.5 has not yet. */
const ONLY_TACHOD = [
    [/^node_(disk|nvme)_info/, 'with rotational and cntlid'],
    [/^node_(nvme_namespace|watchdog)_/, 'later versions have them'],
    [/^node_netstat_TcpExt_(TCPOFOQueue|TCPRcvQDrop)/, 'fields that later versions show too'],
    [/^node_pressure_irq_/, 'the kernel tells of it since 6.1, the exporter since 1.8'],
    [/^node_disk_.*\{device="(zram|loop)/, 'other patterns'],
    [/^node_softnet_(backlog_len|(cpu_collision|flow_limit_count|received_rps)_total)\{/,
        'columns that later versions show too'],
    [/^node_softirqs_functions_total/, 'a collector that later versions have'],
    [/^node_hwmon_freq_/, 'clocks of GPUs, which later versions show too'],
];
const isListed = (list, name) => list.some(([pattern]) => pattern.test(name));

/** Gauges that move by more than lies between two reads, by how much of a value, and why. */
const LOOSE = [
    [/^node_filefd_allocated$/, () => 1000, 'a sum of counters for each CPU that the kernel keeps roughly'],
    [/^node_filesystem_(free_bytes|avail_bytes|files_free)/, (value) => value / 100,
        'go up and down in the 10 s between two of ours, whatever else the machine does'],
    [/^node_(hwmon|thermal_zone|cooling_device|power_supply)_/, (value) => Math.abs(value) / 5,
        'measured once in 5 or 10 s'],
];
/** A number may have been rounded to a double by other steps. */
const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
const isBetween = (value, a, b) => near(value, a) || near(value, b) ||
    (value > Math.min(a, b) && value < Math.max(a, b));

async function startExporter() {
    const port = await freePort();
    const child = spawn(EXPORTER, [...ARGS, `--web.listen-address=127.0.0.1:${port}`],
        { stdio: 'ignore' });
    const ended = once(child, 'close');
    const stop = async () => {
        child.kill();
        await ended;
    };
    const read = async () => {
        const response = await fetch(`http://127.0.0.1:${port}/metrics`);
        const all = parseExposition(await response.text());
        all.samples.forEach(({ name }, key) => name.startsWith('node_') || all.samples.delete(key));
        return all;
    };
    try {
        await until('node_exporter', () => read().then(() => true, () => null));
    } catch (error) {
        await stop();
        throw error;
    }
    return { read, stop };
}

/** As 1.5 names it: node_network_info has no label adminstate yet. */
const nameInExporter = ({ name, labels: { adminstate, ...labels } }) => nameOf({ name, labels });

/** What tachod shows as of a tick after this moment. */
async function nextNow(daemon) {
    const { seq } = await json(daemon, '/v1/info');

    return until('a tick', async () => {
        const now = await json(daemon, '/v1/now?name=node_*');
        return now.seq > seq ? new Map(now.series.map((each) => [nameInExporter(each), each])) : null;
    });
}

describe('beside node_exporter', { skip }, () => {
    let daemon, exporter, kinds;
    /** By series: the rounds in which both had it, and those in which they agreed. */
    const seen = new Map();

    /** Reads the exporter, tachod, the exporter. */
    async function round(pause_ms) {
        const first = await exporter.read();
        if (pause_ms)
            await sleep(pause_ms);
        const now = await nextNow(daemon);
        const last = await exporter.read();

        for (const [name, { value }] of now) {
            if (PASSING.test(name) || OWN_COLLECTORS.test(name))
                continue;
            const [a, b] = [first, last].map(({ samples }) => samples.get(name)?.value);
            const count = seen.get(name) ?? { both: 0, agreed: 0, text: '' };
            if (a !== undefined && b !== undefined && value !== null) {
                count.both++;
                const slack = LOOSE.find(([pattern]) => pattern.test(name))?.[1](value) ?? 0;
                count.agreed += isBetween(value, Math.min(a, b) - slack, Math.max(a, b) + slack);
                count.text = `${a} … ${value} … ${b}`;
            }
            seen.set(name, count);
        }
        for (const name of last.samples.keys())
            seen.has(name) || seen.set(name, { both: 0, agreed: 0, text: 'only the exporter' });
        kinds = last.kind;
    }

    before(async () => {
        daemon = await start(['-c', configFile({ collectors: { interrupts: true, softirqs: true } }),
            '-i', '200ms']);
        exporter = await startExporter();
        await until('ready', async () => (await json(daemon, '/v1/info')).seq > 5 || null);
        for (let i = 0; i < 20; i++)
            await round(0);
        /* Series of a longer interval are as old as that: their next value lies between. */
        await round(12000);
    });
    after(async () => {
        await exporter?.stop();
        await daemon?.stop();
    });

    test('has every series of the exporter', () => {
        const missing = [...seen].filter(([name, { both }]) => both === 0 &&
            !isListed(ONLY_EXPORTER, name) && !isListed(ONLY_TACHOD, name)).map(([name]) => name);
        assert.deepEqual(missing, []);
        assert.ok([...seen.values()].filter(({ both }) => both > 0).length > 150);
    });

    test('and its values', () => {
        /* A gauge may go up and down between two reads: it has to agree once. */
        const differing = [...seen].filter(([, { both, agreed }]) => both > 0 && agreed === 0)
            .map(([name, { text }]) => `${name}: ${text}`);
        assert.deepEqual(differing, []);
    });

    test('counters lie between two reads every time', async () => {
        const { series } = await json(daemon, '/v1/catalog?name=node_*');
        const counters = series.filter(({ cumulative, interval_ms }) => cumulative &&
            interval_ms <= 200).map(nameInExporter)
            .filter((name) => seen.has(name)); /* else it has come since the last round */
        const differing = counters.filter((name) => {
            const { both, agreed } = seen.get(name);
            return agreed < both;
        }).map((name) => `${name}: ${seen.get(name).text}`);

        assert.ok(counters.length > 50);
        assert.deepEqual(differing, []);
    });

    test('and its kinds', async () => {
        const { series } = await json(daemon, '/v1/catalog?name=node_*');
        const differing = series.filter(({ name, kind }) => kinds.has(name) &&
            kinds.get(name) !== kind).map(({ name, kind }) => `${name}: ${kind}`);
        assert.deepEqual([...new Set(differing)], []);
    });
});
