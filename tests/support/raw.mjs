// Sockets without an HTTP library: for what no HTTP library would send.

import net from 'node:net';

import { sleep } from './wait.mjs';

/**
 * @typedef {Object} Reply
 * @property {Buffer} bytes all that came
 * @property {boolean} closed the daemon closed the connection (or reset it)
 * @property {?number} status of the first answer, if there is one
 * @property {string} head its status line and headers
 * @property {string} body what follows them
 */

/**
 * @param {{port: number}} daemon
 * @param {net.NetConnectOpts} [options]
 * @returns {Promise<net.Socket>} connected; it is paused if options say so
 */
export function connect(daemon, options = {}) {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ host: '127.0.0.1', port: daemon.port, allowHalfOpen: true,
            ...options });
        if (options.paused)
            socket.pause();
        socket.once('error', reject);
        socket.once('connect', () => {
            socket.off('error', reject);
            socket.on('error', () => {});
            resolve(socket);
        });
    });
}

/** @returns {Reply} */
function replyOf(bytes, closed) {
    const text = bytes.toString('latin1');
    const split = text.indexOf('\r\n\r\n');
    const status = text.match(/^HTTP\/1\.[01] (\d{3}) /);

    return { bytes, closed, status: status && Number(status[1]),
        head: split < 0 ? text : text.slice(0, split),
        body: split < 0 ? '' : bytes.subarray(split + 4).toString() };
}

/**
 * Sends bytes as they are and takes what comes until the daemon closes or the time is over.
 * @param {{port: number}} daemon
 * @param {Buffer | string | (Buffer | string)[]} bytes several: with a pause between
 * @param {{timeout_ms?: number, half_close?: boolean, pause_ms?: number}} [options] half_close
 *     ends the sending side after the last byte
 * @returns {Promise<Reply>}
 */
export async function exchange(daemon, bytes, { timeout_ms = 20000, half_close = false,
    pause_ms = 20 } = {}) {
    const socket = await connect(daemon);
    const parts = [];
    const closed = new Promise((resolve) => {
        socket.on('data', (part) => parts.push(part));
        socket.on('end', () => resolve(true));
        socket.on('close', () => resolve(true));
    });

    for (const part of Array.isArray(bytes) ? bytes : [bytes]) {
        if (parts.length || socket.destroyed)
            break;
        socket.write(part);
        if (Array.isArray(bytes))
            await sleep(pause_ms);
    }
    if (half_close)
        socket.end();
    const controller = new AbortController();
    const late = sleep(timeout_ms, false, { signal: controller.signal }).catch(() => false);
    const result = await Promise.race([closed, late]);
    controller.abort();
    socket.destroy();
    return replyOf(Buffer.concat(parts), result);
}
