// What it costs to read what an application says (exposition.c), beside Debian's Prometheus
// (TACHO_PROMETHEUS: its program), which scrapes the same text every second for TACHO_EXPOSITION
// seconds (20). Prometheus also fetches it and keeps the samples in its head: what it takes is all
// of its process, less what it takes when it scrapes nothing.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

import { startPrometheus } from '../support/prometheus.mjs';
import { cpuSeconds } from '../support/usage.mjs';
import { sleep, until } from '../support/wait.mjs';
import { judge } from './stream_report.mjs';

const seconds = Number(process.env.TACHO_EXPOSITION ?? 20);
const IDLE_SECONDS = 5;
/** 200 MB/s. */
const NS_A_BYTE_MAX = 5;

const say = (name, ns, { bytes, samples }) =>
    console.log(`${name}: ${(1e3 * bytes / ns).toFixed(0)} MB/s, ${(ns / samples).toFixed(0)} ns a sample`);

async function serve(text) {
    let asked = 0;
    const server = http.createServer((request, response) => {
        asked++;
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
        response.end(text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { target: `127.0.0.1:${server.address().port}`, asked: () => asked,
        stop: () => new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
        }) };
}

/** Processor time a second. */
async function observe(pid, span) {
    const before = { cpu: cpuSeconds(pid), at: performance.now() };
    await sleep(span * 1000);
    return (cpuSeconds(pid) - before.cpu) / ((performance.now() - before.at) / 1000);
}

/** What a scrape of the text costs Prometheus, in nanoseconds. */
async function measurePrometheus(program, text, samples) {
    const server = await serve(text);
    const prometheus = await startPrometheus(program);
    try {
        await sleep(2000);
        const idle = await observe(prometheus.pid, IDLE_SECONDS);
        await prometheus.scrape([{ job: 'job', instance: server.target }]);
        await until('as many samples as are ours', async () =>
            (await prometheus.query('scrape_samples_scraped'))[0]?.value === samples || null);
        await sleep(2000); /* its series are made */
        const asked = server.asked();
        const busy = await observe(prometheus.pid, seconds);
        const scrapes = (server.asked() - asked) / seconds;
        console.log(`prometheus takes ${(100 * busy).toFixed(1)} % of a core at ${scrapes.toFixed(2)} ` +
            `scrapes/s, ${(100 * idle).toFixed(1)} % without a target`);
        return 1e9 * (busy - idle) / scrapes;
    } finally {
        await prometheus.stop();
        await server.stop();
    }
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-exposition-'));
try {
    const file = path.join(folder, 'text');
    const own = JSON.parse(execFileSync(path.join(process.env.TACHO_BENCHES, 'exposition'), [file], { encoding: 'utf8' }));
    console.log(`${own.bytes} bytes, ${own.samples} samples, ${own.labels} labels`);
    say('tachod, series known', own.ns, own);
    say('tachod, series new and described', own.first_ns, own);
    judge('known', own.ns / own.bytes, NS_A_BYTE_MAX, 'ns a byte', 2);
    if (process.env.TACHO_PROMETHEUS) {
        const its = await measurePrometheus(process.env.TACHO_PROMETHEUS, readFileSync(file), own.samples);
        say('prometheus, a whole scrape of the same', its, own);
        console.log(`in one run: reading takes ${(own.ns / its).toFixed(3)} of a scrape by prometheus`);
    }
} finally {
    rmSync(folder, { recursive: true, force: true });
}
