// What an answer with all metrics costs in CPU: tachod's /metrics and /v1/now, at the series of this
// machine and, with gauges by StatsD, at 1,000, beside node_exporter (TACHO_NODE_EXPORTER) and
// Debian's Netdata (TACHO_NETDATA: its unpacked package) in the same run and in turns. What the
// daemons do meanwhile without being asked is taken off.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNetdata } from '../support/netdata.mjs';
import { freePort } from '../support/ports.mjs';
import { start } from '../support/tachod.mjs';
import { cpuSeconds } from '../support/usage.mjs';
import { until } from '../support/wait.mjs';

const SERIES = 1000;
const BUDGET_US = 150;
const ROUNDS = 7;
const OPENMETRICS = { Accept: 'application/openmetrics-text;version=1.0.0' };

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** The body's bytes. */
const get = (url, headers) => new Promise((resolve, reject) => {
    http.get(url, { agent, headers }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => (response.statusCode === 200 ? resolve(Buffer.concat(parts)) :
            reject(new Error(`${url}: ${response.statusCode}`))));
    }).on('error', reject);
});

/** @typedef {{name: string, pid: number, url: string, headers?: object, times: number}} Asked */

/** CPU microseconds of one answer. @param {Asked} asked */
async function cost({ pid, url, headers = {}, times }, idle) {
    const before = cpuSeconds(pid), at = performance.now();
    for (let i = 0; i < times; i++)
        await get(url, headers);
    const elapsed = (performance.now() - at) / 1000;
    return 1e6 * (cpuSeconds(pid) - before - idle * elapsed) / times;
}

async function idleShare(pid) {
    const before = cpuSeconds(pid);
    await sleep(5000);
    return (cpuSeconds(pid) - before) / 5;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const countSamples = (text) => text.split('\n').filter((line) => line && !line.startsWith('#')).length;

/** @param {Asked[]} list @returns {Promise<Map<string, number>>} medians by name */
async function compare(list) {
    const idle = new Map(), seen = new Map(list.map(({ name }) => [name, []]));

    for (const pid of new Set(list.map((each) => each.pid)))
        idle.set(pid, await idleShare(pid));
    for (let round = 0; round < ROUNDS; round++) {
        for (const asked of list)
            seen.get(asked.name).push(await cost(asked, idle.get(asked.pid)));
    }
    const results = new Map();
    for (const { name, url, headers, of } of list) {
        const body = await get(url, headers);
        const us = median(seen.get(name));
        results.set(name, us);
        console.log(`${name}: ${us.toFixed(0)} us of CPU, ${body.length} bytes` +
            (of === undefined ? '' : `, ${countSamples(body.toString())} samples`));
    }
    return results;
}

const asTachod = (daemon, series) => [
    { name: `tachod ${series} /metrics`, pid: daemon.pid, url: `${daemon.url}metrics`, times: 400, of: 1 },
    { name: `tachod ${series} /metrics, OpenMetrics`, pid: daemon.pid, url: `${daemon.url}metrics`,
        headers: OPENMETRICS, times: 400, of: 1 },
    { name: `tachod ${series} /metrics, gzip`, pid: daemon.pid, url: `${daemon.url}metrics`,
        headers: { 'Accept-Encoding': 'gzip' }, times: 200 },
    { name: `tachod ${series} /v1/now`, pid: daemon.pid, url: `${daemon.url}v1/now`, times: 400 },
];

async function startExporter(program) {
    const port = await freePort();
    const child = spawn(program, [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
    const url = `http://127.0.0.1:${port}/metrics`;

    await until('node_exporter', () => fetch(url).then(({ ok }) => ok || null, () => null));
    return { pid: child.pid, url, stop: () => child.kill() };
}

async function sendGauges(port, count) {
    const socket = dgram.createSocket('udp4');
    for (let i = 0; i < count; i += 20) {
        const lines = Array.from({ length: Math.min(20, count - i) },
            (_, j) => `bench.gauge:${(i + j) * 1.25}|g|#index:${i + j},kind:made`);
        await new Promise((resolve) => socket.send(lines.join('\n'), port, '127.0.0.1', resolve));
        await sleep(2);
    }
    socket.close();
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-bench-'));
const config = path.join(folder, 'tachod.json');
writeFileSync(config, JSON.stringify({ listen: ['127.0.0.1:0'], statsd: { listen: ['udp:127.0.0.1:0'] } }));
const daemon = await start(['-c', config]);
const exporter = process.env.TACHO_NODE_EXPORTER && await startExporter(process.env.TACHO_NODE_EXPORTER);
const netdata = process.env.TACHO_NETDATA && await startNetdata(process.env.TACHO_NETDATA);
await sleep(12000); /* what is sampled every 10 s is there */
const peers = [
    ...(exporter ? [{ name: 'node_exporter', pid: exporter.pid, url: exporter.url, times: 60, of: 1 }] : []),
    ...(netdata ? [{ name: 'netdata', pid: netdata.pid, times: 200, of: 1,
        url: `${netdata.url}api/v1/allmetrics?format=prometheus` }] : []),
];
const plain = await compare([...asTachod(daemon, 'plain'), ...peers]);
for (const name of ['node_exporter', 'netdata']) {
    if (plain.has(name))
        console.log(`tachod's /metrics takes ${(plain.get('tachod plain /metrics') / plain.get(name)).toFixed(3)} of ${name}'s`);
    else
        console.log(`no ${name}: not compared`);
}
exporter?.stop();
await netdata?.stop();

const info = JSON.parse(await get(`${daemon.url}v1/info`));
const before = countSamples((await get(`${daemon.url}metrics`)).toString());
await sendGauges(Number(info.statsd.listen[0].split(':').at(-1)), SERIES - before);
await sleep(3000);
const many = await compare(asTachod(daemon, 'at 1,000'));
for (const endpoint of ['/metrics', '/v1/now']) {
    const us = many.get(`tachod at 1,000 ${endpoint}`);
    console.log(`${endpoint} of 1,000 series: ${us.toFixed(0)} us of ${BUDGET_US}: ${us <= BUDGET_US ? 'kept' : 'NOT KEPT'}`);
}
await daemon.stop();
rmSync(folder, { recursive: true, force: true });
agent.destroy();
