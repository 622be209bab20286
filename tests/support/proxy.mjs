// A proxy before a daemon, for what a browser does not tell of its requests.

import http from 'node:http';
import { once } from 'node:events';

/** What is asked of a daemon by way of it; made by proxy(). */
export class Proxy {
    #server;
    /** The path of each request, with its query. */
    paths = [];
    /**
     * Answers in the daemon's place, where it answers at all.
     * @type {?function(string, http.ServerResponse): boolean} true if it has
     */
    instead = null;

    constructor(daemon) {
        this.#server = http.createServer((request, response) => {
            this.paths.push(request.url);
            if (this.instead?.(request.url, response))
                return;
            const { method, url: path, headers } = request;
            const asked = http.request({ host: '127.0.0.1', port: daemon.port, path, method,
                headers, agent: false }, (answer) => {
                response.writeHead(answer.statusCode, answer.headers);
                answer.pipe(response);
                answer.on('error', () => response.destroy());
            });
            asked.on('error', () => response.destroy());
            response.on('close', () => asked.destroy());
            asked.end();
        });
    }

    async listen() {
        this.#server.listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        this.url = `http://127.0.0.1:${this.#server.address().port}/`;
        return this;
    }

    /** How often this was asked for. */
    count(start) {
        return this.paths.filter((path) => path.startsWith(start)).length;
    }

    close() {
        this.#server.closeAllConnections();
        this.#server.close();
    }
}

/**
 * @param {{port: number}} daemon
 * @returns {Promise<Proxy>}
 */
export function proxy(daemon) {
    return new Proxy(daemon).listen();
}
