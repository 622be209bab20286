// Runs the programs of this folder that stream: the load, which reads a server with many clients,
// and the floor, which serves them with next to nothing. Beside a load, what it makes a server use.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';

import { ask } from '../support/http.mjs';
import { field, privateKib } from '../support/usage.mjs';
import { within } from '../support/wait.mjs';

/** Not the interval of ticks. */
const ASK_EVERY_MS = 910;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Its output is read by lines; it dies with this one. */
function run(name, args, timeout_ms = 0) {
    const child = spawn(path.join(process.env.TACHO_BENCHES, name), args.map(String),
        { stdio: ['ignore', 'pipe', 'inherit'], timeout: timeout_ms, killSignal: 'SIGKILL' });
    children.add(child);
    const ended = once(child, 'close').finally(() => children.delete(child));
    return { child, ended, lines: readline.createInterface({ input: child.stdout }) };
}

/** The floor server with events of so many bytes. */
export async function startFloor(bytes) {
    const { child, ended, lines } = run('stream_floor', [bytes]);
    const [port] = await within('the floor server', once(lines, 'line'), 5000);
    return { port: Number(port), pid: child.pid, stop: () => child.kill() && ended };
}

/** What the kernel keeps for all sockets of this machine, and in its slabs. */
const kernelBytes = () => ({
    buffers: 4096 * Number(readFileSync('/proc/net/sockstat', 'utf8').match(/^TCP:.* mem (\d+)/m)[1]),
    slabs: 1024 * field('/proc/meminfo', 'Slab'),
});

/**
 * Reads a server with so many clients.
 * @param {{port: number, pid: number}} server
 * @param {{clients: number, ticks: number, target: string, words?: string[],
 *     onReady?: () => void}} options words: probe, gzip
 * @returns {Promise<object>} what stream.c prints, when it began and ended, and by how much the
 *     server's memory and the kernel's grew, both ends of the connections together
 */
export async function load(server, { clients, ticks, target, words = [], onReady = () => {} }) {
    const before = { own: 1024 * privateKib(server.pid), ...kernelBytes() };
    const args = [...(words.includes('probe') ? [] : ['noprobe']),
        ...(words.includes('gzip') ? ['gzip'] : [])];
    const { ended, lines } = run('stream',
        [server.port, server.pid, clients, ticks, target, ...args], 1000 * (ticks + 180));
    const seen = {};
    lines.on('line', (line) => {
        if (line !== 'ready') {
            Object.assign(seen, JSON.parse(line), { end_ms: Date.now() });
            return;
        }
        const after = kernelBytes();
        seen.begin_ms = Date.now();
        seen.memory = { own: 1024 * privateKib(server.pid) - before.own,
            buffers: after.buffers - before.buffers, slabs: after.slabs - before.slabs };
        onReady();
    });
    const [code] = await ended;
    if (code !== 0)
        throw new Error(`the load of ${clients} clients ended with ${code}`);
    return seen;
}

/** CPU us for each event beyond those of the first client, whose sampling and encoding all share. */
export const costOf = (seen, first) =>
    (seen.cpu_us - first.cpu_us) / (seen.events - first.events);

/** System calls of a process in the next seconds, or null where perf cannot count them. */
export function countCalls(pid, seconds) {
    return promisify(execFile)('perf', ['stat', '-x,', '-e', 'raw_syscalls:sys_enter', '-p',
        String(pid), 'sleep', String(seconds)], { timeout: 1000 * (seconds + 10) })
        .then(({ stderr }) => Number(stderr.match(/^(\d+),,raw_syscalls:sys_enter/m)?.[1] ?? NaN))
        .then((calls) => (Number.isNaN(calls) ? null : calls), () => null);
}

/**
 * Asks for a path about once a second, at all distances from a tick, until told to stop.
 * @returns {() => {ms: number[], bytes: number}} that stops it: the delays until the whole answer
 *     was there, and the size of the last
 */
export function askEverySecond(server, target) {
    const seen = { ms: [], bytes: 0 };
    const askOnce = async () => {
        const start = performance.now();
        const { status, body } = await ask(server, target);
        if (status !== 200)
            throw new Error(`${target} was answered with ${status}: ${body}`);
        seen.ms.push(performance.now() - start);
        seen.bytes = body.length;
    };
    askOnce();
    const timer = setInterval(askOnce, ASK_EVERY_MS);
    return () => {
        clearInterval(timer);
        return seen;
    };
}
