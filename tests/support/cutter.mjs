// Between a client and a daemon, below HTTP: cuts each connection of a stream off after a while,
// anywhere in the bytes, by a close or by a reset, and keeps what both sides said first.

import { once } from 'node:events';
import net from 'node:net';

/** How long a stream may flow: from the first to the second. */
const FLOW_MS = [200, 1200];
const HEAD_BYTES = 16384;
const HEAD_END = '\r\n\r\n';

/**
 * A connection that asked for the stream.
 * @typedef {{request: string, response: string, opened_ms: number, cut: boolean}} Connection
 *     request, response: the heads as they were; cut: here, not by a side
 */

/** Made by startCutter(). */
export class Cutter {
    /** @type {Connection[]} */
    connections = [];
    /** Nothing is cut any more. */
    isCalm = false;
    #server;
    #sockets = new Set();

    constructor(server) {
        this.#server = server;
        this.port = server.address().port;
        this.url = `http://127.0.0.1:${this.port}/`;
    }

    /** Those that went on from a tick, and were answered. */
    get resumed() {
        return this.connections.filter(({ request, response }) =>
            /^last-event-id: /mi.test(request) && response.startsWith('HTTP/1.1 200 '));
    }

    /** How the answered ones were encoded: the number of each. */
    get encodings() {
        const counts = {};

        for (const { response } of this.connections) {
            const name = response.match(/^content-encoding: (\S+)\r$/mi)?.[1] ?? 'identity';
            if (response.startsWith('HTTP/1.1 200 '))
                counts[name] = (counts[name] ?? 0) + 1;
        }
        return counts;
    }

    keep(socket) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => this.#sockets.delete(socket));
    }

    async close() {
        this.#server.close();
        this.#sockets.forEach((socket) => socket.destroy());
        await once(this.#server, 'close');
    }
}

/** Without the header lines of these names, and for one answer: the next comes by another way. */
function passedOn(head, names) {
    const [request, ...lines] = head.split('\r\n');
    const left = lines.filter((line) =>
        !['connection', ...names].includes(line.split(':')[0].toLowerCase()));

    return [request, 'Connection: close', ...left].join('\r\n');
}

/** Passes one connection on until it is cut; client and daemon both see a close, or a reset. */
function pass(cutter, client, port, { drop }) {
    const connection = { request: '', response: '', opened_ms: Date.now(), cut: false };
    const daemon = net.connect(port, '127.0.0.1');
    const isHead = (text) => text.includes(HEAD_END) || text.length > HEAD_BYTES;
    let due_ms = Infinity;

    const part = () => {
        const isReset = cutter.connections.length % 2 === 0;
        for (const socket of [client, daemon])
            isReset ? socket.resetAndDestroy() : socket.destroySoon();
    };
    cutter.keep(client);
    cutter.keep(daemon);
    client.on('data', (bytes) => {
        if (isHead(connection.request))
            return daemon.write(bytes);
        connection.request += bytes.toString('latin1');
        if (!isHead(connection.request))
            return undefined;
        if (connection.request.startsWith('GET /v1/stream')) {
            due_ms = Date.now() + FLOW_MS[0] + Math.random() * (FLOW_MS[1] - FLOW_MS[0]);
            cutter.connections.push(connection);
        }
        return daemon.write(passedOn(connection.request, drop), 'latin1');
    });
    daemon.on('data', (bytes) => {
        if (!isHead(connection.response))
            connection.response += bytes.toString('latin1');
        if (cutter.isCalm || Date.now() < due_ms)
            return client.write(bytes);
        due_ms = Infinity;
        connection.cut = true;
        client.write(bytes.subarray(0, Math.floor(Math.random() * bytes.length)), part);
        return undefined;
    });
    client.on('close', () => daemon.destroy());
    daemon.on('close', () => client.destroySoon());
    /* As if nobody were there: with an answer of its own an EventSource would give up. */
    daemon.on('error', () => client.resetAndDestroy());
}

/**
 * @param {number} port the daemon's, which need not be there all the time
 * @param {{drop?: string[]}} [options] headers of requests, in lower case, that are not passed on
 * @returns {Promise<Cutter>}
 */
export async function startCutter(port, { drop = [] } = {}) {
    let cutter;
    const server = net.createServer((client) => pass(cutter, client, port, { drop }));

    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cutter = new Cutter(server);
    return cutter;
}
