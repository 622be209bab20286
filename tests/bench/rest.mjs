// What tachod costs at rest: CPU, private memory, threads, wake-ups and system calls over a minute
// (TACHO_REST seconds), first alone, then with one client that streams what the page does.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import http from 'node:http';
import { start } from '../support/tachod.mjs';

const seconds = Number(process.env.TACHO_REST ?? 60);

/** The number behind a key of a "Key: value" file of procfs. */
const field = (path, key) =>
    Number(readFileSync(path, 'utf8').match(new RegExp(`^${key}:\\s+(\\d+)`, 'm'))[1]);

/** CPU time of a process by the scheduler's own clock (ns), which has no 10 ms steps. */
const cpuSeconds = (pid) => readdirSync(`/proc/${pid}/task`)
    .reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);

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

async function measure(name, daemon) {
    const { pid } = daemon;
    const before = { cpu: cpuSeconds(pid), wake: wakeups(pid), at: performance.now() };
    await sleep(seconds * 1000);
    const elapsed = (performance.now() - before.at) / 1000;
    const cpu = (100 * (cpuSeconds(pid) - before.cpu)) / elapsed;
    const woken = (wakeups(pid) - before.wake) / elapsed;
    const dirty = field(`/proc/${pid}/smaps_rollup`, 'Private_Dirty');
    const info = await getJson(`${daemon.url}v1/info`);
    const ring = info.history.seconds.used_bytes / 1024;
    console.log(`${name}: ${info.series} series over ${elapsed.toFixed(0)} s: ${cpu.toFixed(3)} % of a core, ` +
        `${woken.toFixed(1)} wake-ups/s, ${readdirSync(`/proc/${pid}/task`).length} threads, ` +
        `Private_Dirty ${dirty} KiB (${Math.round(dirty - ring)} beside the ring's rows), ${countCalls(pid)}`);
}

const daemon = await start([]);
await measure('alone', daemon);
const stream = http.get(`${daemon.url}v1/stream?name=tacho_*&name=node_load*&name=node_memory_*`,
    (response) => response.resume());
stream.on('error', () => {});
await sleep(500);
await measure('one stream', daemon);
stream.destroy();
await daemon.stop();
