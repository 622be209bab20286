// What the table of processes shows, told from lists alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learn, lineOf } from '../../static/src/processes/following.js';
import { heat, inPlace, keyOf, matches, parentsOf, sorted, tree } from
    '../../static/src/processes/order.js';
import * as words from '../../static/src/processes/words.js';
import { one } from './crowd.mjs';

const entries = (rows) => rows.map((row) => ({ row, depth: 0 }));
const pids = (rows) => rows.map(({ pid }) => pid);
const shape = (all) => all.map(({ row, depth }) => [row.pid, depth]);
const MIB = 2 ** 20;

test('the highest first, unknown last, ties by number', () => {
    const rows = [one(5, 'a', { cpu_cores: null }), one(4, 'b'), one(3, 'c'),
        one(2, 'd', { cpu_cores: 2, read_bytes_per_second: null, write_bytes_per_second: null }),
        one(1, 'e', { rss_bytes: 9e9, read_bytes_per_second: null, write_bytes_per_second: 5 }),
        one(6, 'f', { read_bytes_per_second: 3, write_bytes_per_second: 4 })];
    assert.deepEqual(pids(sorted(rows, 'cpu')), [2, 1, 3, 4, 6, 5]);
    assert.deepEqual(pids(sorted(rows, 'memory'))[0], 1);
    assert.deepEqual(pids(sorted(rows, 'io')), [6, 1, 3, 4, 5, 2]);
    assert.deepEqual(pids(rows), [5, 4, 3, 2, 1, 6], 'what was given is as it was');
});

test('a filter looks for all words in number, user, name and command', () => {
    const row = one(4711, 'java', { user: 'App', command: '/opt/x/bin/java -jar Shop.jar' });
    for (const [text, wanted] of [['java', true], ['shop.JAR app', true], ['471', true],
        ['java nginx', false]])
        assert.equal(matches(row, text), wanted, text);
    assert.equal(matches(one(2, 'kthreadd', { command: null }), 'null'), false);
});

test('parents before children, the busiest branch first', () => {
    const rows = [one(1, 'init', { ppid: 0 }), one(10, 'quiet'),
        one(20, 'shell'), one(21, 'busy', { ppid: 20, cpu_cores: 1 }),
        one(30, 'some', { cpu_cores: 0.5 }), one(2, 'kthreadd', { ppid: 0 })];
    assert.deepEqual(shape(tree(rows, 'cpu')),
                     [[1, 0], [20, 1], [21, 2], [30, 1], [10, 1], [2, 0]]);
    assert.deepEqual(shape(tree(rows, 'cpu', ({ name }) => name === 'busy')),
                     [[1, 0], [20, 1], [21, 2]], 'with those that it is below');
    assert.deepEqual(shape(tree(rows.slice(1), 'cpu')).slice(0, 2), [[20, 0], [21, 1]],
                     'whose parent is not there');
});

test('a tree of nonsense is one all the same', () => {
    const rows = [one(5, 'a', { ppid: 6 }), one(6, 'b', { ppid: 5 }), one(7, 'c', { ppid: 7 })];
    assert.deepEqual(shape(tree(rows, 'cpu')).sort(), [[5, 0], [6, 1], [7, 0]]);
    assert.deepEqual(pids(parentsOf(rows[0], rows)), [6]);
    assert.deepEqual(pids(parentsOf(rows[2], rows)), []);
    const chain = Array.from({ length: 1000 }, (_, i) => one(i + 1, 'deep', { ppid: i }));
    assert.equal(tree(chain, 'io').at(-1).depth, 999);
});

test('the greatest that is shown has the whole bar, but noise has none', () => {
    const rows = [one(1, 'a', { cpu_cores: 2, rss_bytes: 100 }),
        one(2, 'b', { cpu_cores: 1, rss_bytes: null, read_bytes_per_second: 10 })];
    const scale = heat(entries(rows));
    assert.deepEqual(rows.map((row) => scale(row, 'cpu_cores')), [1, 0.5]);
    assert.deepEqual(rows.map((row) => scale(row, 'rss_bytes')), [1, 0]);
    assert.ok(scale(rows[1], 'read_bytes_per_second') < 0.001);
});

test('rows keep their places: those that went too, new ones come last', () => {
    const [a, b, c, d] = [1, 2, 3, 4].map((pid) => one(pid, 'x'));
    const reused = { ...b, start_time_ms: b.start_time_ms + 1 };
    const now = inPlace(entries([a, b, c]), entries([d, c, reused, a]), 5);
    assert.deepEqual(now.map(({ row, gone = false }) => [keyOf(row), gone]), [
        [keyOf(a), false], [keyOf(b), true], [keyOf(c), false], [keyOf(d), false],
        [keyOf(reused), false]]);
    assert.equal(inPlace(entries([a, b, c]), entries([d, c, a]), 3).length, 3);
});

test('numbers', () => {
    assert.deepEqual([1.64, 0.88, 0.09, 0.002, 0, null].map(words.cpu),
                     ['164%', '88%', '9.0%', '0.2%', '0%', '–']);
    assert.deepEqual([1.9 * 1024 * MIB, 412 * MIB, 4.1 * MIB, 0, null].map(words.bytes),
                     ['1.9 GiB', '412 MiB', '4.1 MiB', '0', '–']);
    assert.deepEqual([41e6, 1.1e6, 0, null].map(words.rate), ['41 MB/s', '1.1 MB/s', '0', '–']);
    assert.equal(words.commandOf(one(2, 'kthreadd', { command: null })), '[kthreadd]');
    assert.equal(words.commandOf(one(2, 'a', { command: 'a\nb\tc\x7f\x9b' })), 'a␊b␉c\ufffd\ufffd');
    assert.deepEqual(['R', 'D', '?'].map(words.stateName), ['running', 'waiting for a device', '?']);
});

const ANSWER = { visible: 412, total: 412, io_visible: 412, unattributed_cpu_cores: 0.001,
    complete: true, span_ms: 1000 };
const HOW = { sort: 'cpu', filter: '', mode: 'list', found: 3 };

test('what the table is of', () => {
    assert.equal(words.heading(ANSWER, HOW), 'top by CPU · 412 of 412 visible');
    assert.equal(words.heading({ ...ANSWER, visible: 12 },
                               { ...HOW, sort: 'io', filter: 'x', mode: 'command' }),
                 'by command · top by reading and writing · 3 matching · 12 of 412 visible');
    assert.match(words.heading({ ...ANSWER, visible: 34, total: null }, HOW),
                 /34 processes visible; others are hidden from tachod \(hidepid\)$/);
});

test('what it does not show', () => {
    assert.deepEqual(words.notes(ANSWER, 0), []);
    const told = words.notes({ ...ANSWER, io_visible: 411, unattributed_cpu_cores: 0.3,
                               complete: false, span_ms: 0 }, 7).join(' ');
    for (const part of ['7 more are not drawn', '0.30 cores', 'the top 20 by CPU, memory and I/O',
        'no rates yet', 'What 1 process reads and writes is not known (needs CAP_SYS_PTRACE)'])
        assert.ok(told.includes(part), `${part}: ${told}`);
    assert.match(words.notes({ ...ANSWER, io_visible: 400 }, 0)[0], /^What 12 processes read and/);
    assert.deepEqual(words.notes({ ...ANSWER, unattributed_cpu_cores: null }, 0), []);
});

test('why there is none', () => {
    const [from, to] = [5, 9].map((second) => new Date(2026, 0, 5, 12, 30, second));
    assert.equal(words.trouble({ status: 404, reason: 'no list of processes is kept of that ' +
        `moment; the first is of ${from.toISOString()}, the last of ${to.toISOString()}` }),
                 'Nothing was kept of that moment: there is something from 2026-01-05 12:30:05 ' +
                 'to 2026-01-05 12:30:09');
    assert.equal(words.trouble({ status: 404, reason: 'so says the daemon' }),
                 'Nothing was kept of that moment: so says the daemon');
    assert.equal(words.trouble({ status: 503, reason: 'the collector is off' }),
                 'No list of processes: the collector is off');
    assert.equal(words.trouble({ message: 'Failed to fetch' }),
                 'No list of processes: Failed to fetch');
});

/** Follows one through lists, with a daemon that knows all of `all`. */
function following(all) {
    const asked = [];
    const [row] = all;
    let who = { ...row, last: row, parents: [], asked: new Set(), there: true, ended_ms: null,
                cpu: [] };
    return {
        asked,
        async see(rows, time_ms, at = null) {
            who = await learn(who, rows, { at, time_ms }, async (wanted) => {
                asked.push(wanted);
                return { processes: all.filter(({ pid }) => wanted.includes(pid)) };
            });
            return who;
        },
    };
}

test('who is followed is asked for with all parents, once', async () => {
    const all = [one(40, 'work', { ppid: 30 }), one(30, 'shell', { ppid: 20 }),
        one(20, 'sshd'), one(1, 'init', { ppid: 0 })];
    const it = following(all);
    assert.deepEqual(pids((await it.see([], 1000)).parents), [30, 20, 1]);
    assert.deepEqual(it.asked, [[40], [40, 30], [40, 30, 20], [40, 30, 20, 1]]);
    await it.see([{ ...all[0], cpu_cores: 0.5 }], 2000);
    assert.equal(it.asked.length, 4, 'it was in the list, and its parents are known');
    await it.see([], 3000, 3000);
    const { cpu, there } = await it.see([{ ...all[0], ppid: 1 }], 4000);
    assert.equal(there, true);
    assert.equal(it.asked.length, 5, 'one for the past');
    assert.deepEqual(cpu, [[1000, 0], [2000, 0.5], [4000, 0]], 'of the present alone');
});

test('who ends has ended, and his number is another then', async () => {
    const all = [one(40, 'work', { ppid: 99 })];
    const it = following(all);
    const seen = await it.see(all, 1000);
    assert.deepEqual([seen.parents, it.asked.length], [[], 1], 'a parent that is not visible');
    await it.see(all, 2000);
    assert.equal(it.asked.length, 1, 'and is not asked for again');
    const reused = { ...all[0], start_time_ms: 5 };
    all[0] = reused;
    const past = await it.see([reused], 2500, 2500);
    assert.deepEqual([past.there, past.ended_ms], [false, null], 'then is not now');
    assert.equal((await it.see([reused], 3000)).ended_ms, 3000);
    const count = it.asked.length;
    assert.equal((await it.see([reused], 4000)).ended_ms, 3000);
    assert.equal(it.asked.length, count);
});

test('the line of its CPU breaks where nobody asked', () => {
    assert.equal(lineOf([[0, 1], [1000, 0], [2000, null], [3000, 0.5], [10000, 1]], 1000, 10, 10),
                 'M0.0 0.0L1.0 10.0L3.0 5.0M10.0 0.0');
});
