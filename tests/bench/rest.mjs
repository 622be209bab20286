// What tachod costs at rest: CPU, private memory, threads, wake-ups and system calls over a minute
// (TACHO_REST seconds), first alone, then with one client that streams what the page does, then
// beside Debian's Netdata (TACHO_NETDATA: its unpacked package), which runs its proc plugin alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import http from 'node:http';
import { startNetdata } from '../support/netdata.mjs';
import { start } from '../support/tachod.mjs';
import { cpuSeconds, field, privateKib } from '../support/usage.mjs';

const seconds = Number(process.env.TACHO_REST ?? 60);

const wakeups = (pid) => readdirSync(`/proc/${pid}/task`)
    .reduce((sum, task) => sum + field(`/proc/${pid}/task/${task}/status`, 'voluntary_ctxt_switches'), 0);

async function getJson(url) {
    const response = await fetch(url);
    return response.json();
}

/** System calls a second; strace stops the process at each, so it comes after the other figures. */
function countCalls(pid) {
    const traced = spawnSync('timeout', ['-s', 'INT', '10', 'strace', '-c', '-f', '-p', String(pid)],
        { encoding: 'utf8' });
    const calls = traced.stderr?.match(/^100\.00\s+\S+\s+\d+\s+(\d+)/m)?.[1];
    return calls === undefined ? 'no strace' : `${(Number(calls) / 10).toFixed(1)} system calls/s`;
}

/** What a process does over a while: CPU, wake-ups, threads, memory. */
async function observe(pid) {
    const before = { cpu: cpuSeconds(pid), wake: wakeups(pid), at: performance.now() };
    await sleep(seconds * 1000);
    const elapsed = (performance.now() - before.at) / 1000;
    return { cpu: (100 * (cpuSeconds(pid) - before.cpu)) / elapsed,
        woken: (wakeups(pid) - before.wake) / elapsed,
        threads: readdirSync(`/proc/${pid}/task`).length,
        dirty_kib: privateKib(pid), elapsed };
}

const describe = ({ cpu, woken, threads, dirty_kib, elapsed }, series) =>
    `${series} series over ${elapsed.toFixed(0)} s: ${cpu.toFixed(3)} % of a core, ` +
    `${(1e4 * cpu / series).toFixed(2)} us a sample, ${woken.toFixed(1)} wake-ups/s, ` +
    `${threads} threads, Private_Dirty ${dirty_kib} KiB`;

async function measure(name, daemon) {
    const seen = await observe(daemon.pid);
    const info = await getJson(`${daemon.url}v1/info`);
    const ring = info.history.seconds.used_bytes / 1024;
    console.log(`${name}: ${describe(seen, info.series)} (${Math.round(seen.dirty_kib - ring)} ` +
        `beside the ring's rows), ${countCalls(daemon.pid)}`);
    return seen;
}

/** Both at once, so that both meet the same machine. */
async function measureBeside(root, daemon) {
    const netdata = await startNetdata(root);
    try {
        await sleep(5000);
        const [own, its] = await Promise.all([observe(daemon.pid), observe(netdata.pid)]);
        const { series } = await getJson(`${daemon.url}v1/info`);
        const metrics = await (await fetch(`${netdata.url}api/v1/allmetrics?format=prometheus`)).text();
        const dimensions = metrics.split('\n').filter((line) => line && !line.startsWith('#')).length;
        console.log(`in one run: tachod:  ${describe(own, series)}`);
        console.log(`in one run: netdata: ${describe(its, dimensions)}`);
        console.log(`in one run: tachod takes ${(own.cpu / its.cpu).toFixed(2)} of netdata's CPU, ` +
            `${(own.cpu / series / (its.cpu / dimensions)).toFixed(2)} of it a series`);
    } finally {
        await netdata.stop();
    }
}

const daemon = await start([]);
await measure('alone', daemon);
const stream = http.get(`${daemon.url}v1/stream?name=tacho_*&name=node_load*&name=node_memory_*`,
    (response) => response.resume());
stream.on('error', () => {});
await sleep(500);
await measure('one stream', daemon);
stream.destroy();
if (process.env.TACHO_NETDATA)
    await measureBeside(process.env.TACHO_NETDATA, daemon);
await daemon.stop();
