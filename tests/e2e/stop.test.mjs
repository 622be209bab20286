// Start and stop: signals, exit statuses, options.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { connect } from '../support/raw.mjs';
import { stream } from '../support/sse.mjs';
import { run, slowness, start, startFor } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const socketFile = () => path.join(os.tmpdir(), `tachod-stop-${process.pid}.sock`);

for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal} with streams open: all see the end, exit 0 within a second`, async (t) => {
        const file = socketFile();
        const daemon = await start(['-l', '127.0.0.1:0', '-l', `unix:${file}`]);
        t.after(() => daemon.stop());
        const clients = await Promise.all([{}, {}, { socketPath: file }].map((options, i) =>
            stream(daemon, i ? '' : '?name=node_load1', options)));
        const idle = await connect(daemon, { paused: true });
        idle.write('GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
        const half = await connect(daemon);
        half.write('GET /v1/now HTTP/1.1\r\nHos');
        await Promise.all(clients.map((client) => client.count(2)));
        assert.ok(existsSync(file));

        const began_ms = Date.now();
        await daemon.stop(20000, signal);
        const took_ms = Date.now() - began_ms;
        assert.ok(took_ms < 1000 * slowness(), `${took_ms} ms`);
        for (const client of clients) {
            assert.equal(await client.end(), 'end');
            assert.equal(client.rest, '', 'no half event');
        }
        assert.ok(!existsSync(file), 'the socket file is removed');
        idle.destroy();
        half.destroy();
        const again = await start(['-l', `127.0.0.1:${daemon.port}`]);
        await again.stop();
    });
}

test('a signal in the first moments is an orderly end too', async () => {
    for (let i = 0; i < 5; i++) {
        const daemon = await start();
        await daemon.stop();
    }
});

test('a used port: exit 1 and one line that names the address', async (t) => {
    const daemon = await startFor(t);
    const { code, stderr } = await run(['-l', `127.0.0.1:${daemon.port}`]);

    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^tachod: error: [^\\n]*127.0.0.1:${daemon.port}[^\\n]*\\n$`));
    assert.equal((await ask(daemon, '/v1/info')).status, 200);
});

test('the socket file of a daemon that is gone is replaced, another file is not', async (t) => {
    const file = socketFile();
    const first = await start(['-l', '127.0.0.1:0', '-l', `unix:${file}`]);
    const busy = await run(['-l', `unix:${file}`]);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, new RegExp(`^[^\\n]*${file}[^\\n]*\\n$`));
    await first.kill();
    assert.ok(existsSync(file));
    const second = await start(['-l', '127.0.0.1:0', '-l', `unix:${file}`]);
    assert.equal((await ask(second, '/v1/info', { socketPath: file })).status, 200);
    await second.stop();
    writeFileSync(file, 'text');
    t.after(() => rmSync(file));
    const refused = await run(['-l', `unix:${file}`]);
    assert.equal(refused.code, 1);
    assert.ok(existsSync(file));
});

/** Arguments, exit status, what standard error says; one line where the status is 1. */
const wrong = [
    [['--interval', '99ms'], 2, /--interval.*100ms to 60s/],
    [['--interval', '61s'], 2, /--interval.*100ms to 60s/],
    [['-i', '7s'], 2, /a day is a multiple/],
    [['-i', ''], 2, /--interval/],
    [['-i', '1'], 2, /--interval/],
    [['-i', '-1s'], 2, /--interval/],
    [['-i', '1 s'], 2, /--interval/],
    [['-i', '99999999999999999999s'], 2, /--interval/],
    [['--log-level', 'loud'], 2, /--log-level.*error, warning, info, debug/],
    [['--nonsense'], 2, /--nonsense/],
    [['-x'], 2, /x/],
    [['-l'], 2, /l/],
    [['argument'], 2, /unexpected argument "argument"/],
    [Array.from({ length: 34 }, (_, i) => i % 2 ? '127.0.0.1:0' : '-l'), 2, /at most 16/],
    [['-l', '0.0.0.0:0'], 1, /0\.0\.0\.0:0.*loopback/],
    [['-l', '[::]:0'], 1, /\[::\]:0.*loopback/],
    [['-l', '192.0.2.1:0'], 1, /192\.0\.2\.1:0.*loopback/],
    [['-l', '128.0.0.1:0'], 1, /loopback/],
    [['-l', '[::ffff:127.0.0.1]:0'], 1, /cannot listen/],
    [['-l', 'localhost:0'], 1, /localhost:0.*numeric/],
    [['-l', '127.0.0.1'], 1, /ADDR:PORT/],
    [['-l', '127.0.0.1:'], 1, /ADDR:PORT/],
    [['-l', '127.0.0.1:99999'], 1, /ADDR:PORT/],
    [['-l', '127.0.0.1:-1'], 1, /ADDR:PORT/],
    [['-l', '::1:0'], 1, /ADDR:PORT/],
    [['-l', ''], 1, /ADDR:PORT/],
    [['-l', ':0'], 1, /ADDR:PORT/],
    [['-l', 'unix:'], 1, /1 to 107 bytes/],
    [['-l', `unix:/${'x'.repeat(107)}`], 1, /1 to 107 bytes/],
    [['-l', 'unix:/nonexistent/socket'], 1, /\/nonexistent\/socket.*No such file/],
    [['-l', '127.0.0.1:0', '-l', '0.0.0.0:0'], 1, /0\.0\.0\.0:0/],
];

test('wrong options are refused with what is allowed', async () => {
    for (const [args, status, message] of wrong) {
        const { code, stdout, stderr } = await run(args);
        assert.equal(code, status, `${args.join(' ')}: ${stderr}`);
        assert.match(stderr, message);
        assert.equal(stdout, '');
        if (status === 1)
            assert.match(stderr, /^[^\n]+\n$/, 'one line');
    }
});

test('--version and --help answer and do no more', async () => {
    for (const args of [['--version'], ['-V'], ['-l', '0.0.0.0:1', '-V']])
        assert.match((await run(args)).stdout, /^tachod \d+\.\d+\.\d+\n$/);
    for (const option of ['--help', '-h']) {
        const { code, stdout, stderr } = await run([option]);
        assert.deepEqual([code, stderr], [0, '']);
        for (const name of ['--listen', '--interval', '--once', '--path.procfs', '--path.sysfs',
            '--path.rootfs', '--static-dir', '--log-level', '--version', '--help'])
            assert.ok(stdout.includes(name), name);
        assert.ok(stdout.split('\n').every((line) => line.length <= 100));
    }
});

test('--once prints one snapshot with rates', async () => {
    const { code, stdout, stderr } = await run(['--once', '-i', '200ms']);
    const document = JSON.parse(stdout);

    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(Object.keys(document), ['epoch', 'seq', 'time_ms', 'series']);
    assert.equal(document.seq, 2);
    const cpu = document.series.filter(({ name }) => name === 'node_cpu_seconds_total');
    assert.ok(cpu.length >= 8 && cpu.every(({ rate }) => Number.isFinite(rate)));
});

test('--once says so when its output cannot be written', async () => {
    const { status, stderr } = spawnSync('sh', ['-c', 'exec "$TACHOD" --once -i 100ms >/dev/full'],
        { env: process.env, timeout: 20000 });
    assert.equal(status, 1);
    assert.match(stderr.toString(), /No space left/);
});

test('every address is logged and served', async (t) => {
    const daemon = await start(['-l', '127.0.0.1:0', '-l', '127.0.0.2:0', '-l', '127.0.0.1:0']);
    t.after(() => daemon.stop());
    const addresses = await until('three addresses', () => {
        const found = [...daemon.stderr.matchAll(/listening on http:\/\/([\d.]+):(\d+)\//g)];
        return found.length === 3 ? found : null;
    });
    for (const [, , port] of addresses.filter(([, host]) => host === '127.0.0.1'))
        assert.ok((await json({ port: Number(port) }, '/v1/info')).epoch);
});
