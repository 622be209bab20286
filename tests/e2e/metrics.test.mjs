// /metrics: what Prometheus and its tools read, in both formats, of the machine and of applications
// whatever these call their metrics.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { sender } from '../support/datagrams.mjs';
import { parseExposition } from '../support/exposition.mjs';
import { ask, json, nameOf } from '../support/http.mjs';
import { startPrometheus } from '../support/prometheus.mjs';
import { start } from '../support/tachod.mjs';
import { configure, folderFor, serve, targetOf } from '../support/target.mjs';
import { until } from '../support/wait.mjs';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
/** Prometheus 2.42's. */
const ACCEPT = 'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;' +
    'q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMTOOL = process.env.TACHO_PROMTOOL;
const withoutPromtool = !(PROMTOOL && existsSync(PROMTOOL)) && 'promtool not there (TACHO_PROMTOOL)';
const PROMETHEUS = process.env.TACHO_PROMETHEUS;
const withoutPrometheus = !(PROMETHEUS && existsSync(PROMETHEUS)) && 'Prometheus not there (TACHO_PROMETHEUS)';

/** What promtool says of node_exporter's own names, which are these. */
const COMPLAINTS = [
    [/^node_(memory|netstat|sockstat|pressure|vmstat|zfs|timex)_\w+ metric names should be written in 'snake_case'/,
        'the kernel\'s words'],
    [/^node_\w+ (non-counter metrics should not have "_total" suffix|counter metrics should have "_total" suffix)/,
        'types that node_exporter gives them'],
    [/^node_\w+ (non-histogram and non-summary metrics should not have "_(count|sum|bucket)" suffix)/, 'the same'],
    [/^node_\w+ use base unit "\w+" instead of "\w+"/, 'the same'],
];

const metrics = async (daemon, query = '', headers = {}) => {
    const answer = await ask(daemon, `/metrics${query}`, { headers });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer.text;
};
const openmetrics = (daemon, query) => metrics(daemon, query, { Accept: ACCEPT });
const sampleLines = (text) => text.split('\n').filter((line) => line && !line.startsWith('#'));

/** Asserts what every reader relies on: heads once, families whole, no sample twice, EOF. */
function check(text, { isOpen = false } = {}) {
    const families = new Set(), series = new Set();
    let family;

    if (isOpen)
        assert.ok(text.endsWith('\n# EOF\n'));
    for (const line of text.trimEnd().split('\n')) {
        const [, keyword, name] = line.match(/^# (HELP|TYPE|UNIT) (\S+) /) ?? [];
        if (keyword) {
            if (name !== family)
                assert.ok(!families.has(name), `${name} is there twice`);
            families.add(name);
            family = name;
            continue;
        }
        if (line === '# EOF')
            continue;
        const [, key, , value] = line.match(/^([a-zA-Z_:][\w:]*(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)$/) ?? [];
        assert.ok(key, `"${line}" is no sample`);
        assert.match(value, /^(NaN|[+-]Inf|-?\d[\d.e+-]*)$/);
        assert.ok(key.startsWith(family), `${line} is in ${family}`);
        assert.ok(!series.has(key), `${key} is there twice`);
        series.add(key);
    }
    return series;
}

function promtool(text) {
    const { stderr, stdout, status } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.notEqual(status, 1, stderr); /* it could not read it */
    return (stderr + stdout).split('\n').filter(Boolean);
}

describe('/metrics of this machine', () => {
    let daemon;

    before(async () => {
        daemon = await start(['-i', '200ms']);
        await until('values', async () => (await ask(daemon, '/readyz')).status === 200 || null);
        await until('file systems', async () => (await metrics(daemon)).includes('node_filesystem_size_bytes') || null);
    });
    after(() => daemon?.stop());

    test('comes in the format that is asked for', async () => {
        const formats = [[{}, TEXT], [{ Accept: '*/*' }, TEXT], [{ Accept: ACCEPT }, OPENMETRICS],
            [{ Accept: 'text/html, image/png' }, TEXT], [{ Accept: 'application/openmetrics-text' }, OPENMETRICS]];
        for (const [headers, type] of formats) {
            const answer = await ask(daemon, '/metrics', { headers });
            assert.equal(answer.headers['content-type'], type);
            assert.match(answer.headers.vary, /Accept/);
            assert.equal(answer.text.includes('# EOF'), type === OPENMETRICS);
            const head = await ask(daemon, '/metrics', { method: 'HEAD', headers });
            assert.equal(head.status, 200);
            assert.equal(head.headers['content-type'], type);
            assert.equal(head.text, '');
            assert.ok(Number(head.headers['content-length']) > 10000);
        }
    });

    test('is compressed for those who take that', async () => {
        const { headers, body } = await ask(daemon, '/metrics?name=node_boot_time_seconds,node_load*',
            { headers: { 'Accept-Encoding': 'gzip' } });
        assert.equal(headers['content-encoding'], 'gzip');
        assert.equal(headers['content-type'], TEXT);
        assert.match(gunzipSync(body).toString(), /^# HELP node_boot_time_seconds .*\n# TYPE .* gauge\nnode_boot_time_seconds \d+\n/);
        const whole = await ask(daemon, '/metrics', { headers: { 'Accept-Encoding': 'gzip', Accept: ACCEPT } });
        check(gunzipSync(whole.body).toString(), { isOpen: true });
        assert.ok(whole.body.length < 20000);
        assert.equal((await ask(daemon, '/metrics', { headers: { 'Accept-Encoding': 'gzip;q=0' } }))
            .headers['content-encoding'], undefined);
    });

    test('has every series once, in both formats the same', async () => {
        /* Series come and go. */
        const { text, open, now } = await until('answers with the same series before and after', async () => {
            const before = await metrics(daemon), openText = await openmetrics(daemon), between = await json(daemon, '/v1/now');
            const series = [...check(await metrics(daemon))].join();
            return [...check(before)].join() === series && { text: before, open: openText, now: between };
        });
        assert.deepEqual([...check(open, { isOpen: true })].sort(), [...check(text)].sort());
        const { samples, kind, help } = parseExposition(text);
        const catalog = await json(daemon, '/v1/catalog');
        const told = new Map(catalog.series.map((each) => [each.id, each]));
        const wanted = now.series.filter(({ value }) => value !== null);
        assert.ok(wanted.length > 300);
        for (const each of wanted) {
            assert.ok(samples.has(nameOf(each)), nameOf(each));
            assert.equal(kind.get(each.name), each.kind);
            assert.equal(help.get(each.name), told.get(each.id).help.replaceAll('\\', '\\\\'));
        }
        assert.equal(samples.size, wanted.length + 1);
        assert.equal(samples.get('tacho_exposition_left_out').value, 0);
        const { value } = wanted.find(({ name }) => name === 'node_memory_MemTotal_bytes');
        assert.equal(samples.get('node_memory_MemTotal_bytes').value, value);
    });

    test('OpenMetrics names counters and units as it wants them', async () => {
        const text = await openmetrics(daemon, '?name=node_cpu_seconds_total,node_context_switches_total,node_netstat_Tcp_ActiveOpens,node_disk_io_now');
        assert.match(text, /^# TYPE node_cpu_seconds counter\n# UNIT node_cpu_seconds seconds\nnode_cpu_seconds_total\{/m);
        assert.match(text, /^# TYPE node_context_switches counter\nnode_context_switches_total \d/m);
        assert.match(text, /^# TYPE node_netstat_Tcp_ActiveOpens unknown\nnode_netstat_Tcp_ActiveOpens \d/m);
    });

    test('collectors are told of as node_exporter tells of its own', async () => {
        const { samples, help } = parseExposition(await metrics(daemon, '?name=node_scrape_collector_*'));
        for (const name of ['cpu', 'diskstats', 'meminfo', 'loadavg', 'netdev', 'time', 'uname'])
            assert.equal(samples.get(`node_scrape_collector_success{collector="${name}"}`)?.value, 1, name);
        const { value } = samples.get('node_scrape_collector_duration_seconds{collector="cpu"}');
        assert.ok(value > 0 && value < 1);
        assert.equal(help.get('node_scrape_collector_success'), 'node_exporter: Whether a collector succeeded.');
        const { collectors } = await json(daemon, '/v1/info');
        const cpu = collectors.find(({ name }) => name === 'cpu');
        assert.equal(cpu.interval_ms, 200);
        assert.ok(cpu.cost_us > 0 && cpu.cost_us < 1e5);
    });

    test('what is wrong is said', async () => {
        for (const [query, parameter] of [['scope=all', 'scope'], ['nonsense=1', 'nonsense'], ['scope=', 'scope'],
            ['scope=host&scope=host', 'scope'], ['match={', 'match'], ['id=1&epoch=0123456789abcdef', 'epoch'],
            ['collect[]=cpu', 'collect[]']]) {
            const { status, headers, json: problem } = await ask(daemon, `/metrics?${query}`);
            assert.equal(status, query.includes('epoch') ? 410 : 400, query);
            assert.equal(headers['content-type'], 'application/problem+json');
            assert.match(JSON.stringify(problem), new RegExp(parameter.replace(/\W/g, '.')));
        }
        assert.equal((await ask(daemon, '/metrics', { method: 'POST' })).status, 405);
        assert.equal((await ask(daemon, '/metrics/')).status, 404);
        assert.equal(await metrics(daemon, '?name=nothing'), '');
        assert.equal(await openmetrics(daemon, '?name=nothing'), '# EOF\n');
    });

    test('promtool says no more of it than of node_exporter', { skip: withoutPromtool }, async () => {
        const unknown = promtool(await metrics(daemon))
            .filter((line) => !COMPLAINTS.some(([pattern]) => pattern.test(line)));
        assert.deepEqual(unknown, []);
    });

    test('Prometheus scrapes it', { skip: withoutPrometheus, timeout: 120000 }, async (t) => {
        const prometheus = await startPrometheus(PROMETHEUS);
        t.after(() => prometheus.stop());
        await prometheus.scrape([{ job: 'tacho', instance: `127.0.0.1:${daemon.port}` }]);
        await until('up', async () => (await prometheus.query('up{job="tacho"} == 1')).length === 1 || null);
        const rates = await until('rates', async () => {
            const result = await prometheus.query('rate(node_cpu_seconds_total{mode="idle"}[30s])');
            return result.length > 0 ? result : null;
        });
        assert.ok(rates.every(({ value }) => value >= 0 && value < 1.5));
        /* Series come and go with what other tests do. */
        await until('as many samples', async () => {
            const count = sampleLines(await metrics(daemon)).length;
            const [{ value }] = await prometheus.query('scrape_samples_scraped{job="tacho",exported_job=""}');
            return value === count || null;
        }, { every_ms: 500 });
        const [{ value }] = await prometheus.query('node_memory_MemTotal_bytes');
        assert.equal(value, parseExposition(await metrics(daemon)).samples.get('node_memory_MemTotal_bytes').value);
    });
});

/** Metrics that get in each other's way, as hostile as they may be, and those of a good service. */
const HOSTILE = `# HELP quoted A \\\\ and\\na new line "quoted".
# TYPE quoted gauge
quoted{text="a\\\\b\\n\\"c\\"}{,",b="\xff\xfe"} 1
quoted{text="a\\\\b\\n\\"c\\"}{,",b="\xfd\xfe"} NaN
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 3
latency_seconds_bucket{le="1"} 5
latency_seconds_bucket{le="+Inf"} 6
latency_seconds_sum 4.5
latency_seconds_count 6
latency_seconds_created 1.7e9
# TYPE latency_seconds_sum gauge
latency_seconds_sum{own="family"} 1
# TYPE size summary
size{quantile="0.5"} 1
size_sum 2
size_count 3
# TYPE size_count counter
size_count{own="family"} 7
# TYPE node_load1 counter
node_load1{own="kind"} 4
# TYPE wrong histogram
wrong_bucket{le="many"} 1
wrong_bucket 2
# TYPE jobs counter
jobs_total 9
jobs_created 1.7e9
# TYPE jobs gauge
jobs 2
infinite +Inf
tacho_exposition_left_out{own="name"} 5
`;

async function startWithApplications(t, more = {}, args = []) {
    const folder = folderFor(t);
    const target = await serve(t, (request, response) => {
        response.setHeader('Content-Type', 'text/plain; version=0.0.4');
        response.end(Buffer.from(HOSTILE, 'latin1'));
    });
    const file = configure(folder, [{ job: 'hostile', url: target.url }],
        { statsd: { listen: ['udp:127.0.0.1:0'], ...more } });
    const daemon = await start(['-l', '127.0.0.1:0', '-i', '500ms', '-c', file, ...args]);
    t.after(() => daemon.stop());
    daemon.udp = (await json(daemon, '/v1/info')).statsd.listen[0];
    await targetOf(daemon, 'hostile', ({ state }) => state === 'up');
    return daemon;
}

test('applications cannot break it', async (t) => {
    const daemon = await startWithApplications(t);
    await sender(t, daemon.udp).send('latency_seconds:5|ms', 't:1|ms|#le:1', 'name with spaces:1|c|#k-e-y:\xff"\\');
    const text = await until('the names', async () => {
        const seen = await metrics(daemon);
        return seen.includes('name_with_spaces') && seen.includes('latency_seconds_bucket') ? seen : null;
    });

    check(text);
    check(await openmetrics(daemon), { isOpen: true });
    const { samples, kind } = parseExposition(text);
    const labels = `instance="${(await json(daemon, '/v1/info')).scrape[0].instance}",job="hostile"`;
    assert.match(text, /\nquoted\{b="\ufffd\ufffd",.*,text="a\\\\b\\n\\"c\\"\}\{,"\} (1|NaN)\n/);
    assert.equal(kind.get('latency_seconds'), 'histogram');
    assert.equal(kind.get('latency_seconds_sum'), undefined);
    assert.equal(samples.get(`latency_seconds_bucket{${labels},le="1"}`)?.value, 5);
    assert.ok(text.includes(`\ninfinite{${labels}} +Inf\n`));
    assert.equal(kind.get('node_load1'), 'gauge');
    assert.equal(samples.get(`node_load1{${labels},own="kind"}`).value, 4);
    assert.ok(!text.includes('wrong_bucket'));
    assert.ok(samples.get('tacho_exposition_left_out').value >= 6);

    const host = await metrics(daemon, '?scope=host'), own = await metrics(daemon, '?scope=applications');
    assert.ok(host.includes('node_load1 ') && host.includes('tacho_tick') && !host.includes('job="hostile"'));
    assert.ok(own.includes('job="hostile"') && !own.includes('node_boot_time') && !own.includes('tacho_tick'));
    assert.equal(sampleLines(host).length + sampleLines(own).length, sampleLines(await metrics(daemon)).length);
    assert.deepEqual(Object.keys(Object.fromEntries(parseExposition(
        await metrics(daemon, '?match=infinite&name=node_boot_time_seconds')).samples)).length, 2);
    if (!withoutPromtool)
        promtool(text); /* which reads all of it */
});

test('promtool and Prometheus read what applications call their metrics', { skip: withoutPrometheus ||
    withoutPromtool, timeout: 120000 }, async (t) => {
    const daemon = await startWithApplications(t);
    await sender(t, daemon.udp).send('t:5|ms', 'sizes:5|h', 'latency_seconds:1|ms', 'g:1|g', 'g2:1|c');
    await until('a timer', async () => (await metrics(daemon)).includes('t_bucket') || null);
    promtool(await metrics(daemon));
    const prometheus = await startPrometheus(PROMETHEUS);
    t.after(() => prometheus.stop());
    await prometheus.scrape([{ job: 'tacho', instance: `127.0.0.1:${daemon.port}` }]);
    /* The target that tachod scrapes has one too, with the labels that it has here. */
    const up = async (labels) => (await prometheus.query(`up{job="tacho",${labels}} == 1`)).length === 1 || null;
    await until('up', () => up('exported_job=""'));
    await until('its target', () => up('exported_job="hostile"'));
    await until('all samples', async () => {
        const count = sampleLines(await openmetrics(daemon)).length;
        const [{ value }] = await prometheus.query('scrape_samples_scraped{job="tacho",exported_job=""}');
        return value === count || null;
    }, { every_ms: 500 }).catch(async (error) => {
        const targets = await (await fetch(`${prometheus.url}api/v1/targets`)).json();
        throw new Error(`${error.message}: ${targets.data.activeTargets[0].lastError}`);
    });
    assert.equal((await prometheus.query('histogram_quantile(0.5, t_bucket)'))[0].value > 0, true);
});

test('a timer is a histogram whose parts agree', async (t) => {
    const daemon = await startWithApplications(t, {}, []);
    const client = sender(t, daemon.udp);
    const values = [0.1, 0.5, 0.51, 3, 40, 100, 100, 102.5, 700, 5000, 70000]; /* ms */
    const values_s = values.map((each) => each / 1000);
    await client.send(values.map((each) => `t:${each}|ms|#route:/a`).join('\n'), 'sizes:1500|h');
    const timer = (text) => {
        const { samples, kind } = parseExposition(text);
        const of = (name) => [...samples.values()].filter((each) => each.name === name && each.labels.route === '/a');
        return { kind: kind.get('t'), buckets: of('t_bucket'), sum: of('t_sum')[0]?.value,
            count: of('t_count')[0]?.value, quantiles: of('t') };
    };
    const { kind, buckets, sum, count, quantiles } = await until('the timer', async () => {
        const seen = timer(await metrics(daemon));
        return seen.count === values.length ? seen : null;
    });

    assert.equal(kind, 'histogram');
    assert.ok(buckets.length <= 20);
    assert.deepEqual(quantiles, []);
    assert.ok(Math.abs(sum - values_s.reduce((a, b) => a + b)) < 1e-9);
    for (const { labels: { le }, value } of buckets) {
        const bound = Number(le.replace('+Inf', 'Infinity'));
        const [least, most] = [bound, bound * 1.0205].map((edge) => values_s.filter((each) => each <= edge).length);
        assert.ok(value >= least && value <= most, `${le}: ${value}, ${least} to ${most}`);
    }
    const sizes = parseExposition(await metrics(daemon)).samples;
    assert.equal([...sizes].find(([name]) => name.startsWith('sizes_bucket') && name.includes('le="1000.0"'))[1].value, 0);
    assert.equal([...sizes].find(([name]) => name.startsWith('sizes_bucket') && name.includes('le="10000.0"'))[1].value, 1);

    /* While values come, the buckets, the count and the sum of an answer are of one moment. */
    const sending = (async () => {
        for (let i = 0; i < 60; i++)
            await client.send(Array.from({ length: 20 }, () => 't:1000|ms|#route:/a').join('\n'));
    })();
    for (let i = 0; i < 60; i++) {
        const seen = timer(i % 2 ? await metrics(daemon) : await openmetrics(daemon));
        assert.equal(seen.buckets.at(-1).value, seen.count);
        assert.equal(seen.buckets.at(-1).labels.le, '+Inf');
        assert.ok(Math.abs(seen.sum - (seen.count - values.length) - sum) < 1e-6);
    }
    await sending;
    await until('all', async () => timer(await metrics(daemon)).count === values.length + 1200 || null);
    const { series } = await json(daemon, '/v1/now?name=t_count');
    assert.equal(series[0].value, values.length + 1200);
});

test('thousands of series stay within bounds', async (t) => {
    const daemon = await startWithApplications(t, { max_series: 6000 });
    const client = sender(t, daemon.udp);
    for (let i = 0; i < 200; i++)
        await client.send(Array.from({ length: 40 }, (_, j) => `many:${i}|g|#index:${i * 40 + j},padding:${'x'.repeat(40)}`).join('\n'));
    const text = await until('them', async () => {
        const seen = await metrics(daemon);
        return (seen.match(/^many\{/gm)?.length ?? 0) > 5500 ? seen : null;
    });
    check(text);
    /* What is as large as this is not compressed, which would hold up others. */
    assert.equal((await ask(daemon, '/metrics', { headers: { 'Accept-Encoding': 'gzip' } }))
        .headers['content-encoding'], undefined);
    const began = performance.now();
    for (let i = 0; i < 20; i++)
        await openmetrics(daemon);
    assert.ok(performance.now() - began < 20 * 500);
});
