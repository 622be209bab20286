// Processes of a real kernel: with hostile names, brief ones, many, hidden ones, and those that
// somebody is looking for.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { startCulprit, startNamed } from '../support/culprit.mjs';
import { ask, json } from '../support/http.mjs';
import { DataFolder } from '../support/ring.mjs';
import { start, startFor } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const SORTS = ['cpu', 'memory', 'io'];

/** @param {import('node:test').TestContext} t */
function folderFor(t) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-culprit-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

function endAfter(t, culprit) {
    t.after(() => culprit.end());
    return culprit;
}

/** A list that meets the condition, if there is one already; while one asks, somebody looks. */
async function listWhich(daemon, query, accept = () => true) {
    const answer = await ask(daemon, `/v1/processes?${query}`);
    assert.ok(answer.status === 200 || answer.status === 503, answer.text);
    return answer.status === 200 && accept(answer.json) ? answer.json : null;
}

/** The list after the next so many. */
async function listAfter(daemon, count, query = 'limit=1000') {
    let list = await until('a list', () => listWhich(daemon, query));
    for (let left = count, { seq } = list; left > 0; left--) {
        list = await until('another list', () =>
            listWhich(daemon, query, (next) => next.seq > seq));
        seq = list.seq;
    }
    return list;
}

const entryOf = (list, pid) => list.processes.find((each) => each.pid === pid);

test('hostile names are told as they are, in JSON that is valid', async (t) => {
    const folder = folderFor(t);
    const daemon = await startFor(t, ['-d', 'none']);
    const named = [
        ['a) S 1 (b\\nc', 'a) S 1 (b\nc'],
        ['<img src=x onerror', '<img src=x oner', '<img src=x onerror=alert(1)>',
            '<img src=x onerror=alert(1)> 600'],
        ['\\xff\\xfe(', '\ufffd\ufffd(', '\\xc3\\x28 \\x1b[31m"\\\\', '\ufffd( \u001b[31m"\\ 600'],
    ];
    const pids = [];
    for (const [name, , argument] of named)
        pids.push(endAfter(t, await startNamed(folder, name, argument)).pid);
    await until('all of them', () => listWhich(daemon, `pid=${pids}`, ({ processes }) =>
        processes.length === 3 && processes.every(({ name }) => name !== 'bash')));
    const list = await listAfter(daemon, 2, `pid=${pids}`);
    for (const [i, [, name, , command]] of named.entries()) {
        const entry = entryOf(list, pids[i]);
        assert.equal(entry.name, name);
        if (command)
            assert.equal(entry.command, command);
        assert.equal(entry.ppid, process.pid);
        assert.equal(entry.state, 'S');
        assert.equal(entry.threads, 1);
    }
    const { text } = await ask(daemon, '/v1/processes?limit=1000');
    assert.ok(!/[\u0000-\u001f]/.test(text.trimEnd()), 'control characters are escaped');
});

test('a parent that reaps busy children has not done what they did', async (t) => {
    const daemon = await startFor(t, ['-d', 'none']);
    const parent = endAfter(t, await startCulprit('parent'));
    await listAfter(daemon, 2);
    for (let i = 0; i < 4; i++) {
        const list = await listAfter(daemon, 1);
        const entry = entryOf(list, parent.pid);
        assert.ok(entry.cpu_cores < 0.5, `${entry.cpu_cores} cores`);
        const sum = list.processes.reduce((all, { cpu_cores }) => all + (cpu_cores ?? 0), 0);
        assert.ok(list.processes.every(({ cpu_cores }) => cpu_cores === null ||
            cpu_cores <= os.cpus().length));
        assert.ok(sum <= os.cpus().length * 1.2, `${sum} cores in all`);
    }
});

test('what brief processes did is nobody\'s, and said', async (t) => {
    const daemon = await startFor(t, ['-d', 'none']);
    await listAfter(daemon, 1);
    const before = await listAfter(daemon, 1);
    assert.ok(before.unattributed_cpu_cores >= 0 && before.busy_cpu_cores >= 0);
    endAfter(t, await startCulprit('brief'));
    const shares = [];
    for (let i = 0; i < 4; i++)
        shares.push((await listAfter(daemon, 1)).unattributed_cpu_cores);
    /* They get a CPU each as far as others leave them one. */
    assert.ok(Math.max(...shares) > 0.2, `${shares}`);
});

test('two thousand that sleep', async (t) => {
    const COUNT = 2000;
    const daemon = await startFor(t, ['-d', 'none']);
    const before = await listAfter(daemon, 1, 'limit=1');
    const parent = endAfter(t, await startCulprit('sleepers', '-', COUNT));
    const list = await listAfter(daemon, 2);
    assert.equal(list.processes.length, 1000);
    assert.ok(list.visible >= before.visible + COUNT - 50, `${before.visible}, ${list.visible}`);
    assert.equal(list.total, list.visible);
    assert.ok(list.states.S >= COUNT);
    const { status, json: problem } = await ask(daemon, '/v1/processes?limit=1001');
    assert.equal(status, 400);
    assert.match(problem.detail, /1000/);
    const groups = await json(daemon, '/v1/processes?by=command&sort=memory&limit=1000');
    assert.ok(groups.commands.some(({ name, processes }) => /^python3/.test(name) &&
        processes >= COUNT));
    await parent.end();
    const after = await until('their end', async () => {
        const now = await json(daemon, '/v1/processes?limit=1');
        return now.visible < before.visible + 50 ? now : null;
    });
    assert.ok(after.seq > list.seq);
});

/** The program where anyone may read it: the tree may be in a folder of root's. */
const copied = mkdtempSync(path.join(os.tmpdir(), 'tachod-copied-'));
copyFileSync(process.env.TACHOD, path.join(copied, 'tachod'));
chmodSync(copied, 0o755);
process.on('exit', () => rmSync(copied, { recursive: true, force: true }));

/**
 * Before the program: its copy runs as nobody, without privileges, with processes that are mounted
 * so.
 */
const asNobody = (mount) => ['unshare', '-m', 'bash', '-c',
    `${mount ? `mount -t proc -o ${mount} proc /proc && ` : ''}shift && exec setpriv ` +
    `--reuid=65534 --regid=65534 --clear-groups ${copied}/tachod "$@"`, 'bash'];

function whyNotNobody() {
    const [program, ...args] = asNobody('hidepid=invisible');
    const { status, stderr } = spawnSync(program, [...args, 'tachod', '-V'], { encoding: 'utf8' });
    return status === 0 ? false : `no such namespace here: ${stderr}`;
}
const hidden = { skip: whyNotNobody() };

async function startAsNobody(t, mount) {
    const daemon = await start(['-d', 'none'], { prefix: asNobody(mount) });
    t.after(() => daemon.stop());
    return daemon;
}

test('under hidepid=invisible it is said that others may exist', hidden, async (t) => {
    const daemon = await startAsNobody(t, 'hidepid=invisible');
    const list = await listAfter(daemon, 1);
    assert.equal(list.total, null);
    assert.ok(list.visible >= 1 && list.visible < 20, `${list.visible} visible`);
    assert.ok(list.threads < list.total_threads, `${list.threads} of ${list.total_threads}`);
    assert.equal(entryOf(list, 1), undefined);
    assert.equal(entryOf(list, daemon.pid).user, 'nobody');
});

test('under hidepid=noaccess the part that is visible is told', hidden, async (t) => {
    const daemon = await startAsNobody(t, 'hidepid=noaccess');
    const list = await listAfter(daemon, 1);
    assert.ok(list.visible < list.total, `${list.visible} of ${list.total}`);
    assert.equal(list.processes.length, list.visible);
});

test('without CAP_SYS_PTRACE what others read and write is not known, never nothing', hidden,
    async (t) => {
        const daemon = await startAsNobody(t);
        const list = await listAfter(daemon, 2);
        assert.equal(list.visible, list.total);
        assert.ok(list.io_visible < list.visible, `${list.io_visible} of ${list.visible}`);
        const init = entryOf(list, 1);
        assert.deepEqual([init.read_bytes_per_second, init.write_bytes_per_second], [null, null]);
        assert.ok(init.rss_bytes > 0);
        const own = entryOf(list, daemon.pid);
        assert.equal(own.read_bytes_per_second, 0);
        const byIo = await json(daemon, '/v1/processes?sort=io&limit=1000');
        const firstUnknown = byIo.processes.findIndex((each) => each.read_bytes_per_second === null);
        assert.ok(byIo.processes.slice(firstUnknown)
            .every((each) => each.read_bytes_per_second === null), 'what is not known comes last');
    });

test('who did it is on top within two ticks, and later, and after kill -9', async (t) => {
    const folder = new DataFolder(), disk = folderFor(t);
    t.after(() => folder.remove());
    let daemon = await start(['-d', folder.place]);
    t.after(() => daemon.alive && daemon.kill());
    await listAfter(daemon, 2);
    const moments = {};
    for (const [what, sort, ...args] of [['busy', 'cpu'], ['writer', 'io', disk],
        ['memory', 'memory', '-', 1500]]) {
        const culprit = endAfter(t, await startCulprit(what, ...args));
        let looks = 0;
        const list = await until(`${what} on top`, async () => {
            const next = await listAfter(daemon, 1, `sort=${sort}&limit=5`);
            looks++;
            return next.processes[0].pid === culprit.pid ? next : null;
        }, { timeout_ms: 30000 });
        /* The first may have been asked for before it began; it takes a moment to get its memory. */
        assert.ok(looks <= (what === 'memory' ? 4 : 3), `${what}: ${looks} lists`);
        const [top] = list.processes;
        t.diagnostic(`${what}: list ${looks}, ${top.cpu_cores} cores, ${top.rss_bytes} bytes, ` +
            `${top.write_bytes_per_second} B/s`);
        moments[sort] = { at: list.time_ms, top };
        await culprit.end();
    }
    await sleep(SOAK * 1000);
    const check = async () => {
        for (const [sort, { at, top }] of Object.entries(moments)) {
            const list = await json(daemon, `/v1/processes?sort=${sort}&at=${at}`);
            assert.equal(list.time_ms, at);
            assert.equal(list.complete, false);
            const [first] = list.processes;
            assert.equal(first.pid, top.pid, sort);
            assert.equal(first.command, top.command);
            assert.equal(first.start_time_ms, top.start_time_ms);
            assert.ok(Math.abs(first.cpu_cores - top.cpu_cores) <= 1e-4);
            assert.ok(SORTS.every((other) => other === sort || moments[other].top.pid !== first.pid));
        }
    };
    await check();
    await daemon.kill();
    daemon = await start(['-d', folder.place]);
    await check();
    const { history } = await json(daemon, '/v1/info');
    assert.ok(history.processes.used_bytes > 0);
    assert.ok(history.processes.span_ms >= Date.now() - moments.cpu.at - 10000);
    await daemon.stop();
});

test('a pid that is used again is another process', { skip: process.getuid() !== 0 }, async (t) => {
    /* In a pid namespace of its own pids can be chosen: ns_last_pid of proc_sys_kernel(5). */
    const script = `
next() { echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid; }
next 4000; python3 -c 'while True: pass' & echo "first $!"; read; kill -9 $!; wait $! 2>/dev/null
next 4000; sleep 600 & echo "second $!"; read`;
    const { spawn } = await import('node:child_process');
    const holder = spawn('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', 'bash', '-c',
        script], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => holder.kill('SIGKILL'));
    let said = '';
    holder.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
    await until('the first', () => /first 4000/.test(said));
    const children = spawnSync('pgrep', ['-P', String(holder.pid)], { encoding: 'utf8' });
    const inside = Number(children.stdout.trim());
    const procfs = path.join('/proc', String(inside), 'root', 'proc');
    const daemon = await startFor(t, ['-d', 'none', '--path.procfs', procfs]);
    const first = entryOf(await listAfter(daemon, 2), 4000);
    assert.match(first.command, /python3 -c while/);
    assert.ok(first.cpu_cores > 0.1, `${first.cpu_cores}`);
    holder.stdin.write('\n');
    await until('the second', () => /second 4000/.test(said));
    const second = await until('it in the list', async () => {
        const entry = entryOf(await json(daemon, '/v1/processes?pid=4000'), 4000);
        return entry?.start_time_ms > first.start_time_ms ? entry : null;
    });
    assert.equal(second.command, 'sleep 600');
    assert.ok(second.cpu_cores === null || second.cpu_cores < 0.5, 'not what the first did');
    holder.stdin.end('\n');
});
