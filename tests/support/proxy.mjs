// Between a browser and a daemon: what is not answered here is passed on, and counted.

import { once } from 'node:events';
import http from 'node:http';
import { gzipSync } from 'node:zlib';

/** Hop by hop, or of the connection that the proxy has itself. */
const NOT_PASSED = ['connection', 'keep-alive', 'transfer-encoding'];

/** A server on a free port of 127.0.0.1; made by startProxy(). */
export class Proxy {
    /**
     * Whole answers that were passed on: bytes of the body as they were sent, and as they would
     * be had what was sent plain been sent with gzip.
     * @type {{path: string, type: string, bytes: number, gzip_bytes: number}[]}
     */
    passed = [];
    /** The path of each request, with its query. */
    paths = [];
    /**
     * Answers in the daemon's place, where it answers at all; may be set at any time.
     * @type {?function(string, http.ServerResponse): boolean} true if it has
     */
    instead = null;
    #server;

    constructor(server) {
        this.#server = server;
        this.port = server.address().port;
        this.url = `http://127.0.0.1:${this.port}/`;
    }

    /** How often what begins like this was asked for. */
    count(start) {
        return this.paths.filter((path) => path.startsWith(start)).length;
    }

    async close() {
        this.#server.close();
        this.#server.closeAllConnections();
        await once(this.#server, 'close');
    }
}

function note(passed, path, { headers }, body) {
    const type = headers['content-type'] ?? '';
    const gzip_bytes = headers['content-encoding'] || !body.length ? body.length
        : Math.min(body.length, gzipSync(body, { level: 9 }).length);

    passed.push({ path, type, bytes: body.length, gzip_bytes });
}

/** Passes one request on, and its answer back as it comes. */
function pass(target, request, response, passed) {
    const upstream = http.request({ host: target.hostname, port: target.port, agent: false,
        path: request.url, method: request.method,
        headers: { ...request.headers, host: target.host } }, (answer) => {
        const parts = [];
        const headers = Object.entries(answer.headers)
            .filter(([name]) => !NOT_PASSED.includes(name));
        response.writeHead(answer.statusCode, Object.fromEntries(headers));
        /* A stream without an end is not kept. */
        if (!answer.headers['content-type']?.startsWith('text/event-stream'))
            answer.on('data', (part) => parts.push(part));
        answer.on('end', () => note(passed, request.url, answer, Buffer.concat(parts)));
        answer.on('error', () => response.destroy());
        answer.pipe(response);
    });

    upstream.on('error', () => response.headersSent ? response.destroy()
        : response.writeHead(502).end());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
}

/**
 * @param {string} target the daemon's address
 * @param {Object<string, (query: URLSearchParams, response: http.ServerResponse) =>
 *     void | Promise<void>>} [answers] by path, what is answered here
 * @returns {Promise<Proxy>}
 */
export async function startProxy(target, answers = {}) {
    const where = new URL(target);
    let proxy;
    const server = http.createServer(async (request, response) => {
        const { pathname, searchParams } = new URL(request.url, where);
        proxy.paths.push(request.url);
        if (proxy.instead?.(request.url, response))
            return undefined;
        if (!Object.hasOwn(answers, pathname))
            return pass(where, request, response, proxy.passed);
        try {
            await answers[pathname](searchParams, response);
        } catch (error) {
            response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error.stack));
        }
    });

    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = new Proxy(server);
    return proxy;
}
