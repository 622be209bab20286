// What a page costs a browser: the processes' CPU and memory from procfs, the scripts' heap.

import { readFileSync } from 'node:fs';

import { Target } from './browser_target.mjs';

/** In clock ticks a second, as every Linux has it. */
const USER_HZ = 100;
/** A renderer that has used less has never shown anything: Chromium keeps one in reserve. */
const IDLE_S = 0.05;

/** utime and stime of proc_pid_stat(5). */
function cpuSeconds(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

function privateKib(pid) {
    return [...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
        .matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)]
        .reduce((sum, [, kib]) => sum + Number(kib), 0);
}

/** The browser's own window is drawn by a renderer too. */
const isWindow = (pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--top-chrome-webui');

/**
 * CPU time so far and private memory. A SharedWorker's process, if it has one of its own, is among
 * the renderers; so there is to be one page in the browser.
 * @param {import('playwright-core').Browser} browser
 * @returns {Promise<Object<'renderer' | 'gpu' | 'rest', {cpu_s: number, private_kib: number,
 *     processes: number}>>}
 */
export async function usage(browser) {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const sums = {};

    await session.detach();
    for (const kind of ['renderer', 'gpu', 'rest'])
        sums[kind] = { cpu_s: 0, private_kib: 0, processes: 0 };
    for (const { type, id } of processInfo) {
        const isRenderer = type === 'renderer' && !isWindow(id);
        const cpu_s = cpuSeconds(id);
        if (isRenderer && cpu_s < IDLE_S)
            continue;
        const sum = sums[isRenderer ? 'renderer' : type === 'GPU' ? 'gpu' : 'rest'];
        sum.cpu_s += cpu_s;
        sum.private_kib += privateKib(id);
        sum.processes++;
    }
    return sums;
}

/** What is in use after the garbage has gone: also what scripts hold outside of their heap. */
async function heapBytes(target) {
    await target.send('HeapProfiler.enable');
    /* What is found to be unreachable may hold more that is found so the next time. */
    for (let i = 0; i < 3; i++)
        await target.send('HeapProfiler.collectGarbage');
    const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } =
        await target.send('Runtime.getHeapUsage');
    await target.send('HeapProfiler.disable');
    return usedSize + embedderHeapUsedSize + backingStorageSize;
}

/**
 * The heaps of a page and of its SharedWorkers in bytes, and its nodes.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<{heap_bytes: number, worker_bytes: number, nodes: number,
 *     listeners: number}>}
 */
export async function heap(page) {
    const session = await page.context().newCDPSession(page);
    const browser = await page.context().browser().newBrowserCDPSession();
    const { targetInfos } = await browser.send('Target.getTargets');
    let worker_bytes = 0;

    for (const { type, targetId } of targetInfos) {
        if (type === 'shared_worker')
            worker_bytes += await heapBytes(await new Target(browser).attach(targetId));
    }
    const heap_bytes = await heapBytes(session);
    const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
    await Promise.all([session.detach(), browser.detach()]);
    return { heap_bytes, worker_bytes, nodes, listeners: jsEventListeners };
}
