// Targets that are slow, endless or lie, and names that nobody resolves: each costs its own series
// only, and the main loop stays as it is.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { ask, json } from '../support/http.mjs';
import { makeNamespace, whyNoNamespace } from '../support/namespace.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { configure, folderFor, serve, serveRaw, targetOf } from '../support/target.mjs';
import { sleep, until } from '../support/wait.mjs';

const GOOD = 'x 1\ny{a="b"} 2\n';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';
const MIB = 1 << 20;

/** Writes a piece again and again, as fast as it is read. */
function flood(socket, piece) {
    const more = () => {
        while (!socket.destroyed && socket.write(piece))
            ;
    };
    socket.on('drain', more);
    more();
}

/** An HTTP answer by a handler of its response. */
const by = (handler) => (t) => serve(t, (request, response) => handler(response));
const raw = (handler) => (t) => serveRaw(t, handler);
const packed = (body) => by((response) => {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(body);
});

/** Each by name: how it answers, and what is said of it. */
const hostile = {
    silent: [raw(() => {}), /^no whole answer within 500 ms$/],
    slow: [raw((socket) => {
        socket.write(HEAD + '\r\n');
        const timer = setInterval(() => socket.write('x 1\n'), 50);
        socket.on('close', () => clearInterval(timer));
    }), /^no whole answer within 500 ms$/],
    endless: [raw((socket) => {
        socket.write(HEAD + '\r\n');
        flood(socket, 'x 1\n'.repeat(16384));
    }), /^(the answer is longer than 4194304 bytes|no whole answer within 500 ms)$/],
    one_line: [raw((socket) => {
        socket.write(HEAD + '\r\n');
        flood(socket, 'x'.repeat(65536));
    }), /^(the answer is longer than 4194304 bytes|no whole answer within 500 ms)$/],
    headers: [raw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        flood(socket, 'A: b\r\n'.repeat(1000));
    }), /headers|header|no whole answer|Too large/i],
    informed: [raw((socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000))),
        /headers|no whole answer/],
    redirecting: [by((response) => {
        response.writeHead(302, { Location: 'http://192.0.2.1/metrics' });
        response.end('x 1\n');
    }), /^HTTP 302: it redirects to http:\/\/192\.0\.2\.1\/metrics, which is not followed$/],
    failing: [by((response) => {
        response.statusCode = 500;
        response.end('x 1\n');
    }), /^HTTP 500$/],
    forbidden: [by((response) => {
        response.statusCode = 401;
        response.end();
    }), /^HTTP 401$/],
    too_short: [raw((socket) => socket.end(`${HEAD}Content-Length: 1000\r\n\r\nx 1\n`)),
        /transfer closed with \d+ bytes remaining/],
    too_large: [raw((socket) => socket.end(`${HEAD}Content-Length: 99999999\r\n\r\nx 1\n`)),
        /^the answer is longer than 4194304 bytes$/],
    negative: [raw((socket) => socket.end(`${HEAD}Content-Length: -1\r\n\r\nx 1\n`)), /Content-Length/i],
    bad_chunks: [raw((socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nx 1\r\n`)),
        /chunk|hexadecimal|illegal/i],
    cut_chunks: [raw((socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nx 1\n\r\n`)),
        /transfer closed|outstanding/],
    no_http: [raw((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')), /HTTP\/0\.9|unsupported|weird/i],
    closing: [raw((socket) => socket.destroy()), /Empty reply|reset/],
    resetting: [raw((socket) => {
        socket.write(`${HEAD}Content-Length: 10\r\n\r\nx 1\n`);
        socket.resetAndDestroy();
    }), /reset|Recv failure/i],
    page: [by((response) => response.end('<!DOCTYPE html>\n<html>\n<body>Metrics</body>\n</html>\n')),
        /^it has no metrics: line 1 is none$/],
    garbage: [by((response) => response.end(Buffer.from(Array.from({ length: 100000 }, (_, i) =>
        i * 7919 % 251 || 1)))), /^it has no metrics: line 1 is none$/],
    cut: [by((response) => {
        response.setHeader('Content-Type', 'application/openmetrics-text; version=1.0.0');
        response.end('x 1\n');
    }), /# EOF/],
    bomb: [packed(gzipSync(Buffer.alloc(64 * MIB, 'x 1\n'), { level: 9 })),
        /^(the answer is longer than 4194304 bytes|no whole answer within 500 ms)$/],
    empty_members: [raw((socket) => {
        socket.write(`${HEAD}Content-Encoding: gzip\r\n\r\n`);
        flood(socket, Buffer.concat(Array(1000).fill(gzipSync(''))));
    }), /^(the answer is longer than 4194304 bytes|no whole answer within 500 ms)$/],
    empty_blocks: [raw((socket) => {
        socket.write(`${HEAD}Content-Encoding: gzip\r\n\r\n`);
        socket.write(gzipSync('').subarray(0, 10));
        flood(socket, Buffer.concat(Array(4000).fill(Buffer.from([0, 0, 0, 255, 255]))));
    }), /^(the answer is longer than 4194304 bytes|no whole answer within 500 ms)$/],
    cut_gzip: [packed(gzipSync(GOOD.repeat(1000)).subarray(0, -9)), /^what is packed ends too early$/],
    no_gzip: [packed('x 1\n'), /^it is packed wrongly$/],
    trailing_gzip: [packed(Buffer.concat([gzipSync(GOOD), Buffer.from('x 1\n')])), /^it is packed wrongly$/],
    brotli: [by((response) => {
        response.setHeader('Content-Encoding', 'br');
        response.end('x');
    }), /^its Content-Encoding is not gzip$/],
};

/** The largest that a series had in the last ticks. */
async function largest(daemon, query, seconds) {
    const { series } = await json(daemon, `/v1/history?${query}&from=-${seconds}s&agg=max`);

    return Math.max(...series.flatMap(({ max }) => max.filter((value) => value !== null)));
}

test('each costs its own series only', { timeout: 120000 }, async (t) => {
    const good = await serve(t, (request, response) => response.end(GOOD));
    const targets = await Promise.all(Object.entries(hostile).map(async ([job, [make]]) =>
        ({ job, url: (await make(t)).url })));
    const scrape = [{ job: 'good', url: good.url }, ...targets].map((each) =>
        ({ interval: '500ms', max_bytes: 4 * MIB, ...each }));
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '500ms', '-c', configure(folderFor(t), scrape)]);
    t.after(() => daemon.stop());

    for (const [job, [, pattern]] of Object.entries(hostile)) {
        /* A busy machine may be too late for what it says at first. */
        const { samples } = await targetOf(daemon, job, ({ state, error }) =>
            state === 'down' && pattern.test(error));
        assert.equal(samples, 0, job);
    }
    const first = (await json(daemon, '/v1/info')).seq;
    await until('twenty ticks', async () => (await json(daemon, '/v1/info')).seq >= first + 20 || null);

    const { series } = await json(daemon, '/v1/now?match={__scope__="application"}');
    const jobs = (pattern) => series.filter(({ name, value }) => pattern.test(name) && value !== null);
    assert.deepEqual(jobs(/^[xy]$/).map(({ name, labels }) => labels.job + name).sort(), ['goodx', 'goody']);
    assert.deepEqual(Object.fromEntries(jobs(/^up$/).map(({ labels, value }) => [labels.job, value])),
        Object.fromEntries([['good', 1], ...targets.map(({ job }) => [job, 0])]));
    const { series: [up] } = await json(daemon, '/v1/history?match=up{job="good"}&from=-8s&agg=min');
    assert.ok(up.min.slice(1, -1).filter((value) => value !== null).every((value) => value === 1));
    const delay_s = await largest(daemon, 'match=tacho_loop_delay_seconds{loop="main"}', 8);
    const lateness_s = await largest(daemon, 'name=tacho_tick_lateness_seconds', 8);
    const callback_s = await largest(daemon, 'match=tacho_loop_callback_seconds{callback="fetch"}', 8);
    t.diagnostic(`main loop: delay ${delay_s} s, lateness ${lateness_s} s, fetch ${callback_s} s`);
    assert.ok(delay_s < 0.25 * slowness(), `delay of the main loop: ${delay_s} s`);
    assert.ok(lateness_s < 0.25 * slowness(), `lateness of the tick: ${lateness_s} s`);
    const dropped = await json(daemon, '/v1/now?match=tacho_ingest_dropped_total{source="scrape",reason="malformed"}');
    assert.ok(dropped.series[0].value > 0);
});

test('garbage among good lines is dropped, counted and told of', async (t) => {
    const target = await serve(t, (request, response) =>
        response.end(`x 1\n!? nonsense\nx{a="${'v'.repeat(70000)}"} 1\ny 2\n`));
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '200ms', '-c',
        configure(folderFor(t), [{ job: 'app', url: target.url }])]);
    t.after(() => daemon.stop());

    const { error, samples } = await targetOf(daemon, 'app', ({ state }) => state === 'up');
    assert.equal(error, '2 lines were not understood, the first is line 2');
    assert.equal(samples, 2);
    const { series } = await json(daemon, '/v1/now?name=tacho_ingest_dropped_total');
    const counts = Object.fromEntries(series.map(({ labels, value }) => [labels.reason, value]));
    assert.ok(counts.malformed >= 1 && counts.too_long >= 1);
    assert.equal(counts.series_limit, 0);
});

test('a target that hangs is asked as often as any other', { timeout: 60000 }, async (t) => {
    const times = [];
    const target = await serveRaw(t, () => times.push(Date.now()));
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '500ms', '-c',
        configure(folderFor(t), [{ job: 'hangs', url: target.url, interval: '500ms' }])]);
    t.after(() => daemon.stop());

    await until('ten', () => times.length >= 10 || null, { timeout_ms: 30000 });
    const steps = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
    assert.ok(steps[4] < 750, `the median of ${steps} ms`);
    const { error } = await targetOf(daemon, 'hangs', ({ state }) => state === 'down');
    assert.equal(error, 'no whole answer within 500 ms');
    assert.equal((await json(daemon, '/v1/now?name=up')).series[0].value, 0);
});

test('a target in vain takes no connection of another', { timeout: 60000 }, async (t) => {
    /* Nobody accepts: what is beyond the backlog does not even connect. */
    const deaf = net.createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 });
    await once(deaf, 'listening');
    t.after(() => deaf.close());
    const helper = spawn('python3', ['-c', 'import socket,sys\ns=socket.socket()\ns.bind(("127.0.0.1",0))\n' +
        's.listen(0)\nprint(s.getsockname()[1],flush=True)\nsys.stdin.read()'], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => helper.kill());
    const [line] = await once(helper.stdout, 'data');
    const port = Number(line);
    const good = await serve(t, (request, response) => response.end(GOOD));
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '200ms', '-c', configure(folderFor(t), [
        { job: 'deaf', url: `http://127.0.0.1:${port}/`, interval: '400ms' },
        { job: 'good', url: good.url, interval: '200ms' },
        { job: 'nobody', url: 'http://127.0.0.1:1/' },
        { job: 'no_socket', unix: '/nonexistent/socket' }])]);
    t.after(() => daemon.stop());

    assert.match((await targetOf(daemon, 'deaf', ({ state }) => state === 'down')).error, /within 400 ms/);
    assert.match((await targetOf(daemon, 'nobody', ({ state }) => state === 'down')).error, /connect/i);
    assert.match((await targetOf(daemon, 'no_socket', ({ state }) => state === 'down')).error, /connect/i);
    await targetOf(daemon, 'good', ({ state }) => state === 'up');
});

test('one that comes and goes does not fill the log', { timeout: 60000 }, async (t) => {
    let asked = 0;
    const began = Date.now();
    const target = await serve(t, (request, response) => {
        response.statusCode = ++asked % 2 ? 500 : 200;
        response.end(GOOD);
    });
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '200ms', '-c',
        configure(folderFor(t), [{ job: 'app', url: target.url, interval: '200ms' }])]);
    t.after(() => daemon.stop());

    await until('twelve', () => asked >= 12 || null, { timeout_ms: 50000 });
    await daemon.logged(/up again/);
    const count = (pattern) => daemon.stderr.match(pattern).length;
    const minutes = 1 + Math.floor((Date.now() - began) / 60000);
    assert.ok(count(/HTTP 500/g) <= minutes && count(/up again/g) <= minutes, daemon.stderr);
});

const noNamespace = whyNoNamespace();

test('a name server that never answers', { skip: noNamespace, timeout: 120000 }, async (t) => {
    const folder = folderFor(t), namespace = await makeNamespace();
    const socket = path.join(folder, 'tachod.sock'), app = path.join(folder, 'app.sock');
    const resolv = path.join(folder, 'resolv.conf');
    t.after(() => namespace.remove());
    namespace.lose('127.0.0.53');
    writeFileSync(resolv, 'nameserver 127.0.0.53\n');
    await serve(t, (request, response) => response.end(GOOD), app);
    const scrape = [...Array.from({ length: 40 }, (_, i) => ({ job: `lost-${i}`, url: `http://lost-${i}.example/` })),
        { job: 'good', unix: app }, { job: 'local', url: 'http://localhost:1/' }];
    const daemon = await start(['-l', '127.0.0.1:0', '-l', `unix:${socket}`, '-i', '500ms', '-c',
        configure(folder, scrape)], { prefix: [...namespace.prefix, 'unshare', '--mount', 'sh', '-ec',
        'mount --bind "$0" /etc/resolv.conf; exec "$@"', resolv] });
    t.after(() => daemon.stop());
    const at = (query) => ask(null, query, { socketPath: socket }).then((answer) => answer.json);
    const status = async (job) => (await at('/v1/info')).scrape.find((each) => each.job === job);

    await until('the good one', async () => (await status('good'))?.state === 'up' || null);
    await until('the lost one', async () => (await status('lost-0')).state === 'down' || null, { timeout_ms: 40000 });
    assert.match((await status('lost-0')).error, /not resolved|still asked for/);
    assert.match((await status('local')).error, /connect/i, 'localhost waits for nobody');
    /* Whether a worker has begun with it or not, it is down, and says so by a value. */
    await until('all lost', async () => (await at('/v1/info')).scrape
        .every(({ job, state }) => !job.startsWith('lost') || state === 'down') || null, { timeout_ms: 20000 });
    const lost = await until('a value of each', async () => {
        const { series } = await at('/v1/now?name=up');
        return series.filter(({ value }) => value !== null).length === scrape.length && series;
    });
    assert.ok(lost.every(({ labels, value }) => value === (labels.job === 'good' ? 1 : 0)));
    const first = (await at('/v1/info')).seq;
    await until('ten ticks', async () => (await at('/v1/info')).seq >= first + 10 || null);
    assert.equal((await status('good')).state, 'up');
    const { series: [delay, lateness] } = await at('/v1/history?match=tacho_loop_delay_seconds{loop="main"}' +
        '&match=tacho_tick_lateness_seconds&from=-10s&agg=max');
    for (const { name, max } of [delay, lateness])
        assert.ok(Math.max(...max) < 0.25 * slowness(), `${name}: ${Math.max(...max)} s`);
    const ended = Date.now();
    await daemon.stop();
    assert.ok(Date.now() - ended < 2000 * slowness(), 'the end waits for no name server');
});

test('what one exposes costs no other its own series', { timeout: 60000 }, async (t) => {
    const pair = await serve(t, (request, response) =>
        response.end(request.url === '/good' ? GOOD : 'up{a="1"} 7\nup{b="2"} 8\n'));
    let scrapes = 0;
    const changing = await serve(t, (request, response) => {
        scrapes++;
        response.end(Array.from({ length: 100 }, (_, i) => `c{s="${scrapes}",i="${i}"} 1\n`).join(''));
    });
    const long = await serve(t, (request, response) => response.end(Array.from({ length: 300 }, (_, i) =>
        `l{i="${i}",z="${'z'.repeat(1000)}"} 1\n`).join('')));
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '200ms', '-c', configure(folderFor(t), [
        { job: 'same', url: pair.url }, { job: 'same', url: new URL('/good', pair.url), labels: { a: '1' } },
        { job: 'changing', url: changing.url, max_series: 100 },
        { job: 'long', url: long.url, max_series: 1000 }, { job: 'longer', url: long.url, max_series: 100 }])]);
    t.after(() => daemon.stop());

    const told = await targetOf(daemon, 'same', ({ error }) => error);
    assert.equal(told.error, '1 series were dropped: they are there already, or there is no room');
    // They are declared before the first scrape.
    const ups = await until('a value of each', async () => {
        const { series } = await json(daemon, '/v1/now?match=up{job="same"}');
        return series.every(({ value }) => value !== null) &&
            series.map(({ labels, value }) => [labels.a ?? labels.b ?? '', value]);
    });
    assert.deepEqual(ups.sort(), [['', 1], ['1', 1], ['2', 8]]);
    await until('ten scrapes', () => scrapes >= 10 || null);
    const { state, error } = await targetOf(daemon, 'changing');
    assert.deepEqual([state, error], ['up', undefined]);
    assert.equal((await targetOf(daemon, 'long', (one) => one.state === 'up')).error, undefined);
    assert.match((await targetOf(daemon, 'longer', (one) => one.state === 'up')).error,
        /^23\d series were dropped: their names and labels are too long, or too many$/);
});

test('a good target among 63 that never end', { timeout: 120000 }, async (t) => {
    const good = await serve(t, (request, response) => response.end(GOOD));
    const piece = Buffer.from(Array.from({ length: 1000 }, (_, i) => `flood{i="${i}"} ${i}\n`).join(''));
    const endless = await serveRaw(t, (socket) => {
        socket.write(HEAD + '\r\n');
        flood(socket, piece);
    });
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '500ms', '-c', configure(folderFor(t), [
        { job: 'good', url: good.url, interval: '500ms' },
        ...Array.from({ length: 63 }, (_, i) => ({ job: `endless-${i}`, url: endless.url, interval: '500ms',
            max_series: 50, max_bytes: 256 * MIB }))])]);
    t.after(() => daemon.stop());

    await targetOf(daemon, 'endless-62', ({ state }) => state === 'down');
    const first = (await json(daemon, '/v1/info')).seq;
    await until('twenty ticks', async () => (await json(daemon, '/v1/info')).seq >= first + 20 || null,
        { timeout_ms: 60000, every_ms: 200 });
    const delay_s = await largest(daemon, 'match=tacho_loop_delay_seconds{loop="main"}', 8);
    const lateness_s = await largest(daemon, 'name=tacho_tick_lateness_seconds', 8);
    t.diagnostic(`main loop: delay ${delay_s} s, lateness ${lateness_s} s`);
    assert.ok(delay_s < Math.max(1, 0.25 * slowness()), `delay of the main loop: ${delay_s} s`);
    assert.equal((await json(daemon, '/v1/now?name=flood')).series.filter(({ value }) => value !== null).length, 0);
});
