// A machine of its own with a real systemd: a copy of a root folder, booted by systemd-nspawn with
// a private network. Whatever happens, it ends with this process.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { until, within } from './wait.mjs';

const call = promisify(execFile);
const running = new Set();

process.on('exit', () => running.forEach((container) => container.end()));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => process.exit(1));

/**
 * Why there can be none here; false where there can.
 * @param {?string} root the folder that would be copied
 */
export function whyNoContainer(root) {
    if (!root)
        return 'no root folder with systemd';
    if (process.getuid() !== 0)
        return 'containers need root';
    const { status, stderr, error } = spawnSync('systemd-nspawn', ['--quiet', '--register=no',
        '--keep-unit', '--private-network', '--read-only', '-D', root, 'true'],
        { encoding: 'utf8', timeout: 30000 });
    return status === 0 ? false
        : `no container here: ${stderr?.trim().split('\n').at(-1) || error?.message}`;
}

/** One booted machine; made by boot(). */
export class Container {
    #folder;
    #log;

    constructor(folder, options) {
        this.#folder = folder;
        this.root = path.join(folder, 'root');
        this.#log = path.join(folder, 'console');
        const log = openSync(this.#log, 'w');
        /* Without the host's systemd, which may not be there: --register=no, --keep-unit. */
        this.child = spawn('systemd-nspawn', ['--quiet', '--directory', this.root, '--boot',
            '--register=no', '--keep-unit', '--private-network', '--console=pipe',
            '--link-journal=no', `--machine=tacho-test-${process.pid}`, ...options],
        { stdio: ['ignore', log, log] });
        closeSync(log);
        this.child.on('error', () => {});
        this.exited = once(this.child, 'close');
        this.exited.catch(() => {});
        running.add(this);
    }

    /** What its console shows. */
    get console() {
        return readFileSync(this.#log, 'utf8');
    }

    /**
     * Its first process. nspawn has another child at first, which makes that one and is still
     * outside.
     */
    async #findFirst() {
        if (this.child.exitCode !== null || !this.child.pid)
            throw new Error(`the container ended:\n${this.console}`);
        const { stdout } = await call('ps', ['-o', 'pid=', '--ppid', this.child.pid])
            .catch(() => ({ stdout: '' }));
        const space = (pid) => {
            try {
                return readlinkSync(`/proc/${pid}/ns/pid`);
            } catch {
                return null;
            }
        };
        return stdout.split(/\s+/).find((pid) => pid && space(pid) &&
            space(pid) !== space('self')) ?? null;
    }

    /** Waits until its start jobs are done. */
    async booted() {
        this.pid = await until('a first process', () => this.#findFirst());
        const up = async () =>
            /running|degraded/.test((await this.ask(['systemctl', 'is-system-running'])).stdout);
        await until('the container is up', async () => await up() || null,
            { timeout_ms: 45000, every_ms: 100 })
            .catch((error) => { throw new Error(`${error.message}\n${this.console}`); });
    }

    /**
     * Runs a command in all its namespaces, as its root.
     * @param {string[]} command
     * @returns {Promise<{code: number, stdout: string, stderr: string}>} code 0: all is well
     */
    async ask(command, { timeout_ms = 30000 } = {}) {
        const options = { timeout: timeout_ms, killSignal: 'SIGKILL', maxBuffer: 1 << 26 };
        return call('nsenter', ['-t', this.pid, '-a', '--', ...command], options)
            .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
                ({ code, signal, stdout, stderr }) => ({ code: code ?? signal, stdout, stderr }));
    }

    /** As ask(), but it has to succeed; gives what it prints. */
    async run(...command) {
        const { code, stdout, stderr } = await this.ask(command);
        if (code !== 0)
            throw new Error(`${command.join(' ')}: ${code}\n${stdout}${stderr}`);
        return stdout;
    }

    /** Starts a command in it that goes on; stop it by its handle. */
    start(...command) {
        return spawn('nsenter', ['-t', this.pid, '-a', '--', ...command], { stdio: 'ignore' });
    }

    /** The host's curl in its network; gives what it prints. */
    async curl(...args) {
        const { stdout } = await call('nsenter', ['-t', this.pid, '-n', '--', 'curl', '-sS',
            '--max-time', '20', ...args], { maxBuffer: 1 << 26 });
        return stdout;
    }

    /** Turns it off. */
    async stop() {
        this.child.kill('SIGTERM');
        try {
            await within('the container is off', this.exited, 10000);
        } finally {
            this.end();
        }
    }

    /** At once: what is in it ends with nspawn. */
    end() {
        if (!running.delete(this))
            return;
        this.child.kill('SIGKILL');
        rmSync(this.#folder, { recursive: true, force: true });
    }
}

/**
 * Boots a copy of the root folder.
 * @param {string} root
 * @param {{prepare?: (root: string) => void | Promise<void>, options?: string[]}} [how] what to put
 *     into the copy; nspawn's further options
 * @returns {Promise<Container>}
 */
export async function boot(root, { prepare = () => {}, options = [] } = {}) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-container-'));
    let container;
    try {
        await call('cp', ['-a', root, path.join(folder, 'root')]);
        await prepare(path.join(folder, 'root'));
        container = new Container(folder, options);
        await container.booted();
        return container;
    } catch (error) {
        container?.end();
        rmSync(folder, { recursive: true, force: true });
        throw error;
    }
}
