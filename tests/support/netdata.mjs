// Debian's Netdata with only its proc plugin, to measure beside tachod: every second, in memory,
// without health checks, learning, StatsD, cloud or statistics of itself.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { until } from './wait.mjs';

const OFF = ['timex', 'diskspace', 'cgroups', 'tc', 'idlejitter', 'checks', 'apps', 'charts.d',
    'ebpf', 'fping', 'go.d', 'ioping', 'node.d', 'perf', 'python.d', 'slabinfo', 'statsd',
    'enable running new plugins', 'netdata monitoring', 'netdata monitoring extended'];

/**
 * @param {string} root the unpacked package
 * @param {string} folder its own
 * @param {number} port
 * @param {string} web the folder of its page
 */
const configuration = (root, folder, port, web) => Object.entries({
    global: { 'run as user': os.userInfo().username },
    directories: { config: folder, 'stock config': `${root}/usr/lib/netdata/conf.d`,
        cache: `${folder}/cache`, lib: `${folder}/lib`, log: `${folder}/log`, web,
        plugins: `${root}/usr/lib/netdata/plugins.d` },
    db: { mode: 'ram', retention: 600, 'update every': 1 },
    logs: { debug: 'none', access: 'none', error: 'none' },
    ml: { enabled: 'no' },
    health: { enabled: 'no' },
    cloud: { enabled: 'no' },
    statsd: { enabled: 'no' },
    web: { 'bind to': `127.0.0.1:${port}`, 'web server threads': 1 },
    plugins: { proc: 'yes', ...Object.fromEntries(OFF.map((name) => [name, 'no'])) },
}).map(([section, keys]) => [`[${section}]`, ...Object.entries(keys)
    .map(([key, value]) => `    ${key} = ${value}`)].join('\n')).join('\n');

/**
 * Starts it and waits until it shows something.
 * @param {string} root the unpacked package netdata-core
 * @param {{port?: number, page?: string}} [options] page: the unpacked package netdata-web
 * @returns {Promise<{pid: number, url: string, stop: () => Promise<void>}>}
 */
export async function startNetdata(root, { port = 19991, page } = {}) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-netdata-'));
    const web = page ? path.join(path.resolve(page), 'usr/share/netdata/web') : folder;
    const url = `http://127.0.0.1:${port}/`;

    for (const name of ['cache', 'lib', 'log'])
        mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, 'netdata.conf'), `${configuration(root, folder, port, web)}\n`);
    const child = spawn(path.join(root, 'usr/sbin/netdata'),
        ['-D', '-c', path.join(folder, 'netdata.conf')],
        { stdio: 'ignore', env: { ...process.env, DO_NOT_TRACK: '1' } });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const stop = async () => {
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 5000).unref();
        await ended;
        rmSync(folder, { recursive: true, force: true });
    };
    try {
        await until('netdata', () => fetch(`${url}api/v1/info`).then(({ ok }) => ok || null, () => null));
    } catch (error) {
        await stop();
        throw error;
    }
    return { pid: child.pid, url, stop };
}
