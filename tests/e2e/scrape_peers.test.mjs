// Beside Debian's Prometheus: the same exporters, scraped by both, have the same series and counts.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { json, nameOf } from '../support/http.mjs';
import { freePort } from '../support/ports.mjs';
import { startPrometheus } from '../support/prometheus.mjs';
import { start } from '../support/tachod.mjs';
import { configure, folderFor, targetOf } from '../support/target.mjs';
import { sleep, until } from '../support/wait.mjs';

/** What is compared: Debian's packages, and the variables that say where their programs are. */
const PEERS = { TACHO_PROMETHEUS: 'prometheus', TACHO_NODE_EXPORTER: 'node_exporter',
    TACHO_PROCESS_EXPORTER: 'process-exporter' };
const missing = Object.keys(PEERS).filter((name) => !process.env[name] || !existsSync(process.env[name]));
const skip = missing.length > 0 && `${missing.map((name) => PEERS[name]).join(' and ')} ` +
    `not there (${missing.join(', ')})`;

/** Starts a program that answers on a port of its own; it ends with the test. */
async function run(t, variable, args) {
    const port = await freePort();
    const child = spawn(process.env[variable], args(`127.0.0.1:${port}`), { stdio: 'ignore' });
    const ended = once(child, 'close');

    t.after(() => {
        child.kill();
        return ended;
    });
    await until(PEERS[variable], () => fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.text().then(() => response.ok || null), () => null));
    return { job: PEERS[variable], instance: `127.0.0.1:${port}` };
}

/** Of few threads and processes, so that what there is of them stays the same for a while. */
async function startPeers(t, folder) {
    const names = path.join(folder, 'processes.yml');
    writeFileSync(names, `process_names:\n  - name: this\n    exe:\n      - ${process.execPath}\n`);
    const exporters = [
        await run(t, 'TACHO_NODE_EXPORTER', (at) => [`--web.listen-address=${at}`,
            '--collector.disable-defaults', '--collector.cpu', '--collector.loadavg', '--collector.meminfo',
            '--collector.netstat', '--collector.stat', '--collector.uname', '--collector.vmstat']),
        await run(t, 'TACHO_PROCESS_EXPORTER', (at) => ['-web.listen-address', at, '-config.path', names,
            '-threads=false', '-children=false']),
    ];
    const prometheus = await startPrometheus(process.env.TACHO_PROMETHEUS);
    t.after(() => prometheus.stop());
    const targets = [...exporters, { job: 'prometheus', instance: new URL(prometheus.url).host }];
    await prometheus.scrape(targets.map((each) => ({ ...each, labels: { env: 'test' } })));
    return { targets, query: prometheus.query };
}

/** Bucket limits and quantiles are told by their value: 1 and 1.0 are one. */
const canonical = ({ le, quantile, ...labels }) => ({ ...labels,
    ...le !== undefined && { le: String(Number(le)) },
    ...quantile !== undefined && { quantile: String(Number(quantile)) } });

test('Prometheus has the same', { skip, timeout: 120000 }, async (t) => {
    const folder = folderFor(t);
    const { targets, query } = await startPeers(t, folder);
    const daemon = await start(['-l', '127.0.0.1:0', '-c', configure(folder, targets.map(({ job, instance }) =>
        ({ job, url: `http://${instance}/metrics`, labels: { env: 'test' } })))]);
    t.after(() => daemon.stop());

    for (const { job, instance } of targets) {
        await targetOf(daemon, job, ({ state, instance: own }) => state === 'up' && own === instance);
        await until(`${job} in Prometheus`, async () =>
            (await query(`up{job="${job}"} == 1`).catch(() => [])).length === 1 || null);
    }
    for (const { job } of targets) {
        /* What either has comes and goes: they agree when both have just read the same. */
        const of = async () => {
            const [{ value: wanted }] = await query(`scrape_samples_scraped{job="${job}"}`);
            const { series: [{ value }] } = await json(daemon,
                `/v1/now?match=scrape_samples_scraped{job="${job}"}`);
            return { wanted, value };
        };
        let last;
        const { value } = await until(`the same count of ${job}`, async () => {
            last = await of();
            return last.value === last.wanted && last.value > 40 ? last : null;
        }).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(last)}`));
        t.diagnostic(`${job}: ${value} samples`);

        let differing;
        await until(`the same series of ${job}`, async () => {
            /* What is no number is null in JSON, as is what has gone. */
            const theirs = (await query(`{job="${job}"}`)).filter(({ value }) => Number.isFinite(value)).map(
                ({ metric: { __name__: name, ...labels } }) => nameOf({ name, labels: canonical(labels) }));
            const ours = (await json(daemon, `/v1/now?label=job:${job}`)).series
                .filter(({ value, labels }) => labels.job === job && value !== null)
                .map(({ name, labels }) => nameOf({ name, labels: canonical(labels) }));
            const others = theirs.filter((name) => !/^scrape_(series_added|samples_post_metric_relabeling)/.test(name));
            differing = [...others.filter((name) => !ours.includes(name)).map((name) => `only Prometheus: ${name}`),
                ...ours.filter((name) => !others.includes(name)).map((name) => `only tachod: ${name}`)];
            return differing.length === 0 || null;
        }).catch((error) => assert.fail(`${error.message}: ${differing.join('\n')}`));
    }

    /* What only grows lies between what Prometheus reads before and after. */
    const names = 'node_cpu_seconds_total|node_context_switches_total|node_vmstat_pgfault';
    const read = async () => new Map((await query(`{__name__=~"${names}"}`)).map(
        ({ metric: { __name__: name, ...labels }, value }) => [nameOf({ name, labels }), value]));
    const before = await read();
    await sleep(2500);
    const { series } = await json(daemon, `/v1/now?match={__name__=~"${names}",job="node_exporter"}`);
    await sleep(2500);
    const after = await read();
    assert.ok(series.length > 10);
    for (const each of series) {
        const [a, b] = [before, after].map((map) => map.get(nameOf(each)));
        assert.ok(a <= each.value && each.value <= b, `${nameOf(each)}: ${a} … ${each.value} … ${b}`);
    }
});
