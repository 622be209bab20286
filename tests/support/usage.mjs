// What a process uses, as the kernel accounts for it.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** The number behind a key of a "Key: value" file of procfs. */
export const field = (path, key) =>
    Number(readFileSync(path, 'utf8').match(new RegExp(`^${key}:\\s+(\\d+)`, 'm'))[1]);

/** CPU time by the scheduler's own clock, which has no 10 ms steps. */
export const cpuSeconds = (pid) => readdirSync(`/proc/${pid}/task`)
    .reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);

/** Memory that the process alone has and has written to. */
export const privateKib = (pid) => field(`/proc/${pid}/smaps_rollup`, 'Private_Dirty');

/** Its descriptors: how many are sockets, and how many are anything else. */
export function descriptors(pid) {
    const kinds = { sockets: 0, others: 0 };

    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        try {
            const isSocket = readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
            kinds[isSocket ? 'sockets' : 'others']++;
        } catch (error) {
            if (error.code !== 'ENOENT') /* closed meanwhile */
                throw error;
        }
    }
    return kinds;
}

/** An address of /proc/net/tcp: the bytes of its number, the last one first. */
const addressOf = (hex) => hex.match(/../g).reverse().map((byte) => parseInt(byte, 16)).join('.');

/**
 * The connections to a port that a process of this network namespace still has open, by the
 * address of the other side.
 * @param {number} pid of the namespace
 * @param {number} port
 * @returns {Map<string, number>}
 */
export function connectionsTo(pid, port) {
    const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const counts = new Map();

    for (const line of readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1)) {
        const [, at, peer, , , , , , , inode] = line.trim().split(/\s+/);
        const address = at?.endsWith(local) && inode !== '0' && addressOf(peer.split(':')[0]);
        if (address && address !== '0.0.0.0')
            counts.set(address, (counts.get(address) ?? 0) + 1);
    }
    return counts;
}
