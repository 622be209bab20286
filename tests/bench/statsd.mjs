// How many StatsD metrics a second tachod takes, at growing rates up to all that a sender gets out,
// from packets of 20 of 1,000 different metrics: what the kernel drops, what a metric costs the
// ingest thread, how late the ticks are meanwhile. Then npm's statsd under the same load
// (TACHO_STATSD: the folder that has it). A turn is TACHO_STATSD_SECONDS long. On a machine that has
// other things to do TACHO_REALTIME=1, as root, has the scheduler prefer both sides to them.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { json } from '../support/http.mjs';
import { start } from '../support/tachod.mjs';
import { cpuSeconds } from '../support/usage.mjs';
import { sleep } from '../support/wait.mjs';
import { startPeer } from './statsd_peer.mjs';
import { judge } from './stream_report.mjs';

const SECONDS = Number(process.env.TACHO_STATSD_SECONDS ?? 5);
const RATES = [250e3, 500e3, 1e6, 1.5e6, 2e6, 3e6, 4e6, 0];
const PEER_RATES = [25e3, 50e3, 100e3, 150e3, 200e3, 300e3];
/** Metrics a second that have to go without a drop and without a late tick, and on one core. */
const BUDGET = 1e6;
const prefix = process.env.TACHO_REALTIME ? ['chrt', '-f', '5'] : [];

async function load(port, rate) {
    const [command, ...args] = [...prefix, path.join(process.env.TACHO_BENCHES, 'statsd_load'),
        String(port), String(rate), String(SECONDS)];
    return JSON.parse((await promisify(execFile)(command, args)).stdout);
}

/** Packets that the kernel dropped because the socket of this port was full. */
function kernelDrops(port) {
    const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const lines = readFileSync('/proc/net/udp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/));
    return Number(lines.find(([, at]) => at === local).at(-1));
}

/** CPU time of one thread of a process, by its name. */
function threadSeconds(pid, name) {
    const task = readdirSync(`/proc/${pid}/task`).find((each) =>
        readFileSync(`/proc/${pid}/task/${each}/comm`, 'utf8').trim() === name);
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}

/** One turn: what was sent, what of it was lost, what the rest cost. */
async function turn(server, rate) {
    const before = { drops: kernelDrops(server.port), cpu: server.cpu(), begin_ms: Date.now() };
    const sent = await load(server.port, rate);
    await sleep(1500);
    const lost = 20 * (kernelDrops(server.port) - before.drops);
    const cpu_ns = 1e9 * (server.cpu() - before.cpu);
    const taken = sent.metrics - lost;
    return { ...sent, rate: sent.metrics / sent.seconds, lost, cpu_ns: cpu_ns / taken,
        core: taken > 0 ? cpu_ns / 1e9 / sent.seconds : 0, begin_ms: before.begin_ms, end_ms: Date.now() };
}

const million = (value) => `${(value / 1e6).toFixed(3)} M`;

function describe(name, seen, more = '') {
    console.log(`  ${name} ${million(seen.rate)} metrics/s: ${(100 * seen.lost / seen.metrics).toFixed(2)} % lost, ` +
        `${seen.cpu_ns.toFixed(0)} ns a metric, ${(100 * seen.core).toFixed(1)} % of a core${more}`);
}

/** How late the ticks of a turn were, and how many have the flag. */
async function ticks(daemon, { begin_ms, end_ms }) {
    const { series, marks } = await json(daemon, '/v1/history?name=tacho_tick_lateness_seconds' +
        `&from=${begin_ms}&to=${end_ms}&step=1s&agg=max`);
    return { lateness_ms: 1e3 * Math.max(...series[0].max),
        late: (marks ?? []).filter(({ flags }) => flags.includes('late') || flags.includes('gap_before')).length };
}

/** Up to the first turn that loses something: how much goes without. */
const lossless = (turns) => {
    const first = turns.findIndex(({ lost }) => lost > 0);
    return turns[(first < 0 ? turns.length : first) - 1]?.rate ?? 0;
};

async function measureTachod() {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tacho-statsd-'));
    const file = path.join(folder, 'tachod.json');
    writeFileSync(file, '{"listen": ["127.0.0.1:0"], "statsd": {"listen": ["udp:127.0.0.1:0"]}}');
    const daemon = await start(['-c', file], { prefix });
    const port = Number(daemon.stderr.match(/StatsD on udp:127\.0\.0\.1:(\d+)/)[1]);
    const server = { port, cpu: () => threadSeconds(daemon.pid, 'ingest') };
    const turns = [];

    try {
        /* Threads of one such priority do not take turns, as they do by default. */
        if (prefix.length)
            await promisify(execFile)('chrt', ['-f', '-p', '6', String(daemon.pid)]);
        await sleep(2500);
        for (const rate of RATES) {
            const seen = await turn(server, rate);
            const { lateness_ms, late } = await ticks(daemon, seen);
            turns.push({ ...seen, lateness_ms, late });
            describe('tachod', seen, `, ticks at most ${lateness_ms.toFixed(1)} ms late, ${late} flagged`);
        }
        const { series } = await json(daemon, '/v1/now?name=tacho_ingest_*');
        const count = (name) => series.find((each) => each.name === name).value;
        const dropped = series.filter((each) => each.name === 'tacho_ingest_dropped_total' && each.value > 0);
        console.log(`  tachod counted ${count('tacho_ingest_values_total')} metrics in ` +
            `${count('tacho_ingest_packets_total')} packets; dropped: ` +
            (dropped.map(({ labels, value }) => `${labels.reason} ${value}`).join(', ') || 'none'));
    } finally {
        await daemon.stop();
        rmSync(folder, { recursive: true, force: true });
    }
    return turns;
}

async function measurePeer(root) {
    const peer = await startPeer(root, prefix);
    const server = { port: peer.port, cpu: () => cpuSeconds(peer.pid) };
    const turns = [];

    try {
        for (const rate of PEER_RATES) {
            turns.push(await turn(server, rate));
            describe('npm statsd', turns.at(-1));
            if (turns.at(-1).lost > turns.at(-1).metrics / 2)
                break;
        }
        console.log(`  npm statsd counted ${await peer.came()} metrics`);
    } finally {
        await peer.stop();
    }
    return turns;
}

console.log(`StatsD, packets of 20 metrics, 1,000 different ones, turns of ${SECONDS} s:`);
const own = await measureTachod();
const peer = process.env.TACHO_STATSD ? await measurePeer(process.env.TACHO_STATSD) : null;
if (!peer)
    console.log('  npm\'s statsd is skipped: TACHO_STATSD does not name it');
const best = lossless(own);
console.log(`  without a drop: tachod ${million(best)} metrics/s` +
    (peer ? `, npm statsd ${million(lossless(peer))}` : ''));
judge('metrics lost at a million a second',
    own.find(({ rate }) => rate > 0.95 * BUDGET).lost, 0, 'metrics', 0);
judge('ticks flagged late or missing in turns without a drop', own.filter(({ lost }) => lost === 0)
    .reduce((sum, { late }) => sum + late, 0), 0, 'ticks', 0);
judge('core at a million metrics/s', own.find(({ rate }) => rate > 0.95 * BUDGET).core, 1, 'cores', 2);
