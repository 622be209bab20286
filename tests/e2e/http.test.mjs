// HTTP itself: the page, methods, errors, health, and the documents that describe the daemon.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import os from 'node:os';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { ask, json, nameOf, now } from '../support/http.mjs';
import { exchange } from '../support/raw.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const PATHS = ['/', '/app.js', '/app.css', '/favicon.svg', '/worker.js', '/healthz', '/readyz',
    '/v1/info', '/v1/catalog', '/v1/now', '/v1/now?name=node_load1&format=value',
    '/v1/history?name=node_load1', '/v1/stream', '/nothing', '/v1/history', '/v1/now?x=1'];

describe('http', () => {
    let daemon;

    before(async () => {
        daemon = await start();
        await until('ready', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    });
    after(() => daemon?.stop());

    test('HEAD answers as GET does, without a body', async () => {
        for (const path of PATHS) {
            const raw = (method) => exchange(daemon,
                `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
                { timeout_ms: path === '/v1/stream' ? 500 : 20000 });
            const [get, head] = [await raw('GET'), await raw('HEAD')];
            /* How long a body is can change from tick to tick. */
            const headers = (reply) => reply.head.split('\r\n').sort()
                .filter((line) => !/^(Date|Content-Length|Transfer-Encoding):/.test(line));
            assert.equal(head.body, '', path);
            assert.deepEqual(headers(head), headers(get), path);
        }
    });

    test('a connection serves one request after the other', async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        for (const path of ['/v1/info', '/v1/now', '/', '/nothing', '/v1/info'])
            assert.notEqual((await ask(daemon, path, { agent })).headers.connection, 'close', path);
        agent.destroy();
        const request = (path, last) =>
            `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;
        const { bytes } = await exchange(daemon, request('/v1/info') + request('/healthz') +
            request('/v1/info', true));
        assert.equal(bytes.toString().match(/^HTTP\/1\.1 200 OK\r$/gm)?.length, 3, 'pipelined');
    });

    test('the page has an ETag, and is not sent again', async () => {
        const page = await ask(daemon, '/');
        assert.equal(page.status, 200);
        assert.match(page.headers['content-type'], /^text\/html/);
        assert.match(page.headers.etag, /^"[^"]+"$/);
        assert.equal(page.headers.vary, 'Accept-Encoding');
        assert.equal(page.headers['x-content-type-options'], 'nosniff');
        for (const [known, status] of [[page.headers.etag, 304], [`W/${page.headers.etag}`, 304],
            [`"x", ${page.headers.etag}`, 304], ['*', 304], ['"x"', 200], ['junk', 200]]) {
            const again = await ask(daemon, '/', { headers: { 'if-none-match': known } });
            assert.equal(again.status, status, known);
            assert.equal(again.headers.etag, page.headers.etag);
            assert.equal(again.body.length, status === 304 ? 0 : page.body.length);
        }
    });

    test('a query tells versions of a file apart, and changes nothing of it', async () => {
        const plain = await ask(daemon, '/worker.js');
        assert.equal(plain.status, 200);
        const [, path] = (await ask(daemon, '/app.js')).text.match(
            /["'`](\/worker\.js\?v=[0-9a-f]{16})["'`]/);
        const hash = createHash('sha256').update(plain.body).digest('hex');
        assert.equal(path, `/worker.js?v=${hash.slice(0, 16)}`, 'the page asks for this very one');
        for (const each of [path, '/worker.js?v=other', '/worker.js?']) {
            const { status, headers, body } = await ask(daemon, each);
            assert.equal(status, 200, each);
            assert.match(headers['content-type'], /^text\/javascript/);
            assert.equal(headers['cache-control'], 'no-cache');
            assert.equal(headers.etag, plain.headers.etag);
            assert.deepEqual(body, plain.body);
            const again = await ask(daemon, each, { headers: { 'if-none-match': headers.etag } });
            assert.equal(again.status, 304);
        }
    });

    test('the page is compressed for those who accept it', async () => {
        const page = await ask(daemon, '/', { headers: { 'accept-encoding': 'gzip' } });
        assert.deepEqual(gunzipSync(page.body), (await ask(daemon, '/')).body);
        const plain = await ask(daemon, '/app.js');
        for (const [accepted, compressed] of [['gzip', true], ['br, gzip', true], ['*', true],
            ['GZIP;q=0.5', true], ['gzip;q=1', true], ['gzip;q=0', false], ['gzip; q=0.0', false],
            ['br', false], ['identity', false], ['', false], ['gzipx', false]]) {
            const answer = await ask(daemon, '/app.js', { headers: { 'accept-encoding': accepted } });
            assert.equal(answer.headers['content-encoding'], compressed ? 'gzip' : undefined, accepted);
            assert.deepEqual(compressed ? gunzipSync(answer.body) : answer.body, plain.body);
            assert.equal(answer.headers.etag === plain.headers.etag, !compressed);
            assert.equal(answer.headers.vary, 'Accept-Encoding');
        }
    });

    test('the page may load from itself alone, and names no other host', async () => {
        for (const path of ['/', '/app.js', '/app.css', '/favicon.svg', '/worker.js']) {
            const { headers, text } = await ask(daemon, path);
            const policy = headers['content-security-policy'];
            assert.match(policy, /default-src 'none'/);
            assert.doesNotMatch(policy, /unsafe|\*|https?:/);
            const urls = (text.match(/\bhttps?:\/\/[^\s"'`)]+/g) ?? [])
                .filter((url) => !/^http:\/\/www\.w3\.org\/(1999|2000|1998)\//.test(url));
            assert.deepEqual(urls, [], path);
        }
    });

    test('errors are problem+json that say what is allowed', async () => {
        const long = (bytes) => `/v1/now?name=${'x'.repeat(bytes - 13)}`;
        const cases = [
            ['GET', '/nothing', 404], ['GET', '/v1', 404], ['GET', '/v1/', 404],
            ['GET', '/V1/now', 404], ['GET', '/v1/now/', 404], ['GET', '//', 404],
            ['GET', '/index.html', 404], ['POST', '/v1/now', 405], ['PUT', '/', 405],
            ['DELETE', '/v1/info', 405], ['OPTIONS', '/v1/now', 405], ['PATCH', '/healthz', 405],
            ['GET', long(4097), 414], ['GET', long(7000), 414],
            ['GET', '/v1/now?format=xml', 400, 'format'], ['GET', '/v1/now?digits=9', 400, 'digits'],
            ['GET', '/v1/now?name=', 400, 'name'], ['GET', '/v1/now?label=x', 400, 'label'],
            ['GET', '/v1/now?match={', 400, 'match'], ['GET', '/v1/now?id=1', 400, 'epoch'],
            ['GET', '/v1/now?id=1&epoch=0123456789abcdef', 410, 'epoch'],
            ['GET', '/v1/history?name=a&from=x', 400, 'from'],
            ['GET', '/v1/now?name=nothing&format=value', 404],
        ];
        for (const [method, path, status, parameter] of cases) {
            const answer = await ask(daemon, path, { method });
            assert.equal(answer.status, status, `${method} ${path.slice(0, 80)}`);
            assert.equal(answer.headers['content-type'], 'application/problem+json');
            const problem = answer.json;
            assert.deepEqual(Object.keys(problem), ['title', 'status',
                ...parameter ? ['parameter'] : [], 'detail']);
            assert.equal(problem.status, status);
            assert.equal(problem.title, http.STATUS_CODES[status]);
            assert.equal(problem.parameter, parameter);
            assert.ok(problem.detail.length > 10);
            assert.equal(answer.headers.allow, status === 405 ? 'GET, HEAD' : undefined);
        }
        assert.equal((await ask(daemon, long(4096))).status, 200);
    });

    test('what libmicrohttpd refuses itself is refused and closed', async () => {
        for (const [request, status] of [
            [`GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 414],
            [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9000)}\r\n\r\n`, 431],
            ['GET / HTTP/1.1\r\nHost x\r\n\r\n', 400]]) {
            const reply = await exchange(daemon, request);
            assert.deepEqual([reply.status, reply.closed], [status, true]);
        }
    });

    test('health is told without content', async () => {
        for (const path of ['/healthz', '/readyz']) {
            const { status, body } = await ask(daemon, path);
            assert.deepEqual([status, body.length], [200, 0]);
        }
    });

    test('/v1/info describes machine and ring', async () => {
        const info = await json(daemon, '/v1/info');
        assert.deepEqual(Object.keys(info), ['version', 'epoch', 'seq', 'interval_ms',
            'first_time_ms', 'last_time_ms', 'boot_time_ms', 'host', 'series', 'history',
            'collectors', 'scrape', 'statsd']);
        assert.deepEqual(Object.keys(info.host),
            ['name', 'os', 'kernel', 'cpus', 'memory_bytes', 'container_view']);
        assert.equal(info.host.name, os.hostname());
        assert.equal(info.host.kernel, os.release());
        assert.equal(info.host.cpus, os.cpus().length);
        assert.equal(info.host.memory_bytes, os.totalmem());
        assert.ok(Math.abs(info.boot_time_ms - (Date.now() - os.uptime() * 1000)) < 2000);
        assert.deepEqual(Object.keys(info.history), ['seconds', 'minutes', 'processes']);
        const { seconds, minutes, processes } = info.history;
        for (const { budget_bytes, used_bytes } of [seconds, minutes, processes])
            assert.ok(used_bytes >= 0 && used_bytes <= budget_bytes);
        assert.ok(seconds.used_bytes > 0);
        assert.equal(seconds.span_ms, info.last_time_ms - info.first_time_ms);
        assert.equal(minutes.span_ms, seconds.span_ms, 'nothing is in minutes alone yet');
        assert.ok(info.first_time_ms <= info.last_time_ms && info.last_time_ms <= Date.now());
    });

    test('/v1/info tells what each collector is doing', async () => {
        const { collectors } = await json(daemon, '/v1/info');
        const names = collectors.map(({ name }) => name);
        assert.deepEqual(names, [...names].sort());
        for (const { name, state, error, since_ms } of collectors) {
            assert.ok(['running', 'off', 'absent', 'denied', 'failing'].includes(state), `${name}: ${state}`);
            assert.equal(error !== undefined, state === 'denied' || state === 'failing', name);
            assert.ok(since_ms <= Date.now() && since_ms > Date.now() - 600000, `${name}: ${since_ms}`);
        }
        for (const name of ['cpu', 'loadavg', 'memory'])
            assert.equal(collectors[names.indexOf(name)].state, 'running');
    });

    /** What changes rarely, or may block, is read less often than each second. */
    const SLOW = [
        [/^node_scrape_collector_/, 10000],
        [/^node_(cpu_isolated|dmi|os|selinux|time_clocksource|uname)(_|$)/, 60000],
        [/^node_disk_((filesystem_|device_mapper_)?info|ata_)/, 60000],
        [/^node_(arp|bonding|entropy|power_supply|textfile|timex|udp)_/, 10000],
        [/^node_(edac|watchdog)_/, 30000],
        [/^node_(md_|zfs_(?!arc_(size|c_min)$))/, 10000],
        [/^node_nvme_/, 60000],
        [/^node_cpu_(core|package)_throttles_total$/, 10000],
        [/^node_(cpu_(scaling_)?frequency|cpu_scaling_governor|cooling_device|hwmon|thermal_zone)/, 5000],
        [/^node_rapl_/, 2000],
        [/^tacho_(hugepages|textfile)_/, 10000],
        [/^tacho_zram_/, 5000],
        [/^process_((open|max)_fds|virtual_memory_max_bytes)$/, 10000],
        [/^(node|tacho)_filesystem_/, 10000],
        [/^tacho_(processes|threads)$/, 5000],
        [/^node_network_(receive_nohandler_total|(?!(receive|transmit)_\w+_total)\w+)$/, 10000],
    ];
    const intervalOf = (name) => SLOW.find(([pattern]) => pattern.test(name))?.[1] ?? 1000;

    test('/v1/catalog describes every series of /v1/now', async () => {
        const { epoch, series } = await json(daemon, '/v1/catalog');
        const { of, ...document } = await now(daemon);
        assert.equal(epoch, document.epoch);
        assert.equal(series.length, of.size);
        for (const each of series) {
            assert.deepEqual(Object.keys(each), ['id', 'name', 'labels', 'kind', 'cumulative',
                'unit', 'help', 'scope', 'interval_ms']);
            assert.equal(of.get(nameOf(each)).id, each.id);
            assert.equal('rate' in of.get(nameOf(each)), each.cumulative);
            /* Of vmstat, netstat and conntrack node_exporter does not say what only grows. */
            assert.ok(each.kind === 'untyped' || each.name.startsWith('node_nf_conntrack_stat_') ||
                (each.kind === 'counter') === each.cumulative, each.name);
            assert.equal(each.kind === 'counter', each.name.endsWith('_total'), each.name);
            assert.ok(each.help.length > 10);
            assert.equal(each.interval_ms, intervalOf(each.name), each.name);
            assert.ok(['', 'seconds', 'bytes', 'ratio', 'hertz', 'bytes_per_second']
                .includes(each.unit), each.name);
        }
        assert.equal(new Set(series.map(nameOf)).size, series.length);
        const ids = series.map(({ id }) => id);
        const part = `id=${ids[0]},${ids[2]}-${ids[4]}&epoch=${epoch}`;
        assert.deepEqual((await json(daemon, `/v1/now?${part}`)).series.map(({ id }) => id),
            [ids[0], ids[2], ids[3], ids[4]]);
    });

    test('selecting: unions, narrowing, Prometheus selectors', async () => {
        const count = async (query) => (await json(daemon, `/v1/catalog?${query}`)).series.length;
        const cpus = os.cpus().length;
        for (const [query, expected] of [['name=node_load*', 3], ['name=node_load1', 1],
            ['name=node_load?', 2], ['name=node_load1&name=node_load5&name=node_load1', 2],
            ['name=node_cpu_seconds_total', 8 * cpus],
            ['name=node_cpu_seconds_total&label=mode:idle', cpus],
            ['name=node_cpu_seconds_total&label=mode:i*&label=cpu:0', 3],
            ['match=node_load1', 1], ['match[]=node_load1&match=node_load5', 2],
            ['match=%7B__name__=%22node_load1%22%7D', 1],
            ['match=node_cpu_seconds_total%7Bmode=%22idle%22,cpu!=%220%22%7D', cpus - 1],
            ['match=node_load1%7Babsent=%22%22%7D', 1], ['match=node_load1%7Babsent!=%22%22%7D', 0],
            ['name=NODE_LOAD1', 0], ['name=nothing', 0]])
            assert.equal(await count(query), expected, query);
        assert.ok(await count('') > 50);
    });

    test('the first answer comes soon after the start', async () => {
        const began_ms = Date.now();
        const other = await start();
        await json(other, '/v1/now');
        const took_ms = Date.now() - began_ms;
        await other.stop();
        assert.ok(took_ms < 1000 * slowness(), `${took_ms} ms`);
    });
});

test('with one tick it is healthy, and ready when there are rates', async (t) => {
    const daemon = await start(['-i', '10s']);
    t.after(() => daemon.stop());
    const statuses = async () => Promise.all(['/healthz', '/readyz'].flatMap((path) =>
        ['GET', 'HEAD'].map(async (method) => (await ask(daemon, path, { method })).status)));

    await until('a tick', async () => (await json(daemon, '/v1/info')).seq === 1 || null);
    assert.deepEqual(await statuses(), [200, 200, 503, 503]);
    await until('rates', async () => (await json(daemon, '/v1/info')).seq === 2 || null);
    assert.deepEqual(await statuses(), [200, 200, 200, 200]);
});

test('forty who ask at once are all answered', async (t) => {
    const daemon = await start(['-i', '100ms']);
    t.after(() => daemon.stop());
    const bodies = await Promise.all(Array.from({ length: 40 }, () => ask(daemon, '/v1/now')));
    for (const { status, json: document } of bodies)
        assert.deepEqual([status, Object.keys(document).length], [200, 4]);
});
