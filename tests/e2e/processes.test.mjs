// /v1/processes and the stream's event of that name: which processes, in which order, now and then.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { stream } from '../support/sse.mjs';
import { start, startFor } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const PATH = '/v1/processes';
const KEYS = ['pid', 'ppid', 'user', 'state', 'cpu_cores', 'rss_bytes', 'shared_bytes',
    'read_bytes_per_second', 'write_bytes_per_second', 'threads', 'start_time_ms', 'name', 'command'];
const COMMAND_KEYS = ['name', 'processes', 'cpu_cores', 'rss_bytes', 'read_bytes_per_second',
    'write_bytes_per_second', 'threads'];

/** Runs a command until the tests end. */
function run(t, command, args, options = {}) {
    const child = spawn(command, args, { stdio: 'ignore', ...options });
    t.after(() => child.kill('SIGKILL'));
    return child;
}

/** A value to sort by: what is not known comes behind all that is. */
const keyOf = {
    cpu: (process) => process.cpu_cores ?? -1,
    memory: (process) => process.rss_bytes,
    io: ({ read_bytes_per_second: read, write_bytes_per_second: write }) =>
        read === null && write === null ? -1 : read + write,
};

/** Of which the last digit is rounded: equal neighbours may be a little out of order. */
function assertSorted(processes, sort) {
    const keys = processes.map(keyOf[sort]);
    keys.forEach((key, i) => assert.ok(i === 0 || key <= keys[i - 1] * (1 + 1e-5), `${sort}: ${keys}`));
}

/** A list whose processes have rates. */
const withRates = (daemon, query = '') => until('rates', async () => {
    const answer = await ask(daemon, `${PATH}${query}`);
    return answer.status === 200 && answer.json.span_ms > 0 ? answer.json : null;
});

describe('the processes', () => {
    const folder = mkdtempSync(`${tmpdir()}/tachod-processes-`);
    const hostile = `${folder}/a) S 1 (b\n<`;
    const children = [];
    let daemon;

    const spawnFor = (command, args, options = {}) => {
        const child = spawn(command, args, { stdio: 'ignore', ...options });
        children.push(child);
        return child;
    };

    before(async () => {
        symlinkSync('/bin/sleep', hostile);
        daemon = await start(['-i', '500ms']);
        await withRates(daemon);
    });
    after(async () => {
        children.forEach((child) => child.kill('SIGKILL'));
        await daemon?.stop();
        rmSync(folder, { recursive: true });
    });

    test('a list says what it is of', async () => {
        const list = await withRates(daemon);
        assert.deepEqual(Object.keys(list), ['seq', 'time_ms', 'span_ms', 'visible', 'total', 'io_visible',
            'threads', 'total_threads', 'states', 'busy_cpu_cores', 'unattributed_cpu_cores', 'complete',
            'processes']);
        assert.ok(Math.abs(list.time_ms - Date.now()) < 20000);
        assert.ok(list.visible >= 2 && (list.total === null || list.total >= list.visible));
        assert.ok(list.io_visible <= list.visible && list.threads >= list.visible);
        assert.equal(Object.values(list.states).reduce((sum, count) => sum + count, 0), list.visible);
        assert.equal(list.complete, true);
        assert.ok(list.unattributed_cpu_cores === null || list.unattributed_cpu_cores >= 0);
        const { last_time_ms: last, seq } = await json(daemon, '/v1/info');
        assert.ok(list.time_ms <= last + 1 && list.seq <= seq, 'of a tick that there was');
        for (const process of list.processes)
            assert.deepEqual(Object.keys(process), KEYS);
    });

    test('it is sorted as it is asked for, and as long', async () => {
        const { visible } = await json(daemon, PATH);
        assert.equal((await json(daemon, PATH)).processes.length, Math.min(20, visible));
        for (const sort of ['cpu', 'memory', 'io']) {
            for (const limit of [1, 5, 1000]) {
                const { processes, visible: there } = await json(daemon, `${PATH}?sort=${sort}&limit=${limit}`);
                assert.equal(processes.length, Math.min(limit, there));
                assertSorted(processes, sort);
            }
        }
    });

    test('these alone', async () => {
        const child = spawnFor('sleep', ['1000']);
        const list = await until('the child', async () => {
            const answer = await json(daemon, `${PATH}?pid=${child.pid},${process.pid},4194304&limit=1`);
            return answer.processes.length === 2 ? answer : null;
        });
        const one = list.processes.find(({ pid }) => pid === child.pid);
        assert.deepEqual([one.name, one.command, one.ppid, one.threads, one.state], ['sleep', 'sleep 1000', process.pid, 1, 'S']);
        assert.ok(Math.abs(one.start_time_ms - Date.now()) < 60000);
        assert.ok(one.rss_bytes > 0 && one.shared_bytes <= one.rss_bytes);
        assert.ok(list.visible > 2, 'the head is of all');
    });

    test('what processes are called is text', async () => {
        const child = spawnFor(hostile, ['1000'], { argv0: '<img src=x onerror=alert(1)>\n"\\' });
        const wrong = spawnFor('bash', ['-c', `exec -a $'\\xff\\x01caf\\xc3' sleep 1000`]);
        const { processes } = await until('both', async () => {
            const answer = await json(daemon, `${PATH}?pid=${child.pid},${wrong.pid}`);
            return answer.processes.length === 2 && answer.processes.every(({ command }) => / 1000$/.test(command) &&
                !/bash/.test(command)) ? answer : null;
        });
        const of = (pid) => processes.find((each) => each.pid === pid);
        assert.equal(of(child.pid).name, 'a) S 1 (b\n<');
        assert.equal(of(child.pid).command, '<img src=x onerror=alert(1)>\n"\\ 1000');
        assert.equal(of(wrong.pid).command, '\ufffd\u0001caf\ufffd 1000');
    });

    test('a busy one is on top, and its program with it', async (t) => {
        const child = run(t, 'sh', ['-c', 'while :; do :; done']);
        const { processes } = await until('the culprit', async () => {
            const answer = await json(daemon, `${PATH}?limit=3`);
            return answer.processes.some(({ pid }) => pid === child.pid) ? answer : null;
        });
        const one = processes.find(({ pid }) => pid === child.pid);
        assert.ok(one.cpu_cores > 0.1, JSON.stringify(one));
        const { commands } = await json(daemon, `${PATH}?by=command`);
        assert.ok(commands.slice(0, 5).some(({ name }) => name === 'sh'), JSON.stringify(commands.slice(0, 5)));
    });

    test('by command', async () => {
        for (let i = 0; i < 3; i++)
            spawnFor('sleep', ['1001']);
        const find = async (query) => (await json(daemon, `${PATH}?by=command&limit=1000${query}`));
        const { commands, processes, visible } = await until('three', async () => {
            const answer = await find('');
            return answer.commands.find(({ name }) => name === 'sleep')?.processes >= 3 ? answer : null;
        });
        assert.equal(processes, undefined);
        commands.forEach((command) => assert.deepEqual(Object.keys(command), COMMAND_KEYS));
        assert.equal(commands.reduce((sum, command) => sum + command.processes, 0), visible);
        assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
        for (const sort of ['cpu', 'memory', 'io'])
            assertSorted((await find(`&sort=${sort}`)).commands, sort);
        assert.equal((await json(daemon, `${PATH}?by=command&limit=2`)).commands.length, 2);
        /* What the three have in common is counted once. */
        const each = (await json(daemon, `${PATH}?pid=${children.slice(-3).map(({ pid }) => pid)}`)).processes;
        const sleeps = (await find('')).commands.find(({ name }) => name === 'sleep');
        assert.ok(sleeps.rss_bytes < each.reduce((sum, { rss_bytes: bytes }) => sum + bytes, 0) + 1 ||
            sleeps.processes > 3);
    });

    test('what is wrong is said', async () => {
        for (const [query, parameter, words] of [
            ['sort=rss', 'sort', /allowed: cpu, memory, io/], ['limit=0', 'limit', /from 1 to 1000/],
            ['limit=1001', 'limit', /from 1 to 1000/], ['limit=x', 'limit', /from 1 to 1000/],
            ['at=yesterday', 'at', /RFC 3339/], ['by=user', 'by', /allowed: command/],
            ['pid=', 'pid', /1 to 64 process ids/], ['pid=1,x', 'pid', /1 to 64 process ids/],
            [`pid=${Array(65).fill(1)}`, 'pid', /1 to 64/], ['pid=1&by=command', 'pid', /one of them/],
        ]) {
            const { status, headers, json: problem } = await ask(daemon, `${PATH}?${query}`);
            assert.equal(status, 400, query);
            assert.equal(headers['content-type'], 'application/problem+json');
            assert.equal(problem.parameter, parameter);
            assert.match(problem.detail, words);
        }
        const { status, json: problem } = await ask(daemon, `${PATH}?x=1`);
        assert.equal(status, 400);
        assert.match(problem.detail, /allowed here: sort, limit, at, by, pid$/);
    });

    test('a HEAD has the headers of the answer, of now and of then', async () => {
        for (const query of ['', '?at=now', '?limit=1000']) {
            const head = await ask(daemon, PATH + query, { method: 'HEAD' });
            assert.deepEqual([head.status, head.text, head.headers['content-type']], [200, '', 'application/json']);
            assert.equal(head.headers['cache-control'], 'no-store');
            assert.ok(Number(head.headers['content-length']) > 100);
        }
    });

    test('what was', async (t) => {
        const child = run(t, 'sh', ['-c', 'while :; do :; done']);
        const then = await until('the culprit', async () => {
            const answer = await json(daemon, `${PATH}?limit=3`);
            return answer.processes.some(({ pid }) => pid === child.pid) ? answer : null;
        });
        child.kill('SIGKILL');
        await until('its end', async () => (await json(daemon, `${PATH}?pid=${child.pid}`)).processes.length === 0 || null);
        const past = await json(daemon, `${PATH}?at=${then.time_ms}&limit=3`);
        assert.deepEqual([past.seq, past.time_ms, past.span_ms, past.visible, past.complete],
            [then.seq, then.time_ms, then.span_ms, then.visible, false]);
        assert.ok(past.processes.some(({ pid }) => pid === child.pid));
        assertSorted(past.processes, 'cpu');
        /* A moment within its span is of it, too. */
        const within = await json(daemon, `${PATH}?at=${then.time_ms - Math.floor(then.span_ms / 2)}`);
        assert.equal(within.seq, then.seq);
        const mine = await json(daemon, `${PATH}?at=${then.time_ms}&pid=${child.pid}`);
        assert.deepEqual(mine.processes.map(({ pid }) => pid), [child.pid]);
        assert.ok((await json(daemon, `${PATH}?at=${then.time_ms}&by=command`)).commands.some(({ name }) => name === 'sh'));
        const newest = await json(daemon, `${PATH}?at=now`);
        assert.ok(newest.seq > then.seq);
        const { history } = await json(daemon, '/v1/info');
        assert.ok(history.processes.span_ms > 0 && history.processes.used_bytes > 0);
        assert.equal(history.processes.budget_bytes % 1600000, 0, 'by default');
    });

    test('of a moment of which nothing was kept', async () => {
        for (const at of ['2001-01-01T00:00:00Z', '2090-01-01T00:00:00Z', '-1d']) {
            const { status, json: problem } = await ask(daemon, `${PATH}?at=${at}`);
            assert.equal(status, 404, at);
            assert.equal(problem.parameter, 'at');
            assert.match(problem.detail, /the first is of 20\d\d-.*Z, the last of 20\d\d-.*Z$/);
        }
    });

    test('the stream has a list when one joins, and each that is new', async () => {
        const client = await stream(daemon, '?name=node_load1&processes=2');
        const lists = await client.when('lists', ({ events }) => {
            const found = events.filter(({ event }) => event === 'processes');
            return found.length >= 3 ? found : null;
        });
        client.close();
        assert.deepEqual(client.events.slice(0, 3).map(({ event }) => event), ['hello', 'tick', 'processes']);
        lists.forEach(({ id, data }, i) => {
            assert.equal(id, undefined, 'only ticks have one');
            assert.ok(i === 0 || data.seq > lists[i - 1].data.seq);
            assert.ok(data.processes.length <= 6);
            assertSorted(data.processes, 'cpu');
        });
        const { processes } = await json(daemon, `${PATH}?sort=memory&limit=1`);
        assert.ok(lists.at(-1).data.processes.some(({ pid }) => pid === processes[0].pid), 'the largest is there');
        const plain = await stream(daemon, '?name=node_load1');
        await plain.count(5);
        plain.close();
        assert.ok(plain.events.every(({ event }) => event !== 'processes'));
    });

    test('whoever watches has a list each second, also of rare ticks', async () => {
        const client = await stream(daemon, '?name=node_load1&processes=100&every=60s');
        const lists = await client.when('lists', ({ events }) => {
            const found = events.filter(({ event }) => event === 'processes');
            return found.length >= 6 ? found : null;
        });
        client.close();
        const spans = lists.slice(3).map(({ data }) => data.span_ms);
        assert.ok(Math.min(...spans) < 3000, `${spans}`);
    });

    test('each list as a line', async () => {
        const response = await fetch(`${daemon.url}v1/stream?name=node_load1&format=ndjson&processes=1`,
            { headers: { 'Accept-Encoding': 'gzip' } });
        assert.equal(response.headers.get('content-encoding'), 'gzip');
        let text = '';
        for await (const part of response.body) {
            text += Buffer.from(part).toString();
            if (text.split('"event":"processes"').length > 2)
                break;
        }
        const lines = text.split('\n').slice(0, -1).map(JSON.parse);
        const list = lines.find(({ event }) => event === 'processes');
        assert.deepEqual(Object.keys(list).slice(0, 3), ['event', 'epoch', 'seq']);
        assert.ok(list.processes.length >= 1 && list.processes.length <= 3);
    });

    test('a stream has its bounds', async () => {
        for (const count of [0, 101, 'x']) {
            const { status, json: problem } = await ask(daemon, `/v1/stream?processes=${count}`);
            assert.deepEqual([status, problem.parameter], [400, 'processes']);
            assert.match(problem.detail, /from 1 to 100/);
        }
    });
});

test('a collector that is switched off is said', async (t) => {
    const folder = mkdtempSync(`${tmpdir()}/tachod-processes-`);
    t.after(() => rmSync(folder, { recursive: true }));
    const file = `${folder}/tachod.json`;
    writeFileSync(file, '{"listen": ["127.0.0.1:0"], "collectors": {"processes": false}}');
    const daemon = await startFor(t, ['-i', '200ms', '-c', file]);
    await until('a tick', async () => (await json(daemon, '/v1/info')).seq > 2 || null);
    const { status, headers, json: problem } = await ask(daemon, PATH);
    assert.deepEqual([status, headers['content-type']], [503, 'application/problem+json']);
    assert.match(problem.detail, /switched off/);
    assert.equal((await ask(daemon, PATH, { method: 'HEAD' })).status, 503);
    const past = await ask(daemon, `${PATH}?at=now`);
    assert.deepEqual([past.status, past.json.parameter], [404, 'at']);
    const client = await stream(daemon, '?name=node_load1&processes=5');
    await client.count(3);
    client.close();
    assert.ok(client.events.every(({ event }) => event !== 'processes'));
    /* One that is switched off later has no present either. */
    writeFileSync(file, '{"listen": ["127.0.0.1:0"]}');
    process.kill(daemon.pid, 'SIGHUP');
    const { time_ms: then_ms } = await withRates(daemon);
    writeFileSync(file, '{"listen": ["127.0.0.1:0"], "collectors": {"processes": false}}');
    process.kill(daemon.pid, 'SIGHUP');
    await until('no list', async () => (await ask(daemon, PATH)).status === 503 || null);
    assert.equal((await json(daemon, `${PATH}?at=${then_ms}`)).time_ms, then_ms);
});

test('command lines can be hidden, and are not kept then', async (t) => {
    const folder = mkdtempSync(`${tmpdir()}/tachod-processes-`);
    t.after(() => rmSync(folder, { recursive: true }));
    const file = `${folder}/tachod.json`;
    const child = run(t, 'sleep', ['1234567']);
    const commandAt = async (daemon, at = '') =>
        (await ask(daemon, `${PATH}?pid=${child.pid}${at}`)).json.processes?.[0]?.command;
    writeFileSync(file, '{"listen": ["127.0.0.1:0"]}');
    const daemon = await startFor(t, ['-i', '200ms', '-c', file]);
    await until('the whole', async () => await commandAt(daemon) === 'sleep 1234567' || null);
    writeFileSync(file, '{"listen": ["127.0.0.1:0"], "processes": {"arguments": false}}');
    process.kill(daemon.pid, 'SIGHUP');
    await until('the program alone', async () => await commandAt(daemon) === 'sleep' || null);
    const client = await stream(daemon, '?name=node_load1&processes=100');
    await client.when('a list', ({ events }) => events.some(({ event }) => event === 'processes') || null);
    client.close();
    assert.ok(client.events.every(({ raw }) => !raw.includes('1234567')));
    assert.doesNotMatch((await ask(daemon, `${PATH}?limit=1000&at=-1s`)).text, /1234567/);
    const { seq } = await json(daemon, PATH);
    await until('a new one', async () => (await json(daemon, PATH)).seq > seq || null);
    /* Shown again is only what comes from now on. */
    const hidden_ms = (await json(daemon, PATH)).time_ms;
    writeFileSync(file, '{"listen": ["127.0.0.1:0"]}');
    process.kill(daemon.pid, 'SIGHUP');
    await until('the whole again', async () => await commandAt(daemon) === 'sleep 1234567' || null);
    assert.doesNotMatch((await ask(daemon, `${PATH}?limit=1000&at=${hidden_ms}`)).text, /1234567/);
    /* What a stream was sent whole is not what the next one who joins it is sent. */
    const early = await stream(daemon, '?name=node_load1&processes=100');
    await early.when('a list', ({ events }) => events.some(({ event }) => event === 'processes') || null);
    writeFileSync(file, '{"listen": ["127.0.0.1:0"], "collectors": {"processes": false}, "processes": {"arguments": false}}');
    process.kill(daemon.pid, 'SIGHUP');
    await until('no list', async () => (await ask(daemon, PATH)).status === 503 || null);
    const late = await stream(daemon, '?name=node_load1&processes=100');
    await late.when('ticks', ({ events }) => events.filter(({ event }) => event === 'tick').length > 2 || null);
    late.close();
    early.close();
    assert.ok(late.events.every(({ raw }) => !raw.includes('1234567')));
});

test('what was is known after a kill -9', async (t) => {
    const folder = mkdtempSync(`${tmpdir()}/tachod-processes-`);
    t.after(() => rmSync(folder, { recursive: true }));
    const first = await start(['-i', '500ms', '-d', folder]);
    const list = await withRates(first, '?limit=5');
    await sleep(1500);
    await first.kill();
    const second = await startFor(t, ['-i', '500ms', '-d', folder]);
    const past = await json(second, `${PATH}?at=${list.time_ms}&limit=5`);
    assert.equal(past.seq, list.seq);
    assert.deepEqual(past.processes.map(({ pid }) => pid), list.processes.map(({ pid }) => pid));
});
