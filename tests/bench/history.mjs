// What a day of history costs: first the day itself, made in a data directory and read there
// (history.c), then a daemon that starts with it: how soon it answers, and what others wait for
// while a client asks for 24 h of 50 series over and over. The first argument is the directory,
// which is to be new and stays; else it is a temporary one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import http from 'node:http';

import { ask, json } from '../support/http.mjs';
import { freePort } from '../support/ports.mjs';
import { start } from '../support/tachod.mjs';
import { cpuSeconds } from '../support/usage.mjs';
import { sleep } from '../support/wait.mjs';
import { delays, judge, median, quantiles } from './stream_report.mjs';

const SECONDS = Number(process.env.TACHO_HISTORY ?? 10);
const STARTS = 5;
const ASK_EVERY_MS = 41;
const RECORDED = 1000;
const POINTS = 3000;

/** DESIGN.md, section 8. */
const START_MS_MAX = 100;
const DELAY_MS_MAX = 5;
const LOOP_MS_MAX = 2;

/** Asks until it is answered; when that was. */
async function firstAnswer(port, target) {
    for (;;) {
        try {
            const { status } = await ask({ port }, target);
            if (status === 200)
                return performance.now();
        } catch (error) {
            if (error.code !== 'ECONNREFUSED')
                throw error;
        }
        await sleep(1);
    }
}

/** For how long a process's main thread ran, and waited for a core. */
function scheduled(pid) {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return { ran_ms: ran / 1e6, waited_ms: waited / 1e6 };
}

/** Until the first answer, from before the fork; node's share of that is in it. */
async function measureStart(args, target) {
    const port = await freePort();
    const began = performance.now();
    const starting = start([...args, '-l', `127.0.0.1:${port}`]);
    const answered = await firstAnswer(port, target);
    const daemon = await starting;
    const seen = { ms: answered - began, ...scheduled(daemon.pid) };
    await daemon.stop();
    return seen;
}

/** @returns {Promise<number>} ms, less what it waited for a core: others have this machine too */
async function measureStarts(name, args, target) {
    const seen = [];

    for (let i = 0; i < STARTS; i++)
        seen.push(await measureStart(args, target));
    const of = (key) => median(seen.map((times) => times[key]));
    const own_ms = median(seen.map(({ ms, waited_ms }) => ms - waited_ms));
    console.log(`  ${name}: ${target} after ${of('ms').toFixed(1)} ms, of which it ran ` +
        `${of('ran_ms').toFixed(1)} and waited for a core ${of('waited_ms').toFixed(1)} ` +
        `(medians of ${STARTS} starts)`);
    return own_ms;
}

/** In a thread of its own: asks for the target again and again until told to stop. */
async function askOn({ port, target }) {
    const agent = new http.Agent({ keepAlive: true });
    const times_ms = [];
    let stopped = false, bytes = 0;

    parentPort.on('message', () => { stopped = true; });
    while (!stopped) {
        const began = performance.now();
        const { status, body } = await ask({ port }, target, { agent });
        if (status !== 200)
            throw new Error(`${target}: ${status} ${body}`);
        times_ms.push(performance.now() - began);
        bytes = body.length;
    }
    agent.destroy();
    parentPort.postMessage({ times_ms, bytes });
    parentPort.close();
}

/** CPU time of the threads of this name, ms. */
const threadsRan = (pid, name) => readdirSync(`/proc/${pid}/task`)
    .filter((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim() === name)
    .reduce((sum, task) => sum + scheduled(`${pid}/task/${task}`).ran_ms, 0);

/** What another client waits for meanwhile, and the loops' longest delays of each tick. */
async function measureOthers(daemon) {
    const agent = new http.Agent({ keepAlive: true });
    const begin = performance.now(), begin_ms = Date.now(), before = scheduled(daemon.pid);
    const others_ms = [];

    for (let due = begin; due < begin + 1000 * SECONDS; due += ASK_EVERY_MS) {
        await sleep(due - performance.now());
        const asked = performance.now();
        await ask(daemon, '/v1/now?name=node_load1', { agent });
        others_ms.push(performance.now() - asked);
    }
    agent.destroy();
    const after = scheduled(daemon.pid);
    await sleep(1100); /* the last tick is there */
    const { series } = await json(daemon, '/v1/history?name=tacho_loop_delay_seconds&agg=max&' +
        `step=1s&from=${begin_ms}&to=${Date.now()}`);
    const loops = Object.fromEntries(series.map(({ labels, max }) =>
        [labels.loop, max.filter((value) => value !== null).map((value) => 1e3 * value)]));
    return { others_ms, loops, ran_ms: after.ran_ms - before.ran_ms,
        waited_ms: after.waited_ms - before.waited_ms };
}

function report(name, { others_ms, loops, ran_ms, waited_ms }) {
    console.log(`  ${name}: /v1/now of one series ${delays(quantiles(others_ms))}; ` +
        `the main thread ran ${ran_ms.toFixed(0)} ms, ` +
        `and waited for a core ${waited_ms.toFixed(0)}`);
    for (const [loop, values] of Object.entries(loops))
        console.log(`    loop ${loop}, its longest delay of each tick: ` +
            delays(quantiles(values)));
}

/** Beside a client that asks for the last 24 h of so many recorded series at this step. */
async function measureBeside(daemon, count, step) {
    const names = Array.from({ length: count },
        (_, i) => `recorded_${i * Math.floor(RECORDED / count)}`);
    const to_ms = Date.now();
    const target = `/v1/history?name=${names.join(',')}&from=${to_ms - 86400000}&to=${to_ms}` +
        `&step=${step}&agg=avg&points=${POINTS}`;
    const ran_ms = () => threadsRan(daemon.pid, 'http');
    const before_ms = ran_ms(), all_before = cpuSeconds(daemon.pid);
    const worker = new Worker(new URL(import.meta.url),
        { workerData: { port: daemon.port, target } });
    const seen = await measureOthers(daemon);
    worker.postMessage('stop');
    const [{ times_ms, bytes }] = await once(worker, 'message');
    const loop_ms = (ran_ms() - before_ms) / times_ms.length;
    const all_ms = 1e3 * (cpuSeconds(daemon.pid) - all_before) / times_ms.length;

    report(`while 24 h of ${count} series are asked for at a step of ${step}`, seen);
    console.log(`    ${times_ms.length} answers of ${bytes} bytes: ` +
        `${delays(quantiles(times_ms))}; ${all_ms.toFixed(1)} ms of CPU each`);
    judge('CPU of the HTTP loop an answer', loop_ms, LOOP_MS_MAX, 'ms');
    judge('p99 of another request beside them', quantiles(seen.others_ms).p99, DELAY_MS_MAX, 'ms');
    judge("p99 of the main loop's longest delay of a tick beside them",
        quantiles(seen.loops.main).p99, DELAY_MS_MAX, 'ms');
}

async function measureDaemon(folder) {
    console.log('a daemon with that day:');
    for (const target of ['/v1/info', '/healthz']) {
        await measureStarts('without a history', ['--data', 'none'], target);
        const own_ms = await measureStarts('with it', ['--data', folder], target);
        judge(`first answer of ${target} with it, less what it waited for a core`, own_ms,
            START_MS_MAX, 'ms');
    }
    const daemon = await start(['--data', folder]);
    try {
        await sleep(3000);
        report('alone', await measureOthers(daemon));
        await measureBeside(daemon, 50, '2m');
        /* Of seconds; more values are not in one answer. */
        await measureBeside(daemon, 34, '30s');
    } finally {
        await daemon.stop();
    }
}

async function main(given) {
    const folder = given ?? path.join(mkdtempSync(path.join(os.tmpdir(), 'tacho-bench-')), 'day');

    try {
        const making = spawn(path.join(process.env.TACHO_BENCHES, 'history'),
            ['../shared/fixtures/recording.bin.xz', folder], { stdio: 'inherit' });
        const [code] = await once(making, 'close');
        if (code !== 0)
            throw new Error(`making the day ended with ${code}`);
        await measureDaemon(folder);
    } finally {
        if (!given)
            rmSync(path.dirname(folder), { recursive: true, force: true });
    }
}

if (isMainThread)
    await main(process.argv[2]);
else
    await askOn(workerData);
