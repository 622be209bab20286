// A service of a test's own that is scraped, good or bad, and the configuration that names it.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { json } from './http.mjs';
import { until } from './wait.mjs';

async function listen(server, where) {
    server.listen(where ?? { port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address();

    return port && { port, instance: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/metrics` };
}

/**
 * An HTTP server that ends with the test.
 * @param {{after: (end: () => any) => void}} t
 * @param {http.RequestListener} handler
 * @param {string} [socketPath]
 * @returns {Promise<{server: http.Server, port: number, instance: string, url: string}>}
 */
export async function serve(t, handler, socketPath) {
    const server = http.createServer(handler);
    const place = await listen(server, socketPath && { path: socketPath });

    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    return { server, ...place };
}

/**
 * A server that is given each connection once it has read a request, or right away.
 * @param {{after: (end: () => any) => void}} t
 * @param {(socket: net.Socket) => void} handler
 * @returns {Promise<{port: number, instance: string, url: string}>}
 */
export async function serveRaw(t, handler) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
        socket.once('data', () => handler(socket));
    });

    t.after(() => {
        server.close();
        sockets.forEach((socket) => socket.destroy());
    });
    return listen(server);
}

/** A folder that is gone after the test. */
export function folderFor(t) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-scrape-'));

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/**
 * Writes a configuration with these targets.
 * @returns {string} the file's path
 */
export function configure(folder, scrape, more = {}) {
    const file = path.join(folder, 'tachod.json');

    writeFileSync(file, JSON.stringify({ ...more, scrape }));
    return file;
}

/** What /v1/info says of a target, once that is as wanted. */
export function targetOf(daemon, job, wanted = () => true, bounds) {
    let last;

    return until(`job ${job} as wanted`, async () => {
        last = (await json(daemon, '/v1/info')).scrape.find((each) => each.job === job);
        return last && wanted(last) ? last : null;
    }, bounds).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(last)}`);
    });
}
