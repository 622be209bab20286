// Starts the real daemon for a test and ends it again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LISTENING = /listening on (http:\/\/\S+:(\d+)\/)/;
/** What a service manager would say to a daemon must not reach the one under test. */
const NOT_INHERITED = ['STATE_DIRECTORY', 'CONFIGURATION_DIRECTORY', 'NOTIFY_SOCKET',
    'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'WATCHDOG_USEC', 'WATCHDOG_PID'];

/** What a sanitizer writes when it has found something. */
const COMPLAINT = /AddressSanitizer|LeakSanitizer|ThreadSanitizer|MemorySanitizer|runtime error/;

const running = new Set();

/** Where programs that end by themselves would keep their data: not where this user's daemon does. */
export const stateHome = mkdtempSync(path.join(os.tmpdir(), 'tachod-test-'));

/** A configuration file with these keys, for -c; it is there until the test's process ends. */
export function configFile(document) {
    const file = path.join(mkdtempSync(path.join(stateHome, 'config-')), 'tachod.json');

    writeFileSync(file, JSON.stringify(document));
    return file;
}

process.on('exit', () => {
    for (const daemon of running)
        daemon.end();
    rmSync(stateHome, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => process.exit(1));

/** One daemon; made by start(). */
export class Tachod {
    #stateDir;
    #stderr = '';
    #killed = false;
    /** The first address that it listens on, and that one's port. */
    url = '';
    port = 0;

    constructor(child, stateDir) {
        this.child = child;
        this.pid = child.pid;
        this.#stateDir = stateDir;
        this.exited = once(child, 'close').then(([code, signal]) => {
            this.#clean();
            return { code, signal };
        });
        this.exited.catch(() => {});
        child.stderr.setEncoding('utf8');
        child.stderr.on('data', (text) => {
            this.#stderr += text;
        });
    }

    /** All that it has logged. */
    get stderr() {
        return this.#stderr;
    }

    get alive() {
        return this.child.exitCode === null && this.child.signalCode === null;
    }

    /**
     * Waits for a text in its log.
     * @param {RegExp} pattern
     * @param {number} [timeout_ms]
     * @returns {Promise<RegExpMatchArray>}
     */
    async logged(pattern, timeout_ms = 10000) {
        for (const end = Date.now() + timeout_ms; Date.now() < end; await sleep(10)) {
            const match = this.#stderr.match(pattern);
            if (match)
                return match;
            if (!this.alive)
                throw new Error(`tachod ended (${this.child.exitCode ?? this.child.signalCode}) ` +
                    `before it logged ${pattern}:\n${this.#stderr}`);
        }
        throw new Error(`tachod did not log ${pattern} within ${timeout_ms} ms:\n${this.#stderr}`);
    }

    /**
     * Asks it to end, as systemd would. It has to end with status 0 and without a sanitizer's
     * complaint; one that ended before, by itself, has failed.
     * @param {number} [timeout_ms] more is a failure, and ends it all the same
     * @param {NodeJS.Signals} [signal]
     * @returns {Promise<{code: ?number, signal: ?string}>}
     */
    async stop(timeout_ms = 10000, signal = 'SIGTERM') {
        if (this.alive) {
            /* Not after it: the leak sanitizer stops the process at its end, which this undoes. */
            this.child.kill('SIGCONT');
            this.child.kill(signal);
        }
        const late = Symbol('late');
        const result = await Promise.race([this.exited, sleep(timeout_ms, late, { ref: false })]);
        if (result === late) {
            await this.kill();
            throw new Error(`tachod did not end within ${timeout_ms} ms of ${signal}:\n` +
                this.#stderr);
        }
        if (!this.#killed && (result.code !== 0 || COMPLAINT.test(this.#stderr)))
            throw new Error(`tachod ended badly (${result.code ?? result.signal}):\n` +
                this.#stderr);
        return result;
    }

    /** kill -9. */
    async kill() {
        this.#killed = true;
        this.child.kill('SIGKILL');
        return this.exited;
    }

    /** Stops its clock, so to speak: it is there and does nothing. */
    freeze() {
        this.child.kill('SIGSTOP');
    }

    thaw() {
        this.child.kill('SIGCONT');
    }

    /** At once, for the end of the test's process. */
    end() {
        this.child.kill('SIGKILL');
        this.#clean();
    }

    #clean() {
        running.delete(this);
        rmSync(this.#stateDir, { recursive: true, force: true });
    }
}

function program() {
    if (!process.env.TACHOD)
        throw new Error('TACHOD must name the program under test, as build/daemon/tachod');
    return path.resolve(process.env.TACHOD);
}

/** By how much a bound of time is stretched: sanitizers slow the program down. */
export function slowness() {
    return /__(asan|tsan|msan)_init/.test(readFileSync(program(), 'latin1')) ? 10 : 1;
}

/**
 * The program with sockets that systemd hands over, as a command: see hand_over.py.
 * @param {string[]} sockets
 */
function commandWith(sockets) {
    const helper = path.join(path.dirname(fileURLToPath(import.meta.url)), 'hand_over.py');
    return sockets.length ? ['python3', helper, ...sockets, '--', program()] : [program()];
}

/** This process's environment without what is not for the daemon under test. */
function environment(more) {
    const inherited = { ...process.env };
    for (const name of NOT_INHERITED)
        delete inherited[name];
    return { ...inherited, ...more };
}

/**
 * Runs the program with these arguments alone until it ends by itself.
 * @param {string[]} args
 * @param {number} [timeout_ms]
 * @param {string[]} [sockets] that it is handed
 * @returns {Promise<{code: ?number, stdout: string, stderr: string}>}
 */
export async function run(args, timeout_ms = 20000, sockets = []) {
    const [command, ...before] = commandWith(sockets);
    const child = spawn(command, [...before, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'], timeout: timeout_ms,
        killSignal: 'SIGKILL', env: environment({ XDG_STATE_HOME: stateHome }) });
    let stdout = '', stderr = '';

    child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
    const [code] = await once(child, 'close');
    if (COMPLAINT.test(stderr))
        throw new Error(`tachod ${args.join(' ')}:\n${stderr}`);
    return { code, stdout, stderr };
}

/**
 * Starts the program that TACHOD names, on a free port of 127.0.0.1 and with a data directory of
 * its own, and waits until it listens.
 * @param {string[]} [args] an -l among them, or a -c, replaces the free port
 * @param {{port?: number, env?: Object<string, string>, timeout_ms?: number, sockets?: string[],
 *     prefix?: string[]}} [options] sockets that it is handed replace the free port too; prefix: a
 *     command that becomes the program, as nsenter does
 * @returns {Promise<Tachod>}
 */
export async function start(args = [], { port = 0, env = {}, timeout_ms = 10000,
    sockets = [], prefix = [] } = {}) {
    const stateDir = mkdtempSync(path.join(os.tmpdir(), 'tachod-test-'));
    const listen = args.includes('-l') || args.includes('-c') || sockets.length ? [] :
        ['-l', `127.0.0.1:${port}`];
    /* Else it would read this machine's own. */
    const config = args.includes('-c') ? [] : ['-c', '/dev/null'];
    const [command, ...before] = [...prefix, ...commandWith(sockets)];
    const child = spawn(command, [...before, ...listen, ...config, ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: environment({ XDG_STATE_HOME: stateDir, ...env }),
    });
    const daemon = new Tachod(child, stateDir);
    running.add(daemon);
    try {
        [, daemon.url, daemon.port] = await daemon.logged(LISTENING, timeout_ms);
        daemon.port = Number(daemon.port);
    } catch (error) {
        daemon.end();
        throw error;
    }
    return daemon;
}

/**
 * As start(), for one test: it is stopped, and has to end well, when the test is over.
 * @param {import('node:test').TestContext} t
 * @param {string[]} [args]
 * @returns {Promise<Tachod>}
 */
export async function startFor(t, args = []) {
    const daemon = await start(args);

    t.after(() => daemon.stop());
    return daemon;
}
