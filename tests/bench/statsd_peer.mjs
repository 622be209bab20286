// npm's statsd, which tachod's is compared with: started on a free port of 127.0.0.1, without a
// backend that sends anything. TACHO_STATSD names the folder that has its node_modules/.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { freeDatagramPort, freePort } from '../support/ports.mjs';
import { sleep, until } from '../support/wait.mjs';

const backend = fileURLToPath(new URL('statsd/backend.cjs', import.meta.url));

/**
 * @param {string} root the folder with node_modules/
 * @param {string[]} prefix a command that becomes the program
 */
export async function startPeer(root, prefix) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tacho-statsd-'));
    const port = await freeDatagramPort();
    const file = path.join(folder, 'config.js');
    writeFileSync(file, JSON.stringify({ servers: [{ server: './servers/udp', address: '127.0.0.1', port }],
        mgmt_port: await freePort(), mgmt_address: '127.0.0.1', flushInterval: 1000,
        deleteIdleStats: true, backends: [backend] }).replace(/^/, '(').replace(/$/, ')'));
    const stats = path.join(root, 'node_modules/statsd/stats.js');
    const [command, ...args] = [...prefix, process.execPath, stats, file];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let came = 0, flushes = 0;

    child.stdout.setEncoding('utf8').on('data', (text) => {
        for (const [line] of text.matchAll(/^\d+$/gm)) {
            came += Number(line);
            flushes++;
        }
    });
    await until('npm\'s statsd flushes', () => flushes > 0 || null);
    return {
        port, pid: child.pid,
        /** Metrics that it has counted so far. */
        async came() {
            const before = flushes;
            while (flushes < before + 2)
                await sleep(50);
            return came;
        },
        async stop() {
            child.kill('SIGKILL');
            await once(child, 'close');
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
