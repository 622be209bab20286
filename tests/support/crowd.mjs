// A crowd of clients of the stream: those that read everything, and those that are a nuisance.
// Runs as a process of its own, in the network namespace of a test: see startCrowd(). It does what
// it is told by its parent, one thing at a time, and answers.

import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { sleep, until, within } from './wait.mjs';

/** How many join at a time. */
const WIDTH = 50;
/** So many clients share a source address: a daemon may bound how many that are. */
const ADDRESS_CLIENTS = 100;
/** The texts of so many of the latest ticks are kept, to compare what others get with them. */
const KEPT_TICKS = 64;
const REQUEST = 'GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** What is wrong with the readers, as far as it fits. */
const complaints = [];
const complain = (text) => complaints.length < 20 && complaints.push(text);
/** Texts of ticks by their ids, except for the complete ones. */
const texts = new Map();
let compared = 0, ticks = 0;

/** The same bytes as all others got, whatever they are. */
function compare(id, text) {
    const other = texts.get(id);

    if (other === undefined) {
        texts.set(id, text);
        if (texts.size > KEPT_TICKS)
            texts.delete(texts.keys().next().value);
        return true;
    }
    compared++;
    return other === text;
}

/** One that reads everything at once and expects every tick. */
class Reader {
    seq = 0;
    epoch = '';
    ended = false;
    #rest = '';

    constructor(name) {
        this.name = name;
    }

    /** Resolves with the first tick. */
    open(where) {
        return new Promise((resolve, reject) => {
            this.request = http.get({ ...where, path: '/v1/stream', agent: false }, (response) => {
                if (response.statusCode !== 200)
                    return reject(new Error(`${this.name}: ${response.statusCode}`));
                response.setEncoding('utf8');
                response.on('data', (text) => {
                    this.#take(text);
                    if (this.seq > 0)
                        resolve();
                });
                response.on('end', () => this.#end('the end of the stream'));
                response.on('error', (error) => this.#end(error.message));
                return undefined;
            });
            this.request.on('error', reject);
        });
    }

    #end(why) {
        if (!this.ended)
            complain(`${this.name} at tick ${this.seq}: ${why}`);
        this.ended = true;
    }

    #take(text) {
        const parts = (this.#rest + text).split('\n\n');

        this.#rest = parts.pop();
        parts.forEach((part) => this.#event(part));
    }

    #event(text) {
        const kind = text.match(/^(?:retry: \d+\n)?event: (\w+)\n/)?.[1];
        const [, id, epoch, seq] = text.match(/^id: (([0-9a-f]{16})-(\d+))$/m) ?? [];

        if (kind === 'hello' && this.epoch === '') {
            this.epoch = text.match(/"epoch":"(\w+)"/)[1];
        } else if (kind === 'tick' && epoch === this.epoch) {
            const isFirst = this.seq === 0;
            if (!isFirst && Number(seq) !== this.seq + 1)
                complain(`${this.name}: tick ${seq} after ${this.seq}`);
            if (!isFirst && !compare(id, text))
                complain(`${this.name}: other bytes of tick ${seq} than others got`);
            this.seq = Number(seq);
            ticks++;
        } else if (kind !== 'series') {
            complain(`${this.name} at tick ${this.seq}: ${text.slice(0, 100)}`);
        }
    }

    close() {
        this.ended = true;
        this.request.destroy();
    }
}

/** One that asks for the stream and never reads of it. */
class Idle {
    open(where) {
        return new Promise((resolve, reject) => {
            this.socket = net.connect(where, () => {
                this.socket.write(REQUEST);
                resolve();
            });
            this.socket.pause();
            this.socket.on('error', reject);
        });
    }

    close() {
        this.socket.destroy();
    }
}

/** Connects, asks and resets, again and again, about once a second. */
class Resetting {
    static rounds = 0;
    static refused = 0;
    #going = true;

    async open(where) {
        this.done = this.#go(where);
    }

    async #go(where) {
        while (this.#going) {
            const socket = net.connect(where);
            const failed = new Promise((resolve) => socket.on('error', resolve));
            socket.on('connect', () => socket.write(REQUEST));
            socket.resume();
            const error = await Promise.race([failed, sleep(1000 * Math.random())]);
            Resetting.refused += error !== undefined;
            socket.resetAndDestroy();
            Resetting.rounds++;
            await sleep(1000 * Math.random());
        }
    }

    async close() {
        this.#going = false;
        await this.done;
    }
}

/** By the name of their kind. */
const groups = new Map();
let port, next_address = 2;

const commands = {
    connect(to) {
        port = to;
    },

    /** Clients of a kind join; their addresses are no other kind's. */
    async join(name, kind, count) {
        const clients = Array.from({ length: count }, (_, i) => kind === 'idle' ? new Idle()
            : kind === 'resetting' ? new Resetting() : new Reader(`${name} ${i}`));
        const first = next_address;
        next_address += Math.ceil(count / ADDRESS_CLIENTS);
        const localAddress = (i) => `127.0.0.${first + Math.floor(i / ADDRESS_CLIENTS)}`;

        for (let i = 0; i < count; i += WIDTH)
            await within(`${name} join`, Promise.all(clients.slice(i, i + WIDTH).map((client, j) =>
                client.open({ host: '127.0.0.1', port, localAddress: localAddress(i + j) }))),
            60000);
        groups.set(name, clients);
        return Array.from({ length: next_address - first }, (_, i) => `127.0.0.${first + i}`);
    },

    /** FIN, or RST. */
    async leave(name, how) {
        const clients = groups.get(name);

        groups.delete(name);
        clients.forEach((client) => {
            client.ended = true;
            if (how === 'reset')
                client.request.socket.resetAndDestroy();
        });
        await Promise.all(clients.map((client) => how === 'reset' || client.close()));
    },

    /** Nobody listens to them any more, so what ends them is no complaint. */
    forget(name) {
        groups.get(name).forEach((client) => { client.ended = true; });
    },

    /** Waits until all of a name have a tick. */
    async have(name, seq) {
        const missing = () => groups.get(name).filter((client) => client.seq < seq);
        await until(`all ${name} have tick ${seq}`, () => missing().length === 0 ||
            complaints.length > 0, { timeout_ms: 60000 });
        return missing().map((client) => `${client.name}: ${client.seq}`);
    },

    report() {
        return { complaints, compared, ticks, rounds: Resetting.rounds,
            refused: Resetting.refused };
    },
};

async function obey({ number, name, args }) {
    try {
        process.send({ number, result: await commands[name](...args) });
    } catch (error) {
        process.send({ number, error: error.stack });
    }
}

/** What the parent has of it: a method per command above. */
class Crowd {
    #waiting = new Map();
    #number = 0;

    constructor(child) {
        this.child = child;
        child.on('message', ({ number, result, error }) => {
            const { resolve, reject } = this.#waiting.get(number);
            this.#waiting.delete(number);
            if (error)
                reject(new Error(error));
            else
                resolve(result);
        });
        child.on('exit', () => this.#waiting.forEach(({ reject }) =>
            reject(new Error('the crowd ended'))));
        for (const name of Object.keys(commands))
            this[name] = (...args) => this.#tell(name, args);
    }

    #tell(name, args) {
        const number = this.#number++;
        const answered = new Promise((resolve, reject) =>
            this.#waiting.set(number, { resolve, reject }));

        this.child.send({ number, name, args });
        return within(`the crowd: ${name}`, answered, 120000);
    }

    end() {
        this.child.kill('SIGKILL');
    }
}

/**
 * @param {import('./namespace.mjs').Namespace} namespace
 * @param {number} port where the daemon listens in there
 * @returns {Promise<Crowd>}
 */
export async function startCrowd(namespace, port) {
    const [program, ...args] = [...namespace.prefix, process.execPath,
        fileURLToPath(import.meta.url)];
    const crowd = new Crowd(spawn(program, args,
        { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));

    await crowd.connect(port);
    return crowd;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    process.on('message', obey);
    process.on('disconnect', () => process.exit());
}
