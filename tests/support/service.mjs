// A service beside the daemon, as tests/e2e/apps/ has them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from './wait.mjs';

const LISTENING = /listening on (http:\/\/\S+\/)/;

const running = new Set();
process.on('exit', () => {
    for (const child of running)
        child.kill('SIGKILL');
});

/** One process; made by startService(). */
export class Service {
    /** Where it listens. */
    url = '';

    constructor(child) {
        this.child = child;
        this.exited = once(child, 'exit').then(() => running.delete(child));
    }

    /** The answer to a request, read to its end. */
    async get(path) {
        const response = await fetch(new URL(path, this.url));
        await response.arrayBuffer();
        return response.status;
    }

    /** Ends it at once, as a crash would. */
    async kill() {
        this.child.kill('SIGKILL');
        await this.exited;
    }
}

/**
 * Starts a service and waits until it says where it listens.
 * @param {URL} script
 * @param {(string | number)[]} args
 * @returns {Promise<Service>}
 */
export async function startService(script, args) {
    const child = spawn(process.execPath, [script.pathname, ...args.map(String)],
        { stdio: ['ignore', 'pipe', 'inherit'] });
    const service = new Service(child);
    running.add(child);
    let text = '';
    await within(`${script.pathname} to listen`, new Promise((resolve, reject) => {
        child.stdout.setEncoding('utf8').on('data', (part) => {
            text += part;
            service.url = LISTENING.exec(text)?.[1] ?? '';
            if (service.url)
                resolve();
        });
        child.on('exit', (code) => reject(new Error(`it ended with ${code}`)));
    }));
    return service;
}
