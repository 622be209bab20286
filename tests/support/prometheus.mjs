// Debian's Prometheus, which scrapes what it is told to: on the loopback interface alone, with its
// data in a temporary folder.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { freePort } from './ports.mjs';
import { until } from './wait.mjs';

/**
 * @typedef {{job: string, instance: string, labels?: Object<string, string>}} Target asked for
 *     /metrics every second; instance: HOST:PORT
 */

/** JSON is YAML. @param {Target[]} targets */
const configuration = (targets) => JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: targets.map(({ job, instance, labels = {} }) =>
        ({ job_name: job, static_configs: [{ targets: [instance], labels }] })),
});

/**
 * Starts it without targets and waits until it is ready.
 * @param {string} program
 * @returns {Promise<{pid: number, url: string, scrape: (targets: Target[]) => Promise<void>,
 *     query: (text: string) => Promise<{metric: Object<string, string>, value: number}[]>,
 *     stop: () => Promise<void>}>}
 */
export async function startPrometheus(program) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-prometheus-'));
    const file = path.join(folder, 'prometheus.yml');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;

    writeFileSync(file, configuration([]));
    const child = spawn(program, [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`, '--log.level=error', '--web.enable-lifecycle'],
        { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const kill = () => child.kill('SIGKILL');
    process.on('exit', kill);
    const stop = async () => {
        kill();
        await ended;
        process.off('exit', kill);
        rmSync(folder, { recursive: true, force: true });
    };
    const scrape = async (targets) => {
        writeFileSync(file, configuration(targets));
        const { ok, status } = await fetch(`${url}-/reload`, { method: 'POST' });
        if (!ok)
            throw new Error(`Prometheus took no configuration: ${status}`);
    };
    const query = async (text) => {
        const response = await fetch(`${url}api/v1/query?query=${encodeURIComponent(text)}`);
        const { data } = await response.json();
        return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    };
    try {
        await until('Prometheus', () => (child.exitCode === null ? fetch(`${url}-/ready`)
            .then(({ ok }) => ok || null, () => null) : Promise.reject(new Error('Prometheus ended'))));
    } catch (error) {
        await stop();
        throw error;
    }
    return { pid: child.pid, url, scrape, query, stop };
}
