// What the stream costs at 100 and 1,000 clients, or as many as the arguments say (all: as there are
// descriptors for), beside the floor: one send of one shared buffer to each client. Both are read by
// the same load, in turns, so that the ratio holds on a noisy machine. A turn is TACHO_STREAM ticks.
// Costs are those beyond a single client's, whose sampling and encoding all share. "everything"
// among the arguments streams all series instead of some.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

import { json } from '../support/http.mjs';
import { start } from '../support/tachod.mjs';
import { within } from '../support/wait.mjs';
import { privateKib } from '../support/usage.mjs';

const TICKS = Number(process.env.TACHO_STREAM ?? 10);
const ROUNDS = 3;
/** A server keeps some descriptors for other things than clients. */
const OTHER_DESCRIPTORS = 300;
/** http.max_connections at its most, but for those that the bench asks other things by. */
const MOST_CLIENTS = 16384 - 16;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** A program of this folder, whose output is read by lines; it dies with this one. */
function run(name, args, timeout_ms = 0) {
    const child = spawn(path.join(process.env.TACHO_BENCHES, name), args.map(String),
        { stdio: ['ignore', 'pipe', 'inherit'], timeout: timeout_ms, killSignal: 'SIGKILL' });
    children.add(child);
    const ended = once(child, 'close').finally(() => children.delete(child));
    return { child, ended, lines: readline.createInterface({ input: child.stdout }) };
}

async function startFloor(bytes) {
    const { child, ended, lines } = run('stream_floor', [bytes]);
    const [port] = await within('the floor server', once(lines, 'line'), 5000);
    return { port: Number(port), pid: child.pid, stop: () => child.kill() && ended };
}

/**
 * Reads a server with so many clients.
 * @param {{port: number, pid: number}} server
 * @param {{clients: number, target: string, probe?: boolean, onReady?: () => void}} options
 * @returns {Promise<object>} what stream.c prints
 */
async function load(server, { clients, target, probe = false, onReady = () => {} }) {
    const { ended, lines } = run('stream',
        [server.port, server.pid, clients, TICKS, target, ...(probe ? [] : ['noprobe'])],
        1000 * (TICKS + 180));
    let last = '';
    lines.on('line', (line) => {
        if (line === 'ready')
            onReady();
        last = line;
    });
    const [code] = await ended;
    if (code !== 0)
        throw new Error(`the load of ${clients} clients ended with ${code}`);
    return JSON.parse(last);
}

const delays = ({ p50, p99, max }) =>
    `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`;

function describe(name, seen, first) {
    const { events, min, max, missed, repeated, ticks } = seen;
    const counts = missed || repeated || min !== ticks || max !== ticks ?
        `min ${min}, median ${seen.median}, max ${max} of ${ticks} ticks: ${missed} missed, ${repeated} twice` :
        `every client got each of ${ticks} ticks once`;
    console.log(`  ${name}: ${costOf(seen, first).toFixed(2)} us an event ` +
        `(${(seen.cpu_us / events).toFixed(2)} with all else), ${(seen.bytes / events).toFixed(0)} bytes, ` +
        `tick to receipt ${delays(seen.delay_ms)}; ${counts}`);
    if (missed || repeated || min !== ticks || max !== ticks)
        process.exitCode = 1;
}

/** CPU us for each event beyond those of the first client. */
const costOf = (seen, first) => (seen.cpu_us - first.cpu_us) / (seen.events - first.events);

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** How long each loop held something up while the last turn was read. */
async function describeLoops(daemon) {
    const { series } = await json(daemon,
        `/v1/history?name=tacho_loop_delay_seconds&from=-${TICKS}s&step=1s&agg=max`);
    return series.map(({ labels, max }) => {
        const ms = max.filter((value) => value !== null).map((value) => 1e3 * value);
        return `loop ${labels.loop} median ${median(ms).toFixed(1)}, max ${Math.max(...ms).toFixed(1)} ms a tick`;
    }).join('; ');
}

async function measure(daemon, clients, target) {
    const first = await load(daemon, { clients: 1, target, probe: true });
    const floor = await startFloor(Math.round(first.bytes / first.events));
    const floorFirst = await load(floor, { clients: 1, target });
    const costs = { own: [], floor: [] };

    for (let round = 1; round <= ROUNDS; round++) {
        const before = privateKib(daemon.pid);
        let after = before;
        const own = await load(daemon, { clients, target, probe: true,
            onReady: () => { after = privateKib(daemon.pid); } });
        const loops = await describeLoops(daemon);
        const its = await load(floor, { clients, target });
        costs.own.push(costOf(own, first));
        costs.floor.push(costOf(its, floorFirst));
        describe('tachod', own, first);
        describe('floor ', its, floorFirst);
        /* Later rounds use what the first one's clients have given back. */
        if (round === 1)
            console.log(`  memory: ${((after - before) / clients).toFixed(2)} KiB a client`);
        console.log(`  meanwhile: GET /healthz ${delays(own.probe_ms)}, as a tick begins to arrive ` +
            `${delays(own.probe_at_tick_ms)} (the load itself looks every ${own.turn_ms.toFixed(1)} ms or sooner); ${loops}`);
    }
    console.log(`  ${(median(costs.own) / median(costs.floor)).toFixed(2)} x the floor, median of ` +
        `${ROUNDS} rounds`);
    await floor.stop();
}

/** As many as a server, and the load, have descriptors for. */
function mostClients() {
    const [, limit] = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files +\d+ +(\d+)/m);
    return Math.min(MOST_CLIENTS, Number(limit) - OTHER_DESCRIPTORS);
}

/** All clients come from one address. TACHO_THREADS: HTTP loops. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-stream-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const config = path.join(folder, 'tachod.json');
writeFileSync(config, JSON.stringify({ http: { max_connections_per_address: 16384,
    threads: Number(process.env.TACHO_THREADS ?? 1) } }));

const everything = process.argv.includes('everything');
const target = everything ? '/v1/stream' : '/v1/stream?name=node_load*&name=tacho_cpu_*';
const counts = process.argv.slice(2).filter((word) => word !== 'everything')
    .map((word) => word === 'all' ? mostClients() : Number(word));
if (!counts.every((count) => Number.isInteger(count) && count > 1)) {
    console.error('usage: stream.mjs [CLIENTS… | all] [everything], at least 2 clients');
    process.exit(2);
}
for (const clients of counts.length ? counts : [100, 1000]) {
    const daemon = await start(['-c', config, '-l', '127.0.0.1:0']);
    console.log(`${clients} clients of ${target}, ${TICKS} ticks a turn`);
    await measure(daemon, clients, target);
    await daemon.stop();
}
