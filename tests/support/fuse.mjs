// A real FUSE file system (bindfs: a folder shown at another place) whose server can be stopped,
// so that whoever asks it waits.

import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync }
    from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { until } from './wait.mjs';

const isRoot = process.getuid() === 0;
const mounted = new Set();

process.on('exit', () => mounted.forEach((mount) => mount.remove()));

/** The lines of this machine's mount table; reading it asks no file system. */
function mountLines() {
    return readFileSync('/proc/self/mountinfo', 'latin1').trim().split('\n');
}

/**
 * The mount points of this machine, in ASCII with escapes as of printf(1).
 */
export function mountPoints() {
    return mountLines()
        .map((line) => line.split(' ')[4].replace(/[\x80-\xff]/g, (byte) =>
            `\\${byte.charCodeAt(0).toString(8)}`));
}

/**
 * Takes a mount away even if something waits in it. It must not ask the file system either, and
 * so is told the mount point as the kernel writes it.
 */
function detach(place) {
    const [command, ...args] = isRoot ? ['umount', '-l', '-c', place]
        : ['fusermount3', '-u', '-z', place];
    return spawnSync(command, args, { timeout: 10000, killSignal: 'SIGKILL' });
}

/** One mount in a temporary folder. */
export class Fuse {
    /** The process that answers for the mount made last. */
    server = null;
    #former = [];

    constructor() {
        this.root = mkdtempSync(path.join(os.tmpdir(), 'tachod-fuse-'));
        this.source = path.join(this.root, 'source');
        this.place = path.join(this.root, 'place');
        mkdirSync(this.source);
        mkdirSync(this.place);
        mounted.add(this);
    }

    /** Mounts it, with a server of its own: what was there before must be detached. */
    async mount() {
        const server = spawn('bindfs', ['-f', '--no-allow-other', this.source, this.place],
            { stdio: ['ignore', 'ignore', 'pipe'] });
        let stderr = '', error = null;

        server.on('error', (why) => { error = why; });
        server.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
        this.server = server;
        await until('the mount', () => {
            if (error || server.exitCode !== null)
                throw new Error(`bindfs: ${error ?? stderr}`);
            return mountPoints().includes(this.place) || null;
        });
        return server;
    }

    /** Its line of /proc/self/mountinfo. */
    get line() {
        return mountLines().findLast((line) => line.split(' ')[4] === this.place);
    }

    /**
     * From now on nobody gets an answer. Each thread of the server has stopped: one that still runs
     * could take a request, which then not even SIGKILL ends.
     */
    freeze() {
        const tasks = `/proc/${this.server.pid}/task`;
        const runs = (task) => !/^.*\) T /s.test(readFileSync(path.join(tasks, task, 'stat'), 'latin1'));

        this.server.kill('SIGSTOP');
        for (const end = Date.now() + 5000; readdirSync(tasks).some(runs);) {
            if (Date.now() > end)
                throw new Error('bindfs does not stop');
        }
    }

    thaw() {
        this.server.kill('SIGCONT');
    }

    /**
     * Takes the mount away, as umount -l, and leaves its server as it is.
     * @returns {import('node:child_process').ChildProcess} the server, the caller's from now on
     */
    detach() {
        const { status, stderr } = detach(this.place);
        const server = this.server;

        if (status !== 0)
            throw new Error(`cannot detach ${this.place}: ${stderr}`);
        this.#former.push(server);
        return server;
    }

    /** All of it; at any time, and also when something is stuck. */
    remove() {
        if (!mounted.delete(this))
            return;
        [this.server, ...this.#former].forEach((server) => server?.kill('SIGKILL'));
        while (mountPoints().includes(this.place)) {
            if (detach(this.place).status !== 0)
                return; /* better a folder left than one asked that does not answer */
        }
        rmSync(this.root, { recursive: true, force: true });
    }
}

/** Why there can be no FUSE mounts here, or false. */
export async function noFuse() {
    try {
        accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
        const fuse = new Fuse();
        try {
            await fuse.mount();
        } finally {
            fuse.remove();
        }
        return false;
    } catch (error) {
        return `no FUSE mounts here: ${error.message.trim()}`;
    }
}
