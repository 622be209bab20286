// Processes that do one thing, for tests of who did what: each is ended with the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** What each does, as a program of Python; the first argument is its folder. */
const PROGRAMS = {
    /** One CPU in full. */
    busy: 'while True: pass',
    /** Memory that is touched, MiB, and kept. */
    memory: 'import sys, time\nkept = bytearray(b"x") * (int(sys.argv[2]) << 20)\ntime.sleep(600)',
    /** 64 MiB a second or so to a file that stays small. */
    writer: `import os, sys, time
f = os.open(sys.argv[1] + '/written', os.O_RDWR | os.O_CREAT, 0o600)
block = b'x' * (4 << 20)
while True:
    os.pwrite(f, block, 0)
    os.fdatasync(f)
    time.sleep(0.06)`,
    /** Begins one busy process of a second after another, and reaps each. */
    parent: `import subprocess, sys
while True:
    subprocess.run([sys.executable, '-c', 'import time\\nend = time.time() + 1\\nwhile time.time() < end: pass'])`,
    /** Begins busy processes of 50 ms, and reaps each. */
    brief: `import os, time
while True:
    if os.fork() == 0:
        end = time.time() + 0.05
        while time.time() < end: pass
        os._exit(0)
    os.wait()`,
    /** So many that sleep, in one group. */
    sleepers: `import os, sys, time, ctypes
for i in range(int(sys.argv[2])):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 9)
        time.sleep(600)
        os._exit(0)
print('there', flush=True)
time.sleep(600)`,
};

/** One process; made by startCulprit(). */
export class Culprit {
    constructor(child) {
        this.child = child;
        this.pid = child.pid;
        this.exited = once(child, 'exit').then(() => running.delete(child));
        running.add(child);
    }

    async end() {
        this.child.kill('SIGKILL');
        await this.exited;
    }
}

/**
 * @param {keyof PROGRAMS} what
 * @param {...(string | number)} args
 * @returns {Promise<Culprit>} once it runs
 */
export async function startCulprit(what, ...args) {
    /* Before others that a machine of tests is busy with, where that is allowed. */
    const child = spawn('nice', ['-n', '-15', 'python3', '-c', PROGRAMS[what],
        ...args.map(String)], { stdio: ['ignore', 'pipe', 'ignore'] });
    const culprit = new Culprit(child);
    await once(child, 'spawn');
    if (what === 'sleepers')
        await once(child.stdout, 'data');
    return culprit;
}

/**
 * A process that sleeps and is called so: by the name of its program, of which the kernel keeps 15
 * bytes, and by its first argument. Both are texts of bash's $'…'.
 */
export async function startNamed(folder, name, argument = 'x') {
    const script = `cp "$(command -v sleep)" ${folder}/$'${name}' && ` +
        `exec -a $'${argument}' ${folder}/$'${name}' 600`;
    const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'ignore', 'inherit'] });
    await once(child, 'spawn');
    return new Culprit(child);
}
