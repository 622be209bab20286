// A network of a test's own, with nothing but a loopback, where packets can be made to vanish.
// It is gone when the process that holds it is, and that one ends with the test.

import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

import { until } from './wait.mjs';

const TABLE = 'table inet tacho { chain lost { type filter hook prerouting priority 0; }; }';

/** Why there can be none here; false where there can. */
export function whyNoNamespace() {
    const { status, stderr, error } = spawnSync('unshare', ['--net', 'sh', '-c',
        `ip link set lo up && nft '${TABLE}'`], { encoding: 'utf8', timeout: 30000 });

    return status === 0 ? false : 'no network namespace with nft here: ' +
        (stderr?.trim().split('\n')[0] || error?.message || `status ${status}`);
}

/** Made by makeNamespace(). */
export class Namespace {
    constructor(holder) {
        this.holder = holder;
    }

    /** Before a command, it makes it run in here; the process stays the same. */
    get prefix() {
        return ['nsenter', `--net=/proc/${this.holder.pid}/ns/net`, '--'];
    }

    /** Runs a command in here; it has to succeed. */
    run(...command) {
        const [program, ...args] = [...this.prefix, ...command];
        const { status, stderr, error } = spawnSync(program, args,
            { encoding: 'utf8', timeout: 20000 });

        if (status !== 0)
            throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`);
    }

    /** From now on no packet from or to an address arrives. */
    lose(address) {
        for (const side of ['saddr', 'daddr'])
            this.run('nft', 'add', 'rule', 'inet', 'tacho', 'lost', 'ip', side, address, 'drop');
    }

    remove() {
        this.holder.kill('SIGKILL');
    }
}

/** @returns {Promise<Namespace>} */
export async function makeNamespace() {
    /* cat ends when nobody is left who could write to it, however this process ends. */
    const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
    const network = (pid) => readlinkSync(`/proc/${pid}/ns/net`);
    await until('a network namespace', () => network(holder.pid) !== network('self'));
    const namespace = new Namespace(holder);

    try {
        namespace.run('ip', 'link', 'set', 'lo', 'up');
        namespace.run('nft', TABLE);
    } catch (error) {
        namespace.remove();
        throw error;
    }
    return namespace;
}
