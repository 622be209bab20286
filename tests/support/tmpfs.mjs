// A small file system of a test's own, as full as it likes.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const SIZE_KIB = 1024;
const mounted = new Set();

process.on('exit', () => mounted.forEach((mount) => mount.remove()));

/** One tmpfs in a temporary folder; the constructor throws where there can be none. */
export class Tmpfs {
    /** @param {number} used the part that is taken, from 0 to 1 */
    constructor(used) {
        this.place = mkdtempSync(path.join(os.tmpdir(), 'tachod-tmpfs-'));
        const { status, stderr, error } = spawnSync('mount',
            ['-t', 'tmpfs', '-o', `size=${SIZE_KIB}k`, 'tachod-test', this.place],
            { encoding: 'utf8' });
        if (status !== 0) {
            rmdirSync(this.place);
            throw new Error(`no mounts here: ${error?.message ?? stderr.trim()}`);
        }
        mounted.add(this);
        writeFileSync(path.join(this.place, 'file'), Buffer.alloc(1024 * SIZE_KIB * used));
    }

    /** Its line of /proc/self/mountinfo. */
    get line() {
        return readFileSync('/proc/self/mountinfo', 'latin1').split('\n')
            .find((line) => line.split(' ')[4] === this.place);
    }

    remove() {
        if (!mounted.delete(this))
            return;
        spawnSync('umount', ['-l', this.place]);
        rmdirSync(this.place);
    }
}
