// A machine's clocks that a test sets, and suspends, for one daemon: clock_shim.c is preloaded.
// libev's timerfd does not notice; a loop finds out when it wakes next, at the next tick at most.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('clock_shim.c', import.meta.url));

function compile(library) {
    const { status, stderr, error } = spawnSync(process.env.CC ?? 'cc', ['-std=gnu17',
        '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-o', library,
        SOURCE], { encoding: 'utf8' });

    if (status !== 0)
        throw new Error(`clock_shim.c: ${error?.message ?? stderr}`);
}

/** The clocks of the daemons that are started with its `env`. */
export class Clock {
    #file;
    #suspended_s = 0;
    #set_s = 0;

    constructor() {
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-clock-'));
        const library = path.join(this.folder, 'clock.so');
        const offsets = path.join(this.folder, 'offsets');
        compile(library);
        writeFileSync(offsets, Buffer.alloc(16));
        this.#file = openSync(offsets, 'r+');
        /**
         * For start(). A sanitizer wants to be the first library: it is told not to mind.
         * @type {Object<string, string>}
         */
        this.env = { LD_PRELOAD: library, TACHO_CLOCK: offsets,
            ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0']
                .filter(Boolean).join(':') };
    }

    /** Each is written by itself, and whole: no reader sees a time that never was. */
    #write(index, seconds) {
        const word = Buffer.alloc(8);

        word.writeBigInt64LE(BigInt(Math.round(seconds * 1e9)));
        writeSync(this.#file, word, 0, 8, 8 * index);
    }

    /** The machine has slept: all clocks but the monotonic one have gone on. */
    suspend(seconds) {
        this.#suspended_s += seconds;
        this.#write(0, this.#suspended_s);
    }

    /** Somebody has set the clock: forward, or back where it is negative. */
    step(seconds) {
        this.#set_s += seconds;
        this.#write(1, this.#set_s);
    }

    /** By how much the daemon's time of day is ahead of this process's. */
    get ahead_ms() {
        return 1000 * (this.#suspended_s + this.#set_s);
    }

    remove() {
        closeSync(this.#file);
        rmSync(this.folder, { recursive: true, force: true });
    }
}
