// Scraping: what services say in either format becomes series, and ends as Prometheus ends it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { json, now } from '../support/http.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { run, start } from '../support/tachod.mjs';
import { configure, folderFor, serve, targetOf } from '../support/target.mjs';
import { sleep, until } from '../support/wait.mjs';

const TEXT = `# HELP requests_total Requests by code.
# TYPE requests_total counter
requests_total{code="200",job="own"} 7
requests_total{code="500"} 1
# TYPE temperature_celsius gauge
temperature_celsius -3.5
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.1"} 1
wait_seconds_bucket{le="+Inf"} 2
wait_seconds_sum 0.5
wait_seconds_count 2
free NaN
`;
const OPENMETRICS = `# TYPE requests counter
# UNIT memory_bytes bytes
# TYPE memory_bytes gauge
memory_bytes 5
# TYPE requests counter
requests_total 3 # {trace_id="x"} 1
# EOF
`;

/** A daemon of 200 ms, or another interval, and targets that are asked as often. */
async function startWith(t, folder, targets, interval = '200ms') {
    const scrape = targets.map((each) => ({ interval, ...each }));
    const daemon = await start(['-l', '127.0.0.1:0', '-i', interval, '-c', configure(folder, scrape)]);

    t.after(() => daemon.stop());
    return daemon;
}

/** The values of a job, by name and the labels that not all its series have. */
async function seriesOf(daemon, job, common = {}) {
    const { series } = await json(daemon, `/v1/now?label=job:${job}`);
    const isOwn = ([key, value]) => !['job', 'instance'].includes(key) && common[key] !== value;

    return Object.fromEntries(series.filter(({ value }) => value !== null).map(({ name, labels, value }) =>
        [[name, ...Object.entries(labels).filter(isOwn).map((pair) => pair.join('='))].join(' '), value]));
}

const OWN = ['scrape_duration_seconds', 'scrape_samples_scraped', 'up'];

test('a target in text becomes series', async (t) => {
    const headers = [];
    let connections = 0;
    const target = await serve(t, (request, response) => {
        headers.push(request.headers);
        response.end(TEXT);
    });
    target.server.on('connection', () => connections++);
    const daemon = await startWith(t, folderFor(t), [{ url: target.url, job: 'app',
        labels: { env: 'test', code: 'x' } }]);
    const status = await targetOf(daemon, 'app', ({ state }) => state === 'up');

    assert.equal(status.instance, target.instance);
    assert.equal(status.samples, 8);
    assert.equal(status.error, undefined);
    const { scrape_duration_seconds: seconds, ...others } = await until('values', async () => {
        const series = await seriesOf(daemon, 'app', { env: 'test', code: 'x' });
        return 'up' in series ? series : null;
    });
    assert.ok(seconds > 0 && seconds < 0.2);
    /* NaN is shown as null. */
    assert.deepEqual(others, { up: 1, scrape_samples_scraped: 8, temperature_celsius: -3.5,
        'requests_total exported_code=200 exported_job=own': 7, 'requests_total exported_code=500': 1,
        'wait_seconds_bucket le=0.1': 1, 'wait_seconds_bucket le=+Inf': 2, wait_seconds_sum: 0.5,
        wait_seconds_count: 2 });

    const { series } = await json(daemon, '/v1/catalog?match={__scope__="application"}');
    const described = Object.fromEntries(series.map((each) => [each.name, each]));
    assert.equal(series.length, 11);
    assert.ok(series.every(({ labels }) => labels.instance === target.instance && labels.job === 'app'));
    assert.ok(series.every(({ interval_ms }) => interval_ms === 200));
    const { kind, cumulative, help } = described.requests_total;
    assert.deepEqual({ kind, cumulative, help }, { kind: 'counter', cumulative: true, help: 'Requests by code.' });
    assert.equal(described.wait_seconds_bucket.kind, 'histogram');
    assert.equal(described.wait_seconds_sum.unit, 'seconds');
    assert.equal(described.temperature_celsius.kind, 'gauge');

    /* One that came too late is closed, which a busy machine may see once. */
    await until('scrapes', () => headers.length >= 10 || null);
    assert.ok(connections <= headers.length / 3, `${connections} connections, kept open`);
    const [{ host, connection, ...sent }] = headers;
    assert.deepEqual(sent, { 'user-agent': 'tachod/0.1.0', 'accept-encoding': 'gzip',
        accept: 'application/openmetrics-text;version=1.0.0,' +
            'application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
        'x-prometheus-scrape-timeout-seconds': '0.2' });
});

test('in OpenMetrics, packed, over a unix socket, with a token', async (t) => {
    const folder = folderFor(t), socket = path.join(folder, 'app.sock'), token = path.join(folder, 'token');
    const asked = [];
    writeFileSync(token, 'se.cret-42\n');
    await serve(t, (request, response) => {
        asked.push([request.url, request.headers.authorization]);
        response.setHeader('Content-Type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
        response.setHeader('Content-Encoding', 'gzip');
        response.end(gzipSync(OPENMETRICS));
    }, socket);
    const daemon = await startWith(t, folder, [{ unix: socket, path: '/x?y=z', token_file: token }]);

    const status = await targetOf(daemon, 'app.sock', ({ state }) => state === 'up');
    assert.equal(status.samples, 2);
    assert.equal(status.instance, socket);
    await until('values', async () => (await seriesOf(daemon, 'app.sock')).requests_total === 3 || null);
    const { series } = await json(daemon, '/v1/catalog?name=memory_bytes');
    assert.equal(series[0].unit, 'bytes');
    assert.deepEqual(asked[0], ['/x?y=z', 'Bearer se.cret-42']);
    const printed = await run(['-c', path.join(folder, 'tachod.json'), '--print-config']);
    assert.equal(JSON.parse(printed.stdout).scrape[0].token_file, token);
    for (const text of [printed.stdout, daemon.stderr, JSON.stringify(await json(daemon, '/v1/info')),
        JSON.stringify(await json(daemon, '/v1/catalog'))])
        assert.ok(!text.includes('se.cret'));
});

/** A certificate of its own for localhost, and a folder that trusts it; null without openssl. */
function certify(folder) {
    const key = path.join(folder, 'key.pem'), file = path.join(folder, 'certificate.pem');
    const trusted = path.join(folder, 'trusted');
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-keyout', key, '-out', file, '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost']);
    if (made.status !== 0)
        return null;
    const hash = spawnSync('openssl', ['x509', '-hash', '-noout', '-in', file], { encoding: 'utf8' }).stdout.trim();
    mkdirSync(trusted);
    writeFileSync(path.join(trusted, `${hash}.0`), readFileSync(file));
    return { key: readFileSync(key), cert: readFileSync(file), trusted };
}

test('over TLS, if the certificate is trusted', async (t) => {
    const folder = folderFor(t), pair = certify(folder);
    if (!pair)
        return t.skip('no openssl here');
    if (spawnSync('unshare', ['--mount', 'true']).status !== 0)
        return t.skip('no mount namespaces here');
    const server = https.createServer(pair, (request, response) => response.end('x 1\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    const file = configure(folder, [{ job: 'app', url: `https://localhost:${server.address().port}`,
        interval: '1s' }]);
    const args = ['-l', '127.0.0.1:0', '-i', '500ms', '-c', file];
    const daemon = await start(args);
    t.after(() => daemon.stop());
    assert.match((await targetOf(daemon, 'app', ({ state }) => state === 'down')).error, /certificate/i);
    const trusting = await start(args, { prefix: ['unshare', '--mount', 'sh', '-ec',
        'mount --bind "$0" /etc/ssl/certs; exec "$@"', pair.trusted] });
    t.after(() => trusting.stop());
    assert.equal((await targetOf(trusting, 'app', ({ state }) => state === 'up')).samples, 1);
});

test('what is missing from a scrape ends, and all does when one fails', async (t) => {
    let text = 'a 1\nb{x="1"} 2\nb{x="2"} 3\n', status = 200;
    const target = await serve(t, (request, response) => {
        response.statusCode = status;
        response.end(text);
    });
    const daemon = await startWith(t, folderFor(t), [{ url: target.url, job: 'app' }]);
    const names = async () => Object.keys(await seriesOf(daemon, 'app')).sort().join();
    const become = (wanted) => until(wanted, async () => await names() === wanted || null)
        .catch(async (error) => assert.fail(`${error.message}; there are ${await names()}`));

    await become(['a', 'b x=1', 'b x=2', ...OWN].join());
    const { id } = (await json(daemon, '/v1/catalog?name=a')).series[0];
    text = 'b{x="2"} 3\na 1\n';
    await become(['a', 'b x=2', ...OWN].join());
    status = 500;
    await become(OWN.join());
    const down = await targetOf(daemon, 'app', ({ state }) => state === 'down');
    assert.equal(down.error, 'HTTP 500');
    assert.equal((await seriesOf(daemon, 'app')).up, 0);
    assert.match(daemon.stderr, /warning: scrape of app, instance \S+: HTTP 500; trying again every 0\.2 s/);
    status = 200;
    await become(['a', 'b x=2', ...OWN].join());
    await daemon.logged(/scrape of app, instance \S+: up again/);
    assert.equal((await json(daemon, '/v1/catalog?name=a')).series[0].id, id, 'the same series');
    const { series } = await json(daemon, '/v1/history?name=a&from=-1m&agg=last');
    const { avg, last = avg } = series[0];
    assert.ok(last.includes(1) && last.includes(null), 'a hole while it was down');
});

test('two texts of one series are one, and own series are not the target\'s', async (t) => {
    const target = await serve(t, (request, response) =>
        response.end('m{a="1",b="2"} 1\nm{b="2",a="1"} 2\nup 5\n'));
    const daemon = await startWith(t, folderFor(t), [{ url: target.url, job: 'app' }]);

    await until('a value', async () => (await seriesOf(daemon, 'app'))['m a=1 b=2'] === 1 || null);
    const series = await seriesOf(daemon, 'app');
    assert.equal(series.up, 1);
    assert.equal(series.scrape_samples_scraped, 3);
    const dropped = await now(daemon, '?match=tacho_ingest_dropped_total{source="scrape",reason="series_limit"}');
    assert.ok(dropped.series[0].value >= 2);
});

test('series beyond the limit are dropped, counted and told of', async (t) => {
    const lines = (count) => Array.from({ length: count }, (_, i) => `s{i="${i}"} ${i}\n`).join('');
    const target = await serve(t, (request, response) => response.end(lines(50)));
    const other = await serve(t, (request, response) => response.end(lines(30)));
    const daemon = await startWith(t, folderFor(t), [{ url: target.url, job: 'app', max_series: 20 },
        { url: other.url, job: 'other' }]);

    const { error, samples } = await targetOf(daemon, 'app', ({ state }) => state === 'up');
    assert.match(error, /^30 series were dropped: at most 20 are taken/);
    assert.equal(samples, 50);
    await until('values', async () =>
        Object.keys(await seriesOf(daemon, 'app')).filter((name) => name.startsWith('s ')).length === 20 || null);
    assert.equal((await targetOf(daemon, 'other', ({ state }) => state === 'up')).error, undefined);
    const dropped = await now(daemon, '?match=tacho_ingest_dropped_total{source="scrape",reason="series_limit"}');
    assert.ok(dropped.series[0].value >= 30 && dropped.series[0].value % 30 === 0);
});

test('a reload takes and drops targets, and no tick is lost', async (t) => {
    const folder = folderFor(t);
    const asked = { a: 0, b: 0, c: 0 };
    const make = (name) => serve(t, (request, response) => {
        asked[name]++;
        response.end(`x{who="${name}"} 1\n`);
    });
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(make));
    const of = (target, job, more) => ({ url: target.url, job, interval: '1s', ...more });
    const daemon = await startWith(t, folder, [of(a, 'a'), of(b, 'b')], '1s');
    const who = async () => (await json(daemon, '/v1/now?name=x')).series.filter(({ value }) => value !== null)
        .map(({ labels }) => labels.who + (labels.env ?? '')).sort().join();
    const events = await stream(daemon, '?name=up');
    t.after(() => events.close());

    await until('two', async () => await who() === 'a,b' || null);
    const { since_ms } = await targetOf(daemon, 'b');
    configure(folder, [of(b, 'b'), of(c, 'c')]);
    daemon.child.kill('SIGHUP');
    await daemon.logged(/configuration reloaded\n/);
    await until('others', async () => await who() === 'b,c' || null);
    assert.deepEqual((await json(daemon, '/v1/info')).scrape.map(({ job }) => job), ['b', 'c']);
    assert.equal((await targetOf(daemon, 'b')).since_ms, since_ms, 'it went on');
    const { a: before } = asked;
    configure(folder, [of(b, 'b', { labels: { env: '-new' } }), of(c, 'c')]);
    daemon.child.kill('SIGHUP');
    await until('the label', async () => await who() === 'b-new,c' || null);
    assert.equal(asked.a, before, 'nobody asks the one that was dropped');
    configure(folder, [{ url: 'nonsense' }]);
    daemon.child.kill('SIGHUP');
    await daemon.logged(/configuration not reloaded: .*:1:\d+: scrape\[0\]\.url: "nonsense": allowed: a URL/);
    await sleep(2500);
    assert.equal(await who(), 'b-new,c');
    configure(folder, []);
    daemon.child.kill('SIGHUP');
    await until('none', async () => await who() === '' || null);
    assert.deepEqual((await json(daemon, '/v1/info')).scrape, []);
    assert.ok(events.ticks.length > 5);
    assertContiguous(events.ticks);
    assert.ok(events.ticks.every(({ data }) => !data.flags.includes('gap_before')));
});

test('a longer interval than the ticks\' is kept', async (t) => {
    const times = [];
    const target = await serve(t, (request, response) => {
        times.push(Date.now());
        response.end('x 1\n');
    });
    const daemon = await startWith(t, folderFor(t), [{ url: target.url, job: 'app', interval: '1s' }]);

    await until('five', () => times.length >= 5 || null);
    const steps = times.slice(2).map((time, i) => time - times[i + 1]);
    assert.ok(steps.every((step) => step > 500 && step < 1500), `${steps}`);
    const { series } = await json(daemon, '/v1/catalog?name=x');
    assert.equal(series[0].interval_ms, 1000);
    assert.equal((await seriesOf(daemon, 'app')).x, 1, 'it is there between two scrapes');
});

test('--once asks nobody', async (t) => {
    let asked = 0;
    const target = await serve(t, (request, response) => {
        asked++;
        response.end('x 1\n');
    });
    const { code } = await run(['--once', '-i', '200ms', '-c', configure(folderFor(t), [{ url: target.url }])]);
    assert.deepEqual([code, asked], [0, 0]);
});

test('without targets there is nothing of it', async (t) => {
    const daemon = await startWith(t, folderFor(t), []);
    await until('a tick', async () => (await json(daemon, '/v1/info')).seq > 1 || null);
    assert.deepEqual((await json(daemon, '/v1/info')).scrape, []);
    assert.deepEqual((await json(daemon, '/v1/now?name=tacho_ingest_*')).series, []);
});
